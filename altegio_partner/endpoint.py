"""One definition of an endpoint, two methods: a plain one for `PartnerClient`, a coroutine for `AsyncPartnerClient`."""

# The return annotations of endpoints are read at run time: no `from __future__ import annotations` where they stand.
# `_perform` is private to the library, and called here for both clients:
# pyright: reportPrivateUsage=false
# ruff: noqa: SLF001

import inspect
from collections.abc import Callable, Coroutine, Generator
from functools import update_wrapper
from types import MethodType, NoneType
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, get_args, overload

from attrs import field, frozen

from .redaction import hide_locals

P = ParamSpec("P")
T = TypeVar("T")


@frozen
class Call(Generic[T]):
    """One exchange with Altegio, described before any of it happens."""

    operation: str
    """The name of the method, for the log."""
    request: dict[str, Any] = field(repr=False)
    """Method, path, query and body, as the generated `_get_kwargs` builds them."""
    read: Callable[[dict[str, Any]], T] = field(repr=False)
    """Takes the result out of the JSON object of a 2xx, or raises KeyError, TypeError or ValueError."""
    read_empty: Callable[[], T] | None = field(default=None, repr=False)
    """Gives the result of a 2xx without a body, where the documentation promises none."""
    read_redirect: Callable[[str], T] | None = field(default=None, repr=False)
    """Gives the result of a 3xx with this `Location`, where a redirect is documented."""
    if_unknown: str = "It may have been recorded: look in Altegio before sending it again."
    """What to do when nobody knows whether Altegio has carried it out."""
    if_not_found: str = "Check the ids and base_url."
    """What a 404 means."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What is masked, besides the partner token, should Altegio quote it back."""
    plan: "Callable[[Call[T]], Generator[Any, Any, T]] | None" = field(default=None, repr=False)
    """How to come to the result where it takes more than sending the request."""
    expires: float | None = None
    """When it must not be sent any more, as `time.time()` gives it."""

    @property
    def only_reads(self) -> bool:
        """Whether it changes nothing, so that it can be sent again whatever came of it."""
        return bool(self.request["method"] == "get")

    def __str__(self) -> str:
        return f"{self.request['method'].upper()} {self.request['url']}"


class Performs(Protocol):
    """A client that carries out a call and returns its result."""

    def _perform(self, call: Call[T], /) -> T: ...


class PerformsAsync(Protocol):
    """A client that carries out a call and is awaited for its result."""

    async def _perform(self, call: Call[T], /) -> T: ...


class endpoint(Generic[P, T]):  # noqa: N801  a decorator, like `property`
    """Decorates a method that describes a call, and reads as the method that makes it."""

    def __init__(self, describe: Callable[Concatenate[Any, P], Call[T]]) -> None:
        def perform(client: Performs, /, *args: P.args, **kwargs: P.kwargs) -> T:
            with hide_locals():
                call = describe(client, *args, **kwargs)
            del args, kwargs  # what goes wrong from here on must not carry them
            return client._perform(call)

        async def perform_async(client: PerformsAsync, /, *args: P.args, **kwargs: P.kwargs) -> T:
            with hide_locals():
                call = describe(client, *args, **kwargs)
            del args, kwargs
            return await client._perform(call)

        self._perform = _dressed(perform, describe)
        self._perform_async = _dressed(perform_async, describe)

    @overload
    def __get__(self, client: None, owner: type[Performs]) -> Callable[Concatenate[Performs, P], T]: ...
    @overload
    def __get__(
        self, client: None, owner: type[PerformsAsync]
    ) -> Callable[Concatenate[PerformsAsync, P], Coroutine[object, None, T]]: ...
    @overload
    def __get__(self, client: Performs, owner: type[Performs]) -> Callable[P, T]: ...
    @overload
    def __get__(self, client: PerformsAsync, owner: type[PerformsAsync]) -> Callable[P, Coroutine[object, None, T]]: ...

    def __get__(self, client: object, owner: type[Any]) -> Any:
        waits = inspect.iscoroutinefunction(owner._perform)
        function = self._perform_async if waits else self._perform
        return function if client is None else MethodType(function, client)


F = TypeVar("F", bound=Callable[..., Any])


def _dressed(function: F, describe: Callable[..., Any]) -> F:
    """Give the function the name, the words and the signature of the endpoint, with the true type of its result."""
    (result,) = get_args(describe.__annotations__["return"])
    result = None if result is NoneType else result
    dressed: Any = update_wrapper(function, describe)
    dressed.__annotations__ = {**describe.__annotations__, "return": result}
    dressed.__signature__ = inspect.signature(describe).replace(return_annotation=result)
    return function
