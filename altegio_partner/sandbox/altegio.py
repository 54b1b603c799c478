"""Altegio as far as its documentation goes: what it remembers, and what it answers. No socket, no clock, no chance.

Where the documentation is silent a choice was made, and a comment says so.
"""

# The table of endpoints names methods of the class above it:
# pyright: reportPrivateUsage=false
# ruff: noqa: SLF001

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, cast

from attrs import define, field, frozen

_FIRST_PAYMENT_ID = 123  # as in the examples of the documentation, which can be followed to the letter here
_MOST_WEBHOOKS = 10


@frozen
class Request:
    """What came in. The names of headers are in small letters."""

    method: str
    path: str
    headers: Mapping[str, str] = field(factory=dict[str, str])
    body: bytes = b""


@frozen
class Reply:
    """What goes out."""

    status: int
    headers: Mapping[str, str] = field(factory=dict[str, str])
    body: bytes = b""


@define
class Payment:
    """A payment that Altegio was told of."""

    id: int
    salon_id: int
    payment_sum: Decimal
    currency_iso: str
    payment_date: str
    period_from: str
    period_to: str
    is_refunded: bool = False


@define
class Altegio:
    """One partner's application, the locations that are connected to it, and their payments."""

    partner_token: str = field(repr=False)
    application_id: int
    redirects: bool
    """Whether a registration is answered with 301 and a Location, or with 200: both are documented."""
    installations: dict[int, Literal["pending", "active"]] = field(factory=dict[int, Literal["pending", "active"]])
    payments: dict[int, Payment] = field(factory=dict[int, Payment])

    def answer(self, request: Request) -> Reply:
        """Decide the answer to a request, and remember what it changes."""
        try:
            return self._act(request)
        except _Refused as refusal:
            meta = {"message": refusal.message, **({"errors": refusal.errors} if refusal.errors else {})}
            return _json(refusal.status, {"success": False, "data": None, "meta": meta})

    def _act(self, request: Request) -> Reply:
        for path, act in _ENDPOINTS.items():
            match = re.fullmatch(path, request.path)
            if match is None:
                continue
            if request.method != "POST":
                raise _Refused(405, "Method not allowed.")
            if request.headers.get("authorization") != f"Bearer {self.partner_token}":
                raise _Refused(401, "Authentication needed.")
            return act(self, request, *match.groups())
        raise _Refused(404, "Not found.")

    def _register(self, request: Request) -> Reply:
        salon_id = self._checked(request, _REGISTRATION)["salon_id"]
        state = self.installations.get(salon_id)
        if state != "pending":
            raise _Refused(403, "The user has already installed this application." if state else "Access denied.")
        self.installations[salon_id] = "active"
        if self.redirects:  # where to is undocumented
            return Reply(301, {"location": f"https://altegio.invalid/further-setup?salon_id={salon_id}"})
        return _json(200, {"success": True})

    def _pay(self, request: Request) -> Reply:
        given = self._checked(request, _PAYMENT)
        if self.installations.get(given["salon_id"]) != "active":  # undocumented for what is not registered yet
            raise _Refused(403, "Access denied.")
        payment = Payment(
            id=_FIRST_PAYMENT_ID + len(self.payments),
            salon_id=given["salon_id"],
            payment_sum=Decimal(given["payment_sum"]),
            currency_iso=given["currency_iso"],
            payment_date=given["payment_date"],
            period_from=given["period_from"],
            period_to=given["period_to"],
        )
        self.payments[payment.id] = payment
        return _json(200, {"success": True, "data": {"id": payment.id}})

    def _refund(self, request: Request, payment_id: str) -> Reply:  # noqa: ARG002  its body is not looked at
        payment = self.payments.get(int(payment_id))
        if payment is None or payment.is_refunded:  # undocumented, both
            problem = "is already refunded" if payment else "does not exist"
            raise _Refused(422, "An error has occurred.", {"payment_id": [f"The payment {problem}."]})
        payment.is_refunded = True
        return Reply(200)

    def _checked(self, request: Request, fields: "_Fields") -> dict[str, Any]:
        try:
            given: dict[str, Any] = dict(json.loads(request.body, parse_float=Decimal))
        except (ValueError, TypeError):
            raise _Refused(422, "An error has occurred.", {"body": ["This must be a JSON object."]}) from None
        errors = {name: [wanted] for name, (is_right, wanted) in fields.items() if not is_right(given.get(name))}
        if errors:  # the shape of them is undocumented
            raise _Refused(422, "An error has occurred.", errors)
        if given["application_id"] != self.application_id:
            raise _Refused(400, "Агрегатор не найден")
        return given


_ENDPOINTS: dict[str, Callable[..., Reply]] = {
    "/marketplace/partner/callback/redirect": Altegio._register,
    "/marketplace/partner/payment": Altegio._pay,
    "/marketplace/partner/payment/refund/([0-9]{1,18})": Altegio._refund,
}


@frozen
class _Refused(Exception):  # noqa: N818  it is an answer, not an error
    status: int
    message: str
    errors: dict[str, list[str]] | None = None


def _json(status: int, content: object) -> Reply:
    return Reply(status, {"content-type": "application/json"}, json.dumps(content, ensure_ascii=False).encode())


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_sum(value: object) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool) and value >= 0


def _is_currency(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch("[A-Z]{3}", value) is not None


def _is_date(value: object) -> bool:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}", value, re.ASCII):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_text_or_missing(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_urls_or_missing(value: object) -> bool:
    if value is None:
        return True
    urls = cast(list[object], value) if isinstance(value, list) else [None]
    return len(urls) <= _MOST_WEBHOOKS and all(str(url).startswith("https://") for url in urls)


_Fields = Mapping[str, tuple[Callable[[object], bool], str]]

_IDS: _Fields = {
    "salon_id": (_is_id, "This must be a positive integer."),
    "application_id": (_is_id, "This must be a positive integer."),
}
_REGISTRATION: _Fields = {
    **_IDS,
    "api_key": (_is_text_or_missing, "This must be a string."),
    "webhook_urls": (_is_urls_or_missing, "This must be a list of at most 10 https addresses."),
}
_PAYMENT: _Fields = {
    **_IDS,
    "currency_iso": (_is_currency, "This must be three capital letters."),
    "payment_sum": (_is_sum, "This must be a number, zero or more."),
    "payment_date": (_is_date, "This must be a date of the form 2022-01-01 10:10:00."),
    "period_from": (_is_date, "This must be a date of the form 2022-01-01 10:10:00."),
    "period_to": (_is_date, "This must be a date of the form 2022-01-01 10:10:00."),
}
