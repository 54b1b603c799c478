"""What the status of a location says about a call whose outcome is unknown. Pure: no database, no clock."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum

from altegio_partner.installation import Installation, RecordedPayment

_FARTHEST = timedelta(hours=26)  # between the clocks of two time zones; in which one Altegio tells dates is unknown
_DATES = ("payment_date", "period_from", "period_to")


class Verdict(Enum):
    """What is known of a call that no payment with an id of its own proves."""

    ABSENT = "it is not there"
    SEVERAL = "more than one payment could be it"
    SIMILAR = "a payment is there that differs from it a little"
    TWINS = "another key waits for the same payment"
    MISSING = "the payment that was to be refunded is not there"


def of_payment(
    values: Mapping[str, str], installation: Installation, given: Collection[int], twins: int
) -> int | Verdict:
    """Return the id of the payment that was told with these values, or why none can be named.

    Args:
        values: What was told.
        installation: What Altegio has recorded at the location.
        given: The ids that other keys have got: equal payments are told apart by them.
        twins: How many other calls with the same values wait to be decided.
    """
    free = [payment for payment in installation.payments if payment.id not in given]
    same = [payment for payment in free if _is_same(values, payment)]
    if len(same) > 1:
        return Verdict.SEVERAL
    if same:
        return Verdict.TWINS if twins else same[0].id
    return Verdict.SIMILAR if any(_is_similar(values, payment) for payment in free) else Verdict.ABSENT


def of_refund(payment_id: int, installation: Installation) -> int | Verdict:
    """Return the id of the payment if its money was given back, or why that cannot be said."""
    for payment in installation.payments:
        if payment.id == payment_id:
            return payment_id if payment.is_refunded else Verdict.ABSENT
    return Verdict.MISSING


def _is_same(values: Mapping[str, str], payment: RecordedPayment) -> bool:
    return (
        Decimal(values["payment_sum"]) == payment.payment_sum
        and payment.currency_iso in (None, values["currency_iso"])
        and all(_apart(values, payment, name) == timedelta(0) for name in _DATES)
    )


def _is_similar(values: Mapping[str, str], payment: RecordedPayment) -> bool:
    """Say whether it may be the same payment after all, told in another zone or with a rounded sum."""
    return all(abs(_apart(values, payment, name)) <= _FARTHEST for name in _DATES)


def _apart(values: Mapping[str, str], payment: RecordedPayment, name: str) -> timedelta:
    told: datetime = getattr(payment, name)
    return told.replace(tzinfo=None) - datetime.fromisoformat(values[name])
