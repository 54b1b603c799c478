"""Altegio's ids of locations, applications and payments."""

import os

from .bad_argument import bad_argument

_MAX_ID = 2**63 - 1  # Altegio is written in PHP, whose integers have 64 bits


def wire_id(name: str, value: object) -> int:
    """Return this positive integer, or raise ValueError."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= _MAX_ID:
        try:
            fix = f"Write {read_id(value.strip() if isinstance(value, str) else value)}."
        except ValueError:
            fix = "Pass the number, as an int."
        raise bad_argument(name, "a positive integer of at most 64 bits", value, fix=fix)
    return int(value)


def read_id(value: object) -> int:
    """Return the id in a response, which PHP writes as 123, "123" or 123.0, or raise ValueError."""
    match value:
        case str() if value.isascii() and value.isdigit() and not value.startswith("0"):
            number = int(value)
        case float() if value.is_integer() and value < 2**52:  # beyond that, floats are rounded to integers
            number = int(value)
        case int() if not isinstance(value, bool):
            number = int(value)
        case _:
            number = 0
    if not 0 < number <= _MAX_ID:
        raise ValueError("not an id")
    return number


def application_id_of(value: int | None) -> int:
    """Return the application id, from the argument or the environment, or raise ValueError."""
    name, text = "ALTEGIO_APPLICATION_ID", os.environ.get("ALTEGIO_APPLICATION_ID")
    if isinstance(value, int):
        return wire_id("application_id", value)
    if value is not None:  # not shown: it may be the token
        raise bad_argument("application_id", "a positive integer of at most 64 bits", fix="Pass the number, as an int.")
    if not text:
        raise ValueError(f"There is no application id: pass application_id, or set {name}.")
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        raise bad_argument(name, "the application's number, digits only", fix="Write it like 123.")
    return wire_id(name, int(text))
