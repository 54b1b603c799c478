"""A server that breaks connections at random bytes, and knows what it got whole and what it answered.

Without faults it is a plain server that answers many calls quickly, and says whose call it was and how long the
connection had been idle: see `read_id`.
"""

import asyncio
import json
import random
import re
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol, Self

from attrs import frozen

CHUNK = 65536
BEFORE_REQUESTS = ("hello", "welcome")
_NUMBER = re.compile(rb'/refund/(\d+)|"salon_id": ?(\d+)')
_CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: ?(\d+)\r\n", re.IGNORECASE)
_SCALE = 1_000_000


def read_id(payment_id: int) -> tuple[int, float]:
    """Return the location that paid, and the seconds that the connection had been idle before: 0 when it was new."""
    salon_id, milliseconds = divmod(payment_id, _SCALE)
    return salon_id, milliseconds / 1000


def is_whole(content: bytes) -> bool:
    """Return whether this is a whole request."""
    head, end, body = content.partition(b"\r\n\r\n")
    length = _CONTENT_LENGTH.search(head + b"\r\n")
    return bool(end) and len(body) >= (int(length[1]) if length else 0)


def number_in(request: bytes) -> int:
    """Return the payment or the location that a request is about."""
    found = _NUMBER.search(request)
    assert found is not None
    return int(found[1] or found[2])


@frozen
class Fault:
    """The fault of one exchange, and after how many bytes as they travel.

    Sides of an exchange, in their order: with TLS, and on a fresh connection, "hello" and "welcome" are what client and
    server send until the client can send requests. "request" and "answer" are what follows.
    """

    kind: str
    side: str
    at: int
    waits: bool
    """Whether more must have arrived first. It is left unread."""


NO_FAULT = Fault("no fault", "none", 0, waits=False)


class Reached(Exception):  # noqa: N818  it is the plan
    """It is time for the fault."""


class Gone(Exception):  # noqa: N818  as clients may
    """The client has left."""


class Wire(Protocol):
    """Turns what travels into what is meant, and back."""

    def receive(self, raw: bytes) -> tuple[bytes, bytes]:
        """Return what these bytes mean, and what is to be sent because of them."""

    def wrap(self, content: bytes) -> bytes: ...


class PlainWire:
    def receive(self, raw: bytes) -> tuple[bytes, bytes]:
        return raw, b""

    def wrap(self, content: bytes) -> bytes:
        return content


class TlsWire:
    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    def receive(self, raw: bytes) -> tuple[bytes, bytes]:
        self._incoming.write(raw)
        content = b""
        try:
            while chunk := self._tls.read():  # this shakes hands first
                content += chunk
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:  # it says goodbye
            raise Gone from None
        return content, self._outgoing.read()

    def wrap(self, content: bytes) -> bytes:
        self._tls.write(content)
        return self._outgoing.read()


class Exchange:
    """One request and its answer, with the fault that is planned for it."""

    def __init__(self, connection: socket.socket, wire: Wire, fault: Fault, *, greets: bool) -> None:
        self.lengths = Counter[str]()
        """How many bytes have travelled, by side."""
        self._connection = connection
        self._wire = wire
        self._fault = fault
        self._greets = greets
        self._loop = asyncio.get_running_loop()

    async def receive(self) -> bytes:
        """Return the whole request."""
        content = b""
        while not is_whole(content):
            got, reply = self._wire.receive(await self._read("hello" if self._greets else "request"))
            content += got
            if not reply:
                continue
            if self._greets:
                await self._welcome(reply)
            else:
                await self._write("answer", reply)
        return content

    async def send(self, answer: bytes) -> None:
        """Send the answer, or what the plan lets through of it."""
        if self._fault.side == "request":
            raise Reached
        await self._write("answer", self._wire.wrap(answer))
        if self._fault is not NO_FAULT:
            raise Reached

    async def fail(self) -> None:
        """Let happen what is planned."""
        if self._fault.kind == "reset":
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if self._fault.kind == "half close":
            self._connection.shutdown(socket.SHUT_WR)
        if self._fault.kind in ("half close", "stall"):
            while await self._loop.sock_recv(self._connection, CHUNK):
                pass

    async def _welcome(self, reply: bytes) -> None:
        if self._fault.side == "hello":
            raise Reached
        if self._fault.side == "welcome":
            await self._loop.sock_sendall(self._connection, reply[: min(self._fault.at, len(reply) - 1)])
            raise Reached
        await self._write("welcome", reply)
        self._greets = False

    async def _read(self, side: str) -> bytes:
        room = CHUNK
        if self._fault.side == side:
            room = self._fault.at - self.lengths[side]
        if room <= 0:
            if self._fault.waits:
                await self._readable()
            raise Reached
        data = await self._loop.sock_recv(self._connection, room)
        if not data:
            raise Gone
        self.lengths[side] += len(data)
        return data

    async def _write(self, side: str, raw: bytes) -> None:
        room = self._fault.at - self.lengths[side] if self._fault.side == side else len(raw)
        await self._loop.sock_sendall(self._connection, raw[:room])
        self.lengths[side] += len(raw)
        if room < len(raw):
            raise Reached

    async def _readable(self) -> None:
        arrived = asyncio.Event()
        self._loop.add_reader(self._connection, arrived.set)
        try:
            await arrived.wait()
        finally:
            self._loop.remove_reader(self._connection)


class RandomFaultServer:
    """Answers every whole request with success, except where a fault comes first.

    Args:
        seed: The seed of all random choices.
        kinds: The faults to choose from: "close", "half close", "reset", "stall". Without any there are none.
        tls: Makes it https.
        only_before_requests: It listens all the time, and breaks a connection only as long as no request can have left.
        idle: The seconds after which an idle connection is closed.
        pause: The seconds from a request to its answer.
        fails_some: Close instead of an answer to every number that is divisible by 100, and reject with 422 those that
            leave 50.
    """

    def __init__(
        self,
        seed: str = "",
        *kinds: str,
        tls: ssl.SSLContext | None = None,
        only_before_requests: bool = False,
        idle: float | None = None,
        pause: float = 0,
        fails_some: bool = False,
    ) -> None:
        self.whole = Counter[int]()
        """How often each request came in whole, by its number."""
        self.promised: dict[int, object] = {}
        """The result that the answer to each request gives."""
        self.dealt = Counter[str]()
        """How often each fault happened."""
        self.left_open = 0
        """How many connections no client has closed."""
        self._random = random.Random(seed)
        self._kinds = kinds
        self._tls = tls
        self.only_before_requests = only_before_requests
        self._idle = idle
        self._pause = pause
        self._fails_some = fails_some
        self._lengths = Counter[str]()
        self._conversations = set[asyncio.Task[None]]()
        self._stop = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[self._serve()])
        self._name = socket.socket()  # keeps the port ours without a listener
        self._name.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._name.bind(("127.0.0.1", 0))
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._name.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, once every connection has been read to its end: then it is known what came in whole."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()
        self._name.close()

    async def _serve(self) -> None:
        accepting = asyncio.create_task(self._accept())
        await self._stop.wait()
        accepting.cancel()
        await asyncio.wait([accepting])
        if self._conversations:
            ended, left = await asyncio.wait(self._conversations, timeout=20)
            self.left_open = len(left)
            for conversation in left:
                conversation.cancel()
            for conversation in ended:
                conversation.result()

    async def _accept(self) -> None:
        while True:
            with self._listening() as listener:
                self._loop.add_reader(listener, self._welcome, listener)
                try:
                    await asyncio.sleep(self._random.uniform(0.1, 0.4) if self._stops_listening else 3600)
                finally:
                    self._loop.remove_reader(listener)
            self.dealt["no listener for a while"] += 1
            await asyncio.sleep(self._random.uniform(0.01, 0.05))

    def _welcome(self, listener: socket.socket) -> None:
        try:
            connection, _ = listener.accept()
        except BlockingIOError:  # it has gone already
            return
        connection.setblocking(False)
        self._conversations.add(asyncio.create_task(self._converse(connection)))

    @property
    def _stops_listening(self) -> bool:
        return bool(self._kinds) and not self.only_before_requests

    @contextmanager
    def _listening(self) -> Iterator[socket.socket]:
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listener.bind(self._name.getsockname())
            listener.listen(256)
            listener.setblocking(False)
            yield listener

    async def _converse(self, connection: socket.socket) -> None:
        wire = TlsWire(self._tls) if self._tls else PlainWire()
        greets = self._tls is not None
        with connection, suppress(OSError, Gone):  # `TimeoutError`, of idle connections, is an OSError too
            stays, answered_at = True, None
            while stays:
                fault = self._drawn(greets=greets)
                exchange = Exchange(connection, wire, fault, greets=greets)
                try:
                    request = await asyncio.wait_for(exchange.receive(), self._idle)
                    idle = 0.0 if answered_at is None else time.monotonic() - answered_at
                    answer, stays = self._answer(request, idle)
                    if self._pause:
                        await asyncio.sleep(self._pause)
                    await exchange.send(answer)
                    answered_at = time.monotonic()
                except Reached:
                    self.dealt[f"{fault.kind} in the {fault.side}"] += 1
                    await exchange.fail()
                    return
                self.dealt[NO_FAULT.kind] += 1
                self._lengths |= exchange.lengths
                greets = False

    def _drawn(self, *, greets: bool) -> Fault:
        chance = self._random
        if not self._kinds or not self._lengths or chance.random() < 0.3:
            return NO_FAULT
        sides = BEFORE_REQUESTS if greets else ()
        if not self.only_before_requests:
            sides = (*sides, "request", "request", "answer", "answer")
        if not sides:
            return NO_FAULT
        side = chance.choice(sides)
        length = self._lengths[side]
        at = chance.choice((0, 1, length - 1, length)) if chance.random() < 0.2 else chance.randint(0, length)
        return Fault(chance.choice(self._kinds), side, at, waits=chance.random() < 0.5)

    def _framing(self) -> str:
        if not self._kinds:
            return "length"
        return "last" if self.only_before_requests else self._random.choice(("length", "chunks", "until close"))

    def _answer(self, request: bytes, idle: float) -> tuple[bytes, bool]:
        """Return the answer to a whole request, and whether the connection is to stay."""
        number = number_in(request)
        self.whole[number] += 1
        if self._fails_some and number % 50 == 0:
            if number % 100 == 0:
                raise Gone
            return b"HTTP/1.1 422 X\r\nContent-Length: 0\r\n\r\n", True
        head, body = b"HTTP/1.1 200 OK\r\n", b'{"success": true}'
        result: object = None
        if b"/callback/redirect " in request:
            if self._random.random() < 0.5:
                result = f"https://x.example/{number}"
                head, body = f"HTTP/1.1 301 X\r\nLocation: {result}\r\n".encode(), b""
        elif b"/refund/" in request:
            body = self._random.choice((body, b""))
        else:
            result = number * _SCALE + round(idle * 1000)
            body = json.dumps({"success": True, "data": {"id": result}, "meta": []}).encode()
        self.promised[number] = result
        framing = self._framing()
        if framing == "chunks" and body:
            head += b"Transfer-Encoding: chunked\r\n"
            body = b"5\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (body[:5], len(body) - 5, body[5:])
        elif framing != "until close":
            head += b"Content-Length: %d\r\n" % len(body)
        stays = framing in ("length", "chunks")
        return head + (b"" if stays else b"Connection: close\r\n") + b"\r\n" + body, stays
