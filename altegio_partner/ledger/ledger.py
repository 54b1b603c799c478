"""The ledger: stores each call before it is sent, and looks it up in Altegio instead of sending it again."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Any, Self, cast

from attrs import evolve

from altegio_partner.bad_argument import bad_argument
from altegio_partner.call import Call, T
from altegio_partner.flow import Blocking, Flow, Plan, Step
from altegio_partner.ids import wire_id
from altegio_partner.redaction import hide_locals
from altegio_partner.settings import ReadStatus, Scope

from .database import Database, StoreError
from .entry import LedgerEntry
from .errors import LedgerUnavailableError
from .keys import similar_keys, valid_key
from .payload import read_payload, write_payload
from .reporting import check_same, find_outcome, report_once, use_database
from .store import Claim, Identity, Row, Store

_DEFAULT_STATUS_DELAY = timedelta(hours=1)


class Ledger:
    """Stores payments and refunds before they are sent, so that each is reported once.

    All workers that report the same payments share one ledger: an SQLite file on one machine, or a PostgreSQL database
    for several. Pass it to a client, and an `idempotency_key` to each `notify_payment`. A claim is committed before
    the call is sent. Another call with the same key returns the stored id or, if the outcome of the first call is
    unknown, looks the payment up in Altegio.

    Args:
        url: The SQLAlchemy URL of the database: "sqlite:////var/lib/altegio/payments.db", with an absolute path, or
            "postgresql+psycopg://user:password@host/database" (`pip install 'altegio-partner[postgresql]'`).
        status_delay: How long Altegio's status of a location may lag behind. Altegio's staff say that it is cached
            for up to an hour, which is the default. It is stored in the ledger when that is created. A claimed payment
            is sent within this time or never, and may then be missing from the status for the same time: after twice
            the `status_delay`, a payment that the status does not show was not recorded, and is sent again. If it is
            shorter than Altegio's actual delay, a payment may be sent twice.
        schema: The PostgreSQL schema of the tables. Default: the first one in the connection's `search_path`.

    Raises:
        ValueError: The URL does not name an SQLite file or a PostgreSQL database, or the ledger was created with
            another `status_delay` or by a later release.
        LedgerUnavailableError: The ledger cannot be opened or written.
    """

    def __init__(self, url: str, *, status_delay: timedelta | None = None, schema: str | None = None) -> None:
        with hide_locals():
            if status_delay is not None:
                _check_status_delay(status_delay)
            try:
                self._store = Store(Database(url, schema), status_delay or _DEFAULT_STATUS_DELAY)
            except StoreError as error:
                raise LedgerUnavailableError(str(error)) from None
        if status_delay not in (None, self.status_delay):
            self.close()
            raise ValueError(
                f"This ledger has a status_delay of {self.status_delay}, not {status_delay}, and all who use it need "
                "the same: leave status_delay out. To change it for all of them, see change_status_delay."
            )

    def __repr__(self) -> str:
        return f"Ledger({self._store!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the database. The ledger stays usable: they are opened again when needed."""
        self._store.close()

    @property
    def status_delay(self) -> timedelta:
        """How long Altegio's status of a location may lag behind."""
        return self._store.status_delay

    def change_status_delay(self, status_delay: timedelta) -> None:
        """Change the `status_delay` of the ledger.

        Stop all workers first, and start them afterwards: a worker that is running keeps using the old value.

        Raises:
            ValueError: The value is invalid, or there are pending calls, which were claimed with the old value.
            LedgerUnavailableError: The ledger cannot be read or written.
        """
        _check_status_delay(status_delay)
        if not use_database(partial(self._store.change_status_delay, status_delay)):
            raise ValueError(
                "The status_delay cannot be changed while calls are pending: find their outcomes with reconcile, or "
                "record them with mark_recorded and mark_not_recorded. Ledger.pending lists them."
            )

    def get(
        self,
        idempotency_key: str,
        *,
        operation: str = "notify_payment",
        application_id: int | None = None,
        origin: str | None = None,
    ) -> LedgerEntry | None:
        """Return the entry of a key, or None if it has none: nothing was reported, or Altegio rejected it.

        Args:
            idempotency_key: The key of the payment; that of a refund is the id of the payment, as text.
            operation: "notify_payment" or "notify_refund".
            application_id: The application, if the ledger has the key for several.
            origin: The Altegio, such as "https://app.alteg.io", if the ledger has the key for several.

        Raises:
            ValueError: The key is invalid, or several entries have it: the message lists them.
            LedgerUnavailableError: The ledger cannot be read.
        """
        row = self._find(idempotency_key, operation, application_id, origin)
        return None if row is None else _entry(row)

    def pending(self) -> list[LedgerEntry]:
        """Return the calls whose outcome is unknown, oldest first, including calls that are in progress.

        Raises:
            LedgerUnavailableError: The ledger cannot be read.
        """
        return [_entry(row) for row in use_database(partial(self._store.search, state="pending"))]

    def similar_keys(self, idempotency_keys: Iterable[str]) -> dict[str, list[LedgerEntry]]:
        """Return the entries of similar payment keys, for each of these keys for which there are any.

        Keys are similar if they differ only in the case or width of letters, in spaces or leading zeros, or because a
        spreadsheet reformatted a long number, such as 2026110000042 as 2.02611E+12, or lost its digits after the 15th.

        Raises:
            ValueError: A key is invalid.
            LedgerUnavailableError: The ledger cannot be read.
        """
        rows = use_database(partial(self._store.search, operation="notify_payment"))
        known: defaultdict[str, list[Row]] = defaultdict(list)
        for row in rows:
            known[row.claim.identity.idempotency_key].append(row)
        similar = similar_keys(map(valid_key, idempotency_keys), known)
        return {key: [_entry(row) for other in others for row in known[other]] for key, others in similar.items()}

    def mark_recorded(
        self,
        idempotency_key: str,
        *,
        payment_id: int,
        also_of: str | None = None,
        claimed_at: datetime | None = None,
        operation: str = "notify_payment",
        application_id: int | None = None,
        origin: str | None = None,
    ) -> None:
        """Record that Altegio has the payment or the refund, after a person has checked in Altegio.

        Args:
            idempotency_key: The key of a pending call.
            payment_id: The payment that was recorded or refunded.
            also_of: The other key that already has this payment, if Altegio recorded the two as one payment.
            claimed_at: The `claimed_at` of the entry that the person has checked, to record nothing about a later call.
            operation: As for `get`.
            application_id: As for `get`.
            origin: As for `get`.

        Raises:
            ValueError: The key has no pending call, it was claimed again meanwhile, it was recorded with another id, or
                another key has the payment.
            LedgerUnavailableError: The ledger cannot be read or written.
        """
        claim = self._pending_claim(idempotency_key, claimed_at, operation, application_id, origin)
        payment_id = wire_id("payment_id", payment_id)
        if claim.payment_id not in (None, payment_id):
            raise ValueError(f"{idempotency_key} is about payment {claim.payment_id}, not {payment_id}.")
        if also_of is not None:
            identity = evolve(claim.identity, idempotency_key=valid_key(also_of))
            other = use_database(partial(self._store.find, identity))
            if other is None or not other.is_recorded or other.claim.payment_id != payment_id:
                raise bad_argument("also_of", f"the key that has payment {payment_id}", also_of)
        recorded = use_database(partial(self._store.record, claim, payment_id, allow_shared=also_of is not None))
        if recorded.row is not None and recorded.outcome == "taken":
            key = recorded.row.claim.identity.idempotency_key
            wanted = f"one that no other key has: {key!r} has payment {payment_id}"
            fix = "That is right only if Altegio has recorded both as this one payment."
            raise bad_argument("payment_id", wanted, setting=("also_of", key, ""), fix=fix)
        if recorded.row is not None and recorded.outcome == "contradicted":
            raise ValueError(f"{idempotency_key!r} was recorded just now, as payment {recorded.row.claim.payment_id}.")

    def mark_not_recorded(
        self,
        idempotency_key: str,
        *,
        claimed_at: datetime | None = None,
        operation: str = "notify_payment",
        application_id: int | None = None,
        origin: str | None = None,
    ) -> None:
        """Record that Altegio does not have the payment or the refund, after a person has checked in Altegio.

        The next call with the key is then sent. Wait until twice the `status_delay` has passed since the claim: before
        that, Altegio may not show the payment yet.

        Args:
            idempotency_key: The key of a pending call.
            claimed_at: The `claimed_at` of the entry that the person has checked. Without it, the claim of a worker
                that has called again since then is deleted, and a payment may be sent twice.
            operation: As for `get`.
            application_id: As for `get`.
            origin: As for `get`.

        Raises:
            ValueError: The key has no pending call, or it was claimed again meanwhile.
            LedgerUnavailableError: The ledger cannot be read or written.
        """
        claim = self._pending_claim(idempotency_key, claimed_at, operation, application_id, origin)
        if not use_database(partial(self._store.release, claim)):
            raise ValueError(f"{idempotency_key!r} was changed by another worker just now: check again.")

    def check_timeout(self, seconds: float) -> None:
        """Raise ValueError if a call with this timeout could still be in flight when it is considered not recorded."""
        if seconds > self.status_delay.total_seconds() / 2:
            raise bad_argument(
                "timeout",
                "at most half of the ledger's status_delay",
                seconds,
                fix="Use a shorter timeout, or a longer status_delay.",
            )

    def plan_report(
        self, operation: str, key: str, payload: Mapping[str, object], scope: Scope, read_status: ReadStatus
    ) -> Plan[Any]:
        """Return the plan of a call that is sent unless it is recorded already. For clients."""
        return partial(report_once, self._store, _claim(operation, key, payload, scope), read_status)

    def plan_reconcile(self, operation: str, key: str, scope: Scope, read_status: ReadStatus) -> Plan[int | None]:
        """Return the plan of finding the outcome of a call. For clients."""
        return partial(find_outcome, self._store, Identity(*scope, operation, valid_key(key)), read_status)

    def _find(self, key: str, operation: str, application_id: int | None, origin: str | None) -> Row | None:
        wanted = {"operation": operation, "application_id": application_id, "origin": origin}
        found = use_database(partial(self._store.search, idempotency_key=valid_key(key), **wanted))
        if len(found) > 1:
            identities = [row.claim.identity for row in found]
            entries = ", ".join(f"application_id={one.application_id}, origin={one.origin!r}" for one in identities)
            raise ValueError(f"Several entries have the key {key!r}. Pass one of: {entries}.")
        return found[0] if found else None

    def _pending_claim(
        self, key: str, claimed_at: datetime | None, operation: str, application_id: int | None, origin: str | None
    ) -> Claim:
        if claimed_at is not None and (not isinstance(claimed_at, datetime) or claimed_at.tzinfo is None):
            raise bad_argument("claimed_at", "that of a LedgerEntry", claimed_at, fix="Pass entry.claimed_at.")
        row = self._find(key, operation, application_id, origin)
        if row is None:
            raise ValueError(f"There is no claim of {key!r}: nothing was sent, or Altegio rejected it.")
        if row.is_recorded:
            raise ValueError(f"{key!r} is already recorded, as payment {row.claim.payment_id}.")
        if claimed_at not in (None, _claimed_at(row)):
            raise ValueError(
                f"{key!r} was claimed again meanwhile, at {_claimed_at(row)}, and may have been sent again. "
                "Nothing was changed: check in Altegio again."
            )
        return row.claim


class DryRunLedger(Ledger):
    """A ledger that claims nothing, for the command line. Like others, it rejects a key used for another call."""

    def __init__(self, ledger: Ledger) -> None:
        self._store = ledger._store  # noqa: SLF001  the same class
        self.entries: dict[str, LedgerEntry] = {}
        """The entries of those of the previewed keys that have one."""
        self._previewed: dict[str, Claim] = {}
        self._at_location: dict[int | None, dict[frozenset[tuple[str, str]], list[Row]]] = {}

    def plan_report(
        self,
        operation: str,
        key: str,
        payload: Mapping[str, object],
        scope: Scope,
        read_status: ReadStatus,  # noqa: ARG002  nothing is looked up
    ) -> Plan[Any]:
        """Return the plan of a call that claims nothing. For clients."""
        return partial(self._preview, _claim(operation, key, payload, scope))

    def same_payments(self, idempotency_key: str) -> list[LedgerEntry]:
        """Return the entries of other keys with the same values as the payment that was previewed with this key."""
        claim = self._previewed[idempotency_key]
        if claim.salon_id not in self._at_location:
            by_values: defaultdict[frozenset[tuple[str, str]], list[Row]] = defaultdict(list)
            # With more conditions than this, SQLite would read the rows of all locations.
            for row in use_database(partial(self._store.search, salon_id=claim.salon_id)):
                by_values[frozenset(row.payload.items())].append(row)
            self._at_location[claim.salon_id] = dict(by_values)
        same = self._at_location[claim.salon_id].get(frozenset(read_payload(claim.payload).items()), [])
        return [_entry(row) for row in same if _is_under_other_key(row, claim.identity)]

    def _preview(self, claim: Claim, call: Call[T]) -> Flow[Step, T]:
        key = claim.identity.idempotency_key
        self._previewed[key] = claim
        row = yield Blocking(partial(use_database, partial(self._store.find, claim.identity)))
        if row is not None:
            check_same(claim, row)
            self.entries[key] = _entry(row)
        return cast(T, (yield evolve(call, plan=None)))


def _claim(operation: str, key: str, payload: Mapping[str, object], scope: Scope) -> Claim:
    identity = Identity(*scope, operation, valid_key(key))
    salon_id, payment_id = (cast("int | None", payload.get(name)) for name in ("salon_id", "payment_id"))
    return Claim(identity, write_payload(payload), salon_id, payment_id)


def _is_under_other_key(row: Row, identity: Identity) -> bool:
    other = row.claim.identity
    return other != identity and evolve(other, idempotency_key=identity.idempotency_key) == identity


def _check_status_delay(value: timedelta) -> None:
    if not isinstance(value, timedelta) or value <= timedelta(0):
        raise bad_argument("status_delay", "a timedelta of more than 0", value)


def _claimed_at(row: Row) -> datetime:
    return datetime.fromtimestamp(row.claimed_at, UTC)  # the same for the same row: both databases store doubles


def _entry(row: Row) -> LedgerEntry:
    identity = row.claim.identity
    return LedgerEntry(
        idempotency_key=identity.idempotency_key,
        operation=cast("Any", identity.operation),  # only the two are ever stored
        payload=row.payload,
        payment_id=row.claim.payment_id if row.is_recorded else None,
        state=row.state,
        claimed_at=_claimed_at(row),
        origin=identity.origin,
        application_id=identity.application_id,
    )
