"""Rate limits per address: 5 calls a second and 200 a minute, as Altegio documents them."""

import math
from collections import defaultdict, deque

_LIMITS = ((5, 1.0), (200, 60.0))  # calls, seconds
_MAX_CALLS = max(calls for calls, _ in _LIMITS)


class RateLimits:
    """Counts the calls of each address. Calls answered with 429 do not count; whether they do at Altegio is unknown."""

    def __init__(self) -> None:
        self._calls: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=_MAX_CALLS))

    def wait(self, address: str, now: float) -> int:
        """Return how many seconds a call must wait, rounded up. If it is 0, the call is allowed and counted."""
        calls = self._calls[address]
        waits = [calls[-limit] + seconds - now for limit, seconds in _LIMITS if len(calls) >= limit]
        if max(waits, default=0.0) > 0:
            return math.ceil(max(waits))
        calls.append(now)
        return 0
