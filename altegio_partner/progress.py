"""The progress of an attempt, shared between a client and its transport."""

from attrs import define

EXTENSION = "altegio_partner"  # the key of the progress in httpx's `extensions` of a request


@define
class Progress:
    """The progress of an attempt."""

    may_leave_until: float | None = None  # the time, as of `clock.elapsed()`, after which sending must not begin
    has_sent: bool | None = None  # whether any byte may have been sent; None if the transport does not say
    has_surplus: bool = False  # whether the server sent more than the response
    doing: str = ""  # what the transport is doing, in words that contain no secret
