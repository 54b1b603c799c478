"""The message and errors of an error response, made safe to show, whatever its structure is."""

import json
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | None"

_MAX_LENGTH = 500
_MAX_ERROR_BODY = 16 * 1024  # bytes of a body that is searched for a message: masking secrets in it is slow
_MAX_DEPTH = 50  # a value that is nested hundreds of levels deep cannot be pickled


def parsed(body: bytes | bytearray) -> Json:
    """Return the JSON value of a body, or None if it is not JSON."""
    try:
        content: Json = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return content


def find_errors(content: Mapping[str, Json]) -> Json:
    """Return the errors in a response, which Altegio puts in one of two places."""
    meta, outer = content.get("meta"), content.get("errors")
    inner = meta.get("errors") if isinstance(meta, dict) else None  # PHP writes an empty object as []
    return inner or (inner if outer is None else outer)


class ErrorBody(NamedTuple):
    """The message and the errors of one response."""

    message: str | None
    errors: Json

    @classmethod
    def of(cls, body: bytes | bytearray, mask: Callable[[str], str]) -> "ErrorBody":
        """Return the message and errors in a body. Their places are documented for some responses only."""
        content = parsed(body) if len(body) <= _MAX_ERROR_BODY else None
        outer: Mapping[str, Json] = content if isinstance(content, dict) else {"errors": content}
        meta = outer.get("meta")
        inner = meta if isinstance(meta, dict) else {}  # PHP writes an empty object as []
        message = inner.get("message", outer.get("message"))
        try:
            errors = _masked(find_errors(outer), mask, _MAX_DEPTH)
        except RecursionError:
            errors = _legible(mask(body.decode("utf-8", "replace").replace("\\/", "/")))  # PHP escapes slashes
        return cls(mask(_legible(mask(message))) if isinstance(message, str) else None, errors)  # joined, it may be one

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
    """Return the text on one line, without control characters and lone surrogates, cut to the maximum length."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:_MAX_LENGTH]
