"""What delays and stops an import: Altegio's rate limit, and Ctrl-C, after which the row in progress is finished."""

import os
import signal
import time
from contextlib import suppress
from types import FrameType
from typing import Self

_POLLING = 0.05  # polling interval of the rate limiter, in seconds
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Interrupts:
    """Handles signals in its block: the first sets `received`, a second raises KeyboardInterrupt."""

    received = False

    def __enter__(self) -> Self:
        handled = [one for one in _SIGNALS if signal.getsignal(one) is not signal.SIG_IGN]  # nohup ignores SIGHUP
        self._previous_handlers = {one: signal.signal(one, self._handle) for one in handled}
        return self

    def __exit__(self, *_: object) -> None:
        for one, handler in self._previous_handlers.items():
            signal.signal(one, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.received:
            signal.default_int_handler(number, frame)
        self.received = True
        with suppress(OSError):  # a signal handler runs at any moment, such as during a call: it must not fail
            os.write(2, b"\nStopping after this row. Interrupt again to stop at once.\n")


class Throttle:
    """A rate limit for a client that can reserve the next call.

    The import reserves a call before it claims a payment in the ledger. A payment that waits for the rate limit while
    it is claimed would be pending, and its outcome unknown after a kill.
    """

    def __init__(self) -> None:
        from altegio_partner.rate_limit import altegio_rate_limit  # noqa: PLC0415  only an import needs it

        self._limit = altegio_rate_limit()
        self._is_reserved = False

    def reserve(self, interrupts: Interrupts) -> None:
        """Wait until the rate limit allows a call, and reserve it for the next `try_acquire`; or until an interrupt."""
        while not self._is_reserved and not interrupts.received:
            self._is_reserved = self._limit.try_acquire("altegio", blocking=False) is True
            if not self._is_reserved:
                time.sleep(_POLLING)

    def try_acquire(self, name: str, *, blocking: bool) -> object:
        """Return whether a call may be sent now: the reserved one, or another."""
        if self._is_reserved:
            self._is_reserved = False
            return True
        return self._limit.try_acquire(name, blocking=blocking)
