"""The mistakes of a first day: each message names the argument, shows the value and gives a fix that is accepted."""

import inspect
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest
from attrs import evolve, field, frozen

from altegio_partner import AsyncPartnerClient, HTTPTransport, NotSentError, PartnerClient
from altegio_partner.incoming import UntrustedRequestError, read_callback, read_registration
from altegio_partner.ledger import Ledger
from altegio_partner.rate_limit import altegio_rate_limit
from altegio_partner.sandbox import Sandbox
from tests.servers.scripted import closed_port

SECRET = "fake-0123456789-secret"
WEBHOOK = "https://example.com/webhook"
PAYMENT: dict[str, Any] = {
    "salon_id": 123,
    "payment_sum": "9.99",
    "currency_iso": "EUR",
    "payment_date": datetime(2026, 11, 24, 12, 0),
    "period_from": datetime(2026, 12, 1),
    "period_to": datetime(2026, 12, 31, 23, 59, 59),
}
NAMES = {
    "Decimal": Decimal, "Ledger": Ledger, "HTTPTransport": HTTPTransport, "datetime": datetime,
    "altegio_rate_limit": altegio_rate_limit,
}  # fmt: skip


@frozen
class Mistake:
    """An argument that is wrong, what its message must say, and what somebody writes who follows the advice."""

    argument: str
    value: Any = field(repr=False)
    says: str
    advice: str
    """What the message advises to write. If it is an expression, its value is tried."""
    follow: Callable[[Any], Any] | None = None
    """What follows the advice, where that is more than to write the expression."""
    is_shown: bool = True
    """Whether the message shows the value."""


def name_of(mistake: Mistake) -> str:
    return f"{mistake.argument} {mistake.advice}"


PAYMENTS = [
    Mistake("salon_id", "123", "a positive integer", "123"),
    Mistake("salon_id", 123.0, "a positive integer", "123"),
    Mistake("salon_id", True, "a positive integer", "Pass the number, as an int", lambda _: 123),
    Mistake("salon_id", None, "a positive integer", "Pass the number, as an int", lambda _: 123),
    Mistake("payment_sum", 9.99, "not float 9.99", "Decimal('9.99')"),
    Mistake("payment_sum", 0.1 + 0.2, "not float 0.30000000000000004", "Decimal('0.3')"),
    Mistake("payment_sum", "9,99", "digits", "'9.99'"),
    Mistake("payment_sum", "1 250,50", "digits", "'1250.50'"),
    Mistake("payment_sum", "9.99 EUR", "digits", "'9.99'"),
    Mistake("payment_sum", Decimal(100) / 3, "an amount that a JSON number holds exactly", "'33.33'"),
    Mistake("currency_iso", "eur", "three capital letters", "'EUR'"),
    Mistake("payment_date", date(2026, 11, 24), "a datetime, not date", "datetime(2026, 11, 24, 0, 0)"),
    Mistake("period_to", date(2026, 12, 31), "a datetime, not date", "datetime(2026, 12, 31, 23, 59, 59)"),
    Mistake("payment_date", "2026-11-24 12:00:00", "a datetime, not str", "datetime(2026, 11, 24, 12, 0)"),
]


def sent(**payment: Any) -> str:
    """Send a payment, and return the body of its request."""
    sandbox = Sandbox()
    sandbox.connect(123)
    with PartnerClient(
        sandbox.partner_token, application_id=sandbox.application_id, transport=sandbox.transport()
    ) as partner:
        partner.complete_registration(salon_id=123)
        partner.notify_payment(**{**PAYMENT, **payment})
    return sandbox.calls[-1].request.body.decode()


def corrected(mistake: Mistake, message: str) -> Any:
    """Return the value that the message advises."""
    assert re.search(rf"(Write|Pass|as to) .*{re.escape(mistake.advice)}|{re.escape(mistake.advice)}", message), message
    if mistake.follow:
        return mistake.follow(mistake.value)
    return eval(mistake.advice, NAMES)  # noqa: S307  an expression of the table above


def check(mistake: Mistake, message: str) -> None:
    assert message.startswith(f"{mistake.argument} "), message
    assert mistake.says in message
    shown = str(mistake.value) if isinstance(mistake.value, datetime) else repr(mistake.value)
    assert (shown[:60] in message) is mistake.is_shown, message


@pytest.mark.parametrize("mistake", PAYMENTS, ids=name_of)
def test_a_payment(mistake: Mistake) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the message is checked below
        sent(**{mistake.argument: mistake.value})
    message = str(caught.value)
    check(mistake, message)
    assert f'"{mistake.argument}":' in sent(**{mistake.argument: corrected(mistake, message)})


def test_an_aware_datetime_without_a_timezone() -> None:
    aware = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    with pytest.raises(ValueError, match=r"^payment_date must be a time without .* not datetime 2026-11-24 12"):
        sent(payment_date=aware)
    with pytest.raises(ValueError, match=r"Pass timezone='Europe/Berlin' to the client"):
        sent(payment_date=aware)
    sandbox = Sandbox()
    sandbox.connect(123)
    with PartnerClient(
        sandbox.partner_token, application_id=123, transport=sandbox.transport(), timezone="Europe/Berlin"
    ) as partner:
        partner.complete_registration(salon_id=123)
        partner.notify_payment(**{**PAYMENT, "payment_date": aware})
    assert '"payment_date":"2026-11-24 13:00:00"' in sandbox.calls[-1].request.body.decode()


def test_a_reversed_period() -> None:
    ends = {"period_from": PAYMENT["period_to"], "period_to": PAYMENT["period_from"]}
    with pytest.raises(
        ValueError,
        match=r"^period_from must be before .* 2026-12-31 23:59:59 is not before 2026-12-01 00:00:00\. .* Exch",
    ):
        sent(**ends)
    assert '"period_from":"2026-12-01 00:00:00"' in sent(period_from=ends["period_to"], period_to=ends["period_from"])


SETTINGS = [
    Mistake("partner_token", f"{SECRET}\n", "without spaces and line ends", "Remove them", str.strip, is_shown=False),
    Mistake(
        "partner_token", f"Bearer {SECRET}", "the token alone", "Leave out the word 'Bearer'",
        lambda value: value.removeprefix("Bearer "), is_shown=False,
    ),
    Mistake("partner_token", SECRET.encode(), "not bytes", "decode it", bytes.decode, is_shown=False),
    Mistake("partner_token", 123, "not int", "pass the secret", lambda _: SECRET, is_shown=False),
    Mistake("partner_token", "<your token>", "your own", "pass the secret", lambda _: SECRET, is_shown=False),
    Mistake("application_id", "123", "a positive integer", "Pass the number, as an int", int, is_shown=False),
    Mistake("application_id", True, "a positive integer", "Pass the number, as an int", lambda _: 123),
    Mistake("timezone", "europe/berlin", "its IANA name", "'Europe/Berlin'"),
    Mistake("timezone", "Berlin", "its IANA name", "'Europe/Berlin'"),
    Mistake(
        "base_url", "https://app.alteg.io/api/v1", "without /api", "https://app.alteg.io",
        lambda _: "https://app.alteg.io", is_shown=False,
    ),
    Mistake(
        "base_url", "app.alteg.io", "an absolute URL", "https://app.alteg.io",
        lambda value: f"https://{value}", is_shown=False,
    ),
    Mistake(
        "base_url", "http://app.alteg.io", "https", "https://app.alteg.io",
        lambda value: value.replace("http", "https"), is_shown=False,
    ),
    Mistake("timeout", "30", "a number of seconds", "30"),
    Mistake("timeout", 30_000, "at most 3600", "30"),
    Mistake("max_retries", None, "an integer from 0 to 100", "0"),
    Mistake("ledger", "sqlite:///payments.db", "a Ledger, not str", "Ledger(url)", Ledger, is_shown=False),
    Mistake("rate_limit", 5, "a Limiter, not int", "altegio_rate_limit()"),
    Mistake("transport", "http://proxy.example", "an httpx.BaseTransport", "HTTPTransport()"),
]  # fmt: skip


@pytest.mark.parametrize("mistake", SETTINGS, ids=name_of)
def test_a_setting(mistake: Mistake, tmp_path: Path) -> None:
    if mistake.argument == "ledger":
        mistake = evolve(mistake, value=f"sqlite:///{tmp_path}/payments.db")

    def build(value: Any) -> None:
        settings: dict[str, Any] = {"partner_token": SECRET, "application_id": 123, mistake.argument: value}
        PartnerClient(**settings).close()

    with pytest.raises(ValueError) as caught:  # noqa: PT011  the message is checked below
        build(mistake.value)
    message = str(caught.value)
    assert SECRET not in message
    check(mistake, message)
    setting = corrected(mistake, message)
    build(setting)
    if isinstance(setting, Ledger):
        setting.close()


def test_variables_that_are_missing_or_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALTEGIO_PARTNER_TOKEN", raising=False)
    monkeypatch.delenv("ALTEGIO_APPLICATION_ID", raising=False)
    with pytest.raises(
        ValueError, match=r"There is no partner token: pass partner_token, or set ALTEGIO_PARTNER_TOKEN"
    ):
        PartnerClient()
    monkeypatch.setenv("ALTEGIO_PARTNER_TOKEN", SECRET)
    with pytest.raises(ValueError, match=r"no application id: pass application_id, or set ALTEGIO_APPLICATION_ID"):
        PartnerClient()
    monkeypatch.setenv("ALTEGIO_APPLICATION_ID", "my-app")
    with pytest.raises(ValueError, match=r"^ALTEGIO_APPLICATION_ID must be .* digits only\. Write it like 123\."):
        PartnerClient()
    monkeypatch.setenv("ALTEGIO_APPLICATION_ID", "123")
    PartnerClient().close()


REGISTRATIONS = [
    Mistake("webhook_urls", WEBHOOK, "a list", f"['{WEBHOOK}']", is_shown=False),
    Mistake("api_key", UUID(int=5), "printable text", "Pass a UUID as its text", str, is_shown=False),
    Mistake("api_key", " key ", "without spaces around it", "", str.strip, is_shown=False),
]


@pytest.mark.parametrize("mistake", REGISTRATIONS, ids=name_of)
def test_a_registration(mistake: Mistake) -> None:
    sandbox = Sandbox()
    sandbox.connect(123)
    with PartnerClient(sandbox.partner_token, application_id=123, transport=sandbox.transport()) as partner:
        with pytest.raises(ValueError) as caught:  # noqa: PT011  the message is checked below
            partner.complete_registration(salon_id=123, **{mistake.argument: mistake.value})
        message = str(caught.value)
        if mistake.argument != "webhook_urls":
            assert str(mistake.value) not in message
        assert message.startswith(f"{mistake.argument} must be ")
        assert mistake.says in message
        partner.complete_registration(salon_id=123, **{mistake.argument: corrected(mistake, message)})


def test_a_webhook_without_tls() -> None:
    with (
        PartnerClient(SECRET, application_id=123) as partner,
        pytest.raises(ValueError, match=rf"^webhook_urls\[0\] must be an absolute https URL\. Write '{WEBHOOK}'\."),
    ):
        partner.complete_registration(salon_id=123, webhook_urls=["http://example.com"])


def test_a_whole_url_instead_of_its_query() -> None:
    url = "https://partner.example/register?salon_id=5"
    with pytest.raises(UntrustedRequestError, match=r"\(not_understood, query\).*pass only its query") as caught:
        read_registration(url, partner_token=SECRET)
    assert url not in str(caught.value)
    assert read_registration(url.partition("?")[2], partner_token=SECRET).unsigned_salon_ids == (5,)
    parsed: Any = httpx.URL(url)
    with pytest.raises(ValueError, match=r"^query must be a query string.*such as request\.url\.query\.$"):
        read_registration(parsed, partner_token=SECRET)


def test_a_callback_that_is_parsed_already() -> None:
    body: Any = {"event": "freeze"}
    with pytest.raises(ValueError, match=r"^body must be bytes, not dict\. Pass await request\.body\(\), say\."):
        read_callback(body, partner_token=SECRET)


def test_a_key_without_a_ledger_and_a_ledger_without_a_key(tmp_path: Any) -> None:
    with pytest.raises(ValueError, match=r"^idempotency_key needs a ledger: .*from altegio_partner.ledger import Led"):
        sent(idempotency_key="invoice-1")
    ledger = Ledger(f"sqlite:///{tmp_path}/payments.db")
    with (
        PartnerClient(SECRET, application_id=123, ledger=ledger) as partner,
        pytest.raises(ValueError, match=r"^idempotency_key must be given if .* such as 'invoice-2026-0042'"),
    ):
        partner.notify_payment(**PAYMENT)
    ledger.close()


def test_postgres_instead_of_postgresql() -> None:
    with pytest.raises(ValueError, match=r"postgresql") as caught:
        Ledger(f"postgres://user:{SECRET}@db.example/payments")
    assert SECRET not in str(caught.value)


def test_nobody_listens() -> None:
    url = closed_port()
    with (
        PartnerClient(SECRET, application_id=123, base_url=url, max_retries=0) as partner,
        pytest.raises(NotSentError, match=rf"refused.*{url.removeprefix('http://')}.* Is the sandbox running\?$"),
    ):
        partner.notify_refund(5)


def test_an_unknown_argument_is_named() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'location'"):
        sent(location=5)


def test_a_forgotten_await_is_named_and_sends_nothing() -> None:
    sandbox = Sandbox()
    partner = AsyncPartnerClient(sandbox.partner_token, application_id=123, transport=sandbox.transport())
    call = partner.notify_refund(5)
    assert inspect.getcoroutinestate(call) == "CORO_CREATED"
    with pytest.warns(RuntimeWarning, match=r"coroutine 'AsyncMarketplaceMethods\.notify_refund' was never awaited"):
        del call
    assert list(sandbox.calls) == []


@pytest.mark.anyio
async def test_the_client_of_the_other_kind_is_named() -> None:
    wrong: Any = PartnerClient(SECRET, application_id=123)
    with pytest.raises(TypeError, match="'PartnerClient' object does not support the asynchronous context manager"):
        async with wrong:
            pass
    wrong = AsyncPartnerClient(SECRET, application_id=123)
    with pytest.raises(TypeError, match="'AsyncPartnerClient' object does not support the context manager"), wrong:
        pass


def test_a_zone_is_accepted_as_an_object() -> None:
    PartnerClient(SECRET, application_id=123, timezone=ZoneInfo("Europe/Berlin")).close()
