"""Sends callbacks and entity events to the partner, and keeps the responses."""

import json
import re
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, TypeAlias

import httpx
from attrs import field, frozen

from altegio_partner import incoming
from altegio_partner.incoming import EntityEvent, callback_body, event_body
from altegio_partner.transport.certificates import trusted_certificates

from .call_log import MASK, masked
from .locations import LocationEvent

_MAX_DELIVERIES = 1000
_MAX_AT_ONCE = 250  # callbacks that wait for an answer
_TIMEOUT = 5.0  # seconds
_MAX_ANSWER = 2000  # characters
_ERRNO = re.compile(r"^\[Errno -?\d+\] ")


AnyEvent: TypeAlias = LocationEvent | EntityEvent


def _location_of(event: AnyEvent) -> int:
    return event.company_id if isinstance(event, EntityEvent) else event.salon_id


@frozen
class Delivery:
    """A callback or an entity event that was sent, with its token masked, and the partner's response."""

    number: int
    sent_at: datetime
    url: str | None
    """The URL that it was sent to; None without a `callback_url`."""
    content: Mapping[str, object]
    status: int | None
    """The partner's HTTP status; None if there was no response."""
    answer: str
    """The body of the partner's response, or why there was no response."""
    event: AnyEvent = field(repr=False)

    @property
    def salon_id(self) -> int:
        """The location."""
        return _location_of(self.event)

    @property
    def name(self) -> str:
        """The event of a callback, or the resource of an entity event."""
        return self.event.resource if isinstance(self.event, EntityEvent) else self.event.name


class CallbackSender:
    """Sends callbacks, and keeps the latest thousand. Thread-safe; sending blocks."""

    def __init__(self, application_id: int, partner_token: str, transport: httpx.BaseTransport | None) -> None:
        self.count = 0
        self._latest = deque[Delivery](maxlen=_MAX_DELIVERIES)
        self._lock = threading.Lock()
        self._application_id = application_id
        self._partner_token = partner_token
        self._transport = transport

    @property
    def latest(self) -> list[Delivery]:
        """The latest thousand, oldest first."""
        with self._lock:
            return list(self._latest)

    def deliver(self, events: Sequence[AnyEvent], url: str | None, now: datetime) -> list[Delivery]:
        """Send callbacks or entity events, if there is a URL, and return them with the responses.

        Those of a location are sent one after the other. Those of different locations are sent at the same time, so
        that a server that hangs does not delay them by minutes; but a `callback_transport` gets one at a time.
        """
        of_locations: dict[int, list[AnyEvent]] = {}
        for event in events:
            of_locations.setdefault(0 if self._transport else _location_of(event), []).append(event)
        groups = [partial(self._deliver_in_order, group, url, now) for group in of_locations.values()]
        if len(groups) > 1 and url is not None:
            return [one for sent in _at_the_same_time(groups) for one in sent]
        return [one for deliver in groups for one in deliver()]

    def _deliver_in_order(self, events: list[AnyEvent], url: str | None, now: datetime) -> list[Delivery]:
        return [self._deliver(event, url, now) for event in events]

    def _deliver(self, event: AnyEvent, url: str | None, now: datetime) -> Delivery:
        if isinstance(event, EntityEvent):
            body = event_body(event)
        else:
            body = callback_body(_callback(event, self._application_id), partner_token=self._partner_token)
        status, answer = self._post(url, body) if url else (None, "Not sent: the sandbox has no callback_url.")
        shown = json.loads(body)
        shown |= {"partner_token": MASK} if "partner_token" in shown else {}
        answer = masked(answer, self._partner_token)[:_MAX_ANSWER]
        with self._lock:
            self.count += 1
            delivery = Delivery(self.count, now, url, shown, status, answer, event)
            self._latest.append(delivery)
        return delivery

    def clear(self) -> None:
        """Remove all callbacks."""
        with self._lock:
            self._latest.clear()
            self.count = 0

    def _post(self, url: str, body: bytes) -> tuple[int | None, str]:
        headers = {"User-Agent": "altegio-sandbox", "Content-Type": "application/json"}
        try:
            verify = trusted_certificates()  # read once, which takes as long as all else
            with httpx.Client(transport=self._transport, verify=verify, trust_env=False, timeout=_TIMEOUT) as http:
                answer = http.post(url, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return None, f"No answer: {_ERRNO.sub('', str(error)) or type(error).__name__}"
        return answer.status_code, answer.text


def _at_the_same_time(functions: Sequence[Callable[[], list[Delivery]]]) -> list[list[Delivery]]:
    """Call functions in daemon threads, and return their results."""
    slots = threading.BoundedSemaphore(_MAX_AT_ONCE)
    futures: list[Future[list[Delivery]]] = []

    def call(function: Callable[[], list[Delivery]], future: Future[list[Delivery]]) -> None:
        try:
            future.set_result(function())
        except Exception as error:  # noqa: BLE001  raised again below
            future.set_exception(error)
        finally:
            slots.release()

    for function in functions:
        slots.acquire()
        futures.append(Future())
        threading.Thread(target=call, args=(function, futures[-1]), daemon=True).start()
    return [future.result() for future in futures]


def _callback(event: LocationEvent, application_id: int) -> incoming.Event:
    """Return the callback for an event."""
    ids: dict[str, Any] = {"salon_id": event.salon_id, "application_id": application_id}
    if event.payment is None:
        return (incoming.Uninstalled if event.name == "uninstall" else incoming.Frozen)(**ids)
    return incoming.Paid(
        **ids,
        payment_id=event.payment.id,
        amount=event.payment.payment_sum,
        currency_iso=event.payment.currency_iso,
        discount=None if event.discount is None else Decimal(event.discount),
        period_from=event.payment.period_from,
        period_to=event.payment.period_to,
        payment_date=event.payment.payment_date,
        tariff_option_id=event.tariff_option_id,
    )
