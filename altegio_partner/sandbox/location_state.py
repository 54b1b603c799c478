"""The application at one location: its state, payments and log.

Times are local and have no zone, as everywhere in this API.
"""

from datetime import datetime
from decimal import Decimal
from typing import Literal, get_args

from attrs import frozen

Status = Literal["uninstalled", "pending", "active", "freezed"]
STATUSES: tuple[Status, ...] = get_args(Status)


@frozen
class Payment:
    """A payment that was reported to Altegio. Both ends of its period are inclusive."""

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
        """Whether the payment was refunded."""
        return self.refunded_at is not None


@frozen
class Change:
    """A transition from one state to another."""

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
    """When the owner last clicked Connect; None if that never happened."""
    until: datetime | None
    """When the pending link expires, or the paid period ends. None if the state does not end by itself."""
    payments: list[Payment]
    logs: list[Change]
