"""The one place where the ledger reads time, except that PostgreSQL tells its own."""

import time
from functools import cache
from pathlib import Path

from altegio_partner.clock import elapsed

__all__ = ["boot_id", "elapsed", "now"]

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def now() -> float:
    """Return the seconds since 1970, by the clock of this machine, which may be set at any time."""
    return time.time()


@cache
def boot_id() -> str | None:
    """Return what identifies this start of this machine, in which `elapsed` goes on; None if the system has no such."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return None
