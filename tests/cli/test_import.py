"""`altegio-partner import`: a file of payments, each reported once, however often it is stopped."""

import csv
import json
import resource
import shutil
import signal
import sqlite3
import subprocess
import time
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from altegio_partner.sandbox import FaultName
from tests.cli.command_line import COLUMNS, CommandLine, connected, row, wait_for_payments
from tests.commands import ForkServer
from tests.servers.scripted import closed_port

MANY = 7  # two more than are allowed at once


@pytest.fixture
def altegio(fork_server: ForkServer, tmp_path: Path) -> Iterator[CommandLine]:
    """A command line with a ledger, and a sandbox with the limits of Altegio, at which location 123 has registered."""
    with connected(fork_server, tmp_path, rate_limits=True) as altegio:
        altegio.environment["ALTEGIO_LEDGER_URL"] = altegio.ledger_url
        assert altegio("register", "123", "--yes").returncode == 0
        altegio.sandbox.advance(timedelta(minutes=2))
        yield altegio


def results(altegio: CommandLine, name: str = "") -> list[dict[str, str]]:
    """Return the results in that file, or those of the last run."""
    path = altegio.folder / name if name else max(altegio.folder.glob("payments.*.results.csv"))
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def summary(ran: subprocess.CompletedProcess[str]) -> tuple[int, str]:
    """Return the exit code, and what is printed before the name of the file with the results."""
    return ran.returncode, ran.stdout.partition(" Row by row: ")[0]


def keys(altegio: CommandLine) -> list[str]:
    """The keys of what Altegio has recorded, by their sums."""
    return [f"invoice-{int(payment.payment_sum)}" for payment in altegio.sandbox.payments(123)]


def test_every_row_is_reported_and_its_id_stored(altegio: CommandLine) -> None:
    file = altegio.file(*map(row, range(1, 8)), "")
    ran = altegio("import", file, "--yes")
    assert summary(ran) == (0, "7 done.")
    assert (
        "7 payments. In the ledger: 0 recorded, 0 pending (looked up before they are sent). To be sent: 7, 31.50 EUR.\n"
        in ran.stderr
    )
    assert "\nand 2 more.\n" in ran.stderr
    assert "Altegio's rate limit lets that take about 2 s.\n" in ran.stderr
    paid = altegio.sandbox.payments(123)
    assert len(paid) == 7
    assert results(altegio) == [
        {"row": str(n + 1), "idempotency_key": f"invoice-{n}", "outcome": "done", "payment_id": str(paid[n - 1].id),
         "text": ""}
        for n in range(1, 8)
    ]  # fmt: skip
    with closing(sqlite3.connect(altegio.folder / "payments.db")) as db:
        claimed = [at for (at,) in db.execute("SELECT claimed_at FROM altegio_ledger ORDER BY claimed_at")]
    assert claimed[5] - claimed[0] > 1.2  # what waits for its turn is not claimed yet, so it can be stopped
    calls = len(altegio.sandbox.calls)
    code, printed = altegio.json("import", file, "--yes", "--results", "again.csv")
    nothing_known: dict[str, object] = {"similar_keys": [], "equal_payments": [], "new_ledger": None}
    assert (code, printed) == (0, {"outcome": "done", "counts": {"done": 7}, "results": "again.csv", **nothing_known})
    assert results(altegio, "again.csv") == results(altegio)
    assert len(altegio.sandbox.calls) == calls
    assert 429 not in [call.response.status for call in altegio.sandbox.calls]


def test_a_dry_run_shows_a_summary_or_all_requests_and_sends_nothing(altegio: CommandLine) -> None:
    file = altegio.file(row(1), row(2))
    ran = altegio("import", file, "--dry-run")
    assert (ran.returncode, ran.stdout.splitlines()[0].partition("To be sent")[2]) == (0, ": 2, 4.00 EUR.")
    assert "POST" not in ran.stdout
    ran = altegio("import", file, "--dry-run", "--verbose")
    assert f"\nRow 2:\nPOST {altegio.environment['ALTEGIO_BASE_URL']}/marketplace/partner/payment\n" in ran.stdout
    assert "\n\nRow 3:\nPOST " in ran.stdout
    assert '"payment_sum":2.5' in ran.stdout
    code, printed = altegio.json("import", file, "--dry-run")
    assert (code, printed["payments"], printed["sums"], printed["requests"]) == (0, 2, ["4.00 EUR"], [])
    code, printed = altegio.json("import", file, "--dry-run", "--verbose")
    assert (code, [request["body"]["payment_sum"] for request in printed["requests"]]) == (0, [1.5, 2.5])
    assert altegio.sandbox.payments(123) == []
    with closing(altegio.ledger) as ledger:
        assert ledger.get("invoice-1") is None
    assert list(altegio.folder.glob("*.results.csv")) == []


def test_columns_may_come_in_any_order_with_others_and_from_a_spreadsheet(altegio: CommandLine) -> None:
    names = COLUMNS.split(",")
    values = row(1).split(",")
    lines = [",".join([*reversed(names), "customer"]), ",".join([*reversed(values), '"Smith, ""Zoë"""']), ",,,,,,,"]
    (altegio.folder / "payments.csv").write_bytes("\r\n".join(lines).encode("utf-8-sig"))
    assert altegio("import", "payments.csv", "--yes").returncode == 0
    assert keys(altegio) == ["invoice-1"]


MISTAKES = [
    ("x", "row 3: payment_sum must be digits with an optional decimal point", ("2.50", "x")),
    ("location", "row 3: salon_id must be a number, digits only, not '12a'. Write 12.", (",123,", ",12a,")),
    ("currency", "row 3: currency_iso must be three capital letters", ("EUR", "euro")),
    ("date", "row 3: payment_date must be a date and a time", (" 12:00", "")),
    ("key", "row 3: idempotency_key must be printable text", ("invoice-2", "")),
    ("twice", "rows 2, 3: they have the same idempotency_key, 'invoice-1'.", ("invoice-2", "invoice-1")),
    ("columns", "row 3 has 8 columns, and row 1 has 7", (",EUR", ",EUR,")),
]


@pytest.mark.parametrize(("words", "change"), [one[1:] for one in MISTAKES], ids=[one[0] for one in MISTAKES])
def test_nothing_is_sent_if_a_row_is_wrong(altegio: CommandLine, words: str, change: tuple[str, str]) -> None:
    ran = altegio("import", altegio.file(row(1), row(2).replace(*change), row(3)), "--yes")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert words in ran.stderr
    assert altegio.sandbox.payments(123) == []


FILES = [
    ("empty", b"", "row 1 must name the columns. Missing: idempotency_key, salon_id, "),
    ("other columns", b"a;b;c", "row 1 must name the columns. Missing: idempotency_key, salon_id, "),
    ("no rows", COLUMNS.encode(), "contains no payments."),
    ("twice", f"{COLUMNS},salon_id".encode(), "row 1 names salon_id more than once."),
    ("latin", f"{COLUMNS}\n".encode() + b"\xe9,,,,,,", "is not in UTF-8: save it as 'CSV UTF-8'."),
    ("quotes", f'{COLUMNS}\n"a"b,,,,,,'.encode(), "is not a CSV file: "),
]


@pytest.mark.parametrize(("content", "words"), [one[1:] for one in FILES], ids=[one[0] for one in FILES])
def test_files_that_hold_no_payments(altegio: CommandLine, content: bytes, words: str) -> None:
    (altegio.folder / "payments.csv").write_bytes(content)
    ran = altegio("import", "payments.csv", "--yes")
    assert ran.returncode == 2
    assert words in ran.stderr


def test_all_mistakes_are_listed_at_once_up_to_a_limit(altegio: CommandLine) -> None:
    ran = altegio("import", altegio.file(*(row(n).replace("EUR", "euro") for n in range(1, 31))), "--yes")
    assert ran.returncode == 2
    assert ran.stderr.count("currency_iso must be") == 20
    assert ran.stderr.endswith("\n  and 10 more.\n")


def test_a_key_of_another_payment_is_found_before_the_first_is_sent(altegio: CommandLine) -> None:
    assert altegio("import", altegio.file(row(2)), "--yes").returncode == 0
    ran = altegio("import", altegio.file(row(1), row(2).replace("2.50", "2.60")), "--yes")
    assert ran.returncode == 2
    assert "row 3: The idempotency key 'invoice-2' was used for another call" in ran.stderr
    assert "payment_sum was 2.5, not 2.6." in ran.stderr
    assert keys(altegio) == ["invoice-2"]


def test_a_key_that_differs_only_in_form_is_pointed_out(altegio: CommandLine) -> None:
    first = [row(1).replace("invoice-1", "2026110000042"), row(2), row(3)]
    assert altegio("import", altegio.file(*first), "--yes").returncode == 0
    second = [
        row(4).replace("invoice-4", "2.02611E+12"), row(5).replace("invoice-5", "INVOICE-002"), row(6), row(3),
        row(7).replace("invoice-7", "Invoice-3"),
    ]  # fmt: skip
    file = altegio.file(*second)
    lines = [
        "row 2, '2.02611E+12': its key is similar to a known one: '2026110000042'.",
        "row 3, 'INVOICE-002': its key is similar to a known one: 'invoice-2'.",
        "row 6, 'Invoice-3': its key is similar to a known one: 'invoice-3'.",
    ]
    elsewhere = altegio("import", file, "--dry-run", "--application-id", "78")
    assert (elsewhere.returncode, "similar" in elsewhere.stderr) == (0, False)
    dry_run = altegio("import", file, "--dry-run")
    assert (dry_run.returncode, dry_run.stderr.splitlines()) == (0, lines)
    listed = [(2, "2.02611E+12", ["2026110000042"]), (3, "INVOICE-002", ["invoice-2"]), (6, "Invoice-3", ["invoice-3"])]
    similar = [{"row": number, "idempotency_key": key, "known_keys": known} for number, key, known in listed]
    code, printed = altegio.json("import", file, "--dry-run")
    assert (code, printed["similar_keys"], printed["equal_payments"]) == (0, similar, [])
    asked = altegio("import", file)
    assert asked.stderr.startswith("\n".join(lines))
    assert len(altegio.sandbox.payments(123)) == 3
    code, printed = altegio.json("import", file, "--yes")
    assert (code, printed["counts"], printed["similar_keys"]) == (0, {"done": 5}, similar)
    assert len(altegio.sandbox.payments(123)) == 7


def equal_to(number: int, key: str) -> str:
    """Return the row of the same payment under another key."""
    return row(number).replace(f"invoice-{number}", key)


def test_the_same_payment_under_another_key_is_not_sent_unasked(altegio: CommandLine) -> None:
    assert altegio("import", altegio.file(row(1), row(2)), "--yes").returncode == 0
    file = altegio.file(row(1), equal_to(1, "INVOICE-1"), row(3), equal_to(2, "again").replace("2.50", "2.5"))
    lines = ["row 3, 'INVOICE-1': the same payment has another key: 'invoice-1'.",
             "row 5, 'again': the same payment has another key: 'invoice-2'."]  # fmt: skip
    calls = altegio.calls()
    for more in (["--yes"], ["--dry-run"]):
        ran = altegio("import", file, *more)
        assert (ran.returncode, ran.stdout) == (2, "")
        assert "payments.csv has payments that are known under another key, and nothing was sent." in ran.stderr
        assert ran.stderr.endswith("\n  ".join(["pass --also-equal:", *lines]) + "\n")
        assert "row 3, 'INVOICE-1': its key is similar to a known one: 'invoice-1'.\n" in ran.stderr
        code, printed = altegio.json("import", file, *more)
        assert (code, printed["outcome"], printed["error"]) == (2, "usage error", "ValueError")
        assert printed["text"].endswith("\n  ".join(["pass --also-equal:", *lines]))
    assert list(altegio.folder.glob("*again*")) == []
    assert (altegio.calls(), len(altegio.sandbox.payments(123))) == (calls, 2)
    equal = [{"row": 3, "idempotency_key": "INVOICE-1", "known_keys": ["invoice-1"]},
             {"row": 5, "idempotency_key": "again", "known_keys": ["invoice-2"]}]  # fmt: skip
    code, printed = altegio.json("import", file, "--also-equal", "--dry-run")
    assert (code, printed["equal_payments"], altegio.calls()) == (0, equal, calls)
    code, printed = altegio.json("import", file, "--also-equal", "--yes")
    assert (code, printed["counts"], printed["equal_payments"]) == (0, {"done": 4}, equal)
    assert sorted(keys(altegio)) == ["invoice-1", "invoice-1", "invoice-2", "invoice-2", "invoice-3"]
    assert altegio("import", file, "--yes").returncode == 0  # all are in the ledger by now: nothing is to be sent


def test_the_same_payment_twice_in_one_file(altegio: CommandLine) -> None:
    file = altegio.file(row(1), *(equal_to(1, f"copy-{n}") for n in range(23)))
    ran = altegio("import", file, "--yes")
    assert ran.returncode == 2
    assert "\n  row 3, 'copy-0': the same payment has another key: 'invoice-1'.\n" in ran.stderr
    known = "'invoice-1', 'copy-0', 'copy-1', 'copy-2', 'copy-3', 1 more."
    assert f"\n  row 8, 'copy-5': the same payment has another key: {known}\n" in ran.stderr
    assert ran.stderr.endswith("\n  and 3 more.\n")
    assert altegio.sandbox.payments(123) == []
    assert altegio("import", altegio.file(row(1), equal_to(1, "copy")), "--also-equal", "--yes").returncode == 0
    assert keys(altegio) == ["invoice-1", "invoice-1"]


def test_a_key_in_two_forms_of_unicode_is_one_key(altegio: CommandLine) -> None:
    composed, decomposed = (unicodedata.normalize(form, "счёт-1") for form in ("NFC", "NFD"))
    ran = altegio("import", altegio.file(equal_to(1, composed), equal_to(2, decomposed)), "--yes")
    assert ran.returncode == 2
    assert "rows 2, 3: they have the same idempotency_key" in ran.stderr
    for key in (composed, decomposed):
        assert altegio("import", altegio.file(equal_to(1, key)), "--yes").returncode == 0
    assert keys(altegio) == ["invoice-1"]


def test_no_file_is_overwritten(altegio: CommandLine) -> None:
    file = altegio.file(row(1))
    for path in (file, "payments.db", "/dev/full"):
        ran = altegio("import", file, "--results", path, "--yes")
        assert (ran.returncode, ran.stdout) == (2, "")
        assert f"--results {path} exists. Name another file: each run has its own results." in ran.stderr
    for path, words in (
        ("nowhere/a.csv", "the folder nowhere does not exist. Run: mkdir -p nowhere"),
        ("a" * 300, "cannot be reached: File name too long. Name another file."),
        ("a" * 250, "cannot be written: File name too long. Name another file."),  # that of a temporary file is longer
    ):
        ran = altegio("import", file, "--results", path, "--yes")
        assert ran.returncode == 2
        assert words in ran.stderr
    assert row(1) in (altegio.folder / file).read_text()
    assert altegio.sandbox.payments(123) == []
    assert altegio("import", "nowhere.csv", "--yes").returncode == 2


GERMAN = {
    "semicolons": (";", "", "semicolons"),
    "tabs": ("\t", "", "tabs"),
    "sep=": ("|", "sep=|\r\n", "'|'"),
}


@pytest.mark.parametrize(("delimiter", "first", "named"), GERMAN.values(), ids=GERMAN)
def test_a_file_of_a_german_excel(altegio: CommandLine, delimiter: str, first: str, named: str) -> None:
    """With a mark at its beginning, Windows' line ends, decimal commas and columns that are empty."""
    rows = [*(line.split(",") for line in (COLUMNS, row(1), row(2))), [""] * 7]
    written = [delimiter.join([*cells[:2], cells[2].replace(".", ","), *cells[3:], "", ""]) for cells in rows]
    content = first + "\r\n".join([*written, ""])
    (altegio.folder / "payments.csv").write_bytes(content.encode("utf-8-sig"))
    ran = altegio("import", "payments.csv", "--yes")
    assert ran.returncode == 0
    assert f"Its columns are separated by {named}.\n" in ran.stderr
    assert "Its sums have a decimal comma: 49,90 is read as 49.90.\n" in ran.stderr
    assert keys(altegio) == ["invoice-1", "invoice-2"]
    assert [result["row"] for result in results(altegio)] == ["2", "3"]


def test_a_delimiter_that_is_named(altegio: CommandLine) -> None:
    (altegio.folder / "payments.csv").write_text(f"{COLUMNS}\n{row(1)}\n".replace(",", ";"))
    ran = altegio("import", "payments.csv", "--delimiter", "comma", "--yes")
    assert ran.returncode == 2
    assert "row 1 must name the columns" in ran.stderr
    assert altegio("import", "payments.csv", "--delimiter", "semicolon", "--yes").returncode == 0


def test_results_for_a_spreadsheet(altegio: CommandLine) -> None:
    """A cell that begins like a formula would be run by one."""
    file = altegio.file(row(1).replace("invoice-1", "=1+1"), row(2).replace("invoice-2", "@SUM(A1)"))
    assert altegio("import", file, "--excel", "--results", "a.csv", "--yes").returncode == 0
    written = (altegio.folder / "a.csv").read_bytes()
    assert written.startswith(b"\xef\xbb\xbfrow,")
    assert b"\r\n2,'=1+1,done," in written
    assert b"\r\n3,'@SUM(A1),done," in written


def test_results_that_cannot_be_put_in_their_place(altegio: CommandLine) -> None:
    folder = altegio.folder / "results"
    folder.mkdir()
    file = altegio.file(*map(row, range(1, 8)))
    with altegio.started("import", file, "--results", "results/a.csv", "--yes") as process:
        wait_for_payments(altegio, process, 1)
        shutil.rmtree(folder)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (5, "")
    words = "7 done so far. The ledger has what was reported: run the import again."
    assert f"Unknown: results/a.csv cannot be written: No such file or directory. {words}" in err
    assert altegio("import", file, "--yes").returncode == 0
    assert sorted(keys(altegio)) == [f"invoice-{n}" for n in range(1, 8)]


def test_what_a_sandbox_has_recorded_is_not_recorded_elsewhere(altegio: CommandLine) -> None:
    assert altegio("import", altegio.file(row(1)), "--yes").returncode == 0
    ran = altegio("import", "payments.csv", ALTEGIO_BASE_URL="https://127.0.0.1:9")
    assert ran.returncode == 2  # it asks, for there is one to be sent
    assert "In the ledger: 0 recorded" in ran.stderr + ran.stdout
    assert altegio("import", "payments.csv", "--yes", ALTEGIO_BASE_URL="https://127.0.0.1:9").returncode == 4


ENDS: list[tuple[FaultName, int, list[str]]] = [
    ("success_false", 3, ["done", "rejected", "done", "done", "done", "done"]),
    ("html_502", 5, ["done", "unknown", "done", "done", "done", "done"]),
]


@pytest.mark.parametrize(("fault", "code", "outcomes"), ENDS, ids=[end[0] for end in ENDS])
def test_a_failed_row_does_not_stop_the_others(
    altegio: CommandLine, fault: FaultName, code: int, outcomes: list[str]
) -> None:
    assert altegio("import", altegio.file(row(1)), "--yes").returncode == 0
    altegio.sandbox.inject_fault(fault)
    ran = altegio("import", altegio.file(*map(row, range(1, 7))), "--yes")
    assert ran.returncode == code
    assert [result["outcome"] for result in results(altegio)] == outcomes
    assert altegio("import", "payments.csv", "--yes").returncode == 0
    assert sorted(keys(altegio)) == [f"invoice-{n}" for n in range(1, 7)]


def test_it_stops_where_every_row_would_fail_alike(altegio: CommandLine) -> None:
    file = altegio.file(*map(row, range(1, 4)))
    ran = altegio("import", file, "--yes", ALTEGIO_BASE_URL=closed_port())
    assert summary(ran) == (4, "3 not sent.")
    assert results(altegio)[2]["text"].startswith("Not tried: the import stopped at row 2. ")
    ran = altegio("import", file, "--yes", ALTEGIO_PARTNER_TOKEN="AnotherFakeToken")
    assert summary(ran) == (4, "1 rejected, 2 not sent.")
    altegio.sandbox.inject_fault("lose_answer", calls=3)
    file = altegio.file(*map(row, range(1, 6)))
    ran = altegio("import", file, "--yes")
    assert summary(ran) == (5, "2 not sent, 3 unknown.")
    ran = altegio("import", file, "--yes")
    assert (ran.returncode, sorted(keys(altegio))) == (0, [f"invoice-{n}" for n in range(1, 6)])


@pytest.mark.parametrize(
    "how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL], ids=lambda how: how.name
)
def test_stopped_and_started_again_it_reports_each_row_once(altegio: CommandLine, how: signal.Signals) -> None:
    file = altegio.file(*map(row, range(1, MANY + 1)))
    with altegio.started("import", file, "--yes") as process:
        wait_for_payments(altegio, process, 5)  # after so many it waits, for more are not allowed at once
        process.send_signal(how)
        out, err = process.communicate(timeout=30)
    assert "Traceback" not in err
    before = len(altegio.sandbox.payments(123))
    assert 5 <= before < MANY
    if how is signal.SIGKILL:
        assert out == ""
    else:
        assert process.returncode == 4
        assert out.startswith(f"{before} done, {MANY - before} not sent. Row by row: payments.")
        assert results(altegio)[-1]["text"] == "Not tried: the import was stopped."
    with closing(altegio.ledger) as ledger:
        pending = [one.idempotency_key for one in ledger.pending()]
    assert len(pending) <= (1 if how is signal.SIGKILL else 0)
    if pending and pending[0] not in keys(altegio):  # claimed, and not sent: only a person can know that
        assert altegio("resolve", pending[0], "--not-recorded", "--yes").returncode == 0
    ran = altegio("import", file, "--yes")
    assert ran.returncode == 0
    assert sorted(keys(altegio)) == sorted(f"invoice-{n}" for n in range(1, MANY + 1))
    assert [result["payment_id"] for result in results(altegio)] == [
        str(payment.id) for payment in sorted(altegio.sandbox.payments(123), key=lambda payment: payment.payment_sum)
    ]


def test_a_second_interrupt_does_not_wait_for_the_row(altegio: CommandLine) -> None:
    altegio.sandbox.inject_fault("success_false")
    altegio.sandbox.inject_fault("stall")
    with altegio.started("import", altegio.file(row(1), row(2), row(3)), "--yes") as process:
        wait_for_payments(altegio, process, 1)
        process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (5, "")
    assert "Stopping after this row. Press Ctrl-C again to stop at once." in err
    assert "Cancelled while POST /marketplace/partner/payment was in progress. It may have been recorded" in err
    (part,) = altegio.folder.glob("*.part")
    known = f"1 rejected so far. Row by row: {part.name}. The ledger has what was reported: run the import again."
    assert f"Unknown: Interrupted. {known}" in err
    assert "row 2: rejected: " in err
    assert "look in Altegio" not in err
    assert [one["outcome"] for one in results(altegio, part.name)] == ["rejected"]
    with closing(altegio.ledger) as ledger:
        assert [one.idempotency_key for one in ledger.pending()] == ["invoice-2"]


@pytest.mark.parametrize(
    ("first", "second"),
    [(signal.SIGTERM, signal.SIGHUP), (signal.SIGHUP, signal.SIGHUP), (signal.SIGINT, signal.SIGTERM)],
    ids=lambda one: one.name,
)
def test_two_signals_for_one_wish_let_the_row_end(
    altegio: CommandLine, first: signal.Signals, second: signal.Signals
) -> None:
    altegio.sandbox.inject_fault("latency", delay=1)
    with altegio.started("import", altegio.file(row(1), row(2)), "--yes") as process:
        wait_for_payments(altegio, process, 1)  # its response comes a second later
        process.send_signal(first)
        while "Stopping" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(second)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 4
    assert out.startswith("1 done, 1 not sent. Row by row: payments.")
    assert "Stopping" not in err
    assert [one["outcome"] for one in results(altegio)] == ["done", "not sent"]


def test_an_interrupt_that_cannot_be_acknowledged_loses_no_answer(altegio: CommandLine) -> None:
    altegio.sandbox.inject_fault("latency", delay=1)
    file = altegio.file(row(1), row(2))
    with (
        Path("/dev/full").open("w") as full,
        altegio.started("import", file, "--yes", stderr=full.fileno()) as process,
    ):
        wait_for_payments(altegio, process, 1)  # its response comes a second later
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 4
    assert out.startswith("1 done, 1 not sent. Row by row: payments.")


def test_an_interrupted_row_is_not_sent_again_after_429(altegio: CommandLine) -> None:
    altegio.sandbox.inject_fault("rate_limit")
    with altegio.started("import", altegio.file(row(1), row(2)), "--yes") as process:
        while not [call for call in altegio.sandbox.calls if call.fault]:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=30)
    assert out.startswith("2 not sent. Row by row: payments.")
    assert [one["text"] for one in results(altegio)] == [
        "Not done: the import was stopped.", "Not tried: the import was stopped."
    ]  # fmt: skip
    with closing(altegio.ledger) as ledger:
        assert (keys(altegio), list(ledger.pending())) == ([], [])


NOT_LOOKED_UP = "It may have been recorded, and was not looked up. "


def test_what_the_ledger_has_is_not_called_not_sent(altegio: CommandLine) -> None:
    """Otherwise, somebody who reports such rows by other means reports them twice."""
    altegio.sandbox.inject_fault("lose_answer", operation="notify_payment", nth=2)
    assert altegio("import", altegio.file(*map(row, range(1, 4))), "--yes").returncode == 5
    paid, calls = altegio.sandbox.payments(123), altegio.calls()
    ran = altegio("import", altegio.file(*map(row, [4, 1, 2, 5])), "--yes", ALTEGIO_PARTNER_TOKEN="AnotherFakeToken")
    assert summary(ran) == (5, "1 done, 1 rejected, 1 not sent, 1 unknown.")
    _, recorded, pending, new = results(altegio)
    assert (recorded["outcome"], recorded["payment_id"], recorded["text"]) == ("done", str(paid[0].id), "")
    assert (pending["outcome"], pending["payment_id"]) == ("unknown", "")
    assert pending["text"].startswith(f"{NOT_LOOKED_UP}Not tried: the import stopped at row 2. ")
    assert (new["outcome"], new["text"][:10]) == ("not sent", "Not tried:")
    assert altegio.calls() == calls + 1


def test_an_interrupted_look_up_leaves_a_row_unknown(altegio: CommandLine) -> None:
    altegio.sandbox.inject_fault("lose_answer", operation="notify_payment")
    file = altegio.file(row(1), row(2))
    assert altegio("import", file, "--yes").returncode == 5
    altegio.sandbox.inject_fault("rate_limit")
    with altegio.started("import", file, "--yes") as process:
        while [call.fault for call in altegio.sandbox.calls].count("rate_limit") < 1:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 5
    assert out.startswith("1 done, 1 unknown. Row by row: payments.")
    assert results(altegio)[0]["text"] == f"{NOT_LOOKED_UP}Not done: the import was stopped."


def test_a_ledger_that_is_lost_leaves_a_pending_row_unknown(altegio: CommandLine) -> None:
    """And the id that it could not store is printed, even if the results cannot be written either."""
    folder = altegio.folder / "disk"
    folder.mkdir()
    altegio.environment["ALTEGIO_LEDGER_URL"] = f"sqlite:///{folder}/payments.db"
    altegio.sandbox.inject_fault("lose_answer", operation="notify_payment")
    assert altegio("import", altegio.file(row(1)), "--yes").returncode == 5
    altegio.sandbox.inject_fault("latency", delay=1)
    with altegio.started("import", altegio.file(row(2), row(1)), "--results", "disk/a.csv", "--yes") as process:
        wait_for_payments(altegio, process, 2)
        shutil.rmtree(folder)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (5, "")
    _, lost = altegio.sandbox.payments(123)
    assert f"\nrow 2: unknown: Altegio recorded it: the payment is {lost.id}. The ledger " in err
    assert f"\nrow 3: unknown: {NOT_LOOKED_UP}The ledger " in err
    assert err.splitlines()[-1] == (
        "Unknown: disk/a.csv cannot be written: No such file or directory. 2 unknown so far. The ledger lacks a "
        "payment: see its row above before you run the import again."
    )


def test_a_full_disk_hides_no_payment(altegio: CommandLine) -> None:
    """Neither the ledger nor the results can be written while the response of row 3 is awaited."""
    altegio.sandbox.inject_fault("latency", delay=1, operation="notify_payment", nth=2)
    with altegio.started("import", altegio.file(*map(row, range(1, 5))), "--yes", "--json") as process:
        wait_for_payments(altegio, process, 2)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        out, err = process.communicate(timeout=60)
    _, lost = altegio.sandbox.payments(123)
    assert process.returncode == 5
    printed = json.loads(out)
    (failed,) = printed["failed"]
    assert failed.startswith(f"row 3: unknown: Altegio recorded it: the payment is {lost.id}. The ledger ")
    assert f"\n{failed}\n" in err
    (part,) = altegio.folder.glob("*.part")
    assert (printed["counts"], printed["results"]) == ({"done": 1, "unknown": 1}, part.name)
    assert "The ledger lacks a payment" in printed["text"]
    assert [one["outcome"] for one in results(altegio, part.name)] == ["done"]


def test_two_imports_at_once_do_not_replace_results(altegio: CommandLine) -> None:
    altegio.sandbox.inject_fault("latency", delay=1)
    arguments = ["import", altegio.file(row(1)), "--results", "results.csv", "--yes"]
    with altegio.started(*arguments) as process:
        wait_for_payments(altegio, process, 1)
        assert altegio("import", altegio.file(row(2)), *arguments[2:]).returncode == 0
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (5, "")
    (part,) = altegio.folder.glob("*.part")
    known = f"1 done so far. Row by row: {part.name}. The ledger has what was reported"
    assert f"Unknown: results.csv cannot be written: File exists. {known}" in err
    assert [results(altegio, name)[0]["idempotency_key"] for name in (part.name, "results.csv")] == [
        "invoice-1", "invoice-2"
    ]  # fmt: skip


def test_undecided_rows_do_not_block_the_rest(altegio: CommandLine) -> None:
    altegio.sandbox.inject_fault("drop_call", calls=3)
    file = altegio.file(*map(row, range(1, 6)))
    ran = altegio("import", file, "--yes")
    assert summary(ran) == (5, "2 not sent, 3 unknown.")
    ran = altegio("import", file, "--yes")
    assert summary(ran) == (5, "2 done, 3 unknown.")
    assert "In the ledger: 0 recorded, 3 pending (looked up before they are sent)." in ran.stderr
    assert keys(altegio) == ["invoice-4", "invoice-5"]
