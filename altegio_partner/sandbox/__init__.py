"""A local Altegio to try calls on: the vendor offers none."""

from .altegio import Payment, Reply, Request
from .sandbox import Exchange, Sandbox

__all__ = ["Exchange", "Payment", "Reply", "Request", "Sandbox"]
