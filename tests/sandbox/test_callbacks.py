"""What Altegio sends to a partner: owners who register, and callbacks."""

import base64
import hmac
import io
import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from altegio_partner import PartnerClient
from altegio_partner.incoming import User
from altegio_partner.sandbox import Delivery, Sandbox
from tests.callers import TOKEN
from tests.servers.scripted import ScriptedServer, close, closed_port, http

SALON = 123
DAY = timedelta(days=1)


class Partner:
    """A partner's application, in process, that stores the callbacks it receives."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        body: io.BytesIO = environ["wsgi.input"]
        self.received.append(json.loads(body.read()))
        self.headers.append({"method": environ["REQUEST_METHOD"], "type": environ["CONTENT_TYPE"]})
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"taken"]


@pytest.fixture
def partner() -> Partner:
    return Partner()


@pytest.fixture
def sandbox(partner: Partner) -> Sandbox:
    transport = httpx.WSGITransport(app=partner)
    return Sandbox(
        partner_token=TOKEN,
        now=datetime(2030, 1, 31, 12, 0),
        callback_url="http://partner.test/altegio",
        callback_transport=transport,
    )


def activate(sandbox: Sandbox, salon_id: int = SALON) -> None:
    sandbox.connect(salon_id)
    with PartnerClient(TOKEN, application_id=123, transport=sandbox.transport()) as client:
        client.complete_registration(salon_id=salon_id)


def pay(sandbox: Sandbox, lasts: timedelta) -> None:
    period: dict[str, Any] = {"period_from": sandbox.now, "period_to": sandbox.now + lasts, "payment_date": sandbox.now}
    with PartnerClient(TOKEN, application_id=123, transport=sandbox.transport()) as client:
        client.notify_payment(salon_id=SALON, payment_sum=5, currency_iso="EUR", **period)


def signed(message: str) -> str:
    return hmac.new(TOKEN.encode(), message.encode(), "sha256").hexdigest()


def test_uninstall_and_freeze(sandbox: Sandbox, partner: Partner) -> None:
    activate(sandbox)
    (frozen,) = sandbox.freeze(SALON)
    (gone,) = sandbox.uninstall(SALON)
    common = {"salon_id": SALON, "application_id": 123, "partner_token": TOKEN}
    assert partner.received == [{**common, "event": "freeze"}, {**common, "event": "uninstall"}]
    assert partner.headers == [{"method": "POST", "type": "application/json"}] * 2
    assert (frozen.status, frozen.answer, gone.status) == (200, "taken", 200)
    assert sandbox.deliveries == [frozen, gone]
    assert (frozen.content["event"], frozen.content["partner_token"]) == ("freeze", "********")
    assert TOKEN not in repr(sandbox.deliveries) + repr(sandbox.snapshot())


def test_a_payment_at_altegio(sandbox: Sandbox, partner: Partner) -> None:
    activate(sandbox)
    sandbox.freeze(SALON)
    sandbox.pay(SALON, "990.50", "USD", discount=10, tariff_option_id=7)
    sandbox.pay(SALON, 100, period_from=datetime(2030, 3, 1), period_to=datetime(2030, 3, 31, 23, 59, 59))
    _, first, second = partner.received
    assert first == {
        "salon_id": SALON,
        "application_id": 123,
        "event": "payment",
        "partner_token": TOKEN,
        "payment_id": 123,
        "amount": 990.5,
        "currency_iso": "USD",
        "discount": 10,
        "period_from": "2030-01-31 12:00:00",
        "period_to": "2030-03-02 12:00:00",
        "payment_date": "2030-01-31 12:00:00",
        "tariff_option_id": 7,
        "sign": signed("salon_id=123&amount=990.5&discount=10"),
    }
    assert (second["payment_id"], second["amount"], second["discount"]) == (124, 100, None)
    assert second["sign"] == signed("salon_id=123&amount=100")
    assert (second["period_from"], second["period_to"]) == ("2030-03-01 00:00:00", "2030-03-31 23:59:59")
    assert sandbox.installation(SALON).status == "active"
    assert [payment.payment_sum for payment in sandbox.payments(SALON)] == [Decimal("990.5"), Decimal(100)]


def test_due_events_are_delivered(sandbox: Sandbox, partner: Partner) -> None:
    activate(sandbox)
    pay(sandbox, 30 * DAY)
    assert sandbox.advance(29 * DAY) == []
    (delivery,) = sandbox.advance(2 * DAY)
    assert (delivery.content["event"], delivery.content["salon_id"]) == ("freeze", SALON)
    assert len(partner.received) == 1
    assert sandbox.process_due_events() == []


def test_an_expired_link_sends_no_callback(sandbox: Sandbox) -> None:
    sandbox.connect(SALON)
    assert sandbox.advance(DAY) == []
    assert sandbox.installation(SALON).status == "uninstalled"


@pytest.mark.parametrize("deliveries", [0, 1, 3])
def test_callbacks_are_sent_as_often_as_requested(sandbox: Sandbox, partner: Partner, deliveries: int) -> None:
    activate(sandbox)
    for sent in (
        sandbox.pay(SALON, 5, deliveries=deliveries),
        sandbox.freeze(SALON, deliveries=deliveries),
        sandbox.uninstall(SALON, deliveries=deliveries),
    ):
        assert len(sent) == deliveries
    assert len(partner.received) == 3 * deliveries
    assert sandbox.installation(SALON).status == "uninstalled"


def test_a_callback_is_sent_again(sandbox: Sandbox, partner: Partner) -> None:
    activate(sandbox)
    (sent,) = sandbox.pay(SALON, 5)
    again = sandbox.redeliver(sent)
    assert partner.received[0] == partner.received[1]
    assert again.number == sent.number + 1
    assert len(sandbox.payments(SALON)) == 1


def test_the_answer_is_recorded_over_real_sockets() -> None:
    with ScriptedServer(http(500, b"no, " + TOKEN.encode()), close, http("302", b"", "Location: /elsewhere")) as server:
        sandbox = Sandbox(partner_token=TOKEN, callback_url=server.url)
        sent: list[Delivery] = []
        for _ in range(3):
            sandbox.connect(SALON)
            sent += sandbox.uninstall(SALON)
        assert [one.status for one in sent] == [500, None, 302]
        assert sent[0].answer == "no, ********"
        assert sent[1].answer == "No answer: Server disconnected without sending a response."
        assert len(server.requests) == 3


def test_callbacks_without_a_receiver() -> None:
    sandbox = Sandbox(callback_url=closed_port())
    sandbox.connect(SALON)
    (sent,) = sandbox.uninstall(SALON)
    assert (sent.status, sent.answer.startswith("No answer: ")) == (None, True)
    sandbox = Sandbox()
    sandbox.connect(SALON)
    (sent,) = sandbox.uninstall(SALON)
    assert (sent.status, sent.answer) == (None, "Not sent: the sandbox has no callback_url.")


def test_a_partner_may_call_during_a_callback() -> None:
    statuses: list[int] = []

    def call_back(_: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/vnd.api.v2+json"}
        answer = httpx.get(f"{url}/marketplace/salon/{SALON}/application/123", headers=headers, trust_env=False)
        statuses.append(answer.status_code)
        start_response("204 No Content", [])
        return []

    transport = httpx.WSGITransport(app=call_back)
    sandbox = Sandbox(partner_token=TOKEN, callback_url="http://partner.test", callback_transport=transport)
    with sandbox.serve() as url:
        sandbox.connect(SALON)
        done = httpx.post(f"{url}/sandbox/locations/uninstall", data={"salon_id": SALON}, trust_env=False)
    assert done.json()["deliveries"][0]["status"] == 204
    assert statuses == [404]


def test_the_owner_is_sent_to_the_registration_page() -> None:
    assert Sandbox().connect(SALON) is None
    assert Sandbox(registration_url="https://a.example/x").connect(5) == "https://a.example/x?salon_id=5"
    assert Sandbox(registration_url="https://a.example/x?y=1").connect(5) == "https://a.example/x?y=1&salon_id=5"


def test_the_owner_has_user_data() -> None:
    sandbox = Sandbox(partner_token=TOKEN, registration_url="https://partner.example/register")
    url = sandbox.connect(5, user=User(id=7, name="Żaneta ?>", is_approved=False))
    query = parse_qs(urlsplit(url or "").query)
    assert query["salon_id"] == ["5"]
    decoded = base64.b64decode(query["user_data"][0], validate=True)
    assert json.loads(decoded) == {"id": 7, "name": "Żaneta ?>", "is_approved": False}
    assert query["user_data_sign"] == [hmac.new(TOKEN.encode(), decoded, "sha256").hexdigest()]
    assert TOKEN not in (url or "")


def test_invalid_transitions_and_values_are_rejected(sandbox: Sandbox) -> None:
    for act, words in (
        (lambda: sandbox.freeze(5), "Location 5 cannot be frozen: it is uninstalled, not active."),
        (lambda: sandbox.uninstall(5), "it is uninstalled, not pending or active or freezed."),
        (lambda: sandbox.pay(5, 1), "Location 5 cannot be paid for: it is uninstalled, not active or freezed."),
        (lambda: sandbox.connect(0), "salon_id must be a positive integer"),
    ):
        with pytest.raises(ValueError, match=words):
            act()
    activate(sandbox)
    for act, words in (
        (lambda: sandbox.connect(SALON), "cannot be connected: it is active, not uninstalled or pending."),
        (lambda: sandbox.pay(SALON, "much"), "payment_sum must be digits"),
        (lambda: sandbox.pay(SALON, 1, "euro"), "currency_iso must be three capital letters"),
        (
            lambda: sandbox.pay(SALON, 1, period_to=datetime(2000, 1, 1)),
            "period_from must be before the end of",
        ),
        (lambda: sandbox.pay(SALON, 1, discount=101), "discount must be a whole percentage, 0 to 100, not int 101"),
        (lambda: sandbox.freeze(SALON, deliveries=-1), "deliveries must be a number from 0 to 10, not int -1"),
        (lambda: sandbox.advance(-DAY), "time must be zero or more"),
        (lambda: sandbox.advance(timedelta(days=3_000_000)), "not beyond the year 9990"),
    ):
        with pytest.raises(ValueError, match=words):
            act()
    assert sandbox.installation(SALON).status == "active"
    assert sandbox.deliveries == []
