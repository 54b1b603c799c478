"""The life of an application at one location: its states, and what leads from one to the next.

    uninstalled → (the owner connects) pending → (the partner registers) active → (the time is up) freezed
    freezed → (a payment) active; any → (uninstall) uninstalled

"freezed" is Altegio's own spelling. Times are local ones without a zone, as everywhere in this API.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from attrs import define, field, frozen

Status = Literal["uninstalled", "pending", "active", "freezed"]

_LINK_LIVES = timedelta(hours=12)


@define
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


@define
class Installation:
    """The application at one location."""

    created_at: datetime
    status: Status = "uninstalled"
    payments: list[Payment] = field(factory=list[Payment])
    logs: list[Change] = field(factory=list[Change])

    def go(self, status: Status, now: datetime, source: str) -> None:
        """Change the state, and note why."""
        self.logs.append(Change(now, self.status, status, source))
        self.status = status

    def connect(self, now: datetime) -> None:
        """The owner clicks Connect: a link is pending for 12 hours, or what there was begins anew."""
        self.created_at = now
        self.go("pending", now, "owner")

    def pay(self, payment: Payment, now: datetime) -> None:
        """Record a payment. It unfreezes the application when its period has not passed."""
        self.payments.append(payment)
        if self.status == "freezed" and payment.period_to >= now:
            self.go("active", now, "payment")

    def settle(self, now: datetime) -> None:
        """Let happen what time has brought: a link lapses, a paid period ends."""
        link_ends = self.created_at + _LINK_LIVES
        if self.status == "pending" and now > link_ends:
            self.go("uninstalled", link_ends, "link lapsed")
        ends = [payment.period_to for payment in self.payments if not payment.is_refunded]
        if self.status == "active" and ends and now > max(ends):  # how long it lasts without a payment is unknown
            self.go("freezed", max(ends), "expiry")
