"""Events of a location, which Altegio posts to its webhook URLs. They are not signed."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import cast

from attrs import frozen

from altegio_partner.bad_argument import bad_argument
from altegio_partner.redaction import hide_locals

from .fields import json_object, number, text
from .trust import UntrustedRequestError, check_secret, check_size

_MAX_BODY = 1024 * 1024  # bytes: an appointment has a few thousand
_SHORTEST = 16  # characters of a secret that nobody guesses


@frozen(kw_only=True)
class EntityEvent:
    """A change at a location. Altegio does not sign these events, so anybody can send one.

    Take it as a hint that something has changed, and read that from Altegio before you act on it.
    """

    company_id: int
    """The id of the location, which is called `salon_id` elsewhere."""
    resource: str
    """What changed, such as "record", "client" or "staff". Unknown values are returned unchanged."""
    resource_id: int
    """The id of what changed; for a "schedule", the id of the team member."""
    status: str
    """"create", "update" or "delete". Unknown values are returned unchanged."""
    unsigned_data: Mapping[str, object]
    """Its data after the change, with decimal numbers as `Decimal`. Some or all fields may be missing."""
    has_secret: bool = False
    """Whether it was sent to a URL that only Altegio and you know. If not, do not trust it."""

    @property
    def dedupe_key(self) -> str:
        """The same for deliveries of the same event, which may come up to three times within seconds, in any order.

        Keep it for a minute, no more: an event has neither number nor time, and the same may happen again.
        """
        data = json.dumps(self.unsigned_data, sort_keys=True, default=str).encode()
        digest = hashlib.sha256(data).hexdigest()[:32]
        return f"{self.company_id}:{self.resource}:{self.resource_id}:{self.status}:{digest}"


def read_event(
    body: bytes, *, secret: str | None = None, expected_secret: str | Sequence[str] | None = None
) -> EntityEvent:
    """Read the body of an event of a location.

    Altegio sends them to the `webhook_urls` of a registration, and to those of `client.webhooks`. It does not sign
    them. Put a secret into that URL, such as https://example.com/altegio/<secret>, and pass it here; or believe
    nothing of the event, and read what it is about from Altegio.

    Args:
        body: The body, as it came, undecoded.
        secret: What the address of the request has where your URL has the secret; None where it has nothing there.
        expected_secret: Your secret, of at least 16 characters; a list while you rotate it. None if your URL
            has none: then nothing vouches for the event.

    Raises:
        UntrustedRequestError: The secret is not yours, or the body is not what Altegio sends.
        ValueError: The expected secret is invalid, or the body is not bytes.
    """
    with hide_locals():
        if not isinstance(body, (bytes, bytearray, memoryview)):
            raise bad_argument("body", "the bytes as they came", fix="Give await request.body(), say, not its JSON.")
        expected = _expected(secret, expected_secret)
        if expected:
            check_secret(secret, expected, "wrong_secret", "secret")
        check_size(len(body), _MAX_BODY)
        content = json_object(bytes(body), parse_float=Decimal)
        if "data" not in content:
            raise UntrustedRequestError("not_understood", "data")
        return EntityEvent(
            company_id=_id(content, "company_id"),
            resource=_word(content, "resource"),
            resource_id=_id(content, "resource_id"),
            status=_word(content, "status"),
            unsigned_data=_data(content["data"]),
            has_secret=bool(expected),
        )


def event_body(event: EntityEvent) -> bytes:
    """Return the body that Altegio would post to you for an event, for tests."""
    content = {
        "company_id": event.company_id,
        "resource": event.resource,
        "resource_id": event.resource_id,
        "status": event.status,
        "data": event.unsigned_data or [],  # as PHP writes an empty object
    }
    return json.dumps(content, default=_plain).encode()


def _plain(value: object) -> float:
    return float(cast(Decimal, value))


def _expected(secret: str | None, expected: str | Sequence[str] | None) -> list[str]:
    if expected is None and secret is None:
        return []
    secrets = [expected] if isinstance(expected, str) else expected
    if not isinstance(secrets, (list, tuple)) or not secrets or not all(map(_is_secret, secrets)):
        raise bad_argument(
            "expected_secret",
            f"your secret, of {_SHORTEST} characters or more, or a list of those",
            fix="Make a longer one.",
        )
    return list(secrets)


def _is_secret(value: object) -> bool:
    return isinstance(value, str) and len(value) >= _SHORTEST


def _id(content: Mapping[str, object], field: str) -> int:
    value = content.get(field)
    return number(float(value) if isinstance(value, Decimal) else value, field)


def _word(content: Mapping[str, object], field: str) -> str:
    word = text(content.get(field), field)
    if not word:
        raise UntrustedRequestError("not_understood", field)
    return word


def _data(value: object) -> Mapping[str, object]:
    """Return the object, or what PHP writes as an array because it is empty or numbered."""
    if isinstance(value, list):
        return {str(index): item for index, item in enumerate(cast("list[object]", value))}
    if not isinstance(value, dict):
        raise UntrustedRequestError("not_understood", "data")
    return cast("dict[str, object]", value)
