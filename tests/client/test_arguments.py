"""Invalid arguments are rejected before anything is sent, with a message that names the field and the fix."""

import traceback
import zoneinfo
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from altegio_partner import AsyncPartnerClient, PartnerClient
from tests.callers import APPLICATION, CALLS, PAYMENT, TOKEN, Callers

ID = "must be a positive integer of at most 64 bits, not"
SUM = "payment_sum must be"
URLS = "webhook_urls must be"
NAIVE = datetime(2022, 1, 1)
AWARE = datetime(2022, 1, 1, tzinfo=UTC)


def short_name(part: object) -> str:
    return ascii(part)[:30] if isinstance(part, str) else type(part).__name__


BAD_ARGUMENTS: list[tuple[str, str, object, str, str]] = [
    *(
        (method, field, value, f"{field} {ID} {type(value).__name__}", fix)
        for method, field in [
            ("complete_registration", "salon_id"),
            ("notify_payment", "salon_id"),
            ("notify_refund", "payment_id"),
        ]
        for value, fix in [
            ("12", "Write 12."),
            (" 12\n", "Write 12."),
            (1.0, "Write 1."),
            (str(2**63 - 1), f"Write {2**63 - 1}."),
            *(
                (value, "Pass the number, as an int.")
                for value in (
                    *(0, -1, True, 1.5, None, 2**63, 10**5000, [1]),
                    *("12/../../admin", "१२", "0", str(2**63), "1" * 20, "1" * 21, "1" * 5000),
                )
            ),
        ]
    ),
    (
        "complete_registration",
        "api_key",
        "",
        "api_key must be printable text without spaces around it",
        "Pass a UUID as its text.",
    ),
    *(
        ("complete_registration", "api_key", value, "api_key must be printable text", "Pass a UUID as its text.")
        for value in (" key", "key ", "key\n", "k\x00", "key\udc80", b"key")
    ),
    (
        "complete_registration",
        "api_key",
        5,
        "api_key must be printable text without spaces around it",
        "Pass a UUID as its text.",
    ),
    ("complete_registration", "webhook_urls", "https://a.example", f"{URLS} a list", "Write ['https://"),
    ("complete_registration", "webhook_urls", {"https://a.example"}, f"{URLS} a list", "Write ['https://"),
    ("complete_registration", "webhook_urls", ["https://a.example"] * 2, f"{URLS} at most 10", "different URLs"),
    (
        "complete_registration",
        "webhook_urls",
        [f"https://a.example/{n}" for n in range(11)],
        f"{URLS} at most 10",
        "different URLs",
    ),
    *(
        (
            "complete_registration",
            "webhook_urls",
            ["https://a.example", url],
            "webhook_urls[1] must be an absolute https URL",
            "Write 'https://example.com/webhook'.",
        )
        for url in (
            "http://a.example",
            "ftp://a.example",
            "wss://a.example",
            "a.example",
            "/hook",
            "",
            "https://",
            "https:///path",
            "https://[::1",
            "https://a.example:99999",
            "https://a.example:0",
            "https://a.example/a b",
            "https://a.example/\udc80",
            "https://a..example",
            "https://[::1]evil.example",
            "https://10.0.0.300",
            "https://a.example/\n",
            "https://a.example/\x00",
            5,
            None,
            b"https://a.example",
        )
    ),
    *(
        ("notify_payment", "payment_sum", value, f"{SUM} a Decimal, an int or a string of digits, not float", fix)
        for value, fix in [
            (0.1, "not float 0.1. Write Decimal('0.1') or '0.1': binary floats"),
            (0.1 + 0.2, "Write Decimal('0.3') or '0.3'"),
            (float("nan"), "Write Decimal('1250.50')"),
            (1e30, "Write Decimal('1250.50')"),
        ]
    ),
    *(
        ("notify_payment", "payment_sum", text, f"{SUM} digits with an optional decimal point, not str", fix)
        for text, fix in [
            ("10,50", "Write '10.50'."),
            ("9,99", "Write '9.99'."),
            ("1 250,50", "Write '1250.50'."),
            ("1,250.50", "Write '1250.50'."),
            ("1.250,50", "Write '1250.50'."),
            ("1,250", "Write it like '1250.50'."),
            ("1e3", "Write '1000'."),
            ("1_000", "Write it like '1250.50'."),
            ("1 000", "Write '1000'."),
            (" 1", "Write '1'."),
            ("1\n", "Write '1'."),
            ("1.", "Write it like '1250.50'."),
            (".5", "Write it like '1250.50'."),
            ("$5", "Write '5'."),
            ("€5,5", "Write '5.5'."),
            ("EUR 5", "Write '5'."),
            ("5 EUR", "Write '5'."),
            *((text, "To report a refund, use notify_refund.") for text in ("-1", "-0", "-5 EUR")),
            *(
                (text, "Write it like '1250.50'.")
                for text in (
                    *(
                        "",
                        " ",
                        "abc",
                        "+1",
                        "1E+400",
                        "NaN",
                        "Infinity",
                        "1.5.5",
                        "१२",
                        "0x10",
                        "1\x00",
                        "1,2,3",
                    ),
                    "1," * 50,
                )
            ),
        ]
    ),
    *(("notify_payment", "payment_sum", value, f"{SUM} a Decimal", "") for value in (True, None, [1], b"1", 1j)),
    *(
        ("notify_payment", "payment_sum", value, f"{SUM} zero or more", "use notify_refund")
        for value in (-1, Decimal("-0.01"), Decimal("-0"), Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"))
    ),
    *(
        ("notify_payment", "payment_sum", value, f"{SUM} an amount that a JSON number holds exactly", "Round it")
        for value in (
            2**53 + 1,
            "9007199254740993",
            Decimal("1E+400"),
            Decimal("1E-400"),
            "9" * 5000,
            10**5000 + 1,
        )
    ),
    *(
        ("notify_payment", "payment_sum", value, f"{SUM} an amount that a JSON number holds exactly", fix)
        for value, fix in [
            ("0.12345678901234567890", "Round it, such as to '0.12'."),
            (Decimal(1000) / 7, "Round it, such as to '142.86'."),
            ("100000000000000.001", "Round it, such as to '100000000000000.00'."),
            *((f"{10**power}.001", "Round it.") for power in (15, 16)),  # too large, and
            *((f"900000000000000.{cents}1", "Round it.") for cents in ("05", "07")),  # so are their cents
            ("0.01000000000000000000001", "Round it, such as to '0.01'."),
            *(
                (Decimal(f"6.00000000000000000001E-{power}"), "Round it.") for power in (3, 20, 25)
            ),  # too small for cents
        ]
    ),
    *(
        ("notify_payment", "currency_iso", value, "currency_iso must be three capital letters of ISO 4217", fix)
        for value, fix in [
            *((value, "Write 'EUR'.") for value in ("eur", "EUR\n", " EUR")),
            ("usd", "Write 'USD'."),
            *((value, "Write 'EUR'.") for value in ("EU", "EURO", "€", "ЕUR", "E1R", "", None, 978, b"EUR")),
        ]
    ),
    *(
        (
            "notify_payment",
            field,
            value,
            f"{field} must be a datetime, not {type(value).__name__}",
            f"Write datetime({fix}).",
        )
        for field, time in [("payment_date", "0, 0"), ("period_from", "0, 0"), ("period_to", "23, 59, 59")]
        for value, fix in [
            (date(2022, 1, 1), f"2022, 1, 1, {time}"),
            ("2022-01-01", f"2022, 1, 1, {time}"),
            ("2022-01-01 10:10:00", "2022, 1, 1, 10, 10"),
            *(
                (value, f"2026, 1, 31, {time}")
                for value in ("2022-01-01T10:10:00Z", "01.02.2022", 1641031800, 1641031800.0, None)
            ),
        ]
    ),
    *(
        (
            "notify_payment",
            field,
            AWARE,
            f"{field} must be a time without an offset from UTC, unless a time zone is set",
            "Pass timezone='Europe/Berlin' to the client.",
        )
        for field in ("payment_date", "period_from", "period_to")
    ),
    (
        "notify_payment",
        "period_to",
        PAYMENT["period_from"],
        "period_from must be before the end of the period",
        "Both ends are",
    ),
    (
        "notify_payment",
        "period_to",
        PAYMENT["period_from"] - timedelta(seconds=1),
        "2022-01-01 10:10:00 is not before 2022-01-01 10:09:59",
        "Both ends are inclusive: a month ends on its last second. Exchange them",
    ),
    (
        "notify_payment",
        "period_to",
        PAYMENT["period_from"] + timedelta(microseconds=5),
        "2022-01-01 10:10:00 is not before 2022-01-01 10:10:00",
        "Both ends are inclusive",
    ),
]


@pytest.mark.parametrize(("method", "field", "value", "problem", "fix"), BAD_ARGUMENTS, ids=short_name)
def test_bad_arguments(caller: Callers, method: str, field: str, value: object, problem: str, fix: str) -> None:
    def unreachable(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request)

    with pytest.raises(ValueError) as caught:  # noqa: PT011  the message is checked below
        caller(transport=httpx.MockTransport(unreachable))(method, **{**CALLS[method], field: value})
    assert isinstance(caught.value, ValueError)
    assert problem in str(caught.value)
    assert fix in str(caught.value)
    assert len(str(caught.value)) < 500


def test_dates_that_the_timezone_moves_out_of_the_calendar(caller: Callers) -> None:
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)
    for aware, hours in (first, -5), (last, 5):
        zone = timezone(timedelta(hours=hours))
        with pytest.raises(ValueError, match="payment_date must be between the years 1 and 9999"):
            caller(timezone=zone)("notify_payment", **{**PAYMENT, "payment_date": aware})


def test_the_period_is_compared_as_it_is_sent(caller: Callers) -> None:
    """When clocks go back, half past two happens twice."""
    ends = {
        "period_from": datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        "period_to": datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    }
    with pytest.raises(ValueError, match="2026-10-25 02:30:00 is not before 2026-10-25 02:30:00"):
        caller(timezone="Europe/Berlin")("notify_payment", **{**PAYMENT, **ends})


@pytest.mark.parametrize(("given", "shown"), [("1", "'1'"), ("1" * 58, f"'{'1' * 58}'"), ("1" * 59, f"'{'1' * 59}…")])
def test_a_bad_argument_is_shown_up_to_60_characters(caller: Callers, given: str, shown: str) -> None:
    with pytest.raises(ValueError, match=f", not str {shown}[.] "):
        caller()("notify_refund", payment_id=given)


class Unfinished:
    """An object that cannot even be shown."""

    def __repr__(self) -> str:
        raise ZeroDivisionError


def test_what_cannot_be_shown(caller: Callers) -> None:
    with pytest.raises(ValueError, match="not Unfinished that cannot be shown"):
        caller()("notify_refund", payment_id=Unfinished())


class Broken(tzinfo):
    def __init__(self, error: Exception) -> None:
        self._error = error

    def utcoffset(self, _: datetime | None) -> timedelta:
        raise self._error

    dst = utcoffset

    def tzname(self, _: datetime | None) -> str:
        raise self._error


@pytest.mark.parametrize("error", [NotImplementedError(), RuntimeError("of any code"), KeyError()], ids=repr)
def test_a_tzinfo_that_does_not_work(caller: Callers, error: Exception) -> None:
    zone = Broken(error)
    for day in (NAIVE.replace(tzinfo=zone), AWARE):
        with pytest.raises(ValueError, match=rf"payment_date must be between .* raised {type(error).__name__}\."):
            caller(timezone=zone)("notify_payment", **{**PAYMENT, "payment_date": day})


class Nowhere(tzinfo):
    def utcoffset(self, _: datetime | None) -> None: ...
    def dst(self, _: datetime | None) -> None: ...
    def tzname(self, _: datetime | None) -> None: ...


def test_a_tzinfo_without_an_offset_is_naive(caller: Callers) -> None:
    written: list[bytes] = []

    def read(request: httpx.Request) -> httpx.Response:
        written.append(request.content)
        return httpx.Response(200, json={"data": {"id": 1}})

    caller(transport=httpx.MockTransport(read))(
        "notify_payment", **{**PAYMENT, "payment_date": NAIVE.replace(tzinfo=Nowhere())}
    )
    assert b'"payment_date":"2022-01-01 00:00:00"' in written[0]


BASE_URL = "base_url must be"
TOKEN_ = "partner_token must be"
BAD_SETTINGS: list[tuple[str, object, str, str]] = [
    ("partner_token", None, "There is no partner token", "pass partner_token, or set ALTEGIO_PARTNER_TOKEN"),
    ("partner_token", "", "There is no partner token", "pass partner_token, or set ALTEGIO_PARTNER_TOKEN"),
    ("partner_token", b"abc", f"{TOKEN_} a string, not bytes", "decode it"),
    ("partner_token", 5, f"{TOKEN_} a string, not int", "pass the secret of your partner account"),
    ("partner_token", "Bearer abc", f"{TOKEN_} the token alone", "Leave out the word 'Bearer'"),
    *(
        ("partner_token", token, f"{TOKEN_} your own", "pass the secret of your partner account")
        for token in ("<YOUR_TOKEN>", "<YOUR", "TOKEN>")
    ),
    *(
        ("partner_token", token, f"{TOKEN_} 1 to 4096 visible ASCII characters", "Remove them.")
        for token in (" ", "a b", "abc\n", "abc\r\nX: y", "a\x00b", "a\tb", "tökén", "x" * 5000, "\x7f")
    ),
    ("application_id", None, "There is no application id", "pass application_id, or set ALTEGIO_APPLICATION_ID"),
    *(("application_id", value, f"application_id {ID}", "as an int") for value in (0, -1, True, 2**63)),
    *(("application_id", value, f"application_id {ID.removesuffix(', not')}.", "as an int") for value in ("77", 7.0)),
    *(
        ("base_url", url, f"{BASE_URL} an absolute URL without user, query and fragment", "https://app.alteg.io")
        for url in (
            *("", "app.alteg.io", "//app.alteg.io", "https://", "https://[::1", "https://a.example:99999"),
            *("https://user:pw@a.example", "https://a.example?", "https://a.example?x=1", "https://a.example#f"),
            *("https://a..example", "https://.", "https://10.0.0.300", "https://[::1]evil.example", "https://xn--/"),
            *("https://a.example/\udc80", f"https://{'a' * 64}.example", f"https://a.example/{'a' * 70_000}"),
            *("https://a.example/\n", "https://a .example", "https://a\x00.example", 5, b"https://a.example"),
        )
    ),
    *(
        ("base_url", url, f"{BASE_URL} https (http is for this machine only)", "http://127.0.0.1:8000")
        for url in ("http://app.alteg.io", "http://10.0.0.1", "http://localhost.example", "ftp://127.0.0.1", "x://a")
    ),
    *(
        ("base_url", url, f"{BASE_URL} the address without /api and /marketplace", "https://app.alteg.io")
        for url in (
            "https://app.alteg.io/api/v1",
            "https://app.alteg.io/api/v1/",
            "https://api.alteg.io/api",
            "https://app.alteg.io/marketplace",
        )
    ),
    *(
        ("timezone", zone, "timezone must be a time zone or its IANA name, not", fix)
        for zone, fix in [
            ("europe/berlin", "Write 'Europe/Berlin'."),
            ("Berlin", "Write 'Europe/Berlin'."),
            ("New York", "Write 'America/New_York'."),
            ("eastern", "Write 'Canada/Eastern'."),  # the first one
            *(
                (zone, "Write 'Europe/Berlin'. This is an example: the names are case-sensitive.")
                for zone in ("", "Nowhere/Land", "../../etc/passwd", "Europe", "a\x00b", "UTC+3", 5, timedelta(hours=1))
            ),
        ]
    ),
    *(
        ("timeout", value, "timeout must be a number of seconds, more than 0, at most 3600", "The default is 30")
        for value in (0, -1, float("nan"), float("inf"), 3601, True, None, "30")
    ),
    *(
        ("max_retries", value, "max_retries must be an integer from 0 to 100", "Write 0 to send each call once.")
        for value in (-1, 101, True, 1.0, 1e9, None, "2")
    ),
    *(("transport", value, "transport must be an httpx.", "Transport, not") for value in ("x", 5, httpx.Client)),
]


@pytest.mark.parametrize("client", [PartnerClient, AsyncPartnerClient])
@pytest.mark.parametrize(("setting", "value", "problem", "fix"), BAD_SETTINGS, ids=short_name)
def test_bad_settings(client: Callable[..., object], setting: str, value: object, problem: str, fix: str) -> None:
    settings: dict[str, Any] = {"partner_token": TOKEN, "application_id": APPLICATION, setting: value}
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the message is checked below
        client(**settings)
    assert problem in str(caught.value)
    assert fix in str(caught.value)


@pytest.mark.parametrize(
    "setting",
    [
        {"partner_token": "!"},
        {"partner_token": "~" * 4096},
        {"application_id": 1},
        {"application_id": 2**63 - 1},
        {"timeout": 0.001},
        {"timeout": 3600},
        {"max_retries": 0},
        {"max_retries": 100},
    ],
    ids=lambda setting: str(setting)[:40],
)
def test_the_last_good_settings(caller: Callers, setting: dict[str, Any]) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    assert caller(**setting, transport=transport)("notify_refund", payment_id=2**63 - 1) is None


def test_ten_addresses_are_not_too_many(caller: Callers) -> None:
    urls = [f"https://a.example/{n}" for n in range(10)]
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"success": True}))
    assert caller(transport=transport)("complete_registration", salon_id=1, webhook_urls=urls) is None


def test_the_largest_application_id_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALTEGIO_APPLICATION_ID", str(2**63 - 1))
    PartnerClient(TOKEN).close()


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("ALTEGIO_APPLICATION_ID", "abc"),
        ("ALTEGIO_APPLICATION_ID", "1" * 20),
        ("ALTEGIO_APPLICATION_ID", "9" * 5000),
    ],
)
def test_invalid_environment_variables(monkeypatch: pytest.MonkeyPatch, variable: str, text: str) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(ValueError, match=f"{variable} must be the application's number, digits only"):
        PartnerClient(TOKEN)


@pytest.mark.parametrize("client", [PartnerClient, AsyncPartnerClient])
@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("HTTPS_PROXY", "http://us:p@ss:w@proxy.example:80x", "is not the URL of a proxy"),
        ("https_proxy", "http://us:p@ss#w@proxy.example:80", "is not the URL of a proxy"),
        ("HTTPS_PROXY", "http://proxy.example/path", "is not the URL of a proxy"),
        ("HTTPS_PROXY", f"http://us:{'w' * 256}@proxy.example", "is not the URL of a proxy"),
        ("ALL_PROXY", "gopher://127.0.0.1:1080", "begins with gopher://, which is not supported"),
        ("all_proxy", "socks://127.0.0.1:1080", "begins with socks://, which is not supported"),
        ("ALL_PROXY", "socks4://127.0.0.1:1080", "begins with socks4://, which is not supported"),
    ],
)
def test_bad_proxies(
    monkeypatch: pytest.MonkeyPatch, client: Callable[..., object], variable: str, value: str, problem: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ValueError, match=rf"^{variable} {problem}.* Write http://proxy.example:3128 or ") as caught:
        client(TOKEN, application_id=1)
    assert value not in "".join(traceback.format_exception(caught.value))


def test_the_proxy_is_left_out_for_http_to_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:80x")
    PartnerClient(TOKEN, application_id=1, base_url="http://127.0.0.1:8000").close()
    with pytest.raises(ValueError, match="HTTPS_PROXY is not the URL of a proxy"):
        PartnerClient(TOKEN, application_id=1, base_url="https://127.0.0.1:8000")


@pytest.mark.parametrize(
    ("variable", "path", "problem"),
    [
        ("SSL_CERT_FILE", "nowhere.pem", "FileNotFoundError"),
        ("SSL_CERT_FILE", "no.pem", "SSLError"),
        ("SSL_CERT_DIR", "nowhere", "FileNotFoundError"),
        ("SSL_CERT_DIR", "no.pem", "NotADirectoryError"),
    ],
)
def test_bad_certificates(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, path: str, problem: str
) -> None:
    (tmp_path / "no.pem").write_text("no certificate")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv(variable, str(tmp_path / path))
    with pytest.raises(ValueError, match=rf"^{variable} names no readable certificates \({problem}\)") as caught:
        PartnerClient(TOKEN, application_id=1)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def test_one_transport_is_not_the_other() -> None:
    with pytest.raises(ValueError, match=r"transport must be an httpx\.BaseTransport"):
        PartnerClient(TOKEN, application_id=1, transport=httpx.AsyncHTTPTransport())  # type: ignore[arg-type]  # wrong
    with pytest.raises(ValueError, match=r"transport must be an httpx\.AsyncBaseTransport"):
        AsyncPartnerClient(TOKEN, application_id=1, transport=httpx.HTTPTransport())  # type: ignore[arg-type]  # wrong


@pytest.mark.parametrize(
    "url",
    [
        "https://app.alteg.io",
        "https://app.alteg.io/",
        "http://127.0.0.1:8000",
        "http://127.8.8.8",
        "http://[::1]:8000",
        "http://localhost:8000",
        "https://developer.alteg.io/_mock/en/developers/openapi",
    ],
)
def test_good_base_urls(url: str) -> None:
    seen: list[str] = []

    def read(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(200)

    transport = httpx.MockTransport(read)
    with PartnerClient(TOKEN, application_id=1, base_url=url, transport=transport) as client:
        client.notify_refund(7)
    assert seen == [f"{url.rstrip('/')}/marketplace/partner/payment/refund/7"]


def test_a_closed_client_says_so() -> None:
    client = PartnerClient(TOKEN, application_id=1)
    client.close()
    with pytest.raises(RuntimeError, match=r"This client is closed[.] Nothing was sent: create a new one"):
        client.notify_refund(1)


@pytest.mark.anyio
async def test_a_closed_async_client_says_so() -> None:
    client = AsyncPartnerClient(TOKEN, application_id=1)
    await client.aclose()
    with pytest.raises(RuntimeError, match=r"This client is closed[.] Nothing was sent: create a new one"):
        await client.notify_refund(1)


def test_a_machine_without_a_database_of_time_zones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zoneinfo, "available_timezones", set)
    with pytest.raises(ValueError, match=r"not str 'Nowhere/Land'\. .* no database of time zones: pip install tzdata"):
        PartnerClient(TOKEN, application_id=1, timezone="Nowhere/Land")
