"""The clocks of the simulation. They stand still, and time passes by moving everything else into the past.

A state is then the same whenever it occurs, and two states can be compared. Times are recognised by their size.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

DELAY = 3600.0
"""Seconds: the `status_delay` of the ledger."""
UNIT = DELAY / 4
"""Seconds: how far one step moves the clocks."""
WALL = 1_800_000_000.0
"""What every wall clock shows, now."""
BOOT = 1_000_000.0
"""What the clock since boot shows, now."""
FARTHEST = 10
"""Units: what is farther away than this is equal to what is as far away as this."""

_RANGE = 200_000.0  # seconds around a clock's reading in which a number is a time by that clock


class Readings:
    """What the clocks show to the code that runs just now: a replayed step sees them as they were then."""

    wall = WALL
    boot = BOOT


def is_wall(value: float) -> bool:
    """Say whether a number is a time by the wall clock."""
    return abs(value - WALL) < _RANGE


def is_boot(value: float) -> bool:
    """Say whether a number is a time by the clock since boot."""
    return abs(value - BOOT) < _RANGE


def moved(value: float, wall: int, boot: int) -> float:
    """Return a time as it looks after its clock has moved on by so many units."""
    if is_wall(value):
        return value - wall * UNIT
    return value - boot * UNIT if is_boot(value) else value


def clipped(value: float) -> float:
    """Return a time, or the farthest one in its direction."""
    for now, is_it in ((WALL, is_wall), (BOOT, is_boot)):
        if is_it(value):
            return min(max(value, now - FARTHEST * UNIT), now + FARTHEST * UNIT)
    return value


@contextmanager
def simulated_clocks() -> Iterator[None]:
    """Let the code that runs inside see the clocks of the simulation, and never wait."""
    with (
        mock.patch.object(time, "time", lambda: Readings.wall),
        mock.patch.object(time, "monotonic", lambda: 0.0),  # it only measures how long a call took, for the log
        mock.patch.object(time, "clock_gettime", lambda _: Readings.boot),
        mock.patch.object(time, "sleep", lambda _: None),
    ):
        yield
