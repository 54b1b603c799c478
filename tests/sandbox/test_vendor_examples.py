"""The vendor's pages, followed to the letter: each operation with the values of its example, in a sensible order."""

import json
from typing import Any

import httpx
import pytest

from altegio_partner.sandbox import OPERATION_NAMES, Sandbox, read_seed
from tests.callers import SANDBOX_HEADERS

USER = {"Authorization": f"{SANDBOX_HEADERS['Authorization']}, User sandbox-user-token"}
IDS = {"salon_id": 123, "application_id": 123}
REGISTRATION = {
    **IDS,
    "api_key": "2f181e2a-5c22-4ae7-9d9b-07104f312c28",
    "webhook_urls": ["https://example.com/webhook"],
}
CALL = {
    "command": "history",
    "type": "incoming",
    "crm_token": "7cf262d6-1656-43f9-86ac-2826bdc125d2",
    "phone": "+13155550175",
    "diversion": "+13155550176",
    "user": "external_user_id",
}
HOOKS = {
    **dict.fromkeys(["active", "salon", "service", "good", "master", "client", "record", "finances_operation"], 1),
    "urls": ["https://dev.tools.test.com/test/Hooks"],
    "service_category": 0,
    "self_sending": 0,
}
PAYMENT = {
    **IDS,
    "currency_iso": "EUR",
    "payment_sum": 990.99,
    "payment_date": "2022-01-01 10:10:00",
    "period_from": "2022-01-01 10:10:00",
    "period_to": "2022-02-01 10:10:00",
}
CALLS_OF = {
    "salon_id": 123,
    "date_from": "2026-01-01",
    "date_to": "2026-02-01",
    "phone": "+13155550175",
    "types": ["incoming", "internal"],
    "statuses": ["success", "cancel"],
    "page": 1,
    "limit": 25,
}
EXAMPLES: list[tuple[str, str, dict[str, Any] | None, int]] = [
    ("GET", "/marketplace/application/123/salons?page=0&count=1000", None, 200),
    ("POST", "/marketplace/partner/callback/redirect", REGISTRATION, 301),
    ("POST", "/marketplace/partner/callback", {**REGISTRATION, "salon_id": 456}, 201),
    ("POST", "/marketplace/partner/payment", PAYMENT, 200),
    ("POST", "/marketplace/partner/payment/refund/123", None, 200),
    ("GET", "/marketplace/salon/123/application/123", None, 200),
    ("POST", "/marketplace/partner/short_names", {**IDS, "short_names": ["Altegio", "AL"]}, 201),
    ("GET", "{money}/marketplace/application/123/tariffs", None, 200),
    (
        "POST",
        "{money}/marketplace/application/add_discount",
        {"salon_ids": [123, 456], "application_id": 123, "discount": 15.54},
        200,
    ),
    ("GET", "{money}/marketplace/application/payment_link?salon_id=123&application_id=123&discount=15.55", None, 200),
    (
        "POST",
        "{money}/marketplace/application/update_channel",
        {**IDS, "channel_slug": "sms", "is_available": True},
        200,
    ),
    ("GET", "/api/v1/hooks_settings/123", None, 200),
    ("POST", "/api/v1/hooks_settings/123", HOOKS, 201),
    ("POST", "/api/v1/voip/integration", {**CALL, "command": "setup", "type": "enable"}, 202),
    (
        "POST",
        "/api/v1/voip/integration",
        {
            **CALL,
            "duration": 90,
            "link": "https://external.call.storage/call_record.mp3",
            "call_id": "external_call_id",
            "status": "success",
            "date": "2026-01-17T14:40:28-05:00",
        },
        202,
    ),
    ("POST", "/api/v1/voip/integration", {**CALL, "command": "event"}, 202),
    ("GET", "/api/v1/voip/integration/calls", CALLS_OF, 200),
    ("POST", "/api/v1/voip/integration", {**CALL, "command": "setup", "type": "disable"}, 202),
    ("GET", "/api/v1/countries", None, 200),
    ("GET", "/api/v1/cities?country_id=7&company_id=123", None, 200),
    ("GET", "/api/v1/references/business_groups_with_types", None, 200),
    ("POST", "/marketplace/salon/456/application/123/uninstall", None, 200),
]


@pytest.mark.parametrize("money", ["", "/api/v1"], ids=["as its staff", "as its page"])
def test_every_example_of_the_vendor(money: str) -> None:
    """The tariffs and what belongs to them are at either address: Altegio's page and staff contradict each other."""
    sandbox = Sandbox()
    sandbox.load_seed(
        read_seed(b'{"locations": [{"salon_id": 123, "status": "pending"}, {"salon_id": 456, "status": "pending"}]}')
    )
    needs_user = ("hooks_settings", "integration/calls")
    with sandbox.serve() as url, httpx.Client(base_url=url, headers=SANDBOX_HEADERS, trust_env=False) as http:
        for method, path, body, status in EXAMPLES:
            headers = USER if any(part in path for part in needs_user) else {}
            content = None if body is None else json.dumps(body)
            typed = {"Content-Type": "application/json", **headers}
            answer = http.request(method, path.format(money=money), content=content, headers=typed)
            assert answer.status_code == status, (path, answer.text)
            if path.endswith("integration/calls"):
                assert [one["duration"] for one in answer.json()["data"]] == [90]
    assert {call.operation for call in sandbox.calls} == set(OPERATION_NAMES)
    assert sandbox.installation(123).status == "active"
