"""The types of the public API, as mypy and pyright see them. Checked, never run."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Protocol, assert_type

import httpx

from altegio_partner import (
    AltegioError,
    AsyncPartnerClient,
    Call,
    Installation,
    NoAnswerError,
    NotSentError,
    PartnerClient,
    RateLimitError,
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
