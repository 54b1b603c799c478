"""The two files of an import: the payments, all checked before the first is sent, and the result of each row."""

import csv
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from attrs import define, field, frozen

from .connection import check_folder
from .output import escape_formulas, limited
from .payment import COLUMNS, Payment
from .workbooks import XLS, XLSX, BadCell, open_workbook

_RESULT_COLUMNS = ("row", "idempotency_key", "outcome", "payment_id", "text")
_DECIMAL_COMMA = re.compile(r"\d+,\d{1,2}", re.ASCII)
_SEPARATOR = re.compile(r"sep=(.)", re.IGNORECASE)  # the first line of files for Excel
_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs"}


class Delimiter(StrEnum):
    """What separates the columns."""

    AUTO = "auto"
    COMMA = "comma"
    SEMICOLON = "semicolon"
    TAB = "tab"


_DELIMITERS = {Delimiter.COMMA: ",", Delimiter.SEMICOLON: ";", Delimiter.TAB: "\t"}


@frozen
class Row:
    """A payment of the file."""

    number: int
    """The number of the row in a spreadsheet: the column names are row 1."""
    idempotency_key: str
    payment: Payment


@define
class PaymentFile:
    """A file of payments: CSV in UTF-8, or a workbook, with the names of the columns in the first row."""

    path: Path
    delimiter: Delimiter = Delimiter.AUTO
    notes: list[str] = field(factory=list[str], init=False)
    """Notes on how it was read, such as with which delimiter."""
    _may_have_decimal_comma: bool = field(default=True, init=False)

    def rows(self, check: Callable[[str, Payment], None], text_of: Callable[[BaseException], str]) -> list[Row]:
        """Return all rows, or raise one ValueError that lists all rows with a problem.

        Args:
            check: Raises ValueError for a payment that cannot be sent with its key.
            text_of: Returns the text of such an error.
        """
        rows: list[Row] = []
        numbers = defaultdict[str, list[int]](list)
        problems: list[str] = []
        for number, cells in self._read():
            bad = [name for name, cell in cells.items() if name in COLUMNS and isinstance(cell, BadCell)]
            if bad:
                problems += [f"row {number}: {name} {cells[name]}" for name in bad]
                continue
            key = unicodedata.normalize("NFC", cells["idempotency_key"])  # as the ledger has it
            numbers[key].append(number)
            try:
                payment = Payment.read(cells)
                check(key, payment)
                rows.append(Row(number, key, payment))
            except ValueError as error:
                problems.append(f"row {number}: {text_of(error)}")
        for key, same in numbers.items():
            if len(same) > 1:
                problems.append(
                    f"rows {', '.join(map(str, same))}: they have the same idempotency_key, {key!r}. Give each its own."
                )
        if problems:
            head = f"{self.path} has errors, and nothing was sent. Fix them and run it again:"
            raise ValueError("\n  ".join([head, *limited(problems)]))
        return rows

    def _read(self) -> Iterator[tuple[int, dict[str, str]]]:
        try:
            with self.path.open("rb") as file:
                start = file.peek(4)[:4]
                if start == XLS:
                    fix = "save it as 'Excel Workbook' (.xlsx) without a password, or as 'CSV UTF-8'."
                    raise ValueError(f"{self.path} is an old Excel workbook (.xls), or has a password: {fix}")
                yield from self._named_cells(self._read_workbook(file) if start == XLSX else self._read_csv(file))
        except OSError as error:
            raise ValueError(f"{self.path} cannot be read: {error.strerror}. Check the name of the file.") from None
        except UnicodeDecodeError:
            raise ValueError(f"{self.path} is not in UTF-8: save it as 'CSV UTF-8'.") from None
        except csv.Error as error:
            raise ValueError(f"{self.path} is not a CSV file: {error}. Save it as 'CSV UTF-8'.") from None

    def _read_workbook(self, content: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
        try:
            sheet, rows = open_workbook(content)
            if sheet:
                self.notes.append(f"Its first sheet is read: {sheet}.")
            names = _strip_empty_cells(next(rows, list[str]()))
            yield 1, names
            for number, cells in enumerate(rows, start=2):
                yield number, cells[: len(names)]  # ignore cells beside the table
        except ModuleNotFoundError as error:
            raise ValueError(f"{self.path} is an Excel workbook. {error}, or save it as 'CSV UTF-8'.") from None
        except ValueError as error:
            raise ValueError(f"{self.path} {error}") from None

    def _read_csv(self, content: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
        file = TextIOWrapper(content, encoding="utf-8-sig", newline="")  # Excel begins a UTF-8 file with a mark
        first = file.readline()
        separator = _SEPARATOR.fullmatch(first.rstrip("\r\n"))
        names = file.readline() if separator else first
        detected = separator[1] if separator else max(_NAMES, key=names.count)
        delimiter = _DELIMITERS.get(self.delimiter, detected)
        self._may_have_decimal_comma = delimiter != ","
        if delimiter != ",":
            self.notes.append(f"Its columns are separated by {_NAMES.get(delimiter, repr(delimiter))}.")
        lines = csv.reader(chain([names], file), strict=True, delimiter=delimiter)
        yield from enumerate(lines, start=1)  # not counting the line with the separator, as a spreadsheet does

    def _named_cells(self, lines: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, dict[str, str]]]:
        _, first = next(lines, (1, list[str]()))
        names = _strip_empty_cells(first)
        self._check_names(names)
        has_decimal_comma = False
        for number, cells in lines:
            values = _strip_empty_cells(cells)
            if not values:  # spreadsheets leave empty rows
                continue
            if len(values) > len(names):
                raise ValueError(
                    f"{self.path}: row {number} has {len(values)} columns, and row 1 has {len(names)}. Put quotes "
                    "around values with a comma."
                )
            values_by_name = dict(zip(names, values + [""] * (len(names) - len(values)), strict=True))
            if self._may_have_decimal_comma and _DECIMAL_COMMA.fullmatch(values_by_name["payment_sum"]):
                values_by_name["payment_sum"] = values_by_name["payment_sum"].replace(",", ".")
                has_decimal_comma = True
            yield number, values_by_name
        if has_decimal_comma:
            self.notes.append("Its sums have a decimal comma: 49,90 is read as 49.90.")

    def _check_names(self, names: list[str]) -> None:
        missing = [name for name in COLUMNS if name not in names]
        repeated = [name for name, count in Counter(names).items() if count > 1 and name in COLUMNS]
        if missing:
            raise ValueError(
                f"{self.path}: row 1 must name the columns. Missing: {', '.join(missing)}. Write as row 1, in any "
                f"order: {','.join(COLUMNS)}"
            )
        if repeated:
            raise ValueError(f"{self.path}: row 1 names {', '.join(repeated)} more than once. Name each column once.")


def _strip_empty_cells(cells: Iterable[str]) -> list[str]:
    """Return the cells without trailing empty ones, which spreadsheets add."""
    kept = list(cells)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


@define
class Results:
    """The file of results: a temporary file until all are written.

    Its methods raise OSError if they cannot write.
    """

    path: Path
    part: Path | None = field(default=None, init=False)
    """The temporary file, which remains if the import is aborted."""
    _file: IO[str] = field(init=False)

    @contextmanager
    def opened(self, *, for_excel: bool) -> Generator[None]:
        """Write the results in this block, and give the file its name after it. No file is replaced."""
        encoding = "utf-8-sig" if for_excel else "utf-8"
        folder, prefix = self.path.parent, f"{self.path.name}."
        with NamedTemporaryFile(
            "w", encoding=encoding, newline="", dir=folder, prefix=prefix, suffix=".part", delete=False
        ) as self._file:
            self.part = self.path.with_name(Path(self._file.name).name)
            csv.writer(self._file).writerow(_RESULT_COLUMNS)
            yield
        self.path.touch(exist_ok=False)  # another import may have created it since the check
        self.part.replace(self.path)

    def add(self, row: int, idempotency_key: str, outcome: str, payment_id: int | None, text: str) -> None:
        """Write the result of a row."""
        csv.writer(self._file).writerow(escape_formulas((row, idempotency_key, outcome, payment_id, text)))
        self._file.flush()


def results_path(file: Path) -> Path:
    """Return a new path for the results of this run, in the folder of the payments."""
    return file.with_name(f"{file.stem}.{datetime.now():%Y%m%d-%H%M%S-%f}.results.csv")  # noqa: DTZ005  local time


def check_results_path(path: Path) -> None:
    """Raise ValueError if results cannot be written to this path, or if the file exists."""
    if check_folder("--results", path):
        raise ValueError(f"--results {path} exists. Name another file: each run has its own results.")
    try:
        NamedTemporaryFile(dir=path.parent, prefix=f"{path.name}.", suffix=".part").close()
    except OSError as error:
        raise ValueError(f"--results {path} cannot be written: {error.strerror}. Name another file.") from None
