"""The error for a bad argument, raised before anything is sent: what was given, what is expected, how to fix it."""

from datetime import datetime

from attrs import define


@define
class BadArgumentError(ValueError):
    """The error for a bad argument, in parts, so that the command line can name its options in the text."""

    field: str
    wanted: str
    kind: str  # the type of what was given; "" where the value may hold a secret
    given: str
    write: str  # the value to write instead
    setting: tuple[str, str, str] | None  # another argument to pass, its value, and in Python to what
    fix: str

    def __str__(self) -> str:
        found = f", not {self.kind} {self.given}" if self.kind else ""
        write = f" Write {self.write!r}." if self.write else ""
        setting = " Pass {}={!r}{}.".format(*self.setting) if self.setting else ""
        return f"{self.field} must be {self.wanted}{found}.{write}{setting} {self.fix}".rstrip()


def bad_argument(
    name: str, wanted: str, *given: object, write: str = "", setting: tuple[str, str, str] | None = None, fix: str = ""
) -> BadArgumentError:
    """Return the error to raise. Leave `given` out if the value may contain a secret."""
    shown = (type(given[0]).__name__, _shown(given[0])) if given else ("", "")
    return BadArgumentError(name, wanted, *shown, write, setting, fix)


def _shown(value: object) -> str:
    try:
        text = str(value) if isinstance(value, datetime) else repr(value)
        return text if len(text) <= 60 else f"{text[:60]}…"
    except Exception:  # noqa: BLE001  not every object can be shown, nor can an integer of 5,000 digits
        return "that cannot be shown"
