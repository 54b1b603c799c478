"""Lifecycle callbacks on their way to the partner, and what the partner answers."""

import json
import threading
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx
from attrs import field, frozen

from altegio_partner import incoming
from altegio_partner.incoming import callback_body

from .exchange import MASK, masked
from .locations import Event

_KEPT = 1000
_TIMEOUT = 5.0  # seconds
_LONGEST_ANSWER = 2000  # characters that are kept


@frozen
class Delivery:
    """One callback that was sent, its token masked, and the partner's answer."""

    number: int
    sent_at: datetime
    content: Mapping[str, object]
    status: int | None
    """The partner's HTTP status; None when there was no answer."""
    answer: str
    """The partner's words, or why there are none."""
    event: Event = field(repr=False)


class Callbacks:
    """Sends callbacks, and keeps the latest thousand. For any thread: sending takes its time."""

    def __init__(self, application_id: int, partner_token: str, transport: httpx.BaseTransport | None) -> None:
        self.count = 0
        self._latest = deque[Delivery](maxlen=_KEPT)
        self._lock = threading.Lock()
        self._application_id = application_id
        self._partner_token = partner_token
        self._transport = transport

    @property
    def latest(self) -> list[Delivery]:
        """The latest thousand, oldest first."""
        with self._lock:
            return list(self._latest)

    def deliver(self, event: Event, url: str | None, now: datetime) -> Delivery:
        """Send a callback, if there is where to, and keep the answer."""
        body = callback_body(_told(event, self._application_id), partner_token=self._partner_token)
        status, answer = self._post(url, body) if url else (None, "Not sent: the sandbox has no callback_url.")
        shown = {**json.loads(body), "partner_token": MASK}
        answer = masked(answer, self._partner_token)[:_LONGEST_ANSWER]
        with self._lock:
            self.count += 1
            delivery = Delivery(self.count, now, shown, status, answer, event)
            self._latest.append(delivery)
        return delivery

    def clear(self) -> None:
        """Forget all callbacks."""
        with self._lock:
            self._latest.clear()
            self.count = 0

    def _post(self, url: str, body: bytes) -> tuple[int | None, str]:
        headers = {"User-Agent": "altegio-sandbox", "Content-Type": "application/json"}
        try:
            with httpx.Client(transport=self._transport, trust_env=False, timeout=_TIMEOUT) as http:
                answer = http.post(url, content=body, headers=headers)
        except httpx.HTTPError as error:
            return None, f"No answer: {error or type(error).__name__}"
        return answer.status_code, answer.text


def _told(event: Event, application_id: int) -> incoming.Event:
    """Return what the partner is told of an event."""
    where: dict[str, Any] = {"salon_id": event.salon_id, "application_id": application_id}
    if event.payment is None:
        return (incoming.Uninstalled if event.name == "uninstall" else incoming.Frozen)(**where)
    return incoming.Paid(
        **where,
        payment_id=event.payment.id,
        amount=event.payment.payment_sum,
        currency_iso=event.payment.currency_iso,
        discount=None if event.discount is None else Decimal(event.discount),
        period_from=event.payment.period_from,
        period_to=event.payment.period_to,
        payment_date=event.payment.payment_date,
        tariff_option_id=event.tariff_option_id,
    )
