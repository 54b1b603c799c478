"""A local Altegio for development and tests: the vendor does not offer a test environment."""

from .api import Request, Response
from .call_log import Exchange
from .callback_delivery import Delivery
from .choices import ChoiceName
from .endpoints import OPERATION_NAMES, OperationName
from .entity_events import RESOURCES, EventStatus, Resource
from .faults import FAULT_NAMES, FAULTS, Fault, FaultName
from .location_state import Change, Installation, Payment
from .sandbox import Sandbox
from .seeds import Seed, read_seed

__all__ = [
    "FAULTS",
    "FAULT_NAMES",
    "OPERATION_NAMES",
    "RESOURCES",
    "Change",
    "ChoiceName",
    "Delivery",
    "EventStatus",
    "Exchange",
    "Fault",
    "FaultName",
    "Installation",
    "OperationName",
    "Payment",
    "Request",
    "Resource",
    "Response",
    "Sandbox",
    "Seed",
    "read_seed",
]
