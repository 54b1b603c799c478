"""How a payment whose outcome is unknown is found in the status of its location."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from altegio_partner import Installation, RecordedPayment, StatusChange
from altegio_partner.ledger.matching import NoMatch, match_payment, match_refund, was_reinstalled

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
NOTHING = RecordedPayment(None, None, None, None, None, None, None)
DATES = ("payment_date", "period_from", "period_to")
DAY_AND_ZONES = timedelta(hours=26)
SECOND = timedelta(seconds=1)


def installation(*payments: RecordedPayment) -> Installation:
    return Installation("active", datetime(2022, 1, 1), payments, ())


def without(name: str) -> RecordedPayment:
    changes: dict[str, Any] = {name: None}
    return evolve(RECORDED, **changes)


def shifted(by: timedelta, *names: str) -> RecordedPayment:
    return evolve(RECORDED, **{name: getattr(RECORDED, name) + by for name in names})


PAYLOAD_OF_A_DAY_LATER = {**PAYLOAD, "payment_date": "2022-01-02 10:10:00"}


@pytest.mark.parametrize(
    "payment",
    [
        RECORDED,
        evolve(RECORDED, currency_iso=None),
        evolve(RECORDED, currency_iso="eur"),
        evolve(RECORDED, payment_sum=Decimal("990.9900")),
        evolve(RECORDED, is_refunded=None),
        evolve(RECORDED, payment_date=datetime(2022, 1, 1, 10, 10, tzinfo=UTC)),
    ],
)
def test_a_match(payment: RecordedPayment) -> None:
    others = (
        evolve(RECORDED, id=6, payment_date=datetime(2021, 12, 1)),
        evolve(RECORDED, id=7, period_to=datetime(2022, 3, 1)),
    )
    assert match_payment(PAYLOAD, installation(others[0], payment, others[1]), set(), []) == 5
    unreadable = evolve(NOTHING, id=8)
    assert match_payment(PAYLOAD, installation(unreadable, payment, NOTHING), set(), []) == 5


def test_a_refunded_look_alike_is_not_taken() -> None:
    """It may be another one, of which the customer got the money back."""
    refunded = evolve(RECORDED, is_refunded=True)
    assert match_payment(PAYLOAD, installation(refunded), set(), []) is NoMatch.REFUNDED
    assert match_payment(PAYLOAD, installation(refunded, evolve(RECORDED, id=6)), {5}, []) == 6
    assert match_payment(PAYLOAD, installation(refunded, evolve(RECORDED, id=6)), set(), []) is NoMatch.AMBIGUOUS


def test_identical_payments_are_distinguished_by_the_ids_of_other_keys() -> None:
    both = installation(RECORDED, evolve(RECORDED, id=6))
    assert match_payment(PAYLOAD, both, {5}, []) == 6
    assert match_payment(PAYLOAD, both, {6}, []) == 5
    assert match_payment(PAYLOAD, both, {5, 6}, []) is NoMatch.ABSENT
    assert match_payment(PAYLOAD, both, set(), []) is NoMatch.AMBIGUOUS
    assert match_payment(PAYLOAD, both, set(), [PAYLOAD]) is NoMatch.AMBIGUOUS
    assert match_payment(PAYLOAD, both, {5}, [PAYLOAD]) is NoMatch.COMPETING_CLAIM


def test_competing_claims_are_judged_as_matches_are() -> None:
    """If the status names no currency, a claim in another currency could be this payment just as well."""
    in_dollars = {**PAYLOAD, "currency_iso": "USD"}
    without_currency = installation(evolve(RECORDED, currency_iso=None))
    for payload, other in ((PAYLOAD, in_dollars), (in_dollars, PAYLOAD)):
        assert match_payment(payload, without_currency, set(), [other]) is NoMatch.COMPETING_CLAIM
    assert match_payment(PAYLOAD, installation(RECORDED), set(), [in_dollars]) == 5
    assert match_payment(PAYLOAD, installation(RECORDED), set(), [{**PAYLOAD, "payment_sum": "990.990"}]) is (
        NoMatch.COMPETING_CLAIM
    )
    for other in ({**PAYLOAD, "payment_sum": "991"}, PAYLOAD_OF_A_DAY_LATER):
        assert match_payment(PAYLOAD, installation(RECORDED), set(), [other]) == 5


@pytest.mark.parametrize(
    "payment",
    [
        evolve(RECORDED, payment_sum=Decimal("991.00")),
        evolve(RECORDED, payment_sum=Decimal("990.989999")),
        evolve(RECORDED, currency_iso="USD"),
        evolve(RECORDED, currency_iso="978"),
        evolve(RECORDED, id=None),
        evolve(RECORDED, payment_sum=None),
        *(without(name) for name in DATES),
        evolve(NOTHING, id=5),
        NOTHING,
        *(shifted(sign * SECOND, name) for sign in (-1, 1) for name in DATES),
        *(shifted(sign * DAY_AND_ZONES, *DATES) for sign in (-1, 1)),
    ],
)
def test_what_may_be_it_is_no_match_and_not_absent(payment: RecordedPayment) -> None:
    assert match_payment(PAYLOAD, installation(payment), set(), []) is NoMatch.SIMILAR
    if payment.id:
        assert match_payment(PAYLOAD, installation(payment), {5}, []) is NoMatch.ABSENT
    certain = evolve(RECORDED, id=6)
    both = match_payment(PAYLOAD, installation(payment, certain), set(), [])
    assert both == (6 if payment != evolve(RECORDED, id=None) else NoMatch.AMBIGUOUS)


@pytest.mark.parametrize(
    "payment", [shifted(sign * (DAY_AND_ZONES + SECOND), name) for sign in (-1, 1) for name in DATES]
)
def test_a_different_date_makes_another_payment(payment: RecordedPayment) -> None:
    assert match_payment(PAYLOAD, installation(payment), set(), []) is NoMatch.ABSENT
    assert match_payment(PAYLOAD, installation(evolve(payment, payment_sum=None)), set(), []) is NoMatch.ABSENT


def test_no_payments() -> None:
    nothing: Any = match_payment(PAYLOAD, installation(), set(), [PAYLOAD])
    assert nothing is NoMatch.ABSENT


def test_refunds() -> None:
    refunded = evolve(RECORDED, id=6, is_refunded=True)
    assert match_refund(6, installation(RECORDED, refunded)) == 6
    assert match_refund(5, installation(RECORDED, refunded)) is NoMatch.ABSENT
    for unknown in (installation(RECORDED, refunded), installation(evolve(refunded, id=7, is_refunded=None), NOTHING)):
        assert match_refund(7, unknown) is NoMatch.UNKNOWN_PAYMENT


CLAIMED_AT = datetime(2022, 1, 10, 12, tzinfo=UTC)
LEFT = (StatusChange(None, None, "active", None), StatusChange(None, "active", "uninstalled", None))
STAYED = (StatusChange(None, "uninstalled", "pending", None), StatusChange(None, "active", "freezed", None))


@pytest.mark.parametrize(
    ("hours", "log", "is_later"),
    [
        (-13, LEFT, False),
        (-12, LEFT, False),
        (-11, LEFT, True),
        (-11, STAYED, False),
        (14, STAYED, False),
        (14, (), False),
        (15, STAYED, True),
        (15, (), True),
    ],
)
def test_an_installation_after_the_claim(hours: int, log: tuple[StatusChange, ...], is_later: bool) -> None:
    """In which zone the time of the installation is written is unknown: UTC-12 to UTC+14."""
    created_at = CLAIMED_AT.replace(tzinfo=None) + timedelta(hours=hours)
    assert was_reinstalled(CLAIMED_AT, Installation("active", created_at, (), log)) is is_later
    assert not was_reinstalled(CLAIMED_AT, Installation("active", None, (), log))
