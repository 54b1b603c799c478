"""What Altegio sends to a partner's server: the owner's browser, and callbacks. Read it here before you believe it.

Nothing here knows a web framework, waits or sends. `read_registration` takes the query of the page that Altegio sends
an owner to, `read_callback` the body of a callback, as bytes. What cannot be trusted or understood is one error,
`UntrustedRequestError`.

`registration_query` and `callback_body` make what Altegio would send, for the tests of your own application.
"""

from .callbacks import Event, Frozen, Paid, Uninstalled, UnknownEvent, callback_body, read_callback
from .registrations import Registration, User, read_registration, registration_query
from .trust import Reason, UntrustedRequestError

__all__ = [
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
    "read_callback",
    "read_registration",
    "registration_query",
]
