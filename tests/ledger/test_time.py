"""When a call may be sent, and when its absence in Altegio counts: by one clock, that nobody can set."""

import itertools
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

import altegio_partner as ap
from altegio_partner.ledger import Ledger, LedgerUnavailableError, UndecidedError
from altegio_partner.ledger import clock as ledger_clock
from altegio_partner.ledger.database import StoreError
from altegio_partner.sandbox import Sandbox
from tests.callers import PAYMENT, Callers
from tests.ledger.paying import KEY, STATUS_DELAY, Clock, Pay, posts

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def lost(pay: Pay, sandbox: Sandbox, clock: Clock) -> Clock:
    """A call was lost on its way, at this time."""
    sandbox.inject_fault("drop_call")
    with pytest.raises(ap.NoAnswerError):
        pay()
    return clock


def is_undecided(pay: Pay) -> bool:
    try:
        assert pay() == 123
    except UndecidedError:
        return True
    return False


def test_absence_counts_after_twice_the_status_delay(pay: Pay, lost: Clock, sandbox: Sandbox) -> None:
    lost.advance(2 * STATUS_DELAY - SECOND)
    assert is_undecided(pay)
    lost.advance(SECOND)
    assert not is_undecided(pay)
    assert posts(sandbox) == 2


@pytest.mark.parametrize("step", [24 * HOUR, 2 * HOUR, 2 * STATUS_DELAY])
def test_a_clock_that_is_set_forward_makes_no_claim_older(pay: Pay, lost: Clock, step: timedelta) -> None:
    lost.set(step)
    assert is_undecided(pay)
    lost.advance(2 * STATUS_DELAY)
    assert not is_undecided(pay)


def test_a_clock_that_is_set_back_makes_claims_look_younger(pay: Pay, lost: Clock) -> None:
    """The shorter of two ages counts: it may be the right one."""
    lost.set(-HOUR)
    lost.advance(2 * STATUS_DELAY)
    assert is_undecided(pay)
    lost.advance(HOUR)
    assert not is_undecided(pay)


def test_another_start_of_the_machine_has_another_clock(pay: Pay, lost: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_clock, "boot_id", lambda: "another")
    monkeypatch.setattr("altegio_partner.clock.elapsed", lambda: 1.0)  # it began at 0 again
    assert is_undecided(pay)
    lost.advance(2 * STATUS_DELAY)
    assert not is_undecided(pay)


def test_a_machine_that_does_not_name_its_starts(
    pay: Pay, sandbox: Sandbox, clock: Clock, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(ledger_clock, "_BOOT_ID", tmp_path / "nothing")
    ledger_clock.boot_id.cache_clear()
    sandbox.inject_fault("drop_call")
    with pytest.raises(ap.NoAnswerError):
        pay()
    assert is_undecided(pay)
    clock.advance(2 * STATUS_DELAY)
    assert not is_undecided(pay)
    monkeypatch.undo()
    ledger_clock.boot_id.cache_clear()
    assert ledger_clock.boot_id()
    assert ledger.pending() == []


def test_all_who_use_a_ledger_have_its_status_delay(url: str) -> None:
    with Ledger(url, status_delay=HOUR / 4), Ledger(url) as other, Ledger(url, status_delay=HOUR / 4) as third:
        assert (other.status_delay, third.status_delay) == (HOUR / 4, HOUR / 4)
        with pytest.raises(ValueError, match=r"has a status_delay of 0:15:00, not 1:00:00, .*see change_status_delay"):
            Ledger(url, status_delay=HOUR)


def test_the_status_delay_of_a_ledger_is_changed_while_nothing_is_pending(
    url: str, ledger: Ledger, pay: Pay, sandbox: Sandbox, clock: Clock
) -> None:
    sandbox.inject_fault("drop_call")
    with pytest.raises(ap.NoAnswerError):
        pay()
    with pytest.raises(ValueError, match="cannot be changed while calls are pending: find their outcomes with reconc"):
        ledger.change_status_delay(HOUR)
    clock.advance(2 * STATUS_DELAY)
    assert pay() == 123
    for wrong in (timedelta(0), 5):
        with pytest.raises(ValueError, match="status_delay must be a timedelta of more than 0"):
            ledger.change_status_delay(wrong)  # type: ignore[arg-type]  # invalid on purpose
    ledger.change_status_delay(HOUR)
    with Ledger(url) as other:
        assert other.status_delay == HOUR


def test_who_has_opened_a_ledger_before_its_status_delay_was_changed(
    pay: Pay, ledger: Ledger, sandbox: Sandbox, clock: Clock
) -> None:
    """It claims with the old one, which its rows contain, and judges by the new one."""
    ledger.change_status_delay(HOUR)
    sandbox.inject_fault("drop_call")
    with pytest.raises(ap.NoAnswerError):
        pay()
    clock.advance(HOUR)
    assert is_undecided(pay)
    clock.advance(STATUS_DELAY)
    assert not is_undecided(pay)


def test_a_worker_that_is_frozen_between_claim_and_request_sends_nothing(
    caller: Callers, ledger: Ledger, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another worker may have found it absent and sent it."""
    claim = ledger._store.claim  # noqa: SLF001

    def claim_and_freeze(*arguments: Any) -> bool:
        claimed = claim(*arguments)
        clock.advance(STATUS_DELAY / 2 + SECOND)
        clock.set(-HOUR)
        return claimed

    monkeypatch.setattr(ledger._store, "claim", claim_and_freeze)  # noqa: SLF001
    transport = httpx.MockTransport(lambda _: pytest.fail("sent"))
    call = caller(transport=transport, ledger=ledger, timeout=2, max_retries=5)
    with pytest.raises(ap.NotSentError, match="waited for too long to be sent"):
        call("notify_payment", **PAYMENT, idempotency_key=KEY)
    assert ledger.pending() == []


def test_the_time_to_send_begins_before_the_claim_is_written(
    caller: Callers, ledger: Ledger, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So however long that takes, it ends before others may judge the claim."""
    claim = ledger._store.claim  # noqa: SLF001

    def freeze_and_claim(*arguments: Any) -> bool:
        clock.advance(STATUS_DELAY / 2 + SECOND)
        return claim(*arguments)

    monkeypatch.setattr(ledger._store, "claim", freeze_and_claim)  # noqa: SLF001
    transport = httpx.MockTransport(lambda _: pytest.fail("sent"))
    with pytest.raises(ap.NotSentError, match="waited for too long to be sent"):
        caller(transport=transport, ledger=ledger, timeout=2)("notify_payment", **PAYMENT, idempotency_key=KEY)


def test_a_claim_is_made_when_the_turn_has_come(
    caller: Callers, sandbox: Sandbox, ledger: Ledger, clock: Clock
) -> None:
    """However long it waits before, nobody else is kept from sending it, and nothing is pending after a crash."""
    seen: list[int] = []

    class Limit:
        def try_acquire(self, name: str, *, blocking: bool) -> object:  # noqa: ARG002
            seen.append(len(ledger.pending()))
            clock.advance(HOUR)
            return True

    options: dict[str, Any] = {"application_id": 123, "ledger": ledger, "timeout": 2, "rate_limit": Limit()}
    call = caller(partner_token=sandbox.partner_token, transport=sandbox.transport(), **options)
    assert call("notify_payment", **PAYMENT, idempotency_key=KEY) == 123
    assert call("notify_payment", **PAYMENT, idempotency_key=KEY) == 123  # what is recorded waits for no turn
    assert seen == [0]


def test_each_attempt_has_a_claim_of_its_own_age(
    caller: Callers, sandbox: Sandbox, ledger: Ledger, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", lambda *_: 0.0)
    claimed: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        claimed.append(ledger.pending()[0].claimed_at)
        if len(claimed) < 4:
            clock.advance(STATUS_DELAY / 2)
            return httpx.Response(429)
        return sandbox.transport().handle_request(request)

    options: dict[str, Any] = {"application_id": 123, "ledger": ledger, "timeout": 2, "max_retries": 3}
    call = caller(partner_token=sandbox.partner_token, transport=httpx.MockTransport(answer), **options)
    assert call("notify_payment", **PAYMENT, idempotency_key=KEY) == 123
    assert [later - sooner for sooner, later in itertools.pairwise(claimed)] == [STATUS_DELAY / 2] * 3


def test_a_claim_is_another_with_each_attempt(
    caller: Callers, sandbox: Sandbox, ledger: Ledger, url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has seen the first as absent cannot take over the second, which is being sent."""
    monkeypatch.setattr("random.uniform", lambda *_: 0.0)
    has_looked, is_out = threading.Event(), threading.Event()
    options: dict[str, Any] = {"partner_token": sandbox.partner_token, "application_id": 123, "timeout": 2}
    others: list[Future[Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if not others:
            clock.advance(2 * STATUS_DELAY)
            others.append(threads.submit(call_as_another))
            assert has_looked.wait(20)
            return httpx.Response(429)
        is_out.set()
        assert isinstance(others[0].exception(20), UndecidedError)
        return sandbox.transport().handle_request(request)

    def answer_another(request: httpx.Request) -> httpx.Response:
        response = sandbox.transport().handle_request(request)
        has_looked.set()
        assert is_out.wait(20)
        return response

    def call_as_another() -> Any:
        with Ledger(url) as other:
            call = caller(transport=httpx.MockTransport(answer_another), ledger=other, max_retries=0, **options)
            return call("notify_payment", **PAYMENT, idempotency_key=KEY)

    with ThreadPoolExecutor(1) as threads:
        call = caller(transport=httpx.MockTransport(answer), ledger=ledger, max_retries=1, **options)
        assert call("notify_payment", **PAYMENT, idempotency_key=KEY) == 123
    assert posts(sandbox) == 1


@pytest.mark.parametrize("is_committed", [False, True])
def test_a_claim_that_cannot_be_made_again_is_given_back(
    caller: Callers, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, *, is_committed: bool
) -> None:
    """Whichever of both is in the ledger."""
    claim = ledger._store.claim  # noqa: SLF001
    tokens: list[str] = []

    def claim_and_fail(*arguments: Any) -> bool:
        is_new = (is_committed or not tokens) and claim(*arguments)
        tokens.extend(row.claim.token for row in ledger._store.search())  # noqa: SLF001
        if len(tokens) == 2:
            raise StoreError("no answer")
        return is_new

    monkeypatch.setattr("random.uniform", lambda *_: 0.0)
    monkeypatch.setattr(ledger._store, "claim", claim_and_fail)  # noqa: SLF001
    transport = httpx.MockTransport(lambda _: httpx.Response(429))
    call = caller(transport=transport, ledger=ledger, timeout=2, max_retries=1)
    with pytest.raises(LedgerUnavailableError, match="no answer"):
        call("notify_payment", **PAYMENT, idempotency_key=KEY)
    assert (tokens[0] != tokens[1]) is is_committed
    assert ledger.pending() == []
