"""The validation of request bodies and their fields, also as PHP would read them."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, cast

from attrs import frozen

from .choices import ChoiceName

_MAX_WEBHOOKS = 10
_MAX_URL = 4096
_MAX_NAMES = 20
_MAX_SUM = 10**12  # a choice
_MISSING = object()
_MAX_ID = 2**63 - 1  # PHP's integers have 64 bits
_MAX_DEPTH = 511  # PHP allows 512 levels by default, and counts the values inside as one
_DATE_OF_PHP = re.compile(
    r"(\d{4})-(\d\d)-(0[1-9]|[12]\d|3[01])(?:[ T]([01]\d|2[0-4]):([0-5]\d):([0-5]\d|60))?", re.ASCII
)
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


def read_object(body: bytes) -> dict[str, Any] | None:
    """Parse a body as a JSON object with exact numbers. Return None if it is not one, or if PHP would reject it."""
    try:
        # Python would also accept a byte order mark, UTF-16, NaN, lone surrogates and any depth.
        content = json.loads(body.decode(), parse_float=Decimal, parse_constant=_reject_constant)
        if b"\\u" in body:
            json.dumps(content, ensure_ascii=False, default=str).encode()
    except (ValueError, ArithmeticError, RecursionError):
        return None
    return cast(dict[str, Any], content) if isinstance(content, dict) and _depth(body) <= _MAX_DEPTH else None


def _reject_constant(constant: str) -> object:
    raise ValueError(constant)


def _depth(body: bytes) -> int:
    if body.count(b"[") + body.count(b"{") <= _MAX_DEPTH:
        return 0
    depth = maximum = 0
    for byte in _STRINGS.sub(b"", body):
        depth += (byte in b"[{") - (byte in b"]}")
        maximum = max(maximum, depth)
    return maximum


@frozen
class Field:
    """What a field must be, and what else PHP would accept. Whether Altegio accepts that is unknown."""

    is_valid: Callable[[object], bool]
    requirement: str
    otherwise: Sequence[tuple[ChoiceName, Callable[[Any], object]]] = ()
    """The choices to reject what PHP would accept. Each function returns the value that PHP would read, or raises."""
    is_valid_leniently: Callable[[object], bool] | None = None
    """Validates the value that PHP reads, if it may be less strict than `is_valid`."""

    def reading(self, value: object) -> tuple[ChoiceName, object] | None:
        """Return the choice that rejects an invalid value, and the value that PHP would read; or None."""
        is_valid = self.is_valid_leniently or self.is_valid
        for choice, read in self.otherwise:
            try:
                found = read(value)
            except (ValueError, TypeError, ArithmeticError, AttributeError, LookupError):
                continue
            if is_valid(found):
                return choice, found
        return None


Fields = Mapping[str, Field]


class Reading(NamedTuple):
    """A validated body."""

    content: dict[str, Any]
    errors: dict[str, list[str]]
    """The requirement of each field that is missing or invalid."""
    choice: ChoiceName | None
    """The choice that rejects the body; None if there is no error, or one that is not a choice."""


def read_fields(content: Mapping[str, object], fields: Fields, *, lenient: bool) -> Reading:
    """Validate the fields. If `lenient`, accept what PHP would accept."""
    read = dict(content)
    errors: dict[str, list[str]] = {}
    choices: list[ChoiceName | None] = []
    for name, field in fields.items():
        value = content.get(name, _MISSING)
        if field.is_valid(value):
            continue
        other = field.reading(value)
        if lenient and other:
            read[name] = other[1]
            if other[1] is _MISSING:
                del read[name]
        else:
            errors[name] = [field.requirement]
            choices.append(other[0] if other else None)
    return Reading(read, errors, choices[0] if choices and None not in choices else None)


def errors_in(content: Mapping[str, object], fields: Fields) -> dict[str, list[str]]:
    """Return the requirement of each field that is missing or invalid."""
    return read_fields(content, fields, lenient=False).errors


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MAX_ID


def _is_number(value: object) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def _is_sum(value: object) -> bool:
    return _is_large_sum(value) and cast(int, value) <= _MAX_SUM


def _is_large_sum(value: object) -> bool:
    return _is_number(value) and 0 <= cast(int, value) <= _MAX_ID


def _is_currency(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch("[A-Z]{3}", value) is not None


def _is_date(value: object) -> bool:
    return _is_moment(value, r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}")


def _is_moment(value: object, pattern: str) -> bool:
    if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_list_of(is_valid: Callable[[object], bool], minimum: int, maximum: int) -> Callable[[object], bool]:
    def check(value: object) -> bool:
        items = cast(list[object], value) if isinstance(value, list) else None
        return items is not None and minimum <= len(items) <= maximum and all(map(is_valid, items))

    return check


def _is_secure_url(value: object) -> bool:
    return isinstance(value, str) and value.startswith("https://") and len(value) <= _MAX_URL


def _is_url(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://")) and len(value) <= _MAX_URL


def _is_unique(is_list: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: is_list(value) and len(set(cast(list[str], value))) == len(cast(list[str], value))


def _whole(value: object) -> object:
    # The bound is checked first: converting a number of a million digits takes minutes.
    if not isinstance(value, Decimal) or not 0 <= value <= _MAX_ID or value != int(value):
        raise ValueError(value)
    return int(value)


def _numeric_text(value: str) -> object:
    """Return the number that PHP reads from a string."""
    if not re.fullmatch(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?\s*", value, re.ASCII):
        raise ValueError(value)
    number = Decimal(value.strip())
    if not 0 <= number <= _MAX_ID:
        raise ValueError(value)
    return int(number) if number == number.to_integral_value() else number


def _date_of_php(value: str) -> object:
    """Read a date as PHP does: with a T or without a time, February 30, 24:00:00, and a leap second."""
    found = _DATE_OF_PHP.fullmatch(value)
    if found is None:
        raise ValueError(value)
    year, month, day, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    since_the_first = timedelta(days=day - 1, hours=hours, minutes=minutes, seconds=seconds)
    return str(datetime(year, month, 1) + since_the_first)  # noqa: DTZ001  Altegio's dates have no zone


_FLAG_VALUES = {True: 1, False: 0, "1": 1, "0": 0}


def one_of(*words: str) -> Field:
    """Return a field that must be one of these words."""
    return Field(lambda value: value in words, f"This must be one of {', '.join(words)}.")


def list_of(field: Field, minimum: int, maximum: int, requirement: str) -> Field:
    """Return a field that must be a list of values of this field, of this minimum and maximum length."""

    def reading(read: Callable[[Any], object]) -> Callable[[Any], object]:
        def read_items(value: object) -> object:
            if not isinstance(value, list):
                raise ValueError(value)  # noqa: TRY004  no value of a request is a mistake in this program
            items = cast(list[object], value)
            return [one if field.is_valid(one) else read(one) for one in items]

        return read_items

    return Field(
        _is_list_of(field.is_valid, minimum, maximum),
        requirement,
        [(choice, reading(read)) for choice, read in field.otherwise],
    )


def with_default(field: Field, choice: ChoiceName, default: object) -> Field:
    """Return the field as a required one. Whether Altegio accepts its absence is unknown: that is the choice."""

    def read(value: object) -> object:
        if value is not _MISSING:
            raise ValueError(value)
        return default

    return Field(field.is_valid, field.requirement, ((choice, read), *field.otherwise))


def optional(field: Field) -> Field:
    """Return the field as an optional one."""
    return Field(
        lambda value: value is _MISSING or field.is_valid(value),
        field.requirement,
        (("null_for_optional", _absent), *field.otherwise),
    )


def _absent(value: object) -> object:
    if value is not None:
        raise ValueError(value)
    return _MISSING


ID = Field(_is_id, "This must be a positive integer.", (("ids_as_text", _numeric_text), ("fractional_ids", _whole)))
SUM = Field(
    _is_sum,
    "This must be a number, zero or more.",
    (("sum_as_text", _numeric_text), ("large_sum", lambda value: value)),
    _is_large_sum,
)
DATE = Field(_is_date, "This must be a date and time like 2022-01-01 10:10:00.", (("other_dates", _date_of_php),))
DAY = Field(lambda value: _is_moment(value, r"\d{4}-\d{2}-\d{2}"), "This must be a date like 2022-01-01.")
TEXT = Field(_is_text, "This must be a string.")
NUMBER = Field(_is_sum, SUM.requirement)
FLAG = Field(
    lambda value: value in (0, 1) and isinstance(value, int) and not isinstance(value, bool),
    "This must be 0 or 1.",
    (("flags_as_words", _FLAG_VALUES.__getitem__),),
)
BOOLEAN = Field(
    lambda value: isinstance(value, bool),
    "This must be true or false.",
    (("flags_as_words", lambda value: bool(_FLAG_VALUES[value])),),
)
SECURE_URLS = Field(
    _is_unique(_is_list_of(_is_secure_url, 0, _MAX_WEBHOOKS)),
    "This must be a list of at most 10 different https URLs.",
)
URLS = Field(_is_unique(_is_list_of(_is_url, 1, _MAX_WEBHOOKS)), "This must be a list of 1 to 10 different URLs.")
SECURE_URL = Field(_is_secure_url, "This must be an https URL.")
NAMES = list_of(
    Field(lambda value: isinstance(value, str) and value != "", ""),
    1,
    _MAX_NAMES,
    "This must be a list of 1 to 20 names.",
)
PAGE = Field(lambda value: type(value) is int and value >= 0, "This must be a page number.")
COUNT = Field(lambda value: type(value) is int and 0 < value <= 1000, "This must be a number from 1 to 1000.")
CHANNEL = one_of("sms", "whatsapp")
_CURRENCY = Field(
    _is_currency, "This must be three capital letters.", (("lower_case_currency", lambda value: value.upper()),)
)
_API_KEY = Field(_is_text, "This must be a string.", (("numeric_api_key", lambda value: str(value + 0)),))

IDS: Fields = {"salon_id": ID, "application_id": ID}
REGISTRATION: Fields = {
    **IDS,
    "api_key": optional(_API_KEY),
    "webhook_urls": optional(SECURE_URLS),
    "channels": optional(list_of(CHANNEL, 0, 2, "This must be a list of sms and whatsapp.")),
    "chat_url": optional(SECURE_URL),
    "tips_url": optional(SECURE_URL),
}
PAYMENT: Fields = {
    **IDS,
    "currency_iso": _CURRENCY,
    "payment_sum": SUM,
    "payment_date": DATE,
    "period_from": DATE,
    "period_to": DATE,
}
