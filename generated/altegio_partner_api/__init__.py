"""A client library for accessing Altegio Developer Tools, unofficial description"""

from .client import AuthenticatedClient, Client

__all__ = (
    "AuthenticatedClient",
    "Client",
)
