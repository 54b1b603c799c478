"""A file of payments: every row is read and checked before the first is told."""

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from attrs import frozen

from .payment import COLUMNS, Payment
from .preview import Preview

_MOST_COMPLAINTS = 20


@frozen
class Row:
    """A payment of the file."""

    number: int
    """As a spreadsheet counts: the names of the columns are row 1."""
    idempotency_key: str
    payment: Payment
    seen: Preview
    """What will be sent."""


def read_rows(path: Path, see: Callable[[str, Payment], Preview]) -> list[Row]:
    """Return all rows, or raise one ValueError that names every row with a mistake.

    Args:
        path: A CSV file in UTF-8, with a comma between columns and their names in the first row.
        see: Makes the request of a payment under its key, or raises ValueError.
    """
    rows: list[Row] = []
    numbers = defaultdict[str, list[int]](list)
    complaints: list[str] = []
    for number, written in _written(path):
        key = written["idempotency_key"]
        numbers[key].append(number)
        try:
            payment = Payment.read(written)
            rows.append(Row(number, key, payment, see(key, payment)))
        except ValueError as error:
            complaints.append(f"row {number}: {error}")
    for key, alike in numbers.items():
        if len(alike) > 1:
            complaints.append(
                f"rows {', '.join(map(str, alike))}: idempotency_key {key!r} stands there more than once."
            )
    if complaints:
        more = len(complaints) - _MOST_COMPLAINTS
        listed = complaints[:_MOST_COMPLAINTS] + ([f"and {more} more."] if more > 0 else [])
        raise ValueError("\n  ".join([f"{path}: nothing was sent, for there are mistakes in it.", *listed]))
    return rows


def _written(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:  # Excel begins a UTF-8 file with a mark
            lines = csv.reader(file, strict=True)
            names: list[str] = next(lines, list[str]())
            _check_columns(path, names)
            for number, values in enumerate(lines, start=2):
                if not any(values):  # spreadsheets leave empty rows
                    continue
                if len(values) != len(names):
                    raise ValueError(f"{path}: row {number} has {len(values)} columns, not {len(names)} as row 1.")
                yield number, dict(zip(names, values, strict=True))
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not in UTF-8: save it as 'CSV UTF-8'.") from None
    except csv.Error as error:
        raise ValueError(f"{path} is no CSV file: {error}.") from None


def _check_columns(path: Path, names: list[str]) -> None:
    missing = [name for name in COLUMNS if name not in names]
    twice = [name for name, count in Counter(names).items() if count > 1 and name in COLUMNS]
    if missing:
        semicolons = " Columns are separated by commas, not semicolons." if ";" in "".join(names) else ""
        raise ValueError(f"{path}: row 1 must name the columns, and lacks {', '.join(missing)}.{semicolons}")
    if twice:
        raise ValueError(f"{path}: row 1 names {', '.join(twice)} more than once.")
