"""Installations: registration, payments, status, and the locations that have the application."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from altegio_partner.sandbox.api import Call, Endpoint, Rejection, Response, empty, invalid, json_response, success
from altegio_partner.sandbox.endpoints import OperationName
from altegio_partner.sandbox.hooks import register_webhooks
from altegio_partner.sandbox.location_state import Payment
from altegio_partner.sandbox.validation import (
    COUNT,
    IDS,
    NAMES,
    PAGE,
    PAYMENT,
    REGISTRATION,
    with_default,
)

_MAX_OFFSET = 2**63 - 1  # of SQLite
_NOT_RECOGNIZED = (400, "Агрегатор не найден")
_PAGE = b"<!DOCTYPE html><html><head><title>Redirecting</title></head><body>Redirecting</body></html>"
_LOCATION: dict[str, Any] = {  # as in the examples of Altegio's documentation
    "short_descr": "Beauty saloon",
    "logo": "https://app.alteg.io/images/no-master.png",
    "active": 1,
    "phone": "+13155550175",
    "phones": ["+13155550175"],
    "email": "info@lavisage.com",
    "country_id": 7,
    "schedule": "",
    "country": "United States",
    "city_id": 2,
    "city": "New York",
    "timezone_name": "America/New_York",
    "address": "New York, 787 Jackson Drive",
    "coordinate_lat": 40.73061,
    "coordinate_lon": -73.935242,
    "phone_confirmation": True,
    "active_staff_count": 2,
    "app_ios": "",
    "app_android": "",
    "currency_short_title": "$",
    "reminds_sms_disabled": False,
    "reminds_sms_default": 1,
    "group_priority": 900,
    "bookform_group_priority": 0,
    "description": "<p>Welcome</p>",
    "photos": [],
    "company_photos": [],
    "booking_widget_promo": None,
}


def complete_registration(call: Call) -> Response:
    """Install the application, and redirect: the target is undocumented."""
    _install(call)
    if not call.behavior.redirects:
        return json_response(200, {"success": True})
    location = {"location": f"{call.base_url}/further-setup?salon_id={call.salon_id}"}
    if not call.behavior.bodies:
        return Response(301, location)
    return Response(301, {"content-type": "text/html; charset=utf-8", **location}, _PAGE)


def activate(call: Call) -> Response:
    """Install the application, without a redirect."""
    _install(call)
    return empty(call, 201)


def _install(call: Call) -> None:
    status = call.locations.status(call.salon_id)
    if status in ("active", "freezed"):
        reason = f"The application is {status} at this location."
        raise Rejection(403, "The user has already installed this application.", reason)
    if status == "uninstalled":
        reason = "The owner of the location has not clicked Connect in the last 12 hours."
        raise Rejection(403, "Access denied.", reason)
    register_webhooks(call.locations, call.salon_id, call.fields.get("webhook_urls", []))
    names = ("channels", "chat_url", "tips_url")
    for name in (name for name in names if name in call.fields):
        call.locations.set_detail(call.salon_id, name, call.fields[name])
    call.locations.activate(call.salon_id, call.now)


def notify_payment(call: Call) -> Response:
    """Record a payment. The same payment sent twice is recorded twice."""
    status = call.locations.status(call.salon_id)
    if status in ("uninstalled", "pending"):
        reason = f"The application is {status} at this location."
        raise Rejection(403, "Access denied.", reason, choice="payment_while_not_installed")
    payment = call.locations.pay(
        salon_id=call.salon_id,
        payment_sum=Decimal(call.fields["payment_sum"]),
        currency_iso=call.fields["currency_iso"],
        payment_date=datetime.fromisoformat(call.fields["payment_date"]),
        period_from=datetime.fromisoformat(call.fields["period_from"]),
        period_to=datetime.fromisoformat(call.fields["period_to"]),
        now=call.now,
    )
    return json_response(200, {"success": True, "data": {"id": payment.id}})


def notify_refund(call: Call) -> Response:
    """Record a refund. How Altegio responds to an unknown or refunded payment is unknown."""
    payment = call.locations.payment(call.ids["payment_id"])
    if payment is None:
        raise invalid({"payment_id": ["The payment does not exist."]}, "unknown_payment")
    if payment.is_refunded:
        raise invalid({"payment_id": ["The payment is already refunded."]}, "second_refund")
    call.locations.refund(payment, call.now)
    return empty(call, 200)


def get_installation(call: Call) -> Response:
    """Return the status, which may lag behind."""
    call.require_installed()
    installation = call.locations.installation(call.salon_id)
    cached_at = call.now - call.behavior.status_delay
    data = {
        "connection_status": {"status": installation.status, "created_at": str(installation.created_at)},
        "payments": [_payment_json(one, cached_at) for one in installation.payments if one.recorded_at <= cached_at],
        "logs": [
            {
                "changed_at": str(change.changed_at),
                "status_from": change.status_from,
                "status_to": change.status_to,
                "source": change.source,
            }
            for change in installation.logs
        ],
    }
    return success(data)


def uninstall(call: Call) -> Response:
    """Uninstall the application, from any state."""
    call.require_installed()
    call.locations.uninstall(call.salon_id, call.now, "partner_api")
    return success(None, meta={})


def list_locations(call: Call) -> Response:
    """Return one page of the locations. Pages 0 and 1 are both the first, and pending locations are listed: choices."""
    page, count = max(call.fields["page"], 1), call.fields["count"]
    offset = min((page - 1) * count, _MAX_OFFSET)
    return success([_location(call, one) for one in call.locations.connected(count, offset)])


def _location(call: Call, salon_id: int) -> dict[str, Any]:
    location: dict[str, Any] = {**_LOCATION, **call.locations.detail(salon_id, "location", {})}
    title = location.pop("title", f"Location {salon_id}")
    offset = call.now.replace(tzinfo=ZoneInfo(location["timezone_name"])).utcoffset()
    hours = offset.total_seconds() / 3600 if offset else 0.0
    return {"id": salon_id, "title": title, "public_title": title, **location, "timezone": hours}


def set_sms_sender_names(call: Call) -> Response:
    """Replace the names. "Altegio" is accepted, as in Altegio's documentation; its staff's client rejects it."""
    call.require_installed(403, "Access denied.", "names_while_not_installed")
    call.locations.set_detail(call.salon_id, "short_names", call.fields["short_names"])
    return empty(call, 201)


def _payment_json(payment: Payment, cached_at: datetime) -> dict[str, object]:
    refunded_at = payment.refunded_at if payment.refunded_at and payment.refunded_at <= cached_at else None
    return {
        "id": payment.id,
        "payment_sum": float(payment.payment_sum),
        "currency_iso": payment.currency_iso,
        "payment_date": str(payment.payment_date),
        "period_from": str(payment.period_from),
        "period_to": str(payment.period_to),
        "is_refunded": refunded_at is not None,
        "refunded_at": str(refunded_at) if refunded_at else None,
    }


ENDPOINTS: dict[OperationName, Endpoint] = {
    "complete_registration": Endpoint(complete_registration, body=REGISTRATION, wrong_application=_NOT_RECOGNIZED),
    "activate": Endpoint(activate, body=REGISTRATION, wrong_application=_NOT_RECOGNIZED),
    "notify_payment": Endpoint(notify_payment, body=PAYMENT, wrong_application=_NOT_RECOGNIZED),
    "notify_refund": Endpoint(notify_refund),
    "get_installation": Endpoint(get_installation),
    "uninstall": Endpoint(uninstall),
    "list_locations": Endpoint(
        list_locations,
        query={"page": with_default(PAGE, "missing_page", 1), "count": with_default(COUNT, "missing_page", 100)},
        documents_422=False,
    ),
    "set_sms_sender_names": Endpoint(set_sms_sender_names, body={**IDS, "short_names": NAMES}),
}
