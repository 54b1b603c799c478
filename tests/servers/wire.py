"""A TCP connection to a server on a Unix socket that can go silent, without an error on either side."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Condition, Thread


class Wire:
    """Passes bytes on, while it is not silent."""

    def __init__(self, target: Path) -> None:
        self.target = target
        """The socket that new connections are made to."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._changed = Condition()
        self._is_silent = self._is_closed = False
        self._sockets: list[socket.socket] = [self._listener]
        self._threads = [Thread(target=self._accept)]
        self._threads[0].start()

    def silence(self) -> None:
        """Pass nothing on from now on; what is sent is accepted all the same."""
        self._is_silent = True

    def close(self) -> None:
        """End all connections."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        self.drop()
        for thread in self._threads:
            thread.join(30)
        for one in self._sockets:
            one.close()

    def drop(self) -> None:
        """End the connections there are, as a server does that goes away."""
        for one in self._sockets[0 if self._is_closed else 1 :]:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._is_closed:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(str(self.target))
            self._sockets += [near, far]
            for ends in ((near, far), (far, near)):
                self._threads.append(Thread(target=self._pump, args=ends))
                self._threads[-1].start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                with self._changed:
                    self._changed.wait_for(lambda: not self._is_silent or self._is_closed)
                sink.sendall(data)
        for one in (source, sink):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


@contextmanager
def wire_to(target: Path) -> Iterator[Wire]:
    """Give a wire to that socket, as long as the block lasts."""
    wire = Wire(target)
    try:
        yield wire
    finally:
        wire.close()
