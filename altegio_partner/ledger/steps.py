"""What is to be done step by step, written once as a generator, for the plain client and for the awaited one."""

from collections.abc import Awaitable, Callable, Generator, Iterator
from types import TracebackType
from typing import Any, Generic, TypeAlias, TypeVar, cast

import anyio
import anyio.to_thread
from attrs import frozen

from altegio_partner.call import Call

T = TypeVar("T")
Step: TypeAlias = Call[Any] | Callable[[], object]
"""A call to make, or work that waits for the database. Its result is sent to the generator, or thrown into it."""
Steps: TypeAlias = Generator[Step, Any, T]


@frozen
class Stepwise(Generic[T]):
    """A plan: how to come to the result of a call by several steps."""

    begin: Callable[[Call[T]], Steps[T]]

    def run(self, call: Call[T], send: Callable[[Call[Any]], Any]) -> T:
        """Make the steps, in this thread."""
        progress = _Progress(self.begin(call))
        for step in progress:
            with progress:
                progress.result = send(cast(Call[object], step)) if isinstance(step, Call) else step()
        return progress.end

    async def run_async(self, call: Call[T], send: Callable[[Call[Any]], Awaitable[Any]]) -> T:
        """Make the steps, those of the database in threads."""
        progress = _Progress(self.begin(call))
        for step in progress:
            with progress:
                if isinstance(step, Call):
                    progress.result = await send(cast(Call[object], step))
                else:  # once something was sent, to keep what came of it is not to be cancelled
                    with anyio.CancelScope(shield=progress.has_called):
                        progress.result = await anyio.to_thread.run_sync(step)
        return progress.end


class _Progress(Generic[T]):
    """Iterate for the steps. Make each inside `with progress`, and leave there its `result`. Then ask for the `end`."""

    result: Any = None
    has_called: bool = False
    """Whether a call was among the steps so far."""
    end: T
    _failure: Exception | None = None

    def __init__(self, steps: Steps[T]) -> None:
        self._steps = steps

    def __iter__(self) -> Iterator[Step]:
        while True:
            failure, self._failure = self._failure, None
            try:
                step = self._steps.throw(failure) if failure else self._steps.send(self.result)
            except StopIteration as end:
                self.end = end.value
                return
            self.result = None
            self.has_called = self.has_called or isinstance(step, Call)
            yield step

    def __enter__(self) -> None: ...

    def __exit__(self, _: object, failure: BaseException | None, frames: TracebackType | None) -> bool:
        self._failure = failure if isinstance(failure, Exception) else None
        return self._failure is not None
