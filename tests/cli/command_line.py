"""`altegio-partner`, as it is installed, and a sandbox at the address that it calls."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import frozen

from altegio_partner.ledger import Ledger
from altegio_partner.sandbox import Sandbox
from tests.callers import APPLICATION, TOKEN
from tests.commands import PARTNER, ForkServer, Process

COLUMNS = "idempotency_key,salon_id,payment_sum,currency_iso,payment_date,period_from,period_to"
PAY = [
    "pay", "123", "--payment-sum", "990.99", "--currency-iso", "EUR", "--payment-date", "2026-11-24 12:00",
    "--period-from", "2026-12-01", "--period-to", "2026-12-31",
]  # fmt: skip
DANGERS = ("Creating a new ledger: ", "Without a ledger, ")
"""What is printed on standard error even with `--json`."""


@frozen
class CommandLine:
    """Runs commands in a folder."""

    fork_server: ForkServer
    sandbox: Sandbox
    folder: Path
    environment: dict[str, str]

    @classmethod
    def calling(cls, fork_server: ForkServer, url: str, folder: Path, sandbox: Sandbox | None = None) -> "CommandLine":
        """A command line whose environment has the address to call, and credentials."""
        known = {"ALTEGIO_BASE_URL": url, "ALTEGIO_PARTNER_TOKEN": TOKEN, "ALTEGIO_APPLICATION_ID": str(APPLICATION),
                 "XDG_CONFIG_HOME": str(folder / "configuration")}  # fmt: skip
        return cls(fork_server, sandbox or Sandbox(), folder, {**os.environ, **known})

    @property
    def ledger_url(self) -> str:
        return f"sqlite:///{self.folder}/payments.db"

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.ledger_url)

    def __call__(self, *arguments: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command, forked, and see that it keeps the token to itself."""
        command, environment = [PARTNER, *arguments], {**self.environment, **more}
        ran = self.fork_server.run(command, cwd=self.folder, env=environment, input=stdin)
        return without_secrets(ran)

    def installed(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command as a shell does, from the start of the interpreter."""
        ran = subprocess.run(
            [PARTNER, *arguments], cwd=self.folder, env={**self.environment, **more}, stdin=subprocess.DEVNULL,
            capture_output=True, encoding="utf-8", timeout=60, check=False,
        )  # fmt: skip
        return without_secrets(ran)

    @contextmanager
    def started(self, *arguments: str, stderr: int = subprocess.PIPE) -> Iterator[Process]:
        """Run a command that can be stopped."""
        command = [PARTNER, *arguments]
        with self.fork_server.start(command, cwd=self.folder, env=self.environment, stderr=stderr) as process:
            try:
                yield process
            finally:
                process.kill()

    def json(self, *arguments: str, **more: str) -> tuple[int, dict[str, Any]]:
        """Run a command for a machine, and return its exit code and what it printed."""
        ran = self(*arguments, "--json", **more)
        assert [line for line in ran.stderr.splitlines() if not line.startswith(DANGERS)] == []
        printed: dict[str, Any] = json.loads(ran.stdout)
        return ran.returncode, printed

    def file(self, *rows: str, columns: str = COLUMNS) -> str:
        """Write a file of payments."""
        (self.folder / "payments.csv").write_text("\n".join([columns, *rows]) + "\n", encoding="utf-8")
        return "payments.csv"

    def calls(self) -> int:
        """How many calls Altegio has received."""
        return len(self.sandbox.calls)


def without_secrets(ran: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    """Check that a command shows no token, and no traceback, which could show one."""
    assert TOKEN not in ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr
    return ran


@contextmanager
def connected(fork_server: ForkServer, folder: Path, *, rate_limits: bool = False) -> Iterator[CommandLine]:
    """Give a command line, and the sandbox at which the owner of location 123 has clicked Connect."""
    sandbox = Sandbox(partner_token=TOKEN, application_id=APPLICATION, rate_limits=rate_limits)
    sandbox.connect(123)
    with sandbox.serve(0) as url:
        yield CommandLine.calling(fork_server, url, folder, sandbox)


def wait_for_payments(altegio: CommandLine, process: Process | subprocess.Popen[str], count: int) -> None:
    """Wait until the command has reported that many payments."""
    while len(altegio.sandbox.payments(123)) < count:
        assert process.poll() is None
        time.sleep(0.01)


def row(number: int) -> str:
    """Return a payment for a month that no other number has."""
    year, month = divmod(number, 12)
    month_paid = f"{2030 + year}-{month + 1:02}"
    return f"invoice-{number},123,{number}.50,EUR,2026-11-24 12:00,{month_paid}-01,{month_paid}-28"
