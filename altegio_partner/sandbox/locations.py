"""The application at each location: states, transitions and payments.

    uninstalled → (the owner connects) pending → (the partner registers) active → (no payment) freezed
    freezed → (a payment) active; any → (uninstall) uninstalled

"freezed" is Altegio's spelling. Stored by SQLite, in memory or in a file.
"""

import json
import sqlite3
import weakref
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, cast

from attrs import frozen

from .location_state import Change, Installation, Payment, Status

DEFAULT_PERIOD = timedelta(days=30)
_LINK_LIFETIME = timedelta(hours=12)
_LATEST = datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001  Altegio's dates have no zone
_FIRST_PAYMENT_ID = 123  # as in the examples of Altegio's documentation
_FIRST_CALL_ID = 8923525  # the same
_SQLITE_APPLICATION_ID = 0x616C7465  # "alte": identifies state files of the sandbox
_TABLES = """
CREATE TABLE locations (salon_id INTEGER PRIMARY KEY, status TEXT, created_at TEXT, until TEXT, activated_at TEXT);
CREATE INDEX locations_until ON locations (until);
CREATE TABLE changes (salon_id INTEGER, changed_at TEXT, status_from TEXT, status_to TEXT, source TEXT);
CREATE INDEX changes_salon_id ON changes (salon_id);
CREATE TABLE payments (
    id INTEGER PRIMARY KEY, salon_id INTEGER, payment_sum TEXT, currency_iso TEXT, payment_date TEXT,
    period_from TEXT, period_to TEXT, recorded_at TEXT, refunded_at TEXT
);
CREATE INDEX payments_period_to ON payments (salon_id, period_to) WHERE refunded_at IS NULL;
CREATE INDEX payments_salon_id ON payments (salon_id);
CREATE INDEX payments_refunded_at ON payments (salon_id, refunded_at) WHERE refunded_at IS NOT NULL;
CREATE TABLE details (salon_id INTEGER, name TEXT, value TEXT, PRIMARY KEY (salon_id, name));
CREATE TABLE phone_calls (id INTEGER PRIMARY KEY, content TEXT);
CREATE TABLE clock (ahead REAL);
INSERT INTO clock VALUES (0);
"""


class StateFileError(ValueError):
    """The file cannot store the sandbox's state: it is another kind of file, or another sandbox uses it."""


@frozen
class LocationEvent:
    """A change at a location that is reported to the partner by a callback."""

    name: Literal["uninstall", "freeze", "payment"]
    salon_id: int
    payment: Payment | None = None
    discount: int | None = None
    tariff_option_id: int | None = None


@frozen
class Terms:
    """When Altegio freezes an application."""

    trial: timedelta = timedelta(days=14)
    """How long after the registration no payment is needed. At Altegio, each application sets it."""
    freeze_delay: timedelta = timedelta(hours=24)
    """How long after the trial, or after the paid period. Altegio says: within 24 hours."""
    refund_freeze_delay: timedelta = timedelta(hours=1)
    """How long after the refund of the current period. Altegio says: within an hour."""


@frozen
class Summary:
    """A location in a list."""

    salon_id: int
    status: Status
    created_at: str
    until: str | None
    payments: int


_TERMS = Terms()


class Locations:
    """The state of all locations. It has no clock: methods take the current time."""

    def __init__(self, file: Path | None = None, terms: Terms = _TERMS) -> None:
        self._terms = terms
        self._db = _open_database(file)
        self.close = weakref.finalize(self, self._db.close)
        self.undelivered: list[LocationEvent] = []
        """Events whose callbacks have not been sent yet."""

    def save(self) -> None:
        """Commit the changes."""
        self._db.commit()

    def clear(self) -> None:
        """Delete everything, and set the clock to the time of this machine."""
        for table in ("locations", "changes", "payments", "details", "phone_calls"):
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608  constant names
        self.ahead = timedelta(0)
        self.undelivered.clear()

    @property
    def ahead(self) -> timedelta:
        """How far the clock is ahead of this machine's."""
        (seconds,) = self._db.execute("SELECT ahead FROM clock").fetchone()
        return timedelta(seconds=seconds)

    @ahead.setter
    def ahead(self, time: timedelta) -> None:
        self._db.execute("UPDATE clock SET ahead = ?", [time.total_seconds()])

    def status(self, salon_id: int) -> Status:
        """Return the state of the application at a location."""
        row = self._db.execute("SELECT status FROM locations WHERE salon_id = ?", [salon_id]).fetchone()
        return row[0] if row else "uninstalled"

    def installation(self, salon_id: int) -> Installation:
        """Return the application at a location."""
        row = self._db.execute("SELECT created_at, until FROM locations WHERE salon_id = ?", [salon_id]).fetchone()
        created_at, until = row or (None, None)
        changes = self._db.execute(
            "SELECT changed_at, status_from, status_to, source FROM changes WHERE salon_id = ? ORDER BY rowid",
            [salon_id],
        )
        return Installation(
            salon_id=salon_id,
            status=self.status(salon_id),
            created_at=_time(created_at),
            until=_time(until),
            payments=self.payments(salon_id),
            logs=[Change(datetime.fromisoformat(at), *rest) for at, *rest in changes],
        )

    def summaries(self, limit: int) -> list[Summary]:
        """Return the locations that were ever connected, ordered by their last change, latest first."""
        query = """
            SELECT salon_id, status, created_at, until,
                (SELECT count(*) FROM payments WHERE payments.salon_id = locations.salon_id)
            FROM locations
            ORDER BY (SELECT max(rowid) FROM changes WHERE changes.salon_id = locations.salon_id) DESC LIMIT ?
        """
        return [Summary(*row) for row in self._db.execute(query, [limit])]

    def payments(self, salon_id: int) -> list[Payment]:
        """Return the payments of a location, oldest first."""
        return list(_payments(self._db.execute("SELECT * FROM payments WHERE salon_id = ? ORDER BY id", [salon_id])))

    def payment(self, payment_id: int) -> Payment | None:
        """Return a payment, or None if there is none with that id."""
        return next(_payments(self._db.execute("SELECT * FROM payments WHERE id = ?", [payment_id])), None)

    def find(self, status: Status | None, after: int, limit: int) -> tuple[list[int], int]:
        """Return the ids of a page of locations, in order, and the number of locations with this status."""
        where = "FROM locations WHERE coalesce(status = ?, 1)"
        (total,) = self._db.execute(f"SELECT count(*) {where}", [status]).fetchone()
        query = f"SELECT salon_id {where} AND salon_id > ? ORDER BY salon_id LIMIT ?"
        return [salon_id for (salon_id,) in self._db.execute(query, [status, after, limit])], total

    def find_payments(
        self, salon_id: int | None, is_refunded: bool | None, before: int | None, limit: int
    ) -> tuple[list[Payment], int]:
        """Return a page of payments, latest first, and their total number."""
        where = "FROM payments WHERE coalesce(salon_id = ?, 1) AND coalesce((refunded_at IS NOT NULL) = ?, 1)"
        (total,) = self._db.execute(f"SELECT count(*) {where}", [salon_id, is_refunded]).fetchone()
        query = f"SELECT * {where} AND coalesce(id < ?, 1) ORDER BY id DESC LIMIT ?"
        return list(_payments(self._db.execute(query, [salon_id, is_refunded, before, limit]))), total

    @property
    def changes(self) -> int:
        """The number of changes since the start."""
        return self._db.total_changes

    def totals(self) -> tuple[int, int]:
        """Return the number of locations, and of payments."""
        locations, payments = self._db.execute(
            "SELECT (SELECT count(*) FROM locations), (SELECT count(*) FROM payments)"
        ).fetchone()
        return locations, payments

    def detail(self, salon_id: int, name: str, default: Any) -> Any:  # noqa: ANN401  JSON
        """Return the value that `set_detail` stored."""
        query = "SELECT value FROM details WHERE salon_id = ? AND name = ?"
        row = self._db.execute(query, [salon_id, name]).fetchone()
        return json.loads(row[0]) if row else default

    def details(self, salon_id: int) -> dict[str, Any]:
        """Return all values that `set_detail` stored for a location."""
        rows = self._db.execute("SELECT name, value FROM details WHERE salon_id = ?", [salon_id])
        return {name: json.loads(value) for name, value in rows}

    def set_detail(self, salon_id: int, name: str, value: object) -> None:
        """Store a JSON value for a location, or with location 0, for the application."""
        self._db.execute("INSERT OR REPLACE INTO details VALUES (?, ?, ?)", [salon_id, name, json.dumps(value)])

    def add_phone_call(self, content: Mapping[str, object]) -> None:
        """Add a call to the history of telephony."""
        query = "INSERT INTO phone_calls SELECT coalesce(max(id) + 1, ?), ? FROM phone_calls"
        self._db.execute(query, [_FIRST_CALL_ID, json.dumps(content)])

    def phone_calls(self) -> list[dict[str, Any]]:
        """Return the history of telephony, latest first."""
        rows = self._db.execute("SELECT id, content FROM phone_calls ORDER BY id DESC")
        return [{"id": id_, **json.loads(content)} for id_, content in rows]

    def connected(self, limit: int, offset: int) -> list[int]:
        """Return a page of the locations that are not uninstalled, by their ids."""
        query = "SELECT salon_id FROM locations WHERE status != 'uninstalled' ORDER BY salon_id LIMIT ? OFFSET ?"
        return [salon_id for (salon_id,) in self._db.execute(query, [limit, offset])]

    def connect(self, salon_id: int, now: datetime) -> None:
        """The owner clicks Connect: the application is pending for 12 hours."""
        self._transition(salon_id, "pending", now, "marketplace")

    def activate(self, salon_id: int, now: datetime, *, since: datetime | None = None) -> None:
        """The partner registers the location. Its trial begins, or began at another time."""
        self._db.execute("UPDATE locations SET activated_at = ? WHERE salon_id = ?", [str(since or now), salon_id])
        self._transition(salon_id, "active", now, "partner_api")

    def freeze(self, salon_id: int, now: datetime) -> None:
        """Altegio freezes the application."""
        self._transition(salon_id, "freezed", now, "altegio")

    def uninstall(self, salon_id: int, now: datetime, source: str = "marketplace") -> None:
        """The owner removes the application, or the partner does."""
        self._transition(salon_id, "uninstalled", now, source)

    def unfreeze(self, salon_id: int, now: datetime) -> None:
        """Altegio unfreezes the application. If no period is paid, it stays active without an end."""
        self._transition(salon_id, "active", now, "altegio")
        self._db.execute("UPDATE locations SET until = NULL WHERE salon_id = ? AND until < ?", [salon_id, str(now)])

    def pay(
        self,
        *,
        salon_id: int,
        payment_sum: Decimal,
        currency_iso: str,
        payment_date: datetime,
        period_from: datetime,
        period_to: datetime,
        now: datetime,
    ) -> Payment:
        """Record a payment. It unfreezes the application unless its period has ended."""
        query = "INSERT INTO payments SELECT coalesce(max(id) + 1, ?), ?, ?, ?, ?, ?, ?, ?, NULL FROM payments"
        wire = [str(payment_sum), currency_iso, *map(str, (payment_date, period_from, period_to, now))]
        row = self._db.execute(query, [_FIRST_PAYMENT_ID, salon_id, *wire]).lastrowid
        if self.status(salon_id) == "freezed" and period_to >= now:
            self._transition(salon_id, "active", now, "payment")
        self._update_until(salon_id)
        return cast(Payment, self.payment(cast(int, row)))

    def refund(self, payment: Payment, now: datetime) -> None:
        """Record a refund."""
        self._db.execute("UPDATE payments SET refunded_at = ? WHERE id = ?", [str(now), payment.id])
        self._update_until(payment.salon_id)

    def process_due(self, now: datetime) -> None:
        """Process due changes: pending locations expire, unpaid applications freeze."""
        due = self._db.execute("SELECT salon_id, status, until FROM locations WHERE until < ?", [str(now)]).fetchall()
        for salon_id, status, until in due:
            is_pending = status == "pending"
            end = datetime.fromisoformat(until)
            self._transition(
                salon_id,
                "uninstalled" if is_pending else "freezed",
                end,
                "link expired" if is_pending else "expiry",
            )

    def _transition(self, salon_id: int, status: Status, at: datetime, source: str) -> None:
        """Change the state, log the change, and queue its callback."""
        change = [salon_id, str(at), self.status(salon_id), status, source]
        self._db.execute("INSERT INTO changes VALUES (?, ?, ?, ?, ?)", change)
        self._db.execute(
            "INSERT INTO locations VALUES (:salon_id, :status, :at, NULL, NULL) "
            "ON CONFLICT DO UPDATE SET status = :status, "
            "created_at = CASE :status WHEN 'pending' THEN :at ELSE created_at END",
            {"salon_id": salon_id, "status": status, "at": str(at)},
        )
        self._update_until(salon_id)
        if status == "freezed":
            self.undelivered.append(LocationEvent("freeze", salon_id))
        elif status == "uninstalled" and source != "link expired":
            self.undelivered.append(LocationEvent("uninstall", salon_id))

    def _update_until(self, salon_id: int) -> None:
        """Store the time when the state ends automatically."""
        query = "SELECT status, created_at, activated_at FROM locations WHERE salon_id = ?"
        status, created_at, activated_at = self._db.execute(query, [salon_id]).fetchone()
        until = None
        if status == "pending":
            until = str(datetime.fromisoformat(created_at) + _LINK_LIFETIME)
        elif status == "active":
            until = str(self._freezes_at(salon_id, datetime.fromisoformat(activated_at)))
        self._db.execute("UPDATE locations SET until = ? WHERE salon_id = ?", [until, salon_id])

    def _freezes_at(self, salon_id: int, activated_at: datetime) -> datetime:
        """Return when Altegio freezes an active application. A paid period that is over never shortens it."""
        paid_until, refunded_at = self._db.execute(
            "SELECT (SELECT max(period_to) FROM payments WHERE salon_id = :salon_id AND refunded_at IS NULL), "
            "(SELECT max(refunded_at) FROM payments WHERE salon_id = :salon_id AND refunded_at >= :activated_at "
            "AND refunded_at BETWEEN period_from AND period_to)",
            {"salon_id": salon_id, "activated_at": str(activated_at)},
        ).fetchone()
        if refunded_at and not (paid_until and paid_until >= refunded_at):
            return datetime.fromisoformat(refunded_at) + self._terms.refund_freeze_delay
        end = activated_at + self._terms.trial
        if paid_until:
            end = max(end, datetime.fromisoformat(paid_until))
        return min(end, _LATEST - self._terms.freeze_delay) + self._terms.freeze_delay


def _open_database(file: Path | None) -> sqlite3.Connection:
    try:
        with ExitStack() as on_error:
            db = on_error.enter_context(
                closing(sqlite3.connect(file or ":memory:", check_same_thread=False, timeout=0))
            )
            (application_id,) = db.execute("PRAGMA application_id").fetchone()
            (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if tables and application_id != _SQLITE_APPLICATION_ID:
                raise StateFileError(
                    f"{file} is a database of another application: pass a file that does not exist yet."
                )
            db.executescript("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
            db.executescript("BEGIN EXCLUSIVE; COMMIT;")  # takes the lock, which is kept: one sandbox at a time
            if not tables:
                db.executescript(f"BEGIN; PRAGMA application_id = {_SQLITE_APPLICATION_ID}; {_TABLES} COMMIT;")
            on_error.pop_all()
            return db
    except sqlite3.Error as error:
        raise StateFileError(f"{file} cannot store the state ({error}): is another sandbox using it?") from None


def _payments(rows: sqlite3.Cursor) -> Iterator[Payment]:
    for id_, salon_id, payment_sum, currency_iso, *times, refunded_at in rows:
        paid, begin, end, recorded = map(datetime.fromisoformat, times)
        exact = Decimal(payment_sum)
        yield Payment(id_, salon_id, exact, currency_iso, paid, begin, end, recorded, _time(refunded_at))


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
