"""Idempotency keys: what is one, and which keys a person or a spreadsheet may have meant to be the same."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import TypeVar

from altegio_partner.bad_argument import bad_argument

MAX_LENGTH = 255
_SCIENTIFIC = re.compile(r"([0-9]+(?:[.,][0-9]+)?)e\+?([0-9]{1,2})")
_FIX = "Name the payment: 'invoice-2026-0042'."

F = TypeVar("F")


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
    forms = [_form(other) for other in known]
    by_form = _positions((form, i) for i, form in enumerate(forms))
    exact = [(form, i) for i, form in enumerate(forms) if _is_exact(form)]
    by_rounded = _positions((rounded, i) for i, form in enumerate(forms) if (rounded := _rounded(form)))
    decimals = {rounded[0] for rounded in by_rounded}
    exact_rounded: dict[int, dict[tuple[int, str], list[int]]] = {}
    similar: dict[str, list[str]] = {}
    for key in keys:
        form = _form(key)
        found = [known[i] for i in by_form.get(form, ()) if known[i] != key]
        rounded = _rounded(form)
        if rounded:
            n = rounded[0]
            if n not in exact_rounded:
                exact_rounded[n] = _positions((_round(other, n), i) for other, i in exact)
            found += [known[i] for i in exact_rounded[n].get(rounded, ())]
        elif _is_exact(form):
            found += [known[i] for i in sorted(i for n in decimals for i in by_rounded.get(_round(form, n), ()))]
        if found:
            similar[key] = found
    return similar


def _positions(pairs: Iterable[tuple[F, int]]) -> dict[F, list[int]]:
    positions: defaultdict[F, list[int]] = defaultdict(list)
    for value, i in pairs:
        positions[value].append(i)
    return dict(positions)


def _form(key: str) -> str:
    text = "".join(unicodedata.normalize("NFKC", key).casefold().split())
    if _SCIENTIFIC.fullmatch(text):
        return text
    return re.sub(r"0*([0-9]+)", r"\1", re.sub(r"^([0-9]+)[.,]0+$", r"\1", text))


def _is_exact(form: str) -> bool:
    return form.isascii() and form.isdigit()


def _rounded(form: str) -> tuple[int, str] | None:
    """Return a number in scientific notation, after how many decimals it has; or None if it is something else."""
    parts = _SCIENTIFIC.fullmatch(form)
    if parts is None:
        return None
    digits = parts[1].replace(",", ".")
    decimals = len(digits.partition(".")[2])
    return decimals, f"{Decimal(digits).scaleb(int(parts[2])):.{decimals}e}"


def _round(exact: str, decimals: int) -> tuple[int, str]:
    return decimals, f"{Decimal(exact):.{decimals}e}"
