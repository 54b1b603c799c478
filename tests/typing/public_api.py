"""The types of the public API, as mypy and pyright see them. Checked, never run."""

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Protocol, assert_type

import httpx

from altegio_partner import (
    Accepted,
    AltegioError,
    AsyncPartnerClient,
    BusinessType,
    Call,
    City,
    Country,
    Installation,
    Location,
    NoAnswerError,
    NotSentError,
    PartnerClient,
    RateLimitError,
    Tariff,
    VoipCall,
    WebhookSettings,
)
from altegio_partner.ledger import Ledger

NOW = datetime.now(timezone(timedelta()))


def plain(partner: PartnerClient) -> None:
    assert_type(partner.complete_registration(salon_id=1), str | None)
    assert_type(partner.complete_registration(salon_id=1, api_key="a", webhook_urls=["https://a"]), str | None)
    assert_type(
        partner.notify_payment(
            salon_id=1,
            payment_sum=Decimal("1.5"),
            currency_iso="EUR",
            payment_date=NOW,
            period_from=NOW,
            period_to=NOW,
        ),
        int,
    )
    assert_type(partner.notify_refund(1), None)
    assert_type(partner.get_installation(salon_id=1), Installation)


def families(partner: PartnerClient) -> None:
    assert_type(partner.activate(salon_id=1, channels=["sms"]), None)
    assert_type(partner.list_locations(page=1, count=5), list[Location])
    assert_type(partner.iter_locations(), Iterator[Location])
    assert_type(partner.list_tariffs()[0].options[0].overall_price, Decimal | None)
    assert_type(partner.set_discount(salon_ids=[1], discount="5"), None)
    assert_type(partner.get_payment_link(salon_id=1, tariff_option_id=5), str)
    assert_type(partner.set_channel_availability(salon_id=1, channel="sms", is_available=True), None)
    assert_type(partner.set_sms_sender_names(salon_id=1, short_names=["Salon"]), None)
    assert_type(partner.uninstall(salon_id=1), None)
    assert_type(partner.with_user_token("u"), PartnerClient)
    assert_type(partner.with_user_token("u").webhooks.add_url(salon_id=1, url="https://a"), WebhookSettings)
    assert_type(partner.webhooks.get_settings(salon_id=1).events, frozenset[str])
    assert_type(partner.webhooks.update_settings(salon_id=1, urls=["https://a"], events={"record"}), WebhookSettings)
    assert_type(partner.voip.enable(crm_token="c"), Accepted)
    assert_type(partner.voip.save_call(crm_token="c", call_type="incoming", phone="1", diversion="2"), Accepted)
    partner.voip.save_call(crm_token="c", call_type="lost", phone="1", diversion="2")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    assert_type(partner.voip.list_calls(salon_id=1, date_from=NOW.date(), date_to=NOW.date()), list[VoipCall])
    assert_type(partner.voip.iter_calls(salon_id=1, date_from=NOW.date(), date_to=NOW.date()), Iterator[VoipCall])
    assert_type(partner.dictionaries.list_countries(), list[Country])
    assert_type(partner.dictionaries.list_cities(country_id=1), list[City])
    assert_type(partner.dictionaries.list_business_groups()[0].types, tuple[BusinessType, ...])


async def awaited_families(partner: AsyncPartnerClient) -> None:
    assert_type(await partner.list_locations(), list[Location])
    assert_type(partner.iter_locations(), AsyncIterator[Location])
    assert_type([one.timezone_name async for one in partner.iter_locations()], list[str | None])
    assert_type(await partner.with_user_token("u").webhooks.get_settings(salon_id=1), WebhookSettings)
    assert_type(await partner.voip.disable(crm_token="c"), Accepted)
    assert_type(await partner.dictionaries.list_cities(), list[City])


def values(location: Location) -> None:
    assert_type(location.id, int)
    assert_type(location.raw, Mapping[str, object])
    assert_type(Location.of({"id": 1}), Location)
    Tariff(id=1, title=None, options=())
    Tariff(title=None, options=())  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    location.title = "x"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


async def awaited(partner: AsyncPartnerClient) -> None:
    assert_type(await partner.complete_registration(salon_id=1), str | None)
    assert_type(
        await partner.notify_payment(
            salon_id=1, payment_sum="1", currency_iso="EUR", payment_date=NOW, period_from=NOW, period_to=NOW
        ),
        int,
    )
    assert_type(await partner.notify_refund(1), None)
    assert_type(await partner.get_installation(salon_id=1), Installation)


COUNT = Call(operation="count", request={"method": "get", "url": "/"}, read=len)


class Refunds(Protocol):
    def notify_refund(self, payment_id: int) -> None: ...


class AsyncRefunds(Protocol):
    async def notify_refund(self, payment_id: int) -> None: ...


class Counting(PartnerClient):
    refunds = 0

    def notify_refund(self, payment_id: int) -> None:
        self.refunds += 1
        assert_type(super().notify_refund(payment_id), None)


class Wrong(AsyncPartnerClient):
    async def notify_refund(self, payment_id: str) -> None: ...  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]


async def performed(partner: PartnerClient, awaited: AsyncPartnerClient) -> None:
    assert_type(partner.perform(COUNT), int)
    assert_type(await awaited.perform(COUNT), int)
    assert_type(partner.reconcile("invoice-1"), int | None)
    refunds: Refunds = partner
    async_refunds: AsyncRefunds = awaited
    refunds.notify_refund(1)
    await async_refunds.notify_refund(1)
    PartnerClient(ledger=Ledger("sqlite:////var/lib/payments.db"))
    AsyncPartnerClient(ledger=None)


def refused(partner: PartnerClient, awaited: AsyncPartnerClient) -> None:
    # each of these lines must be an error, or its comment is one
    partner.notify_refund("1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    partner.notify_refund()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    partner.complete_registration(1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    partner.complete_registration(salon_id=1, key="a")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    awaited.notify_refund("1")  # type: ignore[arg-type, unused-coroutine]  # pyright: ignore[reportArgumentType, reportUnusedCoroutine]
    PartnerClient(transport=httpx.AsyncHTTPTransport())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    AsyncPartnerClient(transport=httpx.HTTPTransport())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def blocks(error: AltegioError, limited: RateLimitError, unsent: NotSentError, unanswered: NoAnswerError) -> None:
    with PartnerClient() as partner:
        assert_type(partner, PartnerClient)
    assert_type(error.safe_to_resend, bool)
    assert_type(error.status_code, int | None)
    assert_type(error.message, str | None)
    assert_type(error.errors, object)
    assert_type(unsent.reason, str | None)
    assert_type(unanswered.reason, str | None)
    assert_type(limited.retry_after, float | None)
