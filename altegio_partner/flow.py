"""Flows: generators of steps, written once and driven by both clients.

A flow yields the next step. A driver performs it, and sends the result back, or throws the exception.
"""

from collections.abc import Awaitable, Callable, Generator
from typing import Any, NamedTuple, TypeAlias, TypeVar, cast

from attrs import define, field

from .call import Call
from .errors import OutcomeUnknownError
from .progress import Progress
from .received_response import ReceivedResponse

S = TypeVar("S")
T = TypeVar("T")


class Pause(NamedTuple):
    """Wait before sending again."""

    seconds: float


class Blocking(NamedTuple):
    """Run a blocking function, such as a database query."""

    function: Callable[[], object]
    is_shielded: bool = False  # from cancellation, because it stores the outcome of a call


@define
class Attempt:
    """Send a call once. An exception inside `with attempt` is its outcome, not an error of the client."""

    call: Call[Any]
    progress: Progress = field(factory=Progress)  # what the transport says about it
    is_in_flight: bool = False  # whether it has been handed to the transport
    response: ReceivedResponse | None = None  # as far as it was received
    failure: Exception | None = field(default=None, repr=False)  # of the transport
    outcome: object = field(default=OutcomeUnknownError("No response yet."), repr=False)  # the result, or the error

    def __enter__(self) -> None:
        self.is_in_flight = True

    def __exit__(self, _: object, failure: BaseException | None, frames: object) -> bool:
        if failure is not None and not isinstance(failure, Exception):  # cancelled: raised again as it is
            failure.__traceback__ = failure.__context__ = None  # frames of the transport contain the token
            return False
        self.failure = failure
        return True


Step: TypeAlias = Call[Any] | Pause | Attempt | Blocking
Flow: TypeAlias = Generator[S, Any, T]
Plan: TypeAlias = Callable[[Call[T]], Flow[Step, T]]
"""The flow of a call that takes more than sending it."""


def drive(flow: Flow[S, T], do: Callable[[S], object]) -> T:
    """Perform the steps of a flow, and return its result."""
    resume, outcome = flow.send, cast(object, None)
    while True:
        try:
            while True:
                resume, outcome = flow.send, do(resume(outcome))
        except BaseException as error:
            if cast(Any, flow).gi_frame is None:  # it has ended
                if isinstance(error, StopIteration):
                    return cast(T, error.value)
                raise
            resume, outcome = cast(Any, flow.throw), error  # the flow decides, even if this struck between two steps


async def drive_async(flow: Flow[S, T], do: Callable[[S], Awaitable[object]]) -> T:
    """Perform the steps of a flow with an async function, and return its result."""
    resume, outcome = flow.send, cast(object, None)
    while True:
        try:
            while True:
                resume, outcome = flow.send, await do(resume(outcome))
        except BaseException as error:
            if cast(Any, flow).gi_frame is None:  # it has ended
                if isinstance(error, StopIteration):
                    return cast(T, error.value)
                raise
            resume, outcome = cast(Any, flow.throw), error  # the flow decides, even if this struck between two steps
