"""Seed files: the initial state of a sandbox, in JSON. A file is validated completely before any of it is used.

    {
      "now": "2026-12-01 12:00:00",
      "locations": [
        {"salon_id": 123, "status": "active", "payments": [{"payment_sum": 990.99, "currency_iso": "EUR"}]}
      ]
    }

Everything except `salon_id` and `payment_sum` is optional. By default a payment is in euros, made now, for 30 days.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, cast, get_args

from attrs import frozen

from altegio_partner.ids import wire_id

from .location_state import Status
from .locations import DEFAULT_PERIOD, Locations
from .validation import DATE, IDS, PAYMENT, Field, Fields, errors_in, optional, read_object

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
class SeedPayment:
    """A payment of a seed."""

    payment_sum: Decimal
    currency_iso: str
    payment_date: datetime | None
    period_from: datetime | None
    period_to: datetime | None
    is_refunded: bool


@frozen
class SeedLocation:
    """A location of a seed."""

    salon_id: int
    status: Status
    payments: list[SeedPayment]


@frozen
class Seed:
    """The initial state of a sandbox."""

    now: datetime | None
    locations: list[SeedLocation]


def read_seed(body: bytes) -> Seed:
    """Parse a seed file. Raises ValueError, which names the invalid field."""
    content = read_object(body)
    if content is None:
        raise ValueError("The seed must be a JSON object.")
    _validated("", content, _SEED)
    locations = [_location(f"locations[{index}]", one) for index, one in enumerate(content.get("locations") or [])]
    for salon_id, count in Counter(location.salon_id for location in locations).items():
        if count > 1:
            raise ValueError(f"The seed contains location {salon_id} more than once.")
    return Seed(_time(content.get("now")), locations)


def apply_seed(seed: Seed, locations: Locations, now: datetime) -> None:
    """Add the locations and payments of the seed."""
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
                period_to=one.period_to or begin + DEFAULT_PERIOD,
                now=now,
            )
            if one.is_refunded:
                locations.refund(payment, now)
        if location.status == "freezed":
            locations.freeze(salon_id, now)
        elif location.status == "uninstalled":
            locations.uninstall(salon_id, now)


def _location(where: str, value: object) -> SeedLocation:
    content = _validated(where, value, _LOCATION)
    status = cast(Status, content.get("status") or "active")
    payments = [_payment(f"{where}.payments[{n}]", one) for n, one in enumerate(content.get("payments") or [])]
    if payments and status == "pending":
        raise ValueError(f"{where}.payments: A pending location cannot have payments.")
    return SeedLocation(content["salon_id"], status, payments)


def _payment(where: str, value: object) -> SeedPayment:
    content = _validated(where, value, _PAYMENT)
    return SeedPayment(
        payment_sum=Decimal(content["payment_sum"]),
        currency_iso=content.get("currency_iso") or "EUR",
        payment_date=_time(content.get("payment_date")),
        period_from=_time(content.get("period_from")),
        period_to=_time(content.get("period_to")),
        is_refunded=bool(content.get("is_refunded")),
    )


def _validated(where: str, value: object, fields: Fields) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{where}: This must be an object.")  # noqa: TRY004  every problem of a seed is a ValueError
    content = cast(dict[str, Any], value)
    errors = errors_in(content, fields)
    for name in content:
        if name not in fields:
            errors[name] = [f"Unknown field. The fields are {', '.join(fields)}."]
    for name, (problem,) in errors.items():
        raise ValueError(f"{where}{where and '.'}{name}: {problem}")
    return content


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
