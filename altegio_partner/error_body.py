"""What Altegio says about an error, made safe to show: every shape is understood, none is trusted."""

import json
from collections.abc import Callable, Mapping
from typing import TypeAlias

from attrs import frozen

Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | None"

_LONGEST = 500
_LARGEST_ERROR = 16 * 1024  # bytes of an answer in which words are looked for: to look for secrets in it takes long
_DEEPEST = 50  # what is nested some hundred levels deep cannot be pickled


def parsed(body: bytes | bytearray) -> Json:
    """Return the JSON value of a body, or None where there is none."""
    try:
        content: Json = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return content


def find_errors(content: Mapping[str, Json]) -> Json:
    """Return what an answer lists as errors, in either of the places where Altegio puts them."""
    meta, outer = content.get("meta"), content.get("errors")
    inner = meta.get("errors") if isinstance(meta, dict) else None  # PHP writes an empty object as []
    return inner or (inner if outer is None else outer)


@frozen
class ErrorBody:
    """The message and the errors of one answer."""

    message: str | None
    errors: Json

    @classmethod
    def of(cls, body: bytes | bytearray, mask: Callable[[str], str]) -> "ErrorBody":
        """Find both, wherever they are: their place is documented for some answers only."""
        content = parsed(body) if len(body) <= _LARGEST_ERROR else None
        outer: Mapping[str, Json] = content if isinstance(content, dict) else {"errors": content}
        meta = outer.get("meta")
        inner = meta if isinstance(meta, dict) else {}  # PHP writes an empty object as []
        message = inner.get("message", outer.get("message"))
        try:
            errors = _masked(find_errors(outer), mask, _DEEPEST)
        except RecursionError:
            errors = _legible(mask(body.decode("utf-8", "replace").replace("\\/", "/")))  # as PHP writes a slash
        return cls(mask(_legible(mask(message))) if isinstance(message, str) else None, errors)  # folded, it may be one

    def __str__(self) -> str:
        errors = _legible(json.dumps(self.errors, ensure_ascii=False)) if self.errors else ""
        return " ".join(filter(None, (self.message, errors)))


def _masked(value: Json, mask: Callable[[str], str], levels: int) -> Json:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, (dict, list)) and not levels:
        raise RecursionError("nested too deep")
    if isinstance(value, dict):
        return {mask(key): _masked(item, mask, levels - 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item, mask, levels - 1) for item in value]
    if isinstance(value, (int, float)) and mask(str(value)) != str(value):
        return mask(str(value))
    return value


def _legible(text: str) -> str:
    """Return the text on one line, without control characters and lone surrogates, cut where it grows too long."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:_LONGEST]
