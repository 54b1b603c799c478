"""The clocks of the simulation. They stand still, and time passes by moving everything else into the past.

So a state is the same whenever it occurs, and two states can be compared. Times are recognised by their size.
A worker that waits, or that needs a random token, asks the explorer.
"""

import logging
import random
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import anyio

from altegio_partner.ledger import clock

DELAY = 3600.0
"""Seconds: the `status_delay` of the ledger."""
UNIT = DELAY / 4
"""Seconds: how far one step moves the clocks."""
WALL = 1_800_000_000.0
"""What every wall clock shows, now."""
BOOT = 1_000_000.0
"""What the clock since boot shows, now."""
PAST, FUTURE = 5, 14
"""Units: what is farther away than this is equal to what is as far away as this: nothing asks for more."""

_RANGE = 200_000.0  # seconds around a clock's reading in which a number is a time by that clock


class Readings:
    """What the clocks show to the code that runs just now: a replayed step sees them as they were then."""

    wall = WALL
    boot = BOOT
    boot_id = "boot"
    ask: Callable[[str, Any], Any]
    """Is called where the code waits, and where it needs a random token: see `local_states.Step`."""


def moved(value: float, wall: int, boot: int) -> float:
    """Return a time as it looks after its clock has moved on by so many units."""
    if abs(value - WALL) < _RANGE:
        return value - wall * UNIT
    return value - boot * UNIT if abs(value - BOOT) < _RANGE else value


def clipped(value: float) -> float:
    """Return a time, or the farthest one in its direction."""
    for now in (WALL, BOOT):
        if abs(value - now) < _RANGE:
            return min(max(value, now - PAST * UNIT), now + FUTURE * UNIT)
    return value


def seen(value: float) -> float:
    """Return a time as it matters to a worker, which only asks whether one of the clock since boot is over."""
    return max(value, BOOT - UNIT) if abs(value - BOOT) < _RANGE else clipped(value)


@contextmanager
def simulated_time() -> Iterator[None]:
    """Let the code that runs inside see the clocks of the simulation, and wait as long as it says."""
    with (
        mock.patch.object(time, "time", _wall),
        mock.patch.object(time, "monotonic", float),  # it only measures how long a call took, for the log
        mock.patch.object(time, "clock_gettime", _boot),
        mock.patch.object(time, "sleep", _pause),
        mock.patch.object(anyio, "sleep", _async_pause),
        mock.patch.object(random, "uniform", max),
        mock.patch.object(clock, "boot_id", _boot_id),
        mock.patch.object(secrets, "token_hex", _token),
        mock.patch.object(logging.getLogger("altegio_partner"), "disabled", new=True),
    ):
        yield


def _wall() -> float:
    return Readings.wall


def _boot(_: int) -> float:
    return Readings.boot


def _boot_id() -> str:
    return Readings.boot_id


def _pause(_: float) -> None:
    Readings.ask("pause", None)


async def _async_pause(_: float) -> None:
    Readings.ask("pause", None)


def _token(_: int) -> str:
    token: str = Readings.ask("token", None)
    return token
