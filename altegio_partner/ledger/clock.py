"""The clocks of the ledger. Only this module reads them, except PostgreSQL's own clock, which its statements read."""

import time
from functools import cache
from pathlib import Path

from altegio_partner import clock

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def now() -> float:
    """Return the seconds since 1970, by the wall clock of this machine, which can be set at any time."""
    return time.time()


def elapsed() -> float:
    """Return the seconds since the machine booted, by its monotonic clock, which cannot be set."""
    return clock.elapsed()


@cache
def boot_id() -> str | None:
    """Return the id of this boot of this machine, or None if the system has none."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return None
