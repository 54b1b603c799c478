"""The pace of an import: the rate that Altegio allows, and Ctrl-C, after which the row in progress is finished."""

import os
import signal
import time
from contextlib import suppress
from types import FrameType
from typing import Self

from altegio_partner.rate_limit import altegio_rate_limit

_POLLING = 0.05  # seconds between two questions to the rate limit
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Interrupts:
    """Records in its block that the import is to stop. A second interrupt stops it at once."""

    received = False

    def __enter__(self) -> Self:
        handled = [one for one in _SIGNALS if signal.getsignal(one) is not signal.SIG_IGN]  # nohup ignores SIGHUP
        self._before = {one: signal.signal(one, self._handle) for one in handled}
        return self

    def __exit__(self, *_: object) -> None:
        for one, handler in self._before.items():
            signal.signal(one, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.received:
            signal.default_int_handler(number, frame)
        self.received = True
        with suppress(OSError):  # a handler runs in the middle of anything, such as a call: it must not fail
            os.write(2, b"\nStopping after this row. Interrupt again to stop at once.\n")


class Throttle:
    """A rate limit for a client, from which one call can be taken in advance.

    A claim in the ledger that waits for the rate limit would be pending for as long: after a kill, its outcome would be
    unknown. So the import waits before the payment is claimed.
    """

    def __init__(self) -> None:
        self._limit = altegio_rate_limit()
        self._is_taken = False

    def take(self, interrupts: Interrupts) -> None:
        """Wait until the next call may be sent at once, or until an interrupt."""
        while not self._is_taken and not interrupts.received:
            self._is_taken = self._limit.try_acquire("altegio", blocking=False) is True
            if not self._is_taken:
                time.sleep(_POLLING)

    def try_acquire(self, name: str, *, blocking: bool) -> object:
        """Return whether a call may be sent now: the one that was taken, or another."""
        if self._is_taken:
            self._is_taken = False
            return True
        return self._limit.try_acquire(name, blocking=blocking)
