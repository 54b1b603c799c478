"""Ctrl-C, as a wish: what is under way is finished first."""

import os
import signal
from contextlib import suppress
from types import FrameType
from typing import Self

_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Interrupts:
    """Remembers in its block that somebody wants to stop. Who wants it twice stops at once."""

    are_there = False

    def __enter__(self) -> Self:
        ours = [one for one in _SIGNALS if signal.getsignal(one) is not signal.SIG_IGN]  # as nohup wants it
        self._before = {one: signal.signal(one, self._take) for one in ours}
        return self

    def __exit__(self, *_: object) -> None:
        for one, handler in self._before.items():
            signal.signal(one, handler)

    def _take(self, number: int, frame: FrameType | None) -> None:
        if self.are_there:
            signal.default_int_handler(number, frame)
        self.are_there = True
        with suppress(OSError):  # this is in the middle of anything, perhaps of a call: it must not fail
            os.write(2, b"\nStopping after this row. Once more stops at once.\n")
