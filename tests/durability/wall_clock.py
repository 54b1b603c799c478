"""The wall clock of a machine, which a test sets while its workers are at work."""

import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from mmap import mmap
from pathlib import Path
from unittest import mock

_SHIFT = struct.Struct("d")


class WallClock:
    """The time of this machine, and a shift, which all processes with the same file read."""

    def __init__(self, path: Path) -> None:
        with path.open("a+b") as file:
            if not path.stat().st_size:
                file.write(_SHIFT.pack(0.0))
                file.flush()
            self._shift = mmap(file.fileno(), _SHIFT.size)
        self._real = time.time

    def step(self, seconds: float) -> None:
        """Set it forward, or back."""
        _SHIFT.pack_into(self._shift, 0, _SHIFT.unpack_from(self._shift)[0] + seconds)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Let this process go by it. PostgreSQL has a clock of its own, and so has Altegio."""
        with mock.patch.object(time, "time", self._now):
            yield

    def _now(self) -> float:
        shift: float = _SHIFT.unpack_from(self._shift)[0]
        return self._real() + shift
