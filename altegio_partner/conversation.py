"""What is said and concluded about one call, whoever does the sending and the waiting."""

import logging
import random
import time
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Generic

from .call import Call, T
from .errors import AltegioError, RateLimitError
from .outcomes import classify_failure, classify_response
from .received_response import ReceivedResponse
from .redaction import hide_locals
from .settings import Settings

_log = logging.getLogger("altegio_partner")

_LONGEST_WAIT = 60.0  # seconds: who is asked to wait longer is told so instead
_FIRST_JITTER, _LAST_JITTER = 0.5, 8.0  # seconds: the bound of a random wait; it doubles with every resend


class Conversation(Generic[T]):
    """One call, from its first attempt to its result.

    Iterate for the attempts that are right to make, given as the seconds to wait before each. Make an attempt inside
    `with conversation`, and leave there what came of the `answer`. Then ask for the `result`.
    """

    answer: ReceivedResponse | None = None
    """What has come of the answer to the attempt under way."""
    _outcome: T | AltegioError

    def __init__(self, call: Call[T], settings: Settings) -> None:
        self._call = call
        self._settings = settings
        self._attempts = 0
        self._started = time.monotonic()

    def __iter__(self) -> Iterator[float]:
        yield 0.0
        jitter = _FIRST_JITTER
        for _ in range(self._settings.max_retries):
            outcome = self._outcome
            asked = (outcome.retry_after or 0.0) if isinstance(outcome, RateLimitError) else 0.0
            if not isinstance(outcome, AltegioError) or not outcome.safe_to_resend or asked > _LONGEST_WAIT:
                break
            yield asked + random.uniform(0, jitter)
            jitter = min(2 * jitter, _LAST_JITTER)

    def __enter__(self) -> None:
        self._attempts += 1
        self.answer = None

    def __exit__(self, _: object, failure: BaseException | None, frames: TracebackType | None) -> bool:
        if failure is not None and not isinstance(failure, Exception):  # cancelled: re-raised as it is
            failure.add_note(f"Cancelled while {self._call} was out. {self._call.if_unknown}")
            failure.__traceback__ = failure.__context__ = None  # frames of the transport hold the token
            self._report(logging.WARNING, "cancelled")
            return False
        if self.answer is None:
            self._outcome = classify_failure(self._call, failure or RuntimeError("no answer"))
        else:
            if failure is not None:
                self.answer.defect = self.answer.defect or f"cut short ({type(failure).__name__})"
            self._outcome = classify_response(self._call, self.answer, self._mask)
        return True

    def _mask(self, text: str) -> str:
        with hide_locals():
            return self._settings.token.mask(text, *self._call.secrets)

    def result(self) -> T:
        """Return what the call came to, or raise the error that it came to."""
        if isinstance(self._outcome, AltegioError):
            self._report(logging.WARNING, type(self._outcome).__name__)
            raise self._outcome
        self._report(logging.INFO, "success")
        return self._outcome

    def _report(self, level: int, outcome: str) -> None:
        record = {
            "operation": self._call.operation,
            "outcome": outcome,
            "status": self.answer.status if self.answer else None,
            "attempts": self._attempts,
            "milliseconds": round((time.monotonic() - self._started) * 1000),
        }
        form = "%(operation)s: %(outcome)s (status %(status)s, attempts %(attempts)d, %(milliseconds)d ms)"
        try:
            _log.log(level, form, record, extra=record)
        except Exception:  # noqa: BLE001  a handler that fails must not hide what came of the call
            traceback.print_exc()
