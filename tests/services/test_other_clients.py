"""What other clients do when an answer is lost or cut off, and with a redirect: the page that says it, row by row."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from altegio_partner.sandbox import FaultName, Sandbox
from tests.pages.page import Page
from tests.services.processes import environment

pytestmark = pytest.mark.services
PROGRAMS = Path(__file__).with_name("other_clients")
RUN_BY = {
    ".go": ["go", "run"],
    ".java": ["java"],
    ".mjs": ["node"],
    ".php": ["php"],
    ".py": [sys.executable],
    ".rb": ["ruby"],
    ".sh": ["bash"],
}
ROWS = {
    file: cells
    for *cells, file in (line.strip("| ").split(" | ") for line in Page.of("faults-found").text.splitlines())
    if file.startswith("`") and cells
}
IDS = {"salon_id": 123, "application_id": 123}
PAYMENT = {
    **IDS,
    "payment_sum": 990,
    "currency_iso": "EUR",
    "payment_date": "2030-01-01 00:00:00",
    "period_from": "2030-01-01 00:00:00",
    "period_to": "2030-01-31 23:59:59",
}


def run(file: str, sandbox: Sandbox, folder: Path, path: str, body: object) -> str:
    """Run a program of the table, and return the last word that it prints: a status, or "an error"."""
    name, _, variable = file.strip("`").partition("` with `")
    setting, _, value = variable.partition("=")
    command = [*RUN_BY[Path(name).suffix], str(PROGRAMS / name), path, json.dumps(body)]
    with sandbox.serve() as url:
        settings = environment(
            ALTEGIO_BASE_URL=url,
            ALTEGIO_PARTNER_TOKEN=sandbox.partner_token,
            ALTEGIO_APPLICATION_ID="123",
            NODE_OPTIONS="",
            **{setting: value} if variable else {},
        )
        ran = subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, f"{ran.stdout}{ran.stderr}\nThis test needs {command[0]}."
    said = ran.stdout.strip()
    assert re.fullmatch(r"\d{3}|.*error: .+", said), said
    return said if said.isdigit() else "an error"


@pytest.mark.parametrize("file", ROWS)
def test_the_row_of_a_client(file: str, tmp_path: Path) -> None:
    def pay(fault: FaultName) -> str:
        sandbox = Sandbox()
        sandbox.connect(123)
        sandbox.register(123)
        sandbox.inject_fault(fault, operation="notify_payment")
        said = run(file, sandbox, tmp_path, "/marketplace/partner/payment", PAYMENT)
        times = {1: "", 2: "**recorded twice**, "}[len(sandbox.payments(123))]
        return f"{times}{said}" if said == "an error" or times else f"**{said}**"

    def register() -> str:
        sandbox = Sandbox()
        sandbox.connect(123)
        said = run(file, sandbox, tmp_path, "/marketplace/partner/callback/redirect", IDS)
        sandbox.assert_registered(123)
        followed = [one.response.reason for one in sandbox.calls if one.request.path == "/further-setup"]
        if not followed:
            return said
        (token,) = re.findall("with(?:out)? the bearer token", followed[0])
        return f"**followed**, {token}, {said}"

    assert ROWS[file][2:] == [pay("lose_answer"), pay("cut_body"), register()]


def test_every_program_has_a_row() -> None:
    named = {file.strip("`").partition("`")[0] for file in ROWS}
    assert named == {one.name for one in PROGRAMS.iterdir() if one.is_file()}
