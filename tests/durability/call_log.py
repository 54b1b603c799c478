"""What a worker has begun and has learned, line by line, in a file that outlives the worker."""

import json
import os
from collections import Counter
from pathlib import Path

from attrs import define, field

REJECTED = "RejectedError"


class CallLog:
    """Writes the file: a line is in it once the method returns, also for a worker that is killed then."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def begins(self, key: str) -> None:
        """A call is about to be made."""
        self._write("begins", key)

    def ended(self, key: str, outcome: str, payment_id: int | None = None) -> None:
        """The call has returned the id, or raised the error."""
        self._write("ended", key, outcome, payment_id)

    def ends(self) -> None:
        """The worker has nothing left to do, or was stopped."""
        self._write("ends")

    def _write(self, *line: object) -> None:
        os.write(self._file, json.dumps(line).encode() + b"\n")


@define
class CallLogReader:
    """Reads the file while it grows."""

    path: Path
    ids: dict[str, set[int]] = field(factory=dict[str, set[int]])
    """The payment ids that the worker received, by key."""
    rejected: set[str] = field(factory=set[str])
    begun: set[str] = field(factory=set[str])
    outcomes: Counter[str] = field(factory=Counter[str])
    """How many calls ended how."""
    cut_off: list[str] = field(factory=list[str])
    """The calls that had begun and not ended when the worker was killed."""
    is_up: bool = False
    """Whether a call was begun since the worker was started last."""
    has_ended: bool = False
    """Whether the worker has come to an end by itself."""
    _under_way: str | None = None
    _offset: int = 0

    def read(self) -> None:
        """Read what was written since."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            file.seek(self._offset)
            content = file.read()
        whole = content[: content.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.splitlines():
            self._take(*json.loads(line))

    def note_kill(self) -> str | None:
        """The worker was killed: return the key of the call that was under way."""
        self.read()
        key, self._under_way, self.is_up = self._under_way, None, False
        if key is not None:
            self.cut_off.append(key)
        return key

    @property
    def finished(self) -> set[str]:
        """The keys that the worker need not report again."""
        return self.ids.keys() | self.rejected

    def _take(self, what: str, key: str = "", outcome: str = "", payment_id: int | None = None) -> None:
        if what == "starts":
            self.has_ended = False
        elif what == "begins":
            self.begun.add(key)
            self._under_way, self.is_up = key, True
        elif what == "ended":
            self._under_way = None
            self.outcomes[outcome] += 1
            if payment_id is not None:
                self.ids.setdefault(key, set()).add(payment_id)
            elif outcome == REJECTED:
                self.rejected.add(key)
        else:
            self.has_ended, self.is_up = True, False
