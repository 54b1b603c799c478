"""What is reported: payments that all differ, a few twins that differ in their keys only, a few that are rejected."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from attrs import frozen

from altegio_partner import Installation

SALONS = range(1, 21)
UNREGISTERED = 21  # its owner has clicked Connect, and no more: Altegio refuses payments of it

Values = tuple[int, Decimal, datetime, datetime, datetime]


@frozen
class Invoice:
    """A payment of a location, to be reported once."""

    key: str
    salon_id: int
    payment_sum: str
    month: datetime

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments for `notify_payment`."""
        return {
            "salon_id": self.salon_id,
            "payment_sum": self.payment_sum,
            "currency_iso": "EUR",
            "payment_date": self.month - timedelta(days=5),
            "period_from": self.month,
            "period_to": self.month + timedelta(days=27),
            "idempotency_key": self.key,
        }

    @property
    def values(self) -> Values:
        """What is reported, to be compared with what is recorded."""
        given = self.arguments
        dates = given["payment_date"], given["period_from"], given["period_to"]
        return self.salon_id, Decimal(self.payment_sum), *dates


def invoices(count: int) -> list[Invoice]:
    """Return this many, always the same ones.

    Two at a time are of one month, so that each looks like the other. The periods are yet to come: no location freezes.
    """
    return [_invoice(number) for number in range(count)]


def _invoice(number: int) -> Invoice:
    pair = number // 2
    months, salon = divmod(pair, len(SALONS))
    years, month = divmod(months, 12)
    is_twin = number % 20 == 11  # of the one before
    return Invoice(
        key=f"invoice-{number}",
        salon_id=UNREGISTERED if number % 50 == 49 else SALONS[salon],
        payment_sum=f"{100 + number - is_twin}.50",
        month=datetime(2050 + years, 1 + month, 1),
    )


def recorded(salon_id: int, installation: Installation) -> Iterator[tuple[int, Values]]:
    """Return what Altegio has recorded at a location, by id."""
    for one in installation.payments:
        yield one.id, (salon_id, one.payment_sum, one.payment_date, one.period_from, one.period_to)
