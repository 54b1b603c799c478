"""What a response, or the lack of one, means: the table of outcomes, without I/O."""

import math
import posixpath
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import unquote, urljoin, urlsplit

import httpx

from . import errors
from .call import Call, T
from .error_body import ErrorBody, parsed
from .errors import AltegioError, OutcomeUnknownError
from .progress import Progress
from .reason import names, reason_of
from .received_response import ReceivedResponse

E = TypeVar("E", bound=AltegioError)

_UNSENT = {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol"}
_SAYS_SO = {*_UNSENT, "ClientConnectorError"}  # of aiohttp; httpx-aiohttp raises ConnectError for others too
_ALREADY_INSTALLED = re.compile(r"already installed|уже установил", re.IGNORECASE)
_FIX = "Nothing was recorded: fix the request before sending it again."
_FORBIDDEN = "Check that the application is yours and connected at this location (to register, for 12 hours)."
_REJECTED: dict[int, tuple[type[errors.RejectedError], str]] = {
    400: (errors.InvalidRequestError, "Check the application id and the other fields."),
    401: (errors.AuthenticationError, "Check the partner token."),
    403: (errors.PermissionDeniedError, _FORBIDDEN),
    422: (errors.InvalidRequestError, "Fix the fields that it names."),
}


def classify_failure(call: Call[Any], failure: Exception, progress: Progress, *, is_local: bool) -> AltegioError:
    """Return the error for this failure of the transport, which itself contains the request and is not attached."""
    name, reason = type(failure).__name__, reason_of(failure, progress.doing)
    why = name if reason == name else f"{name}: {reason}"
    if not progress.has_sent and (progress.has_sent is False or _says_unsent(failure)):
        advice = "Nothing was recorded: send it again." + (" Is the sandbox running?" if is_local else "")
        return errors.NotSentError(f"Altegio was not reached with {call} ({why}). {advice}", reason=reason)
    text = f"Altegio gave no answer to {call} ({why}). {call.if_unknown}"
    return errors.NoAnswerError(text, reason=reason, safe_to_resend=call.is_repeatable)


def _says_unsent(failure: Exception) -> bool:
    """Return whether a failure of a transport that reports no progress means that nothing was sent."""
    cause = failure.__cause__
    says_so = cause is None or names(cause) & _SAYS_SO  # httpx raises its errors from those of httpcore
    return isinstance(failure, httpx.RequestError) and bool(names(failure) & _UNSENT and says_so)


def classify_response(call: Call[T], answer: ReceivedResponse, mask: Callable[[str], str]) -> T | AltegioError:
    """Return the result of the call, or the error for this response."""

    def error(kind: type[E], advice: str, defect: str | None = None, retry_after: float | None = None) -> E:
        body = ErrorBody.of(answer.body, mask)
        said = " ".join(filter(None, (defect, str(body)))).rstrip(".")
        text = f"Altegio answered {status} to {call}{said and f': {said}'}. {advice}"
        again = call.is_repeatable if issubclass(kind, OutcomeUnknownError) else None
        return kind(text, status, body.message, body.errors, None, retry_after, again)

    def unknown(kind: type[OutcomeUnknownError], defect: str | None = None) -> OutcomeUnknownError:
        return error(kind, call.if_unknown, defect)

    status = answer.status
    if status in call.success_statuses:
        return _classify_success(call, answer, error, unknown)
    if status == 301 and answer.location and call.read_redirect and not _leads_back(call, answer.location):
        return call.read_redirect(answer.location)
    if status in (408, 409):
        return unknown(OutcomeUnknownError)
    if status == 429:
        seconds = _seconds(answer.retry_after)
        when = "later" if seconds is None else f"after {math.ceil(seconds)} s"
        advice = f"Too many requests: 5 a second and 200 a minute are allowed. Retry {when}."
        return error(errors.RateLimitError, advice, None, seconds)
    if 400 <= status < 500:
        return error(*_rejection(call, answer))
    if 500 <= status < 600:
        return unknown(errors.ServerError)
    return unknown(errors.UnreadableAnswerError, "an unexpected status")


def _classify_success(
    call: Call[T],
    answer: ReceivedResponse,
    error: Callable[[type[errors.RejectedError], str], AltegioError],
    unknown: Callable[[type[OutcomeUnknownError], str], AltegioError],
) -> T | AltegioError:
    if answer.defect:
        return unknown(errors.UnreadableAnswerError, answer.defect)
    if call.read_empty and answer.is_bounded and not answer.body.strip():
        return call.read_empty()
    content = parsed(answer.body)
    if not isinstance(content, dict):
        return unknown(errors.UnreadableAnswerError, "no JSON object")
    if content.get("success") is False:
        return error(errors.RejectedError, _FIX)
    if content.get("success", True) is not True:
        return unknown(errors.UnreadableAnswerError, "success is neither true nor false")
    try:
        return call.read(content)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        return unknown(errors.UnreadableAnswerError, "JSON without the expected fields")


def _leads_back(call: Call[Any], location: str) -> bool:
    """Return whether a redirect leads to the path that was called, on another host for example: nothing was done."""
    called: str = call.request["url"]
    try:
        path = urlsplit(urljoin(called, location)).path
    except ValueError:
        return False
    return posixpath.normpath(unquote(path)).casefold().endswith(called.casefold())


def _rejection(call: Call[Any], answer: ReceivedResponse) -> tuple[type[errors.RejectedError], str]:
    if answer.status == 404:
        return errors.NotFoundError, call.if_not_found
    may_be_installed = answer.status == 403 and call.is_registration
    if may_be_installed and _ALREADY_INSTALLED.search(ErrorBody.of(answer.body, str).message or ""):
        return errors.AlreadyInstalledError, "Nothing is left to do."
    return _REJECTED.get(answer.status, (errors.RejectedError, _FIX))


def _seconds(retry_after: str | None) -> float | None:
    """Return the seconds of a Retry-After header, given in seconds or as a date, or None."""
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
