"""What came of each row of a file, in a file of its own."""

import csv
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from attrs import frozen

from altegio_partner.errors import OutcomeUnknownError

COLUMNS = ("row", "idempotency_key", "outcome", "payment_id", "text")


@frozen
class Results:
    """The file of results."""

    _file: IO[str]

    def add(self, row: int, idempotency_key: str, outcome: str, payment_id: int | None, text: str) -> None:
        """Write what came of a row."""
        csv.writer(self._file).writerow((row, idempotency_key, outcome, payment_id, text))
        self._file.flush()


def known_results(path: Path) -> Path:
    """Return the path, or raise ValueError where something else stands there than earlier results."""
    try:
        if path.exists() and (not path.is_file() or not _begins_as_results(path)):
            raise ValueError(f"--results {path}: that is something else than results of an import. Name another file.")
        if not path.parent.is_dir():
            raise ValueError(f"--results {path}: there is no folder {path.parent}.")
    except OSError as error:
        raise ValueError(f"--results {path} cannot be written: {error.strerror}.") from None
    return path


@contextmanager
def results_in(path: Path) -> Generator[Results]:
    """Write results beside their place, row by row, and put them there at the end: whole, whoever else does the same.

    Raises:
        OutcomeUnknownError: They cannot be written. The ledger knows what was told.
    """
    try:
        with NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=path.parent, prefix=f"{path.name}.", suffix=".part", delete=False
        ) as file:
            csv.writer(file).writerow(COLUMNS)
            yield Results(file)
        Path(file.name).replace(path)
    except OSError as error:
        raise OutcomeUnknownError(
            f"{path} cannot be written: {error.strerror}. The ledger knows what was told: start again."
        ) from None


def _begins_as_results(path: Path) -> bool:
    with path.open("rb") as file:
        return file.readline().strip() in (b"", ",".join(COLUMNS).encode())
