"""Dates and times: Altegio writes them without a zone, `YYYY-MM-DD HH:MM:SS`."""

from datetime import datetime, tzinfo

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
        "a time zone or its IANA name",
        value,
        write=_similar_zone(value),
        fix="If that is not found, this machine has no time zone database: pip install tzdata.",
    )


def _similar_zone(value: object) -> str:
    from zoneinfo import available_timezones  # noqa: PLC0415  as above

    city = str(value).rpartition("/")[2].strip().replace(" ", "_").casefold()
    return min((one for one in available_timezones() if one.casefold().endswith(f"/{city}")), default="Europe/Berlin")


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
        fix = f"The conversion raised {type(error).__name__}."
        raise bad_argument(name, "between the years 1 and 9999 in its time zone", value, fix=fix) from None
    if is_aware and timezone is None:
        wanted = "a time without an offset from UTC, unless a time zone is set: the API carries none"
        raise bad_argument(name, wanted, value, setting=("timezone", "Europe/Berlin"))
    return datetime.isoformat(local.replace(tzinfo=None), sep=" ", timespec="seconds")


def wire_period(period_from: datetime, period_to: datetime, timezone: tzinfo | None) -> tuple[str, str]:
    """Return both ends of the period as Altegio reads them, or raise ValueError when it ends before it begins."""
    first = wire_datetime("period_from", period_from, timezone)
    last = wire_datetime("period_to", period_to, timezone)
    if first >= last:  # fixed width: text sorts as time
        wanted = f"before the end of the period, compared as they are sent: {first} is not before {last}"
        fix = "Both ends are inclusive: a month ends on its last second. Exchange them, or correct one."
        raise bad_argument("period_from", wanted, fix=fix)
    return first, last
