"""A local Altegio for development and tests: the vendor does not offer a test environment."""

from .api import Request, Response
from .call_log import Exchange
from .callback_delivery import Delivery
from .endpoints import OPERATION_NAMES, OperationName
from .faults import FAULT_NAMES, FAULTS, Fault, FaultName
from .location_state import Change, Installation, Payment
from .sandbox import Sandbox
from .seeds import Seed, read_seed

__all__ = [
    "FAULTS",
    "FAULT_NAMES",
    "OPERATION_NAMES",
    "Change",
    "Delivery",
    "Exchange",
    "Fault",
    "FaultName",
    "Installation",
    "OperationName",
    "Payment",
    "Request",
    "Response",
    "Sandbox",
    "Seed",
    "read_seed",
]
