"""The ledger in a real PostgreSQL, shared by several workers, and stopped at any time."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial

import pytest
from attrs import evolve

from altegio_partner import PartnerClient
from altegio_partner.ledger import Ledger, LedgerUnavailableError, LedgerWriteError
from altegio_partner.ledger.payload import write_payload
from altegio_partner.ledger.store import Claim, Identity
from tests.callers import PAYMENT, TOKEN
from tests.ledger.paying import KEY, Altegio
from tests.servers.postgres import postgres_server
from tests.services import one_location

pytestmark = pytest.mark.services


@pytest.fixture
def database() -> Iterator[tuple[str, Callable[[], None]]]:
    """The address of a database, and how to stop it."""
    with ExitStack() as stack:
        yield stack.enter_context(postgres_server()), stack.close


def client(ledger: Ledger, altegio: Altegio) -> PartnerClient:
    return PartnerClient(TOKEN, application_id=1, transport=altegio.transport, ledger=ledger)


def test_a_key_is_claimed_once_by_concurrent_workers(database: tuple[str, Callable[[], None]]) -> None:
    url, _ = database
    with ThreadPoolExecutor(8) as threads:
        ledgers = list(threads.map(lambda _: Ledger(url), range(8)))  # all try to create the tables
        identity = Identity("https://app.alteg.io", 1, "notify_payment", KEY)
        claims = [Claim(identity, write_payload({"salon_id": 1}), 1).with_new_token() for _ in ledgers]
        is_new = list(threads.map(lambda ledger, claim: ledger._store.claim(claim, None), ledgers, claims))  # noqa: SLF001
    assert sorted(is_new) == [False] * 7 + [True]
    row = ledgers[0]._store.find(identity)  # noqa: SLF001
    assert row
    assert row.claim == claims[is_new.index(True)]
    assert [one.idempotency_key for one in ledgers[0].pending()] == [KEY]
    for ledger in ledgers:
        ledger.close()


def test_a_payment_from_claim_to_refund(database: tuple[str, Callable[[], None]]) -> None:
    url, _ = database
    sandbox = one_location.new_sandbox()
    with Ledger(url) as ledger, one_location.client(sandbox, ledger) as partner:
        assert [partner.notify_payment(**PAYMENT, idempotency_key=KEY) for _ in range(2)] == [123, 123]
        sandbox.inject_fault("lose_answer")
        with pytest.raises(Exception, match="call again with the same arguments"):
            partner.notify_payment(**PAYMENT, idempotency_key="second")
        assert partner.reconcile("second") == 124
        partner.notify_refund(123)
        partner.notify_refund(123)  # from the ledger: the sandbox rejects a second one
        with pytest.raises(ValueError, match="payment_sum was 990"):
            partner.notify_payment(**{**PAYMENT, "payment_sum": 5}, idempotency_key=KEY)
        sandbox.inject_fault("drop_call")
        with pytest.raises(Exception, match="call again with the same arguments"):
            partner.notify_payment(**{**PAYMENT, "payment_sum": 5}, idempotency_key="third")
        with pytest.raises(ValueError, match=r"'second' has payment 124\. Pass also_of='second'"):
            ledger.mark_recorded("third", payment_id=124)
        ledger.mark_recorded("third", payment_id=124, also_of="second")
        assert partner.reconcile("third") == 124
        assert ledger.pending() == []
    assert [one.is_refunded for one in sandbox.payments(123)] == [True, False]


def test_the_claim_that_a_person_has_checked(database: tuple[str, Callable[[], None]]) -> None:
    url, _ = database
    identity = Identity("https://app.alteg.io", 1, "notify_payment", KEY)
    with Ledger(url) as ledger, Ledger(f"{url}&options=-c%20extra_float_digits%3D0") as other:
        marks: list[Callable[..., None]] = [partial(other.mark_recorded, payment_id=5), other.mark_not_recorded]
        for mark in marks:
            first = Claim(evolve(identity, idempotency_key=str(mark)), write_payload({"salon_id": 1}), 1, token="1")
            assert ledger._store.claim(first, None)  # noqa: SLF001
            (seen,) = ledger.pending()
            assert ledger._store.claim(evolve(first, token="2"), "1")  # noqa: SLF001
            (now,) = ledger.pending()
            with pytest.raises(ValueError, match="was claimed again meanwhile"):
                mark(str(mark), claimed_at=seen.claimed_at)
            assert ledger.pending() == [now]
            mark(str(mark), claimed_at=now.claimed_at)
            assert ledger.pending() == []


def test_it_stops_before_the_call(database: tuple[str, Callable[[], None]]) -> None:
    url, stop = database
    altegio = Altegio()
    with Ledger(url) as ledger, client(ledger, altegio) as partner:
        stop()
        with pytest.raises(LedgerUnavailableError, match="Nothing was sent now"):
            partner.notify_payment(**PAYMENT, idempotency_key=KEY)
    assert altegio.requests == 0
    with pytest.raises(LedgerUnavailableError, match="cannot be used"):
        Ledger(url)


def test_it_stops_after_the_call(database: tuple[str, Callable[[], None]]) -> None:
    url, stop = database
    with (
        Ledger(url) as ledger,
        client(ledger, Altegio(stop)) as partner,
        pytest.raises(LedgerWriteError, match=r"Altegio recorded it: the payment is 5\.") as caught,
    ):
        partner.notify_payment(**PAYMENT, idempotency_key=KEY)
    assert caught.value.payment_id == 5


@pytest.mark.parametrize("error", [-7300.0, 0.0, 7300.0])
def test_the_clocks_of_workers_do_not_matter(
    database: tuple[str, Callable[[], None]], monkeypatch: pytest.MonkeyPatch, error: float
) -> None:
    """Neither that of the worker that claims, nor that of the one that judges."""
    claim = Claim(Identity("https://app.alteg.io", 1, "notify_payment", f"{KEY}, {error}"), '{"version": 1}', 1)
    with Ledger(database[0]) as ledger:
        now = time.time()
        monkeypatch.setattr("altegio_partner.ledger.clock.now", lambda: time.time() + error)
        monkeypatch.setattr("altegio_partner.ledger.clock.elapsed", lambda: error)
        assert ledger._store.claim(claim, None)  # noqa: SLF001
        monkeypatch.setattr("altegio_partner.ledger.clock.now", lambda: time.time() - error)
        row = ledger._store.find(claim.identity)  # noqa: SLF001
    assert row
    assert abs(row.claimed_at - now) < 60
    assert 7100 < row.may_be_missing_for <= 7200
