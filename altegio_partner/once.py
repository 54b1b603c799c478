"""Calls that take effect once: what a client asks of a ledger. The ledger itself is in a room of its own."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Protocol, cast, runtime_checkable

from attrs import frozen

from .bad_argument import bad_argument
from .endpoint import Call, Plan, T
from .installation import Installation

Look = Callable[[int], Call[Installation]]
"""Describes how to read the status of a location, given its id."""

_LONGEST_KEY = 255


@frozen
class Claim:
    """A call that is to take effect once."""

    key: str
    """Names what it is about, such as an invoice: calls of the same key are the same one."""
    operation: str
    values: Mapping[str, str]
    """What is told, by Altegio's names: another call of this key must tell the same."""
    look: Look


@runtime_checkable
class PaymentLedger(Protocol):
    """Remembers calls across threads, processes and machines, so that each takes effect once."""

    settle_time: timedelta
    """How old a claim must be before it can be found not to have taken effect."""

    def once(self, claim: Claim) -> Plan[T]:
        """Return how to make a call, unless it was made: claim it, make it, remember what came of it."""
        ...

    def reconcile(self, key: str, look: Look) -> Plan[int | None]:
        """Return how to find out what came of a call: the id of its payment, or None where it had no effect."""
        ...


def known_key(value: str) -> str:
    """Return the key, or raise ValueError."""
    if not isinstance(value, str) or not value.isprintable() or value.strip() != value or not value:
        wanted = "printable text without spaces around it"
        raise bad_argument("idempotency_key", wanted, value, fix="Write what names the payment: 'invoice-2026-0042'.")
    if len(value) > _LONGEST_KEY:
        raise bad_argument("idempotency_key", f"at most {_LONGEST_KEY} characters long", value, fix="Shorten it.")
    return value


def known_ledger(value: PaymentLedger | None, timeout: float) -> PaymentLedger | None:
    """Return the ledger, or raise ValueError."""
    if value is None:
        return None
    if not isinstance(cast(object, value), PaymentLedger):
        fix = "Write Ledger('sqlite:///altegio-payments.db') of altegio_partner.ledger."
        raise bad_argument("ledger", "a Ledger", value, fix=fix)
    if timeout > value.settle_time.total_seconds() / 2:
        half = "at most half of the ledger's settle_time, or a call could still be out when it is looked for"
        raise bad_argument("timeout", half, timeout)
    return value
