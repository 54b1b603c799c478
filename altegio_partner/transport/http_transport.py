"""The transport, which opens and keeps the connections of both clients."""

import ssl
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from functools import partial
from typing import Self, cast

import anyio
import h11
import httpcore
import httpx

from altegio_partner.bad_argument import bad_argument
from altegio_partner.flow import drive, drive_async
from altegio_partner.reason import reason_of
from altegio_partner.redaction import hide_locals
from altegio_partner.sharing import PerLoop, PerProcess
from altegio_partner.urls import is_local

from .certificates import trusted_certificates
from .connection import Connect, Connection, Content, ProxyRefusal, Read, Route, Step, TooLateToSend, Write
from .proxies import environment_proxy, parse_proxy
from .tls_in_tls import TLSInTLS

_BACKEND = httpcore.SyncBackend()
_ASYNC_BACKEND = cast(httpcore.AsyncNetworkBackend, httpcore.AnyIOBackend())  # of asyncio and of trio


class HTTPTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Sends requests over HTTP/1.1, plain or with TLS, for `PartnerClient` and `AsyncPartnerClient`.

    Pass one as their `transport` to use custom certificates or a proxy. Connections are kept for 2 seconds, in the
    process and event loop that opened them: it may be used before and after a fork, in several threads, and in
    consecutive event loops. A request is sent at most once, and its timeout limits it as a whole.

    Args:
        ssl_context: The SSL context. Default: certifi's certificates, or those of the environment variables
            SSL_CERT_FILE or SSL_CERT_DIR. It must not offer HTTP/2.
        proxy: The URL of a proxy, used as a tunnel: http://, https://, socks5:// or socks5h://. Default: the proxy of
            the environment variables HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, unless NO_PROXY lists the host.
        trust_env: Whether to use a proxy of the environment. It is never used for http to this machine.

    Raises:
        ValueError: An argument or an environment variable is invalid; the message says which.
    """

    def __init__(
        self, *, ssl_context: ssl.SSLContext | None = None, proxy: str | None = None, trust_env: bool = True
    ) -> None:
        if ssl_context is not None and not isinstance(ssl_context, ssl.SSLContext):
            raise bad_argument("ssl_context", "an ssl.SSLContext", ssl_context)
        if proxy is not None and not isinstance(proxy, str):
            raise bad_argument("proxy", "the URL of a proxy, as a string")
        self._context = ssl_context
        with hide_locals():
            self._proxy = None if proxy is None else parse_proxy(proxy, "proxy")
        self._trusts_environment = trust_env
        self._routes: dict[tuple[str, str, int | None], Route] = {}
        self._kept = PerProcess(_Kept)
        self._kept_in_loop = PerLoop(_Kept)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def find_route(self, url: httpx.URL) -> Route:
        """Return the route to a URL, or raise a ValueError that names the invalid setting."""
        route = self._routes.get(key := (url.scheme, url.host, url.port))
        if route is None:
            route = self._routes[key] = self._new_route(url)
        return route

    def _new_route(self, url: httpx.URL) -> Route:
        if url.scheme not in ("http", "https"):
            raise httpx.UnsupportedProtocol("only http and https")
        asks_environment = self._trusts_environment and not is_local(str(url))  # a proxy does not reach this machine
        proxy = self._proxy or (environment_proxy(url) if asks_environment else None)
        uses_tls = url.scheme == "https", proxy is not None and proxy.scheme == "https"
        context = (self._context or trusted_certificates()) if any(uses_tls) else None
        port = url.port or (443 if uses_tls[0] else 80)
        return Route(
            url.raw_host.decode(), port, context if uses_tls[0] else None, proxy, context if uses_tls[1] else None
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and return the response, its body unread."""
        kept = self._kept.get()
        connection, stale = kept.take(self.find_route(request.url))
        try:
            _close(*stale)
            connection.begin(request)
            with _Failures(connection):
                head = drive(connection.exchange(request), partial(_do, connection))
        except BaseException:
            _close(connection)
            raise
        return _response(head, _Body(connection, kept))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and return the response, its body unread."""
        kept = self._kept_in_loop.get()
        await kept.watch_the_loop()
        connection, stale = kept.take(self.find_route(request.url))
        try:
            await _aclose(*stale)
            connection.begin(request)
            with _Failures(connection):
                head = await drive_async(connection.exchange(request), partial(_do_async, connection))
        except BaseException:
            await _aclose(connection)
            raise
        return _response(head, _Body(connection, kept))

    def close(self) -> None:
        """Close the idle connections of this process's threads. Requests in progress are completed."""
        _close(*self._kept.get().end())

    async def aclose(self) -> None:
        """Close the idle connections of this event loop. Requests in progress are completed."""
        await _aclose(*self._kept_in_loop.get().end())


class _Kept:
    """Idle connections, the newest last."""

    def __init__(self) -> None:
        self._idle: dict[Route, deque[Connection]] = {}
        self._has_ended = False
        self._watch: AsyncGenerator[None] | None = None

    def take(self, route: Route) -> tuple[Connection, list[Connection]]:
        """Return a connection, idle or not yet open, and the stale connections to close."""
        stale: list[Connection] = []
        idle = self._idle.setdefault(route, deque())
        with suppress(IndexError):  # none is left; another thread may have taken it
            while not idle[0].is_fresh():
                stale.append(idle.popleft())
            while True:
                connection = idle.pop()
                if connection.is_usable():
                    return connection, stale
                stale.append(connection)
        return Connection(route), stale

    def put(self, connection: Connection) -> list[Connection]:
        """Keep a connection, and return those to close."""
        self._idle.setdefault(connection.route, deque()).append(connection)
        return self.end() if self._has_ended else []

    def end(self) -> list[Connection]:
        """Stop keeping connections, and return those to close."""
        self._has_ended = True
        ended: list[Connection] = []
        for idle in list(self._idle.values()):  # other threads may be taking and putting
            with suppress(IndexError):
                while True:
                    ended.append(idle.pop())
        return ended

    async def watch_the_loop(self) -> None:
        """Close the idle connections when the event loop ends, even if the client is not closed."""
        if self._watch is None:
            self._watch = self._until_the_loop_ends()
            await anext(self._watch)

    async def _until_the_loop_ends(self) -> AsyncGenerator[None]:
        try:
            yield
        finally:
            await _aclose(*self.end())


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body of a response. Closing it keeps the connection if that is safe."""

    def __init__(self, connection: Connection, kept: _Kept) -> None:
        self._connection = connection
        self._kept: _Kept | None = kept

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._next, None)

    def _next(self) -> bytes | None:
        with _Failures(self._connection):
            return drive(self._connection.chunk(), partial(_do, self._connection))

    def close(self) -> None:
        _close(*self._end())

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._kept is None:
            raise StopAsyncIteration
        with _Failures(self._connection):
            chunk = await drive_async(self._connection.chunk(), partial(_do_async, self._connection))
        if chunk is None:
            raise StopAsyncIteration
        return chunk

    async def aclose(self) -> None:
        await _aclose(*self._end())

    def _end(self) -> list[Connection]:
        kept, self._kept = self._kept, None
        if kept is None:
            return []
        return kept.put(self._connection) if self._connection.finish() else [self._connection]


class _Failures:
    """Converts exceptions of its block to errors of httpx, whose class says whether anything was sent."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None: ...

    def __exit__(self, _: object, error: BaseException | None, frames: object) -> None:
        if not isinstance(error, Exception):
            return
        timed_out = isinstance(error, (TimeoutError, httpcore.TimeoutException, TooLateToSend))
        kind: type[httpx.TransportError]
        if not self._connection.progress.has_sent:
            self._connection.progress.has_sent = None  # the error says it; another transport may send it next
            no = httpx.ProxyError if isinstance(error, ProxyRefusal) else httpx.ConnectError
            kind = httpx.ConnectTimeout if timed_out else no
        elif timed_out:
            kind = httpx.ReadTimeout
        else:
            kind = httpx.ReadError if isinstance(error, httpcore.NetworkError) else httpx.RemoteProtocolError
        raise kind(reason_of(error, self._connection.progress.doing)) from None


def _response(head: h11.Response, body: _Body) -> httpx.Response:
    extensions = {"http_version": b"HTTP/" + head.http_version, "reason_phrase": head.reason}
    return httpx.Response(head.status_code, headers=head.headers.raw_items(), stream=body, extensions=extensions)


def _do(connection: Connection, step: Step) -> bytes | None:
    left, stream = connection.time_left(), connection.stream
    match step:
        case Read():
            data: bytes = stream.read(step.at_most, left)
            return data
        case Write():
            stream.write(step.data, left)
        case Content():
            return b"".join(cast(httpx.SyncByteStream, step.stream))  # `read` would allow sending it again
        case Connect():
            connection.stream = _BACKEND.connect_tcp(step.host, step.port, left)
        case _ if stream.get_extra_info("ssl_object"):
            connection.stream = TLSInTLS(stream, step.context, step.host, connection.time_left)
        case _:
            connection.stream = stream.start_tls(step.context, step.host, left)
    return None


async def _do_async(connection: Connection, step: Step) -> bytes | None:
    left, stream = connection.time_left(), connection.stream
    match step:
        case Read():
            data: bytes = await stream.read(step.at_most, left)
            connection.received += len(data)
            return data
        case Write():
            await stream.write(step.data, left)
        case Content():
            return b"".join([chunk async for chunk in cast(httpx.AsyncByteStream, step.stream)])
        case Connect():
            connection.stream = await _ASYNC_BACKEND.connect_tcp(step.host, step.port, left)
        case _:
            connection.stream = await stream.start_tls(step.context, step.host, left)
    return None


def _close(*connections: Connection) -> None:
    for connection in connections:
        if connection.stream is not None:
            connection.stream.close()


async def _aclose(*connections: Connection) -> None:
    for connection in connections:
        if connection.stream is not None:
            with anyio.CancelScope(shield=True):
                await connection.stream.aclose()
