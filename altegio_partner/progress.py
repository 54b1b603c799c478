"""How far an attempt has come: what a client and its transport say to each other about it."""

from attrs import define

EXTENSION = "altegio_partner"
"""The name under which a request carries it, in httpx's `extensions`."""


@define
class Progress:
    """How far an attempt has come."""

    may_leave_until: float | None = None
    """When it is too late to begin sending, as `clock.elapsed()` gives it."""
    has_sent: bool | None = None
    """Whether anything of the request may have left; None where the transport does not say."""
    has_surplus: bool = False
    """Whether the server sent more than the answer."""
    doing: str = ""
    """What the transport is doing, in words that hold no secret."""
