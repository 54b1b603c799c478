"""A local Altegio to try calls on: the vendor offers none."""

from .altegio import Reply, Request
from .callbacks import Delivery
from .exchange import Exchange
from .faults import FAULT_NAMES, FaultName
from .installation import Change, Installation, Payment
from .sandbox import Sandbox
from .seeds import Seed, read_seed

__all__ = [
    "FAULT_NAMES",
    "Change",
    "Delivery",
    "Exchange",
    "FaultName",
    "Installation",
    "Payment",
    "Reply",
    "Request",
    "Sandbox",
    "Seed",
    "read_seed",
]
