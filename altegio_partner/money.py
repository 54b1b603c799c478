"""What was paid: an amount and its currency."""

import re
from decimal import Decimal

from .bad_argument import bad_argument

_DIGITS = re.compile(r"[0-9]+(\.[0-9]+)?")
_KINDS = "a Decimal, an int or a string of digits"
_CURRENCY = re.compile(r"[A-Z]{3}")
_EXAMPLE = "1250.50"
_REFUND = "To report a refund, call notify_refund."


def wire_sum(value: Decimal | int | str) -> float | int:
    """Return the JSON number that is exactly the amount given, or raise ValueError.

    JSON numbers are read as 64-bit floats (PHP does so too); an amount that such a float cannot hold digit for digit
    is rejected instead of rounded.
    """
    if isinstance(value, float):
        text = f"{value:.15g}"  # as many digits as a float holds
        text = text if _DIGITS.fullmatch(text) else _EXAMPLE
        fix = f"Write Decimal('{text}') or '{text}': binary floats rarely hold the exact amount."
        raise bad_argument("payment_sum", _KINDS, value, fix=fix)
    if not isinstance(value, (Decimal, int, str)) or isinstance(value, bool):
        raise bad_argument("payment_sum", _KINDS, value, fix=f"Write '{_EXAMPLE}', for example.")
    if isinstance(value, str) and not _DIGITS.fullmatch(value):
        raise bad_argument("payment_sum", "digits with an optional decimal point", value, fix=_spelled(value))
    exact = Decimal(value)
    if not exact.is_finite() or exact.is_signed():
        raise bad_argument("payment_sum", "zero or more", value, fix=_REFUND)
    number = float(exact)
    if Decimal(repr(number)) != exact:
        raise bad_argument("payment_sum", "an amount that a JSON number holds exactly", value, fix=_rounded(exact))
    return int(exact) if number.is_integer() else number


def _spelled(text: str) -> str:
    """Return how to write this amount, if its meaning is certain."""
    number = re.sub(r"[€$_']|[A-Z]{3}$|^[A-Z]{3}", "", "".join(text.split())) if len(text) < 30 else ""
    if re.fullmatch(r"[-−]\d.*", number):
        return _REFUND
    if re.fullmatch(r"[1-9][0-9]{0,2},[0-9]{3}", number):
        return f"Write '{number.replace(',', '')}', or '{number.replace(',', '.')}' if the comma is a decimal point."
    if re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+\.[0-9]+|[0-9]{1,3}(\.[0-9]{3})+,[0-9]+|[0-9]*[.,]?[0-9]*", number):
        whole, _, decimals = number.replace(",", ".").rpartition(".") if re.search("[,.]", number) else (number, "", "")
        number = ".".join(filter(None, [whole.replace(".", "") or "0", decimals]))
    return f"Write '{number}'." if _DIGITS.fullmatch(number) and number != "0" else f"Write '{_EXAMPLE}', for example."


def _rounded(exact: Decimal) -> str:
    """Return how to round this amount, where rounding to cents is enough."""
    text = f"{exact:.2f}" if -20 < exact.adjusted() < 15 else ""
    return f"Round it, such as to '{text}'." if text and Decimal(repr(float(text))) == Decimal(text) else "Round it."


def wire_currency(value: str) -> str:
    """Return the ISO 4217 code given, or raise ValueError."""
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
        code = value.strip().upper() if isinstance(value, str) and value.isascii() else ""
        fix = f"Write '{code}'." if _CURRENCY.fullmatch(code) else "Write 'EUR', 'USD' or 'BYN', for example."
        raise bad_argument("currency_iso", "three capital letters of ISO 4217", value, fix=fix)
    return value
