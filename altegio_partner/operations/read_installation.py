"""Read the status of the application from Altegio's response."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from altegio_partner_api.models import InstallationFound, InstallationLog, InstallationPayment

from altegio_partner.ids import read_id
from altegio_partner.installation import Installation, RecordedPayment, StatusChange


def read_installation(answer: dict[str, Any]) -> Installation:
    """Read Altegio's response, or raise the errors of parsing."""
    data = InstallationFound.from_dict(answer).data
    return Installation(
        status=_text(data.connection_status.status),
        created_at=_time(data.connection_status.created_at),
        payments=tuple(map(_payment, data.payments)),
        log=tuple(map(_change, data.logs or ())),
        raw=answer["data"],
    )


def _payment(payment: InstallationPayment) -> RecordedPayment:
    payment_sum = Decimal(str(payment.payment_sum))  # str of a float has the fewest digits that identify it
    if not payment_sum.is_finite() or payment.is_refunded not in (True, False):
        raise ValueError
    return RecordedPayment(
        id=read_id(payment.id),
        payment_sum=payment_sum,
        currency_iso=_text(payment.currency_iso) if payment.currency_iso else None,
        payment_date=_time(payment.payment_date),
        period_from=_time(payment.period_from),
        period_to=_time(payment.period_to),
        is_refunded=bool(payment.is_refunded),
        raw=payment.to_dict(),
    )


def _change(change: InstallationLog) -> StatusChange:
    before, source = (_text(word) if word else None for word in (change.status_from, change.source))
    return StatusChange(_time(change.changed_at), before, _text(change.status_to), source)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _time(value: object) -> datetime:
    return datetime.fromisoformat(_text(value))
