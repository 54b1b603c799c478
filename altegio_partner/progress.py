"""The steps of a call that takes several, whoever makes them."""

from collections.abc import Iterator
from types import TracebackType
from typing import Any, Generic

from .endpoint import Call, Plan, Step, T


class Progress(Generic[T]):
    """Iterate for the steps. Make each inside `with progress`, and leave there its `result`. Then ask for the `end`."""

    result: Any = None
    has_called: bool = False
    """Whether a call was among the steps so far."""
    _failure: Exception | None = None
    _end: T

    def __init__(self, plan: Plan[T], call: Call[T]) -> None:
        self._steps = plan(call)

    def __iter__(self) -> Iterator[Step]:
        while True:
            failure, self._failure = self._failure, None
            try:
                step = self._steps.throw(failure) if failure else self._steps.send(self.result)
            except StopIteration as end:
                self._end = end.value
                return
            self.result = None
            self.has_called = self.has_called or isinstance(step, Call)
            yield step

    def __enter__(self) -> None: ...

    def __exit__(self, _: object, failure: BaseException | None, frames: TracebackType | None) -> bool:
        self._failure = failure if isinstance(failure, Exception) else None
        return self._failure is not None

    def end(self) -> T:
        """Return what the call came to."""
        return self._end
