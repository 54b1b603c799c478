"""How a call is reported once: claim it, send it, record it; or, if an earlier claim is pending, look it up.

These are flows (see `flow.py`): generators that yield steps, which a client performs.
"""

import math
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar, cast

from attrs import evolve

from altegio_partner.call import Call, T
from altegio_partner.errors import AltegioError, NotFoundError, NotSentError, OutcomeUnknownError
from altegio_partner.flow import Attempt, Blocking, Flow, Step
from altegio_partner.installation import Installation
from altegio_partner.settings import ReadStatus

from . import clock
from .database import StoreError
from .errors import LedgerUnavailableError, LedgerWriteError, UndecidedError
from .matching import NoMatch, match_payment, match_refund, was_reinstalled
from .payload import read_payload
from .store import Claim, Identity, RecordResult, Row, Store

_CHECK_BY_HAND = "Check in Altegio, then record what you saw with mark_recorded or mark_not_recorded."
_IF_UNKNOWN = "It may have been recorded: call again with the same arguments. It is looked up before it is sent."

R = TypeVar("R")


class _RowChangedError(Exception):
    """Another worker has changed the row of the call since it was read."""


def report_once(store: Store, claim: Claim, read_status: ReadStatus, call: Call[T]) -> Flow[Step, T]:
    """Send a call unless Altegio has recorded it, and return its result.

    Raises:
        ValueError: The key was used for a call with other values.
        UndecidedError: An earlier call with this key may have been recorded.
        LedgerUnavailableError: The ledger could not be read or written, and nothing was sent.
        LedgerWriteError: Altegio recorded the call, and the ledger could not store that.
        AltegioError: The error of the call.
    """
    while True:
        row: Row | None = yield _database_step(partial(store.find, claim.identity))
        if row is not None:
            check_same(claim, row)
            if not row.is_recorded:
                row = yield from _look_up(store, row, read_status)
            if row.is_recorded:
                return cast(T, _result_of(row))
        try:
            return (yield from _send(store, claim, None if row is None else row.claim.token, call))
        except _RowChangedError:
            continue


def find_outcome(store: Store, identity: Identity, read_status: ReadStatus, _: object) -> Flow[Step, int | None]:
    """Return the id of the payment that a call recorded or refunded, or None if Altegio did not record the call.

    Raises:
        ValueError: The ledger does not have the call.
        UndecidedError: It is not yet known.
        LedgerUnavailableError: The ledger could not be read or written.
    """
    row: Row | None = yield _database_step(partial(store.find, identity))
    if row is None:
        raise ValueError(
            f"The ledger has no {identity.operation} with key {identity.idempotency_key!r} for application "
            f"{identity.application_id} at {identity.origin}: it was never called, or Altegio rejected it. Check the "
            "key, and that this is the right ledger."
        )
    if not row.is_recorded:
        row = yield from _look_up(store, row, read_status)
    if row.is_recorded:
        return row.claim.payment_id
    if not (yield _database_step(partial(store.release, row.claim), is_shielded=True)):
        raise UndecidedError(f"{identity.idempotency_key!r} was changed by another worker just now: call again.")
    return None


def check_same(claim: Claim, row: Row) -> None:
    """Raise ValueError if the key was used for a call with other values."""
    now, then = read_payload(claim.payload), row.payload
    differ = [
        f"{name} was {then.get(name)}, not {now.get(name)}"
        for name in sorted(now.keys() | then.keys())
        if now.get(name) != then.get(name)
    ]
    if differ:
        raise ValueError(
            f"The idempotency key {claim.identity.idempotency_key!r} was used for another call, and nothing was sent: "
            f"{'; '.join(differ)}. If this is the same payment, pass the same values as before. "
            "Use another key for another payment only."
        )


def use_database(work: Callable[[], R]) -> R:
    """Run a function that uses the database, and return its result; or raise LedgerUnavailableError."""
    try:
        return work()
    except StoreError as error:
        problem = str(error)
    raise LedgerUnavailableError(f"{problem} Nothing was sent now: fix the database, then call again.")


class _ClaimHolder:
    """Claims a call right before each attempt to send it, and releases the claim if nothing was recorded.

    Args:
        store: The database.
        claim: The claim, without its token.
        replaced_token: The token of the pending claim that it replaces; None if the call has no row.
    """

    def __init__(self, store: Store, claim: Claim, replaced_token: str | None) -> None:
        self._store = store
        self._claim = claim
        self._replaced_token = replaced_token
        self._claims: list[Claim] = []
        self._lock = threading.Lock()  # a task that is cancelled goes on while its thread claims
        self._is_released = False
        self._attempt: Attempt | None = None

    def claim(self, attempt: Attempt) -> None:
        """Claim the call for this attempt, or raise an error, so that nothing is sent."""
        with self._lock:
            if self._is_released:
                raise _RowChangedError
            latest = clock.elapsed() + self._store.status_delay.total_seconds() / 2  # read before the row is written
            claim = self._claim.with_new_token()  # a worker that has read the row before must find it changed
            self._claims.append(claim)  # even if the statement fails: it may have been committed
            if not use_database(partial(self._store.claim, claim, self._replaced_token)):
                raise _RowChangedError
            self._replaced_token, self._attempt = claim.token, attempt
            attempt.progress.may_leave_until = latest

    def outcome(self, error: BaseException) -> object:
        """Return the outcome of the call that raised this: its result, or the AltegioError that says what is known."""
        attempt = self._attempt
        if isinstance(error, AltegioError):
            return error
        if attempt is None or not attempt.is_in_flight or attempt.progress.has_sent is False:
            return NotSentError("Nothing was sent.")
        return attempt.outcome

    def release(self) -> None:
        """Delete the claim, if there is one, and let no later attempt make another."""
        with self._lock:
            self._is_released = True
            for claim in reversed(self._claims):  # the last one may not have been committed
                if self._store.release(claim):
                    break


def _send(store: Store, claim: Claim, replaced_token: str | None, call: Call[T]) -> Flow[Step, T]:
    """Claim the call, send it, record its outcome, and return its result."""
    holder = _ClaimHolder(store, claim, replaced_token)
    try:
        return (yield from _send_and_record(holder, store, claim, call))
    except BaseException as error:
        outcome = holder.outcome(error)
        if not isinstance(outcome, AltegioError):  # recorded, and interrupted after that
            error.add_note(_recorded_text(claim, outcome))
        raise


def _send_and_record(holder: _ClaimHolder, store: Store, claim: Claim, call: Call[T]) -> Flow[Step, T]:
    try:
        result: T = yield evolve(call, plan=None, prepare=holder.claim, if_unknown=_IF_UNKNOWN)
    except _RowChangedError:
        raise
    except BaseException as error:
        outcome = holder.outcome(error)
        if not isinstance(outcome, AltegioError):
            yield from _record(store, claim, cast(T, outcome))
        elif not isinstance(outcome, OutcomeUnknownError):
            yield from _release(holder, claim, error)
        elif outcome is not error:
            error.add_note(f"The claim of {claim.identity.idempotency_key!r} stays pending. {_IF_UNKNOWN}")
        raise
    return (yield from _record(store, claim, result))


def _release(holder: _ClaimHolder, claim: Claim, error: BaseException) -> Flow[Step, None]:
    """Release the claim; if that fails, add a note to the error of the call."""
    key = claim.identity.idempotency_key
    note = f"The claim of {key!r} may stay pending: the next call with this key looks in Altegio first."
    try:
        yield Blocking(holder.release, is_shielded=True)
    except Exception as failure:  # noqa: BLE001  what is known of the call matters more
        error.add_note(f"{_failure_text(failure)} {note}")
    except BaseException as stop:
        stop.add_note(note)
        raise


def _record(store: Store, claim: Claim, result: T) -> Flow[Step, T]:
    """Store the payment, and return the result of the call; or raise an error with the payment's id."""
    recorded: RecordResult | None = None
    interruption: BaseException | None = None
    while recorded is None:
        try:
            payment_id = _payment_id(claim, result)
            recorded = yield Blocking(partial(store.record, claim, payment_id, allow_shared=True), is_shielded=True)
        except Exception as failure:  # noqa: BLE001  the id must not be lost with it
            advice = "Store the id, and call again with the same key: the payment is looked up, not sent."
            text = f"{_recorded_text(claim, result)} {_failure_text(failure)} {advice}"
            error = LedgerWriteError(text, _payment_id(claim, result), safe_to_call_again=True)
            raise interruption or error from None
        except BaseException as stop:
            if interruption is not None:
                raise
            interruption = stop  # and write again: this may have interrupted it before the commit
    if interruption is not None:
        raise interruption
    if recorded.outcome == "stored":
        return result
    key, other = claim.identity.idempotency_key, recorded.row and recorded.row.claim
    if recorded.outcome == "shared":
        problem = f"The key {other and other.identity.idempotency_key!r} has the same payment"
        advice = "Altegio recorded both as one payment, or answered with a wrong id"
    else:
        problem = f"The ledger has payment {other and other.payment_id} for {key!r}"
        advice = "the payment may be recorded twice"
    advice = f"{advice}. Store the id, and do not call again: check in Altegio what is recorded."
    text = f"{_recorded_text(claim, result)} {problem}: {advice}"
    raise LedgerWriteError(text, _payment_id(claim, result), safe_to_call_again=False)


def _look_up(store: Store, row: Row, read_status: ReadStatus) -> Flow[Step, Row]:
    """Return the row: recorded if Altegio has the call, still pending if it does not; or raise UndecidedError."""
    if row.claim.salon_id is None:
        raise _undecided(row, f"payment {row.claim.payment_id} is not in the ledger, so its location is unknown")
    problem = ""
    installation: Installation | None = None
    try:
        installation = yield read_status(row.claim.salon_id)
    except NotFoundError:
        problem = "the application is no longer installed at the location"
    except AltegioError as error:
        problem = f"the location's status could not be read ({error})"
    if installation is None:
        raise _undecided(row, problem)
    match = yield from _match(store, row, installation)
    if isinstance(match, int):
        recorded: RecordResult = yield _database_step(partial(store.record, row.claim, match), is_shielded=True)
        if recorded.outcome != "taken":
            return recorded.row or evolve(row, claim=evolve(row.claim, payment_id=match), state="recorded")
        match = NoMatch.COMPETING_CLAIM
    if match is not NoMatch.ABSENT:
        raise _undecided(row, match.value)
    if row.may_be_missing_for > 0:
        why = f"{match.value} yet, and Altegio caches the status. Call again in {_duration(row.may_be_missing_for)}"
        raise UndecidedError(f"{_outcome_unknown(row)}: {why}. Nothing was sent now.")
    return row


def _match(store: Store, row: Row, installation: Installation) -> Flow[Step, int | NoMatch]:
    """Return the id of the call's payment in the status of its location, or why it cannot be identified."""
    if row.claim.identity.operation == "notify_refund":
        return match_refund(cast(int, row.claim.payment_id), installation)
    taken_ids, foreign_ids, competing_claims = yield _database_step(partial(store.others_at_location, row))
    match = match_payment(row.payload, installation, taken_ids, competing_claims)
    if match in foreign_ids:  # each application may count its own payments, or the status may show those of all
        return NoMatch.FOREIGN
    claimed_at = datetime.fromtimestamp(row.claimed_at, UTC)
    return NoMatch.REINSTALLED if match is NoMatch.ABSENT and was_reinstalled(claimed_at, installation) else match


def _database_step(work: Callable[[], object], *, is_shielded: bool = False) -> Blocking:
    """Return the step that runs a function with `use_database`."""
    return Blocking(partial(use_database, work), is_shielded)


def _result_of(row: Row) -> Any:  # noqa: ANN401  the operation's result
    return row.claim.payment_id if row.claim.identity.operation == "notify_payment" else None


def _payment_id(claim: Claim, result: object) -> int:
    return claim.payment_id or cast(int, result)


def _recorded_text(claim: Claim, result: object) -> str:
    return f"Altegio recorded it: the payment is {_payment_id(claim, result)}."


def _duration(seconds: float) -> str:
    return f"{math.ceil(seconds / 60)} min" if seconds > 90 else f"{math.ceil(seconds)} s"


def _failure_text(failure: Exception) -> str:
    """Return why something could not be stored. The text of other exceptions is left out: it may contain a secret."""
    if isinstance(failure, StoreError):
        return str(failure)
    return f"The ledger could not be used ({type(failure).__name__})."


def _outcome_unknown(row: Row) -> str:
    identity = row.claim.identity
    return f"It is unknown whether {identity.operation} with key {identity.idempotency_key!r} was recorded"


def _undecided(row: Row, why: str) -> UndecidedError:
    return UndecidedError(f"{_outcome_unknown(row)}: {why}. Nothing was sent now. {_CHECK_BY_HAND}")
