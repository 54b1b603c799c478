"""The way to the network, for clients that are given no `transport` of another kind."""

from .http_transport import HTTPTransport

__all__ = ["HTTPTransport"]
