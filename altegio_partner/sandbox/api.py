"""Altegio's API as documented: the response to each request. No sockets, no clock, no randomness.

Comments mark the choices made where the documentation says nothing.
"""

# The table of endpoints refers to private methods of the class above it:
# pyright: reportPrivateUsage=false
# ruff: noqa: SLF001

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from attrs import evolve, field, frozen

from .location_state import Payment
from .locations import Locations
from .validation import PAYMENT, REGISTRATION, Fields, errors_in, read_object

_ACCEPT = "application/vnd.api.v2+json"


@frozen
class Request:
    """A received request. Header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str] = field(factory=dict[str, str])
    body: bytes = b""
    base_url: str = "https://altegio.invalid"
    """The base URL of redirects, where the request was sent, if that is known."""
    address: str = "this process"
    """The sender's IP address."""
    query: str = ""
    """What follows the question mark of the URL."""


@frozen
class Response:
    """A response, and how it is transferred."""

    status: int
    headers: Mapping[str, str] = field(factory=dict[str, str])
    body: bytes = b""
    reason: str = ""
    """Why the call was rejected. Not part of the response; for logs and the page."""
    transfer: Literal["complete", "dropped", "stalled", "dripped", "cut"] = "complete"
    """Completely, not at all, not at all with the connection kept open, byte by byte, or half of it."""
    delay: float = 0.0
    """How long it waits, in seconds."""


@frozen
class AltegioAPI:
    """One partner's application, and its locations."""

    partner_token: str = field(repr=False)
    application_id: int
    redirects: bool
    """Whether a registration is answered with 301 and a Location, or with 200: both are documented."""
    status_delay: timedelta
    """How long the status of a location lags behind: Altegio caches it for up to an hour."""
    locations: Locations

    def answer(self, request: Request, now: datetime) -> Response:
        """Return the response to a request, and save what the request changes."""
        self.locations.process_due(now)
        try:
            return self._dispatch(request, now)
        except _Rejection as rejection:
            errors = {"errors": rejection.errors} if rejection.errors else {}
            meta = {"message": rejection.message, **errors}
            response = json_response(rejection.status, {"success": False, "data": None, "meta": meta})
            problems = " ".join(f"{name}: {' '.join(found)}" for name, found in (rejection.errors or {}).items())
            allow = {"allow": rejection.allow} if rejection.allow else {}
            return evolve(response, headers={**response.headers, **allow}, reason=rejection.reason or problems)

    def _dispatch(self, request: Request, now: datetime) -> Response:
        for (method, path), handle in _ENDPOINTS.items():
            match = re.fullmatch(path, request.path)
            if match is None:
                continue
            if request.method != method:
                raise _Rejection(405, "Method not allowed.", f"This path requires {method}.", allow=method)
            if request.headers.get("authorization") != f"Bearer {self.partner_token}":
                raise _Rejection(
                    401, "Authentication needed.", "The Authorization header must be 'Bearer' and the partner token."
                )
            if _ACCEPT not in request.headers.get("accept", ""):  # the response is undocumented
                raise _Rejection(403, "Access denied.", f"The Accept header must contain {_ACCEPT}.")
            return handle(self, request, now, *match.groups())
        raise _Rejection(404, "Not found.", "Unknown path. Paths begin with /marketplace, without /api/v1.")

    def _register(self, request: Request, now: datetime) -> Response:
        content = self._validated(request, REGISTRATION)
        salon_id = content["salon_id"]
        status = self.locations.status(salon_id)
        if status in ("active", "freezed"):
            reason = f"The application is {status} at this location."
            raise _Rejection(403, "The user has already installed this application.", reason)
        if status == "uninstalled":
            raise _Rejection(
                403, "Access denied.", "The owner of the location has not clicked Connect in the last 12 hours."
            )
        self.locations.activate(salon_id, now)
        if self.redirects:  # the target is undocumented
            return Response(301, {"location": f"{request.base_url}/further-setup?salon_id={salon_id}"})
        return json_response(200, {"success": True})

    def _pay(self, request: Request, now: datetime) -> Response:
        content = self._validated(request, PAYMENT)
        status = self.locations.status(content["salon_id"])
        if status in ("uninstalled", "pending"):  # undocumented
            raise _Rejection(403, "Access denied.", f"The application is {status} at this location.")
        payment = self.locations.pay(
            salon_id=content["salon_id"],
            payment_sum=Decimal(content["payment_sum"]),
            currency_iso=content["currency_iso"],
            payment_date=datetime.fromisoformat(content["payment_date"]),
            period_from=datetime.fromisoformat(content["period_from"]),
            period_to=datetime.fromisoformat(content["period_to"]),
            now=now,
        )
        return json_response(200, {"success": True, "data": {"id": payment.id}})

    def _refund(self, request: Request, now: datetime, payment_id: str) -> Response:  # noqa: ARG002  refunds have no body
        payment = self.locations.payment(int(payment_id)) if re.fullmatch("[0-9]{1,18}", payment_id) else None
        if payment is None or payment.is_refunded:  # undocumented, both
            problem = "is already refunded" if payment else "does not exist"
            reason = f"The payment {problem}."
            raise _Rejection(422, "An error has occurred.", reason, {"payment_id": [reason]})
        self.locations.refund(payment, now)
        return Response(200)

    def _status(self, request: Request, now: datetime, salon_id: str, application_id: str) -> Response:  # noqa: ARG002
        installation = self.locations.installation(int(salon_id))
        if int(application_id) != self.application_id or installation.status == "uninstalled":
            reason = f"Application {application_id} is not installed at location {salon_id}."
            return evolve(json_response(404, {"success": False, "data": None, "meta": []}), reason=reason)
        cached_at = now - self.status_delay
        data = {
            "connection_status": {"status": installation.status, "created_at": str(installation.created_at)},
            "payments": [
                _payment_json(one, cached_at) for one in installation.payments if one.recorded_at <= cached_at
            ],
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
        return json_response(200, {"success": True, "data": data, "meta": []})

    def _validated(self, request: Request, fields: Fields) -> dict[str, Any]:
        content_type = request.headers.get("content-type", "").partition(";")[0].strip()
        if content_type.lower() != "application/json":  # the response is undocumented
            raise _Rejection(
                422, "An error has occurred.", "", {"body": ["The Content-Type must be application/json."]}
            )
        content = read_object(request.body)
        if content is None:
            raise _Rejection(422, "An error has occurred.", "", {"body": ["This must be a JSON object."]})
        if errors := errors_in(content, fields):  # their structure is undocumented
            raise _Rejection(422, "An error has occurred.", "", errors)
        if content["application_id"] != self.application_id:
            raise _Rejection(400, "Агрегатор не найден", f"The partner's application is {self.application_id}.")
        return content


_ENDPOINTS: dict[tuple[str, str], Callable[..., Response]] = {
    ("POST", "/marketplace/partner/callback/redirect"): AltegioAPI._register,
    ("POST", "/marketplace/partner/payment"): AltegioAPI._pay,
    ("POST", "/marketplace/partner/payment/refund/([^/]+)"): AltegioAPI._refund,
    ("GET", "/marketplace/salon/([0-9]{1,18})/application/([0-9]{1,18})"): AltegioAPI._status,
}


@frozen
class _Rejection(Exception):  # noqa: N818  a response, not an error
    status: int
    message: str
    reason: str
    errors: dict[str, list[str]] | None = None
    allow: str | None = None


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


def json_response(status: int, content: object) -> Response:
    """Return a JSON response."""
    return Response(status, {"content-type": "application/json"}, json.dumps(content, ensure_ascii=False).encode())
