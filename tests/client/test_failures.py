"""What is concluded when no answer comes: was it sent, or is that unknown?"""

import re
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

import altegio_partner as ap
from altegio_partner.progress import EXTENSION
from tests.callers import CALLS, PAYMENT, TOKEN, Callers
from tests.servers.certificates import authority
from tests.servers.scripted import (
    Answer,
    ScriptedServer,
    Way,
    black_hole,
    close,
    closed_port,
    drips,
    http,
    reset,
    says,
    stall,
)

NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


def subclasses(kind: type[Exception]) -> list[type[Exception]]:
    found = [other for child in kind.__subclasses__() for other in [child, *subclasses(child)]]
    return [other for other in found if other.__module__ == "httpx"]


FAILURES = [kind for kind in subclasses(httpx.RequestError) if not subclasses(kind)]


def test_all_failures_of_httpx_are_looked_at() -> None:
    assert set(NEVER_LEFT) < set(FAILURES)
    assert len(FAILURES) >= 13


@pytest.mark.parametrize("kind", [*FAILURES, httpx.InvalidURL, OSError, ExceptionGroup, RuntimeError])
def test_the_class_of_the_failure_decides(caller: Callers, kind: type[Exception]) -> None:
    sent: list[httpx.Request] = []

    def fail(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        raise kind("words of the transport", *([[OSError()]] if kind is ExceptionGroup else []))

    expected = ap.NotSentError if kind in NEVER_LEFT else ap.NoAnswerError
    for method, arguments in CALLS.items():
        sent.clear()
        with pytest.raises(ap.AltegioError) as caught:
            caller(transport=httpx.MockTransport(fail), max_retries=0)(method, **arguments)
        error = caught.value
        assert type(error) is expected
        assert error.safe_to_resend is (expected is ap.NotSentError)
        assert kind.__name__ in str(error)
        assert "words of the transport" not in str(error)
        assert (error.__cause__, error.__context__) == (None, None)
        assert len(sent) == 1


@pytest.mark.parametrize("kind", [httpx.ConnectError, httpx.ReadError, OSError])
@pytest.mark.parametrize(("has_sent", "expected"), [(False, ap.NotSentError), (True, ap.NoAnswerError)])
def test_what_the_transport_knows_counts_more_than_the_class(
    caller: Callers, kind: type[Exception], has_sent: bool, expected: type[ap.AltegioError]
) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        request.extensions[EXTENSION].has_sent = has_sent
        raise kind("words of the transport")

    with pytest.raises(ap.AltegioError) as caught:
        caller(transport=httpx.MockTransport(fail), max_retries=0)("notify_payment", **PAYMENT)
    assert type(caught.value) is expected


@pytest.mark.parametrize(
    ("failure", "cause", "why"),
    [
        (RuntimeError("words"), None, "RuntimeError"),  # the reason is the name: once is enough
        (httpx.LocalProtocolError("words"), None, "LocalProtocolError"),
        (httpx.ConnectError("words"), None, "ConnectError: connection lost"),
        (httpx.ReadError("words"), ssl.SSLError(1, "words"), "ReadError: TLS failed (SSLError)"),
        (httpx.WriteError("words"), ssl.SSLError(1, "words"), "WriteError: TLS failed (SSLError)"),
        (
            httpx.ConnectError("words"),
            ssl.SSLCertVerificationError(1, "words"),
            "ConnectError: certificate not trusted (SSLCertVerificationError)",
        ),
    ],
    ids=repr,
)
def test_a_failure_is_described_by_its_name_and_its_reason(
    caller: Callers, failure: Exception, cause: Exception | None, why: str
) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise failure from cause

    with pytest.raises(ap.AltegioError, match=rf" POST /marketplace/partner/payment \({re.escape(why)}\)\. "):
        caller(transport=httpx.MockTransport(fail), max_retries=0)("notify_payment", **PAYMENT)


def test_a_failure_that_is_its_own_cause(caller: Callers) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        error = httpx.ReadError("words of the transport")
        raise error from error

    with pytest.raises(ap.NoAnswerError, match="ReadError: connection lost"):
        caller(transport=httpx.MockTransport(fail))("notify_payment", **PAYMENT)


def test_nobody_listens(caller: Callers) -> None:
    url = closed_port()
    with pytest.raises(ap.NotSentError) as caught:
        caller(base_url=url, max_retries=0)("notify_payment", **PAYMENT)
    reason = f"connection refused (ECONNREFUSED) while connecting to {url.removeprefix('http://')}"
    assert str(caught.value) == (
        f"Altegio was not reached with POST /marketplace/partner/payment (ConnectError: {reason}). "
        "Nothing was recorded: send it again. Is the sandbox running?"
    )
    assert caught.value.reason == reason


def test_a_connection_that_is_never_made(caller: Callers) -> None:
    with black_hole() as url, pytest.raises(ap.NotSentError, match="ConnectTimeout"):
        caller(base_url=url, max_retries=0, timeout=0.3)("notify_payment", **PAYMENT)


@pytest.mark.parametrize("answer", [close, reset], ids=["close", "reset"])
def test_a_dropped_connection(caller: Callers, answer: Answer) -> None:
    for method, arguments in CALLS.items():
        with ScriptedServer(answer) as server, pytest.raises(ap.NoAnswerError) as caught:
            caller(base_url=server.url)(method, **arguments)
        assert len(server.requests) == 1
        assert not caught.value.safe_to_resend
        advice = (
            "The settings may have been saved. Calling again is harmless."
            if method == "complete_registration"
            else "It may have been recorded: look in Altegio before sending it again."
        )
        assert str(caught.value).endswith(advice)


@contextmanager
def half_a_second() -> Iterator[None]:
    """What happens in the block takes that long, give or take the slowness of this machine."""
    started = time.monotonic()
    yield
    assert 0.4 < time.monotonic() - started < 1.5


@pytest.mark.parametrize(
    ("beginning", "expected"),
    [
        (b"", ap.NoAnswerError),
        (b"HTTP/1.1 200 OK\r\nContent-", ap.NoAnswerError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", ap.UnreadableAnswerError),
    ],
)
def test_silence(caller: Callers, beginning: bytes, expected: type[ap.AltegioError]) -> None:
    with ScriptedServer() as server:
        server.answer_with(says(beginning, stall))
        with half_a_second(), pytest.raises(ap.OutcomeUnknownError) as caught:
            caller(base_url=server.url, timeout=0.5)("notify_payment", **PAYMENT)
    assert type(caught.value) is expected
    assert len(server.requests) == 1


def test_a_dripping_body_cannot_stretch_the_timeout(caller: Callers) -> None:
    with ScriptedServer() as server:
        server.answer_with(drips(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"))
        with half_a_second(), pytest.raises(ap.UnreadableAnswerError, match="cut short"):
            caller(base_url=server.url, timeout=0.5)("notify_payment", **PAYMENT)


def test_dripping_headers_cannot_stretch_the_timeout(caller: Callers) -> None:
    with ScriptedServer() as server:
        server.answer_with(drips(b"HTTP/1.1 200 OK\r\nX: "))
        with half_a_second(), pytest.raises(ap.NoAnswerError, match="Timeout"):
            caller(base_url=server.url, timeout=0.5)("notify_payment", **PAYMENT)


@pytest.mark.parametrize("pause", [0.0005, 0.05])
def test_a_drip_ends_with_the_attempt_also_where_no_wait_is_long(pause: float) -> None:
    """Each byte comes in time, and there is no end of them."""
    with (
        ScriptedServer() as server,
        ap.PartnerClient(TOKEN, application_id=1, base_url=server.url, timeout=0.5) as client,
    ):
        server.answer_with(drips(b"HTTP/1.1 200 OK\r\nX: ", pause))
        with half_a_second(), pytest.raises(ap.NoAnswerError):
            client.notify_payment(**PAYMENT)
        server.answer_with(http(200, b'{"success": true, "data": {"id": 5}}'))
        assert client.notify_payment(**PAYMENT) == 5


def test_a_transport_that_others_use_too_stays_as_it_was_for_them() -> None:
    transport = httpx.HTTPTransport()
    with ScriptedServer(http(200), http(200, b"theirs")) as server:
        with ap.PartnerClient(TOKEN, application_id=1, base_url=server.url, transport=transport) as client:
            client.notify_refund(1)
        with httpx.Client(transport=transport) as other:
            assert other.get(server.url, timeout=5).text == "theirs"


def test_time_is_shared_by_the_steps_of_an_attempt(
    caller: Callers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What connecting takes is not there for reading any more."""

    authority().cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    with SlowHandshake(always=stall, way=Way.TLS) as server:
        with half_a_second(), pytest.raises(ap.NoAnswerError) as caught:
            caller(base_url=server.url, timeout=0.5)("notify_payment", **PAYMENT)
        assert caught.value.reason == f"timed out while waiting for the answer of {server.url.removeprefix('https://')}"
    assert len(server.requests) == 1


class SlowHandshake(ScriptedServer):
    def _serve(self, connection: socket.socket) -> None:
        time.sleep(0.3)
        super()._serve(connection)
