"""Ctrl-C, as a wish: what is under way is finished first."""

import os
import signal
from types import FrameType
from typing import Self

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """Remembers in its block that somebody wants to stop. Who wants it twice stops at once."""

    are_there = False

    def __enter__(self) -> Self:
        self._before = [signal.signal(one, self._take) for one in _SIGNALS]
        return self

    def __exit__(self, *_: object) -> None:
        for one, handler in zip(_SIGNALS, self._before, strict=True):
            signal.signal(one, handler)

    def _take(self, number: int, frame: FrameType | None) -> None:
        if self.are_there:
            signal.default_int_handler(number, frame)
        self.are_there = True
        os.write(2, b"\nStopping after this row. Once more stops at once.\n")  # print is not for signals
