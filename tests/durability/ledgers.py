"""A new, empty ledger in each kind of database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.pgbouncer import pgbouncer
from tests.servers.postgres import postgres_server


@contextmanager
def new_ledger(database: str, folder: Path) -> Iterator[str]:
    """Yield its URL. The database exists during the block."""
    if database == "sqlite":
        yield f"sqlite:///{folder / 'ledger.db'}"
        return
    with postgres_server() as server, pgbouncer(server, "transaction") as url:
        yield url
