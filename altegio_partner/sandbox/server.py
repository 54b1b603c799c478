"""The sandbox over HTTP: sockets, and nothing of what is said over them."""

from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

import anyio
import h11
from anyio.abc import SocketAttribute, SocketStream, TaskStatus
from anyio.from_thread import start_blocking_portal

from .altegio import Reply, Request

_THIS_MACHINE = "127.0.0.1"
_DRIP = 0.2  # seconds from one byte of a body to the next

Answers = Callable[[Request], Reply]


@contextmanager
def serving(answer: Answers, port: int) -> Generator[str, None, None]:
    """Serve this machine in a thread of its own as long as the block lasts, and give the base URL."""
    with start_blocking_portal() as portal:
        server, url = portal.start_task(_serve, answer, port)
        try:
            yield url
        finally:
            server.cancel()


async def _serve(answer: Answers, port: int, *, task_status: TaskStatus[str]) -> None:
    async def converse(stream: SocketStream) -> None:
        async with stream:
            with suppress(h11.RemoteProtocolError, anyio.BrokenResourceError):  # the other side's affair: hang up
                await _converse(stream, answer)

    async with await anyio.create_tcp_listener(local_host=_THIS_MACHINE, local_port=port) as listener:
        task_status.started(f"http://{_THIS_MACHINE}:{listener.extra(SocketAttribute.local_port)}")  # noqa: S610
        await listener.serve(converse)


async def _converse(stream: SocketStream, answer: Answers) -> None:
    """Answer the calls of one connection, until either side ends it."""
    http = h11.Connection(h11.SERVER)
    while http.states == {h11.CLIENT: h11.IDLE, h11.SERVER: h11.IDLE}:
        request = await _receive(http, stream)
        if request is None:
            return
        reply = answer(request)
        headers = [*reply.headers.items(), ("content-length", str(len(reply.body)))]
        head = http.send(h11.Response(status_code=reply.status, headers=headers))
        body = http.send(h11.Data(reply.body))
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
        if http.our_state is h11.DONE:
            http.start_next_cycle()


async def _wait_for_the_end(stream: SocketStream) -> None:
    with suppress(anyio.EndOfStream):
        while True:
            await stream.receive()


async def _receive(http: h11.Connection, stream: SocketStream) -> Request | None:
    """Return the next call, or None when the other side has closed the connection."""
    head: h11.Request | None = None
    body = b""
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            try:
                http.receive_data(await stream.receive())
            except anyio.EndOfStream:
                http.receive_data(b"")
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and head:
            headers = {name.decode(): value.decode("latin-1") for name, value in head.headers}
            return Request(head.method.decode(), head.target.decode("latin-1").partition("?")[0], headers, body)
        else:
            return None
