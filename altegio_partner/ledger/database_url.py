"""The URL of a ledger's database."""

import os
from pathlib import Path

import sqlalchemy as sql
from sqlalchemy.exc import ArgumentError

from altegio_partner.bad_argument import bad_argument

EXAMPLE = "Write 'sqlite:////srv/altegio-payments.db' or 'postgresql+psycopg://user:password@host/database'."
_SQLITE = ("sqlite", "sqlite+pysqlite")
_POSTGRESQL = ("postgresql", "postgresql+psycopg")
_OTHER_SCHEMES = ("postgres://", "postgres+")  # accepted by other tools, not by SQLAlchemy
_FILE_EXTENSIONS = (".db", ".sqlite", ".sqlite3")  # text without them and without a scheme may be a secret
_IGNORED_OPTION = "prepare_threshold"  # the ledger prepares no statements; the application may share its URL


def parse_database_url(url: str) -> sql.URL:
    """Return the parsed URL of an SQLite file or a PostgreSQL database.

    Raises:
        ValueError: The URL names something else. The message shows neither user nor password nor host.
    """
    if not isinstance(url, str):
        raise bad_argument("url", "a string", fix=EXAMPLE)
    if url.startswith(_OTHER_SCHEMES):
        raise _other_driver("postgres")
    try:
        parsed = sql.make_url(url)
    except (ArgumentError, ValueError):
        if url.endswith(_FILE_EXTENSIONS) and ":" not in url:
            raise _not_absolute(sql.URL.create("sqlite", database=url)) from None
        raise bad_argument("url", "a database URL", fix=EXAMPLE) from None
    backend = parsed.drivername.partition("+")[0]
    if "@" in (parsed.host or "") or (backend == "postgresql" and "@" in (parsed.database or "")):
        raise bad_argument("url", "without an @ in user and password", fix="Write it as %40.")
    if backend not in ("sqlite", "postgresql"):
        raise bad_argument("url", "the URL of an SQLite file or a PostgreSQL database", fix=EXAMPLE)
    if backend == "sqlite":
        if "%" in url.partition("?")[0]:
            wanted = "without % in the path: releases of SQLAlchemy disagree about which file it names"
            raise bad_argument("url", wanted, fix="Write every character as it is, or rename the folder.")
        return _file(parsed)
    if parsed.drivername not in _POSTGRESQL:
        raise _other_driver(parsed.drivername)
    return parsed.set(drivername="postgresql+psycopg").difference_update_query([_IGNORED_OPTION])


def _file(url: sql.URL) -> sql.URL:
    path = url.database
    if url.host:
        raise bad_argument("url", "the URL of a file on this machine", fix="Begin it with 'sqlite:////': four slashes.")
    if not path or path == ":memory:" or path.startswith("file:"):
        raise bad_argument("url", "the URL of a file: an in-memory database does not survive a crash", fix=EXAMPLE)
    if not Path(path).is_absolute():
        raise _not_absolute(url)
    if url.drivername not in _SQLITE:
        raise _other_driver(url.drivername)
    for name in url.query.keys() - {"timeout"}:
        raise bad_argument("url", f"without {name!r}: the ledger sets its own options", fix="Leave it out.")
    return url


def _not_absolute(url: sql.URL) -> ValueError:
    wanted, path = "a URL with an absolute path: a relative one is another file in each folder", url.database or ""
    absolute = os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111  symbolic links stay as written
    if "@" in path or "%" in absolute:  # before an @, there may be a password; a % is rejected
        return bad_argument("url", wanted, fix=EXAMPLE)
    _, question_mark, query = url.render_as_string().partition("?")
    return bad_argument("url", wanted, write=f"sqlite:///{absolute}{question_mark}{query}")


def _other_driver(name: str) -> ValueError:
    driver = "postgresql+psycopg" if name.startswith("postgres") else "sqlite"
    return bad_argument(
        "url", f"one for SQLAlchemy's {driver}, not {name}", fix=f"Begin it with '{driver}://' and keep the rest."
    )
