"""A TCP connection to a server on a Unix socket that can go silent, without an error on either side."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from tests.servers.connections import Connections, relay


class Wire:
    """Passes bytes on, while it is not silent."""

    def __init__(self, target: Path) -> None:
        self.target = target
        """The socket that new connections are made to."""
        self._passes = Event()
        self._passes.set()
        self._connections = Connections(self._serve)
        self.port = self._connections.port
        self.drop = self._connections.drop

    def silence(self) -> None:
        """Pass nothing on from now on; what is sent is accepted all the same."""
        self._passes.clear()

    def close(self) -> None:
        """End all connections."""
        self._passes.set()
        self._connections.close()

    def _serve(self, near: socket.socket) -> None:
        with socket.socket(socket.AF_UNIX) as far:
            far.connect(str(self.target))
            relay(near, far, self._bring)

    def _bring(self, sink: socket.socket, data: bytes) -> None:
        self._passes.wait()
        sink.sendall(data)


@contextmanager
def wire_to(target: Path) -> Iterator[Wire]:
    """Give a wire to that socket, as long as the block lasts."""
    wire = Wire(target)
    try:
        yield wire
    finally:
        wire.close()
