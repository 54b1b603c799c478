"""An HTTP server for the sandbox: sockets and HTTP, independent of the content."""

import traceback
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Protocol

import anyio
import h11
from anyio.abc import Listener, SocketAttribute, SocketStream, TaskStatus
from anyio.from_thread import start_blocking_portal

from .api import Request, Response

_DRIP_INTERVAL = 0.2  # seconds between two bytes of a body
_ACCEPT_PAUSE = 0.1  # seconds until connections are accepted again
_MAX_BODY = 1024 * 1024  # bytes of a request


class App(Protocol):
    """The application that is served."""

    async def answer(self, request: Request) -> Response:
        """Answer a request."""
        ...

    async def watch(self) -> None:
        """Run background work until cancelled."""


def print_traceback() -> None:
    """Print the current exception to standard error, if that is open."""
    with suppress(OSError, ValueError):
        traceback.print_exc()


@contextmanager
def serving(app: App, host: str, port: int) -> Generator[str, None, None]:
    """Serve in a separate thread while the block runs. Yields the base URL."""
    with start_blocking_portal() as portal:
        server, url = portal.start_task(_serve, app, host, port)
        try:
            yield url
        finally:
            server.cancel()


async def _serve(app: App, host: str, port: int, *, task_status: TaskStatus[str]) -> None:
    async def connect(stream: SocketStream) -> None:
        async with stream:
            try:
                await _serve_connection(stream, app)
            except (h11.RemoteProtocolError, anyio.BrokenResourceError):
                return  # the client's fault: close the connection
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
        task_status.started(f"http://{name}:{listener.extra(SocketAttribute.local_port)}")  # noqa: S610
        tasks.start_soon(app.watch)
        for one in listener.listeners:
            tasks.start_soon(listen, one)


async def _serve_connection(stream: SocketStream, app: App) -> None:
    """Answer the requests of one connection, until either side closes it."""
    http = h11.Connection(h11.SERVER)
    address = str(stream.extra(SocketAttribute.remote_address, ("gone",))[0])  # noqa: S610  not Django's extra()
    while http.states == {h11.CLIENT: h11.IDLE, h11.SERVER: h11.IDLE}:
        request = await _receive(http, stream, address)
        if request is None:
            return
        response = await _answer(app, request)
        close = [] if http.their_state is h11.DONE else [("connection", "close")]  # the rest of the body is not read
        headers = [*response.headers.items(), ("content-length", str(len(response.body))), *close]
        encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers]
        head = http.send(h11.Response(status_code=response.status, headers=encoded))
        body = b"" if request.method == "HEAD" else http.send(h11.Data(response.body))
        http.send(h11.EndOfMessage())
        if response.transfer == "dropped":
            return
        if response.transfer == "stalled":
            await _wait_for_close(stream)
            return
        if response.transfer == "cut":
            await stream.send(head + body[: len(body) // 2])
            return
        if response.transfer == "dripped":
            await stream.send(head)
            for byte in body:
                await stream.send(bytes([byte]))
                await anyio.sleep(_DRIP_INTERVAL)
        else:
            await stream.send(head + body)
        if http.our_state is h11.DONE and http.their_state is h11.DONE:
            http.start_next_cycle()


async def _answer(app: App, request: Request) -> Response:
    if len(request.body) > _MAX_BODY:
        return Response(413, body=b"The body is larger than 1 MiB.")
    if request.method == "CONNECT":  # its response would have no body
        return Response(501, body=b"The sandbox is not a proxy.")
    try:
        return await app.answer(request)
    except Exception:  # noqa: BLE001  one call must not affect the others
        print_traceback()
        return Response(500, body=b"The sandbox has a bug: see the traceback in its standard error.")


async def _wait_for_close(stream: SocketStream) -> None:
    with suppress(anyio.EndOfStream):
        while True:
            await stream.receive()


async def _receive(http: h11.Connection, stream: SocketStream, address: str) -> Request | None:
    """Return the next request, or None when the client has closed the connection. Larger bodies are cut."""
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            if http.they_are_waiting_for_100_continue:
                await stream.send(http.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
            try:
                http.receive_data(await stream.receive())
            except anyio.EndOfStream:
                http.receive_data(b"")
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data) and len(body) <= _MAX_BODY:
            body += event.data
        elif isinstance(event, (h11.Data, h11.EndOfMessage)) and head:
            headers = {name.decode(): value.decode("latin-1") for name, value in head.headers}
            path = head.target.decode("latin-1").partition("?")[0]
            base_url = f"http://{headers.get('host', '')}"
            return Request(head.method.decode(), path, headers, bytes(body), base_url, address)
        else:
            return None
