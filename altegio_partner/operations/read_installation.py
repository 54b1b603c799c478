"""Read the status of the application from Altegio's response: what can be read, and None for what cannot.

Only the list of payments must be there: where it is missing, a payment would look as if it was not recorded.
"""

from typing import Any, TypeVar, cast

from altegio_partner_api.models import ConnectionStatus, InstallationLog, InstallationPayment
from attrs import fields

from altegio_partner.installation import Installation, RecordedPayment, StatusChange
from altegio_partner.values.reading import filled, flag, items, mapping, moment, number, positive

M = TypeVar("M", ConnectionStatus, InstallationLog, InstallationPayment)


def read_installation(answer: dict[str, Any]) -> Installation:
    """Read Altegio's response, or raise the errors of parsing."""
    data = answer["data"]
    if data["payments"] is None:
        raise TypeError
    connection, logs = _model(ConnectionStatus, data.get("connection_status")), data.get("logs")
    return Installation(
        status=filled(connection.status),
        created_at=moment(connection.created_at),
        payments=tuple(map(_payment, items(data["payments"]))),
        log=tuple(map(_change, items(cast(object, logs) if isinstance(logs, (list, dict)) else []))),
        raw=data,
    )


def _payment(value: object) -> RecordedPayment:
    payment = _model(InstallationPayment, value)
    return RecordedPayment(
        id=positive(payment.id),
        payment_sum=number(payment.payment_sum),
        currency_iso=filled(payment.currency_iso),
        payment_date=moment(payment.payment_date),
        period_from=moment(payment.period_from),
        period_to=moment(payment.period_to),
        is_refunded=flag(payment.is_refunded),
        raw=mapping(value),
    )


def _change(value: object) -> StatusChange:
    change = _model(InstallationLog, value)
    return StatusChange(
        moment(change.changed_at), filled(change.status_from), filled(change.status_to), filled(change.source)
    )


def _model(kind: type[M], value: object) -> M:
    """Return what is there, with None for what is not."""
    return kind.from_dict({**{field.name: None for field in fields(kind) if field.init}, **mapping(value)})
