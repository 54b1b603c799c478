"""Reading the status of the application out of Altegio's answer: what can be read, and None where it cannot.

Only the list of payments must be there: where it is missing, a payment would look as if it was not recorded.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar, cast

from altegio_partner_api.models import ConnectionStatus, InstallationLog, InstallationPayment
from attrs import fields

from altegio_partner.ids import read_id
from altegio_partner.installation import Installation, RecordedPayment, StatusChange

M = TypeVar("M", ConnectionStatus, InstallationLog, InstallationPayment)
V = TypeVar("V")
_YES_OR_NO = {True: True, False: False, "1": True, "0": False, "true": True, "false": False}  # True is 1, too


def read_installation(answer: dict[str, Any]) -> Installation:
    """Read Altegio's answer, or raise what parsing raises."""
    data = answer["data"]
    connection = _filled(ConnectionStatus, data.get("connection_status"))
    return Installation(
        status=_text(connection.status),
        created_at=_time(connection.created_at),
        payments=tuple(map(_payment, _items(data["payments"]))),
        log=tuple(map(_change, _readable(_items, data.get("logs")) or ())),
    )


def _payment(value: object) -> RecordedPayment:
    payment = _filled(InstallationPayment, value)
    return RecordedPayment(
        id=_readable(read_id, payment.id),
        payment_sum=_sum(payment.payment_sum),
        currency_iso=str(payment.currency_iso) if payment.currency_iso else None,
        payment_date=_time(payment.payment_date),
        period_from=_time(payment.period_from),
        period_to=_time(payment.period_to),
        is_refunded=_readable(_YES_OR_NO.__getitem__, payment.is_refunded),
    )


def _change(value: object) -> StatusChange:
    change = _filled(InstallationLog, value)
    return StatusChange(
        _time(change.changed_at), _text(change.status_from), _text(change.status_to), _text(change.source)
    )


def _items(value: object) -> list[Any]:
    """Return the items of a list, or of the object that PHP makes of a list with gaps."""
    if isinstance(value, dict):
        return list(cast("dict[str, Any]", value).values())
    if not isinstance(value, list):
        raise TypeError
    return value


def _filled(model: type[M], value: object) -> M:
    """Return what is there, with None for what is not."""
    given = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    return model.from_dict({**dict.fromkeys(field.name for field in fields(model) if field.init), **given})


def _readable(read: Callable[[Any], V], value: object) -> V | None:
    try:
        return read(value)
    except (ArithmeticError, KeyError, TypeError, ValueError):
        return None


def _sum(value: object) -> Decimal | None:
    payment_sum = _readable(Decimal, str(value))  # a float is written with the fewest digits that mean it
    return payment_sum if payment_sum is not None and payment_sum.is_finite() else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _time(value: object) -> datetime | None:
    return _readable(datetime.fromisoformat, value)
