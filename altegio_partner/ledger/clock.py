"""The one place where the ledger reads time. PostgreSQL has a clock of its own, which is read in its statements."""

import time
from functools import cache
from pathlib import Path

from altegio_partner import clock

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def now() -> float:
    """Return the seconds since 1970, by the clock of this machine, which may be set at any time."""
    return time.time()


def elapsed() -> float:
    """Return seconds by a clock that nobody can set. It starts with the machine."""
    return clock.elapsed()


@cache
def boot_id() -> str | None:
    """Return what identifies this start of this machine, or None if the system has nothing of the kind."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return None
