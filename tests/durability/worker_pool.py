"""Worker processes: started, killed at random moments and started again, until all of them are done."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from threading import Timer

from attrs import define, field

from tests.durability.call_log import CallLogReader
from tests.durability.parameters import PAYMENTS
from tests.durability.wall_clock import WallClock

ROOT = Path(__file__).parents[2]
_POLL_INTERVAL = 0.005  # seconds between two reads of the call logs
_MAX_KILL_DELAY = 0.03  # seconds after a read of the log, so that a kill hits any moment of a call
_TIMEOUT = 60 + PAYMENTS  # seconds, on a busy machine


@define
class Worker:
    """One worker, across kills and restarts."""

    arguments: str
    reader: CallLogReader
    forker: subprocess.Popen[str]
    is_frozen: bool = False
    _process: int = field(init=False)
    _thaw: Timer = field(init=False, factory=lambda: Timer(0, lambda: None))

    def start(self) -> None:
        """Start it, or start it again after a kill."""
        assert self.forker.stdin is not None
        assert self.forker.stdout is not None
        self.forker.stdin.write(f"{self.arguments}\n")
        self.forker.stdin.flush()
        self._process = os.pidfd_open(int(self.forker.stdout.readline()))

    def freeze(self, seconds: float) -> None:
        """Let it stand still for that long."""
        self.is_frozen = True
        signal.pidfd_send_signal(self._process, signal.SIGSTOP)
        self._thaw = Timer(seconds, self._go_on)
        self._thaw.start()

    def _go_on(self) -> None:
        signal.pidfd_send_signal(self._process, signal.SIGCONT)
        self.is_frozen = False

    def kill(self) -> str | None:
        """Kill it with SIGKILL, and return the key of the call that was in flight."""
        self._thaw.cancel()
        if self._thaw.is_alive():
            self._thaw.join()
        with suppress(ProcessLookupError):  # it has exited
            signal.pidfd_send_signal(self._process, signal.SIGKILL)
        assert self._has_exited(_TIMEOUT), "it is still alive"
        os.close(self._process)
        return self.reader.note_kill()

    def stop(self) -> None:
        """Ask it to exit after the current call."""
        signal.pidfd_send_signal(self._process, signal.SIGTERM)

    @property
    def is_alive(self) -> bool:
        """Whether the process is running."""
        return not self._has_exited(0)

    def _has_exited(self, seconds: float) -> bool:
        return bool(select.select([self._process], [], [], seconds)[0])


@define
class WorkerPool:
    """The workers of a test."""

    folder: Path
    forker: subprocess.Popen[str]
    clock: WallClock
    kills: int = 0
    freezes: int = 0
    workers: list[Worker] = field(factory=list[Worker])
    frozen: list[str] = field(factory=list[str])
    """The keys of the calls that were in flight when their worker was frozen."""
    interrupted: list[str] = field(factory=list[str])
    """The keys of the calls that were in flight at a kill."""
    _deadline: float = field(factory=lambda: time.monotonic() + _TIMEOUT)

    def start(self, count: int) -> list[Worker]:
        """Start `count` more workers."""
        first = len(self.workers)
        for number in range(first, first + count):
            log = self.folder / f"worker-{number}.jsonl"
            self.workers.append(Worker(f"{number} {log}", CallLogReader(log), self.forker))
            self.workers[-1].start()
        return self.workers[first:]

    def run_until(self, condition: Callable[[], bool], on_poll: Callable[[], object] = lambda: None) -> None:
        """Wait until the condition holds or all workers are done."""
        while not condition() and any(worker.is_alive for worker in self.workers):
            assert time.monotonic() < self._deadline, "the workers do not finish"
            time.sleep(_POLL_INTERVAL)
            on_poll()
            for worker in self.workers:
                is_alive = worker.is_alive
                worker.reader.read()
                assert is_alive or worker.reader.has_exited, self.output()

    def kill_one(self, random: Random) -> str | None:
        """Kill a random worker at a random moment, and restart it. Return the key of the call that was in flight."""
        victim = self._victim(random)
        key = victim.kill()
        if not victim.reader.has_exited:
            victim.start()
            self.kills += 1
        if key is not None:
            self.interrupted.append(key)
        return key

    def freeze_one(self, random: Random, seconds: float) -> None:
        """Let a random worker stand still at a random moment, for that long."""
        victim = self._victim(random)
        victim.freeze(seconds)
        victim.reader.read()
        self.freezes += 1
        self.frozen += filter(None, [victim.reader.in_flight])

    def _victim(self, random: Random) -> Worker:
        assert self._working, "the workers finished before all kills"
        victim = random.choice(self._working)
        time.sleep(random.uniform(0, _MAX_KILL_DELAY))
        return victim

    def has_finished(self, number: float) -> bool:
        """Return whether a worker is working and at least `number` keys are finished."""
        return bool(self._working) and len(self.finished) >= number

    @property
    def _working(self) -> list[Worker]:
        return [worker for worker in self.workers if worker.reader.is_working and not worker.is_frozen]

    @property
    def finished(self) -> set[str]:
        """The keys whose outcome at least one worker knows."""
        return set[str]().union(*(worker.reader.finished for worker in self.workers))

    def output(self) -> str:
        """Return what the workers printed: nothing, unless they crash."""
        return (self.folder / "workers.txt").read_text()


@contextmanager
def worker_pool(folder: Path, ledger_url: str, base_url: str, invoices: int) -> Iterator[WorkerPool]:
    """Yield a pool without workers yet. They share a ledger, a sandbox and this many invoices."""
    clock = folder / "clock"
    command = [sys.executable, "-m", "tests.durability.worker", ledger_url, base_url, str(invoices), str(clock)]
    with (
        (folder / "workers.txt").open("w") as errors,
        subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as forker,
    ):
        pool = WorkerPool(folder, forker, WallClock(clock))
        try:
            yield pool
        finally:
            for worker in pool.workers:
                worker.kill()
    assert pool.output() == ""
