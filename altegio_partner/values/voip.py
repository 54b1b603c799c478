"""Calls of a telephone system."""

from datetime import datetime

from altegio_partner.ids import read_id

from .reading import filled, integer, moment, positive, text
from .value import Value, reads


class Accepted(Value):
    """Altegio has taken it, and processes it later. Whether anything was then saved or shown is unknown."""

    message: str | None = reads(text)
    """Altegio's own words."""


class VoipCall(Value):
    """A call in the history of a location. What Altegio leaves out is None."""

    id: int = reads(read_id)
    client_id: int | None = reads(positive)
    """None also where the caller is no client."""
    caller_phone: str | None = reads(text)
    record_link: str | None = reads(filled)
    """The recording; None also where there is none."""
    duration: int | None = reads(integer)
    """Seconds."""
    status: str | None = reads(text)
    """"success", "missed", "cancel", "busy", "notallowed", "notavailable" or "notfound". Another word is kept."""
    type: str | None = reads(text)
    """"incoming", "outgoing" or "internal". Another word is kept."""
    call_date: datetime | None = reads(moment)
    """When it was, with an offset."""
