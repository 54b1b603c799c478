"""The error for an invalid argument, raised before anything is sent: what is expected, what was given, the fix."""

from datetime import datetime


def bad_argument(name: str, wanted: str, *given: object, fix: str = "") -> ValueError:
    """Return the error to raise. Leave `given` out if the value may contain a secret."""
    found = "".join(f", not {type(value).__name__} {_shown(value)}" for value in given)
    return ValueError(f"{name} must be {wanted}{found}. {fix}".rstrip())


def _shown(value: object) -> str:
    try:
        text = str(value) if isinstance(value, datetime) else repr(value)
        return text if len(text) <= 60 else f"{text[:60]}…"
    except Exception:  # noqa: BLE001  any object can be given, and an integer of 5,000 digits has no repr
        return "that cannot be shown"
