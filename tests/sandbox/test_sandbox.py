"""The sandbox responds as Altegio is documented to respond, over HTTP and without a socket."""

import json
import socket
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

import altegio_partner as ap
from altegio_partner.sandbox import Sandbox
from tests.callers import CALLS, PAYMENT, SANDBOX_HEADERS, Callers

SALON = 123
REGISTER = "/marketplace/partner/callback/redirect"
PAY = "/marketplace/partner/payment"
REFUND = "/marketplace/partner/payment/refund/123"
REGISTRATION = {"salon_id": SALON, "application_id": 123}
PAID = {
    **REGISTRATION,
    "currency_iso": "EUR",
    "payment_sum": 990.99,
    "payment_date": "2022-01-01 10:10:00",
    "period_from": "2022-01-01 10:10:00",
    "period_to": "2022-02-01 10:10:00",
}


@pytest.fixture
def sandbox() -> Sandbox:
    sandbox = Sandbox()
    sandbox.connect(SALON)
    return sandbox


@pytest.fixture
def http(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """Another client, over real HTTP."""
    with sandbox.serve() as url, httpx.Client(base_url=url, headers=SANDBOX_HEADERS, trust_env=False) as client:
        yield client


def meta(response: httpx.Response) -> Any:
    body = response.json()
    assert (body["success"], body["data"]) == (False, None)
    return body["meta"]


def test_register_pay_and_refund(caller: Callers, sandbox: Sandbox) -> None:
    with sandbox.serve() as url:
        partner = caller(partner_token=sandbox.partner_token, application_id=sandbox.application_id, base_url=url)
        location = partner("complete_registration", **CALLS["complete_registration"])
        assert location == f"{url}/further-setup?salon_id={SALON}"
        assert partner("notify_payment", **PAYMENT) == 123
        assert partner("notify_payment", **PAYMENT) == 124
        partner("notify_refund", payment_id=123)
        with pytest.raises(ap.AlreadyInstalledError):
            partner("complete_registration", salon_id=SALON)
    first, second = sandbox.payments(SALON)
    assert (first.id, first.is_refunded, second.id, second.is_refunded) == (123, True, 124, False)
    assert (first.payment_sum, first.currency_iso) == (Decimal("990.99"), "EUR")
    assert (first.period_from, first.period_to) == (PAYMENT["period_from"], PAYMENT["period_to"])
    assert sandbox.payments(999) == []


def test_without_a_socket(caller: Callers, sandbox: Sandbox) -> None:
    partner = caller(
        partner_token=sandbox.partner_token, application_id=sandbox.application_id, transport=sandbox.transport()
    )
    location = partner("complete_registration", salon_id=SALON)
    assert location == f"https://altegio.invalid/further-setup?salon_id={SALON}"
    assert partner("notify_payment", **PAYMENT) == 123
    sandbox.inject_fault("lose_answer")
    with pytest.raises(ap.NoAnswerError, match="RemoteProtocolError"):
        partner("notify_payment", **PAYMENT)
    assert [payment.id for payment in sandbox.payments(SALON)] == [123, 124]


def test_a_lost_answer(caller: Callers, sandbox: Sandbox) -> None:
    with sandbox.serve() as url:
        partner = caller(partner_token=sandbox.partner_token, application_id=123, base_url=url)
        partner("complete_registration", salon_id=SALON)
        sandbox.inject_fault("lose_answer")
        with pytest.raises(ap.NoAnswerError):
            partner("notify_payment", **PAYMENT)
        assert partner("notify_payment", **PAYMENT) == 124
    assert len(sandbox.payments(SALON)) == 2
    assert [exchange.response.status for exchange in sandbox.calls] == [301, 200, 200]


def test_calls_are_logged_without_the_token(http: httpx.Client, sandbox: Sandbox) -> None:
    http.post(REGISTER, json=REGISTRATION)
    (exchange,) = sandbox.calls
    assert (exchange.request.method, exchange.request.path) == ("POST", REGISTER)
    assert json.loads(exchange.request.body) == REGISTRATION
    assert exchange.request.headers["authorization"] == "Bearer ********"
    assert "sandbox-partner-token" not in repr(vars(sandbox)["_api"]) + repr(sandbox.calls)


def test_a_registration_without_a_redirect(caller: Callers) -> None:
    sandbox = Sandbox(redirects=False)
    sandbox.connect(SALON)
    partner = caller(partner_token=sandbox.partner_token, application_id=123, transport=sandbox.transport())
    assert partner("complete_registration", salon_id=SALON) is None


@pytest.mark.parametrize("path", [REGISTER, PAY, REFUND])
@pytest.mark.parametrize("authorization", [None, "", "Bearer wrong", "sandbox-partner-token"])
def test_wrong_token(http: httpx.Client, path: str, authorization: str | None) -> None:
    del http.headers["authorization"]
    headers = {} if authorization is None else {"Authorization": authorization}
    response = http.post(path, json=PAID, headers=headers)
    assert (response.status_code, meta(response)) == (401, {"message": "Authentication needed."})


@pytest.mark.parametrize(("path", "body"), [(REGISTER, REGISTRATION), (PAY, PAID)])
def test_unknown_application(http: httpx.Client, path: str, body: dict[str, Any]) -> None:
    response = http.post(path, json={**body, "application_id": 5})
    assert (response.status_code, meta(response)) == (400, {"message": "Агрегатор не найден"})


@pytest.mark.parametrize(("path", "body"), [(REGISTER, REGISTRATION), (PAY, PAID)])
def test_a_location_that_is_not_connected(http: httpx.Client, path: str, body: dict[str, Any]) -> None:
    response = http.post(path, json={**body, "salon_id": 5})
    assert (response.status_code, meta(response)) == (403, {"message": "Access denied."})


def test_a_payment_before_the_registration(http: httpx.Client) -> None:
    assert http.post(PAY, json=PAID).status_code == 403


def test_already_installed(http: httpx.Client) -> None:
    assert http.post(REGISTER, json=REGISTRATION).status_code == 301
    response = http.post(REGISTER, json=REGISTRATION)
    assert response.status_code == 403
    assert meta(response) == {"message": "The user has already installed this application."}


WRONG: list[tuple[str, str, object]] = [
    *((path, "salon_id", value) for path in (REGISTER, PAY) for value in (0, True, "1", None)),
    *((path, "application_id", value) for path in (REGISTER, PAY) for value in (0, True, "1", None)),
    *((REGISTER, "api_key", value) for value in (5, ["a"])),
    *((REGISTER, "webhook_urls", value) for value in (None, "https://a", ["http://a"], [5], ["https://a"] * 2)),
    (REGISTER, "webhook_urls", [f"https://{n}" for n in range(11)]),
    *((PAY, "currency_iso", value) for value in ("eur", "EURO", 978, None)),
    *((PAY, "payment_sum", value) for value in (-1, "990.99", True, None, 10**12 + 1)),
    *(
        (PAY, field, value)
        for field in ("payment_date", "period_from", "period_to")
        for value in ("2022-01-01T10:10:00", "2022-01-01", "2022-13-01 10:10:00", 1641031800, None)
    ),
]  # fmt: skip


@pytest.mark.parametrize(("path", "field", "value"), WRONG)
def test_wrong_fields(http: httpx.Client, path: str, field: str, value: object) -> None:
    response = http.post(path, json={**(PAID if path == PAY else REGISTRATION), field: value})
    assert response.status_code == 422
    assert meta(response)["message"] == "An error has occurred."
    assert list(meta(response)["errors"]) == [field]


@pytest.mark.parametrize("body", [b"", b"{", b"5", b"null", b"\xff", b"[" * 200_000])
def test_no_json_object(http: httpx.Client, body: bytes) -> None:
    response = http.post(PAY, content=body)
    assert (response.status_code, list(meta(response)["errors"])) == (422, ["body"])


def test_refunds(http: httpx.Client) -> None:
    http.post(REGISTER, json=REGISTRATION)
    assert http.post(PAY, json=PAID).json() == {"success": True, "data": {"id": 123}}
    for payment_id in ("5", "12a", "0", "9" * 30, "-1"):
        unknown = http.post(f"/marketplace/partner/payment/refund/{payment_id}")
        assert (unknown.status_code, meta(unknown)["errors"]) == (422, {"payment_id": ["The payment does not exist."]})
    done = http.post(REFUND)
    assert (done.status_code, done.content) == (200, b"")
    again = http.post(REFUND)
    assert (again.status_code, meta(again)["errors"]) == (422, {"payment_id": ["The payment is already refunded."]})


def test_wrong_paths_and_methods(http: httpx.Client) -> None:
    assert http.post("/api/v1/marketplace/partner/payment").status_code == 404
    wrong = http.get(PAY)
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")


def test_connections_are_kept_alive_and_closed_on_request(sandbox: Sandbox) -> None:
    request = b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n"
    with sandbox.serve() as url, socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), 5) as wire:
        for _ in range(2):
            wire.sendall(request)
            assert wire.recv(65536).startswith(b"HTTP/1.1 404")
        wire.sendall(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        received = b"".join(iter(lambda: wire.recv(65536), b""))
        assert received.startswith(b"HTTP/1.1 404")


def test_exceptions_of_the_block_are_raised_unchanged(sandbox: Sandbox) -> None:
    with pytest.raises(ZeroDivisionError), sandbox.serve():
        raise ZeroDivisionError


def test_the_server_stops_after_the_block(sandbox: Sandbox) -> None:
    with sandbox.serve() as url:
        pass
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)
