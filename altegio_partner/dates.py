"""Dates and times: Altegio writes them without a zone, `YYYY-MM-DD HH:MM:SS`."""

from datetime import date, datetime, tzinfo

from .bad_argument import bad_argument


def known_timezone(value: tzinfo | str | None) -> tzinfo | None:
    """Return the zone of that IANA name, or the zone itself, or raise ValueError."""
    if value is None or isinstance(value, tzinfo):
        return value
    if isinstance(value, str):
        from zoneinfo import ZoneInfo  # noqa: PLC0415  to import it takes 2 ms, and few name a zone

        try:
            return ZoneInfo(value)
        except (KeyError, ValueError, OSError):  # unknown; malformed; the name of a folder of the zone database
            pass
    raise bad_argument(
        "timezone",
        "a tzinfo or an IANA name",
        value,
        fix="Write 'Europe/Berlin'. Where that is not found, this machine has no zone database: pip install tzdata.",
    )


def wire_datetime(name: str, value: datetime, timezone: tzinfo | None) -> str:
    """Return the local date and time as Altegio reads it, or raise ValueError.

    A naive datetime is written as it is; an aware one is converted to `timezone` first. Microseconds are dropped.
    """
    if not isinstance(value, datetime):
        raise bad_argument(name, "a datetime", value, fix="Write datetime(2026, 1, 31, 23, 59, 59).")
    try:
        is_aware = value.utcoffset() is not None
        local = value.astimezone(timezone) if is_aware and timezone is not None else value
    except Exception as error:  # noqa: BLE001  a tzinfo is anybody's code
        fix = f"To convert it raised {type(error).__name__}."
        raise bad_argument(name, "between the years 1 and 9999 in the client's timezone", value, fix=fix) from None
    if is_aware and timezone is None:
        fix = "The API carries no zone and Altegio names none: pass timezone= to the client, say the location's own."
        raise bad_argument(name, "a naive datetime unless the client knows a timezone", value, fix=fix)
    return datetime.isoformat(local.replace(tzinfo=None), sep=" ", timespec="seconds")


def wire_period(period_from: datetime, period_to: datetime, timezone: tzinfo | None) -> tuple[str, str]:
    """Return both ends of the period as Altegio reads them, or raise ValueError when it ends before it begins."""
    first = wire_datetime("period_from", period_from, timezone)
    last = wire_datetime("period_to", period_to, timezone)
    if first >= last:  # fixed width: text sorts as time
        raise ValueError(
            f"period_from must be before period_to, compared as they are sent: {first} is not before {last}. "
            "Both ends are inclusive: a month ends on its last second."
        )
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
