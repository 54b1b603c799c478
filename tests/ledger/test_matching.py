"""What the status of a location says about a payment, whose outcome is unknown."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from altegio_partner import Installation, RecordedPayment
from altegio_partner.ledger.verdict import Verdict, of_payment, of_refund

TOLD = {
    "payment_sum": "990.99",
    "currency_iso": "EUR",
    "payment_date": "2022-01-01 10:10:00",
    "period_from": "2022-01-01 00:00:00",
    "period_to": "2022-01-31 23:59:59",
}
IT = RecordedPayment(
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
    return evolve(IT, **{name: getattr(IT, name) + by for name in names})


@pytest.mark.parametrize(
    "payment",
    [
        IT,
        evolve(IT, currency_iso=None),
        evolve(IT, payment_sum=Decimal("990.9900")),
        evolve(IT, is_refunded=True),
        evolve(IT, payment_date=IT.payment_date.replace(tzinfo=UTC)),
    ],
)
def test_it_is_there(payment: RecordedPayment) -> None:
    others = evolve(IT, id=6, payment_date=datetime(2021, 12, 1)), evolve(IT, id=7, period_to=datetime(2022, 3, 1))
    assert of_payment(TOLD, installation(others[0], payment, others[1]), set(), 0) == 5


def test_equal_ones_are_told_apart_by_what_others_have_got() -> None:
    both = installation(IT, evolve(IT, id=6))
    assert of_payment(TOLD, both, {5}, 0) == 6
    assert of_payment(TOLD, both, {6}, 0) == 5
    assert of_payment(TOLD, both, {5, 6}, 0) is Verdict.ABSENT
    assert of_payment(TOLD, both, set(), 0) is Verdict.SEVERAL
    assert of_payment(TOLD, both, set(), 1) is Verdict.SEVERAL
    assert of_payment(TOLD, both, {5}, 1) is Verdict.TWINS


@pytest.mark.parametrize(
    "payment",
    [
        evolve(IT, payment_sum=Decimal("991.00")),
        evolve(IT, currency_iso="USD"),
        *(shifted(sign * SECOND, name) for sign in (-1, 1) for name in DATES),
        *(shifted(sign * DAY_AND_ZONES, *DATES) for sign in (-1, 1)),
    ],
)
def test_what_differs_a_little_may_be_it(payment: RecordedPayment) -> None:
    assert of_payment(TOLD, installation(payment), set(), 0) is Verdict.SIMILAR
    assert of_payment(TOLD, installation(payment), {5}, 0) is Verdict.ABSENT
    assert of_payment(TOLD, installation(payment, evolve(IT, id=6)), set(), 0) == 6


@pytest.mark.parametrize(
    "payment", [shifted(sign * (DAY_AND_ZONES + SECOND), name) for sign in (-1, 1) for name in DATES]
)
def test_what_differs_in_a_date_is_another_payment(payment: RecordedPayment) -> None:
    assert of_payment(TOLD, installation(payment), set(), 0) is Verdict.ABSENT


def test_nothing_is_there() -> None:
    nothing: Any = of_payment(TOLD, installation(), set(), 3)
    assert nothing is Verdict.ABSENT


def test_refunds() -> None:
    refunded = evolve(IT, id=6, is_refunded=True)
    assert of_refund(6, installation(IT, refunded)) == 6
    assert of_refund(5, installation(IT, refunded)) is Verdict.ABSENT
    assert of_refund(7, installation(IT, refunded)) is Verdict.MISSING
