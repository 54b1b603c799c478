"""Lifecycle callbacks on their way to the partner, and what the partner answers."""

import threading
from collections import deque
from collections.abc import Mapping
from datetime import datetime

import httpx
from attrs import field, frozen

from .exchange import MASK, masked
from .locations import Event
from .messages import callback

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
        content = callback(event, self._application_id, self._partner_token)
        status, answer = self._post(url, content) if url else (None, "Not sent: the sandbox has no callback_url.")
        shown = {**content, "partner_token": MASK}
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

    def _post(self, url: str, content: Mapping[str, object]) -> tuple[int | None, str]:
        try:
            with httpx.Client(transport=self._transport, trust_env=False, timeout=_TIMEOUT) as http:
                answer = http.post(url, json=content, headers={"User-Agent": "altegio-sandbox"})
        except httpx.HTTPError as error:
            return None, f"No answer: {error or type(error).__name__}"
        return answer.status_code, answer.text
