"""Find a call whose outcome is unknown in the status of its location. Pure: no database, no clock."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum

from altegio_partner.installation import Installation, RecordedPayment

_MAX_SHIFT = timedelta(hours=26)  # between two time zones: the zone of the dates in Altegio's status is unknown
_FURTHEST_WEST, _FURTHEST_EAST = timedelta(hours=12), timedelta(hours=14)  # the largest offsets from UTC
_INSTALLED = ("pending", "active", "freezed")
_DATES = ("payment_date", "period_from", "period_to")


class NoMatch(Enum):
    """Why no payment in the status can be identified as the one that was reported."""

    ABSENT = "Altegio's status does not show it"
    AMBIGUOUS = "more than one payment in Altegio's status matches it"
    REFUNDED = "the payment in Altegio's status that matches it was refunded"
    SIMILAR = "Altegio's status shows a payment that differs from it slightly, or that cannot be read"
    COMPETING_CLAIM = "another pending key matches the same payment"
    FOREIGN = "the payment in Altegio's status that matches it may be that of a key of another application"
    REINSTALLED = "the application was installed at the location again, and earlier payments may not be shown"
    UNKNOWN_PAYMENT = "Altegio's status does not show the payment to be refunded, or not whether it was"


def match_payment(
    payload: Mapping[str, str],
    installation: Installation,
    taken_ids: Collection[int],
    competing_claims: Collection[Mapping[str, str]],
) -> int | NoMatch:
    """Return the id of the payment that was reported with this payload, or why it cannot be identified.

    Args:
        payload: The reported values.
        installation: The status of the location.
        taken_ids: The ids of payments that belong to other keys. They do not match.
        competing_claims: The payloads of the location's other pending claims.
    """
    available = [payment for payment in installation.payments if payment.id not in taken_ids]
    same = [payment for payment in available if _is_same(payload, payment)]
    if len(same) > 1:
        return NoMatch.AMBIGUOUS
    if not same:
        return NoMatch.SIMILAR if any(_is_similar(payload, payment) for payment in available) else NoMatch.ABSENT
    (found,) = same
    if any(_is_same(claim, found) for claim in competing_claims):
        return NoMatch.COMPETING_CLAIM
    if found.is_refunded or found.id is None:
        return NoMatch.REFUNDED if found.is_refunded else NoMatch.SIMILAR
    return found.id


def match_refund(payment_id: int, installation: Installation) -> int | NoMatch:
    """Return the id of the payment if it was refunded, or why that is not known."""
    for payment in installation.payments:
        if payment.id == payment_id and payment.is_refunded is not None:
            return payment_id if payment.is_refunded else NoMatch.ABSENT
    return NoMatch.UNKNOWN_PAYMENT


def was_reinstalled(claimed_at: datetime, installation: Installation) -> bool:
    """Return whether the application was installed after this time, in UTC, so that earlier payments may be missing.

    The zone of `created_at` is unknown, so its day may be the day of the claim: then the log decides.
    """
    created_at = installation.created_at
    if created_at is None:
        return False
    difference = created_at.replace(tzinfo=None) - claimed_at.replace(tzinfo=None)
    was_removed = any(change.status_from and change.status_to not in _INSTALLED for change in installation.log)
    return difference > _FURTHEST_EAST or (difference > -_FURTHEST_WEST and was_removed)


def _is_same(payload: Mapping[str, str], payment: RecordedPayment) -> bool:
    return (
        Decimal(payload["payment_sum"]) == payment.payment_sum
        and (payment.currency_iso or payload["currency_iso"]).upper() == payload["currency_iso"]
        and all(_difference(payload, payment, name) == timedelta(0) for name in _DATES)
    )


def _is_similar(payload: Mapping[str, str], payment: RecordedPayment) -> bool:
    """Return whether it could be the same payment: with dates in another zone or unreadable, or a rounded amount."""
    differences = [_difference(payload, payment, name) for name in _DATES]
    return all(difference is None or abs(difference) <= _MAX_SHIFT for difference in differences)


def _difference(payload: Mapping[str, str], payment: RecordedPayment, name: str) -> timedelta | None:
    recorded: datetime | None = getattr(payment, name)
    return None if recorded is None else recorded.replace(tzinfo=None) - datetime.fromisoformat(payload[name])
