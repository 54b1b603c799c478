"""The cells of an Excel workbook, as text like in a CSV file. No formula or macro is run."""

import re
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime, time
from decimal import Decimal
from functools import cache
from typing import IO, TYPE_CHECKING

from altegio_partner.extras import extra

if TYPE_CHECKING:
    from openpyxl.cell import Cell, MergedCell

XLSX, XLS = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
"""The first bytes of a workbook, and of one of Excel 2003 or with a password."""
_LITERAL = re.compile(r'"[^"]*"|\[[^]]*\]|\\.')  # in a number format
_MAX_EXACT = 10**15  # Excel keeps 15 digits of a number
_MAX_DECIMALS = 3  # of any currency: there are 1,000 fils in a dinar


class BadCell(str):
    """The problem of a cell, in place of its text."""

    __slots__ = ()


def open_workbook(file: IO[bytes]) -> tuple[str, Iterator[list[str]]]:
    """Return the rows of the first sheet, and its name, which is "" if it is the only sheet.

    Raises:
        ModuleNotFoundError: The extra that reads workbooks is not installed.
        ValueError: The file is not a workbook, or it is damaged. Iterating over the rows may raise this too.
    """
    with extra("excel"):
        from openpyxl import load_workbook  # noqa: PLC0415  few need it
    warnings.filterwarnings("ignore", module="openpyxl")  # about pictures, for example, which are not read
    try:
        workbook = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheet = workbook.worksheets[0]
    except Exception as error:  # noqa: BLE001  a damaged file can raise anything
        raise _damaged(error) from None

    @cache  # most workbooks have no cell that needs it
    def formulas() -> set[str]:
        written = load_workbook(file, read_only=True, keep_links=False).worksheets[0]
        return {cell.coordinate for cells in written.iter_rows() for cell in cells if cell.data_type == "f"}

    def rows() -> Iterator[list[str]]:
        try:
            sheet.reset_dimensions()  # some programs write wrong ones
            for cells in sheet.iter_rows(min_row=1, min_col=1):
                yield [_text(cell, formulas) for cell in cells]
        except Exception as error:  # noqa: BLE001  as above
            raise _damaged(error) from None

    return sheet.title if len(workbook.worksheets) > 1 else "", rows()


def _damaged(error: Exception) -> ValueError:
    return ValueError(f"is not a workbook that can be read ({type(error).__name__}): save it as 'CSV UTF-8'.")


def _text(cell: "Cell | MergedCell", formulas: Callable[[], set[str]]) -> str:
    value = cell.value
    if value is None:
        has_no_result = hasattr(cell, "coordinate") and cell.coordinate in formulas()  # a cell that is stored
        return BadCell("is a formula without a result. Save the workbook again, in Excel.") if has_no_result else ""
    if cell.data_type == "e":
        return BadCell(f"is {value}. Correct it in the workbook.")
    if isinstance(value, datetime):
        has_time = value.time() != time(0) or "h" in _LITERAL.sub("", cell.number_format).lower()
        return value.isoformat(" ", "seconds") if has_time else f"{value:%Y-%m-%d}"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _number(value)
    return str(value)


def _number(value: float) -> str:
    """Return the digits that Excel keeps: 990.99, although the binary float differs from it."""
    if abs(value) >= _MAX_EXACT:
        return BadCell("is a number of more than 15 digits, which Excel does not keep. Write it again, as text.")
    text = f"{Decimal(f'{value:.15g}'):f}"
    if len(text.partition(".")[2]) > _MAX_DECIMALS:
        return BadCell(f"is {text}, of which Excel may show less. Round it in the workbook: =ROUND({text}, 2).")
    return text
