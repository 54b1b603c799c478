"""The calls that reached the sandbox, and its responses."""

from collections import deque
from datetime import datetime

from attrs import evolve, frozen

from .api import Request, Response
from .faults import FaultName

MASK = "********"
_MAX_CALLS = 1000
_MAX_BODY = 10_000  # bytes


def masked(text: str, partner_token: str) -> str:
    """Return the text without the token. Parts of the token are not masked: a sandbox's may consist of common words."""
    return text.replace(partner_token, MASK)


@frozen
class Exchange:
    """One call that the sandbox received, its token masked, and the response."""

    number: int
    at: datetime
    request: Request
    response: Response
    fault: FaultName | None = None
    """The fault that was injected, if any."""


class CallLog:
    """The latest thousand calls, secrets masked, long bodies cut."""

    def __init__(self, partner_token: str) -> None:
        self.latest = deque[Exchange](maxlen=_MAX_CALLS)
        self.count = 0
        self._partner_token = partner_token

    def append(self, at: datetime, request: Request, response: Response, fault: FaultName | None) -> None:
        """Add a call, without its secrets."""
        self.count += 1
        shown = evolve(
            request,
            path=masked(request.path, self._partner_token),
            headers={name: masked(value, self._partner_token) for name, value in request.headers.items()},
            body=self._shown(request.body),
        )
        self.latest.append(Exchange(self.count, at, shown, evolve(response, body=self._shown(response.body)), fault))

    def clear(self) -> None:
        """Remove all calls."""
        self.latest.clear()
        self.count = 0

    def _shown(self, body: bytes) -> bytes:
        return body[:_MAX_BODY].replace(self._partner_token.encode(), MASK.encode())
