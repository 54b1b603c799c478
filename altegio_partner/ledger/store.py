"""Where the ledger keeps its claims: one table, in SQLite or PostgreSQL, and the transactions on it."""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sql
from attrs import astuple, evolve, frozen
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from .database import Database

_VERSION = 1
_TABLES = sql.MetaData()
_VERSIONS = sql.Table("altegio_ledger_version", _TABLES, sql.Column("version", sql.Integer, primary_key=True))
_CLAIMS = sql.Table(
    "altegio_ledger",
    _TABLES,
    sql.Column("idempotency_key", sql.String(255), primary_key=True),
    sql.Column("operation", sql.String(50), nullable=False),
    sql.Column("application_id", sql.BigInteger, nullable=False),
    sql.Column("told", sql.Text, nullable=False),  # what is told, as JSON: equal calls are equal here
    sql.Column("salon_id", sql.BigInteger),  # unknown to refunds of payments that are in no ledger
    sql.Column("payment_id", sql.BigInteger),
    sql.Column("is_settled", sql.Boolean, nullable=False),
    sql.Column("claimed_at", sql.Float(53), nullable=False),  # seconds since 1970
    sql.Column("ticket", sql.String(32), nullable=False),  # of the worker that has claimed it
    sql.UniqueConstraint("application_id", "operation", "payment_id"),
    sql.Index("altegio_ledger_salon_id", "salon_id"),
)
_OPEN = _CLAIMS.c.is_settled.is_(sql.false())


_SELECT = sql.select(_CLAIMS)
_INSERT: dict[str, Callable[[sql.Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


@frozen
class Entry:
    """A row: a call, and what is known of it."""

    key: str
    operation: str
    application_id: int
    told: str
    salon_id: int | None
    payment_id: int | None
    is_settled: bool
    claimed_at: float
    ticket: str

    @property
    def values(self) -> dict[str, str]:
        """What is told, by Altegio's names."""
        values: dict[str, str] = json.loads(self.told)
        return values


class Store:
    """The claims. Its methods wait for the database; each is a transaction, and is done once it returns."""

    def __init__(self, url: str) -> None:
        self._database = Database(url)
        self._database.create(_TABLES)
        self._transaction = self._database.transaction
        with self._transaction() as db:
            insert = _INSERT[db.dialect.name](_VERSIONS).values(version=_VERSION)
            if db.execute(sql.select(_VERSIONS.c.version)).first() is None:
                db.execute(insert.on_conflict_do_nothing())
            version = db.execute(sql.select(_VERSIONS.c.version)).scalar()
        if version != _VERSION:
            self.close()
            raise ValueError(
                f"This ledger has version {version}, and this release knows version {_VERSION}: update altegio-partner."
            )

    def __repr__(self) -> str:
        return repr(self._database)

    def claim(self, key: str, operation: str, values: Mapping[str, str]) -> tuple[Entry, bool]:
        """Return the claim of this key, and whether it is a new one."""
        payment_id = int(values["payment_id"]) if "payment_id" in values else None
        salon_id = int(values["salon_id"]) if "salon_id" in values else None
        told = json.dumps(values, sort_keys=True)
        ticket = secrets.token_hex(16)
        new = Entry(
            key, operation, int(values["application_id"]), told, salon_id, payment_id, False, time.time(), ticket
        )
        with self._transaction() as db:
            if salon_id is None:
                paid = _CLAIMS.c.operation == "notify_payment", _CLAIMS.c.payment_id == payment_id
                new = evolve(new, salon_id=db.execute(sql.select(_CLAIMS.c.salon_id).where(*paid)).scalar())
            insert = _INSERT[db.dialect.name](_CLAIMS).values(astuple(new))
            insert = insert.on_conflict_do_nothing(index_elements=["idempotency_key"])
            row = None
            while row is None:  # in PostgreSQL, a claim that was in the way may be released before it is read
                db.execute(insert)  # how many rows it has inserted is not told by every driver
                row = db.execute(_SELECT.where(_has(key))).first()
            entry = Entry(*row)
            return entry, entry.ticket == ticket

    def find(self, key: str) -> Entry | None:
        """Return the claim of this key, or None where there is none."""
        with self._transaction() as db:
            row = db.execute(_SELECT.where(_has(key))).first()
            return Entry(*row) if row else None

    def take_over(self, entry: Entry) -> Entry | None:
        """Claim anew what somebody else has left open, and return the claim, or None if it was changed meanwhile."""
        mine: dict[str, Any] = {"ticket": secrets.token_hex(16), "claimed_at": time.time()}
        with self._transaction() as db:
            changed = db.execute(_CLAIMS.update().where(*_is(entry)).values(mine)).rowcount
            return evolve(entry, **mine) if changed else None

    def settle(self, key: str, payment_id: int) -> bool:
        """Keep that the call took effect, and return whether it could be kept."""
        is_so_or_open = sql.or_(_OPEN, _CLAIMS.c.payment_id == payment_id)
        settled = _CLAIMS.update().where(_has(key), is_so_or_open).values(payment_id=payment_id, is_settled=True)
        try:
            with self._transaction() as db:
                return bool(db.execute(settled).rowcount)
        except IntegrityError:  # another key has got this payment
            return False

    def release(self, entry: Entry) -> bool:
        """Forget a claim that had no effect, unless it was changed meanwhile."""
        with self._transaction() as db:
            return bool(db.execute(_CLAIMS.delete().where(*_is(entry))).rowcount)

    def others(self, entry: Entry) -> tuple[set[int], int]:
        """Return the payments that other keys of the location have got, and how many wait for one just like this."""
        with self._transaction() as db:
            given = sql.select(_CLAIMS.c.payment_id).where(
                _CLAIMS.c.operation == entry.operation, _CLAIMS.c.salon_id == entry.salon_id, _CLAIMS.c.is_settled
            )
            twins = sql.select(sql.func.count()).where(_OPEN, _CLAIMS.c.told == entry.told, ~_has(entry.key))
            return set(db.execute(given).scalars()), db.execute(twins).scalar_one()

    def unsettled(self) -> list[Entry]:
        """Return what is open, oldest first."""
        with self._transaction() as db:
            rows = db.execute(_SELECT.where(_OPEN).order_by(_CLAIMS.c.claimed_at))
            return [Entry(*row) for row in rows]

    def close(self) -> None:
        """Close the connections."""
        self._database.close()


def _has(key: str) -> sql.ColumnElement[bool]:
    return _CLAIMS.c.idempotency_key == key


def _is(entry: Entry) -> tuple[sql.ColumnElement[bool], ...]:
    """The row is still what it was."""
    return _OPEN, _has(entry.key), _CLAIMS.c.ticket == entry.ticket
