"""The default transport of the clients."""

from .http_transport import HTTPTransport

__all__ = ["HTTPTransport"]
