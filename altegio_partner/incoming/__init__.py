"""What Altegio sends to a partner's server: the owner's browser, and callbacks. Verify them here before you trust them.

Nothing here knows a web framework, waits or sends. `read_registration` takes the query of the page that Altegio sends
an owner to, `read_callback` the body of a callback about our application, as bytes, and `read_event` that of an event
of a location. **Events of a location are not signed: anybody can send them.** What cannot be trusted or understood is
one error, `UntrustedRequestError`.

`registration_query`, `callback_body` and `event_body` make what Altegio would send, for the tests of your own
application.
"""

from .callbacks import Event, Frozen, Paid, Uninstalled, UnknownEvent, callback_body, read_callback
from .entity_events import EntityEvent, event_body, read_event
from .registrations import Registration, User, read_registration, registration_query
from .trust import Reason, UntrustedRequestError

__all__ = [
    "EntityEvent",
    "Event",
    "Frozen",
    "Paid",
    "Reason",
    "Registration",
    "Uninstalled",
    "UnknownEvent",
    "UntrustedRequestError",
    "User",
    "callback_body",
    "event_body",
    "read_callback",
    "read_event",
    "read_registration",
    "registration_query",
]
