"""The progress of an attempt, shared by a client and its transport."""

from attrs import define

EXTENSION = "altegio_partner"
"""The name under which a request carries it, in httpx's `extensions`."""


@define
class Progress:
    """The progress of an attempt."""

    may_leave_until: float | None = None
    """The latest time to begin sending, as `clock.elapsed()` returns it."""
    has_sent: bool | None = None
    """Whether any byte of the request may have been sent; None if the transport does not say."""
    has_surplus: bool = False
    """Whether the server sent more than the response."""
    doing: str = ""
    """What the transport is doing, in words that contain no secret."""
