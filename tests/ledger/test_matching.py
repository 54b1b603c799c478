"""How a payment whose outcome is unknown is found in the status of its location."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from altegio_partner import Installation, RecordedPayment
from altegio_partner.ledger.matching import NoMatch, match_payment, match_refund

PAYLOAD = {
    "payment_sum": "990.99",
    "currency_iso": "EUR",
    "payment_date": "2022-01-01 10:10:00",
    "period_from": "2022-01-01 00:00:00",
    "period_to": "2022-01-31 23:59:59",
}
RECORDED = RecordedPayment(
    id=5,
    payment_sum=Decimal("990.99"),
    currency_iso="EUR",
    payment_date=datetime(2022, 1, 1, 10, 10),
    period_from=datetime(2022, 1, 1),
    period_to=datetime(2022, 1, 31, 23, 59, 59),
    is_refunded=False,
)
DATES = ("payment_date", "period_from", "period_to")
DAY_AND_ZONES = timedelta(hours=26)
SECOND = timedelta(seconds=1)


def installation(*payments: RecordedPayment) -> Installation:
    return Installation("active", datetime(2022, 1, 1), payments, ())


def shifted(by: timedelta, *names: str) -> RecordedPayment:
    return evolve(RECORDED, **{name: getattr(RECORDED, name) + by for name in names})


@pytest.mark.parametrize(
    "payment",
    [
        RECORDED,
        evolve(RECORDED, currency_iso=None),
        evolve(RECORDED, payment_sum=Decimal("990.9900")),
        evolve(RECORDED, is_refunded=True),
        evolve(RECORDED, payment_date=RECORDED.payment_date.replace(tzinfo=UTC)),
    ],
)
def test_a_match(payment: RecordedPayment) -> None:
    others = (
        evolve(RECORDED, id=6, payment_date=datetime(2021, 12, 1)),
        evolve(RECORDED, id=7, period_to=datetime(2022, 3, 1)),
    )
    assert match_payment(PAYLOAD, installation(others[0], payment, others[1]), set(), 0) == 5


def test_identical_payments_are_distinguished_by_the_ids_of_other_keys() -> None:
    both = installation(RECORDED, evolve(RECORDED, id=6))
    assert match_payment(PAYLOAD, both, {5}, 0) == 6
    assert match_payment(PAYLOAD, both, {6}, 0) == 5
    assert match_payment(PAYLOAD, both, {5, 6}, 0) is NoMatch.ABSENT
    assert match_payment(PAYLOAD, both, set(), 0) is NoMatch.AMBIGUOUS
    assert match_payment(PAYLOAD, both, set(), 1) is NoMatch.AMBIGUOUS
    assert match_payment(PAYLOAD, both, {5}, 1) is NoMatch.COMPETING_CLAIM


@pytest.mark.parametrize(
    "payment",
    [
        evolve(RECORDED, payment_sum=Decimal("991.00")),
        evolve(RECORDED, currency_iso="USD"),
        *(shifted(sign * SECOND, name) for sign in (-1, 1) for name in DATES),
        *(shifted(sign * DAY_AND_ZONES, *DATES) for sign in (-1, 1)),
    ],
)
def test_a_similar_payment_is_no_match(payment: RecordedPayment) -> None:
    assert match_payment(PAYLOAD, installation(payment), set(), 0) is NoMatch.SIMILAR
    assert match_payment(PAYLOAD, installation(payment), {5}, 0) is NoMatch.ABSENT
    assert match_payment(PAYLOAD, installation(payment, evolve(RECORDED, id=6)), set(), 0) == 6


@pytest.mark.parametrize(
    "payment", [shifted(sign * (DAY_AND_ZONES + SECOND), name) for sign in (-1, 1) for name in DATES]
)
def test_a_different_date_makes_another_payment(payment: RecordedPayment) -> None:
    assert match_payment(PAYLOAD, installation(payment), set(), 0) is NoMatch.ABSENT


def test_no_payments() -> None:
    nothing: Any = match_payment(PAYLOAD, installation(), set(), 3)
    assert nothing is NoMatch.ABSENT


def test_refunds() -> None:
    refunded = evolve(RECORDED, id=6, is_refunded=True)
    assert match_refund(6, installation(RECORDED, refunded)) == 6
    assert match_refund(5, installation(RECORDED, refunded)) is NoMatch.ABSENT
    assert match_refund(7, installation(RECORDED, refunded)) is NoMatch.UNKNOWN_PAYMENT
