"""The URL of a ledger's database."""

import math
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
_NOT_ABSOLUTE = "a URL with an absolute path: a relative one is another file in each folder"
_UNSEEN = "without spaces around it and without characters that cannot be seen: with them, it names another database"
_LONGEST_TIMEOUT = 3600  # seconds
_IGNORED_OPTION = "prepare_threshold"  # the ledger prepares no statements; the application may share its URL


def parse_database_url(url: str) -> sql.URL:
    """Return the parsed URL of an SQLite file or a PostgreSQL database.

    Raises:
        ValueError: The URL names something else. The message shows neither user nor password nor host.
    """
    if not isinstance(url, str):
        raise bad_argument("url", "a string", fix=EXAMPLE)
    _check_characters(url)
    if url.startswith(_OTHER_SCHEMES):
        raise _other_driver("postgres")
    try:
        parsed = sql.make_url(url)
    except (ArgumentError, ValueError):
        if url.endswith(_FILE_EXTENSIONS) and ":" not in url:
            raise _other_path(sql.URL.create("sqlite"), _NOT_ABSOLUTE, url) from None
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


def _check_characters(url: str) -> None:
    if not url.isprintable() or url != url.strip() or "%00" in url:
        seen = url.strip()
        may_show = seen.isprintable() and seen.startswith("sqlite:////") and "@" not in seen and "%" not in seen
        raise bad_argument("url", _UNSEEN, write=seen if may_show else "", fix="" if may_show else "Remove them.")


def _file(url: sql.URL) -> sql.URL:
    path = url.database
    if url.host:
        raise bad_argument("url", "the URL of a file on this machine", fix="Begin it with 'sqlite:////': four slashes.")
    if not path or path == ":memory:" or path.startswith("file:"):
        raise bad_argument("url", "the URL of a file: an in-memory database does not survive a crash", fix=EXAMPLE)
    if not Path(path).is_absolute():
        raise _other_path(url, _NOT_ABSOLUTE, path)
    if ".." in Path(path).parts:
        raise _other_path(url, "without .. in the path: behind a symbolic link, it can name two files", path)
    if path != path.strip():
        raise _other_path(url, _UNSEEN, path.strip())
    if url.drivername not in _SQLITE:
        raise _other_driver(url.drivername)
    for name in url.query.keys() - {"timeout"}:
        raise bad_argument("url", f"without {name!r}: the ledger sets its own options", fix="Leave it out.")
    if not 0 <= _number(url.query.get("timeout", "0")) <= _LONGEST_TIMEOUT:
        wanted = f"a URL with one timeout, of 0 to {_LONGEST_TIMEOUT} seconds"
        raise bad_argument("url", wanted, fix="Write ?timeout=30, or leave it out.")
    return url


def _number(value: object) -> float:
    try:
        return float(str(value))  # several values are a tuple
    except ValueError:
        return math.nan


def _other_path(url: sql.URL, wanted: str, path: str) -> ValueError:
    """Return the error that says how to write this path, unless it may contain a password."""
    path = os.path.expanduser(path)  # noqa: PTH111  Path raises RuntimeError for an unknown user
    is_ambiguous = ".." in Path(path).parts
    right = os.path.realpath(path) if is_ambiguous else os.path.abspath(path)  # noqa: PTH100  symbolic links stay
    if "@" in path or "%" in right:  # before an @, there may be a password; a % is rejected
        return bad_argument("url", wanted, fix=EXAMPLE)
    _, question_mark, query = url.render_as_string().partition("?")
    return bad_argument("url", wanted, write=f"sqlite:///{right}{question_mark}{query}")


def _other_driver(name: str) -> ValueError:
    driver = "postgresql+psycopg" if name.startswith("postgres") else "sqlite"
    return bad_argument(
        "url", f"one for SQLAlchemy's {driver}, not {name}", fix=f"Begin it with '{driver}://' and keep the rest."
    )
