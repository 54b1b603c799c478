"""A payment that is read from text: from options, or from a row of a file."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, time, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from attrs import asdict, fields, frozen

from altegio_partner import ids, operations
from altegio_partner.bad_argument import bad_argument
from altegio_partner.call import Call
from altegio_partner.client import PartnerClient
from altegio_partner.settings import Settings

_FIRST, _LAST = time(0, 0, 0), time(23, 59, 59)
_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:.+)?", re.ASCII)  # Python would read 2026-12-31+02:00 as 02:00
_DATE = re.compile(r"\s*(\d{4}|\d\d?)[./ -](\d\d?)[./ -](\d{4}|\d\d?)(?:[T ,]+(\d{1,2}:\d\d(?::\d\d)?))?\s*", re.ASCII)
_THREE_DECIMALS = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}  # of ISO 4217; CLF and UYW have four


@frozen
class Payment:
    """The arguments of `notify_payment`."""

    salon_id: int
    payment_sum: str
    currency_iso: str
    payment_date: datetime
    period_from: datetime
    period_to: datetime

    @classmethod
    def read(cls, texts: Mapping[str, str]) -> "Payment":
        """Return the payment with these values, or raise ValueError."""
        _check_sum(texts["payment_sum"], texts["currency_iso"])
        return cls(
            read_id("salon_id", texts["salon_id"]),
            texts["payment_sum"],
            texts["currency_iso"],
            read_time("payment_date", texts["payment_date"]),
            read_time("period_from", texts["period_from"], default_time=_FIRST),
            read_time("period_to", texts["period_to"], default_time=_LAST),
        )

    def send(self, client: PartnerClient, idempotency_key: str | None = None) -> int:
        """Report the payment to Altegio, and return its id."""
        return client.notify_payment(**asdict(self, recurse=False), idempotency_key=idempotency_key)

    def call(self, settings: Settings, idempotency_key: str | None = None) -> Call[int]:
        """Return the call that reports the payment, or raise ValueError."""
        return operations.marketplace.notify_payment(
            settings, **asdict(self, recurse=False), idempotency_key=idempotency_key
        )

    def rows(self, body: Mapping[str, Any], timezone: tzinfo | None) -> list[tuple[str, object, str]]:
        """Return the fields that are sent: name, value, and for times, how they were converted."""
        given = asdict(self, recurse=False)
        times = {name: conversion(value, timezone) for name, value in given.items() if isinstance(value, datetime)}
        return [(name, value, times.get(name, "")) for name, value in body.items()]


COLUMNS = ("idempotency_key", *(field.name for field in fields(Payment)))
"""The columns of a file of payments."""


def read_id(name: str, text: str) -> int:
    """Return the positive number in this text, or raise ValueError."""
    with suppress(ValueError):
        return ids.read_id(text.lstrip("0"))
    suggestion = re.fullmatch(r"\D*0*([1-9]\d{0,17})(\.0+)?\D*", text, re.ASCII)
    write, fix = (suggestion[1], "") if suggestion else ("", "Write it like 123.")
    raise bad_argument(name, "a number, digits only", text, write=write, fix=fix)


def read_time(name: str, text: str, *, default_time: time | None = None) -> datetime:
    """Return the time that is written in ISO 8601, or raise ValueError.

    Args:
        name: The field, for the error.
        text: The time, with an offset from UTC or without.
        default_time: The time of day for a date alone. Without it, a date alone is rejected.
    """
    try:
        when = datetime.fromisoformat(text) if _TIME.fullmatch(text) else None
    except ValueError:
        when = None
    is_date = len(text) == len("2026-12-31")
    if when is None or (is_date and default_time is None):
        wanted = "a date and a time" if default_time is None else "a date, or a date and a time"
        suggestion = _suggested_time(text, needs_time=default_time is None)
        fix = "" if suggestion else "Write it like '2026-11-24 12:00'."
        raise bad_argument(name, wanted, text, write=suggestion, fix=fix)
    return datetime.combine(when, default_time) if is_date and default_time else when


def conversion(given: datetime, timezone: tzinfo | None) -> str:
    """Return how this time is converted before it is sent, as text."""
    if given.tzinfo is None or timezone is None:
        return "as given: no zone is sent"
    return f"in {timezone}, given as {given.isoformat(sep=' ')}"


def _suggested_time(text: str, *, needs_time: bool) -> str:
    """Return a time in another notation as ISO 8601, or "" if it is ambiguous."""
    found = _DATE.fullmatch(text)
    if not found:
        return ""
    first, second, third, clock = found.groups()
    if len(first) == 4:
        year, month, day = first, second, third
    elif len(third) != 4:
        return ""
    elif "." in text or int(first) > 12:
        year, month, day = third, second, first
    elif int(second) > 12:
        year, month, day = third, first, second
    else:
        return ""
    try:
        suggestion, at = date(int(year), int(month), int(day)), time.fromisoformat((clock or "12:00").rjust(5, "0"))
    except ValueError:
        return ""
    return f"{suggestion} {at}".removesuffix(":00") if needs_time or clock else str(suggestion)


def _check_sum(payment_sum: str, currency_iso: str) -> None:
    if payment_sum.strip().startswith("-"):
        fix = "To report a refund, use `altegio-partner refund`."
        raise bad_argument("payment_sum", "zero or more", payment_sum, fix=fix)
    if currency_iso in _THREE_DECIMALS or not re.fullmatch(r"[0-9]{1,12}\.[0-9]{3}", payment_sum):
        return  # the client checks the rest
    rounded = Decimal(payment_sum).quantize(Decimal("0.01"), ROUND_HALF_UP)
    fix = f"Write {rounded}, or {payment_sum.replace('.', '')} if the point separates thousands."
    raise bad_argument("payment_sum", f"an amount in {currency_iso}, with at most two decimals", payment_sum, fix=fix)
