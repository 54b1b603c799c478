"""Idempotency keys: what is one, and which keys a person or a spreadsheet may have meant to be the same."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
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


def similar_keys(keys: Iterable[str], known: Iterable[str]) -> dict[str, list[str]]:
    """Return, for each key that differs from a known one only in form, those known ones."""
    known = list(known)
    by_form: defaultdict[str, list[str]] = defaultdict(list)
    for other in known:
        by_form[_form(other)].append(other)
    rounded = [other for other in known if _SCIENTIFIC.fullmatch(_form(other))]
    similar: dict[str, list[str]] = {}
    for key in keys:
        form = _form(key)
        found = [other for other in by_form[form] if other != key]
        candidates = known if _SCIENTIFIC.fullmatch(form) else rounded
        found += [one for one in candidates if _is_rounded(form, _form(one)) or _is_rounded(_form(one), form)]
        if found:
            similar[key] = found
    return similar


def _form(key: str) -> str:
    text = "".join(unicodedata.normalize("NFKC", key).casefold().split())
    if _SCIENTIFIC.fullmatch(text):
        return text
    return re.sub(r"0*([0-9]+)", r"\1", re.sub(r"^([0-9]+)[.,]0+$", r"\1", text))


def _is_rounded(rounded: str, exact: str) -> bool:
    """Return whether a number in scientific notation is this number, rounded to as many digits."""
    parts = _SCIENTIFIC.fullmatch(rounded)
    if parts is None or not exact.isascii() or not exact.isdigit():
        return False
    digits = parts[1].replace(",", ".")
    decimals = len(digits.partition(".")[2])
    return f"{Decimal(exact):.{decimals}e}" == f"{Decimal(digits).scaleb(int(parts[2])):.{decimals}e}"
