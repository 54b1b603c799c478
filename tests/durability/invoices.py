"""The reported payments: all different, except for a few that differ in the key only; a few are rejected."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from attrs import frozen

from altegio_partner import Installation

SALONS = range(1, 21)
UNREGISTERED = 21  # it has not completed its registration: Altegio rejects its payments

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
        """The reported values, for comparison with the recorded ones."""
        arguments = self.arguments
        dates = arguments["payment_date"], arguments["period_from"], arguments["period_to"]
        return self.salon_id, Decimal(self.payment_sum), *dates


def invoices(count: int) -> list[Invoice]:
    """Return the first `count` invoices, always the same ones.

    Two at a time have the same month, so that they are similar. The periods are in the future: no location freezes.
    """
    return [_invoice(number) for number in range(count)]


def _invoice(number: int) -> Invoice:
    pair = number // 2
    months, salon = divmod(pair, len(SALONS))
    years, month = divmod(months, 12)
    is_duplicate = number % 20 == 11  # of the previous one, except for the key
    return Invoice(
        key=f"invoice-{number}",
        salon_id=UNREGISTERED if number % 50 == 49 else SALONS[salon],
        payment_sum=f"{100 + number - is_duplicate}.50",
        month=datetime(2050 + years, 1 + month, 1),
    )


def recorded_payments(salon_id: int, installation: Installation) -> Iterator[tuple[int, Values]]:
    """Yield the recorded payments of a location, by id."""
    for one in installation.payments:
        values = one.payment_sum, one.payment_date, one.period_from, one.period_to
        yield cast(int, one.id), cast(Values, (salon_id, *values))  # the sandbox shows them all
