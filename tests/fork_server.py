"""A warm interpreter that forks a process for each run of a command: started by `commands.py`, without the tests.

    python fork_server.py SOCKET MODULE...

For each byte from the socket there come four descriptors: a connection, and standard input, output and error. The
connection says what to run, as JSON. It gets the process, as number and descriptor, and its exit code in the end.
"""

import atexit
import gc
import importlib
import io
import json
import os
import runpy
import selectors
import signal
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypedDict


class Run(TypedDict):
    """What to run."""

    arguments: list[str]
    cwd: str
    env: dict[str, str]


def serve(control: socket.socket) -> Run:
    """Fork a process for each run, until no client is left. Returns in these processes only."""
    running: dict[int, tuple[int, socket.socket]] = {}  # by the descriptor of the process
    selector = selectors.DefaultSelector()
    selector.register(control, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fd in running:
                selector.unregister(key.fd)
                os.close(key.fd)
                pid, connection = running.pop(key.fd)
                code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                with connection, suppress(BrokenPipeError):  # the client may be gone
                    connection.sendall(struct.pack("q", code))
                continue
            _, received, _, _ = socket.recv_fds(control, 1, 4)
            if not received:
                for pid, _ in running.values():
                    os.kill(pid, signal.SIGKILL)
                sys.exit()
            connection = socket.socket(fileno=received[0])
            with connection.makefile() as request:
                run: Run = json.load(request)
            assert threading.active_count() == 1, threading.enumerate()  # the others would be missing after the fork
            pid = os.fork()
            if pid == 0:
                selector.close()
                for one in (control, connection, *(other for _, other in running.values())):
                    one.close()
                for descriptor in running:
                    os.close(descriptor)
                take_streams(received[1:])
                return run
            for descriptor in received[1:]:
                os.close(descriptor)
            process = os.pidfd_open(pid)
            running[process] = pid, connection
            selector.register(process, selectors.EVENT_READ)
            socket.send_fds(connection, [struct.pack("q", pid)], [process])


def take_streams(descriptors: list[int]) -> None:
    """Make these the standard streams, and open them as the interpreter opened its own when it started."""
    for number, (descriptor, name) in enumerate(zip(descriptors, ("stdin", "stdout", "stderr"), strict=True)):
        os.dup2(descriptor, number)
        os.close(descriptor)
        mine = getattr(sys, name)
        raw = io.FileIO(number, mine.mode, closefd=False)
        raw.name = f"<{name}>"
        stream = io.TextIOWrapper(
            io.BufferedWriter(raw) if number else io.BufferedReader(raw), mine.encoding, mine.errors,
            newline="\n", line_buffering=number == 2 or raw.isatty(),
        )  # fmt: skip
        stream.mode = mine.mode  # type: ignore[misc]  # it is set where the interpreter starts, too
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def become(run: Run) -> None:
    """Make this process one that a shell has started, in the foreground."""
    os.setpgid(0, 0)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(run["cwd"])
    os.environ.clear()
    os.environ.update(run["env"])
    time.tzset()
    sys.argv = run["arguments"]
    sys.path.insert(0, str(Path(sys.argv[0]).parent))


def leave(code: object) -> None:
    """Exit as the interpreter does, but for freeing all memory: that copies it page by page, and takes 50 ms.

    Returns where there is more to do than that: the interpreter itself is to do it then.
    """
    others = [thread for thread in threading.enumerate() if thread is not threading.main_thread()]
    if isinstance(code, int) and all(thread.daemon for thread in others):
        atexit._run_exitfuncs()  # noqa: SLF001  what the interpreter calls
        with suppress(OSError):  # it says so, and changes the exit code
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code & 0xFF)


def measured() -> Callable[[], object]:
    """Write down which branches were taken, where coverage measures that. Gives what goes on with it after a fork.

    By itself, it begins again in each process, which takes longer than most commands: it reads its settings, and looks
    at each file, to see whether that is to be measured.
    """
    if "COVERAGE_PROCESS_START" not in os.environ:
        return bool
    from coverage import Coverage  # noqa: PLC0415  only there

    del os.environ["COVERAGE_PROCESS_START"]
    coverage = Coverage.current()
    assert coverage
    coverage.save()
    return coverage.start


if __name__ == "__main__":
    for module in sys.argv[2:]:
        importlib.import_module(module)
    go_on_measuring = measured()
    gc.freeze()  # so that a process that looks for garbage copies no page of all this
    with socket.socket(fileno=int(sys.argv[1])) as requests:
        run = serve(requests)
    go_on_measuring()
    become(run)
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    except SystemExit as end:
        leave(end.code)
        raise
