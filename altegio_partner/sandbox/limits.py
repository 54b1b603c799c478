"""How often one address may call: 5 times a second and 200 times a minute, as Altegio documents it."""

import math
from collections import defaultdict, deque

_LIMITS = ((5, 1.0), (200, 60.0))  # calls, in so many seconds
_MOST = max(calls for calls, _ in _LIMITS)


class RateLimits:
    """Counts the calls of each address. Those that were refused do not count: whether they do is unknown."""

    def __init__(self) -> None:
        self._calls: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=_MOST))

    def wait(self, address: str, now: float) -> int:
        """Return the whole seconds that a call has to wait; 0 when it may go on, and then it counts."""
        calls = self._calls[address]
        waits = [calls[-most] + seconds - now for most, seconds in _LIMITS if len(calls) >= most]
        if max(waits, default=0.0) > 0:
            return math.ceil(max(waits))
        calls.append(now)
        return 0
