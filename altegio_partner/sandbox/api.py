"""The requests, responses and handlers of Altegio's API. No sockets, no clock, no randomness."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from attrs import field, frozen

from .choices import ChoiceName
from .locations import Locations
from .validation import Fields


@frozen
class Request:
    """A received request. Header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str] = field(factory=dict[str, str])
    body: bytes = b""
    base_url: str = "https://altegio.invalid"
    """The base URL of redirects, where the request was sent, if that is known."""
    address: str = "this process"
    """The sender's IP address."""
    query: str = ""
    """The query string of the URL."""


@frozen
class Response:
    """A response, and how it is transferred."""

    status: int
    headers: Mapping[str, str] = field(factory=dict[str, str])
    body: bytes = b""
    reason: str = ""
    """Why the call was rejected. Not part of the response; for logs and the page."""
    transfer: Literal["complete", "dropped", "stalled", "dripped", "cut"] = "complete"
    """Completely, not at all, not at all with the connection kept open, byte by byte, or half of it."""
    delay: float = 0.0
    """The delay before it is sent, in seconds."""
    choice: ChoiceName | None = None
    """The choice of the sandbox that rejected the call; None if Altegio is known to reject it too."""


@frozen
class Behavior:
    """The settings that determine how the sandbox responds."""

    partner_token: str = field(repr=False)
    user_token: str = field(repr=False)
    application_id: int
    redirects: bool
    """Whether a registration is answered with 301 and a Location, or with 200: both are documented."""
    bodies: bool
    """Whether to send a body with responses that need none: refunds, 301, 201."""
    status_delay: timedelta
    """How long the status of a location lags behind: Altegio caches it for up to an hour."""
    lenient: bool
    """Whether to accept calls that only a choice of the sandbox rejects."""


@frozen
class Call:
    """A call whose headers and fields were validated."""

    behavior: Behavior
    locations: Locations
    now: datetime
    base_url: str
    ids: Mapping[str, int]
    """The ids in the path."""
    fields: Mapping[str, Any]
    """The fields of the body or of the query."""

    @property
    def salon_id(self) -> int:
        """The location, from the path or a field."""
        return self.ids["salon_id"] if "salon_id" in self.ids else self.fields["salon_id"]

    def require_installed(self, status: int = 404, message: str = "", choice: ChoiceName | None = None) -> None:
        """Reject the call unless the application is connected to the location."""
        if self.locations.status(self.salon_id) == "uninstalled":
            reason = f"The application is not installed at location {self.salon_id}."
            raise Rejection(status, message, reason, choice=choice)

    def require_access(self) -> None:
        """Reject the call unless the application, whose system user this is, is active at the location."""
        status = self.locations.status(self.salon_id)
        if status != "active":
            reason = f"The application's user has no access to location {self.salon_id}: it is {status} there."
            raise Rejection(403, "Access denied.", reason, choice="settings_without_access")


@frozen
class Rejection(Exception):  # noqa: N818  a response, not an error
    """A response that rejects the call."""

    status: int
    message: str
    """The message; empty where Altegio's `meta` is an empty list."""
    reason: str
    errors: Mapping[str, list[str]] | None = None
    allow: str | None = None
    choice: ChoiceName | None = None

    def response(self) -> Response:
        """Return the response, with the reason for the log."""
        errors = {"errors": self.errors} if self.errors else {}
        meta: object = {"message": self.message, **errors} if self.message else []
        response = json_response(self.status, {"success": False, "data": None, "meta": meta})
        headers = {**response.headers, **({"allow": self.allow} if self.allow else {})}
        reason = self.reason or " ".join(f"{name}: {' '.join(found)}" for name, found in (self.errors or {}).items())
        if self.choice:
            reason += f" By choice ({self.choice}): whether Altegio rejects this is unknown."
        return Response(self.status, headers, response.body, reason, choice=self.choice)


def invalid(errors: Mapping[str, list[str]], choice: ChoiceName | None = None) -> Rejection:
    """Return the rejection of invalid fields. The structure of `errors` is unknown."""
    return Rejection(422, "An error has occurred.", "", errors, choice=choice)


@frozen
class Endpoint:
    """How the calls of an operation are validated, and their handler."""

    handle: Callable[[Call], Response]
    body: Fields | None = None
    query: Fields | None = None
    needs_user: bool = False
    takes_user: bool = False
    """Whether a user token is documented, though not needed."""
    wrong_application: tuple[int, str] = (403, "Access denied.")
    """The response for another application than the partner's."""
    documents_422: bool = True


def json_response(status: int, content: object) -> Response:
    """Return a JSON response."""
    return Response(status, {"content-type": "application/json"}, json.dumps(content, ensure_ascii=False).encode())


def success(data: object, *, status: int = 200, meta: object = ()) -> Response:
    """Return a successful response, in Altegio's envelope."""
    return json_response(status, {"success": True, "data": data, "meta": meta})


def empty(call: Call, status: int) -> Response:
    """Return a successful response without a body, or with one if the sandbox is configured so."""
    return success(None, status=status) if call.behavior.bodies else Response(status)
