"""The library's own session in PostgreSQL, whatever is in front of it, and however server and role are set up.

Each statement is one message of the simple query protocol, and commits on its own. That works through PgBouncer in
each of its modes, and needs neither prepared statements nor startup options. The settings of the session are in front
of the statement, in the same message and so in the same transaction.
"""

import os
from collections.abc import Generator
from time import monotonic
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sql
import sqlalchemy.event
from psycopg.abc import PQGen
from psycopg.rows import TupleRow
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


def postgresql_engine(url: sql.URL, wait: float) -> sql.Engine:
    """Return an engine whose connections are set up like that, and wait no longer than this many seconds."""
    settings = _SETTINGS.format(wait)
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
    engine = sql.create_engine(
        url,
        connect_args=given,
        hide_parameters=True,
        isolation_level="AUTOCOMMIT",
        pool_pre_ping=True,
        use_native_hstore=False,  # SQLAlchemy would look for its type in a transaction
    )

    @sqlalchemy.event.listens_for(engine, "do_connect")
    def connect(_: object, __: object, ___: object, options: dict[str, Any]) -> object:
        connection = _Connection.connect(**options)
        connection.longest_wait = wait + _ANSWER_LATE
        return connection

    @sqlalchemy.event.listens_for(engine, "before_cursor_execute", retval=True)
    def add_settings(_: object, __: object, statement: str, parameters: object, *___: object) -> tuple[str, object]:
        return settings + statement, parameters

    @sqlalchemy.event.listens_for(engine, "after_cursor_execute")
    def skip_their_results(_: object, cursor: psycopg.ClientCursor[TupleRow], *__: object) -> None:
        while cursor.nextset():
            pass

    return engine


class _Connection(psycopg.Connection[TupleRow]):
    """Waits for the server for a limited time: a network that goes silent reports no error."""

    longest_wait: float = _ANSWER_LATE

    def wait(self, gen: PQGen[R], *args: Any, **options: Any) -> R:  # noqa: ANN401  of the driver
        try:
            return super().wait(self._until(gen, monotonic() + self.longest_wait), *args, **options)
        except TimeoutError:
            self.close()
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
