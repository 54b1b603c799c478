"""Calls of a telephone system."""

from datetime import datetime

from altegio_partner.ids import read_id

from .reading import filled, integer, moment, positive, text
from .value import Value, reads


class Accepted(Value):
    """Altegio has accepted the call, and processes it later. Whether it is then saved or shown is unknown."""

    message: str | None = reads(text)
    """Altegio's message."""


class VoipCall(Value):
    """A call in the history of a location. What Altegio leaves out is None."""

    id: int = reads(read_id)
    client_id: int | None = reads(positive)
    """None, too, if the caller is not a client of the location."""
    caller_phone: str | None = reads(text)
    record_link: str | None = reads(filled)
    """The URL of the recording; None if there is none."""
    duration: int | None = reads(integer)
    """Seconds."""
    status: str | None = reads(text)
    """"success", "missed", "cancel", "busy", "notallowed", "notavailable" or "notfound". Other values are kept."""
    type: str | None = reads(text)
    """"incoming", "outgoing" or "internal". Other values are returned unchanged."""
    call_date: datetime | None = reads(moment)
    """The time of the call, with an offset."""
