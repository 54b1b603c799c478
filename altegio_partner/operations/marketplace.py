"""The marketplace: what a partner reports to Altegio, and reads from it. Friendly values in, a `Call` out.

From each public function here, `nox -s generate` writes a method of `PartnerClient` and one of `AsyncPartnerClient`.
"""

# The generated request builders are private by name; they are pinned, committed and checked for drift:
# pyright: reportPrivateUsage=false

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, Literal

from altegio_partner_api.api.partner.complete_registration import _get_kwargs as complete_registration_request
from altegio_partner_api.api.partner.get_installation import _get_kwargs as get_installation_request
from altegio_partner_api.api.partner.notify_payment import _get_kwargs as notify_payment_request
from altegio_partner_api.api.partner.notify_refund import _get_kwargs as notify_refund_request
from altegio_partner_api.models import Acknowledgement, Payment, PaymentRecorded, Registration
from altegio_partner_api.types import UNSET

from altegio_partner.bad_argument import bad_argument
from altegio_partner.call import Call
from altegio_partner.dates import wire_datetime, wire_period
from altegio_partner.error_body import find_errors
from altegio_partner.flow import Plan
from altegio_partner.ids import read_id, wire_id
from altegio_partner.installation import Installation
from altegio_partner.money import wire_currency, wire_sum
from altegio_partner.settings import Settings, Where
from altegio_partner.urls import origin_of, wire_webhook_urls

from .read_installation import read_installation

_LEDGER = "write PartnerClient(ledger=Ledger('sqlite:////var/lib/payments.db')), of altegio_partner.ledger."


def complete_registration(
    settings: Settings, *, salon_id: int, api_key: str | None = None, webhook_urls: Sequence[str] | None = None
) -> Call[str | None]:
    """Tell Altegio that a location has finished registering with us, and activate the application there.

    Altegio calls it "Redirect URL after user registration with the partner service". The location's owner must
    have clicked Connect in the marketplace before: that link stays open for 12 hours.

    Args:
        salon_id: The location.
        api_key: The key with which our service identifies the location. Left out when None.
        webhook_urls: Where Altegio sends the location's events: at most 10 https addresses. Left out when None.

    Returns:
        The address to send the owner's browser to, exactly as Altegio gave it (the `Location` of a 301), or None
        when it gave none. Never fetch it from your server. Where it leads is unknown.

    Raises:
        ValueError: An argument is wrong. Nothing was sent.
        AlreadyInstalledError: The application is already active there. Nothing was changed; nothing is left to do.
        NotSentError: Altegio was not reached. Call again.
        RejectedError: Altegio said no. Fix what the error names.
        OutcomeUnknownError: The settings may have been saved. Call again: if so, it is an AlreadyInstalledError.
    """
    if api_key is not None and (
        not isinstance(api_key, str) or not api_key.isprintable() or api_key.strip() != api_key or not api_key
    ):
        raise bad_argument("api_key", "printable text without spaces around it", fix="Write a UUID as str(uuid).")
    body = Registration(
        salon_id=wire_id("salon_id", salon_id),
        application_id=settings.application_id,
        api_key=UNSET if api_key is None else api_key,
        webhook_urls=UNSET if webhook_urls is None else wire_webhook_urls(webhook_urls),
    )
    return Call(
        operation="complete_registration",
        request=complete_registration_request(body=body),
        read=_acknowledged,
        read_redirect=str,
        is_registration=True,
        if_unknown="The settings may have been saved. Calling again is harmless.",
        secrets=() if api_key is None else (api_key,),
    )


def notify_payment(
    settings: Settings,
    *,
    salon_id: int,
    payment_sum: Decimal | int | str,
    currency_iso: str,
    payment_date: datetime,
    period_from: datetime,
    period_to: datetime,
    idempotency_key: str | None = None,
) -> Call[int]:
    """Tell Altegio that a location has paid us for a period.

    Altegio calls it "Notify Altegio of Successful Payment". A payment can unfreeze the application. Reporting
    the same payment twice probably records it twice: the Altegio API does not support idempotency keys.

    Args:
        salon_id: The location.
        payment_sum: What it paid, in whole units of the currency: "990.99" is 990 euros and 99 cents. Not a float.
        currency_iso: The currency, three capital letters of ISO 4217. Which ones Altegio accepts is unknown.
        payment_date: When it paid. Naive datetimes are sent as they are, aware ones in the client's `timezone`;
            microseconds are dropped. Which zone Altegio reads them in is unknown.
        period_from: The beginning of the paid period, inclusive.
        period_to: The end of the paid period, inclusive, and after `period_from`.
        idempotency_key: Identifies this payment, for example by its invoice number, in at most 255 characters.
            Required if the client has a `ledger`, which records calls with the same key once; invalid without one.

    Returns:
        The payment's id. Store it, because it is returned only here, and `notify_refund` needs it.

    Raises:
        ValueError: An argument is wrong, or the key was used for a different payment. Nothing was sent.
        NotSentError: Altegio was not reached, nothing was recorded. Call again.
        RejectedError: Altegio said no, nothing was recorded. Fix what the error names, then call again.
        OutcomeUnknownError: The payment may have been recorded. Look in Altegio before calling again. With a
            ledger, call again with the same key: the payment is looked up before it is sent.
    """
    first, last = wire_period(period_from, period_to, settings.timezone)
    body = Payment(
        salon_id=wire_id("salon_id", salon_id),
        application_id=settings.application_id,
        currency_iso=wire_currency(currency_iso),
        payment_sum=wire_sum(payment_sum),
        payment_date=wire_datetime("payment_date", payment_date, settings.timezone),
        period_from=first,
        period_to=last,
    )
    payload = {  # the ledger's names: they stay when those of the API change
        "salon_id": body.salon_id,
        "payment_sum": body.payment_sum,
        "currency_iso": body.currency_iso,
        "payment_date": body.payment_date,
        "period_from": body.period_from,
        "period_to": body.period_to,
    }
    return Call(
        operation="notify_payment",
        request=notify_payment_request(body=body),
        read=lambda answer: read_id(PaymentRecorded.from_dict(answer).data.id),
        plan=_once(settings, "notify_payment", idempotency_key, payload),
    )


def notify_refund(settings: Settings, payment_id: int) -> Call[None]:
    """Tell Altegio that we refunded a payment to a location, in full.

    Altegio calls it "Chargeback Notice". There is no partial refund. What a second one does is unknown; with the
    client's `ledger`, it is not sent.

    Args:
        payment_id: The payment, as `notify_payment` returned it.

    Raises:
        ValueError: The id is no positive integer. Nothing was sent.
        NotSentError: Altegio was not reached, nothing was recorded. Call again.
        RejectedError: Altegio said no, nothing was recorded. Fix what the error names.
        OutcomeUnknownError: The refund may have been recorded. Look in Altegio before calling again. With a ledger,
            call again: the refund is looked up before it is sent.
    """
    payment_id = wire_id("payment_id", payment_id)
    payload = {"payment_id": payment_id}
    return Call(
        operation="notify_refund",
        request=notify_refund_request(payment_id),
        read=_acknowledged,
        read_empty=lambda: None,
        success_statuses=(200, 201, 204),
        plan=_once(settings, "notify_refund", str(payment_id), payload) if settings.ledger else None,
    )


def get_installation(settings: Settings, *, salon_id: int) -> Call[Installation]:
    """Return how our application stands at a location, and what was paid for it there.

    Altegio calls it the status of the application. It caches it, for 5 minutes up to an hour: what was just
    recorded may be missing. Reading changes nothing, so any failure but a refusal is tried again, `max_retries`
    times.

    Args:
        salon_id: The location.

    Raises:
        ValueError: The id is no positive integer. Nothing was sent.
        NotFoundError: The application is not installed at this location.
        RejectedError: Altegio said no. Fix what the error names.
        NotSentError, OutcomeUnknownError: Nothing is known. Call again.
    """
    return _read_status(settings, wire_id("salon_id", salon_id))


def reconcile(
    settings: Settings,
    idempotency_key: str,
    *,
    operation: Literal["notify_payment", "notify_refund"] = "notify_payment",
) -> Call[int | None]:
    """Find out, by reading only, whether a payment whose outcome is unknown was recorded.

    The payment is looked up in the client's `ledger`, then in Altegio: by amount, currency and dates, among the
    location's payments that belong to no other key. This is not one of Altegio's own operations.

    Args:
        idempotency_key: The key of the payment. That of a refund is the id of the payment, as text.
        operation: Which of both, as in `ledger.pending()`.

    Returns:
        The payment's id, or None if Altegio does not have it. The next call with this key is then sent.

    Raises:
        ValueError: The ledger has no such key for this application, or the client has no ledger.
        UndecidedError: It is unknown, or not known yet: the error says what to do.
        NotSentError, RejectedError, OutcomeUnknownError: The ledger could not be read. Fix that, then call again.
    """
    ledger = settings.ledger
    if ledger is None:
        raise ValueError(f"reconcile needs a ledger: {_LEDGER}")
    plan = ledger.reconcile(operation, idempotency_key, _where(settings), partial(_read_status, settings))
    return Call(operation="reconcile", request={}, read=lambda _: None, plan=plan)


def _read_status(settings: Settings, salon_id: int) -> Call[Installation]:
    return Call(
        operation="get_installation",
        request=get_installation_request(salon_id, settings.application_id),
        read=read_installation,
        if_not_found="The application is not installed at this location, or base_url is wrong.",
    )


def _once(settings: Settings, operation: str, key: str | None, payload: dict[str, Any]) -> Plan[Any] | None:
    ledger = settings.ledger
    if key is None and ledger is None:
        return None
    if ledger is None:
        raise ValueError(f"idempotency_key needs a ledger: {_LEDGER}")
    if key is None:
        raise ValueError(
            "idempotency_key must be given where the client has a ledger: name the payment, such as "
            "'invoice-2026-0042'."
        )
    return ledger.once(operation, key, payload, _where(settings), partial(_read_status, settings))


def _where(settings: Settings) -> Where:
    return origin_of(settings.base_url), settings.application_id


def _acknowledged(answer: dict[str, Any]) -> None:
    """Raise unless the answer says that it was a success: that it does not say the opposite was checked before."""
    Acknowledgement.from_dict(answer)
    if find_errors(answer):
        raise ValueError("errors beside success")
