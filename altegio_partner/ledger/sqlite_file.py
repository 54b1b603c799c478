"""A ledger in an SQLite file: a copy of the file is complete, and its removal or replacement is detected."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sql
import sqlalchemy.event


class SQLiteFile:
    """A file that must not be replaced while it is in use: another one may be an empty or an old ledger.

    Each statement has its own transaction. After it, its changes are on the disk, in the file itself.
    """

    def __init__(self, url: sql.URL, timeout: float) -> None:
        self._path = Path(url.database or "")
        self._identity: tuple[int, int] | None = None
        self.engine = sql.create_engine(
            url,
            connect_args={} if "timeout" in url.query else {"timeout": timeout},
            max_overflow=0,
            paramstyle="named",
            pool_size=1,  # the pool is fair to waiting threads; SQLite lets them sleep and retry
            pool_timeout=timeout,
        )
        sqlalchemy.event.listen(self.engine, "do_connect", self._open_existing_only)
        sqlalchemy.event.listen(self.engine, "connect", _prepare)

    def problem(self) -> str:
        """Return why the file cannot be used, or "" if it is still the file that was opened first."""
        try:
            status = self._path.stat()
        except OSError:
            return "its file was removed while it was in use"
        identity = status.st_dev, status.st_ino
        if self._identity is None:
            self._identity = identity
        return "" if identity == self._identity else "its file was replaced while it was in use"

    def is_lost(self, _: object) -> bool:
        """Return False: the connection can be used again. It keeps the file's inode number from being reused."""
        return False

    def run(self, connection: Any, text: str, values: Mapping[str, object]) -> Any:  # noqa: ANN401  of the driver
        """Execute a statement, and return the cursor with its result."""
        return connection.execute(text, values)

    def create(self, connection: Any, _: object, ddl: Sequence[str]) -> None:  # noqa: ANN401  of the driver
        """Create the tables that are missing, and check that the file and its folder are writable."""
        connection.execute("BEGIN IMMEDIATE")
        for statement in ddl:
            connection.execute(statement)
        ((version,),) = connection.execute("PRAGMA user_version")
        connection.execute(f"PRAGMA user_version = {version}")  # writes, and changes nothing
        connection.execute("COMMIT")

    def _open_existing_only(self, _: object, __: object, arguments: list[object], options: dict[str, object]) -> None:
        if self._identity is not None:
            arguments[0] = f"{self._path.as_uri()}?mode=rw"
            options["uri"] = True


def _prepare(connection: Any, _: object) -> None:  # noqa: ANN401  of the driver
    connection.isolation_level = None  # the driver must not begin transactions on its own
    connection.execute("PRAGMA journal_mode = PERSIST")  # no WAL: what is committed is in the file itself
    connection.execute("PRAGMA synchronous = EXTRA")  # a claim survives a power cut
