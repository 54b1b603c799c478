"""Payments and refunds with a ledger: what it sends, returns, looks up and rejects."""

import json
import logging
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any, cast

import anyio
import httpx
import pytest
from attrs import evolve
from sqlalchemy import event

import altegio_partner as ap
from altegio_partner.ledger import Ledger, UndecidedError
from altegio_partner.ledger.sqlite_file import SQLiteFile
from altegio_partner.sandbox import FaultName, Sandbox
from tests.callers import CALLS, PAYMENT, Callers
from tests.ledger.paying import HERE, KEY, LATER, STATUS_DELAY, Clock, Pay, paths, posts


def test_the_same_key_again_returns_the_stored_id_and_sends_nothing(pay: Pay, sandbox: Sandbox, ledger: Ledger) -> None:
    assert [pay(), pay(), pay(payment_sum="990.990")] == [123, 123, 123]
    assert paths(sandbox) == ["POST /marketplace/partner/payment"]
    assert ledger.pending() == []
    assert pay("another") == 124


def test_a_ledger_is_reopened(pay: Pay, caller: Callers, sandbox: Sandbox, ledger: Ledger) -> None:
    pay()
    again = Ledger(str(ledger)[7:-1], status_delay=STATUS_DELAY)
    options: dict[str, Any] = {"application_id": 123, "transport": sandbox.transport(), "ledger": again, "timeout": 1}
    call = caller(partner_token=sandbox.partner_token, **options)
    assert call("notify_payment", **PAYMENT, idempotency_key=KEY) == 123
    assert posts(sandbox) == 1
    again.close()


@pytest.mark.parametrize(
    ("replaced", "differs"),
    [
        ({"payment_sum": 991}, "payment_sum was 990.99, not 991"),
        ({"salon_id": 5}, "salon_id was 123, not 5"),
        ({"currency_iso": "USD"}, "currency_iso was EUR, not USD"),
        (
            LATER,
            "payment_date was 2022-01-01 10:10:00, not 2022-01-05 00:00:00; period_to was 2022-02-01 10:10:00, not",
        ),
    ],
)
def test_the_same_key_with_other_values_names_what_differs(
    pay: Pay, sandbox: Sandbox, replaced: dict[str, Any], differs: str
) -> None:
    pay()
    with pytest.raises(ValueError, match="was used for another call, and nothing was sent: ") as caught:
        pay(**replaced)
    assert differs in str(caught.value)
    assert str(caught.value).endswith(
        "If this is the same payment, pass the same values as before. Use another key for another payment only."
    )
    assert posts(sandbox) == 1


def test_a_payment_may_have_the_key_of_a_refund(call: Pay, pay: Pay, ledger: Ledger) -> None:
    """The key of a refund is the id of its payment, and an invoice may have that number too."""
    call("notify_refund", payment_id=pay())
    assert pay("123") == 124
    entries = [ledger.get("123"), ledger.get("123", operation="notify_refund")]
    assert [(one.operation, one.payment_id) for one in entries if one] == [
        ("notify_payment", 124),
        ("notify_refund", 123),
    ]


def test_the_claim_is_committed_before_the_first_byte_leaves(caller: Callers, ledger: Ledger) -> None:
    seen: list[Any] = []

    def look(_: httpx.Request) -> httpx.Response:
        with closing(Ledger(str(ledger)[7:-1])) as other:
            seen.extend(other.pending())
        return httpx.Response(200, json={"success": True, "data": {"id": 5}})

    before = datetime.now(UTC)
    call = caller(transport=httpx.MockTransport(look), ledger=ledger, application_id=77, timeout=1)
    assert call("notify_payment", **PAYMENT, idempotency_key=KEY) == 5
    (claim,) = seen
    assert (claim.idempotency_key, claim.operation, claim.payment_id) == (KEY, "notify_payment", None)
    assert claim.state == "pending"
    assert (claim.origin, claim.application_id) == ("https://app.alteg.io", 77)
    assert claim.payload == {
        "salon_id": "123",
        "currency_iso": "EUR",
        "payment_sum": "990.99",
        "payment_date": "2022-01-01 10:10:00",
        "period_from": "2022-01-01 10:10:00",
        "period_to": "2022-02-01 10:10:00",
    }
    assert before <= claim.claimed_at <= datetime.now(UTC)


def test_a_lost_response_is_looked_up_and_not_sent_again(pay: Pay, sandbox: Sandbox, ledger: Ledger) -> None:
    sandbox.inject_fault("lose_answer")
    with pytest.raises(ap.OutcomeUnknownError, match=r"call again with the same arguments\. It is looked up before"):
        pay()
    assert [one.idempotency_key for one in ledger.pending()] == [KEY]
    assert pay() == 123
    assert pay() == 123
    assert ledger.pending() == []
    assert paths(sandbox) == [
        "POST /marketplace/partner/payment",
        "GET /marketplace/salon/123/application/123",
    ]


def test_an_absent_payment_is_undecided_during_the_status_delay_and_is_then_sent(
    pay: Pay, sandbox: Sandbox, ledger: Ledger, clock: Clock
) -> None:
    sandbox.inject_fault("drop_call")
    with pytest.raises(ap.OutcomeUnknownError):
        pay()
    with pytest.raises(
        UndecidedError,
        match=r"Altegio's status does not show it yet, and Altegio caches the status\. Call again in 8 s",
    ) as caught:
        pay()
    assert not caught.value.safe_to_resend
    assert (posts(sandbox), len(ledger.pending())) == (1, 1)
    clock.advance(2 * STATUS_DELAY)
    assert pay() == 123
    assert (posts(sandbox), len(sandbox.payments(123)), ledger.pending()) == (2, 1, [])


def test_a_recorded_payment_that_the_status_does_not_show_yet(caller: Callers, ledger: Ledger, clock: Clock) -> None:
    sandbox = Sandbox(status_delay=STATUS_DELAY / 2, now=datetime(2022, 1, 1))
    sandbox.connect(123)
    call = caller(
        partner_token=sandbox.partner_token,
        application_id=123,
        transport=sandbox.transport(),
        ledger=ledger,
        timeout=2,
        max_retries=0,
    )
    call("complete_registration", salon_id=123)
    sandbox.inject_fault("lose_answer")
    with pytest.raises(ap.OutcomeUnknownError):
        call("notify_payment", **PAYMENT, idempotency_key=KEY)
    with pytest.raises(UndecidedError):
        call("notify_payment", **PAYMENT, idempotency_key=KEY)
    sandbox.advance(2 * STATUS_DELAY)
    clock.advance(2 * STATUS_DELAY)
    assert call("notify_payment", **PAYMENT, idempotency_key=KEY) == 123
    assert len(sandbox.payments(123)) == 1


def test_a_payment_sent_late_may_be_missing_from_the_status_for_the_whole_delay(
    caller: Callers, sandbox: Sandbox, ledger: Ledger, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The delay counts from the last attempt, not from the claim."""
    monkeypatch.setattr("random.uniform", lambda *_: 0.0)
    is_hidden = True

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            reply = sandbox.transport().handle_request(request)
            found = json.loads(b"".join(cast(httpx.SyncByteStream, reply.stream)))
            found["data"]["payments"] = [] if is_hidden else found["data"]["payments"]
            return httpx.Response(200, json=found)
        if not tries:
            tries.append(request)
            clock.advance(STATUS_DELAY * 0.49)
            raise httpx.ConnectError("")
        sandbox.transport().handle_request(request)
        raise httpx.ReadError("")

    tries: list[httpx.Request] = []
    options = {"partner_token": sandbox.partner_token, "application_id": 123, "timeout": 2, "ledger": ledger}
    call = caller(transport=httpx.MockTransport(answer), **options)
    with pytest.raises(ap.NoAnswerError):
        call("notify_payment", **PAYMENT, idempotency_key=KEY)
    clock.advance(STATUS_DELAY)  # the delay, counted from when it was sent
    with pytest.raises(UndecidedError, match="does not show it yet, and Altegio caches the status"):
        call("notify_payment", **PAYMENT, idempotency_key=KEY)
    is_hidden = False
    clock.advance(STATUS_DELAY)
    assert call("notify_payment", **PAYMENT, idempotency_key=KEY) == 123
    assert len(sandbox.payments(123)) == 1


@pytest.mark.parametrize("fault", ["success_false", "rate_limit"])
def test_a_rejection_releases_the_claim(pay: Pay, sandbox: Sandbox, ledger: Ledger, fault: Any) -> None:
    sandbox.inject_fault(fault)
    with pytest.raises(ap.RejectedError):
        pay()
    assert ledger.pending() == []
    assert pay(payment_sum="5") == 123


def test_a_call_that_was_not_sent_releases_the_claim(caller: Callers, ledger: Ledger) -> None:
    call = caller(base_url="http://127.0.0.1:9", ledger=ledger, timeout=1, max_retries=0)
    with pytest.raises(ap.NotSentError):
        call("notify_payment", **PAYMENT, idempotency_key=KEY)
    assert ledger.pending() == []


def test_a_closed_client_leaves_no_claim(sandbox: Sandbox, ledger: Ledger) -> None:
    client = ap.PartnerClient("fake", application_id=1, transport=sandbox.transport(), ledger=ledger, timeout=1)
    client.close()
    with pytest.raises(RuntimeError, match=r"is closed\. Nothing was sent"):
        client.notify_payment(**PAYMENT, idempotency_key=KEY)
    assert ledger.pending() == []


def test_identical_payments_are_distinguished(pay: Pay, sandbox: Sandbox, ledger: Ledger) -> None:
    assert pay("first") == 123
    sandbox.inject_fault("lose_answer")
    with pytest.raises(ap.OutcomeUnknownError):
        pay("second")
    assert pay("second") == 124
    assert (posts(sandbox), ledger.pending()) == (2, [])


def test_two_pending_keys_of_one_payment_are_undecided(
    pay: Pay, sandbox: Sandbox, ledger: Ledger, clock: Clock
) -> None:
    faults: list[tuple[FaultName, str]] = [("lose_answer", "first"), ("drop_call", "second")]
    for fault, key in faults:
        sandbox.inject_fault(fault)
        with pytest.raises(ap.OutcomeUnknownError):
            pay(key)
    clock.advance(2 * STATUS_DELAY)
    for key in ("first", "second"):
        with pytest.raises(
            UndecidedError, match=r"another pending key matches the same payment.*Check in Altegio, then record"
        ):
            pay(key)
    assert posts(sandbox) == 2
    ledger.mark_recorded("first", payment_id=123)
    ledger.mark_not_recorded("second")
    assert (pay("first"), pay("second"), posts(sandbox)) == (123, 124, 3)


def test_several_matching_payments_are_undecided(pay: Pay, call: Pay, sandbox: Sandbox, clock: Clock) -> None:
    for _ in range(2):
        sandbox.pay(123, "990.99", **{name: PAYMENT[name] for name in ("period_from", "period_to")})
    sandbox.inject_fault("drop_call")
    with pytest.raises(ap.OutcomeUnknownError):
        pay(payment_date=sandbox.payments(123)[0].payment_date, currency_iso=sandbox.payments(123)[0].currency_iso)
    clock.advance(2 * STATUS_DELAY)
    with pytest.raises(UndecidedError, match="more than one payment in Altegio's status matches it"):
        call("reconcile", idempotency_key=KEY)
    assert posts(sandbox) == 1


def test_a_similar_payment_is_undecided(pay: Pay, sandbox: Sandbox, clock: Clock) -> None:
    """The zone of Altegio's dates and the precision of its amounts are unknown."""
    sandbox.inject_fault("lose_answer")
    with pytest.raises(ap.OutcomeUnknownError):
        pay()
    shifted = {name: PAYMENT[name] + timedelta(hours=3) for name in ("payment_date", "period_from", "period_to")}
    sandbox.inject_fault("drop_call")
    with pytest.raises(ap.OutcomeUnknownError):
        pay("another", **shifted)
    clock.advance(2 * STATUS_DELAY)
    with pytest.raises(UndecidedError, match="shows a payment that differs from it slightly"):
        pay("another", **shifted)
    assert pay() == 123
    assert pay("another", **shifted) == 124


def test_a_status_that_cannot_be_read_is_undecided(pay: Pay, sandbox: Sandbox, clock: Clock) -> None:
    sandbox.inject_fault("lose_answer")
    with pytest.raises(ap.OutcomeUnknownError):
        pay()
    clock.advance(2 * STATUS_DELAY)
    sandbox.inject_fault("html_502")
    with pytest.raises(UndecidedError, match=r"the location's status could not be read \(Altegio answered 502"):
        pay()
    sandbox.uninstall(123)
    with pytest.raises(UndecidedError, match="the application is no longer installed at the location"):
        pay()
    assert posts(sandbox) == 1


def test_reconcile(pay: Pay, call: Pay, sandbox: Sandbox, ledger: Ledger, clock: Clock) -> None:
    with pytest.raises(ValueError, match=r"no notify_payment with key 'never used' for application 123 at https://app"):
        call("reconcile", idempotency_key="never used")
    sandbox.inject_fault("lose_answer")
    with pytest.raises(ap.OutcomeUnknownError):
        pay()
    assert call("reconcile", idempotency_key=KEY) == 123
    assert call("reconcile", idempotency_key=KEY) == 123
    sandbox.inject_fault("drop_call")
    with pytest.raises(ap.OutcomeUnknownError):
        pay("lost", **LATER)
    with pytest.raises(UndecidedError):
        call("reconcile", idempotency_key="lost")
    clock.advance(2 * STATUS_DELAY)
    assert call("reconcile", idempotency_key="lost") is None
    assert ledger.pending() == []
    with pytest.raises(ValueError, match="it was never called, or Altegio rejected it"):
        call("reconcile", idempotency_key="lost")
    assert (posts(sandbox), len(sandbox.payments(123))) == (2, 1)


def test_refunds_are_reported_once(pay: Pay, call: Pay, sandbox: Sandbox, ledger: Ledger, clock: Clock) -> None:
    first, second = pay(), pay("second", **LATER)
    assert call("notify_refund", payment_id=first) is None
    assert call("notify_refund", payment_id=first) is None
    sandbox.inject_fault("lose_answer")
    with pytest.raises(ap.OutcomeUnknownError):
        call("notify_refund", payment_id=second)
    (pending_refund,) = ledger.pending()
    assert (pending_refund.operation, pending_refund.idempotency_key) == ("notify_refund", str(second))
    assert call("notify_refund", payment_id=second) is None
    assert call("reconcile", idempotency_key=str(second), operation="notify_refund") == second
    assert sum("refund" in path for path in paths(sandbox)) == 2

    third = pay("third")
    sandbox.inject_fault("drop_call")
    with pytest.raises(ap.OutcomeUnknownError):
        call("notify_refund", payment_id=third)
    with pytest.raises(UndecidedError, match="does not show it yet"):
        call("notify_refund", payment_id=third)
    clock.advance(2 * STATUS_DELAY)
    assert call("notify_refund", payment_id=third) is None
    assert [one.is_refunded for one in sandbox.payments(123)] == [True, True, True]
    assert ledger.pending() == []


def test_a_refund_of_a_payment_outside_the_ledger(call: Pay, sandbox: Sandbox, ledger: Ledger) -> None:
    sandbox.pay(123, 5)
    (payment,) = sandbox.payments(123)
    sandbox.inject_fault("lose_answer")
    with pytest.raises(ap.OutcomeUnknownError):
        call("notify_refund", payment_id=payment.id)
    with pytest.raises(UndecidedError, match=f"payment {payment.id} is not in the ledger, so its location is unknown"):
        call("notify_refund", payment_id=payment.id)
    key = str(payment.id)
    with pytest.raises(ValueError, match=f"{key} is about payment {payment.id}, not 5"):
        ledger.mark_recorded(key, payment_id=5, operation="notify_refund")
    ledger.mark_recorded(key, payment_id=payment.id, operation="notify_refund")
    assert call("notify_refund", payment_id=payment.id) is None
    assert sum("refund" in path for path in paths(sandbox)) == 1


def test_get(pay: Pay, call: Pay, sandbox: Sandbox, ledger: Ledger) -> None:
    assert ledger.get(KEY) is None
    sandbox.inject_fault("lose_answer")
    with pytest.raises(ap.NoAnswerError):
        pay()
    entry = ledger.get(KEY)
    assert entry
    assert ledger.pending() == [entry]
    assert (entry.idempotency_key, entry.operation, entry.payment_id) == (KEY, "notify_payment", None)
    assert (entry.state, entry.payload["payment_sum"]) == ("pending", "990.99")
    payment_id = pay()
    assert ledger.get(KEY) == evolve(entry, payment_id=payment_id, state="recorded")
    call("notify_refund", payment_id=payment_id)
    refund = ledger.get(str(payment_id), operation="notify_refund")
    assert refund
    assert (refund.operation, refund.payment_id, refund.state) == ("notify_refund", payment_id, "recorded")
    with pytest.raises(ValueError, match="idempotency_key must be printable text"):
        ledger.get("")


def test_a_pending_refund_has_no_payment_id_but_in_its_payload(call: Pay, sandbox: Sandbox, ledger: Ledger) -> None:
    sandbox.inject_fault("drop_call")
    with pytest.raises(ap.NoAnswerError):
        call("notify_refund", payment_id=5)
    (refund,) = ledger.pending()
    assert (refund.payment_id, refund.payload["payment_id"]) == (None, "5")


def test_a_ledger_is_a_context_manager(tmp_path: Path) -> None:
    closed: list[object] = []
    with Ledger(f"sqlite:///{tmp_path}/payments.db") as ledger:
        event.listen(ledger._store._database._engine, "close", lambda connection, _: closed.append(connection))  # noqa: SLF001
        assert (ledger.pending(), closed) == ([], [])
    assert len(closed) == 1
    assert ledger.pending() == []  # it connects again
    ledger.close()


def test_recording_a_manual_check(pay: Pay, sandbox: Sandbox, ledger: Ledger) -> None:
    pay("paid", **LATER)
    sandbox.inject_fault("drop_call")
    with pytest.raises(ap.OutcomeUnknownError):
        pay()
    for wrong in (0, "123", None):
        with pytest.raises(ValueError, match="payment_id must be a positive integer"):
            ledger.mark_recorded(KEY, payment_id=wrong)  # type: ignore[arg-type]  # invalid on purpose
    with pytest.raises(ValueError, match=r"'paid' has payment 123\. Pass also_of='paid'"):
        ledger.mark_recorded(KEY, payment_id=123)
    ledger.mark_recorded(KEY, payment_id=777)
    assert pay() == 777
    with pytest.raises(ValueError, match="is already recorded, as payment 777"):
        ledger.mark_not_recorded(KEY)
    with pytest.raises(ValueError, match="is already recorded, as payment 777"):
        ledger.mark_recorded(KEY, payment_id=777)
    with pytest.raises(ValueError, match="There is no claim of 'never used'"):
        ledger.mark_not_recorded("never used")
    assert posts(sandbox) == 2


def test_many_workers_report_the_same_payments(sandbox: Sandbox, ledger: Ledger) -> None:
    keys = [f"invoice-{number}" for number in range(25)]
    with (
        sandbox.serve() as url,
        ap.PartnerClient(sandbox.partner_token, application_id=123, base_url=url, ledger=ledger, timeout=2) as client,
        ThreadPoolExecutor(16) as threads,
    ):

        def pay(number: int) -> Any:
            try:
                return client.notify_payment(
                    **{**PAYMENT, "payment_sum": number % len(keys)}, idempotency_key=keys[number % len(keys)]
                )
            except UndecidedError:  # another worker is making the call
                return None

        returned = list(threads.map(pay, range(4 * len(keys))))
        recorded = [pay(number) for number in range(len(keys))]
    assert len(set(recorded)) == len(keys)
    assert None not in recorded
    for number, payment_id in enumerate(returned):
        assert payment_id in (None, recorded[number % len(keys)])
    assert len(sandbox.payments(123)) == posts(sandbox) == len(keys)


def test_two_workers_that_find_it_absent_at_once_send_it_once(sandbox: Sandbox, ledger: Ledger, clock: Clock) -> None:
    both = threading.Barrier(2)

    class Together(httpx.BaseTransport):
        """Delays the first read of the status until both workers read it."""

        reads = 0

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "GET":
                self.reads += 1
                if self.reads <= both.parties:
                    both.wait(10)
            return sandbox.transport().handle_request(request)

    options: dict[str, Any] = {"application_id": 123, "ledger": ledger, "timeout": 2, "max_retries": 0}
    with ap.PartnerClient(sandbox.partner_token, transport=Together(), **options) as client:
        sandbox.inject_fault("drop_call")
        with pytest.raises(ap.OutcomeUnknownError):
            client.notify_payment(**PAYMENT, idempotency_key=KEY)
        clock.advance(2 * STATUS_DELAY)

        def pay(_: int) -> Any:
            try:
                return client.notify_payment(**PAYMENT, idempotency_key=KEY)
            except UndecidedError as error:
                return str(error)

        with ThreadPoolExecutor(2) as threads:
            returned = sorted(threads.map(pay, range(2)), key=str)
    assert returned[0] == 123
    assert returned[1] == 123 or "does not show it yet" in returned[1]
    assert len(sandbox.payments(123)) == 1


def test_a_claim_that_another_worker_changes_during_a_lookup(caller: Callers, ledger: Ledger, clock: Clock) -> None:
    answers: Iterator[httpx.Response | None] = iter([None])
    status = {"connection_status": {"status": "active", "created_at": "2022-01-01 00:00:00"}, "payments": []}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            raise httpx.ReadError("")
        if next(answers, "no more") is None:
            ledger.mark_not_recorded(KEY)
        return httpx.Response(200, json={"success": True, "data": status})

    call = caller(transport=httpx.MockTransport(answer), ledger=ledger, timeout=1, max_retries=0)
    with pytest.raises(ap.NoAnswerError):
        call("notify_payment", **PAYMENT, idempotency_key=KEY)
    clock.advance(2 * STATUS_DELAY)
    with pytest.raises(UndecidedError, match="was changed by another worker just now: call again"):
        call("reconcile", idempotency_key=KEY)


def test_a_claim_that_another_worker_takes_over_during_a_manual_check(
    pay: Pay, sandbox: Sandbox, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.inject_fault("drop_call")
    with pytest.raises(ap.OutcomeUnknownError):
        pay()
    search = ledger._store.search  # noqa: SLF001

    def search_and_be_late(**values: Any) -> Any:
        rows = search(**values)
        assert ledger._store.claim(evolve(rows[0].claim, token="another"), rows[0].claim.token)  # noqa: SLF001
        return rows

    monkeypatch.setattr(ledger._store, "search", search_and_be_late)  # noqa: SLF001
    with pytest.raises(ValueError, match="was changed by another worker just now: check again"):
        ledger.mark_not_recorded(KEY)


def test_a_claim_that_is_made_while_a_person_checks_the_one_before(
    pay: Pay, sandbox: Sandbox, ledger: Ledger, clock: Clock
) -> None:
    sandbox.inject_fault("drop_call")
    with pytest.raises(ap.OutcomeUnknownError):
        pay()
    (seen,) = ledger.pending()
    clock.advance(2 * STATUS_DELAY)
    sandbox.inject_fault("lose_answer", operation="notify_payment")
    with pytest.raises(ap.OutcomeUnknownError):  # a worker calls again: it is absent, claimed again, and sent
        pay()
    (claimed,) = ledger.pending()
    again = re.escape(f"was claimed again meanwhile, at {claimed.claimed_at}, and may have been sent again.")
    with pytest.raises(ValueError, match=again):
        ledger.mark_not_recorded(KEY, claimed_at=seen.claimed_at)
    with pytest.raises(ValueError, match=again):
        ledger.mark_recorded(KEY, payment_id=777, claimed_at=seen.claimed_at)
    assert ledger.pending() == [claimed]
    assert pay() == 123
    assert posts(sandbox) == 2


@pytest.mark.parametrize("seconds", [0.1, 1764315319.123456, 1764315319.1234567, 1764315319.9999999, 4102444799.7])
def test_the_claim_that_a_person_has_checked_is_recognized_exactly(
    pay: Pay, sandbox: Sandbox, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    monkeypatch.setattr(time, "time", lambda: seconds)
    for mark in (partial(ledger.mark_recorded, payment_id=777), ledger.mark_not_recorded):
        sandbox.inject_fault("drop_call")
        with pytest.raises(ap.OutcomeUnknownError):
            pay(str(mark))
        (seen,) = ledger.pending()
        for elsewhere in (seen.claimed_at.astimezone(timezone(timedelta(hours=9))), seen.claimed_at):
            with pytest.raises(ValueError, match="was claimed again meanwhile"):
                mark(str(mark), claimed_at=elsewhere + timedelta(microseconds=1))
        mark(str(mark), claimed_at=datetime.fromisoformat(seen.claimed_at.isoformat()))
        assert ledger.pending() == []


@pytest.mark.parametrize("wrong", [datetime(2026, 11, 28), "2026-11-28T07:35:19+00:00", 1764315319.0])
def test_a_time_that_is_not_of_an_entry(ledger: Ledger, wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"claimed_at must be that of a LedgerEntry, not .* Pass entry\.claimed_at"):
        ledger.mark_not_recorded(KEY, claimed_at=wrong)


def test_a_payment_that_another_key_takes_during_a_lookup(caller: Callers, ledger: Ledger) -> None:
    recorded = {"id": 5, "payment_sum": 990.99, "payment_date": "2022-01-01 10:10:00", "is_refunded": False}
    recorded |= {"period_from": "2022-01-01 10:10:00", "period_to": "2022-02-01 10:10:00"}
    status = {"connection_status": {"status": "active", "created_at": "2022-01-01 00:00:00"}, "payments": [recorded]}
    others_at_location = ledger._store.others_at_location  # noqa: SLF001

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            raise httpx.ReadError("")
        return httpx.Response(200, json={"success": True, "data": status})

    def look_and_be_late(row: Any) -> Any:
        found = others_at_location(row)
        other = evolve(row.claim, identity=evolve(row.claim.identity, idempotency_key="other"))
        assert ledger._store.record(other, 5).outcome == "stored"  # noqa: SLF001
        return found

    call = caller(transport=httpx.MockTransport(answer), ledger=ledger, timeout=1, max_retries=0)
    with pytest.raises(ap.NoAnswerError):
        call("notify_payment", **PAYMENT, idempotency_key=KEY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger._store, "others_at_location", look_and_be_late)  # noqa: SLF001
        with pytest.raises(UndecidedError, match="another pending key matches the same payment"):
            call("reconcile", idempotency_key=KEY)


def test_other_calls_do_not_use_the_ledger(call: Pay, sandbox: Sandbox) -> None:
    sandbox.connect(7)
    assert call("complete_registration", salon_id=7)
    assert call("get_installation", salon_id=7).status == "active"


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_the_id_is_stored_even_if_the_caller_is_cancelled(kind: str, ledger: Ledger) -> None:
    """The response has arrived, and its id must not be lost."""

    async def main() -> None:
        with anyio.CancelScope() as scope:

            def answer(_: httpx.Request) -> httpx.Response:
                scope.cancel()
                return httpx.Response(200, json={"success": True, "data": {"id": 5}})

            transport = httpx.MockTransport(answer)
            async with ap.AsyncPartnerClient(
                "fake", application_id=1, transport=transport, ledger=ledger, timeout=1
            ) as client:
                await client.notify_payment(**PAYMENT, idempotency_key=KEY)

    anyio.run(main, backend=kind)
    assert ledger.pending() == []


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_the_event_loop_runs_while_the_database_blocks(
    kind: str, ledger: Ledger, sandbox: Sandbox, tmp_path: Path
) -> None:
    file = tmp_path / "payments.db"

    async def main() -> int:
        ticks = 0
        options: dict[str, Any] = {"transport": sandbox.transport(), "ledger": ledger, "timeout": 1}

        async def pay() -> None:
            async with ap.AsyncPartnerClient(sandbox.partner_token, application_id=123, **options) as client:
                await client.notify_payment(**PAYMENT, idempotency_key=KEY)

        async with anyio.create_task_group() as tasks:
            with closing(sqlite3.connect(file, isolation_level=None)) as other:
                other.execute("BEGIN EXCLUSIVE")
                tasks.start_soon(pay)
                for _ in range(20):
                    await anyio.sleep(0.01)
                    ticks += 1
                assert posts(sandbox) == 0
        assert posts(sandbox) == 1
        return ticks

    assert anyio.run(main, backend=kind) == 20


def test_every_changing_call_is_covered() -> None:
    """A new endpoint that changes something must be added here."""
    assert set(CALLS) == {"complete_registration", "notify_payment", "notify_refund"}


class Failing(logging.Handler):
    def emit(self, _: logging.LogRecord) -> None:
        raise RuntimeError("no running event loop")


def test_a_failing_log_handler_changes_nothing(
    pay: Pay, sandbox: Sandbox, ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    log, handler = logging.getLogger("altegio_partner"), Failing()
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        assert [pay(), pay()] == [123, 123]
        sandbox.inject_fault("lose_answer")
        with pytest.raises(ap.OutcomeUnknownError):
            pay("lost", **LATER)
    finally:
        log.removeHandler(handler)
        log.setLevel(logging.NOTSET)
    assert "no running event loop" in capsys.readouterr().err
    assert [one.idempotency_key for one in ledger.pending()] == ["lost"]
    assert posts(sandbox) == 2


@pytest.mark.parametrize(
    "other",
    [
        {"application_id": 7},
        {"base_url": "http://127.0.0.1:1"},
        {"base_url": "https://altegio.staging.example"},
    ],
)
def test_applications_and_origins_are_kept_apart(
    pay: Pay, caller: Callers, sandbox: Sandbox, ledger: Ledger, other: dict[str, Any]
) -> None:
    """What a sandbox has recorded, or another application of the partner, is not recorded here."""
    sandbox.inject_fault("lose_answer")
    with pytest.raises(ap.OutcomeUnknownError):
        pay()
    elsewhere = httpx.MockTransport(lambda _: httpx.Response(200, json={"success": True, "data": {"id": 55}}))
    options: dict[str, Any] = {"application_id": 123, "ledger": ledger, "timeout": 2, "transport": elsewhere, **other}
    with pytest.raises(ValueError, match=f"The ledger has no notify_payment with key {KEY!r} for application"):
        caller(**options)("reconcile", idempotency_key=KEY)
    assert caller(**options)("notify_payment", **PAYMENT, idempotency_key=KEY) == 55
    with pytest.raises(
        ValueError, match=rf"Several entries have the key .*Pass one of: application_id=123, origin={HERE[0]!r}, "
    ):
        ledger.get(KEY)
    entry = ledger.get(KEY, origin=HERE[0], application_id=HERE[1])
    assert entry
    assert entry.state == "pending"
    assert pay() == 123
    assert posts(sandbox) == 1


@pytest.mark.parametrize(
    ("one", "other", "origin"),
    [
        ("https://app.alteg.io", "https://APP.Alteg.io:443/", "https://app.alteg.io"),
        ("https://app.alteg.io", "https://app.alteg.io./proxy", "https://app.alteg.io"),
        ("https://пример.example", "https://xn--e1afmkfd.example", "https://xn--e1afmkfd.example"),
        ("http://[::1]:8000", "http://[::1]:9000", "http://[::1]"),
    ],
)
def test_an_origin_has_one_spelling(caller: Callers, ledger: Ledger, one: str, other: str, origin: str) -> None:
    """Also a port does not make another Altegio."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"success": True, "data": {"id": 5}}))
    for base_url in (one, other):
        call = caller(transport=transport, ledger=ledger, timeout=2, base_url=base_url)
        assert call("notify_payment", **PAYMENT, idempotency_key=KEY) == 5
    entry = ledger.get(KEY)
    assert entry
    assert entry.origin == origin


def test_refunds_of_equal_ids_of_two_applications(caller: Callers, ledger: Ledger) -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.url.path)
        return httpx.Response(204)

    for application_id in (1, 2, 1):
        options: dict[str, Any] = {"application_id": application_id, "ledger": ledger, "timeout": 2}
        caller(transport=httpx.MockTransport(answer), **options)("notify_refund", payment_id=5)
    assert len(sent) == 2


def test_a_failing_rate_limit_leaves_no_claim(caller: Callers, ledger: Ledger) -> None:
    class Limit:
        def try_acquire(self, name: str, *, blocking: bool) -> object:
            raise ConnectionError(f"{name} {blocking}")

    class Awaited:
        async def try_acquire(self, name: str, *, blocking: bool) -> object: ...

    transport = httpx.MockTransport(lambda _: pytest.fail("sent"))
    limits: list[tuple[Any, str]] = [(Limit(), "ConnectionError"), (Awaited(), "it is async")]
    for limit, problem in limits:
        call = caller(transport=transport, ledger=ledger, timeout=2, rate_limit=limit)
        with pytest.raises(ap.NotSentError, match=f"The rate limit failed .{problem}"):
            call("notify_payment", **PAYMENT, idempotency_key=KEY)
    assert ledger.pending() == []


def test_no_call_reads_the_whole_table(pay: Pay, call: Pay, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    run, plans = SQLiteFile.run, dict[str, list[str]]()

    def explain(file: SQLiteFile, connection: Any, text: str, values: Any) -> Any:
        plans[text] = [detail for *_, detail in connection.execute(f"EXPLAIN QUERY PLAN {text}", values)]
        return run(file, connection, text, values)

    monkeypatch.setattr(SQLiteFile, "run", explain)
    pay()
    call("notify_refund", payment_id=123)
    faults: list[FaultName] = ["lose_answer", "success_false"]
    for fault in faults:
        sandbox.inject_fault(fault)
        with pytest.raises(ap.AltegioError):
            pay(fault, **LATER)
    assert call("reconcile", idempotency_key="lose_answer") == 124
    assert {text.split()[0] for text in plans} == {"SELECT", "INSERT", "DELETE"}
    steps = [step for plan in plans.values() for step in plan]
    assert [step for step in steps if step.startswith("SCAN altegio_ledger")] == []
    assert {step.split()[4] for step in steps if step.startswith("SEARCH altegio_ledger USING INDEX")} == {
        "sqlite_autoindex_altegio_ledger_1", "altegio_ledger_payment_id", "altegio_ledger_salon_id"
    }  # fmt: skip
