"""`python -m altegio_partner.sandbox`, as a user starts it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from altegio_partner import AlreadyInstalledError, PartnerClient, PermissionDeniedError


@contextmanager
def started(*options: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "altegio_partner.sandbox", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def read_environment(process: subprocess.Popen[str]) -> dict[str, str]:
    assert process.stdout
    lines = [process.stdout.readline() for _ in range(3)]
    assert all(line.startswith("export ") for line in lines)
    return dict(line.removeprefix("export ").strip().split("=", 1) for line in lines)


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_stopped(monkeypatch: pytest.MonkeyPatch, end: signal.Signals) -> None:
    with started() as process:
        for name, value in read_environment(process).items():
            monkeypatch.setenv(name, value)
        assert os.environ["ALTEGIO_BASE_URL"].startswith("http://127.0.0.1:")
        with PartnerClient() as partner:
            assert partner.complete_registration(salon_id=123) is not None
            with pytest.raises(AlreadyInstalledError):
                partner.complete_registration(salon_id=123)
        process.send_signal(end)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (0, "")
    assert err == "The owners of 123, 124 have clicked Connect. Ctrl-C ends it, and forgets all.\n"


def test_locations_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with started("--salon-id", "5", "--salon-id", "6") as process:
        for name, value in read_environment(process).items():
            monkeypatch.setenv(name, value)
        with PartnerClient() as partner:
            partner.complete_registration(salon_id=5)
            partner.complete_registration(salon_id=6)
            with pytest.raises(PermissionDeniedError, match="Access denied"):
                partner.complete_registration(salon_id=123)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)


def test_a_port_that_is_taken() -> None:
    with started() as process:
        port = read_environment(process)["ALTEGIO_BASE_URL"].rpartition(":")[2]
        command = [sys.executable, "-m", "altegio_partner.sandbox", "--port", port]
        second = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    assert second.returncode == 2
    assert second.stderr.splitlines()[-1] == (
        f"python -m altegio_partner.sandbox: error: cannot listen on port {port} (Address already in use): "
        "try --port 0 for any free one"
    )
