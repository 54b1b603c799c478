"""What it costs to read and check what Altegio sends, beside the least that any check costs."""

import hashlib
import hmac
import json
from base64 import b64decode
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from urllib.parse import parse_qs

from altegio_partner.incoming import Paid, User, callback_body, read_callback, read_registration, registration_query

from .payment import APPLICATION_ID, TOKEN
from .report import Table
from .rounds import costs

_NOON = datetime(2026, 11, 24, 12, 0)  # noqa: DTZ001  the API carries no zone
_PAID = Paid(
    salon_id=123,
    application_id=APPLICATION_ID,
    payment_id=1,
    amount=Decimal("990.99"),
    currency_iso="EUR",
    discount=Decimal(10),
    period_from=_NOON,
    period_to=_NOON,
    payment_date=_NOON,
    tariff_option_id=7,
)
_OWNER = User(
    id=1, name="Ann", phone="+49301234567", email="ann@example.com", is_approved=True, avatar=None, salon_name="Salon"
)


def compare(quick: bool) -> list[Table]:
    """Compare reading and checking with a bare HMAC and a bare parser."""
    table = Table("incoming", "Checked a second, of what Altegio sends", {"a second": ",.0f", "CPU, µs": ".1f"})
    body = callback_body(_PAID, partner_token=TOKEN)
    query = registration_query([123, 124], partner_token=TOKEN, user=_OWNER)

    def digest(message: bytes) -> str:
        return hmac.new(TOKEN.encode(), message, hashlib.sha256).hexdigest()

    def least_callback() -> bool:
        content = json.loads(body)
        signed = f"salon_id={content['salon_id']}&amount={content['amount']}&discount={content['discount']}"
        return hmac.compare_digest(digest(signed.encode()), content["sign"])

    def least_registration() -> bool:
        given = parse_qs(query)
        raw = b64decode(given["user_data"][0])
        return bool(json.loads(raw)) and hmac.compare_digest(digest(raw), given["user_data_sign"][0])

    if not (least_callback() and least_registration()):
        table.problems.append(f"{table.title}: the bare check does not hold")
    cases: dict[str, Callable[[], object]] = {
        "read_callback, a payment": lambda: read_callback(body, partner_token=TOKEN),
        "hmac and json.loads alone, the same": least_callback,
        "read_registration, two locations and a user": lambda: read_registration(query, partner_token=TOKEN),
        "hmac, json.loads and parse_qs alone, the same": least_registration,
    }
    for name, cost in costs(cases, 5 if quick else 31, 100 if quick else 500).items():
        table.rows[name] = {"a second": 1e6 / cost.cpu, "CPU, µs": cost.cpu}
    return [table]
