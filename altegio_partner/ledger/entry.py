"""The entry of an idempotency key, as the ledger returns it."""

from datetime import datetime
from typing import Literal

from attrs import frozen


@frozen
class LedgerEntry:
    """A payment or refund that was reported, or is about to be."""

    idempotency_key: str
    """The key of the payment; for a refund, the id of the payment, as text."""
    operation: Literal["notify_payment", "notify_refund"]
    """The method that was called."""
    payload: dict[str, str]
    """The reported values, named like the arguments of the method."""
    payment_id: int | None
    """The payment that Altegio recorded or refunded; None while pending."""
    state: Literal["pending", "recorded"]
    """"pending" while its outcome is unknown; "recorded" once Altegio is known to have recorded it."""
    claimed_at: datetime
    """When it was last claimed, in UTC. The request is sent after that, if at all."""
    origin: str
    """The scheme and host of the Altegio that it was reported to."""
    application_id: int
    """The application that it was reported for."""
