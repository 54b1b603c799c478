"""The installed commands as processes: started as anybody starts them, or forked, which takes a tenth of the time.

A forked command is a process like any other, but for what an interpreter reads of its environment before it runs a
program. Where that is the subject of a test, it starts the whole command, with subprocess.
"""

import io
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Self

PARTNER = str(Path(sys.executable).with_name("altegio-partner"))
SANDBOX = str(Path(sys.executable).with_name("altegio-sandbox"))
_SERVER = Path(__file__).with_name("fork_server.py")
_IMPORTED = (
    "altegio_partner.cli.app", "altegio_partner.sandbox.command",
    "encodings.idna", "httpcore", "pydantic.type_adapter", "pydantic.types",  # imported when needed, and that is often
    "altegio_partner.ledger.ledger", "altegio_partner.operations.marketplace", "altegio_partner.rate_limit",
    "sqlalchemy.dialects.sqlite", "zoneinfo",
)  # fmt: skip
_READ_AT_THE_START = ("PYTHON", "LC_", "LANG", "FORCE_COLOR", "NO_COLOR", "GITHUB_ACTIONS", "PY_COLORS", "TERMINAL_")


class Process:
    """A forked command: what a test needs of `subprocess.Popen`."""

    def __init__(self, connection: socket.socket, arguments: Sequence[str], stdout: IO[str], stderr: IO[str]) -> None:
        self.stdout = stdout
        self.stderr = stderr
        self.returncode: int | None = None
        self._arguments = arguments
        self._connection = connection
        number, (self._descriptor, *_), _, _ = socket.recv_fds(connection, 8, 1)
        (self.pid,) = struct.unpack("q", number)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.wait()
        for one in (self.stdout, self.stderr, self._connection):
            one.close()
        os.close(self._descriptor)

    def poll(self) -> int | None:
        """Return its exit code, or None while it runs."""
        if self.returncode is None and select.select([self._connection], [], [], 0)[0]:
            return self.wait()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, and return its exit code."""
        if self.returncode is None:
            self._connection.settimeout(timeout)
            try:
                (self.returncode,) = struct.unpack("q", self._connection.recv(8))
            except TimeoutError:
                raise subprocess.TimeoutExpired(self._arguments, timeout or 0) from None
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Read what it writes until its end. If that does not come in time, make it."""
        with ThreadPoolExecutor(2) as readers:
            out, err = readers.submit(self.stdout.read), readers.submit(self.stderr.read)
            try:
                self.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
            return out.result(), err.result()

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal: to itself, and not to another that has its number by now."""
        if self.poll() is None:
            signal.pidfd_send_signal(self._descriptor, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


class ForkServer:
    """Forks commands from an interpreter that has imported what they import.

    Args:
        more: What that interpreter has in its environment beside that of this process.
    """

    def __init__(self, **more: str) -> None:
        self._control, theirs = socket.socketpair()
        self._environment = dict(os.environ)
        with theirs:
            self._server = subprocess.Popen(
                [sys.executable, "-P", _SERVER, str(theirs.fileno()), *_IMPORTED],
                env={**self._environment, **more},
                stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()], process_group=0,
            )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._control.close()
        assert self._server.wait(60) == 0

    def start(
        self, arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str], input: str = "",  # noqa: A002  as subprocess has it
        stdout: int = subprocess.PIPE, stderr: int = subprocess.PIPE,
    ) -> Process:  # fmt: skip
        """Start a command, the file of a script first, with something short to read."""
        for name in {*env, *self._environment}:
            if name.startswith(_READ_AT_THE_START) and env.get(name) != self._environment.get(name):
                raise ValueError(f"{name} is read when an interpreter starts: use subprocess.")
        reading, writing = os.pipe()
        with os.fdopen(writing, "w", encoding="utf-8") as pipe:
            assert pipe.write(input) <= select.PIPE_BUF
        pipes: list[IO[str]] = []
        theirs = [reading]
        for wanted in (stdout, stderr):
            if wanted == subprocess.PIPE:
                reading, writing = os.pipe()
                theirs.append(writing)
                pipes.append(os.fdopen(reading, encoding="utf-8"))
            else:
                theirs.append(os.dup(theirs[1] if wanted == subprocess.STDOUT else wanted))
                pipes.append(io.StringIO())
        connection, its_end = socket.socketpair()
        with its_end:
            socket.send_fds(self._control, [b"f"], [its_end.fileno(), *theirs])
        for descriptor in theirs:
            os.close(descriptor)
        connection.sendall(json.dumps({"arguments": arguments, "cwd": str(cwd), "env": dict(env)}).encode())
        connection.shutdown(socket.SHUT_WR)
        return Process(connection, arguments, *pipes)

    def run(
        self, arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str], input: str = "",  # noqa: A002  as subprocess has it
        stdout: int = subprocess.PIPE, stderr: int = subprocess.PIPE, timeout: float = 60,
    ) -> subprocess.CompletedProcess[str]:  # fmt: skip
        """Run a command to its end, as `subprocess.run` does."""
        with self.start(arguments, cwd=cwd, env=env, input=input, stdout=stdout, stderr=stderr) as process:
            out, err = process.communicate(timeout)
            return subprocess.CompletedProcess(arguments, process.wait(), out, err)
