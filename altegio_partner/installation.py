"""How our application stands at a location, as Altegio tells it."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from altegio_partner_api.models import InstallationFound, InstallationLog, InstallationPayment
from attrs import frozen

from .ids import read_id


@frozen
class RecordedPayment:
    """A payment that Altegio has recorded. Its dates are local ones: in which zone is unknown."""

    id: int
    payment_sum: Decimal
    currency_iso: str | None
    """None where Altegio does not tell it."""
    payment_date: datetime
    period_from: datetime
    """The beginning of the paid period, inclusive."""
    period_to: datetime
    """The end of the paid period, inclusive."""
    is_refunded: bool


@frozen
class StatusChange:
    """The application's status changed at a location."""

    changed_at: datetime
    status_from: str | None
    status_to: str
    source: str | None
    """What changed it; its words are unknown."""


@frozen
class Installation:
    """How our application stands at a location. Altegio caches it, for up to an hour."""

    status: str
    """"pending", "active" or "freezed" (Altegio's spelling). Another word may come, and is kept as it is."""
    created_at: datetime
    payments: tuple[RecordedPayment, ...]
    log: tuple[StatusChange, ...]


def read_installation(answer: dict[str, Any]) -> Installation:
    """Read Altegio's answer, or raise what parsing raises."""
    data = InstallationFound.from_dict(answer).data
    return Installation(
        status=_text(data.connection_status.status),
        created_at=_time(data.connection_status.created_at),
        payments=tuple(map(_payment, data.payments)),
        log=tuple(map(_change, data.logs or ())),
    )


def _payment(told: InstallationPayment) -> RecordedPayment:
    payment_sum = Decimal(str(told.payment_sum))  # a float is written with the fewest digits that mean it
    if not payment_sum.is_finite() or told.is_refunded not in (True, False):
        raise ValueError
    return RecordedPayment(
        id=read_id(told.id),
        payment_sum=payment_sum,
        currency_iso=_text(told.currency_iso) if told.currency_iso else None,
        payment_date=_time(told.payment_date),
        period_from=_time(told.period_from),
        period_to=_time(told.period_to),
        is_refunded=bool(told.is_refunded),
    )


def _change(told: InstallationLog) -> StatusChange:
    before, source = (_text(word) if word else None for word in (told.status_from, told.source))
    return StatusChange(_time(told.changed_at), before, _text(told.status_to), source)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _time(value: object) -> datetime:
    return datetime.fromisoformat(_text(value))
