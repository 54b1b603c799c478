"""The database of a ledger: an SQLite file, or PostgreSQL. Its connections, its tables, and statements on them."""

import os
from collections.abc import Callable, Mapping
from types import MappingProxyType, SimpleNamespace
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sql
from attrs import frozen
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.schema import CreateIndex, CreateTable

from altegio_partner.bad_argument import bad_argument
from altegio_partner.late_imports import late_imports

from .database_url import EXAMPLE, parse_database_url
from .sqlite_file import SQLiteFile

R = TypeVar("R")

_TIMEOUT = 30  # seconds, for a lock, a connection or a statement
_NO_VALUES: Mapping[str, object] = MappingProxyType({})


class StoreError(Exception):
    """The database cannot be used now. The text contains no secret."""


class ConstraintError(Exception):
    """A statement violates a constraint, and wrote nothing."""


@frozen
class Result:
    """The result of a statement."""

    rows: list[Any]
    """The rows, with an attribute for each column. SQLite returns booleans as 0 and 1."""
    rowcount: int


class Database:
    """One database, for all threads, and for processes forked from this one. It can be used again after `close`.

    Args:
        url: The URL of an SQLite file, with its absolute path, or of a PostgreSQL database.
        schema: The PostgreSQL schema of the tables. Default: the first one in the `search_path`.

    Raises:
        ValueError: The URL names something else, or the driver is not installed.
    """

    def __init__(self, url: str, schema: str | None = None) -> None:
        parsed = parse_database_url(url)
        self._name = f"{parsed.drivername}://{parsed.host or ''}/{parsed.database}"
        if parsed.drivername.startswith("postgresql"):
            try:
                with late_imports:
                    from .postgresql import PostgreSQL  # noqa: PLC0415  its driver is an extra
            except ImportError as error:
                raise ValueError(f"The ledger needs {error.name}: pip install 'altegio-partner[postgresql]'.") from None
            try:
                self._backend: SQLiteFile | PostgreSQL = PostgreSQL(parsed, _TIMEOUT, schema)
            except ArgumentError:
                raise bad_argument("url", "a database URL whose ports are numbers", fix=EXAMPLE) from None
        elif schema is not None:
            raise ValueError("schema is for PostgreSQL: an SQLite file has none. Leave it out.")
        else:
            self._backend = SQLiteFile(parsed, _TIMEOUT)
        self._engine = self._backend.engine
        self._compiled: WeakKeyDictionary[sql.ClauseElement, sql.Compiled] = WeakKeyDictionary()
        self._process = os.getpid()

    def __repr__(self) -> str:
        return self._name  # a password can also be in the query

    @property
    def dialect(self) -> str:
        """The SQL dialect: "sqlite" or "postgresql"."""
        return self._engine.dialect.name

    def execute(self, statement: sql.ClauseElement, values: Mapping[str, object] = _NO_VALUES) -> Result:
        """Execute a statement in its own transaction. When this returns, its changes are on the disk.

        An atomic change must be a single statement: PgBouncer's statement mode allows no longer transactions.

        Args:
            statement: The statement. It is compiled once, so pass the same object each time. `IN` with a list of
                values is not supported.
            values: The values of its bound parameters.

        Raises:
            ConstraintError: The statement violates a constraint.
            StoreError: The database cannot be used. Whether the statement was committed is unknown.
        """
        compiled = self._compiled.get(statement)
        if compiled is None:
            compiled = self._compiled[statement] = statement.compile(dialect=self._engine.dialect)
        text, parameters = compiled.string, compiled.construct_params(values) or {}

        def run(connection: object) -> Result:
            cursor = self._backend.run(connection, text, parameters)
            names = [column[0] for column in cursor.description or ()]
            rows = cursor.fetchall() if names else ()
            return Result([SimpleNamespace(**dict(zip(names, row, strict=True))) for row in rows], cursor.rowcount)

        return self._with_connection(run)

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
            self._with_connection(lambda connection: self._backend.create(connection, names, ddl))
        except StoreError as error:
            raise StoreError(f"{error} {EXAMPLE}") from None

    def close(self) -> None:
        """Close the connections. New ones are opened when they are needed."""
        self._engine.dispose()

    def _with_connection(self, work: Callable[[Any], R]) -> R:
        """Run a function with a connection, and return its result; or raise StoreError or ConstraintError."""
        if self._process != os.getpid():  # after a fork: the connections belong to the parent process
            self.close()
            self._process = os.getpid()
        driver = self._engine.dialect.loaded_dbapi
        error_class: type[Exception] = StoreError
        try:
            pooled = self._engine.raw_connection()
            try:
                problem = self._backend.problem()
                if not problem:
                    result = work(pooled.dbapi_connection)
                    problem = self._backend.problem()  # the file may have been removed during the commit
                    if not problem:
                        return result
            except driver.IntegrityError:
                error_class = ConstraintError
                raise
            except BaseException:
                if self._backend.is_lost(pooled.dbapi_connection):
                    pooled.invalidate()
                raise
            finally:
                pooled.close()
        except (SQLAlchemyError, driver.Error) as error:
            # The text can contain a payload, and the frames the password: only the driver's first line is passed on.
            lines = str(error).strip().splitlines()
            problem = f"{type(error).__name__}: {lines[0] if lines else ''}"
        raise error_class(f"The ledger {self!r} cannot be used ({problem}).")
