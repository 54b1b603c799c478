"""An HTTP server for the sandbox: sockets, TLS and HTTP, independent of the content."""

import re
import ssl
import traceback
from collections.abc import AsyncIterator, Generator, Mapping
from contextlib import contextmanager, suppress
from email.utils import formatdate
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlsplit

import anyio
import h11
from anyio.abc import ByteStream, Listener, SocketAttribute, SocketStream, TaskStatus
from anyio.from_thread import start_blocking_portal
from anyio.streams.tls import TLSStream
from attrs import frozen

from .api import Request, Response
from .call_log import log

_DRIP_INTERVAL = 0.2  # seconds between two bytes of a body
_ACCEPT_PAUSE = 0.1  # seconds until connections are accepted again
_READ_TIMEOUT = 30.0  # seconds for a request that has begun, and for a TLS handshake
_IDLE_TIMEOUT = 60.0  # seconds until the next request of a connection
_LINGER = 1.0  # seconds
_MAX_BODY = 1024 * 1024  # bytes of a request
_TLS_HANDSHAKE = b"\x16\x03"
_QUOTED = re.compile(r":? (?:bytearray\()?b['\"]")


@frozen
class EventStream:
    """A response without an end: each piece is sent as soon as it is available."""

    headers: Mapping[str, str]
    pieces: AsyncIterator[bytes]


class App(Protocol):
    """The application that is served."""

    async def answer(self, request: Request) -> Response | EventStream:
        """Answer a request."""
        ...

    async def watch(self) -> None:
        """Run background work until cancelled."""


class _RefusedError(Exception):
    """A client did not send a valid request. Has the status of the response, and the reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def print_traceback() -> None:
    """Print the current exception to standard error, if that is open."""
    with suppress(OSError, ValueError):
        traceback.print_exc()


@contextmanager
def serving(app: App, host: str, port: int, tls: ssl.SSLContext | None) -> Generator[str, None, None]:
    """Serve in a separate thread while the block runs. Yields the base URL."""
    with start_blocking_portal() as portal:
        server, url = portal.start_task(_serve, app, host, port, tls)
        try:
            yield url
        finally:
            server.cancel()


async def _serve(app: App, host: str, port: int, tls: ssl.SSLContext | None, *, task_status: TaskStatus[str]) -> None:
    async def connect(stream: SocketStream) -> None:
        async with stream:
            try:
                await _connect(stream, app, tls)
            except anyio.BrokenResourceError:
                return  # the client has closed the connection
            except Exception:  # noqa: BLE001  one connection must not affect the others
                print_traceback()

    async def listen(listener: Listener[SocketStream]) -> None:
        while True:
            try:
                await listener.serve(connect, tasks)
            except OSError:  # too many open connections, for example: wait until some are closed
                print_traceback()
                await anyio.sleep(_ACCEPT_PAUSE)

    async with (
        await anyio.create_tcp_listener(local_host=host, local_port=port) as listener,
        anyio.create_task_group() as tasks,
    ):
        name = f"[{host}]" if ":" in host else host
        scheme = "https" if tls else "http"
        task_status.started(f"{scheme}://{name}:{listener.extra(SocketAttribute.local_port)}")  # noqa: S610
        tasks.start_soon(app.watch)
        for one in listener.listeners:
            tasks.start_soon(listen, one)


async def _connect(stream: SocketStream, app: App, tls: ssl.SSLContext | None) -> None:
    address = str(stream.extra(SocketAttribute.remote_address, ("gone",))[0])  # noqa: S610  not Django's extra()
    if tls is None:
        await _serve_connection(_Connection(stream, address, "http"), app)
        return
    try:
        with anyio.fail_after(_READ_TIMEOUT):
            secure = await TLSStream.wrap(stream, server_side=True, ssl_context=tls, standard_compatible=False)
    except (ssl.SSLError, anyio.EndOfStream, TimeoutError) as error:
        reason = getattr(error, "reason", None) or type(error).__name__
        log.warning("%s: the TLS handshake failed (%s). Does the client trust the CA file?", address, reason)
        return
    await _serve_connection(_Connection(secure, address, "https"), app)


class _Connection:
    """A connection, and the state of HTTP on it."""

    def __init__(self, stream: ByteStream, address: str, scheme: str) -> None:
        self.stream = stream
        self.address = address
        self.scheme = scheme
        self.http = h11.Connection(h11.SERVER)

    async def next_event(self, seconds: float) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        """Return the next HTTP event, after at most one read. Raises TimeoutError, or an error if it is not HTTP."""
        try:
            event = self.http.next_event()
        except h11.RemoteProtocolError as error:
            problem = _QUOTED.split(str(error))[0]  # without what was sent: it may be a secret
            raise _RefusedError(error.error_status_hint, f"This is not HTTP: {problem}.") from None
        if event is not h11.NEED_DATA:
            return event
        if self.http.they_are_waiting_for_100_continue:
            await self.stream.send(self.http.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
        data = b""
        with suppress(anyio.EndOfStream), anyio.fail_after(seconds):
            data = await self.stream.receive()
        if self.http.their_state is h11.IDLE and data.startswith(_TLS_HANDSHAKE):
            raise _RefusedError(400, "This port does not use TLS: write http://, or start it with --tls.")
        self.http.receive_data(data)
        return event

    def head(self, status: int, headers: list[tuple[str, str]]) -> bytes:
        """Return the bytes of a status line and headers."""
        encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers]
        encoded.append((b"date", formatdate(usegmt=True).encode()))
        return self.http.send(h11.Response(status_code=status, headers=encoded, reason=_phrase(status)))

    async def refuse(self, refused: _RefusedError) -> None:
        """Respond to an invalid request, and log it."""
        log.warning("%s: %s", self.address, refused)
        body = f"{refused}\n".encode()
        headers = [("content-type", "text/plain"), ("content-length", str(len(body))), ("connection", "close")]
        await self.stream.send(self.head(refused.status, headers) + self.http.send(h11.Data(body)))
        await self.linger()

    async def linger(self) -> None:
        """Read remaining bytes for a moment: if a connection is closed with unread bytes, the response is lost."""
        with anyio.move_on_after(_LINGER), suppress(anyio.EndOfStream):
            if isinstance(self.stream, SocketStream):  # with TLS, the end would be that of both directions
                await self.stream.send_eof()
            while True:
                await self.stream.receive()


async def _serve_connection(connection: _Connection, app: App) -> None:
    """Answer the requests of one connection, until either side closes it."""
    http = connection.http
    while http.states == {h11.CLIENT: h11.IDLE, h11.SERVER: h11.IDLE}:
        try:
            request = await _receive(connection)
        except _RefusedError as refused:
            await connection.refuse(refused)
            return
        if request is None:
            return
        answer = await _answer(app, request)
        if isinstance(answer, EventStream):
            await _send_events(connection, answer)  # until the client leaves
        elif not await _send(connection, request, answer):
            return
        if http.their_state is h11.SEND_BODY:
            await connection.linger()
        elif http.states == {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}:
            http.start_next_cycle()


async def _send(connection: _Connection, request: Request, response: Response) -> bool:
    """Send a response. Returns whether the connection can be used again."""
    http, stream = connection.http, connection.stream
    await anyio.sleep(response.delay)
    close = [] if http.their_state is h11.DONE else [("connection", "close")]  # the rest of the body is not read
    head = connection.head(
        response.status, [*response.headers.items(), ("content-length", str(len(response.body))), *close]
    )
    body = b"" if request.method == "HEAD" else http.send(h11.Data(response.body))
    http.send(h11.EndOfMessage())
    match response.transfer:
        case "dropped":
            return False
        case "stalled":
            await _wait_for_close(stream)
            return False
        case "cut":
            await stream.send(head + body[: len(body) // 2])
            return False
        case "dripped":
            await stream.send(head)
            for byte in body:
                await stream.send(bytes([byte]))
                await anyio.sleep(_DRIP_INTERVAL)
        case _:
            await stream.send(head + body)
    return True


async def _send_events(connection: _Connection, events: EventStream) -> None:
    await connection.stream.send(connection.head(200, [*events.headers.items(), ("connection", "close")]))
    async for piece in events.pieces:
        await connection.stream.send(connection.http.send(h11.Data(piece)))


async def _answer(app: App, request: Request) -> Response | EventStream:
    if len(request.body) > _MAX_BODY:
        return Response(413, body=b"The body is larger than 1 MiB.")
    if request.method == "CONNECT":  # its response would have no body
        return Response(501, body=b"The sandbox is not a proxy.")
    try:
        return await app.answer(request)
    except Exception:  # noqa: BLE001  one call must not affect the others
        print_traceback()
        return Response(500, body=b"The sandbox has a bug: see the traceback in its standard error.")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown Error"


async def _wait_for_close(stream: ByteStream) -> None:
    with suppress(anyio.EndOfStream):
        while True:
            await stream.receive()


async def _receive(connection: _Connection) -> Request | None:
    """Return the next request, or None when the client has closed the connection. Larger bodies are cut."""
    head: h11.Request | None = None
    body = bytearray()
    deadline: float | None = None  # from the first byte on
    while True:
        try:
            event = await connection.next_event(deadline - anyio.current_time() if deadline else _IDLE_TIMEOUT)
        except TimeoutError:
            if deadline is None:
                return None
            raise _RefusedError(408, f"The request did not arrive within {_READ_TIMEOUT:g} seconds.") from None
        deadline = deadline or anyio.current_time() + _READ_TIMEOUT
        if isinstance(event, h11.Request):
            if event.http_version > b"1.1":
                raise _RefusedError(505, "This port speaks HTTP/1.1 only.")
            head = event
        elif isinstance(event, h11.Data) and len(body) <= _MAX_BODY:
            body += event.data
        elif isinstance(event, (h11.Data, h11.EndOfMessage)) and head:
            return _request(connection, head, bytes(body))
        elif event is not h11.NEED_DATA:
            return None


def _request(connection: _Connection, head: h11.Request, body: bytes) -> Request:
    headers: dict[str, str] = {}
    for raw_name, raw_value in head.headers:
        name, value = raw_name.decode(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    target = head.target.decode("latin-1")
    path, _, query = target.partition("?")
    if "://" in path and not path.startswith("/"):  # the absolute form, as for a proxy: its host counts
        with suppress(ValueError):
            parts = urlsplit(path)
            headers["host"], path = parts.netloc, parts.path or "/"
    base_url = f"{connection.scheme}://{headers.get('host', '')}"
    return Request(head.method.decode(), path, headers, body, base_url, connection.address, query)
