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
    ConflictError,
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
from .late_imports import late_imports
from .values.locations import Location
from .values.tariffs import Tariff, TariffOption
from .version import __version__

if TYPE_CHECKING:
    from .transport import HTTPTransport
    from .values.dictionaries import BusinessGroup, BusinessType, City, Country
    from .values.voip import Accepted, VoipCall
    from .values.webhooks import WebhookSettings, WebhookUrlSettings
else:
    _LAZY = {
        "HTTPTransport": "transport",
        **dict.fromkeys(("BusinessGroup", "BusinessType", "City", "Country"), "values.dictionaries"),
        **dict.fromkeys(("Accepted", "VoipCall"), "values.voip"),
        **dict.fromkeys(("WebhookSettings", "WebhookUrlSettings"), "values.webhooks"),
    }

    def __getattr__(name: str) -> type:
        """Import the rest on first use: the transport alone takes as long as everything else."""
        if name in _LAZY:
            with late_imports:
                return getattr(import_module(f".{_LAZY[name]}", __name__), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "Accepted",
    "AlreadyInstalledError",
    "AltegioError",
    "AsyncPartnerClient",
    "AuthenticationError",
    "BusinessGroup",
    "BusinessType",
    "Call",
    "City",
    "ConflictError",
    "Country",
    "HTTPTransport",
    "Installation",
    "InvalidRequestError",
    "Location",
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
    "Tariff",
    "TariffOption",
    "UnreadableAnswerError",
    "VoipCall",
    "WebhookSettings",
    "WebhookUrlSettings",
    "__version__",
]
