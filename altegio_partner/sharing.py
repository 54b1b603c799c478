"""Values that belong to one process or event loop, for clients that are used in several."""

import os
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

import anyio
from anyio.lowlevel import RunVar

V = TypeVar("V")

_THREADS = 20  # separate from the threads of the application, which may all be busy


class PerProcess(Generic[V]):
    """One value for each process, created on first use."""

    def __init__(self, make: Callable[[], V]) -> None:
        self._make = make
        self._values: dict[int, V] = {}

    def get(self) -> V:
        """Return the value of this process, and release that of the process it was forked from."""
        process = os.getpid()
        value = self._values.get(process)
        if value is None:
            value = self._values.setdefault(process, self._make())
            for other in self._values.keys() - {process}:
                self._values.pop(other, None)
        return value


class EventLoop:
    """Identifies an event loop in a process."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.threads = anyio.CapacityLimiter(_THREADS)  # of this library


_RUNNING: RunVar[EventLoop | None] = RunVar("altegio_partner", None)


def running_loop() -> EventLoop:
    """Return the running event loop."""
    loop = _RUNNING.get()
    if loop is None or loop.process != os.getpid():
        loop = EventLoop()
        _RUNNING.set(loop)
    return loop


class PerLoop(Generic[V]):
    """One value for each event loop, created on first use and released with the loop."""

    def __init__(self, make: Callable[[], V]) -> None:
        self._make = make
        self._values: WeakKeyDictionary[EventLoop, V] = WeakKeyDictionary()

    def get(self) -> V:
        """Return the value of the running loop."""
        loop = running_loop()
        value = self._values.get(loop)
        if value is None:
            value = self._values[loop] = self._make()
        return value
