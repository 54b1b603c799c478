"""Writes the log of calls to a stream, without delaying the calls."""

import logging
import os
import queue
import threading
from contextlib import suppress

_MAX_LINES = 1000
_MAX_WAIT = 1.0  # seconds for the last lines


class LogOutput(logging.Handler):
    """Writes lines in a thread. If nobody reads them, as from a full pipe, the newest lines are dropped.

    It writes to a file descriptor, and not to a stream: an interpreter cannot end while a thread waits in one.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._lines = queue.Queue[str | threading.Event](maxsize=_MAX_LINES)
        threading.Thread(target=self._write, daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        """Add a line."""
        with suppress(queue.Full):
            self._lines.put_nowait(self.format(record))

    def flush(self) -> None:
        """Wait until all lines are written, but not for long."""
        is_written = threading.Event()
        with suppress(queue.Full):
            self._lines.put(is_written, timeout=_MAX_WAIT)
            is_written.wait(_MAX_WAIT)

    def _write(self) -> None:
        while True:
            line = self._lines.get()
            if isinstance(line, threading.Event):
                line.set()
            else:
                with suppress(OSError):  # it may be closed
                    os.write(self._descriptor, f"{line}\n".encode(errors="backslashreplace"))
