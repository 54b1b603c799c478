"""A call to Altegio as a plain value: what to send, and what the responses mean. There is no I/O here."""

from collections.abc import Callable, Container, Generator, Mapping
from typing import Any, Generic, Literal, TypeVar

from attrs import Factory, field, frozen

T = TypeVar("T")


def _only_reads(call: "Call[Any]") -> bool:
    return bool(call.request.get("method", "get") == "get")


def _if_unknown(call: "Call[Any]") -> str:
    if _only_reads(call):
        return "Reading changes nothing: call again."
    if call.is_repeatable:
        return "It may have been carried out. Calling again is harmless."
    return "It may have been recorded: look in Altegio before sending it again."


@frozen
class Call(Generic[T]):
    """The description of one call to Altegio. A client performs it: `client.perform(call)`."""

    operation: str
    """The name of the method, for the log."""
    request: Mapping[str, Any] = field(repr=False)
    """"method", "url", and if needed "json", "params" and "headers", as the generated `_get_kwargs` returns them."""
    read: Callable[[dict[str, Any]], T] = field(repr=False)
    """Extracts the result from the JSON object of a 2xx, or raises KeyError, TypeError or ValueError."""
    read_empty: Callable[[], T] | None = field(default=None, repr=False)
    """Returns the result of a 2xx without a body, for operations that are not documented to have one."""
    read_redirect: Callable[[str], T] | None = field(default=None, repr=False)
    """Returns the result of a 301 with this `Location`, for operations with a documented redirect."""
    success_statuses: Container[int] = field(default=range(200, 300), repr=False)
    """The statuses that mean success. The outcome of any other 2xx is unknown."""
    is_repeatable: bool = Factory(_only_reads, takes_self=True)
    """Whether it may be sent again when its outcome is unknown, because it is idempotent.

    By default, only a GET. Pass True if it sets a value, and never if each call records something.
    """
    is_registration: bool = False
    """Whether it registers a location, so that a 403 may mean that the application is already installed there."""
    if_unknown: str = Factory(_if_unknown, takes_self=True)
    """The advice in the error if its outcome is unknown. The default depends on the method and on `is_repeatable`."""
    if_not_found: str = "Check the ids and the base URL."
    """The advice in the error for a 404."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """Values to mask, besides the partner token, if Altegio echoes them."""
    plan: Callable[[Any], Generator[Any, Any, T]] | None = field(default=None, repr=False)
    """The flow of a call that takes more than sending the request: a generator of steps, see `flow.py`."""
    prepare: Callable[[Any], object] | None = field(default=None, repr=False)
    """Runs right before each `Attempt` is sent. It may block; if it raises, nothing is sent."""
    host: Literal["base_url", "api_url", "tariffs_url"] = "base_url"
    """Which of the client's URLs its path is appended to."""
    needs_user: bool = False
    """Whether it also needs the user token."""

    def __str__(self) -> str:
        return f"{self.request['method'].upper()} {self.request['url']}"
