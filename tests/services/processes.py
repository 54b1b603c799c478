"""Processes of the examples, which are killed in the middle of their work."""

import os
import re
import signal
import subprocess
import sysconfig
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

EXAMPLES = Path(__file__).parents[2] / "examples"


def environment(**more: str) -> dict[str, str]:
    """That of a reader: the installed commands are found, and nothing of this test run is known."""
    settings = re.compile(r"COVERAGE|ALTEGIO_|PYTEST_|DJANGO_|CELERY_|DBOS_|\w*_proxy$", re.IGNORECASE)
    clean = {name: value for name, value in os.environ.items() if not settings.match(name)}
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)])
    return {**clean, "PATH": path, "PYTHONUNBUFFERED": "1", **more}


@frozen
class Process:
    """A process, with its children."""

    popen: subprocess.Popen[bytes]
    log: Path

    @property
    def text(self) -> str:
        """What it has written so far."""
        return self.log.read_text(encoding="utf-8")

    def wait_for(self, words: str, seconds: float = 60) -> None:
        """Wait until it has written this."""

        def has_written() -> bool:
            assert self.popen.poll() is None or words in self.text, f"It ended without {words!r}:\n{self.text}"
            return words in self.text

        until(has_written, lambda: f"It should have written {words!r}:\n{self.text}", seconds)

    @property
    def children(self) -> list[int]:
        """The processes that it has started."""
        pid = self.popen.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def kill(self) -> None:
        """As when its machine dies: at once, and all of it."""
        os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait(timeout=30)


@contextmanager
def started(command: Sequence[str], settings: dict[str, str], log: Path) -> Iterator[Process]:
    """Run a command as long as the block lasts, if it does not end before."""
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, cwd=EXAMPLES.parent, env=settings, stdout=output, stderr=output, start_new_session=True
        ) as popen,
    ):
        process = Process(popen, log)
        try:
            yield process
        finally:
            if popen.poll() is None:
                process.kill()


def run(command: Sequence[str], settings: dict[str, str], given: str = "") -> str:
    """Run a command to its end, and return what it has written."""
    ran = subprocess.run(
        command, cwd=EXAMPLES.parent, env=settings, input=given, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def until(happened: Callable[[], bool], complaint: Callable[[], str], seconds: float = 60) -> None:
    """Wait until it has happened, or fail."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, complaint()
        time.sleep(0.02)
