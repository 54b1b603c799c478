"""The types of the public API, as mypy and pyright see them. Checked, never run."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import assert_type

import httpx

from altegio_partner import AltegioError, AsyncPartnerClient, Installation, PartnerClient, RateLimitError

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


def refused(partner: PartnerClient, awaited: AsyncPartnerClient) -> None:
    # each of these lines must be an error, or its comment is one
    partner.notify_refund("1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    partner.notify_refund()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    partner.complete_registration(1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    partner.complete_registration(salon_id=1, key="a")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    awaited.notify_refund("1")  # type: ignore[arg-type, unused-coroutine]  # pyright: ignore[reportArgumentType, reportUnusedCoroutine]
    PartnerClient(transport=httpx.AsyncHTTPTransport())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    AsyncPartnerClient(transport=httpx.HTTPTransport())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def blocks(error: AltegioError, limited: RateLimitError) -> None:
    with PartnerClient() as partner:
        assert_type(partner, PartnerClient)
    assert_type(error.safe_to_resend, bool)
    assert_type(error.status_code, int | None)
    assert_type(error.message, str | None)
    assert_type(error.errors, object)
    assert_type(limited.retry_after, float | None)
