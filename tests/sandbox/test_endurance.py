"""No client may stop the sandbox, or keep it from stopping."""

import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from altegio_partner.sandbox import FAULT_NAMES, Sandbox, read_seed
from tests.callers import SANDBOX_HEADERS
from tests.servers.scripted import ScriptedServer, stall

PAY = "/marketplace/partner/payment"


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    return Sandbox(lenient=getattr(request, "param", False))


@pytest.fixture
def port(sandbox: Sandbox) -> Iterator[int]:
    """The port of a sandbox that must still respond after the test."""
    with sandbox.serve() as url:
        yield int(url.rpartition(":")[2])
        sandbox.clear_faults()
        assert httpx.get(url, trust_env=False).status_code == 200


def send(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 5) as wire:
        wire.sendall(request)
        return wire.recv(65536)


def test_clients_that_disconnect_immediately(port: int) -> None:
    for _ in range(300):
        caller = socket.create_connection(("127.0.0.1", port), 5)
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # sends a reset
        caller.close()


def test_a_host_that_is_not_ascii(sandbox: Sandbox, port: int) -> None:
    sandbox.connect(123)
    head = "".join(f"{name}: {value}\r\n" for name, value in SANDBOX_HEADERS.items()).encode()
    body = b'{"salon_id": 123, "application_id": 123}'
    answer = send(
        port,
        b"POST /marketplace/partner/callback/redirect HTTP/1.1\r\nHost: a\xffb\r\nContent-Type: application/json\r\n"
        + head
        + b"Content-Length: %d\r\n\r\n" % len(body)
        + body,
    )
    assert answer.startswith(b"HTTP/1.1 301")
    assert b"location: http://a\xffb/further-setup?salon_id=123\r\n" in answer


@pytest.mark.parametrize("fault", [None, *FAULT_NAMES])
def test_a_client_that_uses_it_as_a_proxy(sandbox: Sandbox, port: int, fault: str | None) -> None:
    if fault:
        sandbox.inject_fault(fault)  # type: ignore[arg-type]  # one of the names
    answer = send(port, b"CONNECT app.alteg.io:443 HTTP/1.1\r\nHost: app.alteg.io\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 501")


@pytest.mark.parametrize("sandbox", [False, True], ids=["strict", "lenient"], indirect=True)
@pytest.mark.parametrize("field", ["payment_sum", "salon_id"])
@pytest.mark.parametrize(
    "number",
    [
        "1e999999999999999999999", "1e-999999999999999999999", "1E400", "-1e400", "NaN", "9" * 6000, "1e1000000",
        "-1e1000000", "1e-1000000", f'"{"9" * 500_000}"', '"1e999"', '"-1e999"',
    ],
    ids=lambda number: number[:30],
)  # fmt: skip
def test_extreme_numbers(port: int, field: str, number: str) -> None:
    body = f'{{"salon_id": 1, "application_id": 123, "payment_sum": 1, "{field}": {number}}}'.encode()
    headers = {**SANDBOX_HEADERS, "Content-Type": "Application/JSON; charset=utf-8"}
    answer = httpx.post(f"http://127.0.0.1:{port}{PAY}", content=body, headers=headers, trust_env=False)
    assert answer.status_code == 422


@pytest.mark.parametrize("number", ["1e400", "1" + "0" * 400, "1e1000000"], ids=lambda number: number[:30])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/marketplace/application/add_discount", '"salon_ids": [123], "application_id": 123, "discount": '),
        (
            "/api/v1/voip/integration",
            '"command": "history", "type": "incoming", "crm_token": "a", "phone": "1", "diversion": "2", "duration": ',
        ),
    ],
)
def test_numbers_that_no_float_holds(sandbox: Sandbox, port: int, path: str, body: str, number: str) -> None:
    sandbox.load_seed(read_seed(b'{"locations": [{"salon_id": 123}]}'))
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=SANDBOX_HEADERS, trust_env=False) as http:
        setup = {"command": "setup", "type": "enable", "crm_token": "a"}  # a chain whose calls are kept
        assert http.post("/api/v1/voip/integration", json=setup).status_code == 202
        headers = {"Content-Type": "application/json"}
        answer = http.post(path, content=f"{{{body}{number}}}".encode(), headers=headers)
    (problem,) = answer.json()["meta"]["errors"].values()
    assert (answer.status_code, problem) == (422, ["This must be a number, zero or more."])


@pytest.mark.parametrize(
    ("control", "body", "status"),
    [
        ("faults/clear", b'{"\\ud800": 1}', 422),
        ("locations/pay", b'{"salon_id": 123, "payment_sum": 1, "period_from": "9999-12-31 00:00:00"}', 422),
        ("locations/connect", b"salon_id=5&salon_id=6", 422),
    ],
)
def test_controls(sandbox: Sandbox, port: int, control: str, body: bytes, status: int) -> None:
    sandbox.load_seed(read_seed(b'{"locations": [{"salon_id": 123}]}'))
    answer = httpx.post(f"http://127.0.0.1:{port}/sandbox/{control}", content=body, trust_env=False)
    assert answer.status_code == status


@pytest.mark.parametrize("origin", ["http://[::1", "://", "http://", "HTTP://EVIL.example"])
def test_origins_of_any_form(port: int, origin: str) -> None:
    answer = httpx.post(f"http://127.0.0.1:{port}/sandbox/faults/clear", headers={"Origin": origin}, trust_env=False)
    assert answer.status_code == 403


def test_failing_callbacks_are_printed_and_do_not_stop_it(
    sandbox: Sandbox, port: int, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    runs = 0

    def fail() -> None:
        nonlocal runs
        runs += 1
        raise ZeroDivisionError

    monkeypatch.setattr(sandbox, "process_due_events", fail)
    while runs < 2:  # once a second
        assert httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).status_code == 200
    assert capfd.readouterr().err.count("ZeroDivisionError") >= 1


def test_exceptions_do_not_stop_it_when_standard_error_is_closed(
    sandbox: Sandbox, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As under a supervisor that has closed it: printing raises ValueError."""
    failed = threading.Event()

    def fail(*_: object) -> None:
        failed.set()
        raise ZeroDivisionError

    with Path(os.devnull).open("w") as closed:
        pass
    monkeypatch.setattr("sys.stderr", closed)
    with monkeypatch.context() as patched:
        patched.setattr(sandbox, "process_due_events", fail)
        patched.setattr("altegio_partner.sandbox.server._receive", fail)
        assert failed.wait(10)
        with socket.create_connection(("127.0.0.1", port), 5) as wire:
            assert wire.recv(100) == b""
    assert httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).status_code == 200


def test_an_exception_in_one_connection_is_printed_and_does_not_affect_others(
    port: int, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("altegio_partner.sandbox.server._receive", None)
        with socket.create_connection(("127.0.0.1", port), 5) as wire:
            assert wire.recv(100) == b""
    assert "TypeError" in capfd.readouterr().err


@pytest.mark.usefixtures("measured_processes")
def test_more_connections_than_it_can_open() -> None:
    """They wait until others are closed. Open connections are not affected."""
    script = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))\n"
        "from altegio_partner.sandbox.command import main; main()"
    )
    command = [sys.executable, "-c", script, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stderr
        url = process.stdout.readline().strip().partition("=")[2]
        port = int(url.rpartition(":")[2])
        callers = [socket.create_connection(("127.0.0.1", port), 5) for _ in range(60)]
        callers[0].sendall(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
        assert callers[0].recv(100).startswith(b"HTTP/1.1 404")
        for line in process.stderr:
            if "Too many open files" in line:
                break
        for caller in callers:
            caller.close()
        assert httpx.get(f"{url}/x", trust_env=False, timeout=10).status_code == 404
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
        assert process.returncode == 0


@pytest.mark.usefixtures("ctrl_c")
def test_it_stops_immediately_while_a_callback_hangs() -> None:
    with ScriptedServer() as partner:
        partner.answer_with(stall, times=5)
        command = [sys.executable, "-m", "altegio_partner.sandbox", "--port", "0", "--callback-url", partner.url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
            assert process.stdout
            url = process.stdout.readline().strip().partition("=")[2]
            with pytest.raises(httpx.HTTPError):
                httpx.post(
                    f"{url}/sandbox/locations/uninstall",
                    data={"salon_id": 123, "deliveries": 5},
                    trust_env=False,
                    timeout=0.5,
                )
            process.send_signal(signal.SIGINT)
            assert process.wait(4) == 0  # a callback takes up to 5 seconds
        partner.stop.set()


@pytest.mark.parametrize("url", ["http://10.0.0.300/", "http://x:abc/", "http://a..b/", "http://a/é", "http://a/\r\nb"])
def test_invalid_urls_are_rejected(url: str) -> None:
    for name in ("callback_url", "registration_url"):
        options: dict[str, str] = {name: url}
        with pytest.raises(ValueError, match=f"{name} must be an absolute http or https URL"):
            Sandbox(**options)  # type: ignore[arg-type]  # each option is a URL
