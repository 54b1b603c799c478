"""What can go wrong between a call and its answer, by name: each is real somewhere, and none can be ordered there."""

from collections import deque
from collections.abc import Callable
from itertools import groupby
from random import Random
from typing import Literal, get_args

from attrs import define, evolve, field, frozen

from .altegio import Reply

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
_NO = b'{"success": false, "data": null, "meta": {"message": "An error has occurred."}}'


@frozen
class Fault:
    """One mishap: whether Altegio carries the call out all the same, and what becomes of its answer."""

    is_recorded: bool
    alter: Callable[[Reply], Reply]


def _instead(reply: Reply) -> Callable[[Reply], Reply]:
    return lambda _: reply


_AFTER_RECORDING: dict[FaultName, Callable[[Reply], Reply]] = {
    "lose_answer": lambda reply: evolve(reply, delivery="dropped"),
    "stall": lambda reply: evolve(reply, delivery="stalled"),
    "drip": lambda reply: evolve(reply, delivery="dripped"),
    "cut_body": lambda reply: evolve(reply, delivery="cut", body=reply.body or _PAGE),
    "html_502": _instead(Reply(502, _HTML, _PAGE)),
    "html_200": _instead(Reply(200, _HTML, _PAGE)),
    "empty_200": _instead(Reply(200, _JSON)),
    "no_id": _instead(Reply(200, _JSON, b'{"success": true, "data": {}}')),
    "oversized_body": lambda reply: evolve(reply, body=reply.body + b" " * 8 * 1024 * 1024),
}
_WITHOUT_RECORDING: dict[FaultName, Callable[[Reply], Reply]] = {
    "drop_call": lambda reply: evolve(reply, delivery="dropped"),
    "success_false": _instead(Reply(200, _JSON, _NO)),
    "rate_limit": _instead(Reply(429, {**_HTML, "retry-after": "1"}, _PAGE)),
    "rate_limit_without_retry_after": _instead(Reply(429, _HTML, _PAGE)),
    "status_500": _instead(Reply(500, _HTML, _PAGE)),
    "status_503": _instead(Reply(503, _HTML, _PAGE)),
    "status_520": _instead(Reply(520, _HTML, _PAGE)),
    "login_redirect": _instead(Reply(302, {"location": "https://altegio.invalid/login"})),
}
FAULTS: dict[FaultName, Fault] = {
    **{name: Fault(True, alter) for name, alter in _AFTER_RECORDING.items()},
    **{name: Fault(False, alter) for name, alter in _WITHOUT_RECORDING.items()},
}


@define
class Plan:
    """The mishaps to come."""

    next_ones: deque[FaultName] = field(factory=deque[FaultName])
    now_and_then: FaultName | None = None
    probability: float = 0.0
    chance: Random = field(factory=Random)

    def draw(self) -> FaultName | None:
        """Return what happens to the call that has just come in; None when nothing does."""
        if self.next_ones:
            return self.next_ones.popleft()
        return self.now_and_then if self.now_and_then and self.chance.random() < self.probability else None

    def words(self) -> list[str]:
        """Say what is to come, in order."""
        runs = [(name, len(list(run))) for name, run in groupby(self.next_ones)]
        words = [f"{name}, the next {calls} calls" if calls > 1 else f"{name}, the next call" for name, calls in runs]
        return words + ([f"{self.now_and_then}, {self.probability:.0%} of all calls"] if self.now_and_then else [])
