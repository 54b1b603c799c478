"""Calls that take effect once: what a client asks of a ledger, which is in a room of its own."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

from .endpoint import Call, Plan
from .installation import Installation

Look = Callable[[int], Call[Installation]]
"""Describes how to read the status of a location, given its id."""


@runtime_checkable
class PaymentLedger(Protocol):
    """Remembers calls across threads, processes and machines, so that each takes effect once."""

    def check_timeout(self, seconds: float) -> None:
        """Raise ValueError where an attempt may take longer than this ledger can allow."""
        ...

    def once(self, operation: str, key: str, told: Mapping[str, object], look: Look) -> Plan[Any]:
        """Return how to make the call of this key, unless it was made, or raise ValueError."""
        ...

    def reconcile(self, key: str, look: Look) -> Plan[int | None]:
        """Return how to find out what came of the call of this key, or raise ValueError."""
        ...
