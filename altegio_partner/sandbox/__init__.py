"""A local Altegio for development and tests: the vendor does not offer a test environment."""

from .api import Request, Response
from .call_log import Exchange
from .callback_delivery import Delivery
from .faults import FAULT_NAMES, FaultName
from .location_state import Change, Installation, Payment
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
    "Request",
    "Response",
    "Sandbox",
    "Seed",
    "read_seed",
]
