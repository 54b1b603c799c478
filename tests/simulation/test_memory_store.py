"""The database of the simulation does what `Store` does, on SQLite: proven by random sequences of steps."""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from operator import methodcaller
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from attrs import astuple
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from altegio_partner.ledger.database import Database
from altegio_partner.ledger.payload import write_payload
from altegio_partner.ledger.store import Claim, Identity, Row, Store

from .clocks import BOOT, DELAY, UNIT, WALL, Readings, simulated_time
from .memory_store import CHANGING, MemoryStore
from .parameters import SEQUENCES

HERE, THERE = ("https://app.alteg.io", 7), ("https://sandbox.example", 7)
IDENTITIES = st.sampled_from(
    [
        *(Identity(*HERE, "notify_payment", key) for key in ("invoice-1", "invoice-2", "501")),
        *(Identity(*HERE, "notify_refund", key) for key in ("501", "502")),
        Identity("https://app.alteg.io", 8, "notify_payment", "invoice-1"),
        Identity(*THERE, "notify_payment", "invoice-1"),
    ]
)
PAYLOADS = [write_payload({"salon_id": 1, "payment_sum": payment_sum}) for payment_sum in ("100", "50.50")]
IDS = st.sampled_from([501, 502])
TOKENS = st.sampled_from(["a", "b", "c"])


def claim_of(identity: Identity, payload: str, salon_id: int, token: str) -> Claim:
    if identity.operation == "notify_refund":  # its location is that of the payment
        return Claim(identity, write_payload({"payment_id": 501}), None, int(identity.idempotency_key), token)
    return Claim(identity, payload, salon_id, None, token)


CLAIMS = st.builds(claim_of, IDENTITIES, st.sampled_from(PAYLOADS), st.sampled_from([1, 1, 2]), TOKENS)
UNITS = st.integers(0, 9)


class Stores(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(simulated_time())
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        Readings.wall, Readings.boot, Readings.boot_id = WALL, BOOT, "boot"
        self.url = f"sqlite:///{Path(folder).resolve()}/ledger.db"
        self.real = Store(Database(self.url), timedelta(seconds=DELAY))
        self.memory = MemoryStore({}, timedelta(seconds=DELAY))

    def teardown(self) -> None:
        self.real.close()
        Readings.wall, Readings.boot, Readings.boot_id = WALL, BOOT, "boot"
        self.stack.close()

    def both(self, do: Callable[[Store | MemoryStore], Any]) -> Any:
        Readings.wall += 1 / 64  # no two rows are of the same age: the order of those is not promised
        expected = do(self.real)
        assert do(self.memory) == expected
        return expected

    @rule(claim=CLAIMS, replaced_token=st.none() | TOKENS)
    def claim(self, claim: Claim, replaced_token: str | None) -> None:
        self.both(lambda store: store.claim(claim, replaced_token))

    @rule(claim=CLAIMS, payment_id=IDS, allow_shared=st.booleans())
    def record(self, claim: Claim, payment_id: int, allow_shared: bool) -> None:
        payment_id = claim.payment_id or payment_id
        self.both(lambda store: store.record(claim, payment_id, allow_shared=allow_shared))

    @rule(claim=CLAIMS)
    def release(self, claim: Claim) -> None:
        self.both(lambda store: store.release(claim))

    @rule(identity=IDENTITIES)
    def find(self, identity: Identity) -> None:
        row: Row | None = self.both(lambda store: store.find(identity))
        if row is not None:
            self.both(lambda store: store.others_at_location(row))
            assert row.is_recorded == self.memory.rows[identity].is_recorded

    @rule(hours=st.integers(1, 3))
    def change_status_delay(self, hours: int) -> None:
        self.both(lambda store: store.change_status_delay(timedelta(hours=hours)))
        self.reopen(hours=1)

    @rule(hours=st.integers(1, 3))
    def reopen(self, hours: int) -> None:
        """The delay is that of the ledger, whatever it is opened with."""
        self.real.close()
        self.real = Store(Database(self.url), timedelta(hours=hours))
        self.memory.status_delay = self.both(lambda store: store.status_delay)

    @rule(units=UNITS)
    def time_passes(self, units: int) -> None:
        Readings.wall += units * UNIT
        Readings.boot += units * UNIT

    @rule(units=st.integers(-8, 8))
    def the_clock_is_set(self, units: int) -> None:
        Readings.wall += units * UNIT

    @rule()
    def the_machine_is_restarted(self) -> None:
        Readings.boot, Readings.boot_id = UNIT, Readings.boot_id + "'"

    @invariant()
    def they_hold_the_same(self) -> None:
        wanted: dict[str, Any]
        for wanted in ({}, {"state": "pending"}, {"is_shared": True}, {"payment_id": 501}):
            found: list[Row] = self.both(methodcaller("search", **wanted))
            ages = [row.claimed_at for row in found]
            assert ages == sorted(ages)
        tokens = [(astuple(row.claim.identity), row.claim.token) for row in self.real.search()]
        assert dict(tokens) == {astuple(one): row.claim.token for one, row in self.memory.rows.items()}


TestStores = Stores.TestCase
TestStores.settings = settings(
    max_examples=SEQUENCES,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    phases=[Phase.generate],  # a step takes a commit: to find the shortest sequence would take minutes
)


def test_it_has_all_methods_that_change_something() -> None:
    public = {name for name in vars(Store) if not name.startswith("_")}
    assert public == {name for name in vars(MemoryStore) if not name.startswith("_")}
    assert public >= CHANGING
