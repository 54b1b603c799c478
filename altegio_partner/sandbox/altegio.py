"""Altegio as far as its documentation goes: what it answers to a call. No socket, no clock, no chance.

Where the documentation is silent a choice was made, and a comment says so.
"""

# The table of endpoints names methods of the class above it:
# pyright: reportPrivateUsage=false
# ruff: noqa: SLF001

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from attrs import evolve, field, frozen

from .fields import PAYMENT, REGISTRATION, Fields, errors_in, read_object
from .installation import Payment
from .locations import Locations

_ACCEPT = "application/vnd.api.v2+json"


@frozen
class Request:
    """What came in. The names of headers are in small letters."""

    method: str
    path: str
    headers: Mapping[str, str] = field(factory=dict[str, str])
    body: bytes = b""
    base_url: str = "https://altegio.invalid"
    """Where it was sent, as far as that is a place to send a browser to."""
    address: str = "this process"
    """Where it came from."""


@frozen
class Reply:
    """What goes out."""

    status: int
    headers: Mapping[str, str] = field(factory=dict[str, str])
    body: bytes = b""
    why: str = ""
    """Why the call was refused, in words that Altegio keeps to itself."""
    delivery: Literal["whole", "dropped", "stalled", "dripped", "cut"] = "whole"
    """How it arrives, which is all of it, not at all, not even its end, its body byte by byte, or half of its body."""


@frozen
class Altegio:
    """One partner's application, and the locations that are connected to it."""

    partner_token: str = field(repr=False)
    application_id: int
    redirects: bool
    """Whether a registration is answered with 301 and a Location, or with 200: both are documented."""
    lag: timedelta
    """How long the status of a location misses what was recorded: Altegio caches it for up to an hour."""
    locations: Locations

    def answer(self, request: Request, now: datetime) -> Reply:
        """Decide the answer to a request, and remember what it changes."""
        self.locations.settle(now)
        try:
            return self._act(request, now)
        except _Refused as refusal:
            errors = {"errors": refusal.errors} if refusal.errors else {}
            meta = {"message": refusal.message, **errors}
            reply = json_reply(refusal.status, {"success": False, "data": None, "meta": meta})
            words = " ".join(f"{name}: {' '.join(wanted)}" for name, wanted in (refusal.errors or {}).items())
            allow = {"allow": refusal.allow} if refusal.allow else {}
            return evolve(reply, headers={**reply.headers, **allow}, why=refusal.why or words)

    def _act(self, request: Request, now: datetime) -> Reply:
        for (method, path), act in _ENDPOINTS.items():
            match = re.fullmatch(path, request.path)
            if match is None:
                continue
            if request.method != method:
                raise _Refused(405, "Method not allowed.", f"This path takes {method}.", allow=method)
            if request.headers.get("authorization") != f"Bearer {self.partner_token}":
                raise _Refused(
                    401, "Authentication needed.", "The Authorization header must be 'Bearer' and the token."
                )
            if _ACCEPT not in request.headers.get("accept", ""):  # how it is refused is undocumented
                raise _Refused(403, "Access denied.", f"The Accept header does not have {_ACCEPT}.")
            return act(self, request, now, *match.groups())
        raise _Refused(404, "Not found.", "There is no such path. It begins with /marketplace, without /api/v1.")

    def _register(self, request: Request, now: datetime) -> Reply:
        given = self._checked(request, REGISTRATION)
        salon_id = given["salon_id"]
        status = self.locations.status(salon_id)
        if status in ("active", "freezed"):
            why = f"The application is {status} at this location."
            raise _Refused(403, "The user has already installed this application.", why)
        if status == "uninstalled":
            raise _Refused(403, "Access denied.", "The location's owner has not clicked Connect within 12 hours.")
        self.locations.activate(salon_id, now)
        if self.redirects:  # where to is undocumented
            return Reply(301, {"location": f"{request.base_url}/further-setup?salon_id={salon_id}"})
        return json_reply(200, {"success": True})

    def _pay(self, request: Request, now: datetime) -> Reply:
        given = self._checked(request, PAYMENT)
        status = self.locations.status(given["salon_id"])
        if status in ("uninstalled", "pending"):  # undocumented
            raise _Refused(403, "Access denied.", f"The application is {status} at this location.")
        payment = self.locations.pay(
            salon_id=given["salon_id"],
            payment_sum=Decimal(given["payment_sum"]),
            currency_iso=given["currency_iso"],
            payment_date=datetime.fromisoformat(given["payment_date"]),
            period_from=datetime.fromisoformat(given["period_from"]),
            period_to=datetime.fromisoformat(given["period_to"]),
            now=now,
        )
        return json_reply(200, {"success": True, "data": {"id": payment.id}})

    def _refund(self, request: Request, now: datetime, payment_id: str) -> Reply:  # noqa: ARG002  it has no body
        payment = self.locations.payment(int(payment_id)) if re.fullmatch("[0-9]{1,18}", payment_id) else None
        if payment is None or payment.is_refunded:  # undocumented, both
            problem = "is already refunded" if payment else "does not exist"
            why = f"The payment {problem}."
            raise _Refused(422, "An error has occurred.", why, {"payment_id": [why]})
        self.locations.refund(payment, now)
        return Reply(200)

    def _status(self, request: Request, now: datetime, salon_id: str, application_id: str) -> Reply:  # noqa: ARG002
        installation = self.locations.installation(int(salon_id))
        if int(application_id) != self.application_id or installation.status == "uninstalled":
            why = f"The application {application_id} is not installed at location {salon_id}."
            return evolve(json_reply(404, {"success": False, "data": None, "meta": []}), why=why)
        cached_at = now - self.lag
        data = {
            "connection_status": {"status": installation.status, "created_at": str(installation.created_at)},
            "payments": [_shown(one, cached_at) for one in installation.payments if one.recorded_at <= cached_at],
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
        return json_reply(200, {"success": True, "data": data, "meta": []})

    def _checked(self, request: Request, fields: Fields) -> dict[str, Any]:
        content_type = request.headers.get("content-type", "").partition(";")[0].strip()
        if content_type.lower() != "application/json":  # how it is refused is undocumented
            raise _Refused(422, "An error has occurred.", "", {"body": ["The Content-Type must be application/json."]})
        given = read_object(request.body)
        if given is None:
            raise _Refused(422, "An error has occurred.", "", {"body": ["This must be a JSON object."]})
        if errors := errors_in(given, fields):  # the shape of them is undocumented
            raise _Refused(422, "An error has occurred.", "", errors)
        if given["application_id"] != self.application_id:
            raise _Refused(400, "Агрегатор не найден", f"The partner's application is {self.application_id}.")
        return given


_ENDPOINTS: dict[tuple[str, str], Callable[..., Reply]] = {
    ("POST", "/marketplace/partner/callback/redirect"): Altegio._register,
    ("POST", "/marketplace/partner/payment"): Altegio._pay,
    ("POST", "/marketplace/partner/payment/refund/([^/]+)"): Altegio._refund,
    ("GET", "/marketplace/salon/([0-9]{1,18})/application/([0-9]{1,18})"): Altegio._status,
}


@frozen
class _Refused(Exception):  # noqa: N818  it is an answer, not an error
    status: int
    message: str
    why: str
    errors: dict[str, list[str]] | None = None
    allow: str | None = None


def _shown(payment: Payment, cached_at: datetime) -> dict[str, object]:
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


def json_reply(status: int, content: object) -> Reply:
    """Write an answer in JSON."""
    return Reply(status, {"content-type": "application/json"}, json.dumps(content, ensure_ascii=False).encode())
