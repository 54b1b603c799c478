"""TLS within the TLS of a proxy, for threads. httpcore's own restarts the timeout with each chunk."""

import ssl
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

_MAX_RECORD = 16 * 1024  # bytes

T = TypeVar("T")


class TLSInTLS:
    """A TLS stream over another stream, limited by the time of the attempt."""

    def __init__(
        self,
        below: Any,  # noqa: ANN401  a stream of httpcore
        context: ssl.SSLContext,
        host: str,
        time_left: Callable[[], float | None],
    ) -> None:
        self._below, self._time_left = below, time_left
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._transferring(self._tls.do_handshake)

    def read(self, at_most: int, _: float | None) -> bytes:
        """Return the next bytes."""
        return self._transferring(partial(self._tls.read, at_most))

    def write(self, data: bytes, _: float | None) -> None:
        """Send bytes."""
        self._transferring(partial(self._tls.write, data))

    def close(self) -> None:
        """Close the connection."""
        self._below.close()

    def get_extra_info(self, info: str) -> object:
        """Return the SSL object of this stream, or else the info of the stream below."""
        return self._tls if info == "ssl_object" else self._below.get_extra_info(info)

    def _transferring(self, do: Callable[[], T]) -> T:
        """Perform an operation of TLS, and transfer the bytes that it sends and needs."""
        while True:
            results: list[T] = []
            with suppress(ssl.SSLWantReadError):
                results.append(do())
            self._below.write(self._outgoing.read(), self._time_left())
            if results:
                return results[0]
            data = self._below.read(_MAX_RECORD, self._time_left())
            if data:
                self._incoming.write(data)
            else:
                self._incoming.write_eof()
