"""The library's own session in PostgreSQL, whatever is in front of it, and however server and role are set up.

Each statement is one message of the simple query protocol, and a transaction of its own. That works through PgBouncer
in each of its modes, and needs neither prepared statements nor startup options. The settings of the session are in
front of the statement, in the same message and so in the same transaction.
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

_ANSWER_LATE = 5  # seconds after which an answer that the server has given up on is not awaited any more
_SETTINGS = """
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
SELECT set_config(name, wanted, true)
FROM (VALUES ('synchronous_commit', 'on'), ('lock_timeout', '{0}s'), ('statement_timeout', '{0}s')) AS o (name, wanted)
WHERE CASE name
    WHEN 'synchronous_commit' THEN current_setting(name) IN ('off', 'local')
    ELSE current_setting(name)::interval NOT BETWEEN '1 ms' AND '{0} s'
END;
"""  # what is stricter stays
_MISSING = "SELECT count(*) FROM unnest(ARRAY[{}]) AS wanted (name) WHERE to_regclass(name) IS NULL"
_CREATING = "SELECT pg_advisory_xact_lock(1634497637)"  # of many workers that start at once, one creates the tables


class PostgreSQL:
    """A database that may be shared with an application."""

    def __init__(self, url: sql.URL, wait: float, schema: str | None) -> None:
        self._settings = _SETTINGS.format(wait)
        if schema is not None:
            name = '"' + schema.replace('"', '""') + '"'
            self._settings += f"SELECT set_config('search_path', {_literal(name)}, true);\n"
        given = {
            "connect_timeout": os.environ.get("PGCONNECT_TIMEOUT", wait),
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
            connect_args=given,
            isolation_level="AUTOCOMMIT",
            max_overflow=15,  # with the 5 that are kept, one for each of the library's threads
            pool_pre_ping=True,
            pool_timeout=wait,
            use_native_hstore=False,  # SQLAlchemy would look for its type in a transaction
        )

        @sqlalchemy.event.listens_for(self.engine, "do_connect")
        def connect(_: object, __: object, ___: object, options: dict[str, Any]) -> object:
            connection = _Connection.connect(**options)
            connection.longest_wait, connection.process = wait + _ANSWER_LATE, os.getpid()
            return connection

        @sqlalchemy.event.listens_for(self.engine, "close")
        def close(connection: _Connection, _: object) -> None:
            if connection.process != os.getpid():  # the process before the fork goes on with it
                with Path(os.devnull).open("r+b") as nothing:
                    os.dup2(nothing.fileno(), connection.fileno())

    def problem(self) -> str:
        """Say what has become of the database; its connections notice that themselves."""
        return ""

    def is_lost(self, connection: Any) -> bool:  # noqa: ANN401  of the driver
        """Return whether a connection on which something failed cannot be used again."""
        return bool(connection.closed)

    def run(self, connection: Any, text: str, values: Mapping[str, object]) -> Any:  # noqa: ANN401  of the driver
        """Execute a statement; return the cursor, with its result."""
        cursor = connection.cursor()
        cursor.execute(self._settings + text, values)
        while cursor.nextset():  # past those of the settings
            pass
        return cursor

    def create(self, connection: Any, names: Sequence[str], ddl: Sequence[str]) -> None:  # noqa: ANN401  of the driver
        """Create the tables, unless these names are there. Then no right to create any is needed."""
        ((missing,),) = self.run(connection, _MISSING.format(", ".join(map(_literal, names))), {}).fetchall()
        if missing:
            self.run(connection, ";\n".join([_CREATING, *ddl]), {})


class _Connection(psycopg.Connection[TupleRow]):
    """Waits for the server for a limited time: a network that goes silent reports no error."""

    longest_wait: float = _ANSWER_LATE
    process: int = 0

    def wait(self, gen: PQGen[R], *args: Any, **options: Any) -> R:  # noqa: ANN401  of the driver
        try:
            return waiting.wait(self._until(gen, monotonic() + self.longest_wait), self.fileno(), *args, **options)
        except (TimeoutError, KeyboardInterrupt) as stop:
            self.close()  # without asking the server to cancel: it may be as silent to that
            if not isinstance(stop, TimeoutError):
                raise
        raise psycopg.OperationalError(f"no answer within {self.longest_wait:.0f} seconds")

    def _until(self, gen: PQGen[R], deadline: float) -> Generator[Wait, Ready | int, R]:
        """Do the same steps, until then: between them, the driver comes by every tenth of a second."""
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
    """Return an SQL literal, in a statement with `%` for its parameters."""
    return quote(text).replace("%", "%%")
