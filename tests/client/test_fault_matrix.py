"""The fault matrix: every fault of a call has the right error, in both clients and over TLS too.

Each row says what the server does with every call, and what becomes of each of the three. All three are made at once,
with one client. Then the faults are cleared, and the same client must be able to report a payment.
"""

import random
import signal
import socket
import ssl
import sys
import threading
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from select import select
from typing import Any

import anyio
import pytest
from attrs import evolve, field, frozen

import altegio_partner as ap
from altegio_partner import AsyncPartnerClient, PartnerClient
from tests.callers import APPLICATION, CALLS, PAYMENT, TOKEN
from tests.servers.certificates import authority
from tests.servers.scripted import (
    HEALTHY,
    HOST,
    Action,
    ScriptedServer,
    Stage,
    Way,
    base_url,
    black_hole,
    close,
    closed_port,
    drips,
    floods,
    go_on,
    hang_up,
    heard,
    http,
    one_segment,
    redirects,
    reset,
    say_goodbye,
    says,
    says_below_tls,
    stall,
)

linux = pytest.mark.skipif(sys.platform != "linux", reason="it needs TCP_CORK")
RETRIES = 1
SHORT = 0.5  # seconds, where the client has to give up itself
LONG = 10.0
TURNS = 5
EXTRA: dict[str, Any] = {**PAYMENT, "salon_id": 999}  # the payment that is reported when all is well again
PLAIN, TLS, TUNNEL = (Way.PLAIN,), (Way.TLS,), (Way.TUNNEL,)
NOTE = (
    "Cancelled while POST /marketplace/partner/payment was in progress. "
    "It may have been recorded: look in Altegio before sending it again."
)
PATHS = {
    "complete_registration": b"/marketplace/partner/callback/redirect",
    "notify_payment": b"/marketplace/partner/payment",
    "notify_refund": b"/marketplace/partner/payment/refund/123",
}

YES = b'{"success": true}'
PAID = b'{"success": true, "data": {"id": 123}}'
NO = b'{"success": false, "data": null, "meta": {"message": "Because."}}'
MEGABYTE = b" " * 1_000_000
HTML = b"<!DOCTYPE html><html><body>Log in</body></html>"


# Places where the client goes.


@frozen
class Place:
    """Where the client goes, by which proxy, and who is there."""

    url: str
    proxy: str | None = None
    server: ScriptedServer | None = None


Places = Callable[[Way], AbstractContextManager[Place]]


@contextmanager
def closed(way: Way) -> Iterator[Place]:
    url = closed_port()
    yield Place(base_url(way, url), url)


@contextmanager
def silence(way: Way) -> Iterator[Place]:
    with black_hole() as url:
        yield Place(base_url(way, url), url)


@contextmanager
def unknown_name(_: Way) -> Iterator[Place]:
    yield Place("https://altegio.invalid")


def somebody(action: Action, stage: Stage, certificate: str) -> Places:
    @contextmanager
    def place(way: Way) -> Iterator[Place]:
        with ScriptedServer(always=action, stage=stage, way=way, certificate=certificate) as server:
            yield Place(server.url, server.proxy, server)

    return place


# The table.


@frozen
class Row:
    """What happens, and the expected outcome."""

    name: str
    place: Places = field(repr=False)
    expected: Mapping[str, object]
    """The class of the error, or else the result, of each call."""
    seen: Mapping[str, int]
    """How many whole requests the server reads, of each call and in each attempt."""
    safe: bool
    """Whether the call may be sent again, which the client then does."""
    ways: tuple[Way, ...]
    timeout: float


def row(
    name: str,
    action: Action,
    expected: object,
    *,
    registration: object = ...,
    refund: object = ...,
    at: Stage = Stage.REQUEST,
    seen: int = 1,
    safe: bool = False,
    ways: tuple[Way, ...] = PLAIN + TLS,
    timeout: float = LONG,
    certificate: str = "trusted",
) -> Row:
    """Describe a row. What is expected of a payment is expected of the others too, where nothing else is said."""
    results = (registration, ..., refund)
    expectations = {call: expected if it is ... else it for call, it in zip(CALLS, results, strict=True)}
    requests = dict.fromkeys(CALLS, seen)
    if at is Stage.HEAD:
        requests["notify_refund"] = 1  # it has no body: its head is all there is
    return Row(name, somebody(action, at, certificate), expectations, requests, safe, ways, timeout)


def recorded(name: str, action: Action, **more: Any) -> Row:
    return row(name, action, 123, registration=None, refund=None, **more)


def not_sent(name: str, action: Action, at: Stage, **more: Any) -> Row:
    return row(name, action, ap.NotSentError, at=at, seen=0, safe=True, **more)


def unreachable(name: str, place: Places, ways: tuple[Way, ...], timeout: float = LONG) -> Row:
    expected = dict.fromkeys(CALLS, ap.NotSentError)
    return Row(name, place, expected, dict.fromkeys(CALLS, 0), safe=True, ways=ways, timeout=timeout)


def acknowledged(name: str, body: bytes, payment: object, **more: Any) -> Row:
    """Describe a 200 that says yes, whose id decides about a payment only."""
    return row(name, says(http(200, body)), payment, registration=None, refund=None, **more)


def with_id(name: str, written: bytes, payment: object) -> Row:
    return acknowledged(f"the id is {name}", b'{"success": true, "data": {"id": %b}}' % written, payment)


def raw(*lines: str, body: bytes = b"") -> bytes:
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


OK = "HTTP/1.1 200 OK"
CHUNKED = raw(OK, "Connection: close", "Transfer-Encoding: chunked")
WHOLE = http(200, PAID)
BEGINNINGS = {
    "nothing": (b"", ap.NoAnswerError),
    "half a status line": (b"HTTP/1.1 2", ap.NoAnswerError),
    "half the headers": (b"HTTP/1.1 200 OK\r\nContent-Le", ap.NoAnswerError),
    "the headers without the body": (http(200, length=len(PAID)), ap.UnreadableAnswerError),
    "half the body": (WHOLE[:-10], ap.UnreadableAnswerError),
}
ENDS: dict[str, tuple[Action, float, tuple[Way, ...]]] = {
    "close": (close, LONG, PLAIN + TLS + TUNNEL),
    "reset": (reset, LONG, PLAIN + TLS + TUNNEL),
    "stall": (stall, SHORT, PLAIN + TLS),
    "goodbye of TLS": (say_goodbye, LONG, TLS + TUNNEL),
}


@cache
def bomb() -> bytes:
    """200 MB of spaces, as gzip packs them."""
    packing = zlib.compressobj(1, wbits=31)
    return b"".join(packing.compress(MEGABYTE) for _ in range(200)) + packing.flush()


def explodes(server: ScriptedServer, connection: socket.socket) -> None:
    says(http(200, bomb(), "Content-Encoding: gzip"))(server, connection)


def slowly(answer: bytes) -> Action:
    """Say these bytes one by one."""

    def action(server: ScriptedServer, connection: socket.socket) -> None:
        for byte in answer:
            server.stop.wait(0.001)
            connection.sendall(bytes([byte]))
        hang_up(server, connection)

    return action


EITHER = (ap.NotSentError, ap.NoAnswerError)  # the client may or may not have got to sending
CONNECTING = [
    row("close at once", close, EITHER, at=Stage.ACCEPTED, seen=0, ways=PLAIN),
    row("reset at once", reset, EITHER, at=Stage.ACCEPTED, seen=0, ways=PLAIN),
    unreachable("refused", closed, PLAIN + TLS),
    unreachable("an unknown name", unknown_name, TLS),
    unreachable("a connection that is never made", silence, PLAIN + TLS, timeout=SHORT),
]
HANDSHAKE = [
    *(
        not_sent(f"handshake: {name}", action, Stage.ACCEPTED, ways=TLS, timeout=timeout)
        for name, action, timeout in (
            ("close at once", close, LONG),
            ("close", heard(close), LONG),
            ("reset", heard(reset), LONG),
            ("stall", stall, SHORT),
            ("drip", drips(b"\x16\x03\x03\x40\x00"), SHORT),
            ("an answer in the open", says(http(400, HTML)), LONG),
            ("half a record", says(b"\x16\x03\x03\x00\x7a\x02\x00"), LONG),
            ("an alert", says(b"\x15\x03\x03\x00\x02\x02\x28"), LONG),
        )
    ),
    *(
        not_sent(f"certificate: {it}", close, Stage.READY, ways=TLS + TUNNEL, certificate=it)
        for it in ("self-signed", "expired", "another host's")
    ),
    # In TLS 1.3, the client has sent its request when it hears that it is not trusted.
    row(
        "certificate: none of the client's",
        close,
        ap.NoAnswerError,
        seen=0,
        ways=TLS,
        certificate="asks for the client's",
    ),
]
PROXY = [
    unreachable("proxy: refused", closed, TUNNEL),
    unreachable("proxy: never connected", silence, TUNNEL, timeout=SHORT),
    *(
        not_sent(f"proxy: {status} to CONNECT", says(http(status, HTML)), Stage.CONNECT, ways=TUNNEL)
        for status in (301, 403, 407, 429, 500, 502, 503)
    ),
    # Nothing was sent: the tunnel and TLS come before the request.
    *(
        not_sent(f"proxy: {name} at CONNECT", action, Stage.CONNECT, ways=TUNNEL, timeout=timeout)
        for name, action, timeout in (
            ("close", close, LONG),
            ("reset", reset, LONG),
            ("stall", stall, SHORT),
            ("drip", drips(raw(OK)[:-2] + b"X: "), SHORT),
            ("no HTTP", says(b"SSH-2.0-OpenSSH_9.6\r\n"), LONG),
        )
    ),
    *(
        not_sent(
            f"proxy: {name} in the tunnel",
            says(raw(OK), then),
            Stage.CONNECT,
            ways=TUNNEL,
            timeout=timeout,
        )
        for name, then, timeout in (("close", close, LONG), ("reset", heard(reset), LONG), ("stall", stall, SHORT))
    ),
    recorded("proxy: all is well", says(WHOLE), ways=TUNNEL),
]
DROPPED = [
    *(
        row(f"{end}, {where} read", wait(action), ap.NoAnswerError, at=at, seen=0, ways=ways, timeout=timeout)
        for at, where, wait in ((Stage.READY, "nothing", heard), (Stage.HEAD, "the head", lambda action: action))
        for end, (action, timeout, ways) in ENDS.items()
    ),
    *(
        row(f"{end} after {beginning}", says(data, action), expected, ways=ways, timeout=timeout)
        for beginning, (data, expected) in BEGINNINGS.items()
        for end, (action, timeout, ways) in ENDS.items()
    ),
    row("close after half a refusal", says(http(422, NO, length=999), close), ap.InvalidRequestError),
    row("reset after half a refusal", says(http(422, NO, length=999), reset), ap.InvalidRequestError),
    row("close after half a limit", says(http(429, NO, length=999), close), ap.RateLimitError, safe=True),
    row("close after half a failure", says(http(502, HTML, length=999), close), ap.ServerError),
    row("garbage below TLS", says_below_tls(b"\x17\x03\x03\x00\x20" + b"x" * 32), ap.NoAnswerError, ways=TLS),
    row("half a record of TLS", says_below_tls(b"\x17\x03\x03\x00\x50abc"), ap.NoAnswerError, ways=TLS),
    row("an alert of TLS", says_below_tls(b"\x15\x03\x03\x00\x02\x02\x28"), ap.NoAnswerError, ways=TLS),
    row("plain text below TLS", says_below_tls(WHOLE), ap.NoAnswerError, ways=TLS),
    row(
        "garbage below TLS, in the body",
        says(WHOLE[:-10], says_below_tls(b"\x17\x03\x03\x00\x20" + b"x" * 32)),
        ap.UnreadableAnswerError,
        ways=TLS,
    ),
]
LENGTHS = [
    recorded("length: right", says(WHOLE)),
    row("length: too short", says(http(200, PAID, length=20)), ap.UnreadableAnswerError),
    recorded("length: surplus", says(raw(OK, f"Content-Length: {len(PAID)}", body=PAID + WHOLE), go_on)),
    row("length: too long", says(http(200, PAID, length=len(PAID) + 1)), ap.UnreadableAnswerError),
    row("length: negative", says(http(200, PAID, length=-1)), ap.NoAnswerError),
    row("length: no number", says(raw(OK, "Content-Length: some", body=PAID)), ap.NoAnswerError),
    row("length: two", says(http(200, PAID, "Content-Length: 3")), ap.NoAnswerError),
    recorded("length: twice the same", says(http(200, PAID, f"Content-Length: {len(PAID)}"))),
    recorded("length: none", says(raw(OK, body=PAID))),
    row("length: none, cut", says(raw(OK, body=PAID[:-10])), ap.UnreadableAnswerError),
    row("length: none, cut by a reset", says(raw(OK, body=PAID[:-10]), reset), ap.UnreadableAnswerError),
    row("length: none, empty, reset", says(raw(OK), reset), ap.UnreadableAnswerError),
    # Over TLS, Python's own client takes a reset for an end, before 3.11.9 and 3.12.3.
    row("length: none, reset at the end", says(raw(OK, body=PAID), reset), ap.UnreadableAnswerError, ways=PLAIN),
    row("length: none, empty", says(raw(OK)), ap.UnreadableAnswerError),
    recorded("chunks: right", says(CHUNKED + b"26\r\n" + PAID + b"\r\n0\r\n\r\n")),
    row("chunks: bad", says(CHUNKED + b"26\r\n" + PAID + b"\r\nxyz\r\n"), ap.UnreadableAnswerError),
    row("chunks: cut", says(CHUNKED + b"26\r\n" + PAID[:20]), ap.UnreadableAnswerError),
    row("chunks: none is the last", says(CHUNKED + b"26\r\n" + PAID + b"\r\n"), ap.UnreadableAnswerError),
    row("chunks: nothing but the end is missing", says(CHUNKED + b"0\r\n"), ap.UnreadableAnswerError),
]
NO_HTTP = [
    row("HTTP/0.9", says(HTML), ap.NoAnswerError),
    row("SSH", says(b"SSH-2.0-OpenSSH_9.6\r\n"), ap.NoAnswerError),
    row("HTTP/2", says(b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64"), ap.NoAnswerError),
    row("a header of 300 KB", says(http(200, PAID, "X: " + "x" * 300_000)), ap.NoAnswerError),
    row("a header with a zero byte", says(http(200, PAID, "X: a\0b")), ap.NoAnswerError),
    row("a status of two digits", says(http(20, PAID)), ap.NoAnswerError),
    row("a status of four digits", says(http(2000, PAID)), ap.NoAnswerError),
    row("101", says(raw("HTTP/1.1 101 X", "Upgrade: x", "Connection: upgrade")), ap.NoAnswerError),
    recorded("three 103 and an answer", says(raw("HTTP/1.1 103 X") * 3 + WHOLE)),
    row("three 103 and a refusal", says(raw("HTTP/1.1 103 X") * 3 + http(422, NO)), ap.InvalidRequestError),
    row("three 103 and nothing", says(raw("HTTP/1.1 103 X") * 3), ap.NoAnswerError),
]
BODIES = [
    row("gzip: bad", says(http(200, b"\x1f\x8bnonsense", "Content-Encoding: gzip")), ap.UnreadableAnswerError),
    row("gzip: a bomb of 200 MB", explodes, ap.UnreadableAnswerError),
    row("200 MB", floods(http(200, length=200_000_000), MEGABYTE, 200), ap.UnreadableAnswerError),
    row("200 HTML", says(http(200, HTML)), ap.UnreadableAnswerError),
    row("200 empty", says(http(200)), ap.UnreadableAnswerError, refund=None),
    row("204", says(http(204)), ap.UnreadableAnswerError, refund=None),
    row("latin-1", says(http(200, PAID[:-1] + b', "text": "\xe9"}')), ap.UnreadableAnswerError),
    row("open brackets", says(http(200, b"[" * 200_000)), ap.UnreadableAnswerError),
    recorded("201", says(http(201, PAID))),
    row("206", says(http(206, PAID)), 123, registration=None, refund=ap.UnreadableAnswerError),
    row("201 HTML", says(http(201, HTML)), ap.UnreadableAnswerError),
    row("202 empty", says(http(202)), ap.UnreadableAnswerError),
    row("200 empty, and more", says(raw(OK, "Content-Length: 0", body=NO), go_on), ap.UnreadableAnswerError),
    row("204, and more", says(raw("HTTP/1.1 204 X", body=NO), go_on), ap.UnreadableAnswerError),
    row("200 that says neither", says(http(200, b'{"data": null}')), ap.UnreadableAnswerError),
    row("200 with errors", says(http(200, b'{"success": true, "errors": ["x"]}')), ap.UnreadableAnswerError),
    row("success: false", says(http(200, NO)), ap.RejectedError),
    acknowledged("a byte order mark", b"\xef\xbb\xbf" + PAID, 123),
    acknowledged("no id", YES, ap.UnreadableAnswerError),
    with_id("a string", b'"123"', 123),
    with_id("a float", b"123.0", 123),
    with_id("a fraction", b"123.5", ap.UnreadableAnswerError),
    with_id("true", b"true", ap.UnreadableAnswerError),
    with_id("false", b"false", ap.UnreadableAnswerError),
    with_id("null", b"null", ap.UnreadableAnswerError),
    with_id("0", b"0", ap.UnreadableAnswerError),
    with_id("-1", b"-1", ap.UnreadableAnswerError),
    with_id("NaN", b"NaN", ap.UnreadableAnswerError),
    with_id("Infinity", b"Infinity", ap.UnreadableAnswerError),
    row(
        "the id is of 10,000 digits",
        says(http(200, b'{"success": true, "data": {"id": %b}}' % (b"9" * 10_000))),
        ap.UnreadableAnswerError,
    ),
]
STATUSES = {
    **dict.fromkeys((402, 405, 406, 410, 411, 413, 414, 415, 418, 431, 451), ap.RejectedError),
    400: ap.InvalidRequestError,
    401: ap.AuthenticationError,
    403: ap.PermissionDeniedError,
    404: ap.NotFoundError,
    422: ap.InvalidRequestError,
    429: ap.RateLimitError,
    **dict.fromkeys((408, 409, 460, 499), ap.OutcomeUnknownError),
    **dict.fromkeys((500, 501, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 530, 599), ap.ServerError),
    **dict.fromkeys((300, 301, 302, 303, 304, 307, 308, 600, 999), ap.UnreadableAnswerError),
}
ANSWERED = [
    row(f"{status} {name}", says(http(status, body)), expected, safe=status == 429)
    for status, expected in STATUSES.items()
    for name, body in (("JSON", NO), ("HTML", HTML), ("empty", b""))
    if not (status == 304 and body)
]
REDIRECTS = [
    row(
        f"{status} to {name}",
        redirects(status, to, body),
        ap.UnreadableAnswerError,
        registration=to if status == 301 and "/marketplace/" not in to else ...,
    )
    for status in (301, 302, 303, 307, 308)
    for name, to, body in (
        ("a path", "/elsewhere?a=b#c", b""),
        ("the same host", "{here}/elsewhere", b""),
        ("another host", "{elsewhere}/elsewhere", HTML),
        ("a login page", "{elsewhere}/login?next=%2Fmarketplace", HTML),
        ("where it was sent", "{elsewhere}/marketplace/partner/callback/redirect", b""),
    )
]
SLOW = [
    recorded("slow, but in time", slowly(WHOLE)),
    row("dripping headers", drips(raw(OK)[:-2] + b"X: "), ap.NoAnswerError, timeout=SHORT),
    row("a dripping body", drips(http(200, length=9999)), ap.UnreadableAnswerError, timeout=SHORT),
]
ROWS = CONNECTING + HANDSHAKE + PROXY + DROPPED + LENGTHS + NO_HTTP + BODIES + ANSWERED + REDIRECTS + SLOW
KINDS = ("sync", "asyncio", "trio")
# Under trio, Python complains that httpcore leaves the body of a request unread when the server is gone before.
LEFT_BEHIND = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <async_generator object ByteStream:pytest.PytestUnraisableExceptionWarning"
)
CASES = [
    pytest.param(it, way, kind, id=f"{it.name}-{way.value}-{kind}", marks=LEFT_BEHIND)
    for it in ROWS
    for way in it.ways
    for kind in KINDS
    if (it.timeout == LONG or way is Way.TUNNEL) and (kind != "trio" or (way is Way.TLS and it not in ANSWERED))
]
WAITING = [it for it in ROWS if it.timeout == SHORT and Way.TUNNEL not in it.ways]


@pytest.fixture(autouse=True, scope="module")
def _trust(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Trust our own authority, and no other."""
    path = tmp_path_factory.mktemp("trust") / "authority.pem"
    authority().cert_pem.write_to_path(str(path))
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_DIR"):
            patch.delenv(name, raising=False)
            patch.delenv(name.lower(), raising=False)
        patch.setenv("SSL_CERT_FILE", str(path))
        yield


@pytest.fixture(autouse=True)
def _no_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "uniform", lambda *_: 0.0)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[ScriptedServer]:
    """Another server, which would gladly answer."""
    with ScriptedServer(always=WHOLE) as server:
        yield server


def at_once(kind: str, *calls: str, recover: Callable[[], None] | None = None, **options: Any) -> list[object]:
    """Make these calls at once with one client, one more if the server can recover, and return the outcomes."""
    options = {"partner_token": TOKEN, "application_id": APPLICATION, "max_retries": RETRIES, **options}
    outcomes: list[object] = [None] * len(calls)

    if kind == "sync":
        with PartnerClient(**options) as client, ThreadPoolExecutor(len(calls)) as threads:

            def make(number: int) -> None:
                try:
                    outcomes[number] = getattr(client, calls[number])(**CALLS[calls[number]])
                except ap.AltegioError as error:
                    outcomes[number] = error

            list(threads.map(make, range(len(calls))))
            if recover:
                recover()
                assert client.notify_payment(**EXTRA) == 321
        return outcomes

    async def main() -> None:
        async with AsyncPartnerClient(**options) as client:

            async def make(number: int) -> None:
                try:
                    outcomes[number] = await getattr(client, calls[number])(**CALLS[calls[number]])
                except ap.AltegioError as error:
                    outcomes[number] = error

            async with anyio.create_task_group() as tasks:
                for number in range(len(calls)):
                    tasks.start_soon(make, number)
            if recover:
                recover()
                assert await client.notify_payment(**EXTRA) == 321

    anyio.run(main, backend=kind)
    return outcomes


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.parametrize(("it", "way", "kind"), CASES)
def test_the_error_says_the_truth(
    it: Row, way: Way, kind: str, elsewhere: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    check(it, way, kind, elsewhere, monkeypatch)


@LEFT_BEHIND
@pytest.mark.parametrize("it", WAITING, ids=lambda it: it.name)
def test_the_error_says_the_truth_after_a_wait(
    it: Row, elsewhere: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All ways and clients wait at once, each with its own server. They delay each other, so they have longer."""
    it = evolve(it, timeout=2 * it.timeout)
    with ThreadPoolExecutor(len(it.ways) * len(KINDS)) as threads:
        checks = [threads.submit(check, it, way, kind, elsewhere, monkeypatch) for way in it.ways for kind in KINDS]
    for each in checks:
        each.result()


def check(it: Row, way: Way, kind: str, elsewhere: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with it.place(way) as place:
        if way is Way.TUNNEL:
            monkeypatch.setenv("HTTPS_PROXY", place.proxy or "")
        server = place.server
        if server:
            server.elsewhere = elsewhere.url
        recover = server.recover if server else None
        outcomes = at_once(kind, *CALLS, recover=recover, base_url=place.url, timeout=it.timeout)

    for method, outcome in zip(CALLS, outcomes, strict=True):
        expected = it.expected[method]
        if isinstance(outcome, ap.AltegioError):
            assert type(outcome) in (expected if isinstance(expected, tuple) else (expected,))
            assert outcome.safe_to_resend is (it.safe or type(outcome) is ap.NotSentError)
            assert (outcome.status_code is None) is isinstance(outcome, (ap.NotSentError, ap.NoAnswerError))
            assert (outcome.__cause__, outcome.__context__) == (None, None)
        elif isinstance(expected, str):
            assert outcome == expected.format(here=place.url, elsewhere=elsewhere.url)
        else:
            assert outcome == expected
    if server:
        attempts = 1 + RETRIES * it.safe
        assert requests_of(server) == {method: it.seen[method] * attempts for method in CALLS}
        if not isinstance(it.expected["notify_payment"], tuple):
            assert server.connections == len(CALLS) * attempts + 1  # and one of the healthy call
        assert not server.outlasted
        assert all(connect.startswith(f"CONNECT {HOST}:443 ".encode()) for connect in server.connects)
        assert TOKEN.encode() not in b"".join(server.connects)
    assert elsewhere.connections == 0


def requests_of(server: ScriptedServer) -> dict[str, int]:
    """Count the whole requests of each call, without the one that was made after the fault."""
    targets = [request.split()[1] for request in server.requests if b'"salon_id":999' not in request]
    assert set(targets) <= set(PATHS.values())
    return {method: targets.count(path) for method, path in PATHS.items()}


def test_the_table_promises_nothing_unsafe() -> None:
    assert len({it.name for it in ROWS}) == len(ROWS)
    for it in ROWS:
        for method, expected in it.expected.items():
            proven = it.seen[method] == 0 or expected is ap.RateLimitError
            assert it.seen[method] <= 1
            assert proven or not it.safe
            assert it.safe is (expected in (ap.NotSentError, ap.RateLimitError))


@pytest.fixture(params=["plain", "tls"])
def way(request: pytest.FixtureRequest) -> Way:
    return Way(request.param)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_five_calls_are_out_and_the_others_wait_for_their_turn(way: Way, kind: str) -> None:
    """The first five are never answered. The others are, though they wait for as long as one may take."""
    silent: list[socket.socket] = []
    too_early: list[bool] = []

    def five_stall(server: ScriptedServer, connection: socket.socket) -> None:
        if len(server.requests) <= TURNS:
            silent.append(connection)
            stall(server, connection)
        else:
            given_up, _, _ = select(silent, [], [], 0)
            too_early.append(not given_up)
            says(HEALTHY)(server, connection)

    with ScriptedServer(always=five_stall, way=way) as server:
        outcomes = at_once(kind, *["notify_payment"] * (TURNS + 3), base_url=server.url, timeout=SHORT)
    assert Counter(map(type, outcomes)) == {ap.NoAnswerError: TURNS, int: 3}
    assert len(server.requests) == server.connections == TURNS + 3
    assert too_early == [False] * 3


def in_a_row(kind: str, url: str, pause: Callable[[], object] = bool) -> list[object]:
    """Report two payments with one client, with a pause between them, and return the outcome of each."""
    outcomes: list[object] = []
    if kind == "sync":
        with PartnerClient(TOKEN, application_id=1, base_url=url) as client:
            outcomes.append(client.notify_payment(**PAYMENT))
            pause()
            try:
                outcomes.append(client.notify_payment(**PAYMENT))
            except ap.AltegioError as error:
                outcomes.append(type(error))
        return outcomes

    async def main() -> None:
        async with AsyncPartnerClient(TOKEN, application_id=1, base_url=url) as client:
            outcomes.append(await client.notify_payment(**PAYMENT))
            await anyio.to_thread.run_sync(pause)
            try:
                outcomes.append(await client.notify_payment(**PAYMENT))
            except ap.AltegioError as error:
                outcomes.append(type(error))

    anyio.run(main, backend=kind)
    return outcomes


KEPT = WHOLE.replace(b"Connection: close\r\n", b"")


@pytest.mark.parametrize("end", [close, reset, say_goodbye], ids=["close", "reset", "goodbye"])
def test_a_kept_tls_connection_that_drops_the_next_call_leaves_it_unknown(kind: str, end: Action) -> None:
    with ScriptedServer(says(KEPT, go_on), end, way=Way.TLS) as server:
        assert in_a_row(kind, server.url) == [123, ap.NoAnswerError]
    assert len(server.requests) == 2
    assert server.connections == 1


@pytest.mark.parametrize("goodbye", [False, True], ids=["close", "goodbye"])
def test_a_kept_tls_connection_that_ended_meanwhile_is_not_used(kind: str, goodbye: bool) -> None:
    go, gone = threading.Event(), threading.Event()

    def end(server: ScriptedServer, connection: socket.socket) -> None:
        go.wait(10)
        if goodbye:
            begin_goodbye(connection)
        else:
            connection.shutdown(socket.SHUT_WR)
        gone.set()
        server.stop.wait(10)

    def pause() -> None:
        go.set()
        gone.wait(10)

    with ScriptedServer(says(KEPT, end), says(HEALTHY), way=Way.TLS) as server:
        assert in_a_row(kind, server.url, pause) == [123, 321]
    assert len(server.requests) == server.connections == 2


def begin_goodbye(connection: socket.socket) -> None:
    """Say goodbye as TLS does, and leave the connection open for that of the client."""
    assert isinstance(connection, ssl.SSLSocket)
    connection.setblocking(False)
    with pytest.raises(ssl.SSLWantReadError):
        connection.unwrap()
    connection.setblocking(True)


@linux
@pytest.mark.parametrize("more", ["another answer", "goodbye", "garbage"])
def test_what_tls_holds_back_is_not_for_the_next_call(kind: str, more: str) -> None:
    """It comes together with an answer, in a separate record."""

    def say_more(server: ScriptedServer, connection: socket.socket) -> None:
        with one_segment(connection):
            connection.sendall(KEPT)
            if more == "goodbye":
                begin_goodbye(connection)
            elif more == "garbage":
                socket.socket.sendall(connection, b"\x17\x03\x03\x00\x20" + b"x" * 32)
            else:
                connection.sendall(KEPT.replace(b"123", b"666"))
        go_on(server, connection)

    with ScriptedServer(say_more, says(HEALTHY), way=Way.TLS) as server:
        assert in_a_row(kind, server.url) == [123, 321]
    assert len(server.requests) == server.connections == 2


def test_connecting_does_not_change_what_all_threads_share(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """To set what is offered in ALPN frees what a handshake in another thread may be sending."""
    changes: list[object] = []
    with ScriptedServer(always=says(HEALTHY), way=Way.TLS) as server:
        at_once(kind, "notify_payment", base_url=server.url)  # the certificates are read
        monkeypatch.setattr(ssl.SSLContext, "set_alpn_protocols", lambda *given: changes.append(given))
        assert at_once(kind, "notify_payment", base_url=server.url) == [321]
    assert changes == []


def test_http_1_is_what_tls_is_asked_for(kind: str) -> None:
    offered: list[object] = []

    def answer(server: ScriptedServer, connection: socket.socket) -> None:
        offered.append(cast_tls(connection).selected_alpn_protocol())
        says(HEALTHY)(server, connection)

    with ScriptedServer(always=answer, way=Way.TLS, certificate="asks for HTTP/1.1 or 2") as server:
        at_once(kind, "notify_payment", base_url=server.url, max_retries=0)
    assert offered == ["http/1.1"]


def cast_tls(connection: socket.socket) -> ssl.SSLSocket:
    assert isinstance(connection, ssl.SSLSocket)
    return connection


def interrupts(server: ScriptedServer, connection: socket.socket) -> None:
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    stall(server, connection)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_while_the_call_is_out(way: Way) -> None:
    with (
        ScriptedServer(always=interrupts, way=way) as server,
        PartnerClient(TOKEN, application_id=1, base_url=server.url) as client,
    ):
        with pytest.raises(KeyboardInterrupt) as caught:
            client.notify_payment(**PAYMENT)
        server.recover()
        assert [client.notify_payment(**EXTRA) for _ in range(TURNS)] == [321] * TURNS
    assert caught.value.__notes__ == [NOTE]
    assert requests_of(server)["notify_payment"] == 1


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_cancelled_while_the_call_is_out(way: Way, kind: str) -> None:
    notes: list[str] = []

    async def pay(client: AsyncPartnerClient) -> None:
        try:
            await client.notify_payment(**PAYMENT)
        except anyio.get_cancelled_exc_class() as cancelled:
            notes.extend(getattr(cancelled, "__notes__", []))
            raise

    async def main(server: ScriptedServer) -> None:
        async with AsyncPartnerClient(TOKEN, application_id=1, base_url=server.url) as client:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(pay, client)
                await anyio.to_thread.run_sync(server.wait_for, 1)
                tasks.cancel_scope.cancel()
            server.recover()
            assert [await client.notify_payment(**EXTRA) for _ in range(TURNS)] == [321] * TURNS

    with ScriptedServer(always=stall, way=way) as server:
        anyio.run(main, server, backend=kind)
    assert notes == [NOTE]
    assert requests_of(server)["notify_payment"] == 1
