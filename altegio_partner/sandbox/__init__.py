"""A local Altegio to try calls on: the vendor offers none."""

from .altegio import Reply, Request
from .faults import FAULT_NAMES, FaultName
from .installation import Change, Installation, Payment
from .sandbox import Exchange, Sandbox

__all__ = ["FAULT_NAMES", "Change", "Exchange", "FaultName", "Installation", "Payment", "Reply", "Request", "Sandbox"]
