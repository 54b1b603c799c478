"""A log of the calls of a worker and their outcomes, in a file that survives the worker."""

import json
import os
from collections import Counter
from pathlib import Path

from attrs import define, field

REJECTED = "RejectedError"


class CallLog:
    """Writes the file. When a method returns, its line is in the file, even if the worker is then killed."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def write_begin(self, key: str) -> None:
        """Log that a call is about to be made."""
        self._write("begin", key)

    def write_end(self, key: str, outcome: str, payment_id: int | None = None) -> None:
        """Log that the call has returned the id, or raised the error."""
        self._write("end", key, outcome, payment_id)

    def write_exit(self) -> None:
        """Log that the worker has finished, or was stopped."""
        self._write("exit")

    def _write(self, *line: object) -> None:
        os.write(self._file, json.dumps(line).encode() + b"\n")


@define
class CallLogReader:
    """Reads the file while it is being written."""

    path: Path
    ids: dict[str, set[int]] = field(factory=dict[str, set[int]])
    """The payment ids that the worker received, by key."""
    rejected: set[str] = field(factory=set[str])
    begun: set[str] = field(factory=set[str])
    outcomes: Counter[str] = field(factory=Counter[str])
    """The number of calls, by outcome."""
    interrupted: list[str] = field(factory=list[str])
    """The calls in flight when the worker was killed."""
    is_working: bool = False
    """Whether the worker has begun a call since it was last started, and has not exited."""
    has_exited: bool = False
    """Whether the worker has finished, or was stopped."""
    in_flight: str | None = None
    """The call that has begun, and not ended."""
    _offset: int = 0

    def read(self) -> None:
        """Read what was written since the last time."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            file.seek(self._offset)
            content = file.read()
        lines = content[: content.rfind(b"\n") + 1]
        self._offset += len(lines)
        for line in lines.splitlines():
            self._append(*json.loads(line))

    def note_kill(self) -> str | None:
        """Note that the worker was killed, and return the key of the call that was in flight."""
        self.read()
        key, self.in_flight, self.is_working = self.in_flight, None, False
        if key is not None:
            self.interrupted.append(key)
        return key

    @property
    def finished(self) -> set[str]:
        """The keys that the worker need not report again."""
        return self.ids.keys() | self.rejected

    def _append(self, event: str, key: str = "", outcome: str = "", payment_id: int | None = None) -> None:
        if event == "begin":
            self.begun.add(key)
            self.in_flight, self.is_working = key, True
        elif event == "end":
            self.in_flight = None
            self.outcomes[outcome] += 1
            if payment_id is not None:
                self.ids.setdefault(key, set()).add(payment_id)
            elif outcome == REJECTED:
                self.rejected.add(key)
        else:
            self.has_exited, self.is_working = True, False
