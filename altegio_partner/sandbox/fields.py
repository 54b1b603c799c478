"""The bodies of requests, and what is wrong with their fields."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

_MOST_WEBHOOKS = 10
_LARGEST_SUM = 10**12  # undocumented


def read_object(body: bytes) -> dict[str, Any] | None:
    """Return the JSON object of a body, its numbers exactly as written, or None where there is none."""
    try:
        return dict(json.loads(body, parse_float=Decimal))
    except (ValueError, TypeError, RecursionError):
        return None


def errors_in(given: Mapping[str, object], fields: "Fields") -> dict[str, list[str]]:
    """Return what is wanted of each field that is missing or wrong."""
    return {name: [wanted] for name, (is_right, wanted) in fields.items() if not is_right(given.get(name))}


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_sum(value: object) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool) and 0 <= value <= _LARGEST_SUM


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


Fields = Mapping[str, tuple[Callable[[object], bool], str]]

_IDS: Fields = {
    "salon_id": (_is_id, "This must be a positive integer."),
    "application_id": (_is_id, "This must be a positive integer."),
}
REGISTRATION: Fields = {
    **_IDS,
    "api_key": (_is_text_or_missing, "This must be a string."),
    "webhook_urls": (_is_urls_or_missing, "This must be a list of at most 10 https addresses."),
}
PAYMENT: Fields = {
    **_IDS,
    "currency_iso": (_is_currency, "This must be three capital letters."),
    "payment_sum": (_is_sum, "This must be a number, zero or more."),
    "payment_date": (_is_date, "This must be a date of the form 2022-01-01 10:10:00."),
    "period_from": (_is_date, "This must be a date of the form 2022-01-01 10:10:00."),
    "period_to": (_is_date, "This must be a date of the form 2022-01-01 10:10:00."),
}
