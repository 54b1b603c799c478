"""Each of Altegio's operations, by the client at the wire, and what the sandbox remembers of it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

import altegio_partner as ap
from altegio_partner.sandbox import OPERATION_NAMES, Sandbox, read_seed
from tests.callers import CRM_TOKEN, PAYMENT, SANDBOX_HEADERS, Callers
from tests.operations import OPERATIONS

SALON, HOOK = 123, "https://example.com/webhook"
SEED = b"""{
  "locations": [
    {"salon_id": 123, "title": "La Visage", "city": "Paris", "timezone_name": "Asia/Kolkata"},
    {"salon_id": 124, "status": "pending"},
    {"salon_id": 125, "status": "freezed"},
    {"salon_id": 126, "status": "uninstalled"},
    {"salon_id": 456}
  ],
  "tariffs": [
    {"title": "1 month", "options": [{"overall_price": 500.5}, {"id": 9, "title": "Team", "overall_price": 900}]},
    {"id": 7}
  ]
}"""
USER = {**SANDBOX_HEADERS, "Authorization": "Bearer sandbox-partner-token, User sandbox-user-token"}


@pytest.fixture
def sandbox() -> Sandbox:
    sandbox = Sandbox(application_id=77)
    sandbox.load_seed(read_seed(SEED))
    return sandbox


@pytest.fixture
def http(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(transport=sandbox.transport(), base_url="https://x", headers=USER) as client:
        yield client


@pytest.fixture
def partner(sandbox: Sandbox) -> Iterator[ap.PartnerClient]:
    with ap.PartnerClient(
        sandbox.partner_token, application_id=77, user_token=sandbox.user_token, transport=sandbox.transport()
    ) as client:
        yield client


def test_the_client_reaches_every_operation(caller: Callers, sandbox: Sandbox) -> None:
    """By real HTTP, at both hosts: nothing that our client sends is refused."""
    with sandbox.serve() as url:
        call = caller(
            partner_token=sandbox.partner_token, user_token=sandbox.user_token, application_id=77, base_url=url
        )
        for operation in OPERATIONS:
            salon_id = operation.arguments.get("salon_id")
            if operation.method in ("complete_registration", "activate"):
                sandbox.uninstall(SALON)
                sandbox.connect(SALON)
            if operation.method == "notify_refund":
                call("notify_payment", **PAYMENT)
            arguments = {**operation.arguments, **({"payment_id": 123} if "payment_id" in operation.arguments else {})}
            call(operation.method, **arguments)
            if operation.method == "uninstall":
                assert sandbox.installation(SALON).status == "uninstalled"
                sandbox.connect(SALON)
                call("activate", salon_id=salon_id)
    answered = [call.response.status for call in sandbox.calls]
    assert {status for status in answered if status >= 400} == set()
    assert len(answered) >= len(OPERATIONS) > len(OPERATION_NAMES)


def test_locations_have_names_and_zones(partner: ap.PartnerClient) -> None:
    found = partner.list_locations(page=1, count=100)
    assert [location.id for location in found] == [123, 124, 125, 456]
    visage, other = found[0], found[1]
    assert (visage.title, visage.city, visage.timezone_name) == ("La Visage", "Paris", "Asia/Kolkata")
    assert visage.raw["timezone"] == 5.5
    assert (other.title, other.timezone_name) == ("Location 124", "America/New_York")


def test_pages_of_locations(partner: ap.PartnerClient, http: httpx.Client) -> None:
    assert [one.id for one in partner.list_locations(page=2, count=3)] == [456]
    assert [one.id for one in partner.list_locations(page=0, count=3)] == [123, 124, 125]
    far = http.get(f"/marketplace/application/77/salons?page={10**18}&count=1000", headers=SANDBOX_HEADERS)
    assert far.json()["data"] == []
    assert [one.id for one in partner.iter_locations()] == [123, 124, 125, 456]


def test_tariffs_are_those_of_the_seed(partner: ap.PartnerClient) -> None:
    month, empty = partner.list_tariffs()
    assert (month.id, month.title, empty.id, empty.options) == (89, "1 month", 7, ())
    assert [(one.id, one.title, one.overall_price) for one in month.options] == [
        (123, "Solo professional", Decimal("500.5")),
        (9, "Team", Decimal(900)),
    ]


def test_without_a_seed_the_tariff_is_that_of_the_documentation() -> None:
    sandbox = Sandbox()
    with ap.PartnerClient(sandbox.partner_token, application_id=123, transport=sandbox.transport()) as partner:
        (tariff,) = partner.list_tariffs()
    assert [(one.id, one.overall_price, one.currency_iso) for one in tariff.options] == [(123, Decimal(500), "USD")]


def test_payment_links(partner: ap.PartnerClient, sandbox: Sandbox, http: httpx.Client) -> None:
    link = partner.get_payment_link(salon_id=SALON, discount="15.5", tariff_option_id=9)
    parts = httpx.URL(link)
    sign = parts.params["sign"]
    expected = {"salon_id": "123", "application_id": "77", "discount": "15.5", "tariff_option_id": "9"}
    assert dict(parts.params) == {**expected, "source": "api", "sign": sign}
    assert len(sign) == 64
    assert partner.get_payment_link(salon_id=SALON) != link
    tiny = http.get(
        "/marketplace/application/payment_link?salon_id=123&application_id=77&discount=1e-7", headers=SANDBOX_HEADERS
    )
    assert "&discount=1E-7&" in tiny.json()["data"]["url"]
    for arguments, choice in (
        ({"salon_id": 126}, None),
        ({"salon_id": 123, "tariff_option_id": 5}, "unknown_tariff_option"),
    ):
        with pytest.raises(ap.NotFoundError):
            partner.get_payment_link(**arguments)
        assert sandbox.calls[-1].response.choice == choice
    assert (
        http.get(
            "/api/v1/marketplace/application/payment_link?salon_id=x&application_id=77", headers=SANDBOX_HEADERS
        ).status_code
        == 422
    )


def test_no_payment_links_without_tariffs() -> None:
    sandbox = Sandbox()
    sandbox.load_seed(read_seed(b'{"locations": [{"salon_id": 5}], "tariffs": []}'))
    with (
        ap.PartnerClient(sandbox.partner_token, application_id=123, transport=sandbox.transport()) as partner,
        pytest.raises(ap.NotFoundError, match="Application not found"),
    ):
        partner.get_payment_link(salon_id=5)


def test_a_discount_is_set_at_all_locations_or_at_none(partner: ap.PartnerClient, sandbox: Sandbox) -> None:
    partner.set_discount(salon_ids=[123, 456], discount="15.54")
    assert [sandbox.details(one)["discount"] for one in (123, 456)] == [15.54, 15.54]
    with pytest.raises(ap.NotFoundError):
        partner.set_discount(salon_ids=[123, 126], discount=20)
    assert sandbox.details(123)["discount"] == 15.54


def test_channels_and_sender_names(partner: ap.PartnerClient, sandbox: Sandbox) -> None:
    partner.set_channel_availability(salon_id=SALON, channel="whatsapp", is_available=True)
    partner.set_channel_availability(salon_id=SALON, channel="sms", is_available=True)
    assert sandbox.details(SALON)["channels"] == ["sms", "whatsapp"]
    partner.set_channel_availability(salon_id=SALON, channel="sms", is_available=False)
    partner.set_sms_sender_names(salon_id=SALON, short_names=["Salon"])
    partner.set_sms_sender_names(salon_id=SALON, short_names=["Altegio", "AL"])
    assert sandbox.details(SALON) == {
        "location": {"title": "La Visage", "city": "Paris", "timezone_name": "Asia/Kolkata"},
        "channels": ["whatsapp"],
        "short_names": ["Altegio", "AL"],
    }


def test_what_cannot_be_set_without_an_installation(partner: ap.PartnerClient, sandbox: Sandbox) -> None:
    with pytest.raises(ap.PermissionDeniedError):
        partner.set_channel_availability(salon_id=126, channel="sms", is_available=True)
    with pytest.raises(ap.PermissionDeniedError):
        partner.set_sms_sender_names(salon_id=126, short_names=["A"])
    choices = [call.response.choice for call in sandbox.calls]
    assert choices == ["channel_while_not_installed", "names_while_not_installed"]


def test_uninstalling(partner: ap.PartnerClient, sandbox: Sandbox) -> None:
    for salon_id in (123, 124, 125):
        partner.uninstall(salon_id=salon_id)
        assert sandbox.installation(salon_id).logs[-1].source == "partner_api"
    assert [one.content["event"] for one in sandbox.process_due_events()] == ["uninstall"] * 3
    with pytest.raises(ap.NotFoundError):
        partner.uninstall(salon_id=123)


def connected(sandbox: Sandbox, salon_id: int = 5) -> int:
    sandbox.connect(salon_id)
    return salon_id


def test_activating(partner: ap.PartnerClient, sandbox: Sandbox) -> None:
    salon_id = connected(sandbox)
    partner.activate(salon_id=salon_id, channels=["sms"], chat_url="https://example.com/chat", webhook_urls=[HOOK])
    assert sandbox.installation(salon_id).status == "active"
    details = sandbox.details(salon_id)
    assert (details["channels"], details["chat_url"], "tips_url" in details) == (
        ["sms"],
        "https://example.com/chat",
        False,
    )
    (hook,) = partner.webhooks.get_settings(salon_id=salon_id).url_settings
    assert hook.url == HOOK
    with pytest.raises(ap.AlreadyInstalledError):
        partner.activate(salon_id=salon_id)


def test_webhook_settings_replace_those_of_the_whole_location(partner: ap.PartnerClient) -> None:
    assert partner.webhooks.get_settings(salon_id=SALON).urls == ()
    other = "https://other.example/hook"
    partner.webhooks.update_settings(salon_id=SALON, urls=[other], events=["client"])
    partner.webhooks.add_url(salon_id=SALON, url=HOOK)
    found = partner.webhooks.get_settings(salon_id=SALON)
    assert found.urls == (other, HOOK)
    partner.webhooks.remove_url(salon_id=SALON, url=other)
    assert partner.webhooks.get_settings(salon_id=SALON).urls == (HOOK,)


def test_what_webhook_settings_look_like(http: httpx.Client) -> None:
    empty = http.get("/api/v1/hooks_settings/123").json()
    assert (empty["data"]["urls"], empty["data"]["url_settings"], empty["data"]["active"]) == ([""], [], 0)
    answer = http.post("/api/v1/hooks_settings/123", json={"active": 1, "urls": [HOOK], "record": 1})
    assert answer.status_code == 201
    data = answer.json()["data"]
    assert (data["urls"], data["company_id"], data["record"], data["client"]) == ([HOOK], 123, 1, 0)
    assert data["url_settings"][0]["record"] == 1
    plain = http.post("/api/v1/hooks_settings/123", json={"active": 1, "urls": ["http://example.com/"]})
    assert plain.status_code == 422
    for wrong in ({"active": 1}, {"active": 1, "urls": []}, {"active": 2, "urls": [HOOK]}):
        assert http.post("/api/v1/hooks_settings/123", json=wrong).status_code == 422


@pytest.mark.parametrize("salon_id", [124, 125, 126, 5])
def test_the_applications_user_has_access_where_it_is_active(
    http: httpx.Client, sandbox: Sandbox, salon_id: int
) -> None:
    assert http.get(f"/api/v1/hooks_settings/{salon_id}").status_code == 403
    assert sandbox.calls[-1].response.choice == "settings_without_access"
    query = {"salon_id": salon_id, "date_from": "2026-01-01", "date_to": "2026-02-01"}
    assert http.request("GET", "/api/v1/voip/integration/calls", json=query).status_code == 403


@pytest.mark.parametrize(
    "token", ["sandbox-partner-token", "sandbox-partner-token, User wrong", "x, User sandbox-user-token"]
)
@pytest.mark.parametrize("path", ["/api/v1/hooks_settings/123", "/api/v1/voip/integration/calls"])
def test_a_user_token_is_required(http: httpx.Client, path: str, token: str) -> None:
    answer = http.get(path, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["meta"]) == (401, {"message": "Authentication needed."})


def test_more_than_ten_webhooks(partner: ap.PartnerClient, sandbox: Sandbox) -> None:
    urls = [f"https://example.com/{n}" for n in range(9)]
    partner.webhooks.update_settings(salon_id=SALON, urls=urls, events=[])
    sandbox.uninstall(SALON)
    connected(sandbox, SALON)
    with pytest.raises(ap.InvalidRequestError):
        partner.activate(salon_id=SALON, webhook_urls=["https://a.example", "https://b.example"])
    assert sandbox.calls[-1].response.choice == "too_many_webhooks"
    partner.activate(salon_id=SALON, webhook_urls=["https://a.example"])
    sandbox.uninstall(SALON)
    connected(sandbox, SALON)
    partner.activate(salon_id=SALON, webhook_urls=["https://b.example"])
    assert partner.webhooks.get_settings(salon_id=SALON).urls == (*urls, "https://b.example")


CALL: dict[str, Any] = {"crm_token": CRM_TOKEN, "phone": "+13155550175", "diversion": "+13155550176"}


def history(partner: ap.PartnerClient, **filters: Any) -> list[Any]:
    found = partner.voip.list_calls(salon_id=SALON, date_from=date(2026, 1, 1), date_to=date(2026, 9, 2), **filters)
    return [(one.type, one.status, one.duration) for one in found]


def test_calls_are_kept_once_telephony_is_enabled(partner: ap.PartnerClient, sandbox: Sandbox) -> None:
    saved = {**CALL, "call_type": "incoming", "call_date": datetime(2026, 9, 1, 14, 40, 28, tzinfo=UTC), "duration": 90}
    partner.voip.save_call(**saved)
    assert history(partner) == []
    partner.voip.enable(crm_token=CRM_TOKEN)
    partner.voip.save_call(**saved)
    partner.voip.save_call(**{**saved, "call_type": "outgoing", "status": "missed", "phone": "+1"})
    partner.voip.save_call(**{**saved, "call_date": datetime(2026, 9, 3, tzinfo=UTC)})
    partner.voip.notify_call(**CALL)
    assert history(partner) == [("outgoing", "missed", 90), ("incoming", "success", 90)]
    assert history(partner, types=["incoming"]) == history(partner, phone="+13155550175")
    assert history(partner, statuses=["missed"]) == history(partner, page=1, limit=1)
    assert history(partner, page=2, limit=1) == [("incoming", "success", 90)]
    partner.voip.disable(crm_token=CRM_TOKEN)
    partner.voip.save_call(**saved)
    assert len(history(partner)) == 2
    stored = sandbox.details(0)
    assert CRM_TOKEN not in repr(stored)


@pytest.mark.parametrize(
    "body",
    [
        {"command": "dial"},
        {"command": "setup", "type": "incoming", "crm_token": "a"},
        {"command": "history", "type": "incoming", "crmToken": "a", "phone": "1", "diversion": "2"},
        {"command": "history", "type": "incoming", "crm_token": "a", "phone": "1", "diversion": "2", "date": "today"},
        {"command": "history", "type": "incoming", "crm_token": "a", "phone": "1", "diversion": "2", "date": 5},
    ],
)
def test_wrong_commands(http: httpx.Client, sandbox: Sandbox, body: dict[str, Any]) -> None:
    answer = http.post("/api/v1/voip/integration", json=body, headers=SANDBOX_HEADERS)
    assert answer.status_code == 422
    assert sandbox.calls[-1].response.choice == "fields_without_422"


def test_dictionaries(partner: ap.PartnerClient) -> None:
    countries = partner.dictionaries.list_countries()
    assert len(countries) == len({one.id for one in countries}) == 12
    assert (countries[0].title, countries[0].iso_code) == ("USA", "US")
    cities = partner.dictionaries.list_cities()
    assert len(cities) >= 12
    assert {one.country_id for one in cities} <= {one.id for one in countries}
    assert [one.title for one in partner.dictionaries.list_cities(country_id=38)] == ["București", "Cluj-Napoca"]
    with_home = partner.dictionaries.list_cities(country_id=38, company_id=SALON)
    assert [one.title for one in with_home] == ["New York", "București", "Cluj-Napoca"]
    groups = partner.dictionaries.list_business_groups()
    assert {len(group.types) for group in groups} == {1, 3, 4}


def test_business_groups_count_their_types_and_take_a_user_token(http: httpx.Client) -> None:
    answer = http.get("/api/v1/references/business_groups_with_types").json()
    assert answer["meta"]["count"] == sum(len(group["types"]) for group in answer["data"]) == 12


@pytest.mark.parametrize(
    ("request_line", "status", "message"),
    [
        ("GET /marketplace/application/5/salons?page=1&count=9", 403, "Access denied."),
        ("GET /marketplace/application/5/tariffs", 404, "Application not found"),
        ("GET /marketplace/application/payment_link?salon_id=123&application_id=5", 403, "Access denied."),
        ("POST /marketplace/salon/123/application/5/uninstall", 403, "Access denied."),
    ],
)
def test_another_application(http: httpx.Client, request_line: str, status: int, message: str) -> None:
    answer = http.request(*request_line.split(), headers=SANDBOX_HEADERS)
    assert (answer.status_code, answer.json()["meta"]["message"]) == (status, message)


@pytest.mark.parametrize("body", [b'{"success": true, "data": null, "meta": []}'])
def test_bodies_where_none_is_needed(body: bytes) -> None:
    sandbox = Sandbox(bodies=True)
    with httpx.Client(transport=sandbox.transport(), base_url="https://x", headers=SANDBOX_HEADERS) as http:
        ids = {"salon_id": 5, "application_id": 123}
        connected(sandbox)
        redirect = http.post("/marketplace/partner/callback/redirect", json=ids)
        assert (redirect.status_code, redirect.content[:9]) == (301, b"<!DOCTYPE")
        assert redirect.headers["location"].endswith("/further-setup?salon_id=5")
        sandbox.pay(5, 1)
        assert http.post("/marketplace/partner/payment/refund/123").content == body
        names = http.post("/marketplace/partner/short_names", json={**ids, "short_names": ["A"]})
        assert (names.status_code, names.content) == (201, body)
    with ap.PartnerClient(sandbox.partner_token, application_id=123, transport=sandbox.transport()) as partner:
        sandbox.pay(5, 1)
        partner.notify_refund(124)
        connected(sandbox, 6)
        assert partner.complete_registration(salon_id=6) is not None


@pytest.mark.parametrize(
    "seed",
    [
        '{"tariffs": [{"options": [{}]}]}',
        '{"tariffs": [{"options": [{"overall_price": 1, "staff_amount": "one"}]}]}',
        '{"tariffs": [{"price": 5}]}',
        '{"locations": [{"salon_id": 1, "timezone_name": "Mars"}]}',
        '{"locations": [{"salon_id": 1, "timezone_name": 5}]}',
        '{"locations": [{"salon_id": 1, "title": 5}]}',
    ],
)
def test_wrong_seeds(seed: str) -> None:
    with pytest.raises(ValueError, match=r"tariffs|locations"):
        read_seed(seed.encode())


def test_a_seed_with_a_byte_order_mark() -> None:
    assert read_seed(b'\xef\xbb\xbf{"locations": [{"salon_id": 1}]}').locations[0].salon_id == 1
