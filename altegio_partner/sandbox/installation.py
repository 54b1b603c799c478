"""The application at one location, as Altegio knows it.

Times are local ones without a zone, as everywhere in this API.
"""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from attrs import frozen

Status = Literal["uninstalled", "pending", "active", "freezed"]


@frozen
class Payment:
    """A payment that Altegio was told of. Both ends of its period are inclusive."""

    id: int
    salon_id: int
    payment_sum: Decimal
    currency_iso: str
    payment_date: datetime
    period_from: datetime
    period_to: datetime
    recorded_at: datetime
    refunded_at: datetime | None = None

    @property
    def is_refunded(self) -> bool:
        """Whether the money was given back."""
        return self.refunded_at is not None


@frozen
class Change:
    """A step from one state to another."""

    changed_at: datetime
    status_from: Status
    status_to: Status
    source: str


@frozen
class Installation:
    """The application at one location."""

    salon_id: int
    status: Status
    created_at: datetime | None
    """When the owner clicked Connect last; None where nobody ever did."""
    until: datetime | None
    """When its state ends by itself, since a pending link lapses or the paid period is over. None when it does not."""
    payments: list[Payment]
    logs: list[Change]
