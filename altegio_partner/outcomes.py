"""What an answer, or the lack of one, means: the table of outcomes, and nothing that sends or waits."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx

from . import errors
from .endpoint import Call, T
from .errors import AltegioError
from .progress import Progress
from .reason import reason_of
from .received_response import ReceivedResponse
from .wording import Wording, parsed

E = TypeVar("E", bound=AltegioError)

_UNSENT = {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol"}
_SAYS_SO = {*_UNSENT, "ClientConnectorError"}  # of aiohttp; httpx-aiohttp calls its other failures so, untruly
_ALREADY_INSTALLED = re.compile(r"already installed|уже установил", re.IGNORECASE)
_MEND = "Nothing was recorded: mend the call before sending it again."
_REJECTED: dict[int, tuple[type[errors.RejectedError], str]] = {
    400: (errors.InvalidRequestError, "Check application_id and the other fields."),
    401: (errors.AuthenticationError, "Check the partner token."),
    403: (
        errors.PermissionDeniedError,
        "Check that the application is yours and connected at this location (to register, within the last 12 hours).",
    ),
    422: (errors.InvalidRequestError, "Check the fields that .errors names."),
}


def of_failure(call: Call[Any], failure: Exception, progress: Progress, *, is_local: bool) -> AltegioError:
    """Return the error that means this failure of the transport. The failure itself holds the request: it stays out.

    Args:
        call: What was to be sent.
        failure: What the transport raised.
        progress: What the transport says about it.
        is_local: Whether Altegio is a sandbox on this machine.
    """
    name, reason = type(failure).__name__, reason_of(failure, progress.doing)
    why = name if reason == name else f"{name}: {reason}"
    error: errors.NotSentError | errors.NoAnswerError
    if not progress.has_sent and (progress.has_sent is False or _says_unsent(failure)):
        advice = "Nothing was recorded: send it again." + (" Is the sandbox running?" if is_local else "")
        error = errors.NotSentError(f"Altegio was not reached with {call} ({why}). {advice}")
    else:
        error = errors.NoAnswerError(f"Altegio gave no answer to {call} ({why}). {call.if_unknown}")
    error.reason = reason
    return error


def _says_unsent(failure: Exception) -> bool:
    """Say whether a failure of a transport that says nothing else means that nothing was sent."""
    cause = failure.__cause__
    says_so = cause is None or _names(cause) & _SAYS_SO  # what httpx raises, it raises from the same of httpcore
    return isinstance(failure, httpx.RequestError) and bool(_names(failure) & _UNSENT and says_so)


def _names(error: BaseException) -> set[str]:
    return {kind.__name__ for kind in type(error).__mro__}


def of_answer(call: Call[T], answer: ReceivedResponse, mask: Callable[[str], str]) -> T | AltegioError:
    """Return the result of the call, or the error that means this answer."""

    def error(kind: type[E], advice: str, flaw: str | None = None) -> E:
        wording = Wording.of(answer.body, mask)
        said = " ".join(filter(None, (flaw, str(wording)))).rstrip(".")
        return kind(
            f"Altegio answered {status} to {call}{said and f': {said}'}. {advice}",
            status_code=status,
            message=wording.message,
            errors=wording.errors,
        )

    status = answer.status
    if 200 <= status < 300:
        return _of_success(call, answer, error)
    if 300 <= status < 400 and status != 304 and answer.location and call.read_redirect:
        return call.read_redirect(answer.location)
    if status in (408, 409):
        return error(errors.OutcomeUnknownError, call.if_unknown)
    if status == 429:
        seconds = _seconds(answer.retry_after)
        when = "later" if seconds is None else f"in {seconds:.0f} seconds"
        limited = error(errors.RateLimitError, f"Send it again {when}: 5 calls a second and 200 a minute are allowed.")
        limited.retry_after = seconds
        return limited
    if status == 403 and _ALREADY_INSTALLED.search(Wording.of(answer.body, str).message or ""):
        return error(errors.AlreadyInstalledError, "Nothing is left to do.")
    if status == 404:
        return error(errors.NotFoundError, call.if_not_found)
    if 400 <= status < 500:
        return error(*_REJECTED.get(status, (errors.RejectedError, _MEND)))
    if 500 <= status < 600:
        return error(errors.ServerError, call.if_unknown)
    return error(errors.UnreadableAnswerError, call.if_unknown, "an unexpected status")


def _of_success(call: Call[T], answer: ReceivedResponse, error: Callable[..., AltegioError]) -> T | AltegioError:
    if answer.defect:
        return error(errors.UnreadableAnswerError, call.if_unknown, answer.defect)
    if call.read_empty and answer.is_bounded and not answer.body.strip():
        return call.read_empty()
    content = parsed(answer.body)
    if not isinstance(content, dict):
        return error(errors.UnreadableAnswerError, call.if_unknown, "no JSON object")
    if content.get("success") is False:
        return error(errors.RejectedError, _MEND)
    if content.get("success", True) is not True:
        return error(errors.UnreadableAnswerError, call.if_unknown, "neither yes nor no")
    try:
        return call.read(content)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        return error(errors.UnreadableAnswerError, call.if_unknown, "JSON without what was expected in it")


def _seconds(retry_after: str | None) -> float | None:
    """Return the seconds that a Retry-After header means, given in seconds or as a date, or None."""
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 10:
        return float(retry_after)
    try:
        date = parsedate_to_datetime(retry_after)
        date = date.replace(tzinfo=date.tzinfo or UTC)
        return max(0.0, (date - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
