"""The payment that all comparisons tell, as our client takes it and as it stands on the wire."""

from datetime import datetime
from typing import Any

TOKEN = "benchmark-partner-token-0123456789"  # noqa: S105  of nobody
APPLICATION_ID = 123
PATH = "/marketplace/partner/payment"
HOST = "https://app.alteg.io"
ARGUMENTS: dict[str, Any] = {
    "salon_id": 123,
    "payment_sum": "990.99",
    "currency_iso": "EUR",
    "payment_date": datetime(2026, 11, 24, 12, 0),  # noqa: DTZ001  the API carries no zone
    "period_from": datetime(2026, 12, 1),  # noqa: DTZ001
    "period_to": datetime(2026, 12, 31, 23, 59, 59),  # noqa: DTZ001
}
WIRE: dict[str, Any] = {
    "salon_id": 123,
    "application_id": APPLICATION_ID,
    "payment_sum": 990.99,
    "currency_iso": "EUR",
    "payment_date": "2026-11-24 12:00:00",
    "period_from": "2026-12-01 00:00:00",
    "period_to": "2026-12-31 23:59:59",
}
HEADERS = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/vnd.api.v2+json"}
