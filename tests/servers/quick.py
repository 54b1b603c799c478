"""A fast server in a process of its own, so that it takes neither time nor memory of the process that is measured.

The id that it gives a payment tells the location and how long the connection had been idle: see `read_id`.
"""

import argparse
import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NUMBER = re.compile(rb'/refund/(\d+)|"salon_id": ?(\d+)')
CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: ?(\d+)\r\n", re.IGNORECASE)
_SCALE = 1_000_000


@contextmanager
def quick_server(*options: str) -> Iterator[str]:
    """Start a server with the options of its command line, and give its address."""
    command = [sys.executable, "-I", str(Path(__file__)), *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        server.stdin.close()  # which ends it


def read_id(payment_id: int) -> tuple[int, float]:
    """Return the location that paid, and the seconds that the connection had been idle before: 0 when it was new."""
    salon_id, milliseconds = divmod(payment_id, _SCALE)
    return salon_id, milliseconds / 1000


def is_whole(content: bytes) -> bool:
    """Say whether this is a whole request."""
    head, end, body = content.partition(b"\r\n\r\n")
    length = CONTENT_LENGTH.search(head + b"\r\n")
    return bool(end) and len(body) >= (int(length[1]) if length else 0)


def number_in(request: bytes) -> int:
    """Return the payment or the location that a request is about."""
    found = NUMBER.search(request)
    assert found is not None
    return int(found[1] or found[2])


class Connection(asyncio.Protocol):
    """Answers one request after the other, and closes when none comes for some time."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._loop = asyncio.get_running_loop()
        self._received = b""
        self._since: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._closing = self._loop.call_later(self._options.idle, transport.close)

    def connection_lost(self, _: Exception | None) -> None:
        self._closing.cancel()

    def data_received(self, data: bytes) -> None:
        self._closing.cancel()
        self._received += data
        if not is_whole(self._received):
            return
        idle = 0.0 if self._since is None else time.monotonic() - self._since
        number, self._received = number_in(self._received), b""
        if self._options.rude and number % 100 == 0:
            self._transport.close()
        elif self._options.pause:
            self._loop.call_later(self._options.pause, self._answer, number, idle)
        else:
            self._answer(number, idle)

    def _answer(self, number: int, idle: float) -> None:
        status = 422 if self._options.rude and number % 100 == 50 else 200
        body = b'{"success": true, "data": {"id": %d}, "meta": []}' % (number * _SCALE + round(idle * 1000))
        self._transport.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))
        self._since = time.monotonic()
        self._closing = self._loop.call_later(self._options.idle, self._transport.close)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--idle", type=float, default=60, help="seconds after which an idle connection is closed")
    parser.add_argument("--pause", type=float, default=0, help="seconds from a request to its answer")
    parser.add_argument("--rude", action="store_true", help="drop every hundredth call, and refuse another")
    options = parser.parse_args()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(options), "127.0.0.1", backlog=1000)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
