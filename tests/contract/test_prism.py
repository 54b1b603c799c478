"""Prism, which serves our description, accepts what the vendor's page sends, and refuses what lacks a part of it."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.vendor_commands import ENVIRONMENT, PAYMENT, REFUND_OF_123, REGISTRATION, TOKEN, URL, run_command
from tests.sandbox.test_vendor_examples import EXAMPLES

SPEC = Path(__file__).parents[2] / "spec" / "altegio-partner.yaml"


@pytest.fixture(scope="module")
def prism() -> Iterator[str]:
    """Serve the description, and yield the address."""
    program = Path(sys.executable).with_name("prism")  # where `nox -s sandbox` installs it
    command = [str(program), "mock", "--port", "0", str(SPEC)]
    with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as it:
        assert it.stdout
        try:
            said = ""
            for line in it.stdout:
                said += line
                if found := re.search(r"Prism is listening on (\S+)", line):
                    yield found[1]
                    break
            else:
                pytest.fail(f"Prism has not started: {said}")
        finally:
            it.terminate()


def as_on_the_page(method: str, path: str, body: dict[str, Any] | None) -> str:
    """Write a request as the vendor's page writes the commands for all of its examples."""
    target = path.format(money="").removeprefix("/api/v1")  # Prism has all paths at one address
    command = [f"curl -i -X {method}", f"'{URL}{target}'", "-H 'Accept: application/vnd.api.v2+json'"]
    command.append(f"-H 'Authorization: Bearer {TOKEN}'")
    if body is not None:
        command += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(json.dumps(body, indent=2))}"]
    return " \\\n".join(command)


@pytest.mark.parametrize("command", [REGISTRATION, PAYMENT, REFUND_OF_123])
def test_the_commands_of_the_vendors_page_are_accepted(prism: str, command: str) -> None:
    status, headers, body = run_command(command, prism, "fake")
    assert (status, headers.get("sl-violations")) == (200, None), body


@pytest.mark.parametrize(("method", "path", "body", "status"), EXAMPLES)
def test_every_example_of_the_vendor_is_accepted(
    prism: str, method: str, path: str, body: dict[str, Any] | None, status: int
) -> None:
    answered, headers, text = run_command(as_on_the_page(method, path, body), prism, "fake")
    success = 200 if status == 301 else status  # Prism prefers a 2xx
    assert (answered, headers.get("sl-violations")) == (success, None), text


@pytest.mark.parametrize(
    ("part", "instead", "status"),
    [
        ("Accept: application/vnd.api.v2+json", "Accept: application/json", 422),
        ("-H 'Authorization:", "-H 'X:", 401),
        ('"period_to":', '"period_until":', 422),
    ],
)
def test_a_command_that_lacks_a_part_is_refused(prism: str, part: str, instead: str, status: int) -> None:
    assert PAYMENT.count(part) == 1
    assert run_command(PAYMENT.replace(part, instead), prism, "fake")[0] == status
