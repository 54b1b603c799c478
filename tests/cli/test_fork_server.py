"""A forked process does what a process does that an interpreter was started for."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import ForkServer

LOOKS_AROUND = """
import os, signal, sys, time
print(sys.argv, os.getcwd(), sorted(os.environ.items()), sys.path[0], __name__, __file__)
print(time.tzname, time.localtime(0).tm_hour)
print(os.getpgrp() == os.getpid(), sorted(os.listdir("/proc/self/fd")), os.umask(0))
print([signal.getsignal(one) for one in signal.Signals], signal.pthread_sigmask(signal.SIG_BLOCK, []))
for one in (sys.stdin, sys.stdout, sys.stderr, sys.__stdin__, sys.__stdout__, sys.__stderr__):
    print(one.encoding, one.errors, one.line_buffering, one.write_through, one.newlines, type(one.buffer), one.mode)
print(repr(sys.stdin.read()))
print("Zoë", file=sys.stderr)
"""
PROGRAMS = {
    "looks around": LOOKS_AROUND,
    "exits with a number": "import sys; print('out'); sys.exit(300)",
    "exits with None": "import sys; sys.exit()",
    "exits with words": "import sys; sys.exit('words')",
    "exits after a handler": "import atexit, sys; atexit.register(print, 'at exit'); sys.exit(3)",
    "exits beside a thread": "import sys, threading; threading.Timer(0.1, print, ['late']).start(); sys.exit(4)",
    "exits beside a daemon": """import sys, threading
threading.Thread(target=threading.Event().wait, daemon=True).start()
sys.exit(5)""",
    "cannot flush": "import os, sys; print('lost'); os.dup2(os.open('/dev/full', os.O_WRONLY), 1); sys.exit(3)",
    "interrupts itself": "import os, signal; os.kill(os.getpid(), signal.SIGINT)",
    "hangs up": "import os, signal; os.kill(os.getpid(), signal.SIGHUP)",
    "is killed": "import os, signal; print('lost'); os.kill(os.getpid(), signal.SIGKILL)",
    "reads what it does not write": "import sys; sys.stdin.write('x')",
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_it_does_the_same(fork_server: ForkServer, tmp_path: Path, program: str) -> None:
    file = tmp_path / "program.py"
    file.write_text(PROGRAMS[program], encoding="utf-8")
    env = {**{name: value for name, value in os.environ.items() if "COVERAGE" not in name}, "TZ": "Pacific/Apia"}
    arguments = [str(file), "--option", "ö"]
    fresh = subprocess.run(
        [sys.executable, *arguments], cwd=tmp_path, env=env, input="Zoë\r\n", process_group=0,
        capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    forked = fork_server.run(arguments, cwd=tmp_path, env=env, input="Zoë\r\n")
    shown = (forked.returncode, forked.stdout.splitlines(), without_frames(forked.stderr))
    assert (fresh.returncode, fresh.stdout.splitlines(), without_frames(fresh.stderr)) == shown


def without_frames(words: str) -> str:
    """Leave out where in which file an exception was raised."""
    return "".join(line for line in words.splitlines(keepends=True) if not line.startswith(" "))


def test_it_is_a_process_that_takes_signals(fork_server: ForkServer, tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text("import time; print('ready', flush=True); time.sleep(600)")
    with fork_server.start([str(file)], cwd=tmp_path, env=os.environ) as process:
        assert process.stdout.readline() == "ready\n"
        assert process.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.01)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == -signal.SIGTERM
        assert process.poll() == -signal.SIGTERM
        process.kill()  # nobody, any more


def test_what_only_a_fresh_interpreter_reads_is_refused(fork_server: ForkServer, tmp_path: Path) -> None:
    for name in ("PYTHONIOENCODING", "LC_ALL", "FORCE_COLOR"):
        with pytest.raises(ValueError, match=f"{name} is read when an interpreter starts"):
            fork_server.run(["nothing"], cwd=tmp_path, env={**os.environ, name: "other"})
