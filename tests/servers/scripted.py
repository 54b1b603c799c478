"""A raw server with a script: what it answers or does wrong, at which stage of a call. It keeps what it was sent.

Clients reach it in plain text, over TLS, or over TLS behind a proxy, which it is too. It closes each connection after
one request, unless the script goes on with it.
"""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from queue import Queue
from typing import Self

HOST = "altegio.test"  # reserved: no name server knows it, so only a proxy gets there
_LONGEST = 10  # seconds that a stalled connection stays open: longer than any client waits


class Way(Enum):
    """How the client gets to the server."""

    PLAIN = "plain"
    TLS = "tls"
    TUNNEL = "tunnel"


class Stage(Enum):
    """How far a call has come."""

    ACCEPTED = "accepted"  # nothing is read, not even what TLS begins with
    CONNECT = "connect"  # the proxy is asked for a tunnel
    READY = "ready"  # TLS is agreed on, nothing of the request is read
    HEAD = "head"  # the head of the request is read, its body is not
    REQUEST = "request"  # the request is read to its end


Action = Callable[["ScriptedServer", socket.socket], None]
Answer = bytes | Action


def http(status: int | str, body: bytes = b"", *headers: str, length: int | None = None) -> bytes:
    """Write an HTTP answer."""
    size = len(body) if length is None else length
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {size}", "Connection: close", *headers]
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body


HEALTHY = http(200, b'{"success": true, "data": {"id": 321}}')


class ScriptedServer:
    """Takes the next answer of its script with each call that gets to the stage.

    Args:
        answers: The script: bytes to answer with, or actions. A call after the last one fails the test.
        always: What to do with every call instead.
        stage: How far calls come.
        way: How clients get here.
        certificate: What is wrong with the certificate, see `server_context`.
    """

    def __init__(
        self,
        *answers: Answer,
        always: Answer | None = None,
        stage: Stage = Stage.REQUEST,
        way: Way = Way.PLAIN,
        certificate: str = "trusted",
    ) -> None:
        self.requests: list[bytes] = []
        self.connects: list[bytes] = []
        """The requests for a tunnel."""
        self.connections = 0
        self.outlasted = False
        """Whether a client waited for longer than a stalled connection stays open."""
        self.elsewhere = ""
        """The address of another server, for redirects."""
        self.stop = threading.Event()
        self._answers: Queue[Answer] = Queue()
        self._arrived = threading.Semaphore(0)
        for answer in answers:
            self.answer_with(answer)
        self._always = always
        self._stage = stage
        self._way = way
        self._context = None if way is Way.PLAIN else _server_context(certificate)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        self.proxy = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.url = base_url(way, self.proxy)

    def answer_with(self, answer: Answer, times: int = 1) -> None:
        """Add this answer to the script."""
        for _ in range(times):
            self._answers.put(answer)

    def recover(self) -> None:
        """Answer as Altegio does, from now on."""
        self._context = self._context and _server_context("trusted")
        self._stage, self._always = Stage.REQUEST, HEALTHY

    def wait_for(self, requests: int) -> None:
        """Wait until this many more requests have come in."""
        for _ in range(requests):
            assert self._arrived.acquire(timeout=60)

    def take_request(self, connection: socket.socket) -> None:
        """Take another request on this connection, and go on with the script."""
        if self._act(Stage.READY, connection):
            return
        if self._stage is Stage.HEAD:
            head = _head(connection)
            if head is None:
                return
            if b"\r\ncontent-length: 0\r\n" in head.lower():
                self.requests.append(head)
        else:
            request = whole_request(connection)
            if request is None:
                return
            self.requests.append(request)
            self._arrived.release()
        self._act(self._stage, connection)

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while not self.stop.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=[connection])
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else a reset overtakes what was sent before
        with suppress(OSError), connection:  # the client may have gone
            if self._act(Stage.ACCEPTED, connection):
                return
            if self._way is Way.TUNNEL:
                connect = whole_request(connection)
                if connect is None:
                    return
                self.connects.append(connect)
                if self._act(Stage.CONNECT, connection):
                    return
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            if self._context is None:
                self.take_request(connection)
            else:
                with self._context.wrap_socket(connection, server_side=True) as secured:
                    self.take_request(secured)

    def _act(self, stage: Stage, connection: socket.socket) -> bool:
        if self._stage is not stage:
            return False
        answer = self._answers.get_nowait() if self._always is None else self._always
        action = says(answer) if isinstance(answer, bytes) else answer
        action(self, connection)
        return True


def base_url(way: Way, url: str) -> str:
    """Write the address at which the client finds the server that listens at this one."""
    return {Way.PLAIN: url, Way.TLS: url.replace("http:", "https:"), Way.TUNNEL: f"https://{HOST}"}[way]


def hang_up(_: ScriptedServer, connection: socket.socket) -> None:
    """Close, after the client has read all. TLS gets no close_notify."""
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(65536):
        pass


def close(_: ScriptedServer, connection: socket.socket) -> None:
    """Close at once."""


def reset(_: ScriptedServer, connection: socket.socket) -> None:
    """Close at once, with a reset (RST)."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def say_goodbye(_: ScriptedServer, connection: socket.socket) -> None:
    """Close as TLS asks for."""
    assert isinstance(connection, ssl.SSLSocket)
    connection.unwrap()


def stall(server: ScriptedServer, _: socket.socket) -> None:
    """Fall silent, for longer than any client waits."""
    if not server.stop.wait(_LONGEST):
        server.outlasted = True


def go_on(server: ScriptedServer, connection: socket.socket) -> None:
    """Keep the connection, and go on with the script."""
    server.take_request(connection)


def says(data: bytes, then: Action = hang_up) -> Action:
    """Send these bytes."""

    def action(server: ScriptedServer, connection: socket.socket) -> None:
        connection.sendall(data)
        then(server, connection)

    return action


def says_below_tls(data: bytes, then: Action = hang_up) -> Action:
    """Send these bytes without the TLS that the client expects."""

    def action(server: ScriptedServer, connection: socket.socket) -> None:
        socket.socket.sendall(connection, data)
        then(server, connection)

    return action


def heard(then: Action) -> Action:
    """Wait for the next byte of the client, and leave it unread."""

    def action(server: ScriptedServer, connection: socket.socket) -> None:
        socket.socket.recv(connection, 1, socket.MSG_PEEK)
        then(server, connection)

    return action


def drips(beginning: bytes, pause: float = 0.05) -> Action:
    """Send the beginning, then a byte now and then, for longer than any client waits."""

    def action(server: ScriptedServer, connection: socket.socket) -> None:
        connection.sendall(beginning)
        for _ in range(int(_LONGEST / pause)):
            if server.stop.wait(pause):
                return
            connection.sendall(b"x")
        server.outlasted = True

    return action


def floods(beginning: bytes, piece: bytes, times: int, then: Action = hang_up) -> Action:
    """Send the beginning, then the piece this many times, as fast as the client takes it."""

    def action(server: ScriptedServer, connection: socket.socket) -> None:
        connection.sendall(beginning)
        for _ in range(times):
            connection.sendall(piece)
        then(server, connection)

    return action


def redirects(status: int, location: str, body: bytes = b"") -> Action:
    """Point to an address; `{here}` in it is this server, and `{elsewhere}` another."""

    def action(server: ScriptedServer, connection: socket.socket) -> None:
        answer = http(status, body, f"Location: {location.format(here=server.url, elsewhere=server.elsewhere)}")
        says(answer)(server, connection)

    return action


@contextmanager
def one_segment(connection: socket.socket) -> Iterator[None]:
    """Let all that is sent in the block arrive together. Linux only."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    yield
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)


def whole_request(connection: socket.socket) -> bytes | None:
    """Read one request to its end, or return None when the client closes before."""
    received = b""
    while True:
        head, end, body = received.partition(b"\r\n\r\n")
        length = [int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        if end and len(body) >= sum(length):
            return received
        chunk = connection.recv(65536)
        if not chunk:
            return None
        received += chunk


def _head(connection: socket.socket) -> bytes | None:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            return None
        head += byte
    return head


def _server_context(certificate: str) -> ssl.SSLContext:
    from tests.servers.certificates import server_context  # noqa: PLC0415  not all that need a plain server have trustme

    return server_context(certificate)


@contextmanager
def black_hole() -> Iterator[str]:
    """Give the address of a server whose queue is full: a connection to it is never made."""
    with socket.socket() as server, socket.socket() as first, socket.socket() as second:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for client in (first, second):
            client.setblocking(False)
            client.connect_ex(server.getsockname())
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def closed_port() -> str:
    """Give an address without a listener."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"
