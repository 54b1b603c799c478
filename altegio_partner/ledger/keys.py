"""Idempotency keys: their validation, and how to find similar ones, which were probably meant to be the same."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from altegio_partner.bad_argument import bad_argument

MAX_LENGTH = 255
_DIGITS = 15  # of a number in a spreadsheet
_SCIENTIFIC = re.compile(r"([0-9]+(?:[.,][0-9]+)?)e\+?([0-9]{1,2})")
_FIX = "Name the payment: 'invoice-2026-0042'."


def valid_key(value: str) -> str:
    """Return the key in Unicode's composed form (NFC), or raise ValueError if it is invalid."""
    if not isinstance(value, str) or not value.isprintable() or value.strip() != value or not value:
        raise bad_argument("idempotency_key", "printable text without spaces around it", value, fix=_FIX)
    key = unicodedata.normalize("NFC", value)
    if len(key) > MAX_LENGTH:
        raise bad_argument("idempotency_key", f"at most {MAX_LENGTH} characters long", value, fix=_FIX)
    return key


def similar_keys(keys: Iterable[str], known: Iterable[str]) -> dict[str, list[str]]:
    """Return the similar keys among the known ones, for each of the keys for which there are any."""
    wanted = {key: _simplified(key) for key in keys}
    forms = {other: _simplified(other) for other in known}
    decimals = {rounded[0] for form in (*wanted.values(), *forms.values()) if (rounded := _rounded(form))}
    by_form: defaultdict[str, list[str]] = defaultdict(list)
    by_cut: defaultdict[str, list[str]] = defaultdict(list)
    by_rounding: defaultdict[tuple[bool, int, str], list[str]] = defaultdict(list)
    for other, form in forms.items():
        by_form[form].append(other)
        if (cut := _cut(form)) != form:
            by_cut[cut].append(other)
        for rounding in _roundings(form, decimals):
            by_rounding[form.isdigit(), *rounding].append(other)
    position = {other: i for i, other in enumerate(forms)}
    similar: dict[str, list[str]] = {}
    for key, form in wanted.items():
        found = [other for other in by_form.get(form, ()) if other != key]
        found += by_cut.get(form, ()) if (cut := _cut(form)) == form else by_form.get(cut, ())
        roundings = _roundings(form, decimals)
        matches = (other for one in roundings for other in by_rounding.get((not form.isdigit(), *one), ()))
        found += sorted(matches, key=position.__getitem__)
        if found:
            similar[key] = found
    return similar


def _simplified(key: str) -> str:
    """Return the key without what is easily changed by mistake: case, width, spaces, leading zeros, trailing ".0"."""
    text = "".join(unicodedata.normalize("NFKC", key).casefold().split()).removeprefix("'")  # marks text in a cell
    if _SCIENTIFIC.fullmatch(text):
        return text
    return re.sub(r"0*([0-9]+)", r"\1", re.sub(r"^([0-9]+)[.,]0+$", r"\1", text))


def _cut(form: str) -> str:
    """Return a long integer as spreadsheets store it, with zeros from its 16th digit on; other text as it is."""
    return form[:_DIGITS].ljust(len(form), "0") if form.isascii() and form.isdigit() else form


def _rounded(form: str) -> tuple[int, str] | None:
    """Return the number of decimals of a number in scientific notation, and the number; None for other text."""
    parts = _SCIENTIFIC.fullmatch(form)
    if parts is None:
        return None
    digits = parts[1].replace(",", ".")
    decimals = len(digits.partition(".")[2])
    return decimals, f"{Decimal(digits).scaleb(int(parts[2])):.{decimals}e}"


def _roundings(form: str, decimals: Iterable[int]) -> list[tuple[int, str]]:
    """Return an integer in scientific notation with each of these numbers of decimals; a number in it, with its own."""
    if form.isascii() and form.isdigit():
        return list({(n, f"{Decimal(one):.{n}e}"): 0 for n in decimals for one in (form, _cut(form))})
    rounded = _rounded(form)
    return [rounded] if rounded else []
