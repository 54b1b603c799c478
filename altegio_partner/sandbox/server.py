"""The sandbox over HTTP: sockets, and nothing of what is said over them."""

import traceback
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Protocol

import anyio
import h11
from anyio.abc import Listener, SocketAttribute, SocketStream, TaskStatus
from anyio.from_thread import start_blocking_portal

from .altegio import Reply, Request

_DRIP = 0.2  # seconds from one byte of a body to the next
_PAUSE = 0.1  # seconds until connections are taken again
_LARGEST_BODY = 1024 * 1024  # bytes of a request


class Site(Protocol):
    """What is served."""

    async def answer(self, request: Request) -> Reply:
        """Answer a request."""
        ...

    async def watch(self) -> None:
        """Do what is to be done while nobody asks, until it is cancelled."""


def print_traceback() -> None:
    """Print the exception that is being handled, if standard error is there to take it."""
    with suppress(OSError, ValueError):
        traceback.print_exc()


@contextmanager
def serving(site: Site, host: str, port: int) -> Generator[str, None, None]:
    """Serve in a thread of its own as long as the block lasts, and give the base URL."""
    with start_blocking_portal() as portal:
        server, url = portal.start_task(_serve, site, host, port)
        try:
            yield url
        finally:
            server.cancel()


async def _serve(site: Site, host: str, port: int, *, task_status: TaskStatus[str]) -> None:
    async def converse(stream: SocketStream) -> None:
        async with stream:
            try:
                await _converse(stream, site)
            except (h11.RemoteProtocolError, anyio.BrokenResourceError):
                return  # the other side's affair: hang up
            except Exception:  # noqa: BLE001  one connection must not end the others
                print_traceback()

    async def listen(listener: Listener[SocketStream]) -> None:
        while True:
            try:
                await listener.serve(converse, tasks)
            except OSError:  # too many connections are open, say: wait for some to end
                print_traceback()
                await anyio.sleep(_PAUSE)

    async with (
        await anyio.create_tcp_listener(local_host=host, local_port=port) as listener,
        anyio.create_task_group() as tasks,
    ):
        name = f"[{host}]" if ":" in host else host
        task_status.started(f"http://{name}:{listener.extra(SocketAttribute.local_port)}")  # noqa: S610
        tasks.start_soon(site.watch)
        for one in listener.listeners:
            tasks.start_soon(listen, one)


async def _converse(stream: SocketStream, site: Site) -> None:
    """Answer the calls of one connection, until either side ends it."""
    http = h11.Connection(h11.SERVER)
    address = str(stream.extra(SocketAttribute.remote_address, ("gone",))[0])  # noqa: S610  it is no Django's
    while http.states == {h11.CLIENT: h11.IDLE, h11.SERVER: h11.IDLE}:
        request = await _receive(http, stream, address)
        if request is None:
            return
        reply = await _answer(site, request)
        close = [] if http.their_state is h11.DONE else [("connection", "close")]  # too much to read: do not
        headers = [*reply.headers.items(), ("content-length", str(len(reply.body))), *close]
        encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers]
        head = http.send(h11.Response(status_code=reply.status, headers=encoded))
        body = b"" if request.method == "HEAD" else http.send(h11.Data(reply.body))
        http.send(h11.EndOfMessage())
        if reply.delivery == "dropped":
            return
        if reply.delivery == "stalled":
            await _wait_for_the_end(stream)
            return
        if reply.delivery == "cut":
            await stream.send(head + body[: len(body) // 2])
            return
        if reply.delivery == "dripped":
            await stream.send(head)
            for byte in body:
                await stream.send(bytes([byte]))
                await anyio.sleep(_DRIP)
        else:
            await stream.send(head + body)
        if http.our_state is h11.DONE and http.their_state is h11.DONE:
            http.start_next_cycle()


async def _answer(site: Site, request: Request) -> Reply:
    if len(request.body) > _LARGEST_BODY:
        return Reply(413, body=b"A request has at most 1 MiB.")
    if request.method == "CONNECT":  # whose answer would have no body
        return Reply(501, body=b"This is no proxy.")
    try:
        return await site.answer(request)
    except Exception:  # noqa: BLE001  one call must not end the others
        print_traceback()
        return Reply(500, body=b"The sandbox has a fault of its own: its traceback stands where it was started.")


async def _wait_for_the_end(stream: SocketStream) -> None:
    with suppress(anyio.EndOfStream):
        while True:
            await stream.receive()


async def _receive(http: h11.Connection, stream: SocketStream, address: str) -> Request | None:
    """Return the next call, as much of it as is taken, or None when the other side has closed the connection."""
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
        elif isinstance(event, h11.Data) and len(body) <= _LARGEST_BODY:
            body += event.data
        elif isinstance(event, (h11.Data, h11.EndOfMessage)) and head:
            headers = {name.decode(): value.decode("latin-1") for name, value in head.headers}
            path = head.target.decode("latin-1").partition("?")[0]
            base_url = f"http://{headers.get('host', '')}"
            return Request(head.method.decode(), path, headers, bytes(body), base_url, address)
        else:
            return None
