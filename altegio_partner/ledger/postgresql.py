"""A PostgreSQL session that works through any pooler, and with any configuration of the server and the role.

Each statement is one message of the simple query protocol, in its own transaction. That works through PgBouncer in
each of its modes, and needs neither prepared statements nor startup options. The settings that the ledger needs precede
the statement in the same message, and so in the same transaction.
"""

import os
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sql
import sqlalchemy.event
from psycopg import waiting
from psycopg.abc import PQGen
from psycopg.rows import TupleRow
from psycopg.sql import quote
from psycopg.waiting import Ready, Wait

R = TypeVar("R")

_GRACE = 5  # seconds to wait for the server's response after its own timeout
_SETTINGS = """
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
SELECT set_config(name, wanted, true)
FROM (VALUES
    ('synchronous_commit', 'on'), ('extra_float_digits', '1'), ('lock_timeout', '{0}s'), ('statement_timeout', '{0}s')
) AS o (name, wanted)
WHERE CASE name
    WHEN 'synchronous_commit' THEN current_setting(name) IN ('off', 'local')
    WHEN 'extra_float_digits' THEN current_setting(name)::integer < 1  -- otherwise, times are read rounded
    ELSE current_setting(name)::interval NOT BETWEEN '1 ms' AND '{0} s'
END;
"""  # stricter settings are kept
_COUNT_MISSING_TABLES = "SELECT count(*) FROM unnest(ARRAY[{}]) AS wanted (name) WHERE to_regclass(name) IS NULL"
_CREATION_LOCK = "SELECT pg_advisory_xact_lock(1634497637)"  # only one worker at a time creates tables


class PostgreSQL:
    """A database that may be shared with an application."""

    def __init__(self, url: sql.URL, timeout: float, schema: str | None) -> None:
        self._settings = _SETTINGS.format(timeout)
        if schema is not None:
            name = '"' + schema.replace('"', '""') + '"'
            self._settings += f"SELECT set_config('search_path', {_literal(name)}, true);\n"
        connect_args = {
            "connect_timeout": os.environ.get("PGCONNECT_TIMEOUT", timeout),
            "tcp_user_timeout": 10_000,  # milliseconds
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            **url.query,
            "client_encoding": "utf8",  # of this session; the database may have another
            "cursor_factory": psycopg.ClientCursor,
        }
        self.engine = sql.create_engine(
            url,
            connect_args=connect_args,
            isolation_level="AUTOCOMMIT",
            max_overflow=15,  # with the pool's 5, one for each of the library's threads
            pool_pre_ping=True,
            pool_timeout=timeout,
            use_native_hstore=False,  # SQLAlchemy would query its type, in a transaction
        )

        @sqlalchemy.event.listens_for(self.engine, "do_connect")
        def connect(_: object, __: object, ___: object, options: dict[str, Any]) -> object:
            connection = _Connection.connect(**options)
            connection.longest_wait, connection.process = timeout + _GRACE, os.getpid()
            return connection

        @sqlalchemy.event.listens_for(self.engine, "close")
        def close(connection: _Connection, _: object) -> None:
            if connection.process != os.getpid():  # after a fork: the parent process still uses it
                with Path(os.devnull).open("r+b") as nothing:
                    os.dup2(nothing.fileno(), connection.fileno())

    def problem(self) -> str:
        """Return "": the connections themselves detect that the server is gone."""
        return ""

    def is_lost(self, connection: Any) -> bool:  # noqa: ANN401  of the driver
        """Return whether the connection cannot be used again after an error."""
        return bool(connection.closed)

    def run(self, connection: Any, text: str, values: Mapping[str, object]) -> Any:  # noqa: ANN401  of the driver
        """Execute a statement, and return the cursor with its result."""
        cursor = connection.cursor()
        cursor.execute(self._settings + text, values)
        while cursor.nextset():  # skip the results of the settings
            pass
        return cursor

    def create(self, connection: Any, names: Sequence[str], ddl: Sequence[str]) -> None:  # noqa: ANN401  of the driver
        """Create the tables if any is missing. Otherwise, the role needs no right to create tables."""
        count = _COUNT_MISSING_TABLES.format(", ".join(map(_literal, names)))
        ((missing,),) = self.run(connection, count, {}).fetchall()
        if missing:
            self.run(connection, ";\n".join([_CREATION_LOCK, *ddl]), {})


class _Connection(psycopg.Connection[TupleRow]):
    """A connection that limits how long it waits for the server, because a broken network may report no error."""

    longest_wait: float = _GRACE  # seconds
    process: int = 0  # the one that opened it

    def wait(self, gen: PQGen[R], *args: Any, **options: Any) -> R:  # noqa: ANN401  of the driver
        try:
            steps = self._with_deadline(gen, monotonic() + self.longest_wait)
            return waiting.wait(steps, self.fileno(), *args, **options)
        except (TimeoutError, KeyboardInterrupt) as stop:
            self.close()  # without a cancel request, which may get no response either
            if not isinstance(stop, TimeoutError):
                raise
        raise psycopg.OperationalError(f"no answer within {self.longest_wait:.0f} seconds")

    def _with_deadline(self, gen: PQGen[R], deadline: float) -> Generator[Wait, Ready | int, R]:
        """Yield the steps of the driver, which resumes every tenth of a second; raise TimeoutError at the deadline."""
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and monotonic() > deadline:
                    raise TimeoutError
                wanted = gen.send(ready)
        except StopIteration as end:
            result: R = end.value
            return result


def _literal(text: str) -> str:
    """Return the SQL literal, with each `%` doubled, because `%` marks parameters."""
    return quote(text).replace("%", "%%")
