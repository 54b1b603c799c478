"""What goes over the wire: to the byte, for every call, from both clients."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

import altegio_partner
from tests.callers import API_KEY, PAYMENT, TOKEN, Callers
from tests.servers.scripted import ScriptedServer, http

OK = http(200, b'{"success": true}')
PAID = http(200, b'{"success": true, "data": {"id": 123}}')


def parts(request: bytes) -> tuple[str, dict[str, str], bytes]:
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode("ascii").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert len(headers) == len(lines)
    return first, {name.lower(): value for name, value in headers.items()}, body


def common_headers(server: ScriptedServer) -> dict[str, str]:
    return {
        "host": server.url.removeprefix("http://"),
        "accept": "application/vnd.api.v2+json",
        "accept-encoding": "identity",
        "user-agent": f"altegio-partner/{altegio_partner.__version__}",
        "authorization": f"Bearer {TOKEN}",
    }


def sent(caller: Callers, answer: bytes, method: str, /, arguments: dict[str, Any], **options: Any) -> bytes:
    with ScriptedServer(answer) as server:
        caller(base_url=server.url, **options)(method, **arguments)
    (request,) = server.requests
    return parts(request)[2]


def test_registration(caller: Callers) -> None:
    with ScriptedServer(OK) as server:
        caller(base_url=server.url)(
            "complete_registration", salon_id=123, api_key=API_KEY, webhook_urls=["https://example.com/webhook"]
        )
    (request,) = server.requests
    first, headers, body = parts(request)
    expected = (
        b'{"salon_id":123,"application_id":77,"api_key":"%s","webhook_urls":["https://example.com/webhook"]}'
        % API_KEY.encode()
    )
    assert first == "POST /marketplace/partner/callback/redirect HTTP/1.1"
    assert body == expected
    assert headers == {
        **common_headers(server),
        "content-type": "application/json",
        "content-length": str(len(expected)),
    }


def test_registration_leaves_out_what_is_not_given(caller: Callers) -> None:
    assert sent(caller, OK, "complete_registration", {"salon_id": 1}) == b'{"salon_id":1,"application_id":77}'


def test_payment(caller: Callers) -> None:
    with ScriptedServer(PAID) as server:
        assert caller(base_url=server.url)("notify_payment", **PAYMENT) == 123
    (request,) = server.requests
    first, headers, body = parts(request)
    expected = (
        b'{"salon_id":123,"application_id":77,"currency_iso":"EUR","payment_sum":990.99,'
        b'"payment_date":"2022-01-01 10:10:00","period_from":"2022-01-01 10:10:00","period_to":"2022-02-01 10:10:00"}'
    )
    assert first == "POST /marketplace/partner/payment HTTP/1.1"
    assert body == expected
    assert headers == {
        **common_headers(server),
        "content-type": "application/json",
        "content-length": str(len(expected)),
    }


def test_refund(caller: Callers) -> None:
    with ScriptedServer(http(200)) as server:
        assert caller(base_url=server.url)("notify_refund", payment_id=123) is None
    (request,) = server.requests
    first, headers, body = parts(request)
    assert first == "POST /marketplace/partner/payment/refund/123 HTTP/1.1"
    assert body == b""
    assert headers == {**common_headers(server), "content-length": "0"}


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("990.99", b"990.99"),
        (Decimal("990.99"), b"990.99"),
        (Decimal("0.1") + Decimal("0.2"), b"0.3"),
        ("0", b"0"),
        ("990.50", b"990.5"),
        (12, b"12"),
        (Decimal("1E+3"), b"1000"),
        ("0.000001", b"1e-06"),
        ("123456789012.34", b"123456789012.34"),
        (2**53, b"9007199254740992"),
        (2384185791015625000, b"2384185791015625000"),  # as a float it is another integer, which is written the same
    ],
)
def test_sums_are_written_exactly(caller: Callers, given: Decimal | int | str, written: bytes) -> None:
    body = sent(caller, PAID, "notify_payment", {**PAYMENT, "payment_sum": given})
    assert body.partition(b'"payment_sum":')[2].partition(b",")[0] == written


def test_aware_datetimes_are_converted_and_naive_ones_are_not(caller: Callers) -> None:
    arguments = {
        **PAYMENT,
        "payment_date": datetime(2026, 7, 1, 12, 0, 0, 999999, tzinfo=UTC),
        "period_from": datetime(2026, 7, 1),
        "period_to": datetime(2026, 7, 31, 21, 59, 59, tzinfo=UTC),
    }
    body = sent(caller, PAID, "notify_payment", arguments, timezone="Europe/Berlin")
    assert body.endswith(
        b'"payment_date":"2026-07-01 14:00:00","period_from":"2026-07-01 00:00:00","period_to":"2026-07-31 23:59:59"}'
    )


def test_early_years_have_four_digits(caller: Callers) -> None:
    body = sent(caller, PAID, "notify_payment", {**PAYMENT, "payment_date": datetime(1, 1, 1)})
    assert b'"payment_date":"0001-01-01 00:00:00"' in body


def test_settings_come_from_the_environment(caller: Callers, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(http(301, b"", "Location: https://example.com/next")) as server:
        monkeypatch.setenv("ALTEGIO_PARTNER_TOKEN", TOKEN)
        monkeypatch.setenv("ALTEGIO_APPLICATION_ID", "42")
        monkeypatch.setenv("ALTEGIO_BASE_URL", server.url + "/")
        location = caller(partner_token=None, application_id=None)("complete_registration", salon_id=1)
    assert location == "https://example.com/next"
    first, headers, body = parts(server.requests[0])
    assert first == "POST /marketplace/partner/callback/redirect HTTP/1.1"
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert body == b'{"salon_id":1,"application_id":42}'


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(
    caller: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert sent(caller, PAID, "notify_payment", PAYMENT)


def test_cookies_are_not_sent_back() -> None:
    answer = http(200, b"", "Set-Cookie: PHPSESSID=abc; Path=/")
    with (
        ScriptedServer(answer, answer) as server,
        altegio_partner.PartnerClient(TOKEN, application_id=1, base_url=server.url) as client,
    ):
        client.notify_refund(1)
        client.notify_refund(1)
    assert [b"cookie" in request.lower() for request in server.requests] == [False, False]
