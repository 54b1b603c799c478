"""A ledger in an SQLite file: written so that a copy of the one file is whole, and noticed when it is another file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sql
import sqlalchemy.event


class SQLiteFile:
    """A file that must stay the one it was: what has its name later may be an empty ledger, or an old one.

    Each statement is a transaction of its own: what it has written is then on the disk, in the file itself.
    """

    def __init__(self, url: sql.URL, wait: float) -> None:
        self._path = Path(url.database or "")
        self._identity: tuple[int, int] | None = None
        self.engine = sql.create_engine(
            url,
            connect_args={} if "timeout" in url.query else {"timeout": wait},
            max_overflow=0,
            paramstyle="named",
            pool_size=1,  # threads that wait for the pool are served in turn; SQLite would let them sleep
            pool_timeout=wait,
        )
        sqlalchemy.event.listen(self.engine, "do_connect", self._do_not_create_again)
        sqlalchemy.event.listen(self.engine, "connect", _prepare)

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

    def is_lost(self, _: object) -> bool:
        """Return False: an open connection keeps the file, so that no other file can have its number."""
        return False

    def run(self, connection: Any, text: str, values: Mapping[str, object]) -> Any:  # noqa: ANN401  of the driver
        """Execute a statement; return the cursor, with its result."""
        return connection.execute(text, values)

    def create(self, connection: Any, _: object, ddl: Sequence[str]) -> None:  # noqa: ANN401  of the driver
        """Create the tables that are missing, and see whether the file and its folder may be written."""
        connection.execute("BEGIN IMMEDIATE")
        for statement in ddl:
            connection.execute(statement)
        ((version,),) = connection.execute("PRAGMA user_version")
        connection.execute(f"PRAGMA user_version = {version}")  # writes, and changes nothing
        connection.execute("COMMIT")

    def _do_not_create_again(self, _: object, __: object, arguments: list[object], options: dict[str, object]) -> None:
        if self._identity is not None:
            arguments[0] = f"{self._path.as_uri()}?mode=rw"
            options["uri"] = True


def _prepare(connection: Any, _: object) -> None:  # noqa: ANN401  of the driver
    connection.isolation_level = None  # the driver would begin transactions as it likes
    connection.execute("PRAGMA journal_mode = PERSIST")  # no WAL: what is committed is in the file itself
    connection.execute("PRAGMA synchronous = EXTRA")  # a claim survives a power cut
