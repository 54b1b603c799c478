"""Clients that others wrote, against the sandbox: what each of their calls gets. docs/sandbox-limits.md has the tables.

The requests of Altegio's own tool, altegio-integrations-hub-mcp, are written down from its published source of
September 2026; the package yclients, for the brand that runs the same code, is installed and called.
"""

import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import httpx
import pydantic
import yclients
from attrs import frozen
from yclients.models import schemas
from yclients.resources.marketplace import MarketplaceApi

from altegio_partner.sandbox import Request, Response, Sandbox, read_seed
from altegio_partner.sandbox.hooks import FLAGS

DOCS = Path(__file__).parents[2] / "docs" / "sandbox-limits.md"
SEED = read_seed(
    b'{"locations": [{"salon_id": 1, "status": "pending"}, {"salon_id": 2, "payments": [{"payment_sum": 5}]}]}'
)
ACCEPT = "application/vnd.api.v2+json"
DATES = {
    "payment_date": "2026-09-12 10:00:00",
    "period_from": "2026-09-12 10:00:00",
    "period_to": "2026-10-12 10:00:00",
}


def made(**options: Any) -> Sandbox:
    sandbox = Sandbox(**options)
    sandbox.load_seed(SEED)
    return sandbox


def documented(heading: str) -> list[list[str]]:
    """The rows of the table under a heading of the page, without the formatting."""
    section = DOCS.read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return [[cell.replace("`", "").strip() for cell in row] for row in rows[2:]]


@frozen
class Tool:
    """A tool of the vendor's, and what it sends."""

    name: str
    method: str
    target: str
    body: dict[str, Any] | None = None
    as_user: bool = False
    """Whether it sends the token of a user, to the other host."""
    idempotency_key: str | None = None

    def send(self, http: httpx.Client, sandbox: Sandbox) -> httpx.Response:
        """Send what the tool's client sends."""
        authorization = f"Bearer {sandbox.partner_token}" + (f", User {sandbox.user_token}" if self.as_user else "")
        headers = {"accept": ACCEPT, "authorization": authorization}
        if self.idempotency_key:
            headers["idempotency-key"] = self.idempotency_key
        if self.body is not None:
            headers["content-type"] = "application/json"
        content = None if self.body is None else json.dumps(self.body, separators=(",", ":")).encode()
        host = "/api/v1" if self.as_user else ""
        return http.request(self.method, host + self.target, content=content, headers=headers)


IDS = {"salon_id": 2, "application_id": 123}
TOOLS = [
    Tool("grant_location_access", "POST", "/company/1/marketplace/applications/123/grant_access", as_user=True),
    Tool(
        "activate_installation",
        "POST",
        "/marketplace/partner/callback",
        {
            "salon_id": 1,
            "application_id": 123,
            "webhook_urls": ["https://example.com/hook"],
            "channels": [],
            "api_key": "fake",
        },
    ),
    Tool("get_installation_status", "GET", "/marketplace/salon/2/application/123"),
    Tool("list_installations", "GET", "/marketplace/application/123/salons?page=1&count=100"),
    Tool(
        "notify_chat_message",
        "POST",
        "/marketplace/application/new_message",
        {**IDS, "phone_from": "13155550175", "message": "Hello", "name": "Zoë"},
    ),
    Tool(
        "install_sidebar_frame",
        "POST",
        "/marketplace/application/install_frame",
        {**IDS, "type": "chat", "url": "https://example.com/chat"},
    ),
    Tool(
        "toggle_sidebar_highlight",
        "POST",
        "/marketplace/application/toggle_highlight",
        {**IDS, "type": "chat", "user_id": None, "is_enabled": True},
    ),
    Tool("list_tariffs", "GET", "/marketplace/application/123/tariffs"),
    Tool(
        "get_payment_link",
        "GET",
        "/marketplace/application/payment_link?salon_id=2&application_id=123&tariff_option_id=123&discount=15",
    ),
    Tool(
        "record_payment",
        "POST",
        "/marketplace/partner/payment",
        {**IDS, "currency_iso": "BRL", "payment_sum": 100, **DATES},
        idempotency_key="payment-55-2026-09",
    ),
    Tool("refund_payment", "POST", "/marketplace/partner/payment/refund/123"),
    Tool(
        "set_discount",
        "POST",
        "/marketplace/application/add_discount",
        {"salon_ids": [1, 2], "application_id": 123, "discount": 15},
    ),
    Tool(
        "update_notification_channel",
        "POST",
        "/marketplace/application/update_channel",
        {**IDS, "channel_slug": "whatsapp", "is_available": True},
    ),
    Tool("set_sms_sender_names", "POST", "/marketplace/partner/short_names", {**IDS, "short_names": ["Salon", "AL"]}),
    Tool("uninstall", "POST", "/marketplace/salon/2/application/123/uninstall"),
]


def test_the_vendors_own_tool() -> None:
    sandbox = made()
    found: list[list[str]] = []
    with sandbox.serve() as url, httpx.Client(base_url=url, trust_env=False) as http:
        for tool in TOOLS:
            answer = tool.send(http, sandbox)
            assert answer.status_code in (200, 201, 501), answer.text
            host = "/api/v1" if tool.as_user else ""
            path = tool.target.partition("?")[0]
            found.append([tool.name, f"{tool.method} {host}{path}", str(answer.status_code)])
    assert len(found) == 15
    assert found == documented("Altegio's own tool")


def test_the_vendors_own_tool_reads_and_changes_webhook_settings() -> None:
    """What it requires of the answer, and the body that it makes of it."""
    sandbox = made()
    read = Tool("get_location_webhooks", "GET", "/hooks_settings/2", as_user=True)
    with sandbox.serve() as url, httpx.Client(base_url=url, trust_env=False) as http:
        for number in range(2):
            data = read.send(http, sandbox).json()["data"]
            urls = [one for one in data["urls"] if one]
            assert len(urls) == len(data["url_settings"]) == number
            for row in (data, *data["url_settings"]):
                assert {row[flag] for flag in FLAGS} <= {0, 1}
            urls.append(f"https://example.com/{number}")
            body = {**{flag: data[flag] for flag in FLAGS}, "urls": urls, "active": 1, "record": 1}
            change = Tool("change_location_webhooks", "POST", "/hooks_settings/2", body, as_user=True)
            answer = change.send(http, sandbox)
            assert (answer.status_code, answer.json()["data"]["urls"]) == (201, urls)
            assert {row["record"] for row in answer.json()["data"]["url_settings"]} == {1}


def test_the_vendors_own_tool_without_a_token() -> None:
    """Its catalog asks for the countries without one, which Altegio refuses too."""
    sandbox = made()
    answer = sandbox.answer(Request("GET", "/api/v1/countries", {"accept": ACCEPT}))
    assert (answer.status, answer.choice) == (401, None)


class Watched(Sandbox):
    """Keeps the last response: the client hides it."""

    last = Response(0)

    def answer(self, request: Request) -> Response:
        self.last = super().answer(request)
        return self.last


Calls = dict[str, Callable[[Any], Awaitable[Any]]]
YCLIENTS: Calls = {
    "redirect": lambda it: it.redirect(
        schemas.PostCallbackRedirectRequest(salon_id=1, application_id=123, webhook_urls=["https://example.com/hook"])
    ),
    "callback": lambda it: it.callback(schemas.PostPartnerCallbackRequest(salon_id=1, application_id=123)),
    "payment": lambda it: it.payment(
        schemas.PostPartnerPaymentRequest(
            salon_id=2, application_id=123, payment_sum=990.99, currency_iso="EUR", **DATES
        )
    ),
    "create_short_name": lambda it: it.create_short_name(
        schemas.PostPartnerShortNamesRequest(salon_id=2, application_id=123, short_names=["Salon"])
    ),
    "create_refund": lambda it: it.create_refund(123),
    "get": lambda it: it.get(2, 123),
    "list_salons": lambda it: it.list_salons(123, page_=1, count_=100),
    "uninstall": lambda it: it.uninstall(2, 123),
    "get_payment_link": lambda it: it.get_payment_link(salon_id=2, application_id=123, discount=15.5),
    "list_tariffs": lambda it: it.list_tariffs(123),
    "add_discount": lambda it: it.add_discount(
        schemas.PostApplicationAddDiscountRequest(salon_ids=[1, 2], application_id=123, discount=15.5)
    ),
    "update_channel": lambda it: it.update_channel(
        schemas.PostApplicationUpdateChannelRequest(
            salon_id=2, application_id=123, channel_slug="sms", is_available=True
        )
    ),
}


def outcome(name: str, *, accept: str | None, lenient: bool) -> str:
    """What the sandbox answers, and what the client makes of it."""
    sandbox = Watched(lenient=lenient)
    sandbox.load_seed(SEED)

    async def call() -> str:
        headers = {"Accept": accept} if accept else None
        options: dict[str, Any] = {"base_url": url, "headers": headers, "max_retries": 0}
        async with yclients.YclientsClient(sandbox.partner_token, **options) as client:
            try:
                await YCLIENTS[name](client.marketplace)
            except (yclients.YclientsError, pydantic.ValidationError) as error:
                return "" if sandbox.last.status >= 400 else f", {type(error).__name__}"
            return ""

    with sandbox.serve() as url:
        raised = anyio.run(call)
    choice = f" ({sandbox.last.choice})" if sandbox.last.choice else ""
    return f"{sandbox.last.status}{choice}{raised}"


def test_yclients() -> None:
    """Its methods as released, then with the Accept header of Altegio, then also with a lenient sandbox."""
    rows = [
        [
            name,
            outcome(name, accept=None, lenient=False),
            outcome(name, accept=ACCEPT, lenient=False),
            outcome(name, accept=ACCEPT, lenient=True),
        ]
        for name in YCLIENTS
    ]
    assert len(rows) == 12
    assert rows == documented("yclients 0.1.1")


def test_every_method_of_yclients_is_called() -> None:
    methods = {name for name in dir(MarketplaceApi) if re.match("[a-z]", name)}
    assert methods - {"create_webhook"} == set(YCLIENTS)  # that is no call: Altegio sends it
