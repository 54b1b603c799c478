"""The database of the simulation: the methods of `Store`, on a dictionary. All that knows those methods is here.

`test_memory_store.py` proves that both do the same.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Literal

from attrs import asdict, evolve, frozen

from altegio_partner.ledger import clock
from altegio_partner.ledger.database import StoreError
from altegio_partner.ledger.store import Claim, Identity, RecordResult, Row

from .clocks import UNIT

CHANGING = {"claim", "record", "release", "change_status_delay"}
"""The methods that write."""
_LONG_AGO = 1_790_000_000.0


@frozen
class Stored:
    """What the table holds of a call."""

    claim: Claim
    state: Literal["pending", "recorded"]
    is_shared: bool
    claimed_at: float
    may_leave_until: float
    boot_id: str | None
    boot_until: float | None

    @property
    def is_recorded(self) -> bool:
        return self.state == "recorded"


Rows = dict[Identity, Stored]


class MemoryStore:
    """A `Store` whose rows can be taken out, and put in again."""

    def __init__(self, rows: Rows, status_delay: timedelta, dialect: str = "sqlite") -> None:
        self.rows = rows
        self.status_delay = status_delay
        self._dialect = dialect

    def find(self, identity: Identity) -> Row | None:
        stored = self.rows.get(identity)
        return None if stored is None else self._row(stored)

    def search(self, **values: object) -> list[Row]:
        wanted = {name: value for name, value in values.items() if value is not None}
        found = [stored for stored in self.rows.values() if wanted.items() <= _columns(stored).items()]
        return [self._row(stored) for stored in sorted(found, key=lambda stored: stored.claimed_at)]

    def claim(self, claim: Claim, replaced_token: str | None) -> bool:
        found = self.rows.get(claim.identity)
        if replaced_token is None:
            if found is None:
                self.rows[claim.identity] = Stored(self._located(claim), "pending", False, *self._times())
            return found is None
        if found is None or found.is_recorded or found.claim.token != replaced_token:
            return False
        renewed = evolve(found.claim, token=claim.token)
        self.rows[claim.identity] = Stored(renewed, "pending", found.is_shared, *self._times())
        return True

    def record(self, claim: Claim, payment_id: int, *, allow_shared: bool = False) -> RecordResult:
        found = self.rows.get(claim.identity)
        if found is not None and found.is_recorded:
            return RecordResult("stored" if found.claim.payment_id == payment_id else "contradicted", self._row(found))
        others = self._with_payment(claim.identity, payment_id)
        if all(other.is_shared for other in others):
            self._upsert(claim, payment_id, is_shared=False)
            return RecordResult("stored")
        if allow_shared:
            self._upsert(claim, payment_id, is_shared=True)
        return RecordResult("shared" if allow_shared else "taken", self._row(others[0]))

    def release(self, claim: Claim) -> bool:
        found = self.rows.get(claim.identity)
        if found is None or found.is_recorded or found.claim.token != claim.token:
            return False
        del self.rows[claim.identity]
        return True

    def others_at_location(self, row: Row) -> tuple[set[int], set[int], list[dict[str, str]]]:
        identity = row.claim.identity
        wanted = {"salon_id": row.claim.salon_id, "origin": identity.origin, "operation": identity.operation}
        found = [stored for stored in self.rows.values() if wanted.items() <= _columns(stored).items()]
        found = [] if row.claim.salon_id is None else found  # NULL equals nothing
        others = [self._row(stored) for stored in found if stored.claim.identity != identity]
        others.sort(key=lambda other: other.claimed_at)
        ids: dict[bool, set[int]] = {True: set(), False: set()}
        for other in others:
            if other.is_recorded and other.claim.payment_id is not None:
                ids[other.claim.identity.application_id == identity.application_id].add(other.claim.payment_id)
        return ids[True], ids[False], [other.payload for other in others if not other.is_recorded]

    def change_status_delay(self, status_delay: timedelta) -> bool:
        if any(not stored.is_recorded for stored in self.rows.values()):
            return False
        self.status_delay = status_delay
        return True

    def close(self) -> None:
        pass

    def _upsert(self, claim: Claim, payment_id: int, *, is_shared: bool) -> None:
        found = self.rows.get(claim.identity)
        if found is None:
            found = Stored(self._located(claim), "recorded", is_shared, *self._times())
        paid = evolve(found.claim, payment_id=payment_id)
        self.rows[claim.identity] = evolve(found, claim=paid, state="recorded", is_shared=is_shared)

    def _with_payment(self, identity: Identity, payment_id: int) -> list[Stored]:
        wanted = asdict(identity) | {"payment_id": payment_id, "state": "recorded"}
        del wanted["idempotency_key"]
        found = [stored for stored in self.rows.values() if wanted.items() <= _columns(stored).items()]
        others = [stored for stored in found if stored.claim.identity != identity]
        return sorted(others, key=lambda stored: stored.claimed_at)

    def _located(self, claim: Claim) -> Claim:
        """Return the claim with its location: that of a refund is that of the payment."""
        if claim.salon_id is not None:
            return claim
        paid = asdict(claim.identity) | {"operation": "notify_payment", "payment_id": claim.payment_id}
        paid |= {"state": "recorded", "is_shared": False}
        del paid["idempotency_key"]
        found = [stored.claim.salon_id for stored in self.rows.values() if paid.items() <= _columns(stored).items()]
        return evolve(claim, salon_id=max((salon_id for salon_id in found if salon_id), default=None))

    def _times(self) -> tuple[float, float, str | None, float | None]:
        delay, boot_id = self.status_delay.total_seconds(), clock.boot_id()
        if self._dialect == "postgresql":  # the server has a clock that nobody here can set
            return clock.elapsed(), clock.elapsed() + delay, None, None
        return clock.now(), clock.now() + delay, boot_id, clock.elapsed() + delay if boot_id else None

    def _row(self, stored: Stored) -> Row:
        delay = self.status_delay.total_seconds()
        now = clock.elapsed() if self._dialect == "postgresql" else clock.now()
        missing_for = stored.may_leave_until + delay - now
        if stored.boot_id is not None and stored.boot_until is not None and stored.boot_id == clock.boot_id():
            missing_for = max(missing_for, stored.boot_until + delay - clock.elapsed())
        return Row(stored.claim, stored.state, stored.claimed_at, missing_for)


def _columns(stored: Stored) -> dict[str, object]:
    claim = stored.claim
    return {
        **asdict(claim.identity), "payload": claim.payload, "salon_id": claim.salon_id, "payment_id": claim.payment_id,
        "state": stored.state, "is_shared": stored.is_shared, "claim_token": claim.token,
    }  # fmt: skip


class SteppedStore:
    """What the simulated ledger has instead of a `Store`: each method is a step that somebody else does."""

    def __init__(self, ask: Callable[[str, Any], Any], status_delay: timedelta) -> None:
        self._ask = ask
        self.status_delay = status_delay

    def __getattr__(self, name: str) -> Callable[..., Any]:
        getattr(MemoryStore, name)  # or AttributeError
        return lambda *arguments, **named: self._ask("database", (name, arguments, tuple(named.items())))

    def close(self) -> None:
        pass


def failure(text: str) -> Exception:
    """Return what a `Store` raises when its database cannot be used."""
    return StoreError(text)


def token_of(stored: Stored) -> str:
    return stored.claim.token


def with_token(stored: Stored, token: str) -> Stored:
    return evolve(stored, claim=evolve(stored.claim, token=token))


def relevant(stored: Stored) -> Stored:
    """Return a row without what no decision depends on: when it was claimed; and once it is recorded, by whom."""
    stored = evolve(stored, claimed_at=_LONG_AGO)
    if not stored.is_recorded:
        return stored
    claim = evolve(stored.claim, token="done")
    return evolve(stored, claim=claim, may_leave_until=0.0, boot_id=None, boot_until=None)


def rounded(result: Any) -> Any:
    """Return a result without how long a payment may be missing: only whether."""
    if isinstance(result, RecordResult) and result.row is not None:
        return evolve(result, row=rounded(result.row))
    if isinstance(result, Row):
        return evolve(result, may_be_missing_for=UNIT if result.may_be_missing_for > 0 else -UNIT)
    return result


def after_restart(stored: Stored) -> Stored:
    """Return a row as it counts after the machine was started again."""
    return stored if stored.boot_id is None else evolve(stored, boot_id="earlier", boot_until=0.0)
