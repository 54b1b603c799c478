"""Times as people write them, and as they are shown: with the zone they were converted from."""

import re
from datetime import datetime, time, tzinfo

from altegio_partner.bad_argument import bad_argument

_WRITTEN = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:.+)?", re.ASCII)  # Python would read 2026-12-31+02:00 as 02:00
_FIX = "Write 2026-11-24 12:00, or 2026-11-24T12:00+01:00 where the zone matters."


def read_time(name: str, text: str, *, of_date: time | None = None) -> datetime:
    """Return the time that is written in ISO 8601, or raise ValueError.

    Args:
        name: What to call it in a complaint.
        text: The time, with an offset from UTC or without.
        of_date: The time of day that a date alone stands for. Without it, a date alone is refused.
    """
    try:
        when = datetime.fromisoformat(text) if _WRITTEN.fullmatch(text) else None
    except ValueError:
        when = None
    is_date = len(text) == len("2026-12-31")
    if when is None or (is_date and of_date is None):
        raise bad_argument(
            name, "a date and a time" if of_date is None else "a date, or a date and a time", text, fix=_FIX
        )
    return datetime.combine(when, of_date) if is_date and of_date else when


def where_from(given: datetime, timezone: tzinfo | None) -> str:
    """Say how a time that was given came to be the one that is sent."""
    if given.tzinfo is None or timezone is None:
        return "as given: no zone is sent"
    return f"in {timezone}, given as {given.isoformat(sep=' ')}"
