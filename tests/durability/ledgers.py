"""A ledger that nobody has opened yet, in each kind of database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.postgres import postgres_server


@contextmanager
def new_ledger(database: str, folder: Path) -> Iterator[str]:
    """Give its URL. The database is there as long as the block lasts."""
    if database == "sqlite":
        yield f"sqlite:///{folder / 'ledger.db'}"
        return
    with postgres_server() as url:
        yield url
