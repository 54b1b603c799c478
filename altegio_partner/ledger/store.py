"""The ledger's tables, and what is done to them. Each method blocks, and each change is one statement."""

import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Literal

import sqlalchemy as sql
from attrs import asdict, evolve, frozen
from sqlalchemy.dialects import postgresql, sqlite

from . import clock
from .database import ConstraintError, Database
from .payload import read_payload

_VERSION = 1

metadata = sql.MetaData()
"""The tables of a ledger. Its rows are written by the ledger alone."""

_SETTINGS = sql.Table(
    "altegio_ledger_settings",
    metadata,
    sql.Column("version", sql.Integer, primary_key=True, autoincrement=False),
    sql.Column("status_delay", sql.Float(53), nullable=False),  # seconds
)
_ROWS = sql.Table(
    "altegio_ledger",
    metadata,
    sql.Column("origin", sql.String(255), primary_key=True),
    sql.Column("application_id", sql.BigInteger, primary_key=True, autoincrement=False),
    sql.Column("operation", sql.String(50), primary_key=True),
    sql.Column("idempotency_key", sql.String(255), primary_key=True),  # of a refund: the id of the payment
    sql.Column("payload", sql.Text, nullable=False),  # see payload.py
    sql.Column("salon_id", sql.BigInteger),  # NULL in the refund of a payment that is not in the ledger
    sql.Column("payment_id", sql.BigInteger),
    sql.Column("state", sql.String(8), nullable=False),  # "pending" or "recorded"
    sql.Column("is_shared", sql.Boolean, nullable=False),  # another key has the same payment, and somebody knows
    sql.Column("claim_token", sql.String(32), nullable=False),  # random: another with each claim, also of one worker
    sql.Column("claimed_at", sql.Float(53), nullable=False),  # seconds since 1970, by the clock of the database
    sql.Column("may_leave_until", sql.Float(53), nullable=False),  # the same: nothing of it is on its way later
    sql.Column("boot_id", sql.String(36)),  # SQLite: which start of which machine has claimed it,
    sql.Column("boot_until", sql.Float(53)),  # and `may_leave_until` by its clock that nobody can set
)
_ALL_SETTINGS = sql.select(_SETTINGS)
_IS_PENDING = _ROWS.c.state == "pending"
_RECORDED: sql.ColumnElement[str] = sql.literal_column("'recorded'")  # bound, SQLite would not find the partial index
_HAS_ITS_OWN = (_ROWS.c.state == _RECORDED) & ~_ROWS.c.is_shared
sql.Index(
    "altegio_ledger_payment_id",
    _ROWS.c.origin, _ROWS.c.application_id, _ROWS.c.operation, _ROWS.c.payment_id,
    unique=True,
    sqlite_where=_HAS_ITS_OWN,
    postgresql_where=_HAS_ITS_OWN,
)  # fmt: skip
sql.Index("altegio_ledger_salon_id", _ROWS.c.salon_id)
_PRIMARY_KEY = [column.name for column in _ROWS.primary_key]
_STATUS_DELAY = sql.select(sql.func.max(_SETTINGS.c.status_delay)).scalar_subquery()
_INSERT: dict[str, Callable[[sql.Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


@frozen
class Identity:
    """What a call is known by."""

    origin: str
    application_id: int
    operation: str
    idempotency_key: str


@frozen
class Claim:
    """The right to send a call, and all that must be known to record it."""

    identity: Identity
    payload: str
    """See `payload.py`."""
    salon_id: int | None
    payment_id: int | None = None
    """The payment to be refunded, or the one that was recorded."""
    token: str = ""
    """Which of all claims it is. None has it yet in what is only about to be claimed."""

    def with_new_token(self) -> "Claim":
        """Return the same with a token that no other claim has, not even one that the same worker made before."""
        return evolve(self, token=secrets.token_hex(16))


@frozen
class Row:
    """A row of the table: a claim, and whether Altegio recorded the call."""

    claim: Claim
    state: Literal["pending", "recorded"]
    claimed_at: float
    may_be_missing_for: float
    """The seconds for which a status that is read from now on may not show the payment though it is recorded."""

    @property
    def payload(self) -> dict[str, str]:
        """The reported values, named like the arguments of the method."""
        return read_payload(self.claim.payload)

    @property
    def is_recorded(self) -> bool:
        """Whether Altegio is known to have recorded the call."""
        return self.state == "recorded"


@frozen
class Recorded:
    """What has become of the attempt to store the payment of a call."""

    outcome: Literal["stored", "shared", "taken", "contradicted"]
    """Whether it is stored; or stored, and another key has it too; or not, because another key has it, or because this
    key has another payment."""
    row: Row | None = None
    """The one that has the payment too, or that contradicts."""


class Store:
    """The rows in the database.

    Raises:
        ValueError: The ledger was created by a later release.
        StoreError: It cannot be opened or written.
    """

    def __init__(self, database: Database, status_delay: timedelta) -> None:
        self._database = database
        self._statements = _Statements(database.dialect)
        try:
            self.status_delay = self._open(status_delay)
            """That of the ledger, with which it was created."""
        except BaseException:
            database.close()
            raise

    def find(self, identity: Identity) -> Row | None:
        """Return the row of a call, or None."""
        found = self.search(**asdict(identity))
        return found[0] if found else None

    def search(self, **values: object) -> list[Row]:
        """Return the rows with these values in their columns, oldest claim first. None stands for any value."""
        wanted = {name: value for name, value in values.items() if value is not None}
        return self._rows(self._statements.search(tuple(wanted)), _bound(wanted))

    def claim(self, claim: Claim, replaces: str | None) -> bool:
        """Claim a call: one that has no row, or one whose pending row has this token. Return whether that was so."""
        new = {**_columns(claim), **self._times()}
        statements = self._statements
        if replaces is None:
            return bool(self._execute(statements.claim, {**new, "state": "pending", "is_shared": False}))
        return bool(self._execute(statements.claim_again, {**new, "replaces": replaces}))

    def record(self, claim: Claim, payment_id: int, *, shares: bool = False) -> Recorded:
        """Store the payment of a call, also where its row is gone, or claimed by somebody else meanwhile.

        Args:
            claim: The call.
            payment_id: The payment that Altegio recorded or refunded.
            shares: Whether it is stored too if another key has the payment.
        """
        try:
            if self._upsert(claim, payment_id, is_shared=False):
                return Recorded("stored")
        except ConstraintError:  # another row has the payment; SQLite says so also where this one itself has it
            pass
        row = self.find(claim.identity)
        if row is not None and row.is_recorded:
            return Recorded("stored" if row.claim.payment_id == payment_id else "contradicted", row)
        if shares:
            self._upsert(claim, payment_id, is_shared=True)
        wanted = asdict(claim.identity) | {"idempotency_key": None, "payment_id": payment_id, "state": "recorded"}
        others = [other for other in self.search(**wanted) if other.claim.identity != claim.identity]
        return Recorded("shared" if shares else "taken", others[0] if others else None)

    def release(self, claim: Claim) -> bool:
        """Delete a claim that Altegio did not record; return False if it is not there, or no longer pending."""
        return bool(self._execute(self._statements.release, _columns(claim)))

    def others_at_location(self, row: Row) -> tuple[set[int], set[int], list[dict[str, str]]]:
        """Return what the location's other keys have.

        Returns:
            The payments that belong to keys of the same application, those that belong to keys of other applications,
            and what other pending claims have reported.
        """
        identity = row.claim.identity
        here = {**asdict(identity), "salon_id": row.claim.salon_id}
        others = self._rows(self._statements.others_at_location, _bound(here))
        taken: set[int] = set()
        foreign: set[int] = set()
        for other in others:
            if other.is_recorded and other.claim.payment_id:
                is_same_application = other.claim.identity.application_id == identity.application_id
                (taken if is_same_application else foreign).add(other.claim.payment_id)
        return taken, foreign, [other.payload for other in others if not other.is_recorded]

    def change_status_delay(self, status_delay: timedelta) -> bool:
        """Change it unless there are pending claims, and return whether that was so."""
        is_pending = sql.select(_ROWS.c.state).where(_IS_PENDING).exists()
        update = _SETTINGS.update().where(~is_pending).values(status_delay=status_delay.total_seconds())
        return bool(self._database.execute(update).rowcount)

    def close(self) -> None:
        """Close the connections."""
        self._database.close()

    def __repr__(self) -> str:
        return repr(self._database)

    def _open(self, status_delay: timedelta) -> timedelta:
        """Create the tables if they are missing, and return the status delay of the ledger."""
        self._database.create(metadata)
        found = self._settings()
        if not found:
            created = {"version": _VERSION, "status_delay": status_delay.total_seconds()}
            self._database.execute(_INSERT[self._database.dialect](_SETTINGS).values(created).on_conflict_do_nothing())
            found = self._settings()
        version, seconds = max(found)
        if version != _VERSION:
            raise ValueError(
                f"This ledger has version {version}, and this release supports {_VERSION}: update altegio-partner."
            )
        return timedelta(seconds=seconds)

    def _settings(self) -> list[tuple[int, float]]:
        return [(found.version, found.status_delay) for found in self._database.execute(_ALL_SETTINGS).rows]

    def _execute(self, statement: sql.Insert | sql.Update | sql.Delete, values: dict[str, object]) -> int:
        """Execute a statement with these values of columns, and return how many rows it has changed."""
        return self._database.execute(statement, _bound(values)).rowcount

    def _upsert(self, claim: Claim, payment_id: int, *, is_shared: bool) -> int:
        recorded = {"payment_id": payment_id, "state": "recorded", "is_shared": is_shared}
        return self._execute(self._statements.record, {**_columns(claim), **self._times(), **recorded})

    def _rows(self, select: sql.Select[Any], values: dict[str, object]) -> list[Row]:
        return [_row(found) for found in self._database.execute(select, {"now": clock.now(), **values}).rows]

    def _times(self) -> dict[str, object]:
        """Return when a call is claimed that is claimed now, by the clocks of SQLite; PostgreSQL has one of its own."""
        delay = self.status_delay.total_seconds()
        now, boot_id = clock.now(), clock.boot_id()
        until = clock.elapsed() + delay if boot_id else None
        sqlite_only = {"claimed_at": now, "may_leave_until": now + delay, "boot_id": boot_id, "boot_until": until}
        return {"status_delay": delay, **sqlite_only}


class _Statements:
    """Those of a dialect, made once: to make and compile one takes longer than to execute it."""

    def __init__(self, dialect: str) -> None:
        is_server = dialect == "postgresql"
        server_time = sql.cast(sql.extract("epoch", sql.func.clock_timestamp()), sql.Float(53))
        times: dict[str, Any] = {
            "claimed_at": server_time,
            "may_leave_until": server_time + sql.bindparam("b_status_delay", type_=sql.Float(53)),
        }
        if not is_server:
            times = {name: _bind(name) for name in ("claimed_at", "may_leave_until", "boot_id", "boot_until")}
        now: sql.ColumnElement[float] = server_time if is_server else sql.bindparam("now", type_=sql.Float(53))
        columns = _ROWS, now.label("now"), _STATUS_DELAY.label("status_delay")
        self._select = sql.select(*columns).order_by(_ROWS.c.claimed_at)
        insert = _INSERT[dialect](_ROWS).values(
            {column.name: _bind(column.name) for column in _ROWS.c if not column.name.startswith("boot_")}
            | {"salon_id": _SALON_ID, **times}
        )
        recorded = {name: _bind(name) for name in ("payment_id", "state", "is_shared")}
        self.claim = insert.on_conflict_do_nothing(index_elements=_PRIMARY_KEY)
        self.record = insert.on_conflict_do_update(index_elements=_PRIMARY_KEY, set_=recorded, where=_IS_PENDING)
        replaced = _HAS_KEY, _IS_PENDING, _ROWS.c.claim_token == sql.bindparam("b_replaces", type_=sql.String)
        self.claim_again = _ROWS.update().where(*replaced).values(claim_token=_bind("claim_token"), **times)
        is_same = _HAS_KEY, _IS_PENDING, _ROWS.c.claim_token == _bind("claim_token")
        self.release = _ROWS.delete().where(*is_same)
        here = (_ROWS.c[name] == _bind(name) for name in ("salon_id", "origin", "operation"))
        self.others_at_location = self._select.where(*here, ~_HAS_KEY)
        self._searches: dict[tuple[str, ...], sql.Select[Any]] = {}

    def search(self, names: tuple[str, ...]) -> sql.Select[Any]:
        """Return what finds the rows with given values in these columns."""
        known = self._searches.get(names)
        if known is None:
            known = self._searches[names] = self._select.where(*(_ROWS.c[name] == _bind(name) for name in names))
        return known


def _bind(name: str) -> sql.BindParameter[Any]:
    return sql.bindparam(f"b_{name}", type_=_ROWS.c[name].type)  # SQLAlchemy itself uses the names of columns


def _bound(values: Mapping[str, object]) -> dict[str, object]:
    return {f"b_{name}": value for name, value in values.items()}


_HAS_KEY = sql.and_(*(column == _bind(column.name) for column in _ROWS.primary_key))
_SALON_ID = sql.func.coalesce(  # of a refund, it is that of the payment
    _bind("salon_id"),
    sql.select(sql.func.max(_ROWS.c.salon_id))
    .where(
        _ROWS.c.origin == _bind("origin"),
        _ROWS.c.application_id == _bind("application_id"),
        _ROWS.c.operation == "notify_payment",
        _ROWS.c.payment_id == _bind("payment_id"),
        _HAS_ITS_OWN,
    )
    .scalar_subquery(),
)


def _columns(claim: Claim) -> dict[str, object]:
    return {
        **asdict(claim.identity),
        "payload": claim.payload,
        "salon_id": claim.salon_id,
        "payment_id": claim.payment_id,
        "claim_token": claim.token,
    }


def _row(found: Any) -> Row:  # noqa: ANN401  the columns have no types
    identity = Identity(found.origin, found.application_id, found.operation, found.idempotency_key)
    claim = Claim(identity, found.payload, found.salon_id, found.payment_id, found.claim_token)
    missing_for = found.may_leave_until + found.status_delay - found.now
    if found.boot_id is not None and found.boot_id == clock.boot_id():  # then nobody could set its clock since
        missing_for = max(missing_for, found.boot_until + found.status_delay - clock.elapsed())
    return Row(claim, found.state, found.claimed_at, missing_for)
