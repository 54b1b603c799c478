"""What the ledger returns about an idempotency key."""

from datetime import datetime
from typing import Literal

from attrs import frozen


@frozen
class LedgerEntry:
    """A payment or refund that was reported, or is about to be."""

    idempotency_key: str
    """The key of the payment. That of a refund is the id of the payment, as text."""
    operation: Literal["notify_payment", "notify_refund"]
    """The method that was called."""
    payload: dict[str, str]
    """The reported values, named like the arguments of the method."""
    payment_id: int | None
    """The payment that Altegio recorded or refunded; None while pending."""
    state: Literal["pending", "recorded"]
    """"recorded" once Altegio is known to have recorded it; "pending" while that is unknown."""
    claimed_at: datetime
    """When it was last claimed, in UTC. The request is sent after that, if at all."""
    origin: str
    """The Altegio that it was reported to, by its scheme and host."""
    application_id: int
    """The application that it was reported for."""
