"""Calls that get lost on their way: they are sent, and Altegio never sees them."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from attrs import frozen


@frozen
class Nowhere:
    """An address that takes calls, and does nothing with them."""

    server: socket.socket

    @property
    def url(self) -> str:
        """What to use as ALTEGIO_BASE_URL."""
        return f"http://127.0.0.1:{self.server.getsockname()[1]}"

    @contextmanager
    def payment_under_way(self) -> Iterator[None]:
        """Wait for a payment. It stays unanswered as long as the block lasts."""
        self.server.settimeout(60)
        connection, _ = self.server.accept()
        with connection:
            connection.settimeout(60)
            assert connection.recv(65536).startswith(b"POST /marketplace/partner/payment ")
            yield


@contextmanager
def nowhere() -> Iterator[Nowhere]:
    """Listen as long as the block lasts."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield Nowhere(server)
