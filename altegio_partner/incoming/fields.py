"""Parse the fields of what Altegio sends, or raise UntrustedRequestError."""

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from attrs import frozen

from altegio_partner.ids import read_id

from .trust import UntrustedRequestError

_MAX_DIGITS = 40  # digits


@frozen
class Digits:
    """A JSON number, as it is written."""

    text: str


def json_object(
    body: bytes, *, parse_float: Callable[[str], object], parse_int: Callable[[str], object] = int
) -> dict[str, object]:
    """Return the JSON object in a body."""
    try:
        content: Any = json.loads(
            body.decode("utf-8-sig"), parse_float=parse_float, parse_int=parse_int, parse_constant=_refuse
        )
    except (ValueError, ArithmeticError, RecursionError):
        raise UntrustedRequestError("not_understood") from None
    if not isinstance(content, dict):
        raise UntrustedRequestError("not_understood")
    return cast("dict[str, object]", content)


def _refuse(_: str) -> None:
    raise ValueError


def number(value: object, field: str) -> int:
    """Return the positive integer in a number or a text."""
    try:
        return read_id(value.text.removesuffix(".0") if isinstance(value, Digits) else value)
    except ValueError:
        raise UntrustedRequestError("not_understood", field) from None


def amount(value: object, field: str) -> Decimal:
    """Return the amount, exactly as it is written."""
    try:
        exact = Decimal(digits(value, field))
    except InvalidOperation:
        raise UntrustedRequestError("not_understood", field) from None
    if not exact.is_finite() or exact.is_signed() or abs(exact.adjusted()) > _MAX_DIGITS:
        raise UntrustedRequestError("not_understood", field)
    return exact


def digits(value: object, field: str) -> str:
    """Return a number as it is written, with or without quotes."""
    written = value.text if isinstance(value, Digits) else value
    if not isinstance(written, str) or not written.isascii() or len(written) > _MAX_DIGITS:
        raise UntrustedRequestError("not_understood", field)
    return written


def text(value: object, field: str) -> str | None:
    """Return the text, or None."""
    if value is not None and not isinstance(value, str):
        raise UntrustedRequestError("not_understood", field)
    return value


def flag(value: object, field: str) -> bool | None:
    """Return the boolean, which PHP also writes as 1 or 0, or None."""
    if value is None or isinstance(value, bool):
        return value
    if value in (0, 1, "0", "1"):
        return value in (1, "1")
    raise UntrustedRequestError("not_understood", field)


def timestamp(value: object, field: str) -> datetime:
    """Return the date and time."""
    try:
        return datetime.fromisoformat(text(value, field) or "")
    except ValueError:
        raise UntrustedRequestError("not_understood", field) from None
