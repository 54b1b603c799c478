"""The faults that can be injected, and the calls that they affect. All of them occur in practice."""

import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fnmatch import fnmatchcase
from random import Random
from typing import Literal, TypeAlias, TypedDict, cast, get_args
from urllib.parse import parse_qsl

from attrs import asdict, define, evolve, field, frozen

from altegio_partner.bad_argument import bad_argument
from altegio_partner.ids import wire_id
from altegio_partner.money import wire_sum

from .api import Request, Response
from .endpoints import OPERATION_NAMES, OperationName, operation_of
from .location_state import Payment
from .parameters import Parameters
from .validation import read_object

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
    "latency",
]
FAULT_NAMES: tuple[FaultName, ...] = get_args(FaultName)
FAULT_HEADER = "x-sandbox-fault"

_MAX_CALLS = 1_000_000
_MAX_DELAY = 3600.0  # seconds
_MAX_PENDING = 1000
_DEFAULT_LATENCY = 1.0  # seconds
_HTML = {"content-type": "text/html; charset=utf-8"}
_JSON = {"content-type": "application/json"}
_PAGE = b"<!DOCTYPE html><html><head><title>Altegio</title></head><body>Something went wrong.</body></html>"
_FAILURE = b'{"success": false, "data": null, "meta": {"message": "An error has occurred."}}'
_Alter: TypeAlias = Callable[[Response], Response]


@frozen
class Fault:
    """A fault: what happens to a call."""

    description: str
    """Whether the call is recorded, and what happens, as text."""
    is_recorded: bool
    """Whether the call is recorded despite the fault."""
    alter: _Alter = field(repr=False)
    """Returns the response that is sent instead."""


def _instead(status: int, headers: Mapping[str, str], body: bytes = b"") -> _Alter:
    return lambda _: Response(status, headers, body)


_RECORDED: dict[FaultName, tuple[str, _Alter]] = {
    "lose_answer": (
        "then the connection breaks before the response",
        lambda response: evolve(response, transfer="dropped"),
    ),
    "stall": (
        "then no response, and the connection stays open: a timeout",
        lambda response: evolve(response, transfer="stalled"),
    ),
    "drip": (
        "then the response arrives byte by byte, too slowly",
        lambda response: evolve(response, transfer="dripped"),
    ),
    "cut_body": (
        "then the response is cut off",
        lambda response: evolve(response, transfer="cut", body=response.body or _PAGE),
    ),
    "html_502": ("then 502 with an HTML page", _instead(502, _HTML, _PAGE)),
    "html_200": ("then 200 with an HTML page", _instead(200, _HTML, _PAGE)),
    "empty_200": ("then 200 with an empty body", _instead(200, _JSON)),
    "no_id": ("then a success without a payment id", _instead(200, _JSON, b'{"success": true, "data": {}}')),
    "oversized_body": (
        "then a response of 8 MiB",
        lambda response: evolve(response, body=response.body + b" " * 8 * 1024 * 1024),
    ),
    "latency": ("then the usual response, but late", lambda response: response),
}
_NOT_RECORDED: dict[FaultName, tuple[str, _Alter]] = {
    "drop_call": (
        "the connection breaks before Altegio acts",
        lambda response: evolve(response, transfer="dropped"),
    ),
    "success_false": ('200 that says "success": false', _instead(200, _JSON, _FAILURE)),
    "rate_limit": ("429, with a Retry-After of one second", _instead(429, {**_HTML, "retry-after": "1"}, _PAGE)),
    "rate_limit_without_retry_after": ("429, without Retry-After", _instead(429, _HTML, _PAGE)),
    "status_500": ("500 with an HTML page", _instead(500, _HTML, _PAGE)),
    "status_503": ("503 with an HTML page", _instead(503, _HTML, _PAGE)),
    "status_520": ("520 with an HTML page", _instead(520, _HTML, _PAGE)),
    "login_redirect": ("302 to a login page", _instead(302, {"location": "https://altegio.invalid/login"})),
}
_ALL = {
    **{name: Fault(f"recorded, {words}", True, alter) for name, (words, alter) in _RECORDED.items()},
    **{name: Fault(f"not recorded: {words}", False, alter) for name, (words, alter) in _NOT_RECORDED.items()},
}
FAULTS: Mapping[FaultName, Fault] = {name: _ALL[name] for name in FAULT_NAMES}


@frozen
class CallFacts:
    """The properties by which a call can be selected."""

    operation: OperationName | None
    """None if no call to Altegio has this method and path."""
    method: str
    path: str
    salon_ids: frozenset[int]
    """The locations that it is for. A discount can be for several."""
    payment_sum: Decimal | None

    @classmethod
    def of(cls, request: Request, payment: Callable[[int], Payment | None]) -> "CallFacts":
        """Return the properties of a call. A refund has the location and the amount of its payment."""
        operation, in_path = operation_of(request.method, request.path) or (None, dict[str, str]())
        content = read_object(request.body) or {}
        given = {**content, **{name: _integer(text) for name, text in [*parse_qsl(request.query), *in_path.items()]}}
        payment_sum = content.get("payment_sum")
        if "payment_id" in in_path:
            refunded = payment(given["payment_id"] or 0)
            given["salon_id"], payment_sum = (refunded.salon_id, refunded.payment_sum) if refunded else (None, None)
        several = given.get("salon_ids")
        salon_ids: list[object] = [given.get("salon_id"), given.get("company_id")]
        salon_ids += cast(list[object], several) if isinstance(several, list) else ()
        return cls(
            operation,
            request.method,
            request.path,
            frozenset(one for one in salon_ids if isinstance(one, int)),
            Decimal(payment_sum) if isinstance(payment_sum, (int, Decimal)) else None,
        )


@frozen
class CallFilter:
    """A filter of calls. None matches any value."""

    operation: OperationName | None = None
    method: str | None = None
    path: str | None = None
    """A path; `*` matches any text."""
    salon_id: int | None = None
    payment_sum: Decimal | None = None

    @classmethod
    def of(
        cls,
        *,
        operation: OperationName | None = None,
        method: str | None = None,
        path: str | None = None,
        salon_id: int | None = None,
        payment_sum: Decimal | int | str | None = None,
    ) -> "CallFilter":
        """Return the filter. Raises ValueError, which names the invalid argument."""
        if operation is not None:
            _check_name("operation", operation, OPERATION_NAMES)
        return cls(
            operation,
            None if method is None else method.upper(),
            path,
            None if salon_id is None else wire_id("salon_id", salon_id),
            None if payment_sum is None else Decimal(str(wire_sum(payment_sum))),
        )

    def matches(self, call: CallFacts) -> bool:
        """Return whether a call matches."""
        return (
            self.operation in (None, call.operation)
            and self.method in (None, call.method)
            and (self.path is None or fnmatchcase(call.path, self.path))
            and (self.salon_id is None or self.salon_id in call.salon_ids)
            and self.payment_sum in (None, call.payment_sum)
        )

    def describe(self) -> str:
        """Describe the calls, or return empty text for all of them."""
        found = [f"{name} {value}" for name, value in asdict(self).items() if value is not None]
        return f" with {', '.join(found)}" if found else ""


@define
class PendingFault:
    """A fault, and the calls that it will affect: the next ones, or a fraction of all."""

    fault: FaultName
    only: CallFilter
    calls: int
    """The number of remaining calls; not used with a probability."""
    skip: int
    """The number of matching calls to skip first."""
    probability: float | None
    delay: float
    jitter: float
    random: Random = field(repr=False)

    @classmethod
    def of(
        cls,
        fault: FaultName,
        *,
        calls: int = 1,
        nth: int = 1,
        operation: OperationName | None = None,
        method: str | None = None,
        path: str | None = None,
        salon_id: int | None = None,
        payment_sum: Decimal | int | str | None = None,
        probability: float | None = None,
        seed: int | None = None,
        delay: float | None = None,
        jitter: float = 0.0,
    ) -> "PendingFault":
        """Return the fault. Raises ValueError, which names the invalid argument."""
        _check_name("fault", fault, FAULT_NAMES)
        for argument, value in (("calls", calls), ("nth", nth)):
            if not isinstance(value, int) or not 0 < value <= _MAX_CALLS:
                raise bad_argument(argument, f"a number of calls, 1 to {_MAX_CALLS}", value)
        wait = (_DEFAULT_LATENCY if fault == "latency" else 0.0) if delay is None else delay
        if not 0 <= wait <= _MAX_DELAY:
            raise bad_argument("delay", f"a number of seconds from 0 to {_MAX_DELAY:g}", wait)
        if not 0 <= jitter <= wait:
            raise bad_argument("jitter", f"a number of seconds from 0 to delay, {wait:g}", jitter)
        if seed is not None and probability is None and not jitter:
            raise ValueError("seed has no effect alone: pass probability or jitter with it.")
        if probability is not None and (calls, nth) != (1, 1):
            raise ValueError("Pass either calls and nth, or probability, not both.")
        if probability is not None and not 0 <= probability <= 1:
            raise bad_argument("probability", "a number from 0 to 1", probability)
        only = CallFilter.of(operation=operation, method=method, path=path, salon_id=salon_id, payment_sum=payment_sum)
        return cls(fault, only, calls, nth - 1, probability, wait, jitter, Random(seed or 0))

    def draw_delay(self) -> float:
        """Return the delay of one call."""
        return self.random.uniform(self.delay - self.jitter, self.delay + self.jitter)

    def describe(self) -> str:
        """Return a short description."""
        if self.probability is not None:
            calls = f"{self.probability:.0%} of all calls"
        else:
            calls = f"the next {self.calls} calls" if self.calls > 1 else "the next call"
        skipped = f" after {self.skip} others" if self.skip > 1 else " after another" if self.skip else ""
        jitter = f" ± {self.jitter:g}" if self.jitter else ""
        delay = f", delayed by {self.delay:g}{jitter} s" if self.delay else ""
        return f"{self.fault}, {calls}{self.only.describe()}{skipped}{delay}"


@define
class FaultSchedule:
    """The pending faults, in order."""

    queue: deque[PendingFault] = field(factory=deque[PendingFault])
    random: list[PendingFault] = field(factory=list[PendingFault])
    """The faults with a probability."""

    def add(self, pending: PendingFault) -> None:
        """Add a fault. One with a probability replaces an earlier one for the same calls."""
        if len(self.queue) + len(self.random) >= _MAX_PENDING:
            raise ValueError(f"At most {_MAX_PENDING} faults can be pending: clear them first.")
        if pending.probability is None:
            self.queue.append(pending)
        else:
            self.random = [*(one for one in self.random if one.only != pending.only), pending]

    def next_fault(self, call: CallFacts) -> PendingFault | None:
        """Return the fault of the current call, or None. Every fault counts the calls that match it."""
        found: PendingFault | None = None
        for one in [one for one in self.queue if one.only.matches(call)]:
            if one.skip:
                one.skip -= 1
            elif found is None:
                found = one
                one.calls -= 1
        if found is not None and not found.calls:
            self.queue.remove(found)
        for one in self.random if found is None else ():
            if one.only.matches(call) and one.random.random() < (one.probability or 0.0):
                return one
        return found

    @property
    def pending(self) -> list[PendingFault]:
        """All pending faults, in order."""
        return [*self.queue, *self.random]


class FaultArguments(TypedDict):
    """The arguments of `Sandbox.inject_fault`."""

    fault: FaultName
    calls: int
    nth: int
    operation: OperationName | None
    method: str | None
    path: str | None
    salon_id: int | None
    payment_sum: str | None
    probability: float | None
    seed: int | None
    delay: float | None
    jitter: float


FAULT_FIELDS = tuple(FaultArguments.__annotations__)


def fault_arguments(parameters: Parameters) -> FaultArguments:
    """Return the arguments from the parameters of a control, an option or a header. Raises ValueError."""
    parameters.check(FAULT_FIELDS)
    return {
        "fault": cast(FaultName, parameters.text("fault")),
        "calls": parameters.integer("calls", 1),
        "nth": parameters.integer("nth", 1),
        "operation": cast(OperationName | None, parameters.optional_text("operation")),
        "method": parameters.optional_text("method"),
        "path": parameters.optional_text("path"),
        "salon_id": parameters.optional_integer("salon_id"),
        "payment_sum": parameters.optional_amount("payment_sum"),
        "probability": parameters.optional_number("probability"),
        "seed": parameters.optional_integer("seed"),
        "delay": parameters.optional_number("delay"),
        "jitter": parameters.number("jitter", 0.0),
    }


def parse_fault(text: str) -> FaultArguments:
    """Parse NAME, NAME:CALLS or NAME:FIELD=VALUE,… Raises ValueError."""
    return fault_arguments(_parameters_in(text))


def fault_of_header(text: str) -> PendingFault:
    """Return the fault that a call requests in its header. Raises ValueError."""
    parameters = _parameters_in(text)
    parameters.check(("fault", "delay", "jitter"))
    arguments = fault_arguments(parameters)
    pending = PendingFault.of(arguments["fault"], delay=arguments["delay"], jitter=arguments["jitter"])
    pending.random.seed()
    return pending


def _parameters_in(text: str) -> Parameters:
    name, _, rest = text.partition(":")
    values = {"fault": name.strip()}
    for part in filter(None, rest.split(",")):
        left, is_field, right = (one.strip() for one in part.partition("="))
        field_name, value = (left, right) if is_field else ("calls", left)
        if field_name in values:
            raise ValueError(f"{field_name} is given twice: pass it once.")
        values[field_name] = value
    return Parameters(values)


def _integer(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]{1,18}", text) else None


def _check_name(kind: str, name: str, names: Sequence[str]) -> None:
    if name not in names:
        raise ValueError(f"Unknown {kind} {name!r}. The {kind}s are {', '.join(names)}.")
