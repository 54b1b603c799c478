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

from attrs import define, field

from tests.durability.call_log import CallLogReader
from tests.durability.parameters import PAYMENTS

ROOT = Path(__file__).parents[2]
_PAUSE = 0.005  # seconds between two reads of the call logs
_LATEST = 0.03  # seconds: a kill comes that long after a look at most, so that it comes at any moment of a call
_LONGEST = 60 + PAYMENTS / 4  # seconds


@define
class Worker:
    """One worker, however often it is killed and started again."""

    arguments: str
    reader: CallLogReader
    forker: subprocess.Popen[str]
    _process: int = field(init=False)

    def start(self) -> None:
        """Start it, or start it again after a kill."""
        assert self.forker.stdin is not None
        assert self.forker.stdout is not None
        self.forker.stdin.write(f"{self.arguments}\n")
        self.forker.stdin.flush()
        self._process = os.pidfd_open(int(self.forker.stdout.readline()))

    def kill(self) -> str | None:
        """End it with SIGKILL, and return the key of the call that was under way."""
        with suppress(ProcessLookupError):  # it has ended
            signal.pidfd_send_signal(self._process, signal.SIGKILL)
        assert self._is_over(_LONGEST), "it is still alive"
        os.close(self._process)
        return self.reader.note_kill()

    def stop(self) -> None:
        """Ask it to end after the call that is under way."""
        signal.pidfd_send_signal(self._process, signal.SIGTERM)

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return not self._is_over(0)

    def _is_over(self, seconds: float) -> bool:
        return bool(select.select([self._process], [], [], seconds)[0])


@define
class WorkerPool:
    """All workers of a test."""

    folder: Path
    forker: subprocess.Popen[str]
    workers: list[Worker] = field(factory=list[Worker])
    kills: int = 0
    cut_off: list[str] = field(factory=list[str])
    """The calls that were under way at a kill."""
    _latest: float = field(factory=lambda: time.monotonic() + _LONGEST)

    def start(self, count: int) -> list[Worker]:
        """Start this many more."""
        first = len(self.workers)
        for number in range(first, first + count):
            log = self.folder / f"worker-{number}.jsonl"
            self.workers.append(Worker(f"{number} {log}", CallLogReader(log), self.forker))
            self.workers[-1].start()
        return self.workers[first:]

    def run_until(self, condition: Callable[[], bool], meanwhile: Callable[[], object] = lambda: None) -> None:
        """Wait until the condition holds or all workers are done."""
        while not condition() and any(worker.is_alive for worker in self.workers):
            assert time.monotonic() < self._latest, "they do not come to an end"
            time.sleep(_PAUSE)
            meanwhile()
            for worker in self.workers:
                is_alive = worker.is_alive
                worker.reader.read()
                assert is_alive or worker.reader.has_ended, self.output()

    def kill_one(self, chance: Random) -> str | None:
        """Kill one that is at work, at a random moment, and start it again. Return the key that it was about."""
        at_work = [worker for worker in self.workers if worker.reader.is_up]
        assert at_work, "they are done before all kills: too few keys are ever finished"
        victim = chance.choice(at_work)
        time.sleep(chance.uniform(0, _LATEST))
        key = victim.kill()
        if not victim.reader.has_ended:
            victim.start()
            self.kills += 1
        if key is not None:
            self.cut_off.append(key)
        return key

    def has_finished(self, number: float) -> bool:
        """Return whether a worker is running and at least this many keys are finished."""
        return any(worker.reader.is_up for worker in self.workers) and len(self.finished) >= number

    @property
    def finished(self) -> set[str]:
        """The keys whose outcome at least one worker knows."""
        return set[str]().union(*(worker.reader.finished for worker in self.workers))

    def output(self) -> str:
        """Return what the workers printed: nothing, unless they crash."""
        return (self.folder / "workers.txt").read_text()


@contextmanager
def worker_pool(folder: Path, ledger_url: str, base_url: str, invoices: int) -> Iterator[WorkerPool]:
    """Give a pool without workers yet. They share a ledger, a sandbox and this many invoices."""
    command = [sys.executable, "-m", "tests.durability.worker", ledger_url, base_url, str(invoices)]
    with (
        (folder / "workers.txt").open("w") as said,
        subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True
        ) as forker,
    ):
        pool = WorkerPool(folder, forker)
        try:
            yield pool
        finally:
            for worker in pool.workers:
                worker.kill()
    assert pool.output() == ""
