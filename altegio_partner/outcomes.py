"""Classify the outcome of a call, from its response or from the failure to get one. There is no I/O here."""

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
from .reason import class_names, reason_of
from .received_response import ReceivedResponse

E = TypeVar("E", bound=AltegioError)

_NOT_SENT_ERRORS = {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol"}
_NOT_SENT_CAUSES = {*_NOT_SENT_ERRORS, "ClientConnectorError"}  # aiohttp's: httpx-aiohttp's ConnectError proves nothing
_ALREADY_INSTALLED = re.compile(r"already installed|уже установил", re.IGNORECASE)
_FIX_REQUEST = "Nothing was recorded: fix the request before sending it again."
_FORBIDDEN = "Check that the application is yours and connected at this location (to register, for 12 hours)."
_REJECTED: dict[int, tuple[type[errors.RejectedError], str]] = {
    400: (errors.InvalidRequestError, "Check the application id and the other fields."),
    401: (errors.AuthenticationError, "Check the partner token."),
    403: (errors.PermissionDeniedError, _FORBIDDEN),
    422: (errors.InvalidRequestError, "Fix the fields that it names."),
}


def classify_failure(call: Call[Any], failure: Exception, progress: Progress, *, is_local: bool) -> AltegioError:
    """Return the error for this failure of the transport. It is not chained, because it contains the request."""
    name, reason = type(failure).__name__, reason_of(failure, progress.doing)
    why = name if reason == name else f"{name}: {reason}"
    if not progress.has_sent and (progress.has_sent is False or _means_not_sent(failure)):
        advice = "Nothing was recorded: send it again." + (" Is the sandbox running?" if is_local else "")
        return errors.NotSentError(f"Altegio was not reached with {call} ({why}). {advice}", reason=reason)
    text = f"Altegio gave no answer to {call} ({why}). {call.if_unknown}"
    return errors.NoAnswerError(text, reason=reason, safe_to_resend=call.is_repeatable)


def _means_not_sent(failure: Exception) -> bool:
    """Return whether the failure of a transport that does not report its progress means that nothing was sent."""
    cause = failure.__cause__
    is_confirmed = cause is None or class_names(cause) & _NOT_SENT_CAUSES  # httpx's errors are raised from httpcore's
    return isinstance(failure, httpx.RequestError) and bool(class_names(failure) & _NOT_SENT_ERRORS and is_confirmed)


def classify_response(call: Call[T], response: ReceivedResponse, mask: Callable[[str], str]) -> T | AltegioError:
    """Return the result of the call, or the error for this response."""

    def error(kind: type[E], advice: str, defect: str | None = None, retry_after: float | None = None) -> E:
        body = ErrorBody.of(response.body, mask)
        details = " ".join(filter(None, (defect, str(body)))).rstrip(".")
        text = f"Altegio answered {status} to {call}{details and f': {details}'}. {advice}"
        resend = call.is_repeatable if issubclass(kind, OutcomeUnknownError) else None
        return kind(text, status, body.message, body.errors, retry_after=retry_after, safe_to_resend=resend)

    def unknown(kind: type[OutcomeUnknownError], defect: str | None = None) -> OutcomeUnknownError:
        return error(kind, call.if_unknown, defect)

    status = response.status
    if status in call.success_statuses:
        return _classify_success(call, response, error, unknown)
    if status == 301 and response.location and call.read_redirect and not _leads_to_itself(call, response.location):
        return call.read_redirect(response.location)
    if status in (408, 409, 460, 499):  # 460, 499: a proxy says that the client left while the server worked
        return unknown(OutcomeUnknownError)
    if status == 429:
        seconds = _parse_retry_after(response.retry_after)
        when = "later" if seconds is None else f"after {math.ceil(seconds)} s"
        advice = f"Too many requests: 5 a second and 200 a minute are allowed. Retry {when}."
        return error(errors.RateLimitError, advice, None, seconds)
    if 400 <= status < 500:
        return error(*_rejection(call, response))
    if 500 <= status < 600:
        return unknown(errors.ServerError)
    return unknown(errors.UnreadableAnswerError, "an unexpected status")


def _classify_success(
    call: Call[T],
    response: ReceivedResponse,
    error: Callable[[type[errors.RejectedError], str], AltegioError],
    unknown: Callable[[type[OutcomeUnknownError], str], AltegioError],
) -> T | AltegioError:
    """Return the result of the call, or the error for this response, whose status means success."""
    if response.defect:
        return unknown(errors.UnreadableAnswerError, response.defect)
    if call.read_empty and response.is_bounded and not response.body.strip():
        return call.read_empty()
    content = parsed(response.body)
    if not isinstance(content, dict):
        return unknown(errors.UnreadableAnswerError, "no JSON object")
    if content.get("success") is False:
        return error(errors.RejectedError, _FIX_REQUEST)
    if content.get("success", True) is not True:
        return unknown(errors.UnreadableAnswerError, "success is neither true nor false")
    try:
        return call.read(content)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        return unknown(errors.UnreadableAnswerError, "JSON without the expected fields")


def _leads_to_itself(call: Call[Any], location: str) -> bool:
    """Return whether a redirect leads to the same path, such as on another host. Then the call was not processed."""
    called: str = call.request["url"]
    try:
        path = urlsplit(urljoin(called, location)).path
    except ValueError:
        return False
    return posixpath.normpath(unquote(path)).casefold().endswith(called.casefold())


def _rejection(call: Call[Any], response: ReceivedResponse) -> tuple[type[errors.RejectedError], str]:
    """Return the class of the error for a 4xx, and what to do about it."""
    if response.status == 404:
        return errors.NotFoundError, call.if_not_found
    may_be_installed = response.status == 403 and call.is_registration
    if may_be_installed and _ALREADY_INSTALLED.search(ErrorBody.of(response.body, str).message or ""):
        return errors.AlreadyInstalledError, "Nothing is left to do."
    return _REJECTED.get(response.status, (errors.RejectedError, _FIX_REQUEST))


def _parse_retry_after(retry_after: str | None) -> float | None:
    """Return the seconds in a Retry-After header, which contains seconds or a date; None if it is invalid."""
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
