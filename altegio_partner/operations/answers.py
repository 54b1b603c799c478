"""Readers of responses that are used by several modules of operations."""

from collections.abc import Callable
from typing import Any, TypedDict, TypeVar

from altegio_partner_api.models import Acknowledgement

from altegio_partner.error_body import find_errors
from altegio_partner.values.reading import read_all
from altegio_partner.values.value import Value

V = TypeVar("V", bound=Value)


class _Empty(TypedDict):
    read_empty: Callable[[], None]
    success_statuses: tuple[int, ...]


OR_EMPTY: _Empty = {"read_empty": lambda: None, "success_statuses": (200, 201, 204)}
"""Arguments of a `Call` that Altegio may also confirm without a body, with one of these statuses."""


def acknowledged(answer: dict[str, Any]) -> None:
    """Raise an error unless the response says that the call succeeded. A failure was excluded before."""
    Acknowledgement.from_dict(answer)
    if find_errors(answer):
        raise ValueError("errors beside success")


def listed(kind: type[V]) -> Callable[[dict[str, Any]], list[V]]:
    """Return a reader of responses that list values of this class."""
    return lambda answer: read_all(kind, answer["data"])
