"""`altegio-partner`: what each command sends, says, and returns to the shell."""

import json
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from altegio_partner import __version__
from altegio_partner.sandbox import FaultName
from tests.callers import API_KEY, TOKEN
from tests.cli.command_line import PAY, CommandLine, connected, row, wait_for_payments
from tests.commands import PARTNER, ForkServer
from tests.servers.scripted import ScriptedServer, closed_port, http

DONE = http(200, b'{"success": true, "data": {"id": 5}, "meta": {}}')


@pytest.fixture
def altegio(fork_server: ForkServer, tmp_path: Path) -> Iterator[CommandLine]:
    """A command line, and the sandbox at which the owner of location 123 has clicked Connect."""
    with connected(fork_server, tmp_path) as altegio:
        yield altegio


@pytest.fixture
def registered(altegio: CommandLine) -> CommandLine:
    assert altegio("register", "123", "--yes").returncode == 0
    return altegio


def test_from_registration_to_refund(altegio: CommandLine) -> None:
    ran = altegio("register", "123", "--webhook-url", "https://example.com/webhook", "--yes")
    page = f"{altegio.environment['ALTEGIO_BASE_URL']}/further-setup?salon_id=123"
    assert (ran.returncode, ran.stdout) == (0, f"Location 123 is registered. Send the owner's browser to {page}\n")
    assert json.loads(altegio.sandbox.calls[0].request.body)["webhook_urls"] == ["https://example.com/webhook"]
    ran = altegio(*PAY, "--yes")
    (payment,) = altegio.sandbox.payments(123)
    assert (ran.returncode, ran.stdout) == (0, f"Payment {payment.id} is recorded. Refunds need this id.\n")
    assert payment.payment_sum == Decimal("990.99")
    assert payment.period_from == datetime(2026, 12, 1)
    assert payment.period_to == datetime(2026, 12, 31, 23, 59, 59)
    ran = altegio("refund", str(payment.id), "--yes")
    assert (ran.returncode, ran.stdout) == (0, f"The refund of payment {payment.id} is recorded.\n")
    ran = altegio("status", "123")
    assert ran.stdout.startswith("Location 123: active, ")
    assert "their time zone is unknown" in ran.stdout
    for shown in (str(payment.id), "990.99", "EUR", "2026-12-31 23:59:59", "refunded", "pending → active"):
        assert shown in ran.stdout
    assert altegio.calls() == 4


def test_every_command_as_it_is_installed(altegio: CommandLine) -> None:
    """From the start of the interpreter; the other tests fork from one that has started."""
    run, ledger = altegio.installed, ["--ledger-url", altegio.ledger_url]
    assert run("check", "--salon-id", "123").returncode == 0
    assert run("register", "123", "--yes").returncode == 0
    altegio.sandbox.inject_fault("drop_call")
    assert run(*PAY, "--idempotency-key", "invoice-0", *ledger, "--yes").returncode == 5
    assert run("pending", *ledger).stdout.startswith("1 pending. ")
    assert run("reconcile", "invoice-0", *ledger).returncode == 5
    assert run("resolve", "invoice-0", "--not-recorded", *ledger, "--yes").returncode == 0
    assert run("import", altegio.file(row(1)), *ledger, "--yes").returncode == 0
    (payment,) = altegio.sandbox.payments(123)
    assert run("refund", str(payment.id), "--yes").returncode == 0
    assert "refunded" in run("status", "123").stdout
    assert run("sandbox", "--help").returncode == 0
    assert run("--version").stdout == f"{__version__}\n"


def test_json_for_machines(registered: CommandLine) -> None:
    code, paid = registered.json(*PAY, "--yes")
    assert (code, paid) == (
        0,
        {"outcome": "done", "payment_id": registered.sandbox.payments(123)[0].id, "new_ledger": None},
    )
    assert registered.json("refund", str(paid["payment_id"]), "--yes") == (0, {"outcome": "done", **paid})
    code, found = registered.json("status", "123")
    (payment,) = found["payments"]
    assert (code, found["outcome"], found["status"]) == (0, "done", "active")
    assert (payment["payment_sum"], payment["is_refunded"]) == ("990.99", True)
    assert (payment["period_from"], payment["period_to"]) == ("2026-12-01 00:00:00", "2026-12-31 23:59:59")


@pytest.mark.parametrize("command", [["register", "123"], PAY, ["refund", "5"]], ids=lambda command: command[0])
def test_a_dry_run_prints_the_request_that_is_sent_and_sends_nothing(
    fork_server: ForkServer, tmp_path: Path, command: list[str]
) -> None:
    (tmp_path / "key").write_text(f"{API_KEY}\n")
    more = ["--api-key-file", "key", "--webhook-url", "https://example.com/ü"] if command[0] == "register" else []
    with ScriptedServer(DONE) as server:
        altegio = CommandLine.calling(fork_server, server.url, tmp_path)
        printed = altegio(*command, *more, "--dry-run")
        assert (printed.returncode, printed.stderr, server.requests) == (0, "", [])
        _, shown = altegio.json(*command, *more, "--dry-run")
        assert server.requests == []
        ran = altegio(*command, *more, "--yes")
        assert ran.returncode == 0
        assert API_KEY not in printed.stdout + json.dumps(shown) + ran.stdout + ran.stderr
        (request,) = server.requests
    head, _, body = request.decode().replace(API_KEY, "********").partition("\r\n\r\n")
    method, path, _ = head.split(" ", 2)
    assert printed.stdout.rstrip() == f"{method} {server.url}{path}\n{body}".rstrip()
    assert shown["outcome"] == "done"
    assert shown["is_sent"] is False
    assert shown["target"] == f"the sandbox at {server.url.partition('://')[2]}, application 77"
    assert (shown["request"]["method"], shown["request"]["url"]) == ("POST", f"{server.url}{path}")
    assert shown["request"]["body"] == (json.loads(body) if body else None)


def test_without_a_terminal_it_cannot_ask_and_sends_nothing(altegio: CommandLine) -> None:
    ran = altegio("register", "123", stdin="y\n")
    assert (ran.returncode, ran.stdout, altegio.calls()) == (2, "", 0)
    assert ran.stderr.endswith(
        "Usage error: Not a terminal, so it cannot ask: pass --yes, or --dry-run to see what it would send.\n"
    )


def test_times_are_shown_with_the_zone_they_were_converted_from(registered: CommandLine) -> None:
    given = ["2026-11-24T12:00+00:00", "2026-11-30T23:00Z", "2026-12-31"]
    whole = [*PAY[:7], given[0], "--period-from", given[1], "--period-to", given[2], "--yes"]
    ran = registered(*whole, "--timezone", "Europe/Berlin")
    (payment,) = registered.sandbox.payments(123)
    assert payment.payment_date == datetime(2026, 11, 24, 13)
    assert payment.period_from == datetime(2026, 12, 1)
    lines = [line.strip("│ ") for line in ran.stderr.splitlines()]
    assert [
        " ".join(line.replace("│", "").split()) for line in lines if "20:" in line or "00:" in line or "59:" in line
    ] == [
        "payment_date 2026-11-24 13:00:00 in Europe/Berlin, given as 2026-11-24 12:00:00+00:00",
        "period_from 2026-12-01 00:00:00 in Europe/Berlin, given as 2026-11-30 23:00:00+00:00",
        "period_to 2026-12-31 23:59:59 as given: no zone is sent",
    ]
    ran = registered(*whole)
    assert ran.returncode == 2
    assert "timezone" in ran.stderr


ENDS: list[tuple[FaultName, int, str, str]] = [
    ("success_false", 3, "rejected", "RejectedError"),
    ("rate_limit_without_retry_after", 4, "not sent", "RateLimitError"),
    ("status_500", 5, "unknown", "ServerError"),
    ("lose_answer", 5, "unknown", "NoAnswerError"),
    ("no_id", 5, "unknown", "UnreadableAnswerError"),
]


@pytest.mark.parametrize(("fault", "code", "outcome", "error"), ENDS, ids=[end[0] for end in ENDS])
def test_exit_codes(registered: CommandLine, fault: FaultName, code: int, outcome: str, error: str) -> None:
    registered.sandbox.inject_fault(fault, calls=6)
    ran = registered(*PAY, "--yes")
    assert (ran.returncode, ran.stdout) == (code, "")
    assert f"{outcome.capitalize()}: " in ran.stderr
    returned, printed = registered.json(*PAY, "--yes")
    assert (returned, printed["outcome"], printed["error"]) == (code, outcome, error)
    assert printed["text"]


def test_altegios_message_is_shown(registered: CommandLine) -> None:
    code, printed = registered.json("refund", "999", "--yes")
    assert (code, printed["status_code"], printed["error"]) == (3, 422, "InvalidRequestError")
    assert printed["message"]
    assert str(printed["message"]) in registered("refund", "999", "--yes").stderr


def test_not_sent(altegio: CommandLine) -> None:
    ran = altegio("refund", "5", "--yes", ALTEGIO_BASE_URL=closed_port())
    assert (ran.returncode, ran.stdout) == (4, "")
    assert "Not sent: " in ran.stderr


NEW_LEDGER = ["--ledger-url", "sqlite:///{folder}/never-used.db"]
WRONG = [
    (["pay", "0", *PAY[2:]], "SALON_ID must be a number, digits only, not '0'. Write it like 123."),
    ([*PAY[:3], "9,90", *PAY[4:]], "--payment-sum must be digits with an optional decimal point"),
    ([*PAY[:5], "euro", *PAY[6:]], "--currency-iso must be three capital letters"),
    (
        [*PAY[:7], "2026-11-24", *PAY[8:]],
        "--payment-date must be a date and a time, not '2026-11-24'. Write '2026-11-24 12:00'.",
    ),
    ([*PAY[:7], "tomorrow", *PAY[8:]], "--payment-date must be a date and a time"),
    ([*PAY[:9], "20261201", *PAY[10:]], "--period-from must be a date, or a date and a time"),
    ([*PAY[:9], "2027-12-01", *PAY[10:]], "--period-from must be before the end of the period"),
    ([*PAY, "--idempotency-key", "i-1"], "The ledger is missing, which stores the key"),
    ([*PAY, "--idempotency-key", " ", *NEW_LEDGER], "--idempotency-key must be printable text"),
    (["refund"], "Pass either PAYMENT_ID, such as 456, or --idempotency-key, such as invoice-42."),
    (["refund", "5", "--idempotency-key", "i-1"], "Pass either PAYMENT_ID"),
    (["refund", "--idempotency-key", "i-1"], "The ledger is missing"),
    (["refund", "0"], "PAYMENT_ID must be a number, digits only, not '0'. Write it like 123."),
    (
        ["register", "123", "--webhook-url", "http://example.com"],
        "--webhook-url number 1 must be an absolute https URL",
    ),
    ([*PAY, *NEW_LEDGER], "--idempotency-key is missing."),
    (
        ["pending", "--ledger-url", "sqlite:///payments.db"],
        "--ledger-url must be a URL with an absolute path: a relative one is another file in each folder. Write sqlite:////",
    ),
    ([*PAY[:9], "2026-12-01+01:00", *PAY[10:]], "--period-from must be a date, or a date and a time"),
    ([*PAY[:9], "2026-13-01", *PAY[10:]], "--period-from must be a date, or a date and a time"),
    (
        ["register", "123", "--api-key-file", "nowhere"],
        "--api-key-file must name a file that contains the secret. No such file",
    ),
    (
        ["register", "123", "--api-key-file", "payments.db"],
        "--api-key-file must name a file that contains the secret. It is not",
    ),
    (["register", "123", "--base-url", "http://example.com"], "--base-url must be https"),
    (["register", "123", "--application-id", "0"], "--application-id must be a number, digits only"),
    (
        ["register", "123", "--timezone", "Berlin"],
        "--timezone must be a time zone or its IANA name, not 'Berlin'. Write Europe/Berlin.",
    ),
    (
        ["register", "123", "--token-file", "nowhere"],
        "--token-file must name a file that contains the secret. No such file",
    ),
    (["pending"], "The ledger is missing, which has them"),
    (
        ["pending", "--ledger-url", "payments.db"],
        "--ledger-url must be a URL with an absolute path: a relative one is another file in each folder. Write sqlite:////",
    ),
    (["reconcile", "i-1"], "The ledger is missing"),
    (["resolve", "i-1", "--not-recorded"], "The ledger is missing"),
    (["import", "payments.csv"], "The ledger is missing, which prevents duplicate payments"),
]


@pytest.mark.parametrize(("command", "words"), WRONG, ids=[words for _, words in WRONG])
def test_usage_errors(altegio: CommandLine, command: list[str], words: str) -> None:
    (altegio.folder / "payments.db").write_bytes(b"\xff")
    yes = ["--yes"] if command[0] in ("pay", "refund", "register", "resolve", "import") else []
    ran = altegio(*(word.replace("{folder}", str(altegio.folder)) for word in command), *yes)
    assert (ran.returncode, ran.stdout, altegio.calls()) == (2, "", 0)
    assert "Usage error: " in ran.stderr
    assert words in ran.stderr


def test_usage_errors_for_machines(altegio: CommandLine) -> None:
    code, printed = altegio.json("pending")
    error = {"outcome": "usage error", "error": "ValueError", "text": "The ledger is missing"}
    assert (code, {**printed, "text": printed["text"].partition(",")[0]}) == (2, error)


def test_the_token_comes_from_a_file_or_standard_input(altegio: CommandLine) -> None:
    del altegio.environment["ALTEGIO_PARTNER_TOKEN"]
    (altegio.folder / "token").write_text(f"{TOKEN}\n")
    assert altegio("register", "123", "--yes", "--token-file", "token").returncode == 0
    assert altegio("status", "123", ALTEGIO_PARTNER_TOKEN_FILE="token").returncode == 0
    assert altegio(*PAY, "--yes", "--token-file", "-", stdin=f"{TOKEN}\n").returncode == 0
    assert len(altegio.sandbox.payments(123)) == 1
    ran = altegio("status", "123")
    assert ran.returncode == 2
    assert "The partner token is missing" in ran.stderr


@pytest.mark.parametrize("option", [["--token", TOKEN], [f"--token={TOKEN}"], ["--partner-token", TOKEN]])
def test_the_token_is_not_an_argument(altegio: CommandLine, option: list[str]) -> None:
    ran = altegio("status", "123", *option)  # which checks that it is not quoted
    assert (ran.returncode, ran.stdout, altegio.calls()) == (2, "", 0)
    assert "No such option" in ran.stderr


def test_an_invalid_token_is_not_quoted(altegio: CommandLine) -> None:
    for token in (f"Bearer {TOKEN}", f"{TOKEN} {TOKEN}"):
        ran = altegio("status", "123", ALTEGIO_PARTNER_TOKEN=token)
        assert (ran.returncode, altegio.calls()) == (2, 0)


def test_check(altegio: CommandLine) -> None:
    ran = altegio("check")
    assert (ran.returncode, ran.stderr, altegio.calls()) == (0, "", 0)
    for words in (
        "in ALTEGIO_PARTNER_TOKEN",
        "77",
        "a sandbox on this machine",
        "none: times with an offset are rejected",
        "none: a payment reported twice is probably recorded twice",
    ):
        assert words in ran.stdout
    (altegio.folder / "token").write_text(TOKEN)
    options = ["--token-file", "token", "--timezone", "Europe/Berlin", "--ledger-url", altegio.ledger_url]
    ran = altegio("check", *options, "--base-url", "https://app.alteg.io")
    assert (ran.returncode, altegio.calls()) == (0, 0)
    for words in (
        "in token (--token-file)",
        "https://app.alteg.io, REAL ALTEGIO (--base-url)",
        "times with an offset are converted",
        "payments.db does not exist yet: the first payment creates it",
    ):
        assert words in ran.stdout


def test_check_reads_a_location_if_asked(altegio: CommandLine) -> None:
    code, printed = altegio.json("check", "--salon-id", "123")
    assert (code, printed["settings"][-1]) == (0, {"name": "location", "outcome": "done", "text": "123 is pending"})
    assert [call.request.method for call in altegio.sandbox.calls] == ["GET"]
    code, printed = altegio.json("check", "--salon-id", "123", ALTEGIO_PARTNER_TOKEN="AnotherFakeToken")
    assert (code, printed["outcome"], printed["settings"][-1]["outcome"]) == (3, "rejected", "rejected")


def test_check_names_everything_that_is_wrong(altegio: CommandLine) -> None:
    wrong = {"ALTEGIO_PARTNER_TOKEN": "", "ALTEGIO_APPLICATION_ID": TOKEN, "ALTEGIO_BASE_URL": "http://example.com"}
    code, printed = altegio.json("check", "--timezone", "Berlin", "--ledger-url", "payments.db", **wrong)
    assert (code, printed["outcome"]) == (2, "usage error")
    assert {setting["name"]: setting["text"].partition(":")[0] for setting in printed["settings"]} == {
        "partner token": "The partner token is missing",
        "application": "ALTEGIO_APPLICATION_ID must be a number, digits only. Write the id of your application, such "
        "as 123.",
        "profile": "none",
        "Altegio": "ALTEGIO_BASE_URL must be https (http is for this machine only). Write https",
        "time zone": "--timezone must be a time zone or its IANA name, not 'Berlin'. Write Europe/Berlin.",
        "ledger": "--ledger-url must be a URL with an absolute path",
    }
    ran = altegio("check", **wrong)
    assert ran.returncode == 2
    assert ran.stdout.count("usage error") == 2
    assert ran.stdout.count("missing") == 2  # the word, and its sentence


def test_a_payment_takes_effect_once(registered: CommandLine) -> None:
    keyed = [*PAY, "--idempotency-key", "invoice-1", "--ledger-url", registered.ledger_url, "--yes"]
    registered.sandbox.inject_fault("lose_answer")
    assert registered(*keyed).returncode == 5
    code, printed = registered.json("pending", "--ledger-url", registered.ledger_url)
    (pending,) = printed["pending"]
    assert (code, pending["idempotency_key"], pending["payload"]["payment_sum"]) == (0, "invoice-1", "990.99")
    ran = registered("pending", ALTEGIO_LEDGER_URL=registered.ledger_url)
    assert ran.stdout.startswith("1 pending. `altegio-partner reconcile ARGUMENTS` looks one up in Altegio")
    assert "invoice-1" in ran.stdout
    assert "UTC" in ran.stdout
    (payment,) = registered.sandbox.payments(123)
    assert registered.json(*keyed) == (0, {"outcome": "done", "payment_id": payment.id, "new_ledger": None})
    ran = registered(*keyed)
    assert ran.stdout == f"Payment {payment.id} was already recorded with this key. Nothing was sent.\n"
    assert registered("pending", "--ledger-url", registered.ledger_url).stdout == "0 pending.\n"
    assert len(registered.sandbox.payments(123)) == 1
    by_key = ["refund", "--idempotency-key", "invoice-1", "--ledger-url", registered.ledger_url, "--yes"]
    for said in ("is recorded.", "was already recorded. Nothing was sent."):
        assert registered(*by_key).stdout == f"The refund of payment {payment.id} {said}\n"
    refunds = [call for call in registered.sandbox.calls if "refund" in call.request.path]
    assert len(refunds) == 1


def test_reconcile(registered: CommandLine) -> None:
    keyed = [*PAY, "--idempotency-key", "invoice-1", "--ledger-url", registered.ledger_url, "--yes"]
    reconcile = ["reconcile", "invoice-1", "--ledger-url", registered.ledger_url]
    ran = registered(*reconcile)
    assert ran.returncode == 2
    assert "The ledger has no call with the key 'invoice-1': none was made, or Altegio rejected it." in ran.stderr
    registered.sandbox.inject_fault("lose_answer")
    assert registered(*keyed).returncode == 5
    (payment,) = registered.sandbox.payments(123)
    assert registered(*reconcile).stdout == f"'invoice-1' is recorded, as payment {payment.id}.\n"
    found = {"outcome": "done", "idempotency_key": "invoice-1", "payment_id": payment.id}
    assert registered.json(*reconcile) == (0, found)


def test_reconcile_after_two_status_delays(registered: CommandLine) -> None:
    ledger = ["--ledger-url", registered.ledger_url]
    registered.sandbox.inject_fault("drop_call")
    assert registered(*PAY, "--idempotency-key", "invoice-1", *ledger, "--yes").returncode == 5
    with closing(sqlite3.connect(registered.folder / "payments.db")) as db, db:
        db.execute("UPDATE altegio_ledger SET may_leave_until = may_leave_until - 7300, boot_until = boot_until - 7300")
    assert registered("reconcile", "invoice-1", *ledger).stdout == "'invoice-1' is not recorded: report it again.\n"


def test_a_person_resolves_what_reconcile_cannot(registered: CommandLine) -> None:
    ledger = ["--ledger-url", registered.ledger_url]
    registered.sandbox.inject_fault("drop_call", calls=2)
    for key in ("invoice-1", "invoice-2"):
        assert registered(*PAY, "--idempotency-key", key, *ledger, "--yes").returncode == 5
    ran = registered("reconcile", "invoice-1", *ledger)
    assert (ran.returncode, ran.stdout) == (5, "")
    assert "Unknown: " in ran.stderr
    assert "mark_" not in ran.stderr
    ran = registered("refund", "--idempotency-key", "invoice-1", *ledger, "--yes")
    assert ran.returncode == 2
    assert "Whether the payment 'invoice-1' was recorded is unknown." in ran.stderr
    for wrong in ([], ["--not-recorded", "--recorded", "5"]):
        ran = registered("resolve", "invoice-1", *wrong, *ledger, "--yes")
        assert ran.returncode == 2
        assert "Pass either --recorded ID" in ran.stderr
    ran = registered("resolve", "invoice-1", "--recorded", "900", *ledger, "--yes")
    assert (ran.returncode, ran.stdout) == (0, "Resolved: 'invoice-1' is in Altegio, as payment 900.\n")
    ran = registered("resolve", "invoice-2", "--not-recorded", *ledger, "--yes")
    assert (ran.returncode, ran.stdout) == (0, "Resolved: 'invoice-2' is not in Altegio.\n")
    assert registered("pending", *ledger).stdout == "0 pending.\n"
    assert registered("resolve", "invoice-2", "--not-recorded", *ledger, "--yes").returncode == 2


def pending_arguments(altegio: CommandLine) -> list[str]:
    """Return what `pending` says to type after `reconcile` or `resolve`, of the only call."""
    _, _, only = altegio("pending").stdout.splitlines()
    return shlex.split(only.split("\t")[-1])


@pytest.fixture
def refunding(registered: CommandLine) -> CommandLine:
    """One with a ledger that has a payment."""
    registered.environment["ALTEGIO_LEDGER_URL"] = registered.ledger_url
    assert registered(*PAY, "--idempotency-key", "invoice-1", "--yes").returncode == 0
    return registered


def test_reconcile_finds_a_refund(refunding: CommandLine) -> None:
    payment_id = str(refunding.sandbox.payments(123)[0].id)
    ran = refunding("reconcile", payment_id, "--refund")
    assert ran.returncode == 2
    assert f"The ledger has no refund of payment '{payment_id}': none was made, or Altegio rejected it." in ran.stderr
    refunding.sandbox.inject_fault("lose_answer")
    assert refunding("refund", payment_id, "--yes").returncode == 5
    arguments = pending_arguments(refunding)
    assert arguments == ["--refund", payment_id]
    assert refunding("reconcile", *arguments).stdout == f"The refund of payment {payment_id} is recorded.\n"
    found = {"outcome": "done", "idempotency_key": payment_id, "payment_id": int(payment_id)}
    assert refunding.json("reconcile", *arguments) == (0, found)
    assert refunding("pending").stdout == "0 pending.\n"
    ran = refunding("resolve", *arguments, "--not-recorded", "--yes")
    assert ran.returncode == 2
    assert f"The refund of payment {payment_id} is already recorded, as payment {payment_id}." in ran.stderr


def test_a_refund_that_was_not_recorded_is_sent_again(refunding: CommandLine) -> None:
    payment_id = str(refunding.sandbox.payments(123)[0].id)
    refunding.sandbox.inject_fault("drop_call")
    assert refunding("refund", payment_id, "--yes").returncode == 5
    with closing(sqlite3.connect(refunding.folder / "payments.db")) as db, db:
        db.execute("UPDATE altegio_ledger SET may_leave_until = may_leave_until - 7300, boot_until = boot_until - 7300")
    ran = refunding("reconcile", *pending_arguments(refunding))
    assert ran.stdout == f"The refund of payment {payment_id} is not recorded: report it again.\n"
    assert refunding("refund", payment_id, "--yes").returncode == 0
    assert refunding.sandbox.payments(123)[0].is_refunded


def test_a_person_resolves_a_refund(refunding: CommandLine) -> None:
    payment_id = str(refunding.sandbox.payments(123)[0].id)
    refunding.sandbox.inject_fault("drop_call")
    assert refunding("refund", payment_id, "--yes").returncode == 5
    arguments = pending_arguments(refunding)
    refunding.sandbox.inject_fault("status_500", calls=6)
    for undecided in (["reconcile", *arguments], ["refund", payment_id, "--yes"]):
        ran = refunding(*undecided)
        assert ran.returncode == 5
        assert "`altegio-partner resolve --refund KEY --recorded ID` or `altegio-partner resolve --refund" in ran.stderr
    refunding.sandbox.clear_faults()
    ran = refunding("resolve", *arguments, "--recorded", "900", "--yes")
    assert ran.returncode == 2
    assert f"{payment_id} is about payment {payment_id}, not 900." in ran.stderr
    ran = refunding("resolve", *arguments, "--not-recorded", "--yes")
    assert (ran.returncode, ran.stdout) == (0, f"Resolved: The refund of payment {payment_id} is not in Altegio.\n")
    assert "In both cases, sending it again records it twice." in ran.stderr
    refunding.sandbox.inject_fault("lose_answer")
    assert refunding("refund", payment_id, "--yes").returncode == 5
    assert refunding("resolve", *arguments, "--recorded", payment_id, "--yes").returncode == 0
    assert refunding("pending").stdout == "0 pending.\n"
    assert refunding("resolve", payment_id, "--refund", "--not-recorded", "--yes").returncode == 2
    ran = refunding("resolve", "1", "--refund", "--not-recorded", "--yes")
    assert ran.returncode == 2
    assert "The ledger has no refund of payment '1'" in ran.stderr


def test_a_person_resolves_a_payment_that_altegio_took_for_another(registered: CommandLine) -> None:
    registered.environment["ALTEGIO_LEDGER_URL"] = registered.ledger_url
    assert registered(*PAY, "--idempotency-key", "invoice-1", "--yes").returncode == 0
    registered.sandbox.inject_fault("drop_call")
    assert registered(*PAY, "--idempotency-key", "invoice-2", "--yes").returncode == 5
    payment_id = str(registered.sandbox.payments(123)[0].id)
    resolve = ["resolve", "invoice-2", "--recorded", payment_id, "--yes"]
    ran = registered(*resolve)
    assert (ran.returncode, "Pass --also-of invoice-1. That is right only if" in ran.stderr) == (2, True)
    ran = registered(*resolve, "--also-of", "invoice-3")
    assert ran.returncode == 2
    assert f"--also-of must be the key that has payment {payment_id}, not 'invoice-3'." in ran.stderr
    ran = registered("resolve", "invoice-2", "--not-recorded", "--also-of", "invoice-1", "--yes")
    assert (ran.returncode, "pass it with --recorded ID." in ran.stderr) == (2, True)
    ran = registered(*resolve, "--also-of", "invoice-1")
    assert (ran.returncode, ran.stdout) == (0, f"Resolved: 'invoice-2' is in Altegio, as payment {payment_id}.\n")
    assert registered("pending").stdout == "0 pending.\n"


@pytest.mark.parametrize("key", ["-1", "invoice 1", "it's $HOME", "-it's"])
def test_pending_quotes_what_is_to_be_typed(registered: CommandLine, key: str) -> None:
    registered.environment["ALTEGIO_LEDGER_URL"] = registered.ledger_url
    registered.sandbox.inject_fault("lose_answer")
    assert registered(*PAY, f"--idempotency-key={key}", "--yes").returncode == 5
    assert registered("reconcile", *pending_arguments(registered)).returncode == 0
    assert registered("pending").stdout == "0 pending.\n"


def test_resolving_early_warns(registered: CommandLine) -> None:
    ledger = ["--ledger-url", registered.ledger_url]
    registered.sandbox.inject_fault("drop_call")
    registered(*PAY, "--idempotency-key", "invoice-1", *ledger, "--yes")
    ran = registered("resolve", "invoice-1", "--not-recorded", *ledger, "--yes")
    assert "The call may still be in progress, or recorded and not shown yet" in ran.stderr


def test_a_key_of_a_sandbox_refunds_nothing_elsewhere(registered: CommandLine) -> None:
    ledger = ["--ledger-url", registered.ledger_url]
    assert registered(*PAY, "--idempotency-key", "invoice-1", *ledger, "--yes").returncode == 0
    for elsewhere in (["--base-url", "https://127.0.0.1:9"], ["--application-id", "78"]):
        ran = registered("refund", "--idempotency-key", "invoice-1", *ledger, *elsewhere, "--yes")
        assert ran.returncode == 2
        assert "The ledger has no call with the key 'invoice-1'" in ran.stderr


def test_pending_lists_what_this_application_can_reconcile(registered: CommandLine) -> None:
    registered.environment["ALTEGIO_LEDGER_URL"] = registered.ledger_url
    registered.sandbox.inject_fault("drop_call", calls=2)
    for key in ("invoice-1", "invoice-2"):
        assert registered(*PAY, "--idempotency-key", key, "--yes").returncode == 5
    known = "2 of application 77 at http://127.0.0.1"
    others = [{"origin": "http://127.0.0.1", "application_id": 77, "pending": 2}]
    for elsewhere in (["--base-url", "https://127.0.0.1:9"], ["--application-id", "78"]):
        ran = registered("pending", *elsewhere)
        text = f"0 pending.\nOf others: {known}. Pass --base-url and --application-id to list them.\n"
        assert (ran.returncode, ran.stdout) == (0, text)
        code, printed = registered.json("pending", *elsewhere)
        assert (code, printed["pending"], printed["others"]) == (0, [], others)
        assert (
            f"payments.db), 0 pending (of others: {known}) (ALTEGIO_LEDGER_URL)\n"
            in registered("check", *elsewhere).stdout
        )
    code, printed = registered.json("pending")
    assert ([one["idempotency_key"] for one in printed["pending"]], printed["others"]) == (
        ["invoice-1", "invoice-2"],
        [],
    )
    ran = registered("check", ALTEGIO_APPLICATION_ID="")
    assert "payments.db) (ALTEGIO_LEDGER_URL)\n" in ran.stdout


def test_a_new_ledger_is_announced(registered: CommandLine) -> None:
    ledger = ["--ledger-url", registered.ledger_url]
    note = (
        f"Creating a new ledger: {registered.folder}/payments.db. If you had one, stop, and check that its disk is "
        "mounted: a new ledger does not know what was reported.\n"
    )
    assert registered("pending", *ledger).stderr == note
    assert registered("pending", *ledger).stderr == ""
    assert "payments.db), 0 pending" in registered("check", *ledger).stdout


def test_dangers_are_printed_also_for_a_program(registered: CommandLine) -> None:
    """Such as the ledger of a disk that is not mounted, instead of which a new one is created."""
    ran = registered(*PAY, "--yes", "--json")
    assert ran.stderr == "Without a ledger, a payment reported twice is probably recorded twice. See --ledger-url.\n"
    assert json.loads(ran.stdout)["new_ledger"] is None
    registered.environment["ALTEGIO_LEDGER_URL"] = registered.ledger_url
    disk = registered.folder / "payments.db"
    keyed = [*PAY, "--idempotency-key", "invoice-1", "--yes", "--json"]
    imported = ["import", registered.file(row(1)), "--yes", "--json"]
    for command in (keyed, imported, ["refund", "1", "--yes", "--json"]):
        ran = registered(*command)
        assert ran.stderr.startswith(f"Creating a new ledger: {disk}. If you had one, stop, and check that its disk")
        if command[0] != "refund":  # there is no such payment
            assert json.loads(ran.stdout)["new_ledger"] == str(disk)
            assert json.loads(registered(*command).stdout)["new_ledger"] is None
        disk.unlink()
    registered.sandbox.inject_fault("drop_call")
    assert registered(*keyed).returncode == 5
    ran = registered("resolve", "invoice-1", "--not-recorded", "--yes", "--json")
    assert (ran.returncode, ran.stderr[:18]) == (0, "It was claimed at ")


def test_a_long_key_is_shown_whole(registered: CommandLine) -> None:
    key = "k" * 255
    registered.sandbox.inject_fault("drop_call")
    registered(*PAY, "--idempotency-key", key, "--ledger-url", registered.ledger_url, "--yes")
    assert key in registered("pending", "--ledger-url", registered.ledger_url).stdout


def test_a_ledger_that_cannot_be_used(registered: CommandLine) -> None:
    registered.ledger.close()
    (registered.folder / "payments.db").write_bytes(b"No SQLite, and long enough to be read as a page of it. " * 100)
    ran = registered(*PAY, "--idempotency-key", "i-1", "--ledger-url", registered.ledger_url, "--yes")
    assert ran.returncode == 4
    assert "cannot be used" in ran.stderr
    assert registered.sandbox.payments(123) == []


def redirected(altegio: CommandLine, redirection: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command with a stream that leads to a disk that is full, or that a shell has closed."""
    if redirection.endswith("/dev/full"):
        with Path("/dev/full").open("w") as full:
            out, err = (subprocess.PIPE, full.fileno()) if redirection[0] == "2" else (full.fileno(), subprocess.PIPE)
            return altegio.fork_server.run(
                [PARTNER, *arguments], cwd=altegio.folder, env=altegio.environment, stdout=out, stderr=err
            )
    command = ["bash", "-c", f"{shlex.join([PARTNER, *arguments])} {redirection}"]
    return subprocess.run(
        command, env=altegio.environment, cwd=altegio.folder, stdin=subprocess.DEVNULL,
        capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.usefixtures("measured_processes")
@pytest.mark.parametrize(("stream", "error"), [(">/dev/full", "OSError"), (">&-", "UnsupportedOperation")])
def test_a_result_that_cannot_be_written_is_written_on_standard_error(
    registered: CommandLine, stream: str, error: str
) -> None:
    ran = redirected(registered, stream, *PAY, "--yes")
    (payment,) = registered.sandbox.payments(123)
    result = f"'Payment {payment.id} is recorded. Refunds need this id.'"
    assert ran.returncode == 6
    assert ran.stderr.endswith(f"The result could not be written ({error}). It is: {result}\n")
    assert redirected(registered, stream, "refund", "999", "--yes", "--json").returncode == 3
    ran = redirected(registered, stream, "status", "123")
    assert (ran.returncode, "Traceback" in ran.stderr) == (6, False)
    for wrong in (["pay", "--json"], ["pending", "--json"], ["sandbox", "fault", "--json"]):
        ran = redirected(registered, stream, *wrong)
        assert (ran.returncode, "Traceback" in ran.stderr) == (2, False)
        assert f"The result could not be written ({error}). It is: " in ran.stderr
        assert '"outcome": "usage error"' in ran.stderr
    registered.sandbox.inject_fault("lose_answer")
    assert redirected(registered, stream, *PAY, "--yes", "--json").returncode == 5


@pytest.mark.usefixtures("measured_processes")
@pytest.mark.parametrize("encoding", ["ascii", "cp1251"])
def test_a_stream_without_the_letters_gets_ascii(registered: CommandLine, encoding: str) -> None:
    ran = registered.installed("status", "123", PYTHONIOENCODING=encoding)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "pending -> active" in ran.stdout


@pytest.mark.usefixtures("measured_processes")
@pytest.mark.parametrize("stream", ["2>/dev/full", "2>&-"])
def test_a_standard_error_that_cannot_be_written_changes_nothing(registered: CommandLine, stream: str) -> None:
    ran = redirected(registered, stream, *PAY, "--yes")
    (payment,) = registered.sandbox.payments(123)
    assert (ran.returncode, ran.stdout) == (0, f"Payment {payment.id} is recorded. Refunds need this id.\n")
    assert redirected(registered, stream, "refund", "999", "--yes").returncode == 3


@pytest.mark.usefixtures("measured_processes")
def test_a_closed_standard_input(registered: CommandLine) -> None:
    ran = redirected(registered, "<&-", *PAY)
    assert ran.returncode == 2
    assert "Not a terminal, so it cannot ask" in ran.stderr
    ran = redirected(registered, "<&-", *PAY, "--yes", "--token-file", "-")
    assert ran.returncode == 2
    assert "--token-file - reads the partner token from standard input, which is empty" in ran.stderr
    assert registered.sandbox.payments(123) == []


@pytest.mark.usefixtures("measured_processes")
def test_after_an_internal_error_the_outcome_is_unknown(registered: CommandLine) -> None:
    code = (
        "import sys; from altegio_partner.cli import commands\n"
        "def mistake(*_): raise RuntimeError('a mistake')\n"
        "commands.Payment.rows = mistake\n"
        f"sys.argv = ['altegio-partner', *{[*PAY, '--yes', '--json']!r}]\n"
        "from altegio_partner.cli.command import main; main()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], env=registered.environment, capture_output=True, encoding="utf-8", check=False
    )
    assert ran.returncode == 5
    assert ran.stderr.rstrip().endswith("RuntimeError: a mistake")
    assert TOKEN not in ran.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda how: how.name)
def test_an_interrupted_call_has_an_unknown_outcome(registered: CommandLine, how: signal.Signals) -> None:
    registered.sandbox.inject_fault("stall")
    with registered.started(*PAY, "--yes") as process:
        wait_for_payments(registered, process, 1)
        process.send_signal(how)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (5, "")
    progress = "Cancelled while POST /marketplace/partner/payment was in progress. It may have been recorded"
    assert f"Unknown: Interrupted.\n{progress}: look in Altegio before sending it again.\n" in err


@contextmanager
def in_progress(altegio: CommandLine, *command: str) -> Iterator[subprocess.Popen[str]]:
    """Run a command until Altegio has recorded a payment."""
    with subprocess.Popen(
        command, env=altegio.environment, cwd=altegio.folder, encoding="utf-8", stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            wait_for_payments(altegio, process, 1)
            yield process
        finally:
            process.kill()


@pytest.mark.usefixtures("measured_processes")
def test_a_second_signal_does_not_hide_the_outcome(registered: CommandLine) -> None:
    """systemd sends SIGTERM and SIGHUP for one stop: here, the second comes while the outcome is printed."""
    keyed = [*PAY, "--idempotency-key", "invoice-1", "--ledger-url", registered.ledger_url, "--yes"]
    code = (
        "import os, signal, sys; from altegio_partner.cli.output import Output\n"
        "print_error = Output.print_error\n"
        "def interrupted(*given):\n"
        "    os.kill(os.getpid(), signal.SIGHUP)\n"
        "    return print_error(*given)\n"
        "Output.print_error = interrupted\n"
        f"sys.argv = ['altegio-partner', *{keyed!r}]\n"
        "from altegio_partner.cli.command import main; main()"
    )
    registered.sandbox.inject_fault("stall")
    with in_progress(registered, sys.executable, "-c", code) as process:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (5, "")
    assert "Unknown: Interrupted.\nCancelled while POST " in err
    assert "call again with the same arguments" in err
    assert "look in Altegio" not in err
    assert "Traceback" not in err


@pytest.mark.usefixtures("measured_processes")
def test_nohup_ends_with_its_call(registered: CommandLine) -> None:
    registered.sandbox.inject_fault("latency", delay=1)
    with in_progress(registered, "nohup", PARTNER, *PAY, "--yes") as process:
        process.send_signal(signal.SIGHUP)
        out, _ = process.communicate(timeout=30)
    (payment,) = registered.sandbox.payments(123)
    assert (process.returncode, out) == (0, f"Payment {payment.id} is recorded. Refunds need this id.\n")


def test_markup_from_altegio_is_shown_as_text(fork_server: ForkServer, tmp_path: Path) -> None:
    payment: dict[str, Any] = {
        "id": 5, "payment_sum": 1, "payment_date": "2026-11-24 12:00:00", "period_from": "2026-12-01 00:00:00",
        "period_to": "2026-12-31 23:59:59", "is_refunded": False, "currency_iso": "[red]",
    }  # fmt: skip
    data = {
        "connection_status": {"status": "[b]odd\x1b[31m", "created_at": "2026-11-24 12:00:00"},
        "payments": [payment],
        "logs": [{"changed_at": "2026-11-24 12:00:00", "status_to": "[/b]", "source": None, "status_from": None}],
    }
    with ScriptedServer(http(200, json.dumps({"success": True, "data": data, "meta": {}}).encode())) as server:
        ran = CommandLine.calling(fork_server, server.url, tmp_path)("status", "123")
    assert ran.returncode == 0
    assert "\x1b" not in ran.stdout
    for words in ("[b]odd�[31m", "[red]", "? → [/b]"):
        assert words in ran.stdout


def test_version_and_help(altegio: CommandLine) -> None:
    assert altegio("--version").stdout == f"{__version__}\n"
    page = altegio("--help").stdout
    for command in (
        "check",
        "register",
        "pay",
        "refund",
        "status",
        "reconcile",
        "pending",
        "resolve",
        "import",
        "sandbox",
    ):
        assert command in page
        ran = altegio(command, "--help")
        assert (ran.returncode, "sage: " in ran.stdout) == (0, True)
        assert not re.search(r"<\w+|\{salon_id\}", ran.stdout)  # types of Python
    assert "..." not in page.replace("[ARGS]...", "")  # of a sentence that is too long
    assert "0 done; 2 usage error; " in " ".join(page.split())
    assert "; 6 done, but the result could not be written." in " ".join(page.split())
