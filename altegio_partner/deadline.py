"""The time that one attempt may take in all. httpcore bounds each wait by itself: many short ones have no end."""

import time
from typing import Any

import httpx

from .httpcore_gaps import unmended_backends


class TimeLeft(dict[str, float]):
    """The timeouts of one attempt: connecting, writing and reading share its time, instead of having it each."""

    def __init__(self, seconds: float) -> None:
        super().__init__(dict.fromkeys(("connect", "read", "write", "pool"), seconds))
        self._deadline = time.monotonic() + seconds

    def get(self, *_: object) -> float:  # noqa: D102  it is dict's
        return _Seconds(self._deadline)


class _Seconds(float):
    """The seconds that were left when it was made, and the deadline that they lead to."""

    deadline: float

    def __new__(cls, deadline: float) -> "_Seconds":
        seconds = super().__new__(cls, max(deadline - time.monotonic(), 0.001))  # zero would mean not to wait at all
        seconds.deadline = deadline
        return seconds


def bound_every_wait(client: httpx.Client) -> None:
    """Let each wait of a client end with its attempt, also that for the next byte of an answer that drips in."""
    for backend in unmended_backends(client):
        _bind(backend, "connect_tcp")


def _bind(opener: Any, name: str) -> None:  # noqa: ANN401
    unbound = getattr(opener, name)

    def bound(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        return _bound(unbound(*args, **kwargs), kwargs.get("timeout"))

    setattr(opener, name, bound)


def _bound(stream: Any, at_most: float | None) -> Any:  # noqa: ANN401
    unbound = stream.read

    def read(max_bytes: int, timeout: float | None = None) -> bytes:
        timeout = at_most if timeout is None else timeout  # httpcore waits for a SOCKS proxy without end
        if isinstance(timeout, _Seconds):
            if time.monotonic() > timeout.deadline:
                raise TimeoutError
            timeout = _Seconds(timeout.deadline)
        return bytes(unbound(max_bytes, timeout))

    stream.read = read
    _bind(stream, "start_tls")
    return stream
