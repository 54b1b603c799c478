"""The error for an invalid argument, raised before anything is sent: what is expected, what was given, the fix."""

import re
from collections.abc import Callable
from datetime import datetime

_MARK = re.compile(r"\{\{|\{!(?P<python>[^{}]*)\}|\{(?P<field>[\w\[\]]*)(?:=(?P<value>[^{}]*))?\}")


class Message(str):
    """The text of an error, as a Python user reads it; `render` names the same fields for users of the command line.

    In the template, `{a}` is a field, `{a=1}` a field with a value, `{=1}` a value; `{!…}` is for Python users only.
    """

    template: str

    def render(self, name: Callable[[str, str | None], str]) -> str:
        """Return the text with other names: `name` gets a field, or "", and the value to write, or None."""
        return _fill(self.template, name, lambda _: "")


def message(template: str) -> Message:
    """Return the text of an error that names fields. Double each `{` of text that is not a literal."""
    text = Message(_fill(template, _argument, str))
    text.template = template
    return text


def usage_error(template: str) -> ValueError:
    """Return the error to raise."""
    return ValueError(message(template))


def bad_argument(name: str, wanted: str, *given: object, fix: str = "") -> ValueError:
    """Return the error to raise. Leave `given` out if the value may contain a secret."""
    found = "".join(f", not {{!{type(value).__name__} }}{_shown(value)}" for value in given)
    return usage_error(f"{{{name}}} must be {wanted}{found}. {fix}".rstrip())


def _fill(template: str, name: Callable[[str, str | None], str], python: Callable[[str], str]) -> str:
    def filled(mark: re.Match[str]) -> str:
        return name(mark["field"], mark["value"]) if mark["python"] is None else python(mark["python"])

    return _MARK.sub(lambda mark: "{" if mark[0] == "{{" else filled(mark), template)


def _argument(field: str, value: str | None) -> str:
    return field if value is None else f"{field}={value!r}" if field else repr(value)


def _shown(value: object) -> str:
    try:
        text = str(value) if isinstance(value, datetime) else repr(value)
        return (text if len(text) <= 60 else f"{text[:60]}…").replace("{", "{{")
    except Exception:  # noqa: BLE001  any object can be given, and an integer of 5,000 digits has no repr
        return "that cannot be shown"
