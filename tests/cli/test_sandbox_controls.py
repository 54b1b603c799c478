"""`altegio-partner sandbox fault`, `pay`, `freeze` and so on: they control a sandbox that is running."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.command_line import PAY, CommandLine, connected
from tests.commands import ForkServer
from tests.servers.scripted import ScriptedServer, closed_port, http


@pytest.fixture
def altegio(fork_server: ForkServer, tmp_path: Path) -> Iterator[CommandLine]:
    with connected(fork_server, tmp_path) as altegio:
        yield altegio


def test_the_life_of_a_location(altegio: CommandLine) -> None:
    ran = altegio("sandbox", "connect", "124")
    assert (ran.returncode, ran.stdout) == (0, "The owner of location 124 has clicked Connect.\n")
    assert altegio("register", "124", "--yes").returncode == 0
    heading, no_url = "callback\tevent\tstatus\tanswer\n", "Not sent: the sandbox has no callback_url.\n"
    ran = altegio("sandbox", "pay", "124", "--payment-sum", "49.90")
    assert (ran.returncode, ran.stdout) == (0, f"The owner of location 124 has paid.\n{heading}1\tpayment\t\t{no_url}")
    ran = altegio("sandbox", "freeze", "124")
    assert (ran.returncode, ran.stdout) == (0, f"Altegio has frozen location 124.\n{heading}2\tfreeze\t\t{no_url}")
    assert "Location 124: freezed" in altegio("status", "124").stdout
    before = altegio.sandbox.now
    assert altegio("sandbox", "advance", "--days", "2", "--hours", "1").stdout == "The clock was moved.\n"
    assert altegio.sandbox.now - before >= timedelta(days=2, hours=1)
    shown = altegio("sandbox", "calls").stdout
    assert shown.startswith("2 calls.\nnumber\tat\tcall\tpath\tstatus\tfault\n")
    assert "\tPOST\t/marketplace/partner/callback/redirect\t301\t" in shown
    assert altegio("sandbox", "reset").stdout == "The sandbox was reset.\n"
    assert altegio.calls() == 0


def test_faults(altegio: CommandLine) -> None:
    assert altegio("register", "123", "--yes").returncode == 0
    ran = altegio("sandbox", "fault", "lose_answer", "--calls", "2")
    assert (ran.returncode, ran.stdout) == (0, "Pending faults: lose_answer, the next 2 calls.\n")
    assert altegio(*PAY, "--yes").returncode == 5
    code, printed = altegio.json("sandbox", "fault", "clear")
    assert (code, printed) == (0, {"outcome": "done", "pending_faults": []})
    ran = altegio("sandbox", "fault", "drop_call", "--operation", "notify_payment")
    assert ran.stdout == "Pending faults: drop_call, the next call with operation notify_payment.\n"
    assert altegio("status", "123").returncode == 0
    assert altegio("sandbox", "fault", "clear").stdout == "Pending faults: none.\n"
    assert altegio(*PAY, "--yes").returncode == 0


def test_callbacks_are_shown(altegio: CommandLine) -> None:
    altegio.sandbox.callback_url = f"{closed_port()}/callback"
    assert altegio("register", "123", "--yes").returncode == 0
    ran = altegio("sandbox", "freeze", "123")
    assert ran.returncode == 0
    assert "\ncallback\tevent\tstatus\tanswer\n" in ran.stdout
    assert "\tfreeze\t" in ran.stdout


def test_their_help(altegio: CommandLine) -> None:
    assert "altegio-partner sandbox fault|connect|pay|freeze|advance|calls|reset, " in altegio("sandbox", "-h").stdout
    ran = altegio("sandbox", "pay", "--help")
    assert (ran.returncode, ran.stdout.splitlines()[0]) == (0, "Usage: altegio-partner sandbox pay [OPTIONS] SALON_ID")
    assert re.search(r"^  SALON_ID  The location\.  \[(x>=1; )?required\]$", ran.stdout, re.MULTILINE)
    assert "docs/command-line.md" in ran.stdout


REFUSED = {
    "an unknown fault": (["fault", "lose_everything"], 3, "The sandbox answered 422: "),
    "a sum": (["pay", "123", "--payment-sum", "much"], 3, "payment_sum must be digits"),
    "a missing option": (
        ["pay", "123"],
        2,
        "Missing:\n  --payment-sum  What was paid: 990.99 is 990",
    ),
    "a mistyped option": (["calls", "--bas-url", "x"], 2, "Did you mean --base-url?"),
    "the real Altegio": (["reset", "--base-url", "https://app.alteg.io"], 2, "is not a sandbox on this machine."),
}


@pytest.mark.parametrize(("arguments", "code", "says"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(altegio: CommandLine, arguments: list[str], code: int, says: str) -> None:
    ran = altegio("sandbox", *arguments)
    assert (ran.returncode, ran.stdout) == (code, "")
    assert says in ran.stderr


def test_no_sandbox(altegio: CommandLine) -> None:
    ran = altegio("sandbox", "reset", "--base-url", closed_port())
    assert ran.returncode == 4
    assert "(ConnectError). Run: altegio-partner sandbox" in ran.stderr
    with ScriptedServer(http(200, b"<html>")) as server:
        ran = altegio("sandbox", "calls", "--base-url", server.url)
    assert ran.returncode == 3
    assert "The sandbox answered 200: no words" in ran.stderr


def test_help(altegio: CommandLine) -> None:
    ran = altegio("sandbox", "fault", "--help")
    assert ran.returncode == 0
    assert "Example: altegio-partner sandbox fault lose_answer" in ran.stdout
