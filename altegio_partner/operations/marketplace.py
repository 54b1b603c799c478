"""Installations, payments, locations and tariffs of your application.

From each public function here, `nox -s generate` writes a method of `PartnerClient` and one of `AsyncPartnerClient`.
"""

# The generated request builders are private by name; they are pinned, committed and checked for drift:
# pyright: reportPrivateUsage=false

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, Literal

from altegio_partner_api.api.marketplace.activate import _get_kwargs as activate_request
from altegio_partner_api.api.marketplace.complete_registration import _get_kwargs as complete_registration_request
from altegio_partner_api.api.marketplace.get_installation import _get_kwargs as get_installation_request
from altegio_partner_api.api.marketplace.get_payment_link import _get_kwargs as get_payment_link_request
from altegio_partner_api.api.marketplace.list_locations import _get_kwargs as list_locations_request
from altegio_partner_api.api.marketplace.list_tariffs import _get_kwargs as list_tariffs_request
from altegio_partner_api.api.marketplace.notify_payment import _get_kwargs as notify_payment_request
from altegio_partner_api.api.marketplace.notify_refund import _get_kwargs as notify_refund_request
from altegio_partner_api.api.marketplace.set_channel_availability import _get_kwargs as set_channel_availability_request
from altegio_partner_api.api.marketplace.set_discount import _get_kwargs as set_discount_request
from altegio_partner_api.api.marketplace.set_sms_sender_names import _get_kwargs as set_sms_sender_names_request
from altegio_partner_api.api.marketplace.uninstall import _get_kwargs as uninstall_request
from altegio_partner_api.models import (
    Activation,
    Channel,
    ChannelAvailability,
    Discount,
    Payment,
    PaymentLinkFound,
    PaymentRecorded,
    Registration,
    SmsSenderNames,
)
from attrs import evolve

from altegio_partner.call import Call
from altegio_partner.dates import wire_datetime, wire_period
from altegio_partner.flow import Plan
from altegio_partner.ids import read_id, wire_id
from altegio_partner.installation import Installation
from altegio_partner.money import wire_currency, wire_sum
from altegio_partner.settings import Scope, Settings
from altegio_partner.urls import origin_of, wire_url, wire_webhook_urls
from altegio_partner.values.locations import Location
from altegio_partner.values.tariffs import Tariff

from .answers import OR_EMPTY, acknowledged, listed
from .arguments import optional, wire_enum, wire_flag, wire_list, wire_number, wire_text
from .paging import Walk
from .read_installation import read_installation

_LEDGER = (
    "write PartnerClient(ledger=Ledger('sqlite:////var/lib/payments.db')), with "
    "`from altegio_partner.ledger import Ledger`."
)


def complete_registration(
    settings: Settings, *, salon_id: int, api_key: str | None = None, webhook_urls: Sequence[str] | None = None
) -> Call[str | None]:
    """Report that a location has registered with your service, and activate the application there.

    Altegio calls it "Redirect URL after user registration with the partner service". The location's owner must
    have clicked Connect in the marketplace, at most 12 hours before.

    Args:
        salon_id: The location.
        api_key: The API key that your service uses for the location. Not sent if None.
        webhook_urls: The URLs that get the location's events: at most 10 https URLs. Not sent if None.

    Returns:
        The URL to redirect the owner's browser to, from the `Location` of Altegio's 301, with your tokens masked;
        None if there is none. Never fetch it from your server. Which page it leads to is unknown.

    Raises:
        ValueError: An argument is invalid. Nothing was sent.
        AlreadyInstalledError: The application is already active there. Nothing was changed; nothing is left to do.
        NotSentError: Altegio was not reached. Call again.
        RejectedError: Altegio rejected it. Fix the problem that the error describes.
        OutcomeUnknownError: The settings may have been saved. Call again: if so, that raises AlreadyInstalledError.
    """
    body = Registration(**_registration(settings, salon_id, api_key, webhook_urls))
    request = complete_registration_request(body=body)
    return evolve(_registering("complete_registration", request, api_key), read_redirect=str)


def activate(
    settings: Settings,
    *,
    salon_id: int,
    api_key: str | None = None,
    webhook_urls: Sequence[str] | None = None,
    channels: Sequence[Literal["sms", "whatsapp"]] | None = None,
    chat_url: str | None = None,
    tips_url: str | None = None,
) -> Call[None]:
    """Activate the application at a location, without a further page of Altegio for its owner.

    The same as `complete_registration`, without a redirect. Arguments that are None are not sent.

    Args:
        salon_id: The location. Its owner must have clicked Connect in the marketplace before.
        api_key: The API key that your service uses for the location.
        webhook_urls: The URLs that get the location's events: at most 10 https URLs.
        channels: "sms", "whatsapp" or both, for chat bots and SMS aggregators.
        chat_url: The URL of your chat. Not documented, but used by Altegio's staff.
        tips_url: The URL where tips are paid. Not documented, but used by Altegio's staff.

    Raises:
        ValueError: An argument is invalid. Nothing was sent.
        AlreadyInstalledError: The application is already active there. Nothing was changed; nothing is left to do.
        NotSentError: Altegio was not reached. Call again.
        RejectedError: Altegio rejected it. Fix the problem that the error describes.
        OutcomeUnknownError: The settings may have been saved. Call again: if so, that raises AlreadyInstalledError.
    """
    body = Activation(
        **_registration(settings, salon_id, api_key, webhook_urls),
        channels=optional(channels, lambda words: wire_list("channels", words, partial(wire_enum, kind=Channel), 0, 2)),
        chat_url=optional(chat_url, partial(wire_url, "chat_url")),
        tips_url=optional(tips_url, partial(wire_url, "tips_url")),
    )
    call = _registering("activate", activate_request(body=body), api_key)
    return evolve(call, **OR_EMPTY)


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
    """Report that a location has paid you for a period.

    Altegio calls it "Notify Altegio of Successful Payment". A payment can unfreeze the application. Reporting
    the same payment twice probably records it twice: the Altegio API does not support idempotency keys.

    Args:
        salon_id: The location.
        payment_sum: The amount, in major units of the currency: "990.99" is 990 euros and 99 cents. Not a float.
        currency_iso: The currency, three capital letters of ISO 4217. Which ones Altegio accepts is unknown.
        payment_date: When it paid. Naive datetimes are sent unchanged, aware ones in the client's `timezone`;
            microseconds are dropped. Which time zone Altegio assumes is unknown.
        period_from: The beginning of the paid period, inclusive.
        period_to: The end of the paid period, inclusive, and after `period_from`.
        idempotency_key: Identifies this payment, such as its invoice number, in at most 255 characters. Only for
            clients with a `ledger`: a payment with the same key is then reported only once.

    Returns:
        The payment's id. Store it, because it is returned only here, and `notify_refund` needs it.

    Raises:
        ValueError: An argument is invalid, or this key was used for a different payment. Nothing was sent.
        NotSentError: Altegio was not reached, nothing was recorded. Call again.
        RejectedError: Altegio rejected it, nothing was recorded. Fix the problem that the error describes.
        OutcomeUnknownError: The payment may have been recorded. Look in Altegio before calling again. With a
            ledger, call again with the same key: the payment is looked up before it is sent.
    """
    first, last = wire_period(period_from, period_to, settings.timezone)
    payment: dict[str, Any] = {  # by the ledger's names too, which stay when those of the API change
        "salon_id": wire_id("salon_id", salon_id),
        "payment_sum": wire_sum(payment_sum),
        "currency_iso": wire_currency(currency_iso),
        "payment_date": wire_datetime("payment_date", payment_date, settings.timezone),
        "period_from": first,
        "period_to": last,
    }
    request = notify_payment_request(body=Payment(application_id=settings.application_id, **payment))
    plan = _ledger_plan(settings, "notify_payment", idempotency_key, payment)
    return Call("notify_payment", request, _read_payment_id, plan=plan)


def notify_refund(settings: Settings, payment_id: int) -> Call[None]:
    """Report that you have refunded a payment in full.

    Altegio calls it "Chargeback Notice". There are no partial refunds. What a second refund does is unknown; with
    the client's `ledger`, it is not sent.

    Args:
        payment_id: The payment, as `notify_payment` returned it.

    Raises:
        ValueError: The id is not a positive integer. Nothing was sent.
        NotSentError: Altegio was not reached, nothing was recorded. Call again.
        RejectedError: Altegio rejected it, nothing was recorded. Fix the problem that the error describes.
        OutcomeUnknownError: The refund may have been recorded. Look in Altegio before calling again. With a ledger,
            call again: the refund is looked up before it is sent.
    """
    payment_id = wire_id("payment_id", payment_id)
    payload = {"payment_id": payment_id}
    return Call(
        operation="notify_refund",
        request=notify_refund_request(payment_id),
        read=acknowledged,
        plan=_ledger_plan(settings, "notify_refund", str(payment_id), payload) if settings.ledger else None,
        **OR_EMPTY,
    )


def get_installation(settings: Settings, *, salon_id: int) -> Call[Installation]:
    """Return the status of your application at a location, and the payments for it.

    Altegio calls it the status of the application. It is cached for 5 minutes to an hour: a payment that was just
    recorded may be missing. Reading changes nothing, so any failure except a rejection is retried, up to
    `max_retries` times.

    Args:
        salon_id: The location.

    Raises:
        ValueError: The id is not a positive integer. Nothing was sent.
        NotFoundError: The application is not installed at this location.
        RejectedError: Altegio rejected it. Fix the problem that the error describes.
        NotSentError, OutcomeUnknownError: There is no result. Call again.
    """
    return _read_status(settings, wire_id("salon_id", salon_id))


def list_locations(settings: Settings, *, page: int = 1, count: int = 100) -> Call[list[Location]]:
    """Return one page of the locations that have connected your application.

    Altegio returns no total. Whether it lists locations in all states is unknown: see `get_installation`.

    Args:
        page: The number of the page. The first page is probably 1.
        count: The number of locations on a page, at most 1000. The last page has fewer. A response of more than
            1 MiB is not read.

    Raises:
        ValueError: An argument is invalid. Nothing was sent.
        RejectedError: Altegio rejected it. Fix the problem that the error describes.
        NotSentError, OutcomeUnknownError: There is no result. Call again.
    """
    page, count = wire_number("page", page, 0, 10**9), wire_number("count", count, 1, 1000)
    request = list_locations_request(settings.application_id, page=page, count=count)
    return Call("list_locations", request, listed(Location))


def iter_locations(settings: Settings, *, count: int = 100) -> Walk[Location]:
    """Iterate over all locations that have connected your application, each once.

    Pages are read when they are needed, with `list_locations`. Page 0 is read last, and may be rejected, because it
    is not documented whether Altegio counts from 0 or 1.

    Args:
        count: How many locations are read at a time, at most 1000.

    Raises:
        ValueError: An argument is invalid. Nothing was sent.
        AltegioError: A page could not be read, as with `list_locations`. Start over.
    """
    return Walk(lambda page: list_locations(settings, page=page, count=count), count)


def list_tariffs(settings: Settings) -> Call[list[Tariff]]:
    """Return the tariffs of your application, from which a location chooses when it pays through Altegio.

    You create them in the Developer Cabinet. The list is empty if there are none.

    Raises:
        RejectedError: Altegio rejected it. Fix the problem that the error describes.
        NotSentError, OutcomeUnknownError: There is no result. Call again.
    """
    request = list_tariffs_request(settings.application_id)
    return Call("list_tariffs", request, listed(Tariff), host="tariffs_url")


def set_discount(settings: Settings, *, salon_ids: Sequence[int], discount: Decimal | int | str) -> Call[None]:
    """Set the discount that locations get when they pay for your application through Altegio.

    Altegio calls it "add discount". You cannot read it back. It is unknown whether the call fails for all locations
    if one does not have your application, and whether 0 removes a discount.

    Args:
        salon_ids: The locations, at most 1000.
        discount: The discount in percent, or an amount, depending on the application's configuration. Not a float.

    Raises:
        ValueError: An argument is invalid. Nothing was sent.
        NotSentError: Altegio was not reached, nothing was changed. Call again.
        RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
        OutcomeUnknownError: It may have been changed. Calling again is harmless.
    """
    body = Discount(
        salon_ids=wire_list("salon_ids", salon_ids, wire_id, 1, 1000),
        application_id=settings.application_id,
        discount=wire_sum(discount, "discount"),
    )
    return Call("set_discount", set_discount_request(body=body), acknowledged, is_repeatable=True, host="tariffs_url")


def get_payment_link(
    settings: Settings,
    *,
    salon_id: int,
    discount: Decimal | int | str | None = None,
    tariff_option_id: int | None = None,
) -> Call[str]:
    """Return the URL where a location can pay for your application through Altegio.

    Altegio then sends you a callback, see `altegio_partner.incoming`. Do not report the payment with
    `notify_payment`. Use the URL unchanged, because it is signed. How long it is valid is unknown.

    Args:
        salon_id: The location.
        discount: A discount in percent. Not a float.
        tariff_option_id: The tariff option, see `list_tariffs`. Undocumented, but required by Altegio's own client.

    Raises:
        ValueError: An argument is invalid. Nothing was sent.
        NotFoundError: The application is not installed there, or has no tariffs.
        RejectedError: Altegio rejected it. Fix the problem that the error describes.
        NotSentError, OutcomeUnknownError: There is no result. Call again.
    """
    request = get_payment_link_request(
        salon_id=wire_id("salon_id", salon_id),
        application_id=settings.application_id,
        discount=optional(discount, partial(wire_sum, name="discount")),
        tariff_option_id=optional(tariff_option_id, partial(wire_id, "tariff_option_id")),
    )
    missing = "The application is not installed at this location, or has no tariffs."
    return Call("get_payment_link", request, _read_link, if_not_found=missing, host="tariffs_url")


def set_channel_availability(
    settings: Settings, *, salon_id: int, channel: Literal["sms", "whatsapp"], is_available: bool
) -> Call[None]:
    """Set whether a location can send messages through a channel.

    Altegio calls it "update channel". It is for chat bots and SMS aggregators only. You cannot read it back.

    Args:
        salon_id: The location.
        channel: "sms" or "whatsapp".
        is_available: Whether it can.

    Raises:
        ValueError: An argument is invalid. Nothing was sent.
        NotSentError: Altegio was not reached, nothing was changed. Call again.
        RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
        OutcomeUnknownError: It may have been changed. Calling again is harmless.
    """
    body = ChannelAvailability(
        salon_id=wire_id("salon_id", salon_id),
        application_id=settings.application_id,
        channel_slug=wire_enum("channel", channel, Channel),
        is_available=wire_flag("is_available", is_available),
    )
    request = set_channel_availability_request(body=body)
    return Call("set_channel_availability", request, acknowledged, is_repeatable=True, host="tariffs_url")


def set_sms_sender_names(settings: Settings, *, salon_id: int, short_names: Sequence[str]) -> Call[None]:
    """Set the sender names that a location can choose from for its SMS.

    For SMS aggregators. Pass all names, because the list probably replaces the old one. You cannot read it back.
    Altegio's own client rejects Cyrillic letters, "ag", and names that contain "altegio".

    Args:
        salon_id: The location.
        short_names: The names, 1 to 20.

    Raises:
        ValueError: An argument is invalid. Nothing was sent.
        NotSentError: Altegio was not reached, nothing was changed. Call again.
        RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
        OutcomeUnknownError: It may have been changed. Calling again is harmless.
    """
    body = SmsSenderNames(
        salon_id=wire_id("salon_id", salon_id),
        application_id=settings.application_id,
        short_names=wire_list("short_names", short_names, wire_text, 1, 20),
    )
    request = set_sms_sender_names_request(body=body)
    return Call("set_sms_sender_names", request, acknowledged, is_repeatable=True, **OR_EMPTY)


def uninstall(settings: Settings, *, salon_id: int) -> Call[None]:
    """Remove your application from a location, with its settings, its access and its webhooks.

    Only the location's owner can connect it again. Altegio may then send you the callback `uninstall`.

    Args:
        salon_id: The location.

    Raises:
        ValueError: The id is not a positive integer. Nothing was sent.
        NotSentError: Altegio was not reached, nothing was changed. Call again.
        NotFoundError: The application is not installed there, or no longer.
        RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
        OutcomeUnknownError: It may have been removed. Calling again is harmless.
    """
    return Call(
        operation="uninstall",
        request=uninstall_request(wire_id("salon_id", salon_id), settings.application_id),
        read=acknowledged,
        is_repeatable=True,
        if_not_found="The application is not installed at this location, or not any more.",
    )


def reconcile(
    settings: Settings,
    idempotency_key: str,
    *,
    operation: Literal["notify_payment", "notify_refund"] = "notify_payment",
) -> Call[int | None]:
    """Find out whether a payment whose outcome is unknown was recorded. Nothing is reported to Altegio.

    The payment is looked up in the client's `ledger`, then in Altegio: by its amount, dates and currency, among the
    payments of the location that belong to no other key. This is not an operation of Altegio's API.

    Args:
        idempotency_key: The key of the payment. That of a refund is the id of the payment, as text.
        operation: The method that was called, as in `ledger.pending()`.

    Returns:
        The payment's id, or None if Altegio does not have it. The next call with this key is then sent.

    Raises:
        ValueError: The ledger has no such key for this application, or the client has no ledger.
        UndecidedError: The outcome is not known, or not yet known. The error says what to do.
        NotSentError, RejectedError, OutcomeUnknownError: The look-up failed. Fix the problem, then call again.
    """
    ledger = settings.ledger
    if ledger is None:
        raise ValueError(f"reconcile needs a ledger: {_LEDGER}")
    plan = ledger.plan_reconcile(operation, idempotency_key, _scope(settings), partial(_read_status, settings))
    return Call(operation="reconcile", request={}, read=lambda _: None, plan=plan)


def _read_status(settings: Settings, salon_id: int) -> Call[Installation]:
    return Call(
        operation="get_installation",
        request=get_installation_request(salon_id, settings.application_id),
        read=read_installation,
        if_not_found="The application is not installed at this location, or the base URL is wrong.",
    )


def _read_payment_id(answer: dict[str, Any]) -> int:
    return read_id(PaymentRecorded.from_dict(answer).data.id)


def _ledger_plan(settings: Settings, operation: str, key: str | None, payload: dict[str, Any]) -> Plan[Any] | None:
    ledger = settings.ledger
    if key is None and ledger is None:
        return None
    if ledger is None:
        raise ValueError(f"idempotency_key needs a ledger: {_LEDGER}")
    if key is None:
        raise ValueError(
            "idempotency_key must be given if the client has a ledger: identify what was paid, such as "
            "'invoice-2026-0042'."
        )
    return ledger.plan_report(operation, key, payload, _scope(settings), partial(_read_status, settings))


def _scope(settings: Settings) -> Scope:
    return origin_of(settings.urls.base_url), settings.application_id


def _registration(
    settings: Settings, salon_id: int, api_key: str | None, webhook_urls: Sequence[str] | None
) -> dict[str, Any]:
    return {
        "salon_id": wire_id("salon_id", salon_id),
        "application_id": settings.application_id,
        "api_key": optional(api_key, partial(wire_text, "api_key", fix="Pass a UUID as its text.")),
        "webhook_urls": optional(webhook_urls, wire_webhook_urls),
    }


def _registering(operation: str, request: dict[str, Any], api_key: str | None) -> Call[Any]:
    return Call(
        operation=operation,
        request=request,
        read=acknowledged,
        is_registration=True,
        if_unknown="The settings may have been saved. Calling again is harmless.",
        secrets=() if api_key is None else (api_key,),
    )


def _read_link(answer: dict[str, Any]) -> str:
    return wire_text("url", PaymentLinkFound.from_dict(answer).data.url)
