"""Tell Altegio's marketplace what happens at the locations that use your application.

Start with `help(altegio_partner.PartnerClient)`; `altegio_partner.errors` draws the tree of errors.
"""

from .call import Call
from .client import AsyncPartnerClient, PartnerClient
from .errors import (
    AlreadyInstalledError,
    AltegioError,
    AuthenticationError,
    InvalidRequestError,
    NoAnswerError,
    NotFoundError,
    NotSentError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RateLimitError,
    RejectedError,
    ServerError,
    UnreadableAnswerError,
)
from .installation import Installation, RecordedPayment, StatusChange
from .transport import HTTPTransport
from .version import __version__

__all__ = [
    "AlreadyInstalledError",
    "AltegioError",
    "AsyncPartnerClient",
    "AuthenticationError",
    "Call",
    "HTTPTransport",
    "Installation",
    "InvalidRequestError",
    "NoAnswerError",
    "NotFoundError",
    "NotSentError",
    "OutcomeUnknownError",
    "PartnerClient",
    "PermissionDeniedError",
    "RateLimitError",
    "RecordedPayment",
    "RejectedError",
    "ServerError",
    "StatusChange",
    "UnreadableAnswerError",
    "__version__",
]
