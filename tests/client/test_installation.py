"""How the application stands at a location: what is read, and what is made of it."""

import copy
import json
import pickle
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

import httpx
import pytest
from attrs import evolve

import altegio_partner as ap
from altegio_partner.sandbox import Sandbox
from tests.callers import CALLS, Callers
from tests.servers.scripted import ScriptedServer, close, http

PAYMENT: dict[str, Any] = {
    "id": 123,
    "payment_sum": 990.99,
    "currency_iso": "EUR",
    "payment_date": "2022-01-01 10:10:00",
    "period_from": "2022-01-01 10:10:00",
    "period_to": "2022-02-01 10:10:00",
    "is_refunded": False,
}
LOG = {"changed_at": "2022-01-02 00:00:00", "status_from": "pending", "status_to": "active", "source": "partner"}
DATA: dict[str, Any] = {
    "connection_status": {"status": "active", "created_at": "2022-01-01 00:00:00"},
    "payments": [PAYMENT],
    "logs": [LOG],
}


ONE = ap.RecordedPayment(
    id=123,
    payment_sum=Decimal("990.99"),
    currency_iso="EUR",
    payment_date=datetime(2022, 1, 1, 10, 10),
    period_from=datetime(2022, 1, 1, 10, 10),
    period_to=datetime(2022, 2, 1, 10, 10),
    is_refunded=False,
)


def status(**replaced: Any) -> bytes:
    return json.dumps({"success": True, "data": {**DATA, **replaced}, "meta": []}).encode()


def read(caller: Callers, body: bytes) -> Any:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=body))
    return caller(transport=transport, max_retries=0)("get_installation", salon_id=1)


def test_what_is_sent(caller: Callers) -> None:
    with ScriptedServer(http(200, status())) as server:
        caller(base_url=server.url, application_id=77)("get_installation", salon_id=123)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"GET /marketplace/salon/123/application/77 HTTP/1.1\r\n")
    assert b"authorization" in head.lower()
    assert b"content-" not in head.lower()
    assert body == b""


def test_what_is_read(caller: Callers) -> None:
    installation = read(caller, status())
    assert installation == ap.Installation(
        status="active",
        created_at=datetime(2022, 1, 1),
        payments=(ONE,),
        log=(ap.StatusChange(datetime(2022, 1, 2), "pending", "active", "partner"),),
    )
    assert installation.raw == DATA
    assert installation.payments[0].raw == PAYMENT
    assert pickle.loads(pickle.dumps(installation)) == copy.deepcopy(installation) == installation  # noqa: S301  our own
    with pytest.raises(AttributeError):
        installation.status = "freezed"


@pytest.mark.parametrize(
    ("replaced", "name", "value"),
    [
        ({"connection_status": {**DATA["connection_status"], "status": "sleeping"}}, "status", "sleeping"),
        ({"connection_status": {**DATA["connection_status"], "new": 1}, "new": {}}, "status", "active"),
        ({"logs": []}, "log", ()),
        ({"logs": None}, "log", ()),
        ({"payments": []}, "payments", ()),
        ({"logs": [{"changed_at": "2022-01-02T00:00:00", "status_to": "x"}]}, "log", (None, "x", None)),
    ],
)
def test_what_may_come_in_time(caller: Callers, replaced: dict[str, Any], name: str, value: object) -> None:
    found = getattr(read(caller, status(**replaced)), name)
    if name == "log" and found:
        found = (found[0].status_from, found[0].status_to, found[0].source)
    assert found == value


@pytest.mark.parametrize(
    ("replaced", "name", "value"),
    [
        ({"currency_iso": None}, "currency_iso", None),
        ({"is_refunded": 1, "refunded_at": "2022-01-03 00:00:00", "new": []}, "is_refunded", True),
        ({"is_refunded": 0, "refunded_at": None}, "is_refunded", False),
        ({"payment_sum": "990.990"}, "payment_sum", Decimal("990.99")),
        ({"payment_sum": 1000}, "payment_sum", Decimal(1000)),
        ({"payment_sum": 0.1 + 0.2}, "payment_sum", Decimal("0.30000000000000004")),
        ({"id": "123"}, "id", 123),
        ({"id": 123.0}, "id", 123),
        ({"is_refunded": "1"}, "is_refunded", True),
        ({"is_refunded": "0"}, "is_refunded", False),
        ({"currency_iso": 978}, "currency_iso", "978"),
        ({"payment_date": "2022-01-01T10:10:00"}, "payment_date", datetime(2022, 1, 1, 10, 10)),
    ],
)
def test_payments_as_php_may_write_them(caller: Callers, replaced: dict[str, Any], name: str, value: object) -> None:
    (payment,) = read(caller, status(payments=[{**PAYMENT, **replaced}])).payments
    assert getattr(payment, name) == value


NOTHING = ap.RecordedPayment(None, None, None, None, None, None, None)


@pytest.mark.parametrize(
    ("replaced", "name", "value"),
    [
        ({"connection_status": None}, "status", None),
        ({"connection_status": None}, "created_at", None),
        ({"connection_status": []}, "status", None),
        ({"connection_status": {"status": 5, "created_at": "0000-00-00 00:00:00"}}, "created_at", None),
        ({"connection_status": {"status": []}}, "status", None),
        ({"connection_status": {"status": 5}}, "status", "5"),
        ({"connection_status": {"status": "active", "created_at": "yesterday"}}, "status", "active"),
        (
            {"logs": [{**LOG, "changed_at": "0000-00-00 00:00:00"}]}, "log",
            (ap.StatusChange(None, "pending", "active", "partner"),),
        ),
        (
            {"logs": [{**LOG, "source": {}, "status_from": []}]}, "log",
            (ap.StatusChange(datetime(2022, 1, 2), None, "active", None),),
        ),
        ({"logs": 5}, "log", ()),
        ({"logs": [None]}, "log", (ap.StatusChange(None, None, None, None),)),
        ({"logs": {"7": {"status_to": "active"}}}, "log", (ap.StatusChange(None, None, "active", None),)),
        ({"payments": [5, None, [], "x"]}, "payments", (NOTHING,) * 4),
        ({"payments": {}}, "payments", ()),
        ({"payments": [{}]}, "payments", (NOTHING,)),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_none(caller: Callers, replaced: dict[str, Any], name: str, value: object) -> None:
    assert getattr(read(caller, status(**replaced)), name) == value


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("id", [0, -1, True, None, "x", 1.5, [], {}]),
        ("payment_sum", ["much", None, "990,99", "", float("nan"), "Infinity", [], {}]),
        ("payment_date", [None, "", "0000-00-00 00:00:00", "01.01.2022", 1640995800, [], {}]),
        ("period_from", [None, "01.01.2022"]),
        ("period_to", [None, 1640995800]),
        ("is_refunded", [None, "no", "", 2, [], {}]),
        ("currency_iso", [None, "", [], {}]),
    ],
)
def test_one_value_that_cannot_be_read_leaves_the_others(caller: Callers, name: str, values: list[Any]) -> None:
    expected = evolve(ONE, **cast(Any, {name: None}))
    for value in values:
        (payment,) = read(caller, status(payments=[{**PAYMENT, name: value}])).payments
        assert payment == expected, value
    (payment,) = read(caller, status(payments=[{one: value for one, value in PAYMENT.items() if one != name}])).payments
    assert payment == expected


@pytest.mark.parametrize("payments", [{"0": PAYMENT}, {"7": PAYMENT, "9": {**PAYMENT, "id": 124}}])
def test_payments_as_an_object(caller: Callers, payments: dict[str, Any]) -> None:
    """PHP makes one of a list with gaps."""
    assert [one.id for one in read(caller, status(payments=payments)).payments] == [123, 124][: len(payments)]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        json.dumps({"success": True}).encode(),
        json.dumps({"success": True, "data": None}).encode(),
        json.dumps({"success": True, "data": []}).encode(),
        json.dumps({"success": True, "data": {"connection_status": DATA["connection_status"]}}).encode(),
        status(payments=None),
        status(payments="none"),
        status(payments=5),
    ],
)
def test_a_list_of_payments_is_not_guessed(caller: Callers, body: bytes) -> None:
    """Where it is missing, a payment would look as if it was not recorded."""
    with pytest.raises(ap.UnreadableAnswerError, match="Reading changes nothing: call again") as caught:
        read(caller, body)
    assert caught.value.safe_to_resend


@pytest.mark.parametrize("meta", [[], {}])
def test_not_installed(caller: Callers, meta: object) -> None:
    body = json.dumps({"success": False, "data": None, "meta": meta}).encode()
    with ScriptedServer(http(404, body)) as server, pytest.raises(ap.NotFoundError, match="is not installed at this"):
        caller(base_url=server.url)("get_installation", salon_id=1)
    assert len(server.requests) == 1


def test_reading_is_tried_again_whatever_happens(caller: Callers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda *_: 0.0)
    with ScriptedServer(close, http(502, b"<html>"), http(200, status())) as server:
        assert caller(base_url=server.url)("get_installation", salon_id=1).status == "active"
    assert len(server.requests) == 3
    with ScriptedServer(close, http(502), close) as server, pytest.raises(ap.NoAnswerError) as caught:
        caller(base_url=server.url)("get_installation", salon_id=1)
    assert len(server.requests) == 3
    assert caught.value.safe_to_resend
    assert pickle.loads(pickle.dumps(caught.value)).safe_to_resend  # noqa: S301  our own


@pytest.mark.parametrize("wrong", [0, -1, True, "1", None])
def test_bad_arguments(caller: Callers, wrong: Any) -> None:
    with pytest.raises(ValueError, match="salon_id must be a positive integer"):
        caller()("get_installation", salon_id=wrong)


def test_the_life_of_an_installation_in_the_sandbox(caller: Callers) -> None:
    sandbox = Sandbox()
    options: dict[str, Any] = {
        "partner_token": sandbox.partner_token,
        "application_id": sandbox.application_id,
        "transport": sandbox.transport(),
    }

    def installation() -> ap.Installation:
        found = caller(**options)("get_installation", salon_id=123)
        assert isinstance(found, ap.Installation)
        return found

    with pytest.raises(ap.NotFoundError):
        installation()
    sandbox.connect(123)
    assert installation().status == "pending"
    caller(**options)("complete_registration", salon_id=123)
    payment_id = caller(**options)("notify_payment", **CALLS["notify_payment"])
    caller(**options)("notify_refund", payment_id=payment_id)
    found = installation()
    assert [(one.id, one.payment_sum, one.is_refunded) for one in found.payments] == [
        (payment_id, Decimal("990.99"), True)
    ]
    assert [one.status_to for one in found.log][:2] == ["pending", "active"]
