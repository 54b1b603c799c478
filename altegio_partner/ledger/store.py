"""The ledger's tables, and the statements on them. All methods block, and each change is a single statement."""

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
"""The tables of a ledger. Only the ledger writes to them."""

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
    sql.Column("is_shared", sql.Boolean, nullable=False),  # another key has the same payment, and that is not an error
    sql.Column("claim_token", sql.String(32), nullable=False),  # random, and new with each claim
    sql.Column("claimed_at", sql.Float(53), nullable=False),  # seconds since 1970, by the clock of the database
    sql.Column("may_leave_until", sql.Float(53), nullable=False),  # likewise: after this, the request is not in flight
    sql.Column("boot_id", sql.String(36)),  # SQLite: identifies the boot of the machine that claimed it,
    sql.Column("boot_until", sql.Float(53)),  # and `may_leave_until` by the monotonic clock of that boot
)
_ALL_SETTINGS = sql.select(_SETTINGS)
_IS_PENDING = _ROWS.c.state == "pending"
_RECORDED: sql.ColumnElement[str] = sql.literal_column("'recorded'")  # with a parameter, SQLite ignores the index
_OWNS_PAYMENT = (_ROWS.c.state == _RECORDED) & ~_ROWS.c.is_shared
sql.Index(
    "altegio_ledger_payment_id",
    _ROWS.c.origin, _ROWS.c.application_id, _ROWS.c.operation, _ROWS.c.payment_id,
    unique=True,
    sqlite_where=_OWNS_PAYMENT,
    postgresql_where=_OWNS_PAYMENT,
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
    """What identifies a call."""

    origin: str
    application_id: int
    operation: str
    idempotency_key: str


@frozen
class Claim:
    """The right to send a call, with everything that is needed to record it."""

    identity: Identity
    payload: str
    """See `payload.py`."""
    salon_id: int | None
    payment_id: int | None = None
    """The payment to be refunded, or the one that was recorded."""
    token: str = ""
    """Identifies this claim among all claims of the call; empty until the call is claimed."""

    def with_new_token(self) -> "Claim":
        """Return the same claim with a new random token."""
        return evolve(self, token=secrets.token_hex(16))


@frozen
class Row:
    """A row of the table: a claim, and whether Altegio recorded the call."""

    claim: Claim
    state: Literal["pending", "recorded"]
    claimed_at: float
    may_be_missing_for: float
    """For how many more seconds Altegio's status may not show the payment although it is recorded."""

    @property
    def payload(self) -> dict[str, str]:
        """The reported values, named like the arguments of the method."""
        return read_payload(self.claim.payload)

    @property
    def is_recorded(self) -> bool:
        """Whether Altegio is known to have recorded the call."""
        return self.state == "recorded"


@frozen
class RecordResult:
    """The result of storing the payment of a call."""

    outcome: Literal["stored", "shared", "taken", "contradicted"]
    """Stored; stored although another key has the payment ("shared"); not stored, because another key has the payment
    ("taken") or because this key has another payment ("contradicted")."""
    row: Row | None = None
    """The row of the other key that has the payment, or the row that this key already had."""


class Store:
    """The rows in the database.

    Raises:
        ValueError: The ledger was created by a later release.
        StoreError: The database cannot be opened or written.
    """

    def __init__(self, database: Database, status_delay: timedelta) -> None:
        self._database = database
        self._statements = _Statements(database.dialect)
        try:
            self.status_delay = self._open(status_delay)
            """The status delay with which the ledger was created."""
        except BaseException:
            database.close()
            raise

    def find(self, identity: Identity) -> Row | None:
        """Return the row of a call, or None."""
        found = self.search(**asdict(identity))
        return found[0] if found else None

    def search(self, **values: object) -> list[Row]:
        """Return the rows with these values in their columns, oldest claim first. None matches any value."""
        wanted = {name: value for name, value in values.items() if value is not None}
        return self._rows(self._statements.search(tuple(wanted)), _parameters(wanted))

    def claim(self, claim: Claim, replaced_token: str | None) -> bool:
        """Claim a call, and return whether it could be claimed.

        Args:
            claim: The claim to store.
            replaced_token: The token of the pending claim that it replaces; None if the call must not have a row.
        """
        new = {**_columns(claim), **self._times()}
        statements = self._statements
        if replaced_token is None:
            return bool(self._execute(statements.claim, {**new, "state": "pending", "is_shared": False}))
        return bool(self._execute(statements.claim_again, {**new, "replaced_token": replaced_token}))

    def record(self, claim: Claim, payment_id: int, *, allow_shared: bool = False) -> RecordResult:
        """Store the payment of a call, even if its row was deleted or claimed by another worker meanwhile.

        Args:
            claim: The claim of the call.
            payment_id: The payment that Altegio recorded or refunded.
            allow_shared: Whether to store it even if another key has the payment.
        """
        try:
            if self._upsert(claim, payment_id, is_shared=False):
                return RecordResult("stored")
        except ConstraintError:  # another row has the payment; on SQLite, perhaps only this row itself
            pass
        row = self.find(claim.identity)
        if row is not None and row.is_recorded:
            return RecordResult("stored" if row.claim.payment_id == payment_id else "contradicted", row)
        if allow_shared:
            self._upsert(claim, payment_id, is_shared=True)
        wanted = asdict(claim.identity) | {"idempotency_key": None, "payment_id": payment_id, "state": "recorded"}
        others = [other for other in self.search(**wanted) if other.claim.identity != claim.identity]
        return RecordResult("shared" if allow_shared else "taken", others[0] if others else None)

    def release(self, claim: Claim) -> bool:
        """Delete a pending claim, and return whether it was there."""
        return bool(self._execute(self._statements.release, _columns(claim)))

    def others_at_location(self, row: Row) -> tuple[set[int], set[int], list[dict[str, str]]]:
        """Return the payments and pending claims of the location's other keys.

        Returns:
            The ids of payments that belong to keys of the same application, the ids of those that belong to keys of
            other applications, and the payloads of pending claims.
        """
        identity = row.claim.identity
        here = {**asdict(identity), "salon_id": row.claim.salon_id}
        others = self._rows(self._statements.others_at_location, _parameters(here))
        taken: set[int] = set()
        foreign: set[int] = set()
        for other in others:
            if other.is_recorded and other.claim.payment_id:
                is_same_application = other.claim.identity.application_id == identity.application_id
                (taken if is_same_application else foreign).add(other.claim.payment_id)
        return taken, foreign, [other.payload for other in others if not other.is_recorded]

    def change_status_delay(self, status_delay: timedelta) -> bool:
        """Change the status delay unless there are pending claims, and return whether it was changed."""
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
        return self._database.execute(statement, _parameters(values)).rowcount

    def _upsert(self, claim: Claim, payment_id: int, *, is_shared: bool) -> int:
        recorded = {"payment_id": payment_id, "state": "recorded", "is_shared": is_shared}
        return self._execute(self._statements.record, {**_columns(claim), **self._times(), **recorded})

    def _rows(self, select: sql.Select[Any], values: dict[str, object]) -> list[Row]:
        return [_row(found) for found in self._database.execute(select, {"now": clock.now(), **values}).rows]

    def _times(self) -> dict[str, object]:
        """Return the times of a call that is claimed now. Those of this machine are for SQLite only."""
        delay = self.status_delay.total_seconds()
        now, boot_id = clock.now(), clock.boot_id()
        until = clock.elapsed() + delay if boot_id else None
        sqlite_only = {"claimed_at": now, "may_leave_until": now + delay, "boot_id": boot_id, "boot_until": until}
        return {"status_delay": delay, **sqlite_only}


class _Statements:
    """The statements in one dialect, built once: building and compiling one takes longer than executing it."""

    def __init__(self, dialect: str) -> None:
        is_postgresql = dialect == "postgresql"
        server_time = sql.cast(sql.extract("epoch", sql.func.clock_timestamp()), sql.Float(53))
        times: dict[str, Any] = {
            "claimed_at": server_time,
            "may_leave_until": server_time + sql.bindparam("b_status_delay", type_=sql.Float(53)),
        }
        if not is_postgresql:
            times = {name: _bind(name) for name in ("claimed_at", "may_leave_until", "boot_id", "boot_until")}
        now: sql.ColumnElement[float] = server_time if is_postgresql else sql.bindparam("now", type_=sql.Float(53))
        columns = _ROWS, now.label("now"), _STATUS_DELAY.label("status_delay")
        self._select = sql.select(*columns).order_by(_ROWS.c.claimed_at)
        insert = _INSERT[dialect](_ROWS).values(
            {column.name: _bind(column.name) for column in _ROWS.c if not column.name.startswith("boot_")}
            | {"salon_id": _SALON_ID, **times}
        )
        recorded = {name: _bind(name) for name in ("payment_id", "state", "is_shared")}
        self.claim = insert.on_conflict_do_nothing(index_elements=_PRIMARY_KEY)
        self.record = insert.on_conflict_do_update(index_elements=_PRIMARY_KEY, set_=recorded, where=_IS_PENDING)
        replaced_token = sql.bindparam("b_replaced_token", type_=sql.String)
        replaced = _HAS_IDENTITY, _IS_PENDING, _ROWS.c.claim_token == replaced_token
        self.claim_again = _ROWS.update().where(*replaced).values(claim_token=_bind("claim_token"), **times)
        is_same = _HAS_IDENTITY, _IS_PENDING, _ROWS.c.claim_token == _bind("claim_token")
        self.release = _ROWS.delete().where(*is_same)
        here = (_ROWS.c[name] == _bind(name) for name in ("salon_id", "origin", "operation"))
        self.others_at_location = self._select.where(*here, ~_HAS_IDENTITY)
        self._searches: dict[tuple[str, ...], sql.Select[Any]] = {}

    def search(self, names: tuple[str, ...]) -> sql.Select[Any]:
        """Return the SELECT of the rows with given values in these columns."""
        select = self._searches.get(names)
        if select is None:
            select = self._searches[names] = self._select.where(*(_ROWS.c[name] == _bind(name) for name in names))
        return select


def _bind(name: str) -> sql.BindParameter[Any]:
    return sql.bindparam(f"b_{name}", type_=_ROWS.c[name].type)  # the plain name is reserved by SQLAlchemy


def _parameters(values: Mapping[str, object]) -> dict[str, object]:
    return {f"b_{name}": value for name, value in values.items()}


_HAS_IDENTITY = sql.and_(*(column == _bind(column.name) for column in _ROWS.primary_key))
_SALON_ID = sql.func.coalesce(  # a refund has the location of its payment
    _bind("salon_id"),
    sql.select(sql.func.max(_ROWS.c.salon_id))
    .where(
        _ROWS.c.origin == _bind("origin"),
        _ROWS.c.application_id == _bind("application_id"),
        _ROWS.c.operation == "notify_payment",
        _ROWS.c.payment_id == _bind("payment_id"),
        _OWNS_PAYMENT,
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
    if found.boot_id is not None and found.boot_id == clock.boot_id():  # the same boot: its monotonic clock is valid
        missing_for = max(missing_for, found.boot_until + found.status_delay - clock.elapsed())
    return Row(claim, found.state, found.claimed_at, missing_for)
