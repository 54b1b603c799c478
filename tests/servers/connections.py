"""What small servers have in common: a thread for each connection, and bytes that are passed on."""

import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Thread

_LONGEST_END = 30  # seconds


class Connections:
    """Those to a port of its own. Each is served in a thread, and ends when it is served."""

    def __init__(self, serve: Callable[[socket.socket], object]) -> None:
        self._serve = serve
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._threads = [Thread(target=self._accept)]
        self._threads[0].start()

    def drop(self) -> None:
        """End those there are, as a server does that goes away."""
        for one in self._open:
            end(one)

    def close(self) -> None:
        """Accept no more, and end those there are."""
        end(self._listener)
        self._listener.close()
        self._threads[0].join(_LONGEST_END)
        self.drop()
        for thread in self._threads[1:]:
            thread.join(_LONGEST_END)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._open.append(connection)
                self._threads.append(Thread(target=self._run, args=[connection]))
                self._threads[-1].start()

    def _run(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            self._serve(connection)


def relay(one: socket.socket, other: socket.socket, bring: Callable[[socket.socket, bytes], object]) -> None:
    """Bring what each of them sends to the other one, until one of them ends."""

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                bring(sink, data)
        end(source)
        end(sink)

    back = Thread(target=pump, args=[other, one])
    back.start()
    pump(one, other)
    back.join()


def end(connection: socket.socket) -> None:
    """End a connection, also one that has ended already, while others wait for it."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
