"""Dates and times, which Altegio writes without a time zone: `YYYY-MM-DD HH:MM:SS`."""

from contextlib import suppress
from datetime import date, datetime, tzinfo

from .bad_argument import bad_argument
from .late_imports import late_imports

_ZONE = "a time zone or its IANA name"


def parse_timezone(value: tzinfo | str | None) -> tzinfo | None:
    """Return the time zone with this IANA name, or this time zone itself, or raise ValueError."""
    if value is None or isinstance(value, tzinfo):
        return value
    names: set[str] = set()
    if isinstance(value, str):
        with late_imports:
            from zoneinfo import ZoneInfo, available_timezones  # noqa: PLC0415  it takes 2 ms, and few name a zone

        try:
            return ZoneInfo(value)
        except (KeyError, ValueError, OSError):  # unknown; malformed; the name of a folder of the zone database
            names = available_timezones()
        if not names:
            fix = "This machine has no database of time zones: pip install tzdata."
            raise bad_argument("timezone", _ZONE, value, fix=fix)
    wanted = value.strip().replace(" ", "_").casefold() if isinstance(value, str) else ""
    alike = [name for name in sorted(names) if wanted in (name.casefold(), name.casefold().rpartition("/")[2])]
    fix = "" if alike else "This is an example: the names are case-sensitive."
    raise bad_argument("timezone", _ZONE, value, write=alike[0] if alike else "Europe/Berlin", fix=fix)


def wire_datetime(name: str, value: datetime, timezone: tzinfo | None) -> str:
    """Return the local date and time as Altegio reads it, or raise ValueError.

    A naive datetime is written unchanged; an aware one is converted to `timezone` first. Microseconds are dropped.
    """
    if not isinstance(value, datetime):
        raise bad_argument(name, "a datetime", value, fix=f"Write {_as_datetime(name, value)}.")
    try:
        is_aware = value.utcoffset() is not None
        local = value.astimezone(timezone) if is_aware and timezone is not None else value
    except Exception as error:  # noqa: BLE001  a tzinfo can be any code
        fix = f"The conversion raised {type(error).__name__}."
        raise bad_argument(name, "between the years 1 and 9999 in its time zone", value, fix=fix) from None
    if is_aware and timezone is None:
        wanted = "a time without an offset from UTC, unless a time zone is set: the API carries none"
        raise bad_argument(name, wanted, value, setting=("timezone", "Europe/Berlin", " to the client"))
    return datetime.isoformat(local.replace(tzinfo=None), sep=" ", timespec="seconds")


def _as_datetime(name: str, value: object) -> str:
    """Return Python code for this date or text as a datetime. A date at the end of a period becomes its last second."""
    time = "23, 59, 59" if name == "period_to" else "0, 0"
    text = value if isinstance(value, str) else ""
    for kind in (datetime, date):  # a date alone is both
        with suppress(ValueError):
            value = kind.fromisoformat(text)
    if isinstance(value, datetime) and value.tzinfo is None:
        return repr(value.replace(microsecond=0)).removeprefix("datetime.")
    if isinstance(value, date) and not isinstance(value, datetime):
        return f"datetime({value.year}, {value.month}, {value.day}, {time})"
    return f"datetime(2026, 1, 31, {time})"


def wire_period(period_from: datetime, period_to: datetime, timezone: tzinfo | None) -> tuple[str, str]:
    """Return both ends of the period as Altegio reads them, or raise ValueError if it ends before it begins."""
    first = wire_datetime("period_from", period_from, timezone)
    last = wire_datetime("period_to", period_to, timezone)
    if first >= last:  # fixed width: text sorts as time
        wanted = f"before the end of the period, compared as they are sent: {first} is not before {last}"
        fix = "Both ends are inclusive: a month ends on its last second. Exchange them, or correct one."
        raise bad_argument("period_from", wanted, fix=fix)
    return first, last


def wire_date(name: str, value: date) -> str:
    """Return the day as Altegio reads it, or raise ValueError."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise bad_argument(name, "a date", value, fix="Write date(2026, 1, 31).")
    return value.isoformat()


def wire_instant(name: str, value: datetime) -> str:
    """Return the date and time with its offset, or raise ValueError."""
    try:
        if isinstance(value, datetime) and value.utcoffset() is not None:
            return datetime.isoformat(value, timespec="seconds")
    except Exception:  # noqa: BLE001, S110  a tzinfo is anybody's code
        pass
    fix = "Write datetime(2026, 1, 31, 12, 0, tzinfo=ZoneInfo('Europe/Berlin'))."
    raise bad_argument(name, "an aware datetime", value, fix=fix)
