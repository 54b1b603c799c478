"""The calls to the sandbox, and what became of each."""

from collections import deque
from collections.abc import Callable
from datetime import datetime

from attrs import evolve, frozen

from .altegio import Reply, Request
from .faults import FaultName

_KEPT = 1000
_LONGEST_BODY = 10_000  # bytes


@frozen
class Exchange:
    """One call that came in, its token masked, and what it was answered."""

    number: int
    at: datetime
    request: Request
    reply: Reply
    fault: FaultName | None = None
    """What went wrong on purpose."""


class CallLog:
    """The latest thousand calls, secrets masked, long bodies cut."""

    def __init__(self, mask: Callable[[str], str]) -> None:
        self.latest = deque[Exchange](maxlen=_KEPT)
        self.count = 0
        self._mask = mask

    def note(self, at: datetime, request: Request, reply: Reply, fault: FaultName | None) -> None:
        """Keep what may be shown of a call."""
        self.count += 1
        shown = evolve(
            request,
            path=self._mask(request.path),
            headers={name: self._mask(value) for name, value in request.headers.items()},
            body=self._shown(request.body),
        )
        self.latest.append(Exchange(self.count, at, shown, evolve(reply, body=self._shown(reply.body)), fault))

    def clear(self) -> None:
        """Forget all calls."""
        self.latest.clear()
        self.count = 0

    def _shown(self, body: bytes) -> bytes:
        return self._mask(body[:_LONGEST_BODY].decode("latin-1")).encode("latin-1")  # which keeps every byte
