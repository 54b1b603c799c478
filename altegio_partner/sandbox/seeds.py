"""Seed files: the initial state of a sandbox, in JSON. A file is validated completely before any of it is used.

    {
      "now": "2026-12-01 12:00:00",
      "locations": [
        {"salon_id": 123, "title": "La Visage", "timezone_name": "Europe/Paris", "status": "active",
         "payments": [{"payment_sum": 990.99, "currency_iso": "EUR"}]}
      ],
      "tariffs": [{"title": "1 month", "options": [{"title": "Solo professional", "overall_price": 500}]}]
    }

Everything except `salon_id`, `payment_sum` and `overall_price` is optional. By default a payment is in euros, made now,
for 30 days, and a location is in New York. Without `tariffs`, the application has that of Altegio's documentation.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import field, frozen

from altegio_partner.ids import wire_id

from .location_state import STATUSES, Status
from .locations import DEFAULT_PERIOD, Locations
from .validation import BOOLEAN, DATE, ID, PAYMENT, SUM, TEXT, Field, Fields, errors_in, one_of, optional, read_object

_LIST = Field(lambda value: isinstance(value, list), "This must be a list.")
_FIRST_TARIFF_ID, _FIRST_OPTION_ID = 89, 123  # as in the examples of Altegio's documentation
_DEFAULT_OPTION: Mapping[str, Any] = {
    "title": "Solo professional",
    "overall_price": 500.0,
    "duration_in_months": 1,
    "currency_iso": "USD",
    "staff_amount": 1,
    "free_period_in_months": 0,
}
DEFAULT_TARIFFS: list[dict[str, Any]] = [
    {"id": _FIRST_TARIFF_ID, "title": "1 month", "options": [{"id": _FIRST_OPTION_ID, **_DEFAULT_OPTION}]}
]


def _is_zone(value: object) -> bool:
    try:
        return bool(ZoneInfo(cast(str, value)))
    except (ValueError, TypeError, AttributeError, OSError, ZoneInfoNotFoundError):
        return False


_SEED: Fields = {"now": optional(DATE), "locations": optional(_LIST), "tariffs": optional(_LIST)}
_LOCATION: Fields = {
    "salon_id": ID,
    "status": optional(one_of(*STATUSES)),
    "payments": optional(_LIST),
    "title": optional(TEXT),
    "city": optional(TEXT),
    "timezone_name": optional(Field(_is_zone, "This must be the name of a time zone, such as Europe/Paris.")),
}
_TARIFF: Fields = {"id": optional(ID), "title": optional(TEXT), "options": optional(_LIST)}
_WHOLE = Field(lambda value: type(value) is int and value >= 0, "This must be a whole number, zero or more.")
_OPTION: Fields = {
    "id": optional(ID),
    "title": optional(TEXT),
    "overall_price": SUM,
    "currency_iso": optional(PAYMENT["currency_iso"]),
    "duration_in_months": optional(_WHOLE),
    "staff_amount": optional(_WHOLE),
    "free_period_in_months": optional(_WHOLE),
}
_PAYMENT: Fields = {
    "payment_sum": PAYMENT["payment_sum"],
    **{name: optional(PAYMENT[name]) for name in ("currency_iso", "payment_date", "period_from", "period_to")},
    "is_refunded": optional(BOOLEAN),
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
    facts: Mapping[str, str] = field(factory=dict[str, str])
    """Its title, city and time zone, if given."""


@frozen
class Seed:
    """The initial state of a sandbox."""

    now: datetime | None
    locations: list[SeedLocation]
    tariffs: list[dict[str, Any]] | None = None
    """The tariffs, as Altegio returns them; None for those of its documentation."""


def read_seed(body: bytes) -> Seed:
    """Parse a seed file. Raises ValueError, which names the invalid field."""
    content = read_object(body.removeprefix(b"\xef\xbb\xbf"))  # some editors write a byte order mark
    if content is None:
        raise ValueError("The seed must be a JSON object.")
    _validated("", content, _SEED)
    locations = [_location(f"locations[{index}]", one) for index, one in enumerate(content.get("locations") or [])]
    for salon_id, count in Counter(location.salon_id for location in locations).items():
        if count > 1:
            raise ValueError(f"The seed contains location {salon_id} more than once.")
    tariffs = content.get("tariffs")
    return Seed(_time(content.get("now")), locations, None if tariffs is None else _tariffs(tariffs))


def apply_seed(seed: Seed, locations: Locations, now: datetime) -> None:
    """Add the locations, payments and tariffs of the seed."""
    if seed.tariffs is not None:
        locations.set_detail(0, "tariffs", seed.tariffs)
    for location in seed.locations:
        salon_id = wire_id("salon_id", location.salon_id)
        if location.facts:
            locations.set_detail(salon_id, "location", dict(location.facts))
        locations.connect(salon_id, now)
        if location.status != "pending":
            begins = [one.period_from for one in location.payments if one.period_from]
            locations.activate(salon_id, now, since=min([now, *begins]))
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
    facts = {name: content[name] for name in ("title", "city", "timezone_name") if name in content}
    return SeedLocation(content["salon_id"], status, payments, facts)


def _tariffs(values: list[object]) -> list[dict[str, Any]]:
    """Validate the tariffs, and number those without an id."""
    tariffs: list[dict[str, Any]] = []
    option_id = _FIRST_OPTION_ID
    for index, value in enumerate(values):
        tariff: dict[str, Any] = {
            "id": _FIRST_TARIFF_ID + index,
            "title": "",
            **_validated(f"tariffs[{index}]", value, _TARIFF),
        }
        options: list[dict[str, Any]] = []
        for number, one in enumerate(tariff.get("options", [])):
            option = _validated(f"tariffs[{index}].options[{number}]", one, _OPTION)
            price = {"overall_price": float(option["overall_price"])}
            options.append({"id": option_id, **_DEFAULT_OPTION, **option, **price})
            option_id += 1
        tariffs.append({**tariff, "options": options})
    return tariffs


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
