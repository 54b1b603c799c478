"""Read the status of the application from Altegio's response. Values that cannot be read are None.

Only the list of payments must be there: where it is missing, a payment would look as if it was not recorded.
"""

from typing import Any, cast

from altegio_partner.installation import Installation, RecordedPayment, StatusChange
from altegio_partner.values.reading import filled, flag, items, mapping, moment, number, positive


def read_installation(answer: dict[str, Any]) -> Installation:
    """Return the status in Altegio's response, or raise the errors of parsing."""
    data = answer["data"]
    if data["payments"] is None:
        raise TypeError
    connection, logs = mapping(data.get("connection_status")), data.get("logs")
    return Installation(
        status=filled(connection.get("status")),
        created_at=moment(connection.get("created_at")),
        payments=tuple(map(_payment, items(data["payments"]))),
        log=tuple(map(_change, items(cast(object, logs) if isinstance(logs, (list, dict)) else []))),
        raw=data,
    )


def _payment(value: object) -> RecordedPayment:
    payment = mapping(value)
    return RecordedPayment(
        id=positive(payment.get("id")),
        payment_sum=number(payment.get("payment_sum")),
        currency_iso=filled(payment.get("currency_iso")),
        payment_date=moment(payment.get("payment_date")),
        period_from=moment(payment.get("period_from")),
        period_to=moment(payment.get("period_to")),
        is_refunded=flag(payment.get("is_refunded")),
        raw=payment,
    )


def _change(value: object) -> StatusChange:
    change = mapping(value)
    return StatusChange(
        changed_at=moment(change.get("changed_at")),
        status_from=filled(change.get("status_from")),
        status_to=filled(change.get("status_to")),
        source=filled(change.get("source")),
    )
