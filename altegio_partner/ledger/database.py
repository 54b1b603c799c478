"""The database of a ledger: an SQLite file, or PostgreSQL. Its connections, its tables, its transactions."""

import os
from collections.abc import Generator
from contextlib import contextmanager

import sqlalchemy as sql
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.schema import CreateIndex, CreateTable

from .database_url import EXAMPLE, parse_database_url
from .sqlite_file import WatchedFile, sqlite_engine

_WAIT = 30  # seconds for a lock, a connection or a statement
_CREATING = "SELECT pg_advisory_xact_lock(1634497637)"  # of many workers that start at once, one creates the tables
_OF_OTHER_PROCESSES: list[sql.Pool] = []  # whoever collects a connection closes it, also for the process it is of


class StoreError(Exception):
    """The database cannot be used now. The text holds no secret."""


class Database:
    """Connections to one database. It may be used by all threads, after a fork too, and after `close`.

    Args:
        url: An SQLite file with its absolute path, or a PostgreSQL database.
        schema: Where PostgreSQL has the tables; otherwise where its `search_path` says.

    Raises:
        ValueError: The URL names something else, or the driver is not installed.
    """

    def __init__(self, url: str, schema: str | None = None) -> None:
        known = parse_database_url(url)
        self._name = f"{known.drivername}://{known.host or ''}/{known.database}"
        self._file: WatchedFile | None = None
        if known.drivername.startswith("sqlite"):
            if schema is not None:
                raise ValueError("schema is for PostgreSQL: an SQLite file has none. Leave it out.")
            self._file = WatchedFile(known.database or "")
            engine = sqlite_engine(known, _WAIT)
        else:
            try:
                from .postgresql import postgresql_engine  # noqa: PLC0415  its driver is an extra
            except ImportError as error:
                raise ValueError(f"The ledger needs {error.name}: pip install 'altegio-partner[postgresql]'.") from None
            engine = postgresql_engine(known, _WAIT)
        self._engine = engine.execution_options(schema_translate_map={None: schema}) if schema else engine
        self._schema = schema
        self._process = os.getpid()

    def __repr__(self) -> str:
        return self._name  # a password can also be in the query

    @property
    def dialect(self) -> str:
        """The name of the dialect: "sqlite" or "postgresql"."""
        return self._engine.dialect.name

    @contextmanager
    def transaction(self) -> Generator[sql.Connection]:
        """Give a connection for some statements; what they have written is on the disk once this ends.

        In SQLite they are one transaction, alone in the file. In PostgreSQL each of them is a transaction of its own,
        READ COMMITTED, and is committed once `execute` returns: PgBouncer's statement mode allows no other. So what
        must hold together must be one statement.

        Raises:
            IntegrityError: A statement violates a constraint. It wrote nothing.
            StoreError: The database cannot be used. Whether what was being committed is kept is then unknown.
        """
        problem = ""
        try:
            with self._connected() as db:
                yield db
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            # Its text can hold a payload, its frames the password: only the driver's first line is passed on.
            cause = getattr(error, "orig", None) or error
            lines = str(cause).strip().splitlines()
            problem = f"{type(cause).__name__}: {lines[0] if lines else ''}"
        if not problem and self._file is not None:
            problem = self._file.problem()  # what was just committed may be gone with the file
        if problem:
            raise StoreError(f"The ledger {self!r} cannot be used ({problem}).")

    def create(self, metadata: sql.MetaData) -> None:
        """Create the tables that are missing. Where PostgreSQL has them all, no right to create any is needed.

        Raises:
            StoreError: As for `transaction`; the text ends with an example of a URL.
        """
        try:
            with self.transaction() as db:
                names = {table.name for table in metadata.tables.values()}
                found = sql.inspect(db)
                missing = {name for name in names if not found.has_table(name, schema=self._schema)}
                if self.dialect == "sqlite":
                    metadata.create_all(db)
                    version = db.exec_driver_sql("PRAGMA user_version").scalar_one()
                    db.exec_driver_sql(f"PRAGMA user_version = {version}")  # it may be written, and its folder
                elif missing:
                    db.exec_driver_sql(";\n".join([_CREATING, *self._ddl(metadata)]))
        except StoreError as error:
            raise StoreError(f"{error} {EXAMPLE}") from None

    def close(self) -> None:
        """Close the connections. They are opened again when they are needed."""
        self._engine.dispose()

    @contextmanager
    def _connected(self) -> Generator[sql.Connection]:
        if self._process != os.getpid():  # after a fork: the connections belong to the other process
            _OF_OTHER_PROCESSES.append(self._engine.pool)
            self._engine.dispose(close=False)
            self._process = os.getpid()
        with self._engine.begin() as db:
            problem = self._file.problem() if self._file is not None else ""
            if problem:
                raise StoreError(f"The ledger {self!r} cannot be used ({problem}).")
            yield db

    def _ddl(self, metadata: sql.MetaData) -> list[str]:
        """Return what creates the tables, in one message that is one transaction."""
        target = sql.MetaData(schema=self._schema)  # which is that of all its tables
        tables = [table.to_metadata(target) for table in metadata.sorted_tables]
        elements: list[CreateTable | CreateIndex] = []
        for table in tables:
            elements.append(CreateTable(table, if_not_exists=True))
            elements += [CreateIndex(index, if_not_exists=True) for index in table.indexes]
        return [str(element.compile(dialect=self._engine.dialect)) for element in elements]
