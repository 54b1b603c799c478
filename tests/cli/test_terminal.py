"""`altegio-partner` in a terminal: it asks, and shows how far it is."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pexpect
import pytest

from tests.callers import TOKEN
from tests.cli.command_line import PAY, CommandLine, connected, row
from tests.commands import PARTNER, ForkServer

pytestmark = pytest.mark.usefixtures("measured_processes")
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture
def altegio(fork_server: ForkServer, tmp_path: Path) -> Iterator[CommandLine]:
    """A command line, and a sandbox at which location 123 has registered."""
    with connected(fork_server, tmp_path) as altegio:
        assert altegio("register", "123", "--yes").returncode == 0
        yield altegio


def in_terminal(altegio: CommandLine, *arguments: str, columns: int = 120) -> "pexpect.spawn[str]":
    """Run a command, from the start of the interpreter, in a terminal of that width."""
    terminal = {**altegio.environment, "TERM": "xterm-256color"}
    return pexpect.spawn(
        PARTNER, list(arguments), cwd=str(altegio.folder), env=terminal, encoding="utf-8", timeout=60,
        dimensions=(40, columns),
    )  # fmt: skip


def ended(process: "pexpect.spawn[str]") -> tuple[int | None, str]:
    """Wait for its end, and return its exit code and what it has written since the last look."""
    process.expect(pexpect.EOF)
    process.close()
    return process.exitstatus, ANSI.sub("", process.before or "")


def test_it_shows_what_it_will_send_and_asks(altegio: CommandLine) -> None:
    process = in_terminal(altegio, *PAY)
    process.expect(r"Send it to the sandbox at 127\.0\.0\.1:\d+, application 77\? \[y/N\]: ")
    shown = ANSI.sub("", process.before or "")
    for words in ("POST http://127.0.0.1:", "990.99", "2026-12-31 23:59:59", "Without a ledger"):
        assert words in shown
    assert TOKEN not in shown
    assert altegio.sandbox.payments(123) == []
    process.sendline("n")
    code, rest = ended(process)
    assert code == 4
    assert "Not sent: Cancelled. Nothing was sent." in rest
    assert altegio.sandbox.payments(123) == []
    process = in_terminal(altegio, *PAY)
    process.expect(r"\[y/N\]: ")
    process.sendline("y")
    code, rest = ended(process)
    (payment,) = altegio.sandbox.payments(123)
    assert code == 0
    assert f"Payment {payment.id} is recorded." in rest


def test_ctrl_c_at_the_question_sends_nothing(altegio: CommandLine) -> None:
    process = in_terminal(altegio, *PAY)
    process.expect(r"\[y/N\]: ")
    process.sendintr()
    code, rest = ended(process)
    assert (code, altegio.sandbox.payments(123)) == (4, [])
    assert "Not sent: " in rest


def test_an_import_shows_how_far_it_is(altegio: CommandLine) -> None:
    process = in_terminal(altegio, "import", altegio.file(*map(row, range(1, 8))), "--ledger-url", altegio.ledger_url)
    process.expect(r"Send 7 to the sandbox at 127\.0\.0\.1:\d+, application 77\? \[y/N\]: ")
    altegio.sandbox.inject_fault("success_false")
    process.sendline("y")
    code, rest = ended(process)
    assert code == 3
    assert "5/7" in rest  # and waits, for more are not allowed at once
    assert "7/7" in rest
    assert "6 done, 1 rejected. Row by row: payments." in rest


def test_a_table_fits_a_narrow_terminal(altegio: CommandLine) -> None:
    altegio(*PAY, "--yes")
    process = in_terminal(altegio, "status", "123", columns=60)
    code, shown = ended(process)
    assert code == 0
    assert max(len(line.rstrip()) for line in shown.splitlines()) <= 60


def test_words_of_a_table_go_to_the_next_line(altegio: CommandLine) -> None:
    process = in_terminal(altegio, *PAY, columns=58)
    process.expect("Without a ledger")
    shown = ANSI.sub("", process.before or "").splitlines()
    assert "│ payment_date   │ 2026-11-24 12:00:00 │ as given: no    │" in shown
    assert "│                │                     │ zone is sent    │" in shown
    process.sendline("n")
    assert ended(process)[0] == 4


def test_a_question_and_a_bar_fit_a_narrow_terminal(altegio: CommandLine) -> None:
    file, ledger = altegio.file(*map(row, range(1, 8))), altegio.ledger_url
    process = in_terminal(altegio, "import", file, "--ledger-url", ledger, columns=40)
    process.expect(r"Send 7 to the sandbox at\s+127\.0\.0\.1:\d+, application\s+77\? \[y/N\]: ")
    process.sendline("y")
    code, rest = ended(process)
    assert code == 0
    bars = [part for part in re.split(r"[\r\n]+", rest) if part.startswith("[")]
    assert bars[-1] == "[####################] 7/7  7 done"
    assert max(map(len, bars)) < 40


def test_a_key_that_is_used_while_it_asks(altegio: CommandLine) -> None:
    ledger = ["--ledger-url", altegio.ledger_url]
    process = in_terminal(altegio, "import", altegio.file(row(1), row(2)), *ledger)
    process.expect(r"Send 2 to ")
    assert altegio(*PAY, "--idempotency-key", "invoice-1", *ledger, "--yes").returncode == 0
    process.sendline("y")
    code, rest = ended(process)
    assert code == 3
    assert "1 done, 1 rejected. Row by row: payments." in rest
    written = next(altegio.folder.glob("payments.*.results.csv")).read_text()
    assert "The idempotency key 'invoice-1' was used for another call" in written


def test_a_token_that_is_typed_is_not_shown(altegio: CommandLine) -> None:
    process = in_terminal(altegio, "status", "123", "--token-file", "-")
    process.expect("Partner token: ")
    process.sendline(TOKEN)
    code, rest = ended(process)
    assert code == 0
    assert "Location 123: active" in rest
    assert TOKEN not in rest


@pytest.mark.parametrize("finding", [["--not-recorded"], ["--recorded", "900"]], ids=lambda finding: finding[0])
def test_a_call_that_is_repeated_while_it_asks_is_not_resolved(altegio: CommandLine, finding: list[str]) -> None:
    """The answer is about the earlier call, and the repeated one may have been recorded."""
    altegio.environment["ALTEGIO_LEDGER_URL"] = altegio.ledger_url
    pay = [*PAY, "--idempotency-key", "invoice-1", "--yes"]
    altegio.sandbox.inject_fault("drop_call")
    assert altegio(*pay).returncode == 5
    with closing(sqlite3.connect(altegio.folder / "payments.db")) as db, db:
        db.execute("UPDATE altegio_ledger SET may_leave_until = may_leave_until - 7300, boot_until = boot_until - 7300")
    process = in_terminal(altegio, "resolve", "invoice-1", *finding)
    process.expect(r"Record that\? \[y/N\]: ")
    altegio.sandbox.inject_fault("lose_answer", operation="notify_payment")
    assert altegio(*pay).returncode == 5
    process.sendline("y")
    code, rest = ended(process)
    assert code == 2
    assert "'invoice-1' was claimed again meanwhile" in " ".join(rest.split())
    with closing(altegio.ledger) as ledger:
        assert [one.idempotency_key for one in ledger.pending()] == ["invoice-1"]
    (payment,) = altegio.sandbox.payments(123)
    assert altegio(*pay).stdout == f"Payment {payment.id} is recorded. Refunds need this id.\n"
