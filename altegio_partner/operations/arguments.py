"""What arguments become on the wire, or ValueError before anything is sent. For all families."""

from collections.abc import Callable, Collection, Sequence
from enum import StrEnum
from typing import TypeVar

from altegio_partner_api.types import UNSET, Unset

from altegio_partner.bad_argument import bad_argument

V = TypeVar("V")
W = TypeVar("W")
E = TypeVar("E", bound=StrEnum)


def optional(value: V | None, wire: Callable[[V], W]) -> W | Unset:
    """Return what becomes of the argument, or what leaves it out."""
    return UNSET if value is None else wire(value)


def wire_number(name: str, value: int, minimum: int, maximum: int) -> int:
    """Return an integer within bounds."""
    if not isinstance(value, int) or isinstance(value, bool) or not minimum <= value <= maximum:
        raise bad_argument(name, f"an integer from {minimum} to {maximum}", value)
    return value


def wire_flag(name: str, value: bool) -> bool:
    """Return True or False."""
    if not isinstance(value, bool):
        raise bad_argument(name, "True or False", value)
    return value


def wire_text(name: str, value: str, fix: str = "") -> str:
    """Return text without spaces around it, and not empty. It is not quoted: it may be secret."""
    if not isinstance(value, str) or not value.isprintable() or value.strip() != value or not value:
        raise bad_argument(name, "printable text without spaces around it", fix=fix)
    return value


def wire_word(name: str, value: str, words: Collection[str]) -> str:
    """Return one of the words."""
    if not isinstance(value, str) or value not in words:
        raise bad_argument(name, f"one of {', '.join(words)}", value)
    return value


def wire_enum(name: str, value: str, kind: type[E]) -> E:
    """Return the member of the enumeration with this word."""
    return kind(wire_word(name, value, list(kind)))


def wire_list(name: str, values: Sequence[V], wire: Callable[[str, V], W], minimum: int, maximum: int) -> list[W]:
    """Return a list whose length is within bounds, of what becomes of each."""
    if not isinstance(values, (list, tuple)) or not minimum <= len(values) <= maximum:
        raise bad_argument(name, f"a list of {minimum} to {maximum}", values)
    return [wire(f"{name}[{index}]", value) for index, value in enumerate(values)]
