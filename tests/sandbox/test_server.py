"""What is no request is answered or logged, no page of another site gets in, and no secret is kept."""

import logging
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from altegio_partner.sandbox import Sandbox
from altegio_partner.sandbox.tls import make_certificate
from tests.callers import SANDBOX_HEADERS

TOKEN = "the-real-token-of-a-developer"


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture
def port(sandbox: Sandbox) -> Iterator[int]:
    with sandbox.serve() as url:
        yield int(url.rpartition(":")[2])
        assert httpx.get(url, trust_env=False).status_code == 200


def send(port: int, data: bytes, *, end: bool = False) -> bytes:
    """Send bytes, and return everything that is answered."""
    with socket.create_connection(("127.0.0.1", port), 60) as wire:
        wire.sendall(data)
        if end:
            wire.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: wire.recv(65536), b""))


REFUSED = {
    "TLS": (b"\x16\x03\x01\x02\x00", b"400", "This port does not use TLS: write http://, or start it with --tls."),
    "no Host": (b"GET / HTTP/1.1\r\n\r\n", b"400", "This is not HTTP: Missing mandatory Host: header."),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"505", "This port speaks HTTP/1.1 only."),
    "a huge header": (b"GET / HTTP/1.1\r\nHost: h\r\nA: " + b"x" * 200_000, b"431", "This is not HTTP: "),
    "two lengths": (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", b"400", "This is"),
    "a line that is no header": (
        f"GET / HTTP/1.1\r\nHost: h\r\nBearer {TOKEN}\r\n\r\n".encode(),
        b"400",
        "This is not HTTP: illegal header line.",
    ),
    "a value that is none": (
        f"GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer\x00{TOKEN}\r\n\r\n".encode(),
        b"400",
        "This is not HTTP: illegal header line.",
    ),
    "nonsense": (b"hello\r\n\r\n", b"400", "This is not HTTP: illegal request line."),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_request_is_answered_and_logged(port: int, what: str, caplog: pytest.LogCaptureFixture) -> None:
    data, status, words = REFUSED[what]
    answer = send(port, data)
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert words.encode() in answer
    assert TOKEN not in answer.decode() + caplog.text
    assert any(words in record.getMessage() for record in caplog.records if record.name == "altegio_sandbox")


def test_a_request_that_ends_in_the_middle(port: int, caplog: pytest.LogCaptureFixture) -> None:
    assert send(port, b"GET / HT", end=True).startswith(b"HTTP/1.1 400")
    half = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n{"
    assert send(port, half, end=True).startswith(b"HTTP/1.1 400")
    assert len(caplog.records) == 2


def test_a_request_that_does_not_go_on(
    port: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("altegio_partner.sandbox.server._READ_TIMEOUT", 0.2)
    assert send(port, b"GET / HT").startswith(b"HTTP/1.1 408")
    assert "The request did not arrive within 0.2 seconds." in caplog.text


def test_a_connection_without_a_request_is_closed_in_silence(
    port: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("altegio_partner.sandbox.server._IDLE_TIMEOUT", 0.2)
    assert send(port, b"") == b""
    assert caplog.records == []


def test_a_body_may_begin_like_a_handshake(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 60) as wire:
        wire.sendall(b"POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        assert wire.recv(100).startswith(b"HTTP/1.1 100")
        wire.sendall(b"\x16\x03")
        assert wire.recv(100).startswith(b"HTTP/1.1 404")


def test_the_absolute_form_of_a_target(port: int) -> None:
    """As it is sent to a proxy: the host in it counts."""
    ours = f"GET http://127.0.0.1:{port}/sandbox/health HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    assert send(port, ours.encode()).startswith(b"HTTP/1.1 200")
    for target in ("http://evil.example/sandbox/health", "http://[::1/sandbox/health"):
        other = f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        assert send(port, other.encode()).startswith((b"HTTP/1.1 403", b"HTTP/1.1 404"))
    assert send(port, b"GET http://localhost HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").startswith(
        b"HTTP/1.1 200"
    )


def ask(port: int, method: str, path: str, *headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", *headers, "Content-Length: 0", "Connection: close", "", ""]
    return send(port, "\r\n".join(lines).encode()).split(b"\r\n")[0]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "192.0.2.1", "[::1", "x"]
)
@pytest.mark.parametrize("path", ["/", "/sandbox/snapshot", "/sandbox/calls", "/sandbox/openapi.json"])
def test_a_name_of_another_site_that_points_to_this_machine(port: int, host: str, path: str) -> None:
    """DNS rebinding: the browser believes that the sandbox is a part of that site."""
    assert ask(port, "GET", path, f"Host: {host}") == b"HTTP/1.1 403 Forbidden"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:1", "LOCALHOST", "[::1]:8000", "127.1.2.3:80"])
def test_the_names_of_this_machine(port: int, host: str) -> None:
    assert ask(port, "GET", "/sandbox/snapshot", f"Host: {host}") == b"HTTP/1.1 200 OK"


def test_the_host_of_calls_to_altegio_is_not_checked(port: int) -> None:
    assert ask(port, "POST", "/marketplace/partner/payment", "Host: app.alteg.io") == b"HTTP/1.1 401 Unauthorized"


def test_a_sandbox_for_other_machines_has_any_name(sandbox: Sandbox) -> None:
    with sandbox.serve(host="0.0.0.0") as url:  # noqa: S104
        port = int(url.rpartition(":")[2])
        assert ask(port, "GET", "/sandbox/snapshot", "Host: sandbox:8000") == b"HTTP/1.1 200 OK"


def test_origins(port: int) -> None:
    host = f"Host: 127.0.0.1:{port}"

    def clear(*headers: str) -> bytes:
        return ask(port, "POST", "/sandbox/faults/clear", host, *headers)[9:12]

    assert clear() == clear(f"Origin: http://127.0.0.1:{port}") == b"200"
    for origin in (
        "null",
        "https://evil.example",
        f"http://localhost:{port}",
        f"https://127.0.0.1:{port}",
        "file://",
        "",
    ):
        assert clear(f"Origin: {origin}") == b"403"
    assert clear("Origin: http://evil.example", f"Origin: http://127.0.0.1:{port}") == b"403"


SECRETS = {
    "path": "/marketplace/partner/payment/refund/{}",
    "query": "/marketplace/partner/payment?api_key={}",
}


def test_no_secret_is_kept(sandbox: Sandbox, port: int) -> None:
    """Of the Authorization header there is the scheme only, wherever else the same token is."""
    url = f"http://127.0.0.1:{port}"
    secrets = [TOKEN, "user-token-user-token", sandbox.partner_token, "key-of-the-salon", "crm-token-of-a-chain"]
    body = (
        '{"salon_id": 5, "api_key": "key-of-the-salon \\" quoted", "nested": {"crm_token":"crm-token-of-a-chain"},'
        f'"token": "{TOKEN}", "api_key" : 12345678, "partner_token": "cut off'
    )
    headers = {"Authorization": f"Bearer {TOKEN}, User user-token-user-token", "X-Copy": TOKEN, "Cookie": f"a={TOKEN}"}
    with httpx.Client(base_url=url, trust_env=False) as http:
        http.post(f"/marketplace/{TOKEN}?api_key=key-of-the-salon&x={TOKEN}", content=body, headers=headers)
        http.post("/x", content=b"a=1&api_key=key-of-the-salon&b=2", headers={"Authorization": TOKEN})
        http.post("/x", content=b'{"api_key": "key-of-the-salon\\', headers=SANDBOX_HEADERS)
        http.post("/x", headers={"Authorization": "Basic c2VjcmV0OnNlY3JldA=="})
        shown = [http.get(path).text for path in ("/", "/sandbox/snapshot", "/sandbox/calls")]
    first, second, third, fourth = sandbox.calls
    assert first.request.headers["authorization"] == "Bearer ********, User ********"
    assert first.request.headers["cookie"] == first.request.headers["x-copy"] == "********"
    assert first.request.path == "/marketplace/********"
    assert first.request.query == "api_key=********&x=********"
    assert first.request.body.decode() == (
        '{"salon_id": 5, "api_key": "********", "nested": {"crm_token":"********"},'
        '"token": "********", "api_key" : "********", "partner_token": "********"'
    )
    assert (second.request.headers["authorization"], second.request.body) == ("********", b"a=1&api_key=********&b=2")
    assert third.request.body == b'{"api_key": "********"'
    assert fourth.request.headers["authorization"] == "Basic ********"
    for text in [*shown, repr(sandbox.calls), "\n".join(map(str, sandbox.calls))]:
        assert not any(secret in text for secret in [*secrets, "c2VjcmV0", "12345678"])


def test_a_secret_that_is_cut_is_masked(sandbox: Sandbox) -> None:
    with httpx.Client(transport=sandbox.transport()) as http:
        for fill in range(9_960, 10_000):
            http.post("https://x/y", content=b" " * fill + b'{"api_key": "key-of-the-salon"}')
            assert b"key" not in sandbox.calls[-1].request.body.replace(b"api_key", b"")
            http.post("https://x/y", content=b" " * fill + sandbox.partner_token.encode())
            assert b"sandbox" not in sandbox.calls[-1].request.body


def test_lines_of_a_log_cannot_be_forged(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "altegio_sandbox")
    with httpx.Client(transport=sandbox.transport()) as http:
        http.get("https://x/a%0a2030-01-01 GET /b 200%1b[2J")
    (record,) = caplog.records
    assert record.getMessage() == (
        f"{sandbox.calls[0].at} GET /a\\x0a2030-01-01 GET /b 200\\x1b[2J 404, "
        "Unknown path. Altegio's paths begin with /marketplace or /api/v1."
    )


def test_https(sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    certificate = make_certificate(["localhost", "127.0.0.1"])
    authority = tmp_path / "ca.pem"
    authority.write_text(certificate.trusted)
    sandbox.connect(5)
    with sandbox.serve(tls=certificate.context) as url:
        assert url.startswith("https://127.0.0.1:")
        with httpx.Client(verify=ssl.create_default_context(cafile=str(authority)), trust_env=False) as http:
            body = {"salon_id": 5, "application_id": 123}
            answer = http.post(f"{url}/marketplace/partner/callback/redirect", json=body, headers=SANDBOX_HEADERS)
            assert answer.headers["location"] == f"{url}/further-setup?salon_id=5"
            assert http.post(f"{url}/sandbox/faults/clear", headers={"Origin": url}).status_code == 200
            with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
                httpx.get(url, trust_env=False)
            assert send(int(url.rpartition(":")[2]), b"GET / HTTP/1.1\r\nHost: h\r\n\r\n") == b""
            assert send(int(url.rpartition(":")[2]), b"", end=True) == b""
            with (
                socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), 60) as wire,
                ssl.create_default_context(cafile=str(authority)).wrap_socket(wire, server_hostname="localhost") as tls,
            ):
                tls.sendall(b"nonsense\r\n\r\n")
                assert tls.recv(100).startswith(b"HTTP/1.1 400")
            assert http.get(f"{url}/sandbox/health").status_code == 200
    assert caplog.text.count("the TLS handshake failed") == 3


def test_one_sandbox_per_state_file(tmp_path: Path) -> None:
    """Also on a second start, when nothing has been written yet."""
    state = tmp_path / "altegio.db"
    first = Sandbox(state=state)
    first.connect(5)
    with pytest.raises(ValueError, match="is another sandbox using it"):
        Sandbox(state=state)
    del first
    second = Sandbox(state=state)
    with pytest.raises(ValueError, match="is another sandbox using it"):
        Sandbox(state=state)
    assert second.installation(5).status == "pending"
