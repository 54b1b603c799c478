"""Every operation once: how it is called, what is then sent, how Altegio answers, and what becomes of a lost answer."""

import json
from datetime import UTC, date, datetime
from typing import Any

from attrs import field, frozen

from tests.callers import API_KEY, CRM_TOKEN, PAYMENT

YES: dict[str, Any] = {"success": True, "data": {}, "meta": []}
ACCEPTED: dict[str, Any] = {"success": True, "meta": {"message": "Accepted"}}
HOOKS: dict[str, Any] = {
    "urls": ["https://example.com/webhook"],
    "active": 1,
    "record": 1,
    "client": 0,
    "company_id": 123,
    "url_settings": [{"url": "https://example.com/webhook", "active": 1, "record": 1, "client": 0}],
}
STATUS: dict[str, Any] = {
    "connection_status": {"status": "active", "created_at": "2022-01-01 10:10:00"},
    "payments": [],
    "logs": [],
}


@frozen
class Operation:
    """A call of the client, which is one call of Altegio's."""

    method: str
    """The name of the method, of a family: "webhooks.get_settings"."""
    arguments: dict[str, Any]
    request: str
    """The method and the path of the request."""
    body: dict[str, Any] | None = None
    status: int = 200
    answer: dict[str, Any] | None = field(factory=YES.copy)
    """The body of the answer; None where Altegio sends none."""
    is_repeatable: bool = False
    """Whether it is sent again when its answer is lost."""
    needs_user: bool = False

    @property
    def answer_body(self) -> bytes:
        return b"" if self.answer is None else json.dumps(self.answer).encode()


IDS = {"salon_id": 123, "application_id": 77}
OPERATIONS = [
    Operation(
        "complete_registration",
        {"salon_id": 123, "api_key": API_KEY},
        "POST /marketplace/partner/callback/redirect",
        {**IDS, "api_key": API_KEY},
    ),
    Operation(
        "activate",
        {
            "salon_id": 123,
            "api_key": API_KEY,
            "webhook_urls": ["https://example.com/webhook"],
            "channels": ["sms"],
            "chat_url": "https://example.com/chat",
            "tips_url": "https://example.com/tips",
        },
        "POST /marketplace/partner/callback",
        {
            **IDS,
            "api_key": API_KEY,
            "webhook_urls": ["https://example.com/webhook"],
            "channels": ["sms"],
            "chat_url": "https://example.com/chat",
            "tips_url": "https://example.com/tips",
        },
        status=201,
        answer=None,
    ),
    Operation(
        "notify_payment",
        PAYMENT,
        "POST /marketplace/partner/payment",
        {**IDS, **PAYMENT, "payment_sum": 990.99}
        | {k: str(PAYMENT[k]) for k in PAYMENT if k.startswith(("pe", "payment_d"))},
        answer={"success": True, "data": {"id": 123}},
    ),
    Operation("notify_refund", {"payment_id": 5}, "POST /marketplace/partner/payment/refund/5", answer=None),
    Operation(
        "get_installation",
        {"salon_id": 123},
        "GET /marketplace/salon/123/application/77",
        answer={**YES, "data": STATUS},
        is_repeatable=True,
    ),
    Operation(
        "list_locations",
        {"page": 2, "count": 50},
        "GET /marketplace/application/77/salons?page=2&count=50",
        answer={**YES, "data": []},
        is_repeatable=True,
    ),
    Operation(
        "list_tariffs", {}, "GET /marketplace/application/77/tariffs", answer={**YES, "data": []}, is_repeatable=True
    ),
    Operation(
        "set_discount",
        {"salon_ids": [123, 456], "discount": "15.54"},
        "POST /marketplace/application/add_discount",
        {"salon_ids": [123, 456], "application_id": 77, "discount": 15.54},
        is_repeatable=True,
    ),
    Operation(
        "get_payment_link",
        {"salon_id": 123, "discount": "15.5", "tariff_option_id": 9},
        "GET /marketplace/application/payment_link?salon_id=123&application_id=77&discount=15.5&tariff_option_id=9",
        answer={**YES, "data": {"url": "https://alteg.io/appstore/payment/?salon_id=123&sign=00"}},
        is_repeatable=True,
    ),
    Operation(
        "set_channel_availability",
        {"salon_id": 123, "channel": "whatsapp", "is_available": False},
        "POST /marketplace/application/update_channel",
        {**IDS, "channel_slug": "whatsapp", "is_available": False},
        is_repeatable=True,
    ),
    Operation(
        "set_sms_sender_names",
        {"salon_id": 123, "short_names": ["Salon", "Spa"]},
        "POST /marketplace/partner/short_names",
        {**IDS, "short_names": ["Salon", "Spa"]},
        status=201,
        answer=None,
        is_repeatable=True,
    ),
    Operation(
        "uninstall",
        {"salon_id": 123},
        "POST /marketplace/salon/123/application/77/uninstall",
        answer={"success": True, "data": None, "meta": {}},
        is_repeatable=True,
    ),
    Operation(
        "webhooks.get_settings",
        {"salon_id": 123},
        "GET /api/v1/hooks_settings/123",
        answer={**YES, "data": HOOKS},
        is_repeatable=True,
        needs_user=True,
    ),
    Operation(
        "webhooks.update_settings",
        {"salon_id": 123, "urls": ["https://example.com/webhook"], "events": ["record"], "self_sending": False},
        "POST /api/v1/hooks_settings/123",
        {
            "urls": ["https://example.com/webhook"],
            "active": 1,
            "salon": 0,
            "service_category": 0,
            "service": 0,
            "good": 0,
            "master": 0,
            "client": 0,
            "record": 1,
            "goods_operations_sale": 0,
            "goods_operations_receipt": 0,
            "goods_operations_consumable": 0,
            "goods_operations_stolen": 0,
            "goods_operations_move": 0,
            "finances_operation": 0,
            "schedule": 0,
            "loyalty_card": 0,
            "self_sending": 0,
        },
        status=201,
        answer={**YES, "data": HOOKS},
        needs_user=True,
    ),
    Operation(
        "voip.enable",
        {"crm_token": CRM_TOKEN},
        "POST /api/v1/voip/integration",
        {"command": "setup", "type": "enable", "crm_token": CRM_TOKEN},
        status=202,
        answer=ACCEPTED,
        is_repeatable=True,
    ),
    Operation(
        "voip.disable",
        {"crm_token": CRM_TOKEN},
        "POST /api/v1/voip/integration",
        {"command": "setup", "type": "disable", "crm_token": CRM_TOKEN},
        status=202,
        answer=ACCEPTED,
        is_repeatable=True,
    ),
    Operation(
        "voip.notify_call",
        {"crm_token": CRM_TOKEN, "phone": "+13155550175", "diversion": "+13155550176", "user": "101"},
        "POST /api/v1/voip/integration",
        {
            "command": "event",
            "type": "incoming",
            "crm_token": CRM_TOKEN,
            "phone": "+13155550175",
            "diversion": "+13155550176",
            "user": "101",
        },
        status=202,
        answer=ACCEPTED,
    ),
    Operation(
        "voip.save_call",
        {
            "crm_token": CRM_TOKEN,
            "call_type": "outgoing",
            "phone": "+13155550175",
            "diversion": "+13155550176",
            "duration": 90,
            "link": "https://external.call.storage/call_record.mp3",
            "call_id": "c-1",
            "status": "success",
            "call_date": datetime(2026, 9, 1, 14, 40, 28, tzinfo=UTC),
        },
        "POST /api/v1/voip/integration",
        {
            "command": "history",
            "type": "outgoing",
            "crm_token": CRM_TOKEN,
            "phone": "+13155550175",
            "diversion": "+13155550176",
            "duration": 90,
            "link": "https://external.call.storage/call_record.mp3",
            "call_id": "c-1",
            "status": "success",
            "date": "2026-09-01T14:40:28+00:00",
        },
        status=202,
        answer=ACCEPTED,
    ),
    Operation(
        "voip.list_calls",
        {
            "salon_id": 123,
            "date_from": date(2026, 1, 1),
            "date_to": date(2026, 2, 1),
            "phone": "+13155550175",
            "types": ["incoming", "internal"],
            "statuses": ["success", "cancel"],
            "page": 2,
            "limit": 25,
        },
        "GET /api/v1/voip/integration/calls",
        {
            "salon_id": 123,
            "date_from": "2026-01-01",
            "date_to": "2026-02-01",
            "phone": "+13155550175",
            "types": ["incoming", "internal"],
            "statuses": ["success", "cancel"],
            "page": 2,
            "limit": 25,
        },
        answer={**YES, "data": []},
        is_repeatable=True,
        needs_user=True,
    ),
    Operation(
        "dictionaries.list_countries",
        {},
        "GET /api/v1/countries",
        answer={**YES, "data": []},
        is_repeatable=True,
    ),
    Operation(
        "dictionaries.list_cities",
        {"country_id": 7, "company_id": 123},
        "GET /api/v1/cities?country_id=7&company_id=123",
        answer={**YES, "data": []},
        is_repeatable=True,
    ),
    Operation(
        "dictionaries.list_business_groups",
        {},
        "GET /api/v1/references/business_groups_with_types",
        answer={**YES, "data": []},
        is_repeatable=True,
    ),
]
