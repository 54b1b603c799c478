"""Photographs the sandbox's page and the command line, as they really are, for docs/pictures: `nox -s pictures`."""

import os
import pty
import re
import shutil
import struct
import subprocess
import tempfile
from datetime import datetime
from fcntl import ioctl
from itertools import groupby
from pathlib import Path
from termios import TIOCSWINSZ
from typing import Any, Literal

import pyte
from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.text import Text

from altegio_partner import OutcomeUnknownError, PartnerClient
from altegio_partner.sandbox import Sandbox

PICTURES = Path(__file__).parent / "pictures"
PORT = 8000  # where altegio-sandbox listens by default; it must be free
SALON = 123
COLUMNS = 100
WIDTH = 1100
PAYMENTS = """\
idempotency_key,salon_id,payment_sum,currency_iso,payment_date,period_from,period_to
invoice-2026-0042,123,990.99,EUR,2026-11-24 12:00,2026-12-01,2026-12-31
invoice-2026-0043,124,49.90,EUR,2026-11-24 12:30,2026-12-01,2026-12-31
invoice-2026-0044,125,49.90,EUR,2026-11-24 12:45,2026-12-01,2026-12-31
"""
PAY = (
    "altegio-partner pay 123 --payment-sum 990.99 --currency-iso EUR --payment-date '2026-11-24 12:00' "
    "--period-from 2026-12-01 --period-to 2026-12-31 --idempotency-key invoice-2026-0042 --yes"
)


def settings(sandbox: Sandbox, url: str) -> dict[str, str]:
    """What `altegio-sandbox` prints, as the environment of a partner."""
    return {
        "ALTEGIO_BASE_URL": url,
        "ALTEGIO_PARTNER_TOKEN": sandbox.partner_token,
        "ALTEGIO_APPLICATION_ID": str(sandbox.application_id),
    }


def use(sandbox: Sandbox, partner: PartnerClient) -> None:
    """Let locations connect, register and pay; one is frozen, one leaves, and one answer is lost."""
    december: dict[str, Any] = {
        "currency_iso": "EUR",
        "payment_date": datetime(2026, 11, 24, 12, 0),
        "period_from": datetime(2026, 12, 1),
        "period_to": datetime(2026, 12, 31, 23, 59, 59),
    }
    for salon_id in (126, 125, 124, SALON):
        sandbox.connect(salon_id)
    for salon_id in (125, 124, SALON):
        partner.complete_registration(salon_id=salon_id)
    first = partner.notify_payment(salon_id=124, payment_sum="49.90", **december)
    partner.notify_refund(first)
    sandbox.freeze(124)
    sandbox.uninstall(125)
    sandbox.fail("lose_answer")
    try:
        partner.notify_payment(salon_id=SALON, payment_sum="990.99", **december)
    except OutcomeUnknownError:
        partner.get_installation(salon_id=SALON)
    else:
        raise AssertionError("The answer was not lost.")
    sandbox.fail("html_502", calls=3)


def photograph_the_page(browser: Browser, url: str) -> None:
    """Take the page down to the payments, and the call whose answer was lost, light and dark."""
    kinds: dict[Literal["light", "dark"], str] = {"light": "", "dark": "-dark"}
    for scheme, kind in kinds.items():
        page = browser.new_page(viewport={"width": WIDTH, "height": 700}, color_scheme=scheme)
        page.goto(url)
        payments = page.locator("section", has=page.locator("#payments")).bounding_box()
        if payments is None:
            raise AssertionError("The page shows no payments.")
        height = payments["y"] + payments["height"] + 16
        page.screenshot(
            path=PICTURES / f"sandbox{kind}.png",
            full_page=True,
            clip={"x": 0, "y": 0, "width": WIDTH, "height": height},
        )
        lost = page.locator("#calls details", has_text="lose_answer on purpose")
        lost.locator("summary").click()
        page.locator("section", has=lost).screenshot(path=PICTURES / f"lost-answer{kind}.png")
        page.close()


class Terminal:
    """A terminal in which commands are typed, and what stands on it in the end."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self._screen = pyte.Screen(COLUMNS, 200)
        self._stream = pyte.ByteStream(self._screen)
        self._folder = folder
        self._environment = {**os.environ, **environment, "TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}

    def type(self, command: str, *, ends: int = 0) -> None:
        """Run a command, which must end with this exit code."""
        self._stream.feed(f"\x1b[1m$ {command}\x1b[0m\r\n".encode())
        ours, theirs = pty.openpty()
        ioctl(theirs, TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
        with subprocess.Popen(
            ["bash", "-c", command], cwd=self._folder, env=self._environment, stdin=theirs, stdout=theirs, stderr=theirs
        ) as process:
            os.close(theirs)
            while said := _read(ours):
                self._stream.feed(said)
        os.close(ours)
        if process.returncode != ends:
            raise AssertionError(f"{command} ended with {process.returncode}")
        self._stream.feed(b"\r\n")

    def photograph(self, name: str, title: str) -> None:
        """Write what stands there as an SVG, which fetches no fonts."""
        rows = self._screen.cursor.y - 1
        with Path(os.devnull).open("w") as nowhere:
            console = Console(record=True, width=COLUMNS, file=nowhere)
            for row in range(rows):
                chars = [self._screen.buffer[row][column] for column in range(COLUMNS)]
                pieces = [("".join(char.data for char in same), look) for look, same in groupby(chars, _look)]
                line = Text.assemble(*pieces)
                line.rstrip()
                console.print(line)
            svg = console.export_svg(title=title, unique_id=name)
        (PICTURES / f"{name}.svg").write_text(re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL))


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so when the other end is closed
        return b""


def _look(char: pyte.screens.Char) -> str:
    """Return the style of a character, as Rich writes it."""
    color = f"#{char.fg}" if re.fullmatch("[0-9a-f]{6}", char.fg) else char.fg.replace("bright", "bright_")
    return f"{'bold ' if char.bold else ''}{'yellow' if color == 'brown' else color}"


def photograph_the_command_line(environment: dict[str, str], sandbox: Sandbox) -> None:
    """Take a day with the command line: a payment whose answer is lost, and a file of payments."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "december.csv").write_text(PAYMENTS)
        environment = {**environment, "ALTEGIO_LEDGER_URL": f"sqlite:///{folder}/payments.db"}
        before = Terminal(environment, Path(folder))
        before.type("altegio-partner register 123 --yes")
        before.type("altegio-partner register 124 --yes")
        before.type("altegio-partner unsettled")  # begins the ledger

        terminal = Terminal(environment, Path(folder))
        sandbox.fail("lose_answer")
        terminal.type(PAY, ends=5)
        terminal.type("altegio-partner reconcile invoice-2026-0042")
        terminal.type("altegio-partner status 123")
        terminal.photograph("command-line-pay", "altegio-partner")

        terminal = Terminal(environment, Path(folder))
        terminal.type("altegio-partner import december.csv --yes", ends=3)
        terminal.type("cat december.results.csv")
        terminal.photograph("command-line-import", "altegio-partner")


def main() -> None:
    """Take all pictures anew."""
    chromium = shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        sandbox = Sandbox(now=datetime(2026, 12, 1, 12, 0))
        with sandbox.serve(PORT) as url:
            use(sandbox, PartnerClient(sandbox.partner_token, application_id=sandbox.application_id, base_url=url))
            photograph_the_page(browser, url)
        browser.close()
    sandbox = Sandbox(now=datetime(2026, 12, 1, 12, 0))
    sandbox.connect(SALON)
    sandbox.connect(124)
    with sandbox.serve(PORT) as url:
        photograph_the_command_line(settings(sandbox, url), sandbox)


if __name__ == "__main__":
    main()
