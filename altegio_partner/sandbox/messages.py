"""What Altegio sends to a partner, signed as Altegio signs it: the owner's browser, and lifecycle callbacks."""

import hmac
import json
from base64 import b64encode
from decimal import Decimal
from urllib.parse import urlencode

from attrs import asdict, frozen

from .locations import Event


@frozen
class User:
    """The owner who connects a location, as Altegio describes one to applications that ask for user data."""

    id: int = 1
    name: str = "Zoë Fake"
    phone: str = "+10000000000"
    email: str = "zoe@example.com"
    is_approved: bool = True
    avatar: str = "https://example.com/zoe.png"
    salon_name: str = "Fake Salon"


def registration_query(salon_id: int, user: User | None, partner_token: str) -> str:
    """Write the query with which Altegio sends the owner's browser to the partner's registration page.

    The signature is over the decoded JSON, and does not cover the location: so it is at Altegio.
    """
    query: dict[str, str] = {"salon_id": str(salon_id)}
    if user is not None:
        user_data = json.dumps(asdict(user), ensure_ascii=False).encode()
        query["user_data"] = b64encode(user_data).decode()
        query["user_data_sign"] = _signature(user_data, partner_token)
    return urlencode(query)


def callback(event: Event, application_id: int, partner_token: str) -> dict[str, object]:
    """Write the content of a lifecycle callback. It carries the token: that is how a partner knows it from a fake."""
    content: dict[str, object] = {
        "salon_id": event.salon_id,
        "application_id": application_id,
        "event": event.name,
        "partner_token": partner_token,
    }
    if event.payment is not None:
        amount = _shortest(event.payment.payment_sum)
        signed = f"salon_id={event.salon_id}&amount={json.dumps(amount)}"
        if event.discount is not None:
            signed += f"&discount={event.discount}"
        content |= {
            "payment_id": event.payment.id,
            "amount": amount,
            "currency_iso": event.payment.currency_iso,
            "discount": event.discount,
            "period_from": str(event.payment.period_from),
            "period_to": str(event.payment.period_to),
            "payment_date": str(event.payment.payment_date),
            "tariff_option_id": event.tariff_option_id,
            "sign": _signature(signed.encode(), partner_token),
        }
    return content


def _shortest(amount: Decimal) -> int | float:
    """Return the number as JavaScript writes it, 100 and not 100.0: how the server writes it is unknown."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def _signature(message: bytes, partner_token: str) -> str:
    return hmac.digest(partner_token.encode(), message, "sha256").hex()
