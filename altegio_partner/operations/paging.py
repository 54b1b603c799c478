"""Lists that Altegio returns page by page, without a total."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Generic, Protocol, TypeVar

from attrs import define, evolve, field

from altegio_partner.call import Call
from altegio_partner.errors import InvalidRequestError, NotFoundError, ServerError
from altegio_partner.flow import Flow, Step


class Numbered(Protocol):
    """An item with an id."""

    @property
    def id(self) -> int: ...  # noqa: D102


N = TypeVar("N", bound=Numbered)


@define
class Walk(Generic[N]):
    """Reads all pages of a list, and yields each item once.

    Pages are numbered from 1, it seems, and the last one is shorter than the others. Page 0 comes last: nothing new is
    on it, or it is refused, unless Altegio counts from 0 after all.
    """

    page: Callable[[int], Call[list[N]]]
    size: int
    """The number of items of a page, except the last one."""
    _seen: set[int] = field(factory=set[int], init=False)
    _is_over: bool = field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        """Raise ValueError for bad arguments now, not with the first item."""
        self.page(1)

    def items(self, perform: Callable[[Call[list[N]]], list[N]]) -> Iterator[N]:
        """Yield the items, with one call for each page."""
        for call in self._calls():
            yield from self._unseen(perform(call))

    async def items_async(self, perform: Callable[[Call[list[N]]], Awaitable[list[N]]]) -> AsyncIterator[N]:
        """Yield the items, with one call for each page."""
        for call in self._calls():
            for item in self._unseen(await perform(call)):
                yield item

    def _calls(self) -> Iterator[Call[list[N]]]:
        number = 0
        while not self._is_over:
            number += 1
            yield self.page(number)
        yield evolve(self.page(0), plan=_unless_refused)

    def _unseen(self, found: list[N]) -> list[N]:
        unseen = {item.id: item for item in found if item.id not in self._seen}
        self._seen.update(unseen)
        self._is_over = not unseen or len(found) < self.size  # nothing new: it ignores the number of the page
        return list(unseen.values())


def _unless_refused(call: Call[list[N]]) -> Flow[Step, list[N]]:
    try:
        found: list[N] = yield call
    except (InvalidRequestError, NotFoundError, ServerError):
        return []
    return found
