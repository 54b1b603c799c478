"""Which URLs name a database that can hold a ledger."""

import os
from pathlib import Path

import sqlalchemy as sql
from sqlalchemy.exc import ArgumentError

from altegio_partner.bad_argument import bad_argument

EXAMPLE = "Write 'sqlite:////srv/altegio-payments.db' or 'postgresql+psycopg://user:password@host/database'."
_SQLITE = ("sqlite", "sqlite+pysqlite")
_POSTGRESQL = ("postgresql", "postgresql+psycopg")
_SHORT = ("postgres://", "postgres+")  # known to other tools, not to SQLAlchemy
_FILES = (".db", ".sqlite", ".sqlite3")  # without a scheme, anything else may be a secret, by mistake
_NEVER_PREPARED = "prepare_threshold"  # harmless in a URL that is shared with an application


def parse_database_url(url: str) -> sql.URL:
    """Return the parts of the URL of an SQLite file or a PostgreSQL database.

    Raises:
        ValueError: It is something else. The message shows neither user nor password nor host.
    """
    if not isinstance(url, str):
        raise bad_argument("url", "a string", fix=EXAMPLE)
    if url.startswith(_SHORT):
        raise _other_driver("postgres")
    try:
        known = sql.make_url(url)
    except (ArgumentError, ValueError):
        if url.endswith(_FILES) and ":" not in url:
            raise _not_absolute(sql.URL.create("sqlite", database=url)) from None
        raise bad_argument("url", "the address of a database", fix=EXAMPLE) from None
    backend = known.drivername.partition("+")[0]
    if "@" in (known.host or "") or (backend == "postgresql" and "@" in (known.database or "")):
        raise bad_argument("url", "without an @ in user and password", fix="Write it as %40.")
    if backend not in ("sqlite", "postgresql"):
        raise bad_argument("url", "that of an SQLite file or a PostgreSQL database", fix=EXAMPLE)
    if backend == "sqlite":
        if "%" in url.partition("?")[0]:
            wanted = "without % in the path: each release of SQLAlchemy may take it for another file"
            raise bad_argument("url", wanted, fix="Write every character as it is, or rename the folder.")
        return _file(known)
    if known.drivername not in _POSTGRESQL:
        raise _other_driver(known.drivername)
    return known.set(drivername="postgresql+psycopg").difference_update_query([_NEVER_PREPARED])


def _file(url: sql.URL) -> sql.URL:
    path = url.database
    if url.host:
        raise bad_argument("url", "that of a file on this machine", fix="Begin it with 'sqlite:////': four slashes.")
    if not path or path == ":memory:" or path.startswith("file:"):
        raise bad_argument("url", "that of a file: memory is gone after a crash", fix=EXAMPLE)
    if not Path(path).is_absolute():
        raise _not_absolute(url)
    if url.drivername not in _SQLITE:
        raise _other_driver(url.drivername)
    for name in url.query.keys() - {"timeout"}:
        raise bad_argument("url", f"without {name!r}: the ledger has settings of its own", fix="Leave it out.")
    return url


def _not_absolute(url: sql.URL) -> ValueError:
    wanted, path = "a URL with an absolute path: a relative one is another file in each folder", url.database or ""
    meant = os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111  links stay as written
    if "@" in path or "%" in meant:  # before an @, there may be a password; a % is rejected
        return bad_argument("url", wanted, fix=EXAMPLE)
    _, mark, query = url.render_as_string().partition("?")
    return bad_argument("url", wanted, write=f"sqlite:///{meant}{mark}{query}")


def _other_driver(name: str) -> ValueError:
    right = "postgresql+psycopg" if name.startswith("postgres") else "sqlite"
    return bad_argument(
        "url", f"one for SQLAlchemy's {right}, not {name}", fix=f"Begin it with '{right}://': the rest stays as it is."
    )
