"""A local Altegio to try calls on: the vendor offers none."""

from .altegio import Reply, Request
from .installation import Change, Installation, Payment
from .sandbox import Exchange, Sandbox

__all__ = ["Change", "Exchange", "Installation", "Payment", "Reply", "Request", "Sandbox"]
