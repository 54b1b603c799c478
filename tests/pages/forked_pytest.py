"""Runs pytest several times, each in a new process, with what every run imports imported once.

Usage: forked_pytest.py FOLDER, with the arguments of one run in JSON on each line of the standard input. Each run is
forked off a process in which pytest has loaded its plugins and has run nothing. Its exit code and what it prints are
written to the standard output, in JSON, one line a run.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

import pytest


def run(arguments: list[str]) -> tuple[int, str]:
    """Run pytest in a child, and return its exit code and what it has printed."""
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if not child:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
            code = int(pytest.main(arguments))
            sys.stdout.flush()
            os._exit(code)
        _, status = os.waitpid(child, 0)
        output.seek(0)
        return os.waitstatus_to_exitcode(status), output.read().decode()


def main(folder: str) -> None:
    with tempfile.TemporaryDirectory() as empty, tempfile.TemporaryFile("w") as nothing:
        printed, sys.stdout = sys.stdout, nothing
        Path(empty, "pytest.ini").write_text("[pytest]\n")
        code = pytest.main(["-p", "no:cacheprovider", "--rootdir", empty, empty])
        sys.stdout = printed
    assert code == pytest.ExitCode.NO_TESTS_COLLECTED
    os.chdir(folder)
    sys.path[0] = folder  # as `python -m pytest` has it
    for line in sys.stdin:
        sys.stdout.write(json.dumps(run(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
