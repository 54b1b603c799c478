"""Find a call whose outcome is unknown in the status of its location. Pure: no database, no clock."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum

from altegio_partner.installation import Installation, RecordedPayment

_MAX_SHIFT = timedelta(hours=26)  # between two time zones: the zone of the dates in Altegio's status is unknown
_DATES = ("payment_date", "period_from", "period_to")


class NoMatch(Enum):
    """Why no payment of the status is certain to be the one that was reported."""

    ABSENT = "Altegio's status does not show it"
    AMBIGUOUS = "more than one payment in Altegio's status matches it"
    SIMILAR = "Altegio's status shows a payment that differs from it slightly"
    COMPETING_CLAIM = "another pending key matches the same payment"
    UNKNOWN_PAYMENT = "Altegio's status does not show the payment to be refunded"


def match_payment(
    payload: Mapping[str, str], installation: Installation, taken_ids: Collection[int], competing_claims: int
) -> int | NoMatch:
    """Return the id of the payment that was reported with this payload, or why it cannot be identified.

    Args:
        payload: The reported values.
        installation: The status of the location.
        taken_ids: The payments that belong to other keys: they distinguish identical payments.
        competing_claims: How many other calls with the same payload are pending.
    """
    available = [payment for payment in installation.payments if payment.id not in taken_ids]
    same = [payment for payment in available if _is_same(payload, payment)]
    if len(same) > 1:
        return NoMatch.AMBIGUOUS
    if same:
        return NoMatch.COMPETING_CLAIM if competing_claims else same[0].id
    return NoMatch.SIMILAR if any(_is_similar(payload, payment) for payment in available) else NoMatch.ABSENT


def match_refund(payment_id: int, installation: Installation) -> int | NoMatch:
    """Return the id of the payment if it was refunded, or why that is not known."""
    for payment in installation.payments:
        if payment.id == payment_id:
            return payment_id if payment.is_refunded else NoMatch.ABSENT
    return NoMatch.UNKNOWN_PAYMENT


def _is_same(payload: Mapping[str, str], payment: RecordedPayment) -> bool:
    return (
        Decimal(payload["payment_sum"]) == payment.payment_sum
        and payment.currency_iso in (None, payload["currency_iso"])
        and all(_difference(payload, payment, name) == timedelta(0) for name in _DATES)
    )


def _is_similar(payload: Mapping[str, str], payment: RecordedPayment) -> bool:
    """Return whether it could be the same payment, with dates in another time zone or a rounded amount."""
    return all(abs(_difference(payload, payment, name)) <= _MAX_SHIFT for name in _DATES)


def _difference(payload: Mapping[str, str], payment: RecordedPayment, name: str) -> timedelta:
    recorded: datetime = getattr(payment, name)
    return recorded.replace(tzinfo=None) - datetime.fromisoformat(payload[name])
