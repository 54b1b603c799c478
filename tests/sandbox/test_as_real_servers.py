"""What clients see of a real server beside the content: reason phrases, dates, HEAD, targets, followed redirects."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest

from altegio_partner.sandbox import Sandbox
from tests.callers import SANDBOX_HEADERS

STATUS = "/marketplace/salon/123/application/123"
IDS = {"salon_id": 123, "application_id": 123}


@pytest.fixture
def sandbox() -> Sandbox:
    sandbox = Sandbox()
    sandbox.connect(123)
    return sandbox


@pytest.fixture
def url(sandbox: Sandbox) -> Iterator[str]:
    with sandbox.serve() as url:
        yield url


def raw(url: str, request: str) -> tuple[str, dict[str, str], bytes]:
    """Send a request as it is, and return the first line, the headers and what follows, until the connection closes."""
    host = httpx.URL(url)
    head = "".join(f"{name}: {value}\r\n" for name, value in SANDBOX_HEADERS.items())
    with socket.create_connection((host.host, host.port or 80), 5) as wire:
        wire.sendall(f"{request}\r\n{head}Connection: close\r\n\r\n".encode())
        received = b"".join(iter(lambda: wire.recv(65536), b""))
    first, _, rest = received.partition(b"\r\n")
    headers, _, body = rest.partition(b"\r\n\r\n")
    pairs = (line.split(": ", 1) for line in headers.decode().split("\r\n"))
    return first.decode(), {name.lower(): value for name, value in pairs}, body


def test_reason_phrases(url: str, sandbox: Sandbox) -> None:
    assert raw(url, f"GET {STATUS} HTTP/1.1\r\nHost: x")[0] == "HTTP/1.1 200 OK"
    assert raw(url, "GET /x HTTP/1.1\r\nHost: x")[0] == "HTTP/1.1 404 Not Found"
    sandbox.inject_fault("status_520")
    assert raw(url, f"GET {STATUS} HTTP/1.1\r\nHost: x")[0] == "HTTP/1.1 520 Unknown Error"


def test_dates(url: str) -> None:
    _, headers, _ = raw(url, f"GET {STATUS} HTTP/1.1\r\nHost: x")
    assert abs(datetime.now(UTC) - parsedate_to_datetime(headers["date"])) < timedelta(minutes=1)


def test_head(url: str, sandbox: Sandbox) -> None:
    first, headers, body = raw(url, f"HEAD {STATUS} HTTP/1.1\r\nHost: x")
    _, of_get, content = raw(url, f"GET {STATUS} HTTP/1.1\r\nHost: x")
    assert (first, body) == ("HTTP/1.1 200 OK", b"")
    assert headers["content-length"] == of_get["content-length"] == str(len(content))
    assert raw(url, "HEAD /marketplace/partner/payment HTTP/1.1\r\nHost: x")[0] == "HTTP/1.1 405 Method Not Allowed"
    with httpx.Client(transport=sandbox.transport(), base_url="https://x", headers=SANDBOX_HEADERS) as http:
        answer = http.head(STATUS)
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("target", ["http://elsewhere{}", "HTTPS://elsewhere:8000{}"])
def test_absolute_targets_as_proxies_get_them(url: str, sandbox: Sandbox, target: str) -> None:
    path = "/marketplace/application/123/salons?page=1&count=1"
    first, _, body = raw(url, f"GET {target.format(path)} HTTP/1.1\r\nHost: elsewhere")
    assert first == "HTTP/1.1 200 OK"
    assert b'"id": 123' in body
    assert (sandbox.calls[-1].request.path, sandbox.calls[-1].request.query) == tuple(path.split("?"))
    assert raw(url, "GET http://localhost HTTP/1.1\r\nHost: localhost")[0] == "HTTP/1.1 200 OK"


@pytest.mark.parametrize(
    ("sends_token", "words"), [(True, "with the bearer token"), (False, "without the bearer token")]
)
def test_a_followed_redirect_is_among_the_calls(url: str, sandbox: Sandbox, sends_token: bool, words: str) -> None:
    with httpx.Client(base_url=url, headers=SANDBOX_HEADERS, trust_env=False) as http:
        redirect = http.post("/marketplace/partner/callback/redirect", json=IDS)
        if not sends_token:
            del http.headers["authorization"]
        followed = http.get(redirect.headers["location"])
    assert followed.text.lower().startswith("<!doctype html>")
    call = sandbox.calls[-1]
    assert (call.request.method, call.request.path, call.request.query) == ("GET", "/further-setup", "salon_id=123")
    assert call.response.reason == f"The redirect of a registration was followed, {words}."


def test_a_client_that_follows_redirects_receives_html_without_a_socket_too(sandbox: Sandbox) -> None:
    with httpx.Client(
        transport=sandbox.transport(),
        base_url="https://altegio.invalid",
        headers=SANDBOX_HEADERS,
        follow_redirects=True,
    ) as http:
        followed = http.post("/marketplace/partner/callback/redirect", json=IDS)
    assert (followed.status_code, followed.text[:15]) == (200, "<!DOCTYPE html>")
    assert "with the bearer token" in sandbox.calls[-1].response.reason
