"""What is concluded from the status of a location, however Altegio writes it: what is not certain is not sent."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

import httpx
import pytest

import altegio_partner as ap
from altegio_partner.ledger import Ledger, UndecidedError
from altegio_partner.sandbox import Sandbox
from tests.callers import PAYMENT, Callers
from tests.ledger.paying import KEY, STATUS_DELAY, Clock, Pay, posts

Change = Callable[[dict[str, Any]], object]


class Altered(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """The sandbox, whose statuses are altered."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.change: Change = lambda _: None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._sandbox.transport().handle_request(request)
        if request.method != "GET":
            return response
        body = json.loads(b"".join(cast(httpx.SyncByteStream, response.stream)))
        self.change(body["data"])
        return httpx.Response(response.status_code, json=body)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)


@pytest.fixture
def altered(sandbox: Sandbox) -> Altered:
    return Altered(sandbox)


@pytest.fixture
def call(caller: Callers, sandbox: Sandbox, ledger: Ledger, altered: Altered) -> Pay:
    options: dict[str, Any] = {"application_id": 123, "max_retries": 0, "timeout": 2, "ledger": ledger}
    return caller(partner_token=sandbox.partner_token, transport=altered, **options)


def lose(pay: Pay, sandbox: Sandbox, fault: Any, key: str = KEY, **replaced: Any) -> None:
    sandbox.inject_fault(fault)
    with pytest.raises(ap.NoAnswerError):
        pay(key, **replaced)


def set_in_payments(**values: Any) -> Change:
    return lambda data: [payment.update(values) for payment in data["payments"]]


def drop_currency(data: dict[str, Any]) -> None:
    for payment in data["payments"]:
        del payment["currency_iso"]


def test_two_currencies_where_the_status_names_none(
    pay: Pay, sandbox: Sandbox, altered: Altered, ledger: Ledger, clock: Clock
) -> None:
    """100 EUR were lost, 100 USD were recorded: neither may be taken for the other."""
    altered.change = drop_currency
    lose(pay, sandbox, "drop_call", "eur", currency_iso="EUR")
    lose(pay, sandbox, "lose_answer", "usd", currency_iso="USD")
    clock.advance(2 * STATUS_DELAY)
    for key in ("eur", "usd"):
        with pytest.raises(UndecidedError, match="another pending key matches the same payment"):
            pay(key, currency_iso=key.upper())
    ledger.mark_not_recorded("eur")
    assert pay("usd", currency_iso="USD") == 123
    assert posts(sandbox) == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data["logs"].append({"changed_at": "0000-00-00 00:00:00", "status_to": "active"}),
        lambda data: data["logs"].append(None),
        lambda data: data.update(logs=None),
        lambda data: data.update(logs="none"),
        lambda data: data.update(connection_status=None),
        lambda data: data["connection_status"].update(created_at="0000-00-00 00:00:00"),
        lambda data: data["connection_status"].update(status=None),
        lambda data: data.update(payments=dict(enumerate(data["payments"]))),
        lambda data: data["payments"].append({"id": 99, "payment_date": "0000-00-00 00:00:00"}),
        lambda data: data["payments"].append(None),
        set_in_payments(id="123"),
        set_in_payments(payment_sum="990.990"),
        set_in_payments(payment_sum="990.99"),
        set_in_payments(currency_iso=None),
        set_in_payments(currency_iso="eur"),
        set_in_payments(is_refunded=None),
        set_in_payments(is_refunded="0"),
        set_in_payments(payment_date="2022-01-01T10:10:00+02:00"),
    ],
)
def test_what_the_decision_does_not_need_may_be_unreadable(
    pay: Pay, sandbox: Sandbox, altered: Altered, change: Change
) -> None:
    altered.change = change
    lose(pay, sandbox, "lose_answer")
    assert pay() == 123
    assert posts(sandbox) == 1


@pytest.mark.parametrize(
    "change",
    [
        set_in_payments(payment_sum=None),
        set_in_payments(payment_sum="990,99"),
        set_in_payments(payment_date="0000-00-00 00:00:00"),
        set_in_payments(period_to=None),
        set_in_payments(currency_iso=978),
        set_in_payments(id=None),
        set_in_payments(is_refunded=True),
        lambda data: data.update(payments=[None]),
        lambda data: data.update(payments=[{}]),
        lambda data: data.update(payments=None),
        lambda data: data.pop("payments"),
        lambda data: data.update(payments={"items": data["payments"], "total": 1}),
    ],
)
def test_what_may_be_the_payment_is_neither_taken_nor_sent_again(
    pay: Pay, sandbox: Sandbox, altered: Altered, ledger: Ledger, clock: Clock, change: Change
) -> None:
    altered.change = change
    lose(pay, sandbox, "lose_answer")
    clock.advance(3 * STATUS_DELAY)
    with pytest.raises(UndecidedError, match="Check in Altegio, then record what you saw"):
        pay()
    assert posts(sandbox) == 1
    ledger.mark_recorded(KEY, payment_id=123)
    assert pay() == 123


def test_a_payment_of_another_application_is_not_taken(
    pay: Pay, caller: Callers, sandbox: Sandbox, altered: Altered, ledger: Ledger, clock: Clock
) -> None:
    """Whether a status shows payments of other applications, and whether each counts its own, is unknown."""
    ids = iter([123])
    elsewhere = httpx.MockTransport(
        lambda _: httpx.Response(200, json={"success": True, "data": {"id": next(ids, None)}})
    )
    other = caller(application_id=7, transport=elsewhere, ledger=ledger, timeout=2, max_retries=0)
    assert other("notify_payment", **PAYMENT, idempotency_key="theirs") == 123
    foreign = {"id": 123, "payment_sum": 990.99, "payment_date": "2022-01-01 10:10:00", "is_refunded": False}
    foreign |= {"period_from": "2022-01-01 10:10:00", "period_to": "2022-02-01 10:10:00"}
    altered.change = lambda data: data.update(payments=[foreign])
    lose(pay, sandbox, "drop_call")
    for _ in range(2):
        with pytest.raises(UndecidedError, match="may be that of a key of another application"):
            pay()
        clock.advance(3 * STATUS_DELAY)
    assert posts(sandbox) == 1
    foreign["id"] = 124
    with pytest.raises(ap.UnreadableAnswerError):
        other("notify_payment", **PAYMENT, idempotency_key="theirs, pending")
    clock.advance(2 * STATUS_DELAY)
    with pytest.raises(UndecidedError, match="another pending key matches the same payment"):
        pay()


def test_a_location_that_was_installed_again(
    pay: Pay, sandbox: Sandbox, altered: Altered, ledger: Ledger, clock: Clock
) -> None:
    """Payments from before may be missing from its status."""
    altered.change = lambda data: data.update(payments=[])
    lose(pay, sandbox, "lose_answer")
    entry = ledger.get(KEY)
    assert entry
    clock.advance(3 * STATUS_DELAY)
    created_at = entry.claimed_at.replace(tzinfo=None, microsecond=0)

    def installed(after: timedelta) -> Change:
        return lambda data: data.update(payments=[], connection_status={"created_at": str(created_at + after)})

    altered.change = installed(timedelta(hours=15))
    with pytest.raises(UndecidedError, match="the application was installed at the location again"):
        pay()
    assert posts(sandbox) == 1
    altered.change = installed(-timedelta(days=1))
    assert pay() == 124
