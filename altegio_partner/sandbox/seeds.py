"""Seed files: what a sandbox knows when it starts. JSON, checked as a whole before any of it is used.

    {
      "now": "2026-12-01 12:00:00",
      "locations": [
        {"salon_id": 123, "status": "active", "payments": [{"payment_sum": 990.99, "currency_iso": "EUR"}]}
      ]
    }

All but `salon_id` and `payment_sum` can be left out. A payment then is in euros, of now, for 30 days.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, cast, get_args

from attrs import frozen

from altegio_partner.ids import wire_id

from .fields import DATE, IDS, PAYMENT, Field, Fields, errors_in, optional, read_object
from .installation import Status
from .locations import PAID_FOR, Locations

_STATES = get_args(Status)
_LIST: Field = (lambda value: isinstance(value, list), "This must be a list.")
_FLAG: Field = (lambda value: isinstance(value, bool), "This must be true or false.")

_SEED: Fields = {"now": optional(DATE), "locations": optional(_LIST)}
_LOCATION: Fields = {
    "salon_id": IDS["salon_id"],
    "status": optional((lambda value: value in _STATES, f"This must be one of {', '.join(_STATES)}.")),
    "payments": optional(_LIST),
}
_PAYMENT: Fields = {
    "payment_sum": PAYMENT["payment_sum"],
    **{name: optional(PAYMENT[name]) for name in ("currency_iso", "payment_date", "period_from", "period_to")},
    "is_refunded": optional(_FLAG),
}


@frozen
class SownPayment:
    """A payment that was made before."""

    payment_sum: Decimal
    currency_iso: str
    payment_date: datetime | None
    period_from: datetime | None
    period_to: datetime | None
    is_refunded: bool


@frozen
class SownLocation:
    """A location that is known before."""

    salon_id: int
    status: Status
    payments: list[SownPayment]


@frozen
class Seed:
    """What a sandbox knows when it starts."""

    now: datetime | None
    locations: list[SownLocation]


def read_seed(body: bytes) -> Seed:
    """Read a seed file, or raise ValueError, which names what is wrong."""
    content = read_object(body)
    if content is None:
        raise ValueError("The seed must be a JSON object.")
    _check("", content, _SEED)
    locations = [_location(f"locations[{index}]", one) for index, one in enumerate(content.get("locations") or [])]
    for salon_id, times in Counter(location.salon_id for location in locations).items():
        if times > 1:
            raise ValueError(f"Location {salon_id} stands in the seed more than once.")
    return Seed(_time(content.get("now")), locations)


def sow(seed: Seed, locations: Locations, now: datetime) -> None:
    """Let the locations be as the seed says."""
    for location in seed.locations:
        salon_id = wire_id("salon_id", location.salon_id)
        locations.connect(salon_id, now)
        if location.status != "pending":
            locations.activate(salon_id, now)
        for one in location.payments:
            begin = one.period_from or now
            payment = locations.pay(
                salon_id=salon_id,
                payment_sum=one.payment_sum,
                currency_iso=one.currency_iso,
                payment_date=one.payment_date or now,
                period_from=begin,
                period_to=one.period_to or begin + PAID_FOR,
                now=now,
            )
            if one.is_refunded:
                locations.refund(payment, now)
        if location.status == "freezed":
            locations.freeze(salon_id, now)
        elif location.status == "uninstalled":
            locations.uninstall(salon_id, now)


def _location(place: str, given: object) -> SownLocation:
    content = _check(place, given, _LOCATION)
    status = cast(Status, content.get("status") or "active")
    payments = [_payment(f"{place}.payments[{n}]", one) for n, one in enumerate(content.get("payments") or [])]
    if payments and status == "pending":
        raise ValueError(f"{place}.payments: A pending location cannot have paid.")
    return SownLocation(content["salon_id"], status, payments)


def _payment(place: str, given: object) -> SownPayment:
    content = _check(place, given, _PAYMENT)
    return SownPayment(
        payment_sum=Decimal(content["payment_sum"]),
        currency_iso=content.get("currency_iso") or "EUR",
        payment_date=_time(content.get("payment_date")),
        period_from=_time(content.get("period_from")),
        period_to=_time(content.get("period_to")),
        is_refunded=bool(content.get("is_refunded")),
    )


def _check(place: str, given: object, fields: Fields) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise ValueError(f"{place}: This must be an object.")  # noqa: TRY004  all that is wrong with a seed is one kind
    content = cast(dict[str, Any], given)
    errors = errors_in(content, fields)
    for name in content:
        if name not in fields:
            errors[name] = [f"There is no such field. There are {', '.join(fields)}."]
    for name, (wanted,) in errors.items():
        raise ValueError(f"{place}{place and '.'}{name}: {wanted}")
    return content


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
