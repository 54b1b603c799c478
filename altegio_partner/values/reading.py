"""Lenient readers of the values in responses: PHP writes 1 for true, "5" for 5, and [] for null."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TypeVar, cast

from altegio_partner.ids import read_id

from .value import Value

V = TypeVar("V", bound=Value)

_MAX_DIGITS = 40  # of a number: to write out what has a billion takes all memory


def read_all(kind: type[V], raw: object) -> list[V]:
    """Return the values of this class in an array of the response."""
    return [kind.of(one) for one in items(raw)]


def items(raw: object) -> list[object]:
    """Return the items of an array. PHP writes it as an object if its numbering has gaps, or as null."""
    match raw:
        case dict():
            return list(cast("dict[str, object]", raw).values())
        case list() | None:
            return list(cast("list[object]", raw or []))
        case _:
            raise TypeError


def text(value: object) -> str | None:
    """Return the text, or None if the value is not text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def filled(value: object) -> str | None:
    """Return the text, or None if the value is not text or empty."""
    return text(value) or None


def texts(value: object) -> tuple[str, ...]:
    """Return the texts of an array, without the empty ones."""
    return tuple(one for one in map(text, items(value)) if one)


def flag(value: object) -> bool | None:
    """Return the boolean, or None if the value is not one."""
    found = number(value)
    return bool(found) if found in (0, 1) else None


def number(value: object) -> Decimal | None:
    """Return the number, with the digits as written, or None if the value is not a number."""
    if not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(int(value)) if isinstance(value, bool) else Decimal(str(value))
    except ArithmeticError:
        return None
    return found if found.is_finite() and abs(found.adjusted()) < _MAX_DIGITS else None


def integer(value: object) -> int | None:
    """Return the integer, or None if the value is not one."""
    found = number(value)
    return int(found) if found is not None and found == found.to_integral_value() else None


def positive(value: object) -> int | None:
    """Return the id, or None if the value is not one, or is 0."""
    try:
        return read_id(value)
    except ValueError:
        return None


def moment(value: object) -> datetime | None:
    """Return the date and time, with its offset if it has one, or None if the value is not a time."""
    try:
        return datetime.fromisoformat(text(value) or "")
    except ValueError:
        return None


def mapping(value: object) -> Mapping[str, object]:
    """Return the object, or an empty one if the value is not an object."""
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}
