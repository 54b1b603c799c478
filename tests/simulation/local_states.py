"""The local state of a worker: what the real code has on its stack between two steps.

A worker runs the real client, with its real ledger. Only the database and the network are simulated: each access is a
step, at which the explorer takes over. A stack cannot be copied, so a worker is kept as the answers that its steps have
got, and is run again, with these answers, to learn what its next step is. What was learned is remembered, so that the
real code runs once for each local state and answer, and not for each state of the world.

Two histories that leave the same on the stack (code, position and values of all variables) are one local state.
"""

import enum
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from hashlib import blake2b
from types import (
    BuiltinFunctionType,
    CellType,
    FrameType,
    FunctionType,
    GeneratorType,
    MethodType,
    ModuleType,
    NoneType,
)
from typing import Any, NamedTuple

import attrs
import httpx

from altegio_partner import AltegioError, clock

from . import memory_store
from .clocks import BOOT, WALL, Readings, moved, seen

Value = Any
"""Plain data: numbers, texts, tuples, and rows of the ledger."""
_OPAQUE = {
    "PartnerClient", "Settings", "Ledger", "SteppedStore", "SimulatedNetwork", "Request", "closing", "BoundedSemaphore",
    "PartnerToken", "Logger", "PerProcess", "Answers", "hide_locals", "JSONEncoder", "World", "lock",
}  # fmt: skip
"""What is the same in all workers, or only made of what is elsewhere on the stack."""
_IRRELEVANT = {("send", "started"), ("PartnerClient._send", "given_up"), ("drive", "outcome")}
"""Variables that measure a duration for the log, or that are overwritten before they are read."""
_OTHERS = 2
"""Of how many other histories that lead to a state it is checked that they go on alike."""
_PLAIN = {NoneType, bool, int, bytes}


class Answer(NamedTuple):
    """What a step has come to, and when."""

    kind: str
    """"result", "failure" or "interrupt"; "response" of the network."""
    value: Value
    wall: float = WALL
    boot: float = BOOT


class Step(NamedTuple):
    """What a worker is about to do."""

    kind: str
    """"database", "look", "departure", "flight" or "pause"; "token" where it draws one, which is done at once;
    "returned" or "raised" where it is at its end."""
    what: Any
    """The method and its arguments; or what is sent; or the result."""


class Suspended(BaseException):
    """The answers end here. What was on the stack is dropped: it is made again when the next answer is there."""


class LocalState:
    """Where a worker is in its program."""

    __slots__ = ("answers", "known", "next", "number", "others", "program", "step", "tokens")

    def __init__(self, number: int, program: Value, answers: tuple[Answer, ...], step: Step) -> None:
        self.number = number
        self.program = program
        self.answers = answers
        self.step = step
        self.tokens: list[str] = []  # in the order in which they are on the stack
        self.known: dict[Any, LocalState] = {}
        self.next: list[tuple[Answer, LocalState]] = []
        self.others: list[tuple[Answer, ...]] = []  # other histories that have led here


class Answers:
    """Answers the steps of one run, as far as the history goes."""

    def __init__(self) -> None:
        self.left: list[Answer] = []
        self.next: Step | None = None
        self.stack: Value = None
        self.tokens: list[str] = []

    def begin(self, history: tuple[Answer, ...]) -> None:
        self.left = list(reversed(history))
        Readings.ask = self.ask
        self.next, self.stack, self.tokens = None, None, []
        self.take()

    def take(self) -> Answer:
        answer = self.left.pop()
        Readings.wall, Readings.boot = answer.wall, answer.boot
        return answer

    def ask(self, kind: str, what: Any) -> Any:
        """Return the answer to a step, or end the run where there is none yet."""
        if not self.left:
            if self.next is None:
                self.next = Step(kind, what)
                describe = Description()
                self.stack = describe.stack(sys._getframe(1))  # noqa: SLF001
                self.tokens = list(describe.tokens)
            raise Suspended
        answer = self.take()
        if answer.kind == "failure":
            raise memory_store.failure(answer.value)
        if answer.kind == "interrupt":
            raise KeyboardInterrupt
        return answer.value


class LocalStates:
    """All local states that have occurred, each of them once."""

    def __init__(self, run: Callable[[Value], Value], answers: Answers) -> None:
        self._run = run
        self._answers = answers
        self.all: dict[int, LocalState] = {}
        self._by_description: dict[Value, LocalState] = {}
        self._started: dict[Value, LocalState] = {}

    def start(self, program: Value) -> LocalState:
        known = self._started.get(program)
        if known is None:
            known = self._started[program] = self._state(program, (Answer("start", None),))
        return known

    def after(self, state: LocalState, kind: str, value: Value) -> LocalState:
        """Return the state that follows when the next step has come to this."""
        key = (kind, value if type(value) is str else frozen(value))
        known = state.known.get(key)
        if known is None:
            answer = Answer(kind, value)
            known = state.known[key] = self._state(state.program, (*state.answers, answer))
            state.next.append((answer, known))
            for other in state.others:
                self._check(state, other, answer, known)
        return known

    def later(self, state: LocalState, wall: int, boot: int) -> LocalState:
        """Return the state as it is after the clocks have moved."""
        key = ("later", wall, boot)
        known = state.known.get(key)
        if known is None:
            change = partial(_moved, wall=wall, boot=boot)
            known = state.known[key] = self._state(state.program, changed(state.answers, change))
        return known

    def renamed(self, state: LocalState, names: Mapping[str, str]) -> LocalState:
        """Return the state with other tokens."""
        key = ("renamed", *sorted((old, names[old]) for old in state.tokens if names.get(old, old) != old))
        if len(key) == 1:
            return state
        known = state.known.get(key)
        if known is None:
            known = state.known[key] = self._state(state.program, changed(state.answers, lambda x: names.get(x, x)))
        return known

    def swapped(self, state: LocalState, swap: Callable[[Any], Any]) -> LocalState:
        """Return the state of a worker that reports the other one of two equal payments."""
        known = state.known.get("swapped")
        if known is None:
            name, i = state.program
            known = state.known["swapped"] = self._state((name, 1 - i), changed(state.answers, swap))
            known.known["swapped"] = state
        return known

    def _state(self, program: Value, history: tuple[Answer, ...]) -> LocalState:
        step, description, tokens = self.run(program, history)
        state = self._by_description.get(description)
        if state is None:
            state = LocalState(stable_number(description), program, history, step)
            state.tokens = tokens
            assert state.number not in self.all
            self.all[state.number] = state
            self._by_description[description] = state
        elif len(state.others) < _OTHERS and history != state.answers and history not in state.others:
            state.others.append(history)
            for answer, after in list(state.next):
                self._check(state, history, answer, after)
        return state

    def _check(self, state: LocalState, other: tuple[Answer, ...], answer: Answer, expected: LocalState) -> None:
        """Let another history that has led to a state go on in the same way: it must lead to the same."""
        after = self._state(state.program, (*other, answer))
        assert after is expected, f"not the same: {state.program} after {state.answers} and {other}, then {answer}"

    def run(self, program: Value, history: tuple[Answer, ...]) -> tuple[Step, Value, list[str]]:
        """Run the real code with these answers, and return its next step and what describes its stack."""
        answers = self._answers
        answers.begin(history)
        try:
            step = Step("returned", self._run(program))
        except Suspended:
            assert answers.next is not None
            return answers.next, (program, answers.next.kind, answers.stack), answers.tokens
        except (AltegioError, ValueError, KeyboardInterrupt) as error:
            step = Step("raised", error)
        assert not answers.left, f"{program} has not asked for all answers: {history}"
        return step, (program, step.kind, Description()(step.what)), []


class Description:
    """Makes plain data out of what is on a stack, so that equal stacks are equal data."""

    def __init__(self) -> None:
        self.tokens: dict[str, None] = {}
        self._path: list[int] = []

    def stack(self, frame: FrameType | None) -> Value:
        frames: list[Value] = []
        while frame is not None and frame.f_code.co_name != "run":
            if str(frame.f_globals.get("__name__")).startswith("altegio_partner"):
                frames.append(self._frame(frame))
            frame = frame.f_back
        return tuple(frames)

    def _frame(self, frame: FrameType) -> Value:
        name = frame.f_code.co_qualname
        variables = [pair for pair in sorted(frame.f_locals.items()) if (name, pair[0]) not in _IRRELEVANT]
        return (name, frame.f_lasti, tuple((variable, self(value)) for variable, value in variables))

    def __call__(self, value: Any) -> Value:  # noqa: C901
        kind = type(value)
        if kind is str:
            if value.startswith("token-"):
                self.tokens[value] = None
            return value
        if kind is float:
            return seen(value)
        if kind in _PLAIN:
            return value
        match value:
            case Decimal() | datetime() | date() | timedelta():
                return repr(value)
            case enum.Enum():
                return repr(value)
            case bytearray():
                return bytes(value)
            case type() | ModuleType() | BuiltinFunctionType():
                return value.__name__
        name = type(value).__name__
        if name in _OPAQUE:
            return name
        if name == "Call":  # all else of it follows from the program
            return (name, value.operation, self(value.prepare))
        if id(value) in self._path:
            return ("again", len(self._path) - self._path.index(id(value)))
        self._path.append(id(value))
        try:
            return self._compound(value)
        finally:
            self._path.pop()

    def _compound(self, value: Any) -> Value:  # noqa: C901
        match value:
            case tuple() | list():
                return tuple(map(self, value))
            case set() | frozenset():
                return tuple(sorted(map(self, value), key=repr))
            case Mapping():
                return tuple(sorted(((self(k), self(v)) for k, v in value.items()), key=repr))
            case partial():
                return ("partial", self(value.func), self(value.args), self(value.keywords))
            case MethodType():
                return ("method", value.__func__.__qualname__, self(value.__self__))
            case FunctionType():
                return ("function", value.__qualname__, self(value.__defaults__), self(value.__closure__))
            case CellType():
                with suppress(ValueError):  # empty
                    return self(value.cell_contents)
                return "empty"
            case GeneratorType():
                inner = value.gi_yieldfrom
                return ("generator", value.gi_frame and self._frame(value.gi_frame), inner is not None and self(inner))
            case BaseException():
                return (type(value).__name__, self(value.args), self(getattr(value, "__notes__", ())))
        if attrs.has(type(value)):
            fields = [field.name for field in attrs.fields(type(value))]
            return (type(value).__name__, *(self(getattr(value, name)) for name in fields))
        if type(value).__module__.startswith("altegio_partner"):
            return (type(value).__name__, self(vars(value)))
        if type(value).__module__ == "builtins":  # a method of a generator, an iterator: its owner is near
            return ("builtin", type(value).__name__, self(getattr(value, "__self__", None)))
        raise TypeError(f"{type(value)} on a worker's stack: is it relevant?")


def stable_number(description: Value) -> int:
    """Return a number for plain data that is the same in each process, so that states can be put in one order."""
    return int.from_bytes(blake2b(repr(description).encode(), digest_size=6).digest())


def frozen(value: Value) -> Value:
    """Return plain data as something that can be a key."""
    if isinstance(value, (set, list)):
        return (type(value).__name__, *map(frozen, sorted(value) if isinstance(value, set) else value))
    if isinstance(value, tuple):
        return tuple(map(frozen, value))
    if isinstance(value, dict):
        return tuple(sorted((k, frozen(v)) for k, v in value.items()))
    return value


def changed(value: Any, change: Callable[[Any], Any]) -> Any:
    """Return plain data with every number and text in it changed."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (str, float, int)):
        return change(value)
    if isinstance(value, tuple):
        parts = (changed(part, change) for part in value)
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    if isinstance(value, (list, set)):
        return type(value)(changed(part, change) for part in value)
    if isinstance(value, dict):
        return {k: changed(v, change) for k, v in value.items()}
    if attrs.has(type(value)):
        fields = attrs.fields(type(value))
        return type(value)(**{field.name.lstrip("_"): changed(getattr(value, field.name), change) for field in fields})
    raise TypeError(f"{type(value)} is no plain data")


def _moved(value: Any, *, wall: int, boot: int) -> Any:
    return moved(value, wall, boot) if isinstance(value, float) else value


class SimulatedNetwork(httpx.BaseTransport):
    """Carries a client's requests: each is a step or two. It answers with what the explorer says."""

    def __init__(self, ask: Callable[[str, Any], Any], progress_name: str) -> None:
        self._ask = ask
        self._progress_name = progress_name

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return self._response(request, self._ask("look", str(request.url)))
        progress = request.extensions[self._progress_name]
        progress.has_sent = False
        if self._ask("departure", str(request.url)) == "unreached":
            raise httpx.ConnectError("refused", request=request)
        if progress.may_leave_until is not None and clock.elapsed() > progress.may_leave_until:
            raise httpx.ConnectTimeout("too late to send it", request=request)
        progress.has_sent = True
        return self._response(request, self._ask("flight", str(request.url)))

    def _response(self, request: httpx.Request, answer: Any) -> httpx.Response:
        if answer == "silence":
            raise httpx.ReadTimeout("no answer", request=request)
        status, content = answer
        return httpx.Response(status, json=content)


class AsyncSimulatedNetwork(SimulatedNetwork, httpx.AsyncBaseTransport):
    """The same for an async client, in an event loop that has nothing else to do."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)
