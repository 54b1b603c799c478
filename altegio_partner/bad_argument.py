"""How a bad argument is refused, before anything is sent: what was given, what is wanted, how to mend it."""

from datetime import datetime


def bad_argument(name: str, wanted: str, *given: object, fix: str = "") -> ValueError:
    """Return the error to raise. Leave `given` out where the value may hold a secret."""
    found = "".join(f", not {type(value).__name__} {_shown(value)}" for value in given)
    return ValueError(f"{name} must be {wanted}{found}. {fix}".rstrip())


def _shown(value: object) -> str:
    try:
        text = str(value) if isinstance(value, datetime) else repr(value)
        return text if len(text) <= 60 else f"{text[:60]}…"
    except Exception:  # noqa: BLE001  not every object can be shown, nor can an integer of 5,000 digits
        return "that cannot be shown"
