"""Idempotency keys: what is one, and which keys a person or a spreadsheet may have meant to be the same."""

import re
import unicodedata
from decimal import Decimal

from altegio_partner.bad_argument import bad_argument

MAX_LENGTH = 255
_SCIENTIFIC = re.compile(r"([0-9]+(?:[.,][0-9]+)?)e\+?([0-9]{1,2})")
_FIX = "Name the payment: 'invoice-2026-0042'."


def valid_key(value: str) -> str:
    """Return the key in Unicode's composed form (NFC), so that what looks the same is the same; or raise ValueError."""
    if not isinstance(value, str) or not value.isprintable() or value.strip() != value or not value:
        raise bad_argument("idempotency_key", "printable text without spaces around it", value, fix=_FIX)
    key = unicodedata.normalize("NFC", value)
    if len(key) > MAX_LENGTH:
        raise bad_argument("idempotency_key", f"at most {MAX_LENGTH} characters long", value, fix=_FIX)
    return key


def is_similar(one: str, other: str) -> bool:
    """Return whether two keys differ, but only in form.

    In the case or width of letters, in spaces, in leading zeros, or by what a spreadsheet makes of long numbers:
    2026110000042 becomes 2.02611E+12.
    """
    if one == other:
        return False
    forms = _form(one), _form(other)
    return forms[0] == forms[1] or _is_rounded(*forms) or _is_rounded(*reversed(forms))


def _form(key: str) -> str:
    text = "".join(unicodedata.normalize("NFKC", key).casefold().split())
    return re.sub(r"0*([0-9]+)", r"\1", re.sub(r"^([0-9]+)[.,]0+$", r"\1", text))


def _is_rounded(rounded: str, exact: str) -> bool:
    """Return whether a number in scientific notation is this number, rounded to as many digits."""
    parts = _SCIENTIFIC.fullmatch(rounded)
    if parts is None or not exact.isascii() or not exact.isdigit():
        return False
    digits = parts[1].replace(",", ".")
    decimals = len(digits.partition(".")[2])
    return f"{Decimal(exact):.{decimals}e}" == f"{Decimal(digits).scaleb(int(parts[2])):.{decimals}e}"
