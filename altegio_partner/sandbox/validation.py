"""Validation of request bodies and their fields."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

_MAX_WEBHOOKS = 10
_MAX_SUM = 10**12  # undocumented
_MISSING = object()
_MAX_ID = 2**63 - 1  # PHP's integers have 64 bits


def read_object(body: bytes) -> dict[str, Any] | None:
    """Parse a body as a JSON object, with exact numbers. None if it is not one."""
    try:
        content = json.loads(body, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError):
        return None
    return cast(dict[str, Any], content) if isinstance(content, dict) else None


def errors_in(content: Mapping[str, object], fields: "Fields") -> dict[str, list[str]]:
    """Return the requirement of each field that is missing or invalid."""
    return {
        name: [requirement]
        for name, (is_valid, requirement) in fields.items()
        if not is_valid(content.get(name, _MISSING))
    }


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MAX_ID


def _is_sum(value: object) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool) and 0 <= value <= _MAX_SUM


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


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_urls(value: object) -> bool:
    urls = cast(list[object], value) if isinstance(value, list) else [None]
    texts = [url for url in urls if isinstance(url, str) and url.startswith("https://")]
    return len(urls) == len(set(texts)) <= _MAX_WEBHOOKS


Field = tuple[Callable[[object], bool], str]
Fields = Mapping[str, Field]


def optional(field: Field) -> Field:
    """Return the field as an optional one."""
    is_valid, requirement = field
    return lambda value: value is _MISSING or is_valid(value), requirement


_ID: Field = (_is_id, "This must be a positive integer.")
DATE: Field = (_is_date, "This must be a date of the form 2022-01-01 10:10:00.")
IDS: Fields = {"salon_id": _ID, "application_id": _ID}
REGISTRATION: Fields = {
    **IDS,
    "api_key": optional((_is_text, "This must be a string.")),
    "webhook_urls": optional((_is_urls, "This must be a list of at most 10 https addresses, each of them once.")),
}
PAYMENT: Fields = {
    **IDS,
    "currency_iso": (_is_currency, "This must be three capital letters."),
    "payment_sum": (_is_sum, "This must be a number, zero or more."),
    "payment_date": DATE,
    "period_from": DATE,
    "period_to": DATE,
}
