"""Report to Altegio's marketplace what happens at the locations that use your application.

Start with `help(altegio_partner.PartnerClient)`; `altegio_partner.errors` draws the tree of errors.
"""

from importlib import import_module
from typing import TYPE_CHECKING

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
from .version import __version__

if TYPE_CHECKING:
    from .transport import HTTPTransport
else:

    def __getattr__(name: str) -> type:
        """Import the transport on first use: with its dependencies, it takes as long as everything else."""
        if name == "HTTPTransport":
            return import_module(".transport", __name__).HTTPTransport
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


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
