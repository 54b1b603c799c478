"""What was paid: a sum and its currency."""

import re
from decimal import Decimal

from .bad_argument import bad_argument

_DIGITS = re.compile(r"[0-9]+(\.[0-9]+)?")
_KINDS = "a Decimal, an int or a string of digits"
_CURRENCY = re.compile(r"[A-Z]{3}")


def wire_sum(value: Decimal | int | str, name: str = "payment_sum") -> float | int:
    """Return the JSON number that is exactly the sum given, or raise ValueError.

    JSON numbers are read as 64-bit floats (PHP does so too); a sum that such a float cannot give back digit for digit
    is refused instead of rounded.
    """
    if isinstance(value, float):
        fix = "Write Decimal('990.99') or '990.99': a float is seldom the exact sum that was paid."
        raise bad_argument(name, _KINDS, value, fix=fix)
    if not isinstance(value, (Decimal, int, str)) or isinstance(value, bool):
        raise bad_argument(name, _KINDS, value)
    if isinstance(value, str) and not _DIGITS.fullmatch(value):
        raise bad_argument(name, "digits with an optional decimal point", value, fix="Write '1250.50'.")
    exact = Decimal(value)
    if not exact.is_finite() or exact.is_signed():
        fix = "To report money given back, call notify_refund." if name == "payment_sum" else ""
        raise bad_argument(name, "zero or more", value, fix=fix)
    number = float(exact)
    if Decimal(repr(number)) != exact:
        raise bad_argument(name, "a sum that a JSON number carries exactly", value, fix="Round it.")
    return int(exact) if number.is_integer() else number


def wire_currency(value: str) -> str:
    """Return the ISO 4217 code given, or raise ValueError."""
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
        raise bad_argument("currency_iso", "three capital letters of ISO 4217", value, fix="Write 'EUR', 'USD', 'BYN'.")
    return value
