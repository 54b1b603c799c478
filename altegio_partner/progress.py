"""The progress of an attempt, shared between a client and its transport."""

from attrs import define

EXTENSION = "altegio_partner"
"""The key of the progress in httpx's `extensions` of a request."""


@define
class Progress:
    """The progress of an attempt."""

    may_leave_until: float | None = None
    """The time after which sending must not begin, as returned by `clock.elapsed()`."""
    has_sent: bool | None = None
    """Whether any byte of the request may have been sent; None if the transport does not say."""
    has_surplus: bool = False  # whether the server sent more than the response
    doing: str = ""  # what the transport is doing, in words that contain no secret
