"""Ctrl-C during an import: the row in progress is finished, but a row that waits for the rate limit is not sent."""

import os
import signal
from contextlib import suppress
from types import FrameType
from typing import Self

from altegio_partner.settings import RateLimit

_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Interrupted(BaseException):
    """The import was stopped while a call waited for the rate limit. The call was not sent."""


class Interrupts:
    """Handles signals in its block: the first sets `received`, and Ctrl-C after that raises KeyboardInterrupt.

    Other repeated signals are ignored, because one wish may send several: systemd sends SIGTERM and SIGHUP.

    It is also the rate limit of the import's client, so that no call waits for the limit after an interrupt.
    """

    received = False

    def __init__(self, limit: RateLimit) -> None:
        self._limit = limit

    def try_acquire(self, name: str, *, blocking: bool) -> object:
        """Return whether a call may be sent now, or raise Interrupted."""
        if self.received:
            raise Interrupted
        return self._limit.try_acquire(name, blocking=blocking)

    def __enter__(self) -> Self:
        handled = [one for one in _SIGNALS if signal.getsignal(one) is not signal.SIG_IGN]  # nohup ignores SIGHUP
        self._previous_handlers = {one: signal.signal(one, self._handle) for one in handled}
        return self

    def __exit__(self, *_: object) -> None:
        for one, handler in self._previous_handlers.items():
            signal.signal(one, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.received:
            if number == signal.SIGINT:
                signal.default_int_handler(number, frame)
            return
        self.received = True
        with suppress(OSError):  # a signal handler runs at any moment, such as during a call: it must not fail
            os.write(2, b"\nStopping after this row. Press Ctrl-C again to stop at once.\n")
