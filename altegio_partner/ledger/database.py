"""The database of a ledger: an SQLite file, or PostgreSQL. Its connections, its tables, and statements on them."""

import os
from collections.abc import Callable, Mapping
from types import MappingProxyType, SimpleNamespace
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sql
from attrs import frozen
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateIndex, CreateTable

from altegio_partner.late_imports import late_imports

from .database_url import EXAMPLE, parse_database_url
from .sqlite_file import SQLiteFile

R = TypeVar("R")

_WAIT = 30  # seconds for a lock, a connection or a statement
_NONE: Mapping[str, object] = MappingProxyType({})


class StoreError(Exception):
    """The database cannot be used now. The text holds no secret."""


class ConstraintError(Exception):
    """A statement violates a constraint, and has written nothing."""


@frozen
class Result:
    """What a statement has returned and changed."""

    rows: list[Any]
    """With an attribute for each column. SQLite gives 0 and 1 for booleans."""
    rowcount: int


class Database:
    """One database. All threads may use it, and other processes after a fork, also after `close`.

    Args:
        url: An SQLite file with its absolute path, or a PostgreSQL database.
        schema: Where PostgreSQL has the tables; otherwise where its `search_path` says.

    Raises:
        ValueError: The URL names something else, or the driver is not installed.
    """

    def __init__(self, url: str, schema: str | None = None) -> None:
        known = parse_database_url(url)
        self._name = f"{known.drivername}://{known.host or ''}/{known.database}"
        if known.drivername.startswith("postgresql"):
            try:
                with late_imports:
                    from .postgresql import PostgreSQL  # noqa: PLC0415  its driver is an extra
            except ImportError as error:
                raise ValueError(f"The ledger needs {error.name}: pip install 'altegio-partner[postgresql]'.") from None
            self._backend: SQLiteFile | PostgreSQL = PostgreSQL(known, _WAIT, schema)
        elif schema is not None:
            raise ValueError("schema is for PostgreSQL: an SQLite file has none. Leave it out.")
        else:
            self._backend = SQLiteFile(known, _WAIT)
        self._engine = self._backend.engine
        self._compiled: WeakKeyDictionary[sql.ClauseElement, sql.Compiled] = WeakKeyDictionary()
        self._process = os.getpid()

    def __repr__(self) -> str:
        return self._name  # a password can also be in the query

    @property
    def dialect(self) -> str:
        """The name of the dialect: "sqlite" or "postgresql"."""
        return self._engine.dialect.name

    def execute(self, statement: sql.ClauseElement, values: Mapping[str, object] = _NONE) -> Result:
        """Execute a statement. It is a transaction of its own: once this returns, what it wrote is on the disk.

        So what must hold together must be one statement: PgBouncer's statement mode allows no other transaction.

        Args:
            statement: It is compiled once, so make it once. `IN` with a list of values is not supported.
            values: Those of its bound parameters.

        Raises:
            ConstraintError: It violates a constraint.
            StoreError: The database cannot be used. Whether what was being committed is kept is then unknown.
        """
        compiled = self._compiled.get(statement)
        if compiled is None:
            compiled = self._compiled[statement] = statement.compile(dialect=self._engine.dialect)
        text, given = compiled.string, compiled.construct_params(values) or {}

        def run(connection: object) -> Result:
            cursor = self._backend.run(connection, text, given)
            names = [column[0] for column in cursor.description or ()]
            rows = cursor.fetchall() if names else ()
            return Result([SimpleNamespace(**dict(zip(names, row, strict=True))) for row in rows], cursor.rowcount)

        return self._connected(run)

    def create(self, metadata: sql.MetaData) -> None:
        """Create the tables that are missing.

        Raises:
            StoreError: As in `execute`; the text ends with an example of a URL.
        """
        ddl: list[str] = []
        for table in metadata.sorted_tables:
            parts: list[sql.DDLElement] = [CreateTable(table, if_not_exists=True)]
            parts += [CreateIndex(index, if_not_exists=True) for index in table.indexes]
            ddl += [str(part.compile(dialect=self._engine.dialect)) for part in parts]
        names = [table.name for table in metadata.sorted_tables]
        try:
            self._connected(lambda connection: self._backend.create(connection, names, ddl))
        except StoreError as error:
            raise StoreError(f"{error} {EXAMPLE}") from None

    def close(self) -> None:
        """Close the connections. They are opened again when they are needed."""
        self._engine.dispose()

    def _connected(self, work: Callable[[Any], R]) -> R:
        """Work with a connection, and return the result; or raise an error that holds no secret."""
        if self._process != os.getpid():  # after a fork: these belong to the other process
            self.close()
            self._process = os.getpid()
        driver = self._engine.dialect.loaded_dbapi
        kind: type[Exception] = StoreError
        try:
            pooled = self._engine.raw_connection()
            try:
                problem = self._backend.problem()
                if not problem:
                    result = work(pooled.dbapi_connection)
                    problem = self._backend.problem()  # what was just committed may be gone with its file
                    if not problem:
                        return result
            except driver.IntegrityError:
                kind = ConstraintError
                raise
            except BaseException:
                if self._backend.is_lost(pooled.dbapi_connection):
                    pooled.invalidate()
                raise
            finally:
                pooled.close()
        except (SQLAlchemyError, driver.Error) as error:
            # Its text can hold a payload, its frames the password: only the driver's first line is passed on.
            lines = str(error).strip().splitlines()
            problem = f"{type(error).__name__}: {lines[0] if lines else ''}"
        raise kind(f"The ledger {self!r} cannot be used ({problem}).")
