"""The ledger's table, in SQLite or PostgreSQL, and its transactions."""

import json
import os
import secrets
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

import sqlalchemy as sql
import sqlalchemy.event
from attrs import astuple, evolve, frozen
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, IntegrityError, NoSuchModuleError, SQLAlchemyError

from altegio_partner.bad_argument import bad_argument

_VERSION = 1
_WAIT = 30  # seconds for a lock or a connection
_TIMEOUTS = f"-c lock_timeout={_WAIT}s -c statement_timeout={_WAIT}s"
_EXAMPLE = "Write 'sqlite:///altegio-payments.db' or 'postgresql+psycopg://user:password@host/database'."
_TABLES = sql.MetaData()
_VERSIONS = sql.Table("altegio_ledger_version", _TABLES, sql.Column("version", sql.Integer, primary_key=True))
_CLAIMS = sql.Table(
    "altegio_ledger",
    _TABLES,
    sql.Column("idempotency_key", sql.String(255), primary_key=True),
    sql.Column("operation", sql.String(50), nullable=False),
    sql.Column("application_id", sql.BigInteger, nullable=False),
    sql.Column(
        "payload", sql.Text, nullable=False
    ),  # the reported values as JSON, with sorted names: comparable as text
    sql.Column("salon_id", sql.BigInteger),  # NULL in the refund of a payment that is not in the ledger
    sql.Column("payment_id", sql.BigInteger),
    sql.Column("state", sql.String(8), nullable=False),  # "pending" or "recorded"
    sql.Column("claimed_at", sql.Float(53), nullable=False),  # seconds since 1970
    sql.Column("claim_token", sql.String(32), nullable=False),  # random: it changes with each claim
    sql.UniqueConstraint("application_id", "operation", "payment_id"),
    sql.Index("altegio_ledger_salon_id", "salon_id"),
)
_IS_PENDING = _CLAIMS.c.state == "pending"
_IS_RECORDED = _CLAIMS.c.state == "recorded"
_SELECT = sql.select(_CLAIMS)
_INSERT: dict[str, Callable[[sql.Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}

_LOCK = {"sqlite": "SELECT 1", "postgresql": "SELECT pg_advisory_xact_lock(1634497637)"}
"""Lets one worker at a time create the tables. SQLite's transactions are exclusive anyway."""


class StoreError(Exception):
    """The database cannot be used now."""


@frozen
class Row:
    """A row of the table: a call, and whether Altegio recorded it."""

    key: str
    operation: str
    application_id: int
    payload_json: str
    salon_id: int | None
    payment_id: int | None
    state: Literal["pending", "recorded"]
    claimed_at: float
    claim_token: str

    @property
    def payload(self) -> dict[str, str]:
        """The reported values, by Altegio's field names."""
        payload: dict[str, str] = json.loads(self.payload_json)
        return payload

    @property
    def is_recorded(self) -> bool:
        """Whether Altegio is known to have recorded the call."""
        return self.state == "recorded"


class Store:
    """The claims in the database. Each method blocks, is one transaction, and has committed when it returns."""

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)
        self._process = os.getpid()
        with self._transaction(creating=True) as db:
            db.exec_driver_sql(_LOCK[db.dialect.name])
            _TABLES.create_all(db)
            version = db.execute(sql.select(_VERSIONS.c.version)).scalar()
            if version is None:
                db.execute(_VERSIONS.insert().values(version=_VERSION))
        if version not in (None, _VERSION):
            self.close()
            raise ValueError(
                f"This ledger has version {version}, and this release supports {_VERSION}: update altegio-partner."
            )

    def __repr__(self) -> str:
        url = self._engine.url  # its query can contain a password
        return f"{url.drivername}://{url.host or ''}/{url.database}"

    def claim(self, key: str, operation: str, payload: Mapping[str, str]) -> tuple[Row, bool]:
        """Return the claim of this key, and whether it is new."""
        new = Row(
            key,
            operation,
            application_id=int(payload["application_id"]),
            payload_json=json.dumps(payload, sort_keys=True),
            salon_id=int(payload["salon_id"]) if "salon_id" in payload else None,
            payment_id=int(payload["payment_id"]) if "payment_id" in payload else None,
            state="pending",
            claimed_at=time.time(),
            claim_token=secrets.token_hex(16),
        )
        with self._transaction() as db:
            if new.salon_id is None:
                refunded = _CLAIMS.c.operation == "notify_payment", _CLAIMS.c.payment_id == new.payment_id
                new = evolve(new, salon_id=db.execute(sql.select(_CLAIMS.c.salon_id).where(*refunded)).scalar())
            insert = _INSERT[db.dialect.name](_CLAIMS).values(astuple(new))
            insert = insert.on_conflict_do_nothing(index_elements=["idempotency_key"])
            found = None
            while found is None:  # in PostgreSQL, a conflicting claim may be released before it is read
                db.execute(insert)  # not every driver returns how many rows it inserted
                found = db.execute(_SELECT.where(_has(key))).first()
            row = Row(*found)
            return row, row.claim_token == new.claim_token

    def find(self, key: str) -> Row | None:
        """Return the claim of this key, or None."""
        with self._transaction() as db:
            found = db.execute(_SELECT.where(_has(key))).first()
            return Row(*found) if found else None

    def take_over(self, row: Row) -> Row | None:
        """Claim a pending row for this worker, and return the claim, or None if it has changed since it was read."""
        claim: dict[str, Any] = {"claim_token": secrets.token_hex(16), "claimed_at": time.time()}
        with self._transaction() as db:
            changed = db.execute(_CLAIMS.update().where(*_is_unchanged(row)).values(claim)).rowcount
            return evolve(row, **claim) if changed else None

    def record(self, key: str, payment_id: int) -> bool:
        """Store that Altegio recorded the call; return False if another id, or another key, is stored already."""
        is_same_or_pending = sql.or_(_IS_PENDING, _CLAIMS.c.payment_id == payment_id)
        update = _CLAIMS.update().where(_has(key), is_same_or_pending).values(payment_id=payment_id, state="recorded")
        try:
            with self._transaction() as db:
                return bool(db.execute(update).rowcount)
        except IntegrityError:  # the payment belongs to another key
            return False

    def release(self, row: Row) -> bool:
        """Delete a claim that Altegio did not record; return False if it has changed since it was read."""
        with self._transaction() as db:
            return bool(db.execute(_CLAIMS.delete().where(*_is_unchanged(row))).rowcount)

    def competing_claims(self, row: Row) -> tuple[set[int], int]:
        """Return the payments of the location's other keys, and how many pending claims have the same payload."""
        with self._transaction() as db:
            taken = sql.select(_CLAIMS.c.payment_id).where(
                _CLAIMS.c.operation == row.operation, _CLAIMS.c.salon_id == row.salon_id, _IS_RECORDED
            )
            pending = sql.select(sql.func.count()).where(
                _IS_PENDING, _CLAIMS.c.payload == row.payload_json, ~_has(row.key)
            )
            return set(db.execute(taken).scalars()), db.execute(pending).scalar_one()

    def pending(self) -> list[Row]:
        """Return the pending claims, oldest first."""
        with self._transaction() as db:
            return [Row(*found) for found in db.execute(_SELECT.where(_IS_PENDING).order_by(_CLAIMS.c.claimed_at))]

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self, *, creating: bool = False) -> Generator[sql.Connection]:
        if self._process != os.getpid():  # after a fork: the connections belong to the parent
            self._engine.dispose(close=False)
            self._process = os.getpid()
        problem = ""
        try:
            with self._engine.begin() as db:
                yield db
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            # Its text may contain the payload, its frames the password: only the driver's first line is passed on.
            cause = getattr(error, "orig", None) or error
            lines = str(cause).strip().splitlines()
            problem = f"{type(cause).__name__}: {lines[0] if lines else ''}"
        if problem:
            advice = f" {_EXAMPLE}" if creating else ""
            raise StoreError(f"The ledger {self!r} cannot be used ({problem}).{advice}")


def _engine(url: str) -> sql.Engine:
    if not isinstance(url, str):
        raise bad_argument("url", "a string", fix=_EXAMPLE)
    try:
        known = sql.make_url(url)
        backend = known.get_backend_name()
    except (ArgumentError, ValueError):
        raise bad_argument("url", "the address of a database", fix=_EXAMPLE) from None
    if "@" in (known.host or "") or (backend == "postgresql" and "@" in (known.database or "")):
        raise bad_argument("url", "without an @ in user and password", fix="Write it as %40.")
    if backend not in _INSERT:
        raise bad_argument("url", "that of an SQLite file or a PostgreSQL database", fix=_EXAMPLE)
    is_file = backend == "sqlite"
    if is_file and (not known.database or known.database == ":memory:" or known.database.startswith("file:")):
        raise bad_argument("url", "that of a file: memory is lost in a crash", fix=_EXAMPLE)
    wait: dict[str, Any] = {"timeout": _WAIT} if is_file else {"connect_timeout": _WAIT, "options": _TIMEOUTS}
    try:
        engine = sql.create_engine(known, connect_args=wait, pool_pre_ping=not is_file, hide_parameters=True)
    except NoSuchModuleError:
        raise bad_argument("url", "that of a driver that SQLAlchemy supports", fix=_EXAMPLE) from None
    except ModuleNotFoundError as error:
        raise ValueError(f"The ledger needs {error.name}: pip install 'altegio-partner[postgresql]'.") from None
    if is_file:
        sqlalchemy.event.listen(engine, "connect", _prepare)
        sqlalchemy.event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _: object) -> None:  # noqa: ANN401  the driver's
    connection.isolation_level = None  # or the driver begins transactions by itself
    connection.execute("PRAGMA journal_mode = WAL")  # readers do not block on writers
    connection.execute("PRAGMA synchronous = FULL")  # a claim survives a power failure


def _begin(connection: sql.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _has(key: str) -> sql.ColumnElement[bool]:
    return _CLAIMS.c.idempotency_key == key


def _is_unchanged(row: Row) -> tuple[sql.ColumnElement[bool], ...]:
    return _IS_PENDING, _has(row.key), _CLAIMS.c.claim_token == row.claim_token
