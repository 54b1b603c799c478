"""The amount and the currency of a payment."""

import re
from decimal import Decimal
from string import ascii_letters

from .bad_argument import bad_argument

_DIGITS = re.compile(r"[0-9]+(\.[0-9]+)?")
_KINDS = "a Decimal, an int or a string of digits"
_CURRENCY = re.compile(r"[A-Z]{3}")
_CODES = {"€": "EUR", "$": "USD", "£": "GBP"}
_LIKELY = re.compile(
    r"(?P<units>[0-9]{1,3}(?:(?P<mark>[., '])[0-9]{3})(?:(?P=mark)[0-9]{3})*|[0-9]{1,15})"
    r"(?:(?!(?P=mark))[.,](?P<cents>[0-9]{1,2}))?"
)
_REFUND = "To report a refund, use notify_refund."
_SCIENTIFIC = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?[eE]\+?[0-9]")


def wire_sum(value: Decimal | int | str, name: str = "payment_sum") -> float | int:
    """Return the JSON number that is exactly this amount, or raise ValueError.

    JSON numbers are read as 64-bit floats (PHP does so too); an amount that such a float cannot hold digit for digit
    is rejected instead of rounded.
    """
    refund = _REFUND if name == "payment_sum" else ""
    if isinstance(value, float):
        text = f"{value:.15g}"  # as many digits as a float holds
        text = text if _DIGITS.fullmatch(text) else "1250.50"
        fix = f"Write Decimal('{text}') or '{text}': binary floats rarely hold the exact amount."
        raise bad_argument(name, _KINDS, value, fix=fix)
    if not isinstance(value, (Decimal, int, str)) or isinstance(value, bool):
        raise bad_argument(name, _KINDS, value, fix="Write it like '1250.50'.")
    if isinstance(value, str) and not _DIGITS.fullmatch(value):
        likely = _likely_sum(value)
        fix = "" if likely else (value.strip().startswith("-") and refund) or "Write it like '1250.50'."
        raise bad_argument(name, "digits with an optional decimal point", value, write=likely, fix=fix)
    exact = Decimal(value)
    if not exact.is_finite() or exact.is_signed():
        raise bad_argument(name, "zero or more", value, fix=refund)
    number = float(exact)
    if Decimal(repr(number)) != exact:
        raise bad_argument(name, "an amount that a JSON number holds exactly", value, fix=_rounded(exact))
    return int(exact) if number.is_integer() else number


def _rounded(exact: Decimal) -> str:
    """Return the advice to round this amount, with the rounded amount if cents are enough and do not make it zero."""
    text = f"{exact:.2f}" if -3 < exact.adjusted() < 15 else ""
    return f"Round it, such as to '{text}'." if text and Decimal(repr(float(text))) == Decimal(text) else "Round it."


def _likely_sum(text: str) -> str:
    """Return the amount in the expected notation, or "" if it is ambiguous."""
    bare = text.strip("€$£ \t\n" + ascii_letters)
    if _SCIENTIFIC.fullmatch(bare):
        return f"{Decimal(bare):f}"
    found = _LIKELY.fullmatch(bare)
    if found is None or (found["mark"] in (".", ",") and not found["cents"]):  # "1,000" is a thousand, or one
        return ""
    digits = re.sub("[., ']", "", found["units"])
    return f"{digits}.{found['cents']}" if found["cents"] else digits


def wire_currency(value: str) -> str:
    """Return this ISO 4217 code, or raise ValueError."""
    text = value if isinstance(value, str) else ""
    if not _CURRENCY.fullmatch(text):
        capitals = text.strip().upper() if text.isascii() else ""
        code = capitals if _CURRENCY.fullmatch(capitals) else _CODES.get(text, "EUR")
        raise bad_argument("currency_iso", "three capital letters of ISO 4217", value, write=code)
    return value
