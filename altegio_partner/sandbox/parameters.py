"""The parameters of a control: from its path, its query, and a form, a multipart form or a JSON object."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from email.parser import BytesParser
from email.policy import HTTP
from typing import cast
from urllib.parse import parse_qsl

from attrs import frozen

from altegio_partner.bad_argument import bad_argument

from .validation import DATE

_MAX_NUMBER = 100_000_000
_MULTIPART = "multipart/form-data"


@frozen
class Parameters:
    """Values by name. Those of a form are text."""

    values: Mapping[str, object]
    body: bytes = b""
    """The body as it was received."""

    def check(self, names: Sequence[str]) -> None:
        """Raise ValueError if there is a parameter with another name."""
        for name in self.values:
            if name not in names:
                known = f"The parameters are {', '.join(names)}." if names else "There are no parameters."
                raise ValueError(f"Unknown parameter {name}. {known}")

    @classmethod
    def parse(cls, content_type: str, body: bytes, in_url: Iterable[tuple[str, str]]) -> "Parameters":
        """Parse a body, and add the parameters of the URL. Raises ValueError."""
        values: dict[str, object] = {}
        for name, value in [*in_url, *_in_body(content_type, body)]:
            if name in values:
                raise ValueError(f"{name} is given twice, in the path, the query or the body: pass it once.")
            values[name] = value
        return cls(values, body)

    def has(self, name: str) -> bool:
        """Return whether there is a value. Forms send empty fields as empty text, programs may send null."""
        return self.values.get(name) not in (None, "")

    def text(self, name: str, default: str | None = None) -> str:
        """Return a value as text, or the default if it is missing. Raises ValueError."""
        value = self.values[name] if self.has(name) else default
        if value is None:
            raise ValueError(f"{name} is missing.")
        if not isinstance(value, str):
            raise bad_argument(name, "text", value)
        return value

    def optional_text(self, name: str) -> str | None:
        """Return a value as text, or None if it is missing."""
        return self.text(name) if self.has(name) else None

    def amount(self, name: str, default: float | None = None) -> str:
        """Return the digits of a value, which is text or a number. Raises ValueError."""
        value = self.values.get(name)
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return str(value) if is_number else self.text(name, None if default is None else str(default))

    def optional_amount(self, name: str) -> str | None:
        """Return the digits of a value, or None if it is missing."""
        return self.amount(name) if self.has(name) else None

    def integer(self, name: str, default: int | None = None) -> int:
        """Return a value as an integer. Raises ValueError."""
        text = self.amount(name, default)
        if not text.isascii() or not text.isdigit() or len(text) > 19:
            raise bad_argument(name, "a whole number", text)
        return int(text)

    def optional_integer(self, name: str) -> int | None:
        """Return a value as an integer, or None if it is missing. Raises ValueError."""
        return self.integer(name) if self.has(name) else None

    def number(self, name: str, default: float | None = None) -> float:
        """Return a value as a number. Raises ValueError."""
        text = self.amount(name, default)
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not abs(number) <= _MAX_NUMBER:
            raise bad_argument(name, f"a number of at most {_MAX_NUMBER}", text)
        return number

    def optional_number(self, name: str) -> float | None:
        """Return a value as a number, or None if it is missing. Raises ValueError."""
        return self.number(name) if self.has(name) else None

    def time(self, name: str) -> datetime | None:
        """Return a value as a datetime, or None if it is missing. Raises ValueError."""
        if not self.has(name):
            return None
        if not DATE.is_valid(self.values[name]):
            raise ValueError(f"{name}: {DATE.requirement}")
        return datetime.fromisoformat(self.text(name))

    def flag(self, name: str) -> bool:
        """Return whether a box is checked, or a value true. Raises ValueError."""
        value = self.values.get(name)
        if value in (None, "", False, "off", "false", "0", 0):
            return False
        if value in (True, "on", "true", "1", 1):
            return True
        raise bad_argument(name, "true or false", value)


def _in_body(content_type: str, body: bytes) -> Iterable[tuple[str, object]]:
    if content_type.partition(";")[0].strip().lower() == _MULTIPART:
        return _in_multipart(content_type, body)
    text = body.decode()
    if content_type.partition(";")[0].strip().lower() == "application/json" or text.lstrip().startswith("{"):
        content: object = json.loads(text or "{}")  # curl -d sends JSON with the type of a form
        if not isinstance(content, dict):
            raise ValueError("The body must be a JSON object.")
        return cast(dict[str, object], content).items()
    return parse_qsl(text, keep_blank_values=True)


def _in_multipart(content_type: str, body: bytes) -> Iterable[tuple[str, object]]:
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: %s\r\n\r\n%s" % (content_type.encode(), body))
    parts = list(message.iter_parts())
    if not parts:
        raise ValueError("The body is not a multipart form.")
    for part in parts:
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(payload, bytes):
            problem = "A part of the multipart form has no name, or no text."
            raise ValueError(problem)  # noqa: TRY004  every problem of a form is a ValueError
        yield name, payload.decode()
