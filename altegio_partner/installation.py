"""The status of the application at a location, as Altegio reports it. Values that cannot be read are None."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from attrs import field, frozen


@frozen
class RecordedPayment:
    """A payment that Altegio has recorded. Its dates are local; their time zone is unknown."""

    id: int | None
    payment_sum: Decimal | None
    currency_iso: str | None
    """None if Altegio does not return it."""
    payment_date: datetime | None
    period_from: datetime | None
    """The beginning of the paid period, inclusive."""
    period_to: datetime | None
    """The end of the paid period, inclusive."""
    is_refunded: bool | None
    raw: Mapping[str, object] = field(factory=dict[str, object], repr=False, eq=False)
    """The object that Altegio sent, including fields that have no attribute."""


@frozen
class StatusChange:
    """A change of the application's status at a location."""

    changed_at: datetime | None
    status_from: str | None
    status_to: str | None
    source: str | None
    """What changed it; the possible values are unknown."""


@frozen
class Installation:
    """The status of the application at a location. Altegio caches it, for up to an hour."""

    status: str | None
    """"pending", "active" or "freezed" (Altegio's spelling). Any other value is returned unchanged."""
    created_at: datetime | None
    payments: tuple[RecordedPayment, ...]
    log: tuple[StatusChange, ...]
    raw: Mapping[str, object] = field(factory=dict[str, object], repr=False, eq=False)
    """The object that Altegio sent, including fields that have no attribute."""
