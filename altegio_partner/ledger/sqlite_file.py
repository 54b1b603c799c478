"""A ledger in an SQLite file: written so that a copy of the one file is whole, and noticed when it is another file."""

from pathlib import Path
from typing import Any

import sqlalchemy as sql
import sqlalchemy.event


def sqlite_engine(url: sql.URL, wait: float) -> sql.Engine:
    """Return an engine whose transactions are on the disk, in the file itself, once they have ended."""
    options = {} if "timeout" in url.query else {"timeout": wait}
    engine = sql.create_engine(url, connect_args=options, hide_parameters=True)
    sqlalchemy.event.listen(engine, "connect", _prepare)
    sqlalchemy.event.listen(engine, "begin", _begin)
    return engine


class WatchedFile:
    """A file that must stay the one it was: what has its name later may be an empty ledger, or an old one."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._identity: tuple[int, int] | None = None

    def problem(self) -> str:
        """Say what has become of the file; nothing where it is still the one that was seen first."""
        try:
            status = self._path.stat()
        except OSError:
            return "its file was removed while it was in use"
        identity = status.st_dev, status.st_ino
        if self._identity is None:
            self._identity = identity
        return "" if identity == self._identity else "its file was replaced while it was in use"


def _prepare(connection: Any, _: object) -> None:  # noqa: ANN401  of the driver
    connection.isolation_level = None  # the driver would begin transactions as it likes
    connection.execute("PRAGMA journal_mode = PERSIST")  # no WAL: what is committed is in the file itself
    connection.execute("PRAGMA synchronous = EXTRA")  # a claim survives a power cut


def _begin(connection: sql.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
