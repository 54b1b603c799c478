"""A server that costs as little as one can in Python: on uvloop, a process of its own, counting what it served."""

import argparse
import asyncio
import http.client
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, cast

import uvloop
from sandbox_load import Watched, started

from .answers import CHAT, FIRST_ID, PAYMENT

_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


class _Connection(asyncio.Protocol):
    """Answers every POST with a new payment, or with a chat; and tells how many it answered so."""

    served: ClassVar[int] = 0
    delay: ClassVar[float] = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n") + 4) > 3:
            length = _LENGTH.search(self._received, 0, end)
            end += int(length[1]) if length else 0
            if len(self._received) < end:
                return
            request, self._received = self._received, self._received[end:]
            answer = self._answer(request)
            if _Connection.delay:
                asyncio.get_running_loop().call_later(_Connection.delay, self._write, answer)
            else:
                self._write(answer)

    def _write(self, answer: bytes) -> None:
        self._transport.write(_HEAD % len(answer) + answer)

    def _answer(self, request: bytes) -> bytes:
        if request.startswith(b"GET"):
            return b"%d" % _Connection.served
        _Connection.served += 1
        return CHAT if request.startswith(b"POST /v1/") else PAYMENT % (FIRST_ID + _Connection.served)


class Server:
    """The server as its clients see it."""

    def __init__(self, pid: int, port: int) -> None:
        self._watched = Watched(pid)
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    @property
    def served(self) -> int:
        """How many calls it has served so far."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("GET", "/served")
        served = int(json.load(connection.getresponse()))
        connection.close()
        return served

    @property
    def cpu_seconds(self) -> float:
        """The time that it has used of a core so far."""
        return self._watched.cpu_seconds()


@contextmanager
def serving(delay: float = 0) -> Iterator[Server]:
    """Start a server; each of its answers takes so many seconds."""
    folder = str(Path(__file__).parent.parent)
    code = f"import sys; sys.path.insert(0, {folder!r}); from side_by_side.server import main; main()"
    with started(sys.executable, "-c", code, "--delay", str(delay)) as (pid, port):
        yield Server(pid, port)


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0, backlog=4096)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--delay", type=float, default=0)
    _Connection.delay = parser.parse_args().delay
    uvloop.run(_serve())
