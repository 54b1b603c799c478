"""Time that only goes forward, at one speed, whatever is done to the clock of the machine."""

import time
from typing import Any

_CLOCKS: Any = vars(time)
_CLOCK = _CLOCKS.get("CLOCK_BOOTTIME", _CLOCKS.get("CLOCK_MONOTONIC"))


def elapsed() -> float:
    """Return seconds since some moment, including those for which the machine was suspended."""
    return time.monotonic() if _CLOCK is None else time.clock_gettime(_CLOCK)
