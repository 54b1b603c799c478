"""The status of the application at a location, as Altegio reports it. What cannot be read is None."""

from datetime import datetime
from decimal import Decimal

from attrs import frozen


@frozen
class RecordedPayment:
    """A payment that Altegio has recorded. Its dates are local ones: in which zone is unknown."""

    id: int | None
    payment_sum: Decimal | None
    currency_iso: str | None
    """None where Altegio does not tell it."""
    payment_date: datetime | None
    period_from: datetime | None
    """The beginning of the paid period, inclusive."""
    period_to: datetime | None
    """The end of the paid period, inclusive."""
    is_refunded: bool | None


@frozen
class StatusChange:
    """The application's status changed at a location."""

    changed_at: datetime | None
    status_from: str | None
    status_to: str | None
    source: str | None
    """What changed it; its words are unknown."""


@frozen
class Installation:
    """How our application stands at a location. Altegio caches it, for up to an hour."""

    status: str | None
    """"pending", "active" or "freezed" (Altegio's spelling). Another word may come, and is kept as it is."""
    created_at: datetime | None
    payments: tuple[RecordedPayment, ...]
    log: tuple[StatusChange, ...]
