"""The faults that can be injected, by name. They all occur in practice, but not on demand."""

from collections import deque
from collections.abc import Callable
from itertools import groupby
from random import Random
from typing import Literal, get_args

from attrs import define, evolve, field, frozen

from .api import Response

FaultName = Literal[
    "lose_answer",
    "drop_call",
    "stall",
    "drip",
    "cut_body",
    "html_502",
    "html_200",
    "empty_200",
    "no_id",
    "oversized_body",
    "success_false",
    "rate_limit",
    "rate_limit_without_retry_after",
    "status_500",
    "status_503",
    "status_520",
    "login_redirect",
]
FAULT_NAMES: tuple[FaultName, ...] = get_args(FaultName)

_HTML = {"content-type": "text/html; charset=utf-8"}
_JSON = {"content-type": "application/json"}
_PAGE = b"<!DOCTYPE html><html><head><title>Altegio</title></head><body>Something went wrong.</body></html>"
_FAILURE = b'{"success": false, "data": null, "meta": {"message": "An error has occurred."}}'


@frozen
class Fault:
    """A fault: whether the call is recorded before it happens, and the response that is sent."""

    is_recorded: bool
    alter: Callable[[Response], Response]


def _instead(response: Response) -> Callable[[Response], Response]:
    return lambda _: response


_RECORDED: dict[FaultName, Callable[[Response], Response]] = {
    "lose_answer": lambda response: evolve(response, transfer="dropped"),
    "stall": lambda response: evolve(response, transfer="stalled"),
    "drip": lambda response: evolve(response, transfer="dripped"),
    "cut_body": lambda response: evolve(response, transfer="cut", body=response.body or _PAGE),
    "html_502": _instead(Response(502, _HTML, _PAGE)),
    "html_200": _instead(Response(200, _HTML, _PAGE)),
    "empty_200": _instead(Response(200, _JSON)),
    "no_id": _instead(Response(200, _JSON, b'{"success": true, "data": {}}')),
    "oversized_body": lambda response: evolve(response, body=response.body + b" " * 8 * 1024 * 1024),
}
_NOT_RECORDED: dict[FaultName, Callable[[Response], Response]] = {
    "drop_call": lambda response: evolve(response, transfer="dropped"),
    "success_false": _instead(Response(200, _JSON, _FAILURE)),
    "rate_limit": _instead(Response(429, {**_HTML, "retry-after": "1"}, _PAGE)),
    "rate_limit_without_retry_after": _instead(Response(429, _HTML, _PAGE)),
    "status_500": _instead(Response(500, _HTML, _PAGE)),
    "status_503": _instead(Response(503, _HTML, _PAGE)),
    "status_520": _instead(Response(520, _HTML, _PAGE)),
    "login_redirect": _instead(Response(302, {"location": "https://altegio.invalid/login"})),
}
FAULTS: dict[FaultName, Fault] = {
    **{name: Fault(True, alter) for name, alter in _RECORDED.items()},
    **{name: Fault(False, alter) for name, alter in _NOT_RECORDED.items()},
}


@define
class FaultSchedule:
    """The faults of the next calls."""

    queue: deque[FaultName] = field(factory=deque[FaultName])
    random_fault: FaultName | None = None
    probability: float = 0.0
    random: Random = field(factory=Random)

    def next_fault(self) -> FaultName | None:
        """Return the fault of the current call, or None."""
        if self.queue:
            return self.queue.popleft()
        return self.random_fault if self.random_fault and self.random.random() < self.probability else None

    def describe(self) -> list[str]:
        """Describe the pending faults, in order."""
        runs = [(name, len(list(run))) for name, run in groupby(self.queue)]
        pending = [f"{name}, the next {calls} calls" if calls > 1 else f"{name}, the next call" for name, calls in runs]
        return pending + ([f"{self.random_fault}, {self.probability:.0%} of all calls"] if self.random_fault else [])
