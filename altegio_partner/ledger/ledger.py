"""The ledger: what is claimed before it is sent, and looked up instead of being sent again."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar, cast

from attrs import evolve, frozen

from altegio_partner.bad_argument import bad_argument
from altegio_partner.call import Call, T
from altegio_partner.errors import AltegioError, NotFoundError, OutcomeUnknownError
from altegio_partner.flow import Blocking, Flow, Plan, Step
from altegio_partner.ids import wire_id
from altegio_partner.installation import Installation
from altegio_partner.redaction import hide_locals

from .database import StoreError
from .errors import LedgerUnavailableError, NotKeptError, UndecidedError
from .store import Entry, Store
from .verdict import Verdict, of_payment, of_refund

_LONGEST_KEY = 255
_OF_REFUNDS = "refund of payment "
_PERSON = "Somebody must look it up in Altegio, and tell the ledger: mark_recorded or mark_not_recorded."


R = TypeVar("R")
Look = Callable[[int], Call[Installation]]
"""Describes how to read the status of a location, given its id."""


@frozen
class _Claim:
    """A call that is to take effect once."""

    key: str
    operation: str
    values: Mapping[str, str]
    look: Look


@frozen
class Unsettled:
    """A call of which nobody knows yet whether it took effect."""

    idempotency_key: str
    operation: str
    """"notify_payment" or "notify_refund"."""
    values: dict[str, str]
    """What was told, or was about to be, by Altegio's names."""
    claimed_at: datetime
    """When it was claimed, in UTC. It was sent after that, if at all."""


@frozen
class Told:
    """What was told under an idempotency key, or is about to be."""

    operation: str
    """"notify_payment" or "notify_refund"."""
    values: dict[str, str]
    """By Altegio's names."""
    payment_id: int | None
    """The payment that Altegio has recorded or refunded; None while nobody knows whether it has."""


class Ledger:
    """Remembers payments and refunds before they are sent, so that each takes effect once.

    All workers that tell the same payments share one: an SQLite file on one machine, or a PostgreSQL database for many.
    Give it to a client, and `idempotency_key` to each `notify_payment`. A claim is committed before the call is sent.
    Another call of the same key returns the id that is kept, or, when nobody knows what came of the first, looks the
    payment up in Altegio.

    Args:
        url: The database, as SQLAlchemy writes it: "sqlite:///altegio-payments.db", or
            "postgresql+psycopg://user:password@host/database" (`pip install 'altegio-partner[postgresql]'`).
        settle_time: How long a payment that was sent may be missing from the status of its location. Altegio's own
            staff say that it caches that for up to an hour. A claim goes out within this time or never, and may then
            be hidden for as long: when it is twice as old, "it is not in Altegio" means that it was not recorded, and
            it is sent. With less than what Altegio caches for, a payment may be sent that is recorded already.

    Raises:
        ValueError: The URL names no SQLite file or PostgreSQL database, or the ledger is of a later release.
        LedgerUnavailableError: It cannot be opened or written.
    """

    def __init__(self, url: str, *, settle_time: timedelta = timedelta(hours=1)) -> None:
        with hide_locals():
            if not isinstance(settle_time, timedelta) or settle_time <= timedelta(0):
                raise bad_argument("settle_time", "a timedelta of more than 0", settle_time)
            self.settle_time = settle_time
            try:
                self._store = Store(url)
            except StoreError as error:
                raise LedgerUnavailableError(str(error)) from None

    def __repr__(self) -> str:
        return f"Ledger({self._store!r})"

    def close(self) -> None:
        """Close the connections to the database. They are opened again when they are needed."""
        self._store.close()

    def unsettled(self) -> list[Unsettled]:
        """Return the calls whose outcome is not known, oldest first: also those that are out just now."""
        return [
            Unsettled(one.key, one.operation, one.values, datetime.fromtimestamp(one.claimed_at, UTC))
            for one in self._try(self._store.unsettled)
        ]

    def told(self, idempotency_key: str) -> Told | None:
        """Return what was told under a key, or is about to be; None where nothing was, or Altegio refused it.

        Raises:
            ValueError: This is no key.
            LedgerUnavailableError: The ledger cannot be read.
        """
        entry = self._try(partial(self._store.find, _known_key(idempotency_key)))
        if entry is None:
            return None
        return Told(entry.operation, entry.values, entry.payment_id if entry.is_settled else None)

    def trial(self) -> "Ledger":
        """Return a ledger that claims nothing, and only refuses what this one would: a key of another payment."""
        return _Trial(self)

    def mark_recorded(self, idempotency_key: str, *, payment_id: int) -> None:
        """Tell the ledger what a person has seen in Altegio: the payment is there, or the refund, under this id.

        Raises:
            ValueError: There is no such claim, it is settled with another id, or another key has this payment.
        """
        entry = self._open(idempotency_key)
        payment_id = wire_id("payment_id", payment_id)
        if entry.payment_id not in (None, payment_id):
            raise ValueError(f"{idempotency_key} is about payment {entry.payment_id}, not {payment_id}.")
        if not self._try(partial(self._store.settle, entry.key, payment_id)):
            raise ValueError(f"Payment {payment_id} belongs to another idempotency_key.")

    def mark_not_recorded(self, idempotency_key: str) -> None:
        """Tell the ledger what a person has seen in Altegio: it is not there. The next call of this key is sent.

        Raises:
            ValueError: There is no such claim, or it is settled.
        """
        entry = self._open(idempotency_key)
        if not self._try(partial(self._store.release, entry)):
            raise ValueError(f"{idempotency_key} was changed by another worker just now: look again.")

    def check_timeout(self, seconds: float) -> None:
        """For the clients: refuse attempts that take so long that one could be out while it is found absent."""
        if seconds > self.settle_time.total_seconds() / 2:
            raise bad_argument(
                "timeout", "at most half of the ledger's settle_time", seconds, fix="Shorten it, or settle later."
            )

    def once(self, operation: str, key: str, payload: Mapping[str, object], look: Look) -> Plan[Any]:
        """For the clients: how to make a call, unless it was made."""
        if operation == "notify_payment" and _known_key(key).startswith(_OF_REFUNDS):
            raise bad_argument("idempotency_key", f"none that begins with {_OF_REFUNDS!r}, as those of refunds do")
        claim = _Claim(key, operation, {name: str(value) for name, value in payload.items()}, look)
        return partial(self._once, claim)

    def reconcile(self, key: str, where: Mapping[str, object], look: Look) -> Plan[int | None]:
        """For the clients: how to find out what came of a call."""
        return partial(self._reconcile, _known_key(key), where, look)

    def _once(self, claim: _Claim, call: Call[T]) -> Flow[Step, T]:
        entry, is_new = yield self._step(partial(self._store.claim, claim.key, claim.operation, claim.values))
        if not is_new:
            _check_same(claim, entry)
            if not entry.is_settled:
                entry = yield from self._decided(entry, claim.look)
            if entry.is_settled:
                return cast(T, _result(entry))
            entry = yield self._step(partial(self._store.take_over, entry))
            if entry is None:
                raise UndecidedError(f"Another worker is about to make the call of {claim.key!r}. {_PERSON}")
        return (yield from self._sent(entry, call))

    def _sent(self, entry: Entry, call: Call[T]) -> Flow[Step, T]:
        expires = entry.claimed_at + self.settle_time.total_seconds() / 2  # later it may be found absent, and be sent
        try:
            result = yield evolve(call, plan=None, expires=expires, if_unknown=_IF_UNKNOWN)
        except OutcomeUnknownError:
            raise
        except AltegioError as error:
            try:
                yield Blocking(partial(self._store.release, entry), keeps=True)
            except Exception as trouble:  # noqa: BLE001  what Altegio has said is worth more
                why = _why(trouble)
                error.add_note(f"{why} Its claim of {entry.key!r} stays open, and is looked up before it is sent.")
            raise
        payment_id = entry.payment_id or result
        recorded = f"Altegio recorded it: the payment is {payment_id}."
        problem = f"Another worker has settled {entry.key!r} otherwise, and it may be recorded twice: look in Altegio."
        try:
            is_kept = yield Blocking(partial(self._store.settle, entry.key, payment_id), keeps=True)
        except Exception as trouble:  # noqa: BLE001  the id must not be lost with it
            is_kept, problem = False, f"{_why(trouble)} Call again with the same key: it is looked up, not sent."
        except BaseException as stop:
            stop.add_note(recorded)
            raise
        if not is_kept:
            raise NotKeptError(f"{recorded} {problem}", payment_id)
        return cast(T, result)

    def _reconcile(self, key: str, where: Mapping[str, object], look: Look, _: object) -> Flow[Step, int | None]:
        entry: Entry | None = yield self._step(partial(self._store.find, key))
        if entry is None:
            return None
        for name, value in where.items():
            if entry.values.get(name) != str(value):
                raise ValueError(f"{key!r} was told with {name} {entry.values.get(name)}, and this client has {value}.")
        if not entry.is_settled:
            entry = yield from self._decided(entry, look)
        if not entry.is_settled:
            if not (yield self._step(partial(self._store.release, entry), keeps=True)):
                raise UndecidedError(f"{key!r} was changed by another worker just now: call again.")
            return None
        return entry.payment_id

    def _decided(self, entry: Entry, look: Look) -> Flow[Step, Entry]:
        """Return the entry, settled if the call took effect, open if it did not; or raise UndecidedError."""
        age = time.time() - entry.claimed_at  # before the look: what is recorded while looking may not be seen
        if entry.salon_id is None:
            raise _undecided(entry, f"in which location payment {entry.payment_id} was made is in no ledger")
        problem = ""
        installation: Installation | None = None
        try:
            installation = yield look(entry.salon_id)
        except NotFoundError:
            problem = "the application is not installed at the location any more"
        except AltegioError as error:
            problem = f"its status could not be read ({error})"
        if installation is None:
            raise _undecided(entry, problem)
        found: int | Verdict
        if entry.operation == "notify_refund":
            found = of_refund(entry.payment_id or 0, installation)
        else:
            given, twins = yield self._step(partial(self._store.others, entry))
            found = of_payment(entry.values, installation, given, twins)
        if isinstance(found, int):
            if (yield self._step(partial(self._store.settle, entry.key, found), keeps=True)):
                return evolve(entry, payment_id=found, is_settled=True)
            found = Verdict.TWINS
        if found is not Verdict.ABSENT:
            raise _undecided(entry, cast(Verdict, found).value)
        left = 2 * self.settle_time.total_seconds() - age  # one in which it may go out, one in which it may be hidden
        if left > 0:
            why = f"it is not there, and may still come: Altegio caches. Call again in {_in_words(left)}"
            raise UndecidedError(f"{_about(entry)}: {why}. Nothing was sent now.")
        return entry

    def _open(self, key: str) -> Entry:
        entry = self._try(partial(self._store.find, _known_key(key)))
        if entry is None:
            raise ValueError(f"There is no claim of {key!r}: nothing was sent, or Altegio has refused it.")
        if entry.is_settled:
            raise ValueError(f"{key!r} is settled: Altegio has recorded payment {entry.payment_id}.")
        return entry

    def _step(self, work: Callable[[], object], *, keeps: bool = False) -> Blocking:
        return Blocking(partial(self._try, work), keeps)

    def _try(self, work: Callable[[], R]) -> R:
        problem = ""
        try:
            return work()
        except StoreError as error:
            problem = str(error)
        raise LedgerUnavailableError(f"{problem} Nothing was sent now: mend it, then call again.")


class _Trial(Ledger):
    def __init__(self, ledger: Ledger) -> None:
        self.settle_time = ledger.settle_time
        self._store = ledger._store  # noqa: SLF001  of its own kind

    def _once(self, claim: _Claim, call: Call[T]) -> Flow[Step, T]:
        entry: Entry | None = yield self._step(partial(self._store.find, claim.key))
        if entry is not None:
            _check_same(claim, entry)
        return cast(T, (yield evolve(call, plan=None)))


_IF_UNKNOWN = "It may have been recorded: call again with the same arguments. It is looked up before it is sent."


def _known_key(value: str) -> str:
    fix = "Write what names the payment: 'invoice-2026-0042'."
    if not isinstance(value, str) or not value.isprintable() or value.strip() != value or not value:
        raise bad_argument("idempotency_key", "printable text without spaces around it", value, fix=fix)
    if len(value) > _LONGEST_KEY:
        raise bad_argument("idempotency_key", f"at most {_LONGEST_KEY} characters long", value, fix=fix)
    return value


def _check_same(claim: _Claim, entry: Entry) -> None:
    now = {"operation": claim.operation, **claim.values}
    then = {"operation": entry.operation, **entry.values}
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


def _in_words(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds > 90 else f"{seconds:.0f} seconds"


def _why(trouble: Exception) -> str:
    """Say why something could not be stored; the text of what is not ours may hold anything."""
    if isinstance(trouble, StoreError):
        return str(trouble)
    return f"The ledger could not be used ({type(trouble).__name__})."


def _result(entry: Entry) -> Any:  # noqa: ANN401  of the operation
    return entry.payment_id if entry.operation == "notify_payment" else None


def _about(entry: Entry) -> str:
    return f"Whether {entry.operation} of {entry.key!r} took effect is not known"


def _undecided(entry: Entry, why: str) -> UndecidedError:
    return UndecidedError(f"{_about(entry)}: {why}. Nothing was sent now. {_PERSON}")
