"""What came of each row of a file: written as it happens, so that stopping loses none of it."""

import csv
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from attrs import frozen

from altegio_partner.errors import OutcomeUnknownError

COLUMNS = ("row", "idempotency_key", "outcome", "payment_id", "text")


@frozen
class Results:
    """The file of results."""

    _file: TextIO

    def add(self, row: int, idempotency_key: str, outcome: str, payment_id: int | None, text: str) -> None:
        """Write what came of a row."""
        values = (row, idempotency_key, outcome, "" if payment_id is None else payment_id, text)
        csv.writer(self._file).writerow(values)
        self._file.flush()


@contextmanager
def results_in(path: Path) -> Generator[Results]:
    """Begin a file of results.

    Raises:
        ValueError: It cannot be opened. Nothing was sent.
        OutcomeUnknownError: It cannot be written any more. The ledger knows what was told.
    """
    try:
        file = path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise ValueError(f"{path} cannot be written: {error.strerror}.") from None
    try:
        with file:
            csv.writer(file).writerow(COLUMNS)
            yield Results(file)
    except OSError as error:
        raise OutcomeUnknownError(
            f"{path} cannot be written any more: {error.strerror}. The ledger knows what was told: start again."
        ) from None
