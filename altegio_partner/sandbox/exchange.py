"""The calls to the sandbox, and what became of each."""

from collections import deque
from datetime import datetime

from attrs import evolve, frozen

from .altegio import Reply, Request
from .faults import FaultName

MASK = "********"
_KEPT = 1000
_LONGEST_BODY = 10_000  # bytes


def masked(text: str, partner_token: str) -> str:
    """Return the text without the token. Pieces of it stay: that of a sandbox may be made of ordinary words."""
    return text.replace(partner_token, MASK)


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

    def __init__(self, partner_token: str) -> None:
        self.latest = deque[Exchange](maxlen=_KEPT)
        self.count = 0
        self._partner_token = partner_token

    def note(self, at: datetime, request: Request, reply: Reply, fault: FaultName | None) -> None:
        """Keep what may be shown of a call."""
        self.count += 1
        shown = evolve(
            request,
            path=masked(request.path, self._partner_token),
            headers={name: masked(value, self._partner_token) for name, value in request.headers.items()},
            body=self._shown(request.body),
        )
        self.latest.append(Exchange(self.count, at, shown, evolve(reply, body=self._shown(reply.body)), fault))

    def clear(self) -> None:
        """Forget all calls."""
        self.latest.clear()
        self.count = 0

    def _shown(self, body: bytes) -> bytes:
        return body[:_LONGEST_BODY].replace(self._partner_token.encode(), MASK.encode())
