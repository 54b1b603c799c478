"""The ledger: it stores each call before it is sent, and looks it up in Altegio instead of sending it again."""

import math
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from attrs import evolve, frozen

from altegio_partner.bad_argument import bad_argument
from altegio_partner.call import Call, T
from altegio_partner.errors import AltegioError, NotFoundError, OutcomeUnknownError
from altegio_partner.flow import Blocking, Flow, Plan, Step
from altegio_partner.ids import wire_id
from altegio_partner.installation import Installation
from altegio_partner.redaction import hide_locals

from .entry import LedgerEntry
from .errors import LedgerUnavailableError, LedgerWriteError, UndecidedError
from .matching import NoMatch, match_payment, match_refund
from .store import Row, Store, StoreError

_MAX_KEY_LENGTH = 255
_REFUND_PREFIX = "refund of payment "
_CHECK_BY_HAND = "Check in Altegio, then record what you saw with mark_recorded or mark_not_recorded."
_IF_UNKNOWN = "It may have been recorded: call again with the same arguments. It is looked up before it is sent."

R = TypeVar("R")
ReadStatus = Callable[[int], Call[Installation]]
"""Describes how to read the status of a location, given its id."""


@frozen
class _Claim:
    """A call that must be recorded once."""

    key: str
    operation: str
    payload: Mapping[str, str]
    read_status: ReadStatus


class Ledger:
    """Stores payments and refunds before they are sent, so that each is reported once.

    All workers that report the same payments share one: an SQLite file on one machine, or a PostgreSQL database for
    several. Pass it to a client, and `idempotency_key` to each `notify_payment`. A claim is committed before the call
    is sent. Another call with the same key returns the stored id or, if the outcome of the first is unknown, looks the
    payment up in Altegio.

    Args:
        url: The database, as SQLAlchemy writes it: "sqlite:///altegio-payments.db", or
            "postgresql+psycopg://user:password@host/database" (`pip install 'altegio-partner[postgresql]'`).
        status_delay: How long Altegio's status of a location may lag behind. Altegio's staff say that it is cached
            for up to an hour. A claim is sent within this time or never, and may be missing from the status for as
            long again: after twice this time, a payment that the status does not show was not recorded, and is sent.
            With a value below Altegio's actual delay, a payment may be sent twice.

    Raises:
        ValueError: The URL is not that of an SQLite file or PostgreSQL database, or the ledger is of a later release.
        LedgerUnavailableError: It cannot be opened or written.
    """

    def __init__(self, url: str, *, status_delay: timedelta = timedelta(hours=1)) -> None:
        with hide_locals():
            if not isinstance(status_delay, timedelta) or status_delay <= timedelta(0):
                raise bad_argument("status_delay", "a timedelta of more than 0", status_delay)
            self.status_delay = status_delay
            try:
                self._store = Store(url)
            except StoreError as error:
                raise LedgerUnavailableError(str(error)) from None

    def __repr__(self) -> str:
        return f"Ledger({self._store!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, frames: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the database. The ledger stays usable: they are opened again when needed."""
        self._store.close()

    def get(self, idempotency_key: str) -> LedgerEntry | None:
        """Return the entry of a key, or None if there is none: nothing was reported, or Altegio rejected it.

        Raises:
            ValueError: The key is invalid.
            LedgerUnavailableError: The ledger cannot be read.
        """
        row = self._try(partial(self._store.find, _valid_key(idempotency_key)))
        return None if row is None else _entry(row)

    def pending(self) -> list[LedgerEntry]:
        """Return the calls whose outcome is unknown, oldest first. Calls that are being made now are among them.

        Raises:
            LedgerUnavailableError: The ledger cannot be read.
        """
        return [_entry(row) for row in self._try(self._store.pending)]

    def mark_recorded(self, idempotency_key: str, *, payment_id: int) -> None:
        """Record that Altegio has the payment, or the refund of the payment, after a person has checked there.

        Raises:
            ValueError: There is no such claim, another id is recorded for it, or the payment belongs to another key.
            LedgerUnavailableError: The ledger cannot be read or written.
        """
        row = self._pending_row(idempotency_key)
        payment_id = wire_id("payment_id", payment_id)
        if row.payment_id not in (None, payment_id):
            raise ValueError(f"{idempotency_key} is about payment {row.payment_id}, not {payment_id}.")
        if not self._try(partial(self._store.record, row.key, payment_id)):
            raise ValueError(f"Payment {payment_id} belongs to another idempotency_key.")

    def mark_not_recorded(self, idempotency_key: str) -> None:
        """Record that Altegio does not have it, after a person has checked there. The next call with the key is sent.

        Raises:
            ValueError: There is no such claim, or it is recorded.
            LedgerUnavailableError: The ledger cannot be read or written.
        """
        row = self._pending_row(idempotency_key)
        if not self._try(partial(self._store.release, row)):
            raise ValueError(f"{idempotency_key} was changed by another worker just now: check again.")

    def check_timeout(self, seconds: float) -> None:
        """For the clients: reject a timeout so long that a call could be in flight when it is judged as absent."""
        if seconds > self.status_delay.total_seconds() / 2:
            raise bad_argument(
                "timeout",
                "at most half of the ledger's status_delay",
                seconds,
                fix="Use a shorter timeout, or a longer status_delay.",
            )

    def once(self, operation: str, key: str, payload: Mapping[str, object], read_status: ReadStatus) -> Plan[Any]:
        """For the clients: how to make a call, unless it is recorded already."""
        if operation == "notify_payment" and _valid_key(key).startswith(_REFUND_PREFIX):
            raise bad_argument("idempotency_key", f"none that begins with {_REFUND_PREFIX!r}, as those of refunds do")
        claim = _Claim(key, operation, {name: str(value) for name, value in payload.items()}, read_status)
        return partial(self._once, claim)

    def reconcile(self, key: str, where: Mapping[str, object], read_status: ReadStatus) -> Plan[int | None]:
        """For the clients: how to find the outcome of a call."""
        return partial(self._reconcile, _valid_key(key), where, read_status)

    def _once(self, claim: _Claim, call: Call[T]) -> Flow[Step, T]:
        row, is_new = yield self._step(partial(self._store.claim, claim.key, claim.operation, claim.payload))
        if not is_new:
            _check_same(claim, row)
            if not row.is_recorded:
                row = yield from self._look_up(row, claim.read_status)
            if row.is_recorded:
                return cast(T, _result(row))
            row = yield self._step(partial(self._store.take_over, row))
            if row is None:
                raise UndecidedError(f"Another worker is about to make the call of {claim.key!r}. {_CHECK_BY_HAND}")
        return (yield from self._send(row, call))

    def _send(self, row: Row, call: Call[T]) -> Flow[Step, T]:
        expires = row.claimed_at + self.status_delay.total_seconds() / 2  # later, another worker may send it
        try:
            result = yield evolve(call, plan=None, expires=expires, if_unknown=_IF_UNKNOWN)
        except OutcomeUnknownError:
            raise
        except AltegioError as error:
            try:
                yield Blocking(partial(self._store.release, row), keeps=True)
            except Exception as failure:  # noqa: BLE001  Altegio's answer matters more
                note = f"The claim of {row.key!r} stays pending: the next call with this key looks in Altegio first."
                error.add_note(f"{_reason(failure)} {note}")
            raise
        payment_id = row.payment_id or result
        recorded = f"Altegio recorded it: the payment is {payment_id}."
        problem = (
            f"Another worker stored a different result for {row.key!r}, and the payment may be recorded twice: check "
            "in Altegio."
        )
        try:
            is_stored = yield Blocking(partial(self._store.record, row.key, payment_id), keeps=True)
        except Exception as failure:  # noqa: BLE001  the id must not be lost with it
            is_stored, problem = False, f"{_reason(failure)} Call again with the same key: it is looked up, not sent."
        except BaseException as stop:
            stop.add_note(recorded)
            raise
        if not is_stored:
            raise LedgerWriteError(f"{recorded} {problem}", payment_id)
        return cast(T, result)

    def _reconcile(
        self, key: str, where: Mapping[str, object], read_status: ReadStatus, _: object
    ) -> Flow[Step, int | None]:
        row: Row | None = yield self._step(partial(self._store.find, key))
        if row is None:
            return None
        for name, value in where.items():
            if row.payload.get(name) != str(value):
                raise ValueError(
                    f"{key!r} was reported with {name} {row.payload.get(name)}, and this client has {value}."
                )
        if not row.is_recorded:
            row = yield from self._look_up(row, read_status)
        if not row.is_recorded:
            if not (yield self._step(partial(self._store.release, row), keeps=True)):
                raise UndecidedError(f"{key!r} was changed by another worker just now: call again.")
            return None
        return row.payment_id

    def _look_up(self, row: Row, read_status: ReadStatus) -> Flow[Step, Row]:
        """Return the row, recorded if Altegio has the call, pending if it does not; or raise UndecidedError."""
        age = time.time() - row.claimed_at  # before reading: what is recorded meanwhile may be missing from the status
        if row.salon_id is None:
            raise _undecided(row, f"payment {row.payment_id} is not in the ledger, so its location is unknown")
        problem = ""
        installation: Installation | None = None
        try:
            installation = yield read_status(row.salon_id)
        except NotFoundError:
            problem = "the application is no longer installed at the location"
        except AltegioError as error:
            problem = f"the location's status could not be read ({error})"
        if installation is None:
            raise _undecided(row, problem)
        match: int | NoMatch
        if row.operation == "notify_refund":
            match = match_refund(row.payment_id or 0, installation)
        else:
            taken_ids, competing_claims = yield self._step(partial(self._store.competing_claims, row))
            match = match_payment(row.payload, installation, taken_ids, competing_claims)
        if isinstance(match, int):
            if (yield self._step(partial(self._store.record, row.key, match), keeps=True)):
                return evolve(row, payment_id=match, state="recorded")
            match = NoMatch.COMPETING_CLAIM
        if match is not NoMatch.ABSENT:
            raise _undecided(row, cast(NoMatch, match).value)
        remaining = 2 * self.status_delay.total_seconds() - age  # it may be sent in one, and missing for another
        if remaining > 0:
            why = f"{match.value} yet, and Altegio caches the status. Call again in {_duration(remaining)}"
            raise UndecidedError(f"{_unknown(row)}: {why}. Nothing was sent now.")
        return row

    def _pending_row(self, key: str) -> Row:
        row = self._try(partial(self._store.find, _valid_key(key)))
        if row is None:
            raise ValueError(f"There is no claim of {key!r}: nothing was sent, or Altegio rejected it.")
        if row.is_recorded:
            raise ValueError(f"{key!r} is recorded already, as payment {row.payment_id}.")
        return row

    def _step(self, work: Callable[[], object], *, keeps: bool = False) -> Blocking:
        return Blocking(partial(self._try, work), keeps)

    def _try(self, work: Callable[[], R]) -> R:
        problem = ""
        try:
            return work()
        except StoreError as error:
            problem = str(error)
        raise LedgerUnavailableError(f"{problem} Nothing was sent now: fix the database, then call again.")


class DryRunLedger(Ledger):
    """For the command line: rejects a key that was used for another call, as the ledger would, but claims nothing."""

    def __init__(self, ledger: Ledger) -> None:
        self.status_delay = ledger.status_delay
        self._store = ledger._store  # noqa: SLF001  the same class

    def _once(self, claim: _Claim, call: Call[T]) -> Flow[Step, T]:
        row: Row | None = yield self._step(partial(self._store.find, claim.key))
        if row is not None:
            _check_same(claim, row)
        return cast(T, (yield evolve(call, plan=None)))


def _valid_key(value: str) -> str:
    fix = "Name the payment: 'invoice-2026-0042'."
    if not isinstance(value, str) or not value.isprintable() or value.strip() != value or not value:
        raise bad_argument("idempotency_key", "printable text without spaces around it", value, fix=fix)
    if len(value) > _MAX_KEY_LENGTH:
        raise bad_argument("idempotency_key", f"at most {_MAX_KEY_LENGTH} characters long", value, fix=fix)
    return value


def _check_same(claim: _Claim, row: Row) -> None:
    now = {"operation": claim.operation, **claim.payload}
    then = {"operation": row.operation, **row.payload}
    differ = [
        f"{name} was {then.get(name)}, not {now.get(name)}"
        for name in sorted(now.keys() | then.keys())
        if now.get(name) != then.get(name)
    ]
    if differ:
        raise ValueError(
            f"idempotency_key {claim.key!r} was used for another call, and nothing was sent: {'; '.join(differ)}. Use "
            "another key for another payment."
        )


def _duration(seconds: float) -> str:
    return f"{math.ceil(seconds / 60)} min" if seconds > 90 else f"{math.ceil(seconds)} s"


def _reason(failure: Exception) -> str:
    """Say why something could not be stored. The text of a foreign exception may contain anything, and is not shown."""
    if isinstance(failure, StoreError):
        return str(failure)
    return f"The ledger could not be used ({type(failure).__name__})."


def _entry(row: Row) -> LedgerEntry:
    return LedgerEntry(
        idempotency_key=row.key,
        operation=row.operation,
        payload=row.payload,
        payment_id=row.payment_id if row.is_recorded else None,
        state=row.state,
        claimed_at=datetime.fromtimestamp(row.claimed_at, UTC),
    )


def _result(row: Row) -> Any:  # noqa: ANN401  the operation's result
    return row.payment_id if row.operation == "notify_payment" else None


def _unknown(row: Row) -> str:
    return f"It is unknown whether {row.operation} with key {row.key!r} was recorded"


def _undecided(row: Row, why: str) -> UndecidedError:
    return UndecidedError(f"{_unknown(row)}: {why}. Nothing was sent now. {_CHECK_BY_HAND}")
