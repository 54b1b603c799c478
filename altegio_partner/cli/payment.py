"""A payment as people write it, in options or in a row of a file, and as it is shown before it is told."""

from collections.abc import Mapping
from datetime import datetime, time, tzinfo
from typing import Any

from attrs import asdict, fields, frozen

from altegio_partner.bad_argument import bad_argument
from altegio_partner.client import PartnerClient

from .times import read_time, where_from

_FIRST, _LAST = time(0, 0, 0), time(23, 59, 59)


@frozen
class Payment:
    """What `notify_payment` takes."""

    salon_id: int
    payment_sum: str
    currency_iso: str
    payment_date: datetime
    period_from: datetime
    period_to: datetime

    @classmethod
    def read(cls, written: Mapping[str, str]) -> "Payment":
        """Return the payment that is written so, or raise ValueError."""
        salon_id = written["salon_id"]
        if not salon_id.isascii() or not salon_id.isdigit() or len(salon_id) > 19:
            raise bad_argument("salon_id", "the location's number, digits only", salon_id)
        return cls(
            int(salon_id),
            written["payment_sum"],
            written["currency_iso"],
            read_time("payment_date", written["payment_date"]),
            read_time("period_from", written["period_from"], of_date=_FIRST),
            read_time("period_to", written["period_to"], of_date=_LAST),
        )

    def tell(self, client: PartnerClient, idempotency_key: str | None = None) -> int:
        """Tell it to Altegio, and return its id."""
        return client.notify_payment(**asdict(self), idempotency_key=idempotency_key)

    def rows(self, body: Mapping[str, Any], timezone: tzinfo | None) -> list[tuple[str, object, str]]:
        """Return what is sent, field for field, and where the times come from."""
        given = asdict(self)
        times = {name: where_from(value, timezone) for name, value in given.items() if isinstance(value, datetime)}
        return [(name, value, times.get(name, "")) for name, value in body.items()]


COLUMNS = ("idempotency_key", *(field.name for field in fields(Payment)))
"""What a row of a file must have."""
