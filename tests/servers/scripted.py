"""A server that answers with any bytes, or not at all, and keeps what it was sent."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Queue
from typing import Self

Answer = bytes | Callable[[socket.socket], None]


def http(status: int | str, body: bytes = b"", *headers: str, length: int | None = None) -> bytes:
    """Write an HTTP answer."""
    size = len(body) if length is None else length
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {size}", "Connection: close", *headers]
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body


def drop(connection: socket.socket) -> None:
    """Close without an answer."""


def reset(connection: socket.socket) -> None:
    """Close without an answer and without manners (RST)."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class RudeServer:
    """Gives one answer after the other, each to one whole request, and closes after each."""

    def __init__(self, *answers: Answer) -> None:
        self.requests: list[bytes] = []
        self.stop = threading.Event()
        self._answers: Queue[Answer] = Queue()
        self._arrived = threading.Semaphore(0)
        for answer in answers:
            self.answer_with(answer)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def answer_with(self, answer: Answer, times: int = 1) -> None:
        """Give this answer next, after those that were set before."""
        for _ in range(times):
            self._answers.put(answer)

    def wait_for(self, requests: int) -> None:
        """Wait until so many more requests have come in."""
        for _ in range(requests):
            assert self._arrived.acquire(timeout=10)

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
            thread = threading.Thread(target=self._converse, args=[connection])
            self._threads.append(thread)
            thread.start()

    def _converse(self, connection: socket.socket) -> None:
        with connection:
            request = whole_request(connection)
            if request is None:
                return
            self.requests.append(request)
            self._arrived.release()
            answer = self._answers.get_nowait()
            with suppress(OSError):  # the client may have gone
                if callable(answer):
                    answer(connection)
                else:
                    connection.sendall(answer)
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(65536):  # let it read all before the connection goes
                        pass


def stalling(server: RudeServer, beginning: bytes = b"") -> Answer:
    """Begin an answer, and fall silent."""

    def stall(connection: socket.socket) -> None:
        connection.sendall(beginning)
        server.stop.wait(10)

    return stall


def dripping(server: RudeServer, beginning: bytes, pause: float = 0.05) -> Answer:
    """Begin an answer, and go on a byte at a time."""

    def drip(connection: socket.socket) -> None:
        connection.sendall(beginning)
        while not server.stop.wait(pause):
            connection.sendall(b"x")

    return drip


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
    """Give an address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"
