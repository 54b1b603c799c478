"""What `altegio-partner` prints in a terminal, in a pipe, for programs and for spreadsheets."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from altegio_partner.cli.output import duration
from tests.cli.command_line import PAY, CommandLine, connected
from tests.cli.test_terminal import ended, in_terminal
from tests.commands import ForkServer

ROWS = re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b")


@pytest.fixture
def altegio(fork_server: ForkServer, tmp_path: Path) -> Iterator[CommandLine]:
    with connected(fork_server, tmp_path) as altegio:
        assert altegio("register", "123", "--yes").returncode == 0
        assert altegio(*PAY, "--yes").returncode == 0
        yield altegio


def test_a_pipe_gets_tabs(altegio: CommandLine) -> None:
    shown = altegio("status", "123").stdout
    assert "\npayment\tsum\tcurrency\tpaid at\tfrom\tto\t\n" in shown
    assert "\t990.99\tEUR\t2026-11-24 12:00:00\t2026-12-01 00:00:00\t2026-12-31 23:59:59\t\n" in shown
    assert not set("│─┌\x1b") & set(shown)


def test_csv(altegio: CommandLine) -> None:
    shown = altegio("status", "123", "--output", "csv").stdout.splitlines()
    assert shown[0] == "payment,sum,currency,paid at,from,to,"
    assert shown[1].endswith(",990.99,EUR,2026-11-24 12:00:00,2026-12-01 00:00:00,2026-12-31 23:59:59,")
    assert altegio("refund", "999", "--output", "csv", "--yes").returncode == 3
    shown = altegio(*PAY, "--yes", "--output", "csv").stdout.splitlines()
    assert (shown[0], shown[1].rstrip(",").isdigit()) == ("payment_id,new_ledger", True)


def test_json_by_its_longer_name(altegio: CommandLine) -> None:
    for options in (["--output", "json"], ["--output=json"], ["--json"]):
        assert altegio("status", "123", *options).stdout.startswith('{"outcome": "done"')
        ran = altegio("status", "abc", *options)
        assert (ran.returncode, ran.stdout[:27]) == (2, '{"outcome": "usage error", ')


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_no_date_and_no_word_is_broken(altegio: CommandLine, columns: int) -> None:
    code, shown = ended(in_terminal(altegio, "status", "123", columns=columns))
    assert code == 0
    lines = shown.splitlines()
    assert max(len(line.rstrip()) for line in lines) <= columns
    assert len(ROWS.findall(shown)) >= 6
    assert ("│" in shown) is (columns > 40)
    assert "Times are Altegio's local times" in " ".join(shown.split())


def test_a_terminal_shows_no_empty_column_and_an_empty_line_after_a_list(altegio: CommandLine) -> None:
    _, shown = ended(in_terminal(altegio, "status", "123", columns=60))
    assert re.search(r"\nto: [\d-]+ [\d:]+\r\n\r\n┌", shown)
    _, shown = ended(in_terminal(altegio, "uninstall", "123", "--yes"))
    assert "│ salon_id │ 123 │\r\n" in shown


def test_a_usage_line_without_braces(altegio: CommandLine) -> None:
    assert altegio("discount", "--help").stdout.startswith("Usage: altegio-partner discount [OPTIONS] SALON_ID...\n")


@pytest.mark.usefixtures("measured_processes")
def test_colors(altegio: CommandLine) -> None:
    red = "\x1b[1;31mRejected\x1b[0m: "
    for variables, is_red in (
        ({}, False),
        ({"CLICOLOR_FORCE": "1"}, True),
        ({"CLICOLOR_FORCE": "0"}, False),
        ({"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False),
    ):
        ran = altegio.installed("refund", "999", "--yes", **variables)
        assert (red in ran.stderr) is is_red
        assert ("\x1b" in ran.stdout + ran.stderr) is is_red


def test_a_terminal_has_colors(altegio: CommandLine) -> None:
    process = in_terminal(altegio, "refund", "999", "--yes")
    process.expect_exact("\x1b[1;31mRejected\x1b[0m: ")
    assert ended(process)[0] == 3


def test_how_long_an_import_takes() -> None:
    """Altegio allows five calls at once, and 200 a minute."""
    assert [duration(calls) for calls in (1, 5, 200, 20_000)] == ["1 s", "1 s", "61 s", "102 min"]


def test_words_for_help_and_version(altegio: CommandLine) -> None:
    assert altegio("help", "pay").stdout == altegio("pay", "--help").stdout
    assert altegio("help").stdout == altegio("--help").stdout
    assert altegio("version").stdout == altegio("-V").stdout == altegio("--version").stdout
    assert altegio("--profile", "any", "--version").stdout == altegio("version").stdout
    ran = altegio()
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", altegio("--help").stdout)
    shown = altegio("pay", "--help").stdout
    assert "Usage: altegio-partner pay [OPTIONS] SALON_ID\n" in shown
    assert "--token-file, --application-id, --base-url" in shown
    assert not re.search(r"<bool>|salon_id", shown)
