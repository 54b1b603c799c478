"""The retry loop of one call, independent of sync and async I/O, and its line in the log."""

import logging
import random
import time
import traceback
from collections.abc import Generator
from contextlib import suppress
from typing import Any

from .call import Call, T
from .errors import AltegioError, RateLimitError
from .flow import Attempt, Pause, Step
from .outcomes import classify_failure, classify_response
from .settings import Settings
from .urls import is_local

_log = logging.getLogger("altegio_partner")

_MAX_WAIT = 60.0  # seconds: with a longer Retry-After, the error is raised at once
_FIRST_JITTER, _LAST_JITTER = 0.5, 8.0  # seconds: the bound of a random wait; it doubles with every resend


def send(call: Call[T], settings: Settings) -> Generator[Step, Any, T]:
    """Send a call, retry it where that is safe, and return its result or raise its error."""
    started, jitter, attempts = time.monotonic(), _FIRST_JITTER, 0
    while True:
        attempt, attempts = Attempt(call), attempts + 1
        try:
            yield attempt
        except BaseException as error:
            _add_outcome_note(error, attempt, settings)
            if attempt.is_in_flight:
                _log_outcome(attempt, error, attempts, started)
            raise
        outcome: T | AltegioError = _outcome(attempt, settings)
        attempt.outcome = outcome
        requested = (outcome.retry_after or 0.0) if isinstance(outcome, RateLimitError) else 0.0
        may_resend = isinstance(outcome, AltegioError) and outcome.safe_to_resend and requested <= _MAX_WAIT
        if not may_resend or attempts > settings.max_retries:
            break
        yield Pause(requested + random.uniform(0, jitter))
        jitter = min(2 * jitter, _LAST_JITTER)
    try:
        _log_outcome(attempt, outcome, attempts, started)
    except BaseException as error:
        error.add_note(_outcome_note(call, outcome))
        raise
    if isinstance(outcome, AltegioError):
        raise outcome
    return outcome


def _outcome(attempt: Attempt, settings: Settings) -> Any:  # noqa: ANN401  the result of the call
    call, response, failure = attempt.call, attempt.response, attempt.failure
    if response is None:
        is_sandbox = is_local(getattr(settings.urls, call.host))
        return classify_failure(call, failure or RuntimeError(), attempt.progress, is_local=is_sandbox)
    if failure is not None and not response.is_complete:
        response.defect = response.defect or f"cut short ({type(failure).__name__})"
    if attempt.progress.has_surplus and not response.body.strip():
        response.defect = response.defect or "data after an empty response"
    response.location = response.location and settings.credentials.mask_tokens(response.location)
    return classify_response(call, response, lambda text: settings.credentials.mask(text, *call.secrets))


def _add_outcome_note(error: BaseException, attempt: Attempt, settings: Settings) -> None:
    """Add a note to an error that interrupts an attempt, such as Ctrl-C, that says what is known of its outcome."""
    call = attempt.call
    if attempt.response is not None and attempt.response.is_complete:
        attempt.outcome = _outcome(attempt, settings)
        error.add_note(_outcome_note(call, attempt.outcome))
    elif attempt.is_in_flight and attempt.progress.has_sent is False:
        error.add_note(f"Cancelled before {call} was sent. Nothing was recorded.")
    elif attempt.is_in_flight:
        error.add_note(f"Cancelled while {call} was in progress. {call.if_unknown}")


def _outcome_note(call: Call[Any], outcome: object) -> str:
    """Return the outcome of a call as text, for the note of an error that replaces it."""
    if isinstance(outcome, AltegioError):
        return str(outcome)
    return f"Altegio has confirmed {call}{f': the result is {outcome}' if isinstance(outcome, int) else ''}."


def _log_outcome(attempt: Attempt, outcome: object, attempts: int, started: float) -> None:
    failed = isinstance(outcome, BaseException)
    if not _log.isEnabledFor(level := logging.WARNING if failed else logging.INFO):
        return
    facts: dict[str, object] = {
        "operation": attempt.call.operation,
        "outcome": type(outcome).__name__ if isinstance(outcome, AltegioError) else ("success", "cancelled")[failed],
        "status": attempt.response and attempt.response.status,
        "attempts": attempts,
        "milliseconds": round((time.monotonic() - started) * 1000),
        "reason": getattr(outcome, "reason", None),
    }
    text = "{operation}: {outcome} (status {status}, attempts {attempts}, {milliseconds} ms)".format_map(facts)
    try:
        extra = {f"altegio_{fact}": value for fact, value in facts.items()}
        _log.log(level, f"{text}: {facts['reason']}" if facts["reason"] else text, extra=extra)
    except Exception:  # noqa: BLE001  a failing handler must not hide the outcome
        with suppress(OSError, ValueError):  # stderr may be closed
            traceback.print_exc()
