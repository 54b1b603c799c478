"""`altegio-partner import` of an Excel workbook: the payments of its cells, exactly as a CSV file would have them."""

import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from tests.cli.command_line import COLUMNS, CommandLine, connected
from tests.commands import ForkServer

NAMES = COLUMNS.split(",")
PAID = datetime(2026, 11, 24, 12, 0)
VALUES = ["invoice-1", 123, 990.99, "EUR", PAID, date(2026, 12, 1), date(2026, 12, 31)]
FILE = "payments.xlsx"


@pytest.fixture
def altegio(fork_server: ForkServer, tmp_path: Path) -> Iterator[CommandLine]:
    """A command line with a ledger, and a sandbox at which location 123 has registered."""
    with connected(fork_server, tmp_path) as altegio:
        altegio.environment["ALTEGIO_LEDGER_URL"] = altegio.ledger_url
        assert altegio("register", "123", "--yes").returncode == 0
        yield altegio


def write(altegio: CommandLine, *rows: Sequence[Any], sheets: Sequence[str] = ()) -> None:
    """Write a workbook whose first sheet has these rows; a pair is a value, and the number format of its cell."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "Payments"
    for number, values in enumerate(rows, start=1):
        for column, value in enumerate(values, start=1):
            if isinstance(value, tuple):
                sheet.cell(number, column, value[0]).number_format = value[1]
            else:
                sheet.cell(number, column, value)
    for name in sheets:
        workbook.create_sheet(name).append(["other"])
    workbook.save(altegio.folder / FILE)


def changed(**values: object) -> list[Any]:
    """Return the payment with other values."""
    return [values.get(name, value) for name, value in zip(NAMES, VALUES, strict=True)]


def sent(altegio: CommandLine) -> list[dict[str, object]]:
    """Check the file, and return the bodies that would be sent."""
    code, printed = altegio.json("import", FILE, "--dry-run", "--verbose")
    assert code == 0
    return [request["body"] for request in printed["requests"]]


def test_a_workbook_is_imported(altegio: CommandLine) -> None:
    write(altegio, NAMES, VALUES, [None] * 7, changed(idempotency_key="invoice-2", payment_sum="49,90"))
    ran = altegio("import", FILE, "--yes")
    assert (ran.returncode, ran.stdout.partition(".")[0]) == (0, "2 done")
    assert "To be sent: 2, 1040.89 EUR." in ran.stderr
    paid = altegio.sandbox.payments(123)
    assert [str(one.payment_sum) for one in paid] == ["990.99", "49.9"]
    assert (paid[0].payment_date, paid[0].period_from, paid[0].period_to) == (
        PAID, datetime(2026, 12, 1), datetime(2026, 12, 31, 23, 59, 59),
    )  # fmt: skip


def test_an_amount_has_the_digits_that_excel_keeps(altegio: CommandLine) -> None:
    """A binary float is only near 990.99, and a sum of them is not even the nearest."""
    amounts = [
        (990.99, 990.99), (0.1 + 0.2, 0.3), (1000.99 - 10, 990.99), (4.35 * 100, 435), (12, 12), (12.0, 12),
        (1234567.89, 1234567.89), (99999999999.99, 99999999999.99), (1.125, 1.125), ("990.99", 990.99),
    ]  # fmt: skip
    formats = ("General", "0", "#,##0.00 [$€-407]")
    cases = [(number_format, *amount) for number_format in formats for amount in amounts]
    rows = [
        changed(idempotency_key=f"i-{n}", salon_id=n, payment_sum=(stored, number_format), currency_iso="BHD")
        for n, (number_format, stored, _) in enumerate(cases, start=1)
    ]
    write(altegio, NAMES, *rows)
    assert [body["payment_sum"] for body in sent(altegio)] == [amount for *_, amount in cases]


def test_a_date_alone_is_a_day_that_is_shown_without_a_time(altegio: CommandLine) -> None:
    day = datetime(2026, 12, 31)
    cases = [
        (date(2026, 12, 31), "yyyy-mm-dd", "2026-12-31 23:59:59"),
        (day, "DD.MM.YYYY", "2026-12-31 23:59:59"),
        (day, '[$-F800]dddd\\,\\ mmmm\\ "h"\\hd', "2026-12-31 23:59:59"),
        (day, "yyyy-mm-dd hh:mm", "2026-12-31 00:00:00"),
        (datetime(2026, 12, 31, 23, 59, 59), "m/d/yy h:mm", "2026-12-31 23:59:59"),
        (datetime(2026, 12, 31, 18, 30), "yyyy-mm-dd", "2026-12-31 18:30:00"),
        ("2026-12-31", "General", "2026-12-31 23:59:59"),
    ]
    rows = [
        changed(idempotency_key=f"i-{n}", salon_id=n, period_to=(stored, number_format))
        for n, (stored, number_format, _) in enumerate(cases, start=1)
    ]
    write(altegio, NAMES, *rows)
    assert [body["period_to"] for body in sent(altegio)] == [ends for *_, ends in cases]


def test_every_second_of_a_day_is_exact(altegio: CommandLine) -> None:
    """Excel stores a time as a fraction of a day."""
    times = [datetime(2026, 11, 24, hour, minute, 7 * minute % 60) for hour in range(24) for minute in range(0, 60, 7)]
    month = [changed(idempotency_key=f"i-{n}", payment_sum=n, payment_date=when) for n, when in enumerate(times, 1)]
    write(altegio, NAMES, *month)
    assert [body["payment_date"] for body in sent(altegio)] == [str(when) for when in times]


def test_a_number_as_a_key_has_no_point(altegio: CommandLine) -> None:
    write(altegio, NAMES, changed(idempotency_key=1001), changed(idempotency_key="00042", payment_sum=1))
    assert altegio("import", FILE, "--yes", "--results", "results.csv").returncode == 0
    lines = (altegio.folder / "results.csv").read_text().splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == ["1001", "00042"]


BAD = [
    ("formula", {"payment_sum": "=1+1"}, "payment_sum is a formula without a result. Save the workbook again"),
    ("error", {"currency_iso": "#DIV/0!"}, "currency_iso is #DIV/0!. Correct it in the workbook."),
    ("digits", {"idempotency_key": 12345678901234567}, "idempotency_key is a number of more than 15 digits"),
    ("rounded", {"payment_sum": 100 / 3}, "payment_sum is 33.3333333333333, of which Excel may show less."),
    ("truth", {"payment_sum": True}, "payment_sum must be digits with an optional decimal point, not 'True'."),
    ("time", {"period_to": time(12)}, "period_to must be a date, or a date and a time, not '12:00:00'."),
    ("day", {"payment_date": date(2026, 11, 24)}, "payment_date must be a date and a time, not '2026-11-24'."),
    ("empty", {"currency_iso": None}, "currency_iso must be three capital letters"),
]


@pytest.mark.parametrize(("values", "words"), [one[1:] for one in BAD], ids=[one[0] for one in BAD])
def test_nothing_is_sent_if_a_cell_is_wrong(altegio: CommandLine, values: dict[str, object], words: str) -> None:
    write(altegio, NAMES, VALUES, changed(idempotency_key="x"), changed(**{"idempotency_key": "invoice-2", **values}))
    ran = altegio("import", FILE, "--yes")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert f"\n  row 4: {words}" in ran.stderr
    assert altegio.sandbox.payments(123) == []


def test_a_row_of_formulas_without_results_is_not_taken_for_an_empty_one(altegio: CommandLine) -> None:
    write(altegio, NAMES, VALUES, [f"=A{n}" for n in range(7)])
    ran = altegio("import", FILE, "--yes")
    assert ran.returncode == 2
    assert ran.stderr.count("row 3: ") == 7


def test_what_is_beside_and_below_the_table_does_not_matter(altegio: CommandLine) -> None:
    write(
        altegio, [*NAMES, "note", None], [*VALUES, "=1/0", "#REF!"], [], sheets=["Customers"],
    )  # fmt: skip
    ran = altegio("import", FILE, "--yes")
    assert ran.returncode == 0
    assert "Its first sheet is read: Payments.\n" in ran.stderr


def test_wrong_dimensions_and_gaps_do_not_matter(altegio: CommandLine) -> None:
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet()
    sheet.append(NAMES)
    sheet.append([])
    sheet.append(VALUES)
    workbook.save(altegio.folder / "whole.xlsx")
    with (
        zipfile.ZipFile(altegio.folder / "whole.xlsx") as whole,
        zipfile.ZipFile(altegio.folder / FILE, "w") as made,
    ):
        for name in whole.namelist():
            content = whole.read(name).replace(b"<sheetData>", b'<dimension ref="A1"/><sheetData>')
            made.writestr(name, content.replace(b'<row r="2" />', b"").replace(b'<row r="2"></row>', b""))
    assert len(sent(altegio)) == 1
    write(altegio, NAMES)
    ran = altegio("import", FILE, "--yes")
    assert f"{FILE} contains no payments." in ran.stderr


DAMAGED = [
    ("xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an old Excel workbook (.xls), or has a password: save it as"),
    ("cut off", b"PK\x03\x04", "is not a workbook that can be read (BadZipFile): save it as 'CSV UTF-8'."),
]


@pytest.mark.parametrize(("content", "words"), [one[1:] for one in DAMAGED], ids=[one[0] for one in DAMAGED])
def test_another_file_is_named(altegio: CommandLine, content: bytes, words: str) -> None:
    (altegio.folder / FILE).write_bytes(content)
    ran = altegio("import", FILE, "--yes")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert f"Usage error: {FILE} {words}" in ran.stderr


def test_a_sheet_that_is_not_xml(altegio: CommandLine) -> None:
    write(altegio, NAMES, VALUES)
    with zipfile.ZipFile(altegio.folder / FILE) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    with zipfile.ZipFile(altegio.folder / FILE, "w") as made:
        for name, content in parts.items():
            made.writestr(name, content.replace(b"</sheetData>", b"</sheet>"))
    ran = altegio("import", FILE, "--yes")
    assert ran.returncode == 2
    assert f"{FILE} is not a workbook that can be read (ParseError): save it as 'CSV UTF-8'." in ran.stderr


@pytest.mark.usefixtures("measured_processes")
def test_without_the_extra_it_is_named(altegio: CommandLine) -> None:
    write(altegio, NAMES, VALUES)
    modules = altegio.folder / "modules" / "openpyxl"
    modules.mkdir(parents=True)
    (modules / "__init__.py").write_text("raise ModuleNotFoundError(name='openpyxl')")
    path = f"{modules.parent}:{altegio.environment.get('PYTHONPATH', '')}"
    ran = altegio.installed("import", FILE, "--yes", PYTHONPATH=path)
    assert ran.returncode == 2
    assert ran.stderr.endswith(
        f"\nUsage error: {FILE} is an Excel workbook. No module named 'openpyxl': pip install "
        "'altegio-partner[excel]', or save it as 'CSV UTF-8'.\n"
    )
