"""Converters of arguments for all operations: they return the value to send, or raise ValueError."""

from collections.abc import Callable, Collection, Sequence
from enum import StrEnum
from typing import TypeVar

from altegio_partner_api.types import UNSET, Unset

from altegio_partner.bad_argument import bad_argument

V = TypeVar("V")
W = TypeVar("W")
E = TypeVar("E", bound=StrEnum)


def optional(value: V | None, wire: Callable[[V], W]) -> W | Unset:
    """Return the converted argument, or the value that leaves it out."""
    return UNSET if value is None else wire(value)


def wire_number(name: str, value: int, minimum: int, maximum: int) -> int:
    """Return this integer, or raise ValueError if it is out of bounds."""
    if not isinstance(value, int) or isinstance(value, bool) or not minimum <= value <= maximum:
        raise bad_argument(name, f"an integer from {minimum} to {maximum}", value)
    return value


def wire_flag(name: str, value: bool) -> bool:
    """Return this boolean, or raise ValueError."""
    if not isinstance(value, bool):
        raise bad_argument(name, "True or False", value)
    return value


def wire_text(name: str, value: str, fix: str = "") -> str:
    """Return this text, or raise ValueError if it is empty or has spaces around it. The error does not show it."""
    if not isinstance(value, str) or not value.isprintable() or value.strip() != value or not value:
        raise bad_argument(name, "printable text without spaces around it", fix=fix)
    return value


def wire_word(name: str, value: str, words: Collection[str]) -> str:
    """Return this word, or raise ValueError if it is not one of the words."""
    if not isinstance(value, str) or value not in words:
        raise bad_argument(name, f"one of {', '.join(words)}", value)
    return value


def wire_enum(name: str, value: str, kind: type[E]) -> E:
    """Return the member of the enumeration with this value, or raise ValueError."""
    return kind(wire_word(name, value, list(kind)))


def wire_list(name: str, values: Sequence[V], wire: Callable[[str, V], W], minimum: int, maximum: int) -> list[W]:
    """Return the list with each value converted, or raise ValueError if its length is out of bounds."""
    if not isinstance(values, (list, tuple)) or not minimum <= len(values) <= maximum:
        raise bad_argument(name, f"a list of {minimum} to {maximum}", values)
    return [wire(f"{name}[{index}]", value) for index, value in enumerate(values)]
