"""`altegio-partner`, as it is installed, and a sandbox at the address that it calls."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import frozen

from altegio_partner.ledger import Ledger
from altegio_partner.sandbox import Sandbox
from tests.callers import APPLICATION, TOKEN

COMMAND = str(Path(sys.executable).with_name("altegio-partner"))
COLUMNS = "idempotency_key,salon_id,payment_sum,currency_iso,payment_date,period_from,period_to"
PAY = [
    "pay", "123", "--payment-sum", "990.99", "--currency-iso", "EUR", "--payment-date", "2026-11-24 12:00",
    "--period-from", "2026-12-01", "--period-to", "2026-12-31",
]  # fmt: skip


@frozen
class CommandLine:
    """Runs commands in a folder of their own."""

    sandbox: Sandbox
    folder: Path
    environment: dict[str, str]

    @property
    def ledger_url(self) -> str:
        return f"sqlite:///{self.folder}/payments.db"

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.ledger_url)

    def __call__(self, *arguments: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command, and see that it keeps the token to itself."""
        ran = subprocess.run(
            [COMMAND, *arguments], input=stdin, cwd=self.folder, env={**self.environment, **more},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert TOKEN not in ran.stdout + ran.stderr
        assert "Traceback" not in ran.stderr
        return ran

    def json(self, *arguments: str, **more: str) -> tuple[int, dict[str, Any]]:
        """Run a command for a machine, and return its exit code and what it printed."""
        ran = self(*arguments, "--json", **more)
        assert ran.stderr == ""
        told: dict[str, Any] = json.loads(ran.stdout)
        return ran.returncode, told

    def file(self, *rows: str, columns: str = COLUMNS) -> str:
        """Write a file of payments."""
        (self.folder / "payments.csv").write_text("\n".join([columns, *rows]) + "\n", encoding="utf-8")
        return "payments.csv"

    def calls(self) -> int:
        """How many calls Altegio has got."""
        return len(self.sandbox.calls)


def at(sandbox: Sandbox, url: str, folder: Path) -> CommandLine:
    """Return a command line whose environment knows the sandbox, and no settings of this machine."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ALTEGIO_")}
    known = {"ALTEGIO_BASE_URL": url, "ALTEGIO_PARTNER_TOKEN": TOKEN, "ALTEGIO_APPLICATION_ID": str(APPLICATION)}
    return CommandLine(sandbox, folder, {**clean, **known})


@contextmanager
def clicked(folder: Path, *, rate_limits: bool = False) -> Iterator[CommandLine]:
    """Give a command line, and the sandbox at which the owner of location 123 has clicked Connect."""
    sandbox = Sandbox(partner_token=TOKEN, application_id=APPLICATION, rate_limits=rate_limits)
    sandbox.connect(123)
    with sandbox.serve(0) as url:
        yield at(sandbox, url, folder)


@contextmanager
def started(altegio: CommandLine, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a command that can be stopped."""
    with subprocess.Popen(
        [COMMAND, *arguments], cwd=altegio.folder, env=altegio.environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def wait_for_payments(altegio: CommandLine, process: subprocess.Popen[str], count: int) -> None:
    """Wait until the command has told so many payments."""
    while len(altegio.sandbox.payments(123)) < count:
        assert process.poll() is None
        time.sleep(0.01)


def row(number: int) -> str:
    """Return a payment of a month of its own."""
    year, month = divmod(number, 12)
    of_month = f"{2030 + year}-{month + 1:02}"
    return f"invoice-{number},123,{number}.50,EUR,2026-11-24 12:00,{of_month}-01,{of_month}-28"
