"""Runs a command while the sandbox serves."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence

_NOT_FOUND, _NOT_EXECUTABLE, _SIGNALLED = 127, 126, 128  # as shells have it
_SENT_TO_BOTH = [getattr(signal, name) for name in ("SIGINT", "SIGQUIT") if hasattr(signal, name)]
_PASSED_ON = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


def run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command with additional environment variables, and return its exit code.

    A terminal sends Ctrl-C to both: the command decides what it does. SIGTERM and SIGHUP are passed on. A signal that
    is ignored stays ignored, also by the command.
    """
    process: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def handle(number: int, _: object) -> None:
        if number in _PASSED_ON:
            if process is None:
                early.append(number)
            else:
                process.send_signal(number)

    for number in (*_SENT_TO_BOTH, *_PASSED_ON):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handle)  # not SIG_IGN, which the command would inherit
    try:
        process = subprocess.Popen(command, env={**os.environ, **environment})  # noqa: S603  the user wrote it
    except OSError as error:
        problem = error.errno or 0
        if os.sep not in command[0] and shutil.which(command[0]) is None:
            problem = errno.ENOENT  # also where a folder of PATH cannot be looked into, which the system says instead
        print(f"altegio-sandbox: cannot run {command[0]}: {os.strerror(problem)}", file=sys.stderr)
        return _NOT_FOUND if problem == errno.ENOENT else _NOT_EXECUTABLE
    with process:
        for number in early:
            process.send_signal(number)
        code = process.wait()
    return code if code >= 0 else _SIGNALLED - code
