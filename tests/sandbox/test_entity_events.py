"""Entity events go to the webhook URLs that subscribe to them, and nowhere else."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from attrs import field, frozen

import altegio_partner as ap
from altegio_partner.incoming import read_event
from altegio_partner.sandbox import RESOURCES, Sandbox
from altegio_partner.sandbox.hooks import EVENT_FLAGS

SALON, OURS, OTHER = 123, "https://partner.example/hook", "https://other.example/hook"


@frozen
class Receiver(httpx.BaseTransport):
    """Receives what the sandbox sends."""

    requests: list[httpx.Request] = field(factory=list[httpx.Request])

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        return httpx.Response(204)

    @property
    def urls(self) -> list[str]:
        return [str(request.url) for request in self.requests]


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def sandbox(receiver: Receiver) -> Sandbox:
    sandbox = Sandbox(callback_transport=receiver)
    sandbox.connect(SALON)
    return sandbox


@pytest.fixture
def partner(sandbox: Sandbox) -> Iterator[ap.PartnerClient]:
    with ap.PartnerClient(
        sandbox.partner_token, application_id=123, user_token=sandbox.user_token, transport=sandbox.transport()
    ) as client:
        client.activate(salon_id=SALON, webhook_urls=[OURS])
        yield client


@pytest.mark.usefixtures("partner")
@pytest.mark.parametrize("resource", RESOURCES)
def test_every_resource(sandbox: Sandbox, receiver: Receiver, resource: Any) -> None:
    sent = sandbox.send_event(SALON, resource)
    if resource == "loyalty_card":  # a registration never subscribes to it
        assert (sent, receiver.requests) == ([], [])
        return
    (request,) = receiver.requests
    assert (str(request.url), "authorization" in request.headers) == (OURS, False)
    event = read_event(request.content)
    assert (event.company_id, event.resource, event.status in ("create", "update")) == (SALON, resource, True)
    assert json.loads(request.content)["data"] != ([] if resource != "schedule" else {})
    (delivery,) = sent
    assert (delivery.url, delivery.status, delivery.content) == (OURS, 204, json.loads(request.content))


def test_every_resource_has_a_flag() -> None:
    assert {"master" if one == "staff" else one for one in RESOURCES} == set(EVENT_FLAGS)


def test_only_subscribed_urls_receive_it(sandbox: Sandbox, partner: ap.PartnerClient, receiver: Receiver) -> None:
    partner.webhooks.update_settings(salon_id=SALON, urls=[OURS, OTHER], events=["record"])
    assert sandbox.send_event(SALON, "client") == []
    sandbox.send_event(SALON, "record", "delete", resource_id=7, data={"id": 7}, deliveries=2)
    assert receiver.urls == [OURS, OURS, OTHER, OTHER]
    assert json.loads(receiver.requests[0].content) == {
        "company_id": SALON,
        "resource": "record",
        "resource_id": 7,
        "status": "delete",
        "data": {"id": 7},
    }
    partner.webhooks.update_settings(salon_id=SALON, urls=[OURS], events=["record"], active=False)
    assert sandbox.send_event(SALON, "record") == []


def test_without_access_only_other_applications_receive_it(
    sandbox: Sandbox, partner: ap.PartnerClient, receiver: Receiver
) -> None:
    partner.webhooks.add_url(salon_id=SALON, url=OTHER)
    sandbox.freeze(SALON)
    sandbox.send_event(SALON, "record")
    assert receiver.urls == [OTHER]
    sandbox.unfreeze(SALON)
    sandbox.send_event(SALON, "record")
    assert receiver.urls == [OTHER, OURS, OTHER]


def test_an_event_can_be_sent_again(sandbox: Sandbox, partner: ap.PartnerClient, receiver: Receiver) -> None:
    (delivery,) = sandbox.send_event(SALON, "record")
    partner.webhooks.set_events(salon_id=SALON, events=[])
    again = sandbox.redeliver(delivery)
    assert (again.number, again.url, again.content) == (2, OURS, delivery.content)
    assert receiver.requests[0].content == receiver.requests[1].content


def test_nobody_listens(sandbox: Sandbox) -> None:
    assert sandbox.send_event(5, "record") == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"salon_id": 0, "resource": "record"}, "salon_id must be a positive integer"),
        ({"salon_id": 5, "resource": "visit"}, "resource must be one of salon, staff"),
        ({"salon_id": 5, "resource": "record", "status": "gone"}, "status must be one of create, update, delete"),
        ({"salon_id": 5, "resource": "record", "deliveries": 11}, "deliveries must be a number from 0 to 10"),
    ],
)
def test_wrong_arguments(sandbox: Sandbox, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        sandbox.send_event(**arguments)


@pytest.mark.usefixtures("partner")
def test_by_http_and_on_the_page(sandbox: Sandbox) -> None:
    with sandbox.serve() as url, httpx.Client(base_url=url, trust_env=False) as http:
        sent = http.post(
            "/sandbox/locations/123/events", json={"resource": "staff", "status": "delete", "resource_id": 5}
        )
        (delivery,) = sent.json()["deliveries"]
        content = delivery["content"]
        assert (delivery["event"], delivery["salon_id"], delivery["url"]) == ("staff", SALON, OURS)
        assert (content["resource"], content["resource_id"], content["status"]) == ("staff", 5, "delete")
        sandbox.freeze(SALON)
        nobody = http.post("/sandbox/locations/123/events", json={"resource": "record"})
        assert (nobody.status_code, nobody.json()["deliveries"]) == (200, [])
        assert http.post("/sandbox/locations/123/events", json={"resource": "visit"}).status_code == 422
        found = http.get("/sandbox/deliveries", params={"salon_id": SALON, "event": "staff"}).json()
        assert [one["number"] for one in found["items"]] == [1]
        assert "staff, location 123" in http.get("/", headers={"Accept": "text/html"}).text


def test_an_address_that_is_none(sandbox: Sandbox, partner: ap.PartnerClient) -> None:
    with httpx.Client(transport=sandbox.transport(), base_url="https://x") as http:
        http.post(
            "/api/v1/hooks_settings/123",
            json={"active": 1, "record": 1, "urls": ["https://a:b:c/"]},
            headers={
                "Accept": "application/vnd.api.v2+json",
                "Authorization": f"Bearer {sandbox.partner_token}, User {sandbox.user_token}",
            },
        )
    assert partner.webhooks.get_settings(salon_id=SALON).urls == ("https://a:b:c/",)
    (delivery,) = sandbox.send_event(SALON, "record")
    assert (delivery.status, delivery.answer.startswith("No answer: ")) == (None, True)
