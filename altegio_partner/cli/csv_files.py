"""The two files of an import: the payments, all checked before the first is sent, and the result of each row."""

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from attrs import frozen

from altegio_partner.errors import OutcomeUnknownError

from .confirm import Preview
from .payment import COLUMNS, Payment

_MOST_PROBLEMS = 20
_RESULT_COLUMNS = ("row", "idempotency_key", "outcome", "payment_id", "text")


@frozen
class Row:
    """A payment of the file."""

    number: int
    """As a spreadsheet counts: the names of the columns are row 1."""
    idempotency_key: str
    payment: Payment
    preview: Preview
    """What will be sent."""


def read_rows(path: Path, see: Callable[[str, Payment], Preview], text_of: Callable[[BaseException], str]) -> list[Row]:
    """Return all rows, or raise one ValueError that names every row with a problem.

    Args:
        path: A CSV file in UTF-8, with a comma between columns and their names in the first row.
        see: Makes the request of a payment under its key, or raises ValueError.
        text_of: Returns what such an error says.
    """
    rows: list[Row] = []
    numbers = defaultdict[str, list[int]](list)
    problems: list[str] = []
    for number, written in _written(path):
        key = written["idempotency_key"]
        numbers[key].append(number)
        try:
            payment = Payment.read(written)
            rows.append(Row(number, key, payment, see(key, payment)))
        except ValueError as error:
            problems.append(f"row {number}: {text_of(error)}")
    for key, same in numbers.items():
        if len(same) > 1:
            problems.append(
                f"rows {', '.join(map(str, same))}: they have the same idempotency_key, {key!r}. Give each its own."
            )
    if problems:
        more = len(problems) - _MOST_PROBLEMS
        listed = problems[:_MOST_PROBLEMS] + ([f"and {more} more."] if more > 0 else [])
        raise ValueError("\n  ".join([f"{path} has errors, and nothing was sent. Fix them and run it again:", *listed]))
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
                    raise ValueError(
                        f"{path}: row {number} has {len(values)} columns, and row 1 has {len(names)}. Put quotes "
                        "around values with a comma."
                    )
                yield number, dict(zip(names, values, strict=True))
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}. Check the name of the file.") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not in UTF-8: save it as 'CSV UTF-8'.") from None
    except csv.Error as error:
        raise ValueError(f"{path} is not a CSV file: {error}. Save it as 'CSV UTF-8'.") from None


def _check_columns(path: Path, names: list[str]) -> None:
    missing = [name for name in COLUMNS if name not in names]
    twice = [name for name, count in Counter(names).items() if count > 1 and name in COLUMNS]
    if missing:
        semicolons = " Columns are separated by commas, not semicolons." if ";" in "".join(names) else ""
        raise ValueError(
            f"{path}: row 1 must name the columns. Missing: {', '.join(missing)}.{semicolons} Write as row 1, in any "
            f"order: {','.join(COLUMNS)}"
        )
    if twice:
        raise ValueError(f"{path}: row 1 names {', '.join(twice)} more than once. Name each column once.")


@frozen
class Results:
    """The file of results."""

    _file: IO[str]

    def add(self, row: int, idempotency_key: str, outcome: str, payment_id: int | None, text: str) -> None:
        """Write the result of a row."""
        csv.writer(self._file).writerow((row, idempotency_key, outcome, payment_id, text))
        self._file.flush()


def check_results_path(path: Path) -> None:
    """Raise ValueError if results cannot be written there, or if it is a file of another kind."""
    try:
        if path.exists() and (not path.is_file() or not _begins_as_results(path)):
            raise ValueError(f"--results {path} is not a file of earlier results. Name another file.")
        if not path.parent.is_dir():
            raise ValueError(f"--results {path}: the folder {path.parent} does not exist. Run: mkdir -p {path.parent}")
        NamedTemporaryFile(dir=path.parent, prefix=f"{path.name}.", suffix=".part").close()
    except OSError as error:
        raise ValueError(f"--results {path} cannot be written: {error.strerror}. Name another file.") from None


@contextmanager
def results_in(path: Path) -> Generator[Results]:
    """Write results to a temporary file, row by row, which replaces the file at the end.

    Raises:
        OutcomeUnknownError: They cannot be written. The ledger has what was reported.
    """
    try:
        with NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=path.parent, prefix=f"{path.name}.", suffix=".part", delete=False
        ) as file:
            csv.writer(file).writerow(_RESULT_COLUMNS)
            yield Results(file)
        Path(file.name).replace(path)
    except OSError as error:
        raise OutcomeUnknownError(
            f"{path} cannot be written: {error.strerror}. The ledger has what was reported: run the import again."
        ) from None


def _begins_as_results(path: Path) -> bool:
    with path.open("rb") as file:
        return file.readline().strip() in (b"", ",".join(_RESULT_COLUMNS).encode())
