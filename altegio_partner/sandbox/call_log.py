"""The calls that the sandbox received, and its responses, without secrets; also as lines for the log."""

import json
import logging
import re
from collections import deque
from datetime import datetime

from attrs import evolve, frozen

from .api import Request, Response
from .endpoints import OperationName, operation_of
from .faults import FAULTS, FaultName

MASK = "********"
_MAX_CALLS = 1000
_MAX_BODY = 10_000  # bytes
_MAX_SECRET = 5000  # bytes
_CREDENTIALS = ("authorization", "proxy-authorization", "cookie")
_WORD = re.compile(r"(?<![^\s,])(?!(?:bearer|user|basic)(?![^\s,]))[^\s,]+", re.IGNORECASE)  # all but the schemes
_MIN_SECRET = 8  # characters: shorter ones are parts of too much else
_FIELDS = rb"(?:api_key|partner_token|crm_token|user_token)"
_IN_JSON = re.compile(rb'("%s"\s*:\s*)(?:"(?:[^"\\]|\\.|\\$)*(?:"|$)|[^\s",}\]]+)' % _FIELDS, re.DOTALL)
_IN_FORM = re.compile(rb"((?:^|&)%s=)[^&\s]*" % _FIELDS)

log = logging.getLogger("altegio_sandbox")  # not below that of the clients


def masked(text: str, *secrets: str) -> str:
    """Return the text with the secrets masked. Parts of them are kept, because they may be common words."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    return text


@frozen
class Exchange:
    """One call that the sandbox received, its secrets masked, and the response."""

    number: int
    at: datetime
    request: Request
    response: Response
    fault: FaultName | None = None
    """The fault that was injected, if any."""

    @property
    def operation(self) -> OperationName | None:
        """The operation; None if no call to Altegio has this method and path."""
        found = operation_of(self.request.method, self.request.path)
        return found[0] if found else None

    def __str__(self) -> str:
        fault = f", {self.fault}: {FAULTS[self.fault].description}" if self.fault else ""
        reason = f", {self.response.reason}" if self.response.reason else ""
        line = f"{self.at} {self.request.method} {self.request.path} {self.response.status}{fault}{reason}"
        return "".join(one if one.isprintable() else f"\\x{ord(one):02x}" for one in line)


class CallLog:
    """The latest thousand calls, secrets masked, long bodies cut."""

    def __init__(self, partner_token: str) -> None:
        self.latest = deque[Exchange](maxlen=_MAX_CALLS)
        self.count = 0
        self._partner_token = partner_token

    def append(self, at: datetime, request: Request, response: Response, fault: FaultName | None) -> None:
        """Add a call, without its secrets, and log it."""
        self.count += 1
        shown = evolve(response, body=_shown(response.body, self._partner_token))
        exchange = Exchange(self.count, at, _without_secrets(request, self._partner_token), shown, fault)
        self.latest.append(exchange)
        log.info("%s", exchange, extra={"exchange": exchange})

    def clear(self) -> None:
        """Remove all calls."""
        self.latest.clear()
        self.count = 0


def _without_secrets(request: Request, partner_token: str) -> Request:
    presented = {word for name in _CREDENTIALS for word in _WORD.findall(request.headers.get(name, ""))}
    secrets = [partner_token, *sorted((one for one in presented if len(one) >= _MIN_SECRET), key=len, reverse=True)]
    headers = {
        name: _WORD.sub(MASK, value) if name in _CREDENTIALS else masked(value, *secrets)
        for name, value in request.headers.items()
    }
    query = _IN_FORM.sub(rb"\1" + MASK.encode(), request.query.encode()).decode()
    return evolve(
        request,
        path=masked(request.path, *secrets),
        query=masked(query, *secrets),
        headers=headers,
        body=_shown(request.body, *secrets),
    )


def _shown(body: bytes, *secrets: str) -> bytes:
    shown = body[: _MAX_BODY + _MAX_SECRET]
    for secret in secrets:
        shown = shown.replace(secret.encode(), MASK.encode())
    shown = _IN_JSON.sub(rb'\1"%s"' % MASK.encode(), shown)
    return _IN_FORM.sub(rb"\1" + MASK.encode(), shown)[:_MAX_BODY]


class JSONLines(logging.Formatter):
    """Formats each call, and each rejected connection, as a JSON object in one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        exchange: Exchange | None = getattr(record, "exchange", None)
        if exchange is None:
            return json.dumps({"problem": record.getMessage()}, ensure_ascii=False)
        request, response = exchange.request, exchange.response
        call = {
            "number": exchange.number,
            "at": str(exchange.at),
            "address": request.address,
            "operation": exchange.operation,
            "method": request.method,
            "path": request.path,
            "status": response.status,
            "reason": response.reason,
            "choice": response.choice,
            "fault": exchange.fault,
            "is_recorded": None if exchange.fault is None else FAULTS[exchange.fault].is_recorded,
        }
        return json.dumps(call, ensure_ascii=False)
