"""One HTTP connection, direct or through a proxy, as a flow: it yields the steps of I/O.

h11 implements HTTP, as in httpcore, whose public network streams do the I/O.
"""

import ssl
import time
from collections.abc import Generator
from contextlib import suppress
from typing import Any, TypeAlias, TypeVar

import h11
import httpcore
import httpx
from attrs import frozen

from altegio_partner import clock
from altegio_partner.progress import EXTENSION, Progress
from altegio_partner.reason import Explained

from .proxies import Proxy

_MAX_HEAD = 100 * 1024  # bytes
_MAX_READ = 64 * 1024
_MAX_REUSED = 16 * 1024  # bytes of an answer; behind larger ones, asyncio may buffer surplus data unseen
_KEPT = 2.0  # seconds; common servers close after 5, and a call that is sent at that moment may be lost

T = TypeVar("T")


class ProxyRefusal(Explained):
    """A proxy rejected the connection."""


class TooLateToSend(Explained):
    """The deadline for sending the request has passed."""


@frozen
class Connect:
    """Open a connection."""

    host: str
    port: int


@frozen
class StartTLS:
    """Perform the TLS handshake."""

    context: ssl.SSLContext
    host: str


@frozen
class Content:
    """Return the whole body of a request."""

    stream: object


@frozen
class Write:
    """Send these bytes."""

    data: bytes


@frozen
class Read:
    """Return the next bytes, at most `at_most`; none at the end."""

    at_most: int = _MAX_READ


Step: TypeAlias = Connect | StartTLS | Content | Write | Read
Steps: TypeAlias = Generator[Step, Any, T]


@frozen(eq=False)
class Route:
    """A server, and how to connect to it."""

    host: str
    port: int
    context: ssl.SSLContext | None
    """The SSL context, or None for plain HTTP."""
    proxy: Proxy | None = None
    proxy_context: ssl.SSLContext | None = None

    def __str__(self) -> str:
        return _address(self.host, self.port)


class Connection:
    """A connection to one server."""

    stream: Any = None
    """A stream of httpcore, sync or async; None before it is open."""
    deadline: float | None = None
    """When the attempt ends, in `time.monotonic()`: connecting, writing and reading share its time."""

    received = 0
    """The bytes received for this request, on an async stream."""

    def __init__(self, route: Route) -> None:
        self.route = route
        self.progress = Progress()
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD)
        self._proxy_tls: Any = None
        self._may_be_followed = False  # by a body that does not belong there, and may come late
        self._idle_since = (0.0, 0.0)

    def begin(self, request: httpx.Request) -> None:
        """Prepare the connection for a request."""
        self.received = 0
        seconds = [each for each in request.extensions.get("timeout", {}).values() if each is not None]
        self.deadline = time.monotonic() + max(seconds) if seconds else None
        self.progress = request.extensions.get(EXTENSION) or Progress()
        self.progress.has_sent = self.progress.has_sent or False  # once sent, always sent, even if it is sent again

    def time_left(self) -> float | None:
        """Return the remaining seconds of the attempt, or raise TimeoutError."""
        left = None if self.deadline is None else self.deadline - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError
        return left

    def exchange(self, request: httpx.Request) -> Steps[h11.Response]:
        """Send a request, and return the head of the response."""
        if self.stream is None:
            yield from self._open()
        try:
            content = yield Content(request.stream)  # only now: if connecting fails, another transport may read it
        except httpx.StreamConsumed:
            self.progress.has_sent = True  # what has read it may have sent it
            raise
        head = h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
        pieces = (head, h11.Data(data=content), h11.EndOfMessage()) if content else (head, h11.EndOfMessage())
        data = b"".join(self._http.send(piece) or b"" for piece in pieces)
        if self.progress.may_leave_until is not None and clock.elapsed() > self.progress.may_leave_until:
            raise TooLateToSend("too late to send it")
        self.progress.has_sent, self.progress.doing = True, f"waiting for the answer of {self.route}"
        with suppress(httpcore.WriteError):  # a server may reject and close before it has read all of it
            yield Write(data)
        response = yield from _response(self._http)
        self._may_be_followed = request.method == "HEAD" or _is_followed_by_body(response)
        return response

    def chunk(self) -> Steps[bytes | None]:
        """Return the next piece of the body, or None at its end."""
        event = yield from _event(self._http)
        return bytes(event.data) if isinstance(event, h11.Data) else None

    def finish(self) -> bool:
        """Return whether the connection can be reused: the response was read to its end, and nothing follows it."""
        http = self._http
        behind = http.trailing_data[0] or _held_back(self.stream.get_extra_info("ssl_object"))
        self.progress.has_surplus = bool(behind)
        if not (http.our_state is http.their_state is h11.DONE) or behind is not None:
            return False
        if self._may_be_followed or self.received > _MAX_REUSED or _held_back(self._proxy_tls) is not None:
            return False  # the TLS of the proxy has buffered data for the TLS within it
        http.start_next_cycle()
        self._idle_since = time.monotonic(), time.time()
        return True

    def is_fresh(self) -> bool:
        """Return whether it was idle for a short time only, by two clocks: one may stop while the machine sleeps."""
        idle = time.monotonic() - self._idle_since[0], time.time() - self._idle_since[1]
        return all(0 <= seconds <= _KEPT for seconds in idle)

    def is_usable(self) -> bool:
        """Return whether a kept connection is fresh, and nothing was received on it meanwhile."""
        if not self.is_fresh() or self.stream.get_extra_info("is_readable"):
            return False
        return _held_back(self.stream.get_extra_info("ssl_object")) is _held_back(self._proxy_tls) is None

    def _open(self) -> Steps[None]:
        route, proxy = self.route, self.route.proxy
        if proxy is None:
            self.progress.doing = f"connecting to {route}"
            yield Connect(route.host, route.port)
        else:
            self.progress.doing = f"connecting to the proxy {_address(proxy.host, proxy.port)}"
            yield Connect(proxy.host, proxy.port)
            if route.proxy_context:
                self.progress.doing = f"agreeing on TLS with the proxy {_address(proxy.host, proxy.port)}"
                yield StartTLS(route.proxy_context, proxy.host)
                self._proxy_tls = self.stream.get_extra_info("ssl_object")
            self.progress.doing = f"asking the proxy {_address(proxy.host, proxy.port)} for {route}"
            yield from (_pass_socks(proxy, route) if proxy.is_socks else _pass_tunnel(proxy, route))
        if route.context:
            self.progress.doing = f"agreeing on TLS with {route}"
            yield StartTLS(route.context, route.host)
            if self.stream.get_extra_info("ssl_object").selected_alpn_protocol() == "h2":
                raise Explained("ssl_context offers HTTP/2, which is not supported: offer http/1.1 only")


def _event(http: h11.Connection) -> Steps[Any]:
    while (event := http.next_event()) is h11.NEED_DATA:
        data = yield Read()
        if not data and http.their_state is h11.SEND_RESPONSE:
            raise Explained("closed without an answer")
        http.receive_data(data)
    return event


def _response(http: h11.Connection) -> Steps[h11.Response]:
    while not isinstance(event := (yield from _event(http)), h11.Response):
        if _has_body_headers(event):  # 100 and the like
            raise Explained("an informational response with a body")
    return event


def _has_body_headers(head: h11.Response | h11.InformationalResponse) -> bool:
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and int(value)) for name, value in head.headers
    )


def _is_followed_by_body(head: h11.Response) -> bool:
    """Return whether a response without a body announces one, or announces its end in two ways."""
    is_ambiguous = {b"transfer-encoding", b"content-length"} <= {name for name, _ in head.headers}
    return is_ambiguous or (head.status_code in (204, 304) and _has_body_headers(head))


def _pass_tunnel(proxy: Proxy, route: Route) -> Steps[None]:
    http, target = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD), str(route)
    headers = [("Host", target), ("Accept", "*/*"), *proxy.headers]
    request = http.send(h11.Request(method="CONNECT", target=target, headers=headers)) or b""
    http.send(h11.EndOfMessage())
    yield Write(request)
    answer = yield from _response(http)
    if not 200 <= answer.status_code < 300:
        raise ProxyRefusal(f"the proxy answered {answer.status_code}")
    if http.trailing_data[0] or (route.context is None and _has_body_headers(answer)):  # TLS would not take it for HTTP
        raise ProxyRefusal("the proxy sent more than its answer")


def _pass_socks(proxy: Proxy, route: Route) -> Steps[None]:
    """Ask a SOCKS5 proxy (RFC 1928, 1929), which resolves the name itself."""
    method = 0 if proxy.auth is None else 2
    yield Write(bytes([5, 1, method]))
    if (yield from _exactly(2)) != bytes([5, method]):
        raise ProxyRefusal("the proxy asks for another way to log in" if method else "the proxy asks for a login")
    if proxy.auth is not None:
        user, password = proxy.auth
        yield Write(bytes([1, len(user), *user, len(password), *password]))
        if (yield from _exactly(2))[1]:
            raise ProxyRefusal("the proxy does not accept user and password")
    host = route.host.encode()
    yield Write(bytes([5, 1, 0, 3, len(host), *host, *route.port.to_bytes(2, "big")]))
    _, code, _, kind = yield from _exactly(4)
    if code:
        raise ProxyRefusal(f"the proxy answered with error {code} of SOCKS")
    length = {1: 4, 4: 16}.get(kind) or (yield from _exactly(1))[0]
    yield from _exactly(length + 2)


def _exactly(count: int) -> Steps[bytes]:
    received = b""
    while len(received) < count:
        data = yield Read(count - len(received))
        if not data:
            raise ProxyRefusal("the proxy closed the connection")
        received += data
    return received


def _held_back(tls: Any) -> bytes | None:  # noqa: ANN401  of a socket, or of an async stream
    """Return the data that TLS has received but not delivered: bytes, empty bytes at its end, or None."""
    if not isinstance(tls, ssl.SSLObject):
        return b"?" if tls is not None and tls.pending() else None
    try:
        return tls.read(1)
    except ssl.SSLError as error:
        return None if isinstance(error, ssl.SSLWantReadError) else b""


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
