"""Workers in processes of their own: started, killed at random moments, started again, until all of them are done."""

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

from tests.durability.call_log import Reading
from tests.durability.parameters import PAYMENTS

ROOT = Path(__file__).parents[2]
_PAUSE = 0.005  # seconds between two looks at the journals
_LATEST = 0.03  # seconds: a kill comes that long after a look at most, so that it comes at any moment of a call
_LONGEST = 60 + PAYMENTS / 4  # seconds


@define
class Worker:
    """One of them, through all its lives."""

    order: str
    reading: Reading
    nursery: subprocess.Popen[str]
    _process: int = field(init=False)

    def start(self) -> None:
        """Begin a life."""
        assert self.nursery.stdin is not None
        assert self.nursery.stdout is not None
        self.nursery.stdin.write(f"{self.order}\n")
        self.nursery.stdin.flush()
        self._process = os.pidfd_open(int(self.nursery.stdout.readline()))

    def kill(self) -> str | None:
        """End it with SIGKILL, and return the key of the call that was under way."""
        with suppress(ProcessLookupError):  # it has ended
            signal.pidfd_send_signal(self._process, signal.SIGKILL)
        assert self._is_over(_LONGEST), "it outlives its death"
        os.close(self._process)
        return self.reading.killed()

    def dismiss(self) -> None:
        """Ask it to end after the call that is under way."""
        signal.pidfd_send_signal(self._process, signal.SIGTERM)

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return not self._is_over(0)

    def _is_over(self, seconds: float) -> bool:
        return bool(select.select([self._process], [], [], seconds)[0])


@define
class Crew:
    """All of them."""

    folder: Path
    nursery: subprocess.Popen[str]
    workers: list[Worker] = field(factory=list[Worker])
    kills: int = 0
    cut_off: list[str] = field(factory=list[str])
    """The calls that were under way at a kill."""
    _latest: float = field(factory=lambda: time.monotonic() + _LONGEST)

    def hire(self, count: int) -> list[Worker]:
        """Start so many more."""
        first = len(self.workers)
        for number in range(first, first + count):
            journal = self.folder / f"worker-{number}.jsonl"
            self.workers.append(Worker(f"{number} {journal}", Reading(journal), self.nursery))
            self.workers[-1].start()
        return self.workers[first:]

    def work_until(self, is_so: Callable[[], bool], meanwhile: Callable[[], object] = lambda: None) -> None:
        """Let them work until it is so, or all are done."""
        while not is_so() and any(worker.is_alive for worker in self.workers):
            assert time.monotonic() < self._latest, "they do not come to an end"
            time.sleep(_PAUSE)
            meanwhile()
            for worker in self.workers:
                is_alive = worker.is_alive
                worker.reading.look()
                assert is_alive or worker.reading.has_ended, self.said()

    def kill_one(self, chance: Random) -> str | None:
        """Kill one that is at work, at a random moment, and start it again. Return the key that it was about."""
        at_work = [worker for worker in self.workers if worker.reading.is_up]
        assert at_work, "they are done before all kills: too little is ever settled"
        victim = chance.choice(at_work)
        time.sleep(chance.uniform(0, _LATEST))
        key = victim.kill()
        if not victim.reading.has_ended:
            victim.start()
            self.kills += 1
        if key is not None:
            self.cut_off.append(key)
        return key

    def has_settled(self, number: float) -> bool:
        """Say whether one of them is at work, and so many keys are settled."""
        return any(worker.reading.is_up for worker in self.workers) and len(self.settled) >= number

    @property
    def settled(self) -> set[str]:
        """The keys of which one of them at least knows what came of it."""
        return set[str]().union(*(worker.reading.settled for worker in self.workers))

    def said(self) -> str:
        """Return what they have said: nothing, unless they crash."""
        return (self.folder / "crew.txt").read_text()


@contextmanager
def crew_of(folder: Path, ledger_url: str, base_url: str, invoices: int) -> Iterator[Crew]:
    """Give a crew without workers yet, which share a ledger, an Altegio and so many invoices."""
    command = [sys.executable, "-m", "tests.durability.worker", ledger_url, base_url, str(invoices)]
    with (
        (folder / "crew.txt").open("w") as said,
        subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True
        ) as nursery,
    ):
        crew = Crew(folder, nursery)
        try:
            yield crew
        finally:
            for worker in crew.workers:
                worker.kill()
    assert crew.said() == ""
