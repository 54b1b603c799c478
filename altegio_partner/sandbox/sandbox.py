"""The public class `Sandbox`: a local Altegio, its clock, the injected faults, and what it recorded."""

import ssl
import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from attrs import asdict, evolve

from altegio_partner.auth import checked_token
from altegio_partner.bad_argument import bad_argument
from altegio_partner.dates import wire_datetime, wire_period
from altegio_partner.extras import extra
from altegio_partner.ids import wire_id
from altegio_partner.incoming import EntityEvent, User, registration_query
from altegio_partner.money import wire_currency, wire_sum
from altegio_partner.urls import absolute

from .api import Behavior, Request, Response, json_response
from .assertions import Assertions
from .call_log import CallLog, Exchange
from .callback_delivery import CallbackSender, Delivery
from .dispatch import AltegioAPI
from .endpoints import OperationName
from .entity_events import EventStatus, Resource, entity_event, flag_of
from .faults import (
    FAULT_HEADER,
    FAULTS,
    CallFacts,
    CallFilter,
    FaultName,
    FaultSchedule,
    PendingFault,
    fault_of_header,
)
from .hooks import subscribed
from .json_views import Json, delivery_view, exchange_view, payment_view
from .limits import RateLimits
from .location_state import Installation, Payment, Status
from .locations import DEFAULT_PERIOD, LocationEvent, Locations, Terms
from .seeds import Seed, apply_seed
from .server import serving
from .transport import SandboxTransport

_DEFAULT_TOKEN = "sandbox-partner-token"  # noqa: S105  not a secret
_DEFAULT_USER_TOKEN = "sandbox-user-token"  # noqa: S105  not a secret
_MAX_TERM = timedelta(days=3660)
_TERMS = Terms()
_ZERO = timedelta(0)
_MAX_DELIVERIES = 10
_MAX_STATUS_DELAY = timedelta(days=1)
_MAX_TIME = datetime(9990, 1, 1)  # noqa: DTZ001  Altegio's dates have no zone


class Sandbox(Assertions):
    """A local Altegio that records locations and payments, in memory or in a file.

    Use it without a socket, as the `transport` of a client, or over HTTP, with `serve`.

    Args:
        partner_token: The token to accept.
        user_token: The token of your application's user, for webhook settings and the history of calls.
        application_id: The id of your application.
        redirects: Whether a registration is answered with 301 and a `Location`, or with 200. Both are documented.
        bodies: Whether to send a body even with a 301, and with successes that are documented without one.
        lenient: Whether to accept calls that PHP would accept, and that the sandbox rejects only because it is unknown
            whether Altegio does: see "What it cannot show".
        trial: How long an application works without a payment. At Altegio, you set it in the Developer Cabinet.
        freeze_delay: How long after the trial or the paid period it is frozen. Altegio says: within 24 hours.
        refund_freeze_delay: How long after the refund of the current period it is frozen. Altegio says: within an hour.
        status_delay: How long the status of a location lags behind. Altegio caches it for up to an hour.
        rate_limits: Whether to answer 429 to more than 5 calls a second or 200 a minute.
        retry_after: Whether a 429 has a `Retry-After` header. Whether Altegio sends one is unknown.
        now: The initial time of its clock, local and naive. Default: the time of this machine.
        stop_clock: Whether its clock stands still. Then only `advance` and delays move it, and delays take no time.
        state: An SQLite file that stores the state, created if missing. Default: the state is kept in memory.
        registration_url: The URL of your page to which Altegio sends owners who click Connect.
        callback_url: The URL of your server that gets callbacks: `uninstall`, `freeze`, `payment`. Default: none.
        callback_transport: Delivers callbacks instead of the network, for example `httpx.WSGITransport(app)`.

    Raises:
        ValueError: An argument is invalid, or the state file is in use or not a state file.
    """

    def __init__(
        self,
        *,
        partner_token: str = _DEFAULT_TOKEN,
        user_token: str = _DEFAULT_USER_TOKEN,
        application_id: int = 123,
        redirects: bool = True,
        bodies: bool = False,
        lenient: bool = False,
        trial: timedelta = _TERMS.trial,
        freeze_delay: timedelta = _TERMS.freeze_delay,
        refund_freeze_delay: timedelta = _TERMS.refund_freeze_delay,
        status_delay: timedelta = _ZERO,
        rate_limits: bool = False,
        retry_after: bool = True,
        now: datetime | None = None,
        stop_clock: bool = False,
        state: Path | str | None = None,
        registration_url: str | None = None,
        callback_url: str | None = None,
        callback_transport: httpx.BaseTransport | None = None,
    ) -> None:
        if callback_transport is not None and not isinstance(callback_transport, httpx.BaseTransport):
            raise bad_argument("callback_transport", "an httpx.BaseTransport, not for async", callback_transport)
        if not _ZERO <= status_delay <= _MAX_STATUS_DELAY:
            raise bad_argument("status_delay", "zero or more, and at most a day", status_delay)
        terms = {"trial": trial, "freeze_delay": freeze_delay, "refund_freeze_delay": refund_freeze_delay}
        for name, value in terms.items():
            if not _ZERO <= value <= _MAX_TERM:
                raise bad_argument(name, "zero or more, and at most ten years", value)
        checked_token("partner_token", partner_token)
        checked_token("user_token", user_token)
        self.partner_token = partner_token
        self.user_token = user_token
        self.application_id = wire_id("application_id", application_id)
        self.registration_url = _validated_url("registration_url", registration_url)
        self.callback_url = _validated_url("callback_url", callback_url)
        self._retry_after = retry_after
        self._limits = RateLimits() if rate_limits else None
        self._locations = Locations(Path(state) if state is not None else None, Terms(**terms))
        behavior = Behavior(partner_token, user_token, application_id, redirects, bodies, status_delay, lenient)
        self._api = AltegioAPI(behavior, self._locations)
        self._calls = CallLog(partner_token)
        self._callbacks = CallbackSender(self.application_id, partner_token, callback_transport)
        self._faults = FaultSchedule()
        self._lock = threading.RLock()
        self._stopped_at = datetime.now() if stop_clock else None  # noqa: DTZ005  Altegio's dates have no zone
        if now is not None and now.tzinfo is not None:
            raise bad_argument("now", "a naive datetime", now)
        self._initial_time = None if now is None else datetime.fromisoformat(wire_datetime("now", now, None))
        self._seed = Seed(None, [])
        self._set_clock(self._initial_time)
        self._locations.save()

    # Clock

    @property
    def now(self) -> datetime:
        """The sandbox's time, by default that of this machine. Local, naive, whole seconds."""
        with self._lock:
            return self._exact_time().replace(microsecond=0)

    def advance(self, time: timedelta) -> list[Delivery]:
        """Move the clock forward. Pending links expire after 12 hours, applications freeze without a payment.

        Returns:
            The callbacks that were sent.
        """
        with self._lock:
            if not _ZERO <= time <= _MAX_TIME - self.now:
                raise bad_argument("time", "zero or more, and not beyond the year 9990", time)
            self._locations.ahead += time
        return self.process_due_events()

    def process_due_events(self) -> list[Delivery]:
        """Process what is due at the current time, and send the callbacks. Runs every second while serving."""
        with self._lock:
            self._locations.process_due(self.now)
            events = self._take_events()
        return self._deliver(events)

    # Actions of owners, and of Altegio

    def connect(self, salon_id: int, *, user: User | None = None) -> str | None:
        """Act as the owner of a location who clicks Connect: the application is pending until you register it.

        Args:
            salon_id: The location. The application must be uninstalled or pending there.
            user: The owner, for applications that request user data: it is signed, and part of the URL.

        Returns:
            The URL to which Altegio sends the owner's browser; None without a `registration_url`.
        """
        with self._lock:
            self._check(salon_id, "connected", "uninstalled", "pending")
            self._locations.connect(salon_id, self.now)
            self._locations.save()
        if self.registration_url is None:
            return None
        query = registration_query(salon_id, user=user, partner_token=self.partner_token)
        return f"{self.registration_url}{'&' if '?' in self.registration_url else '?'}{query}"

    def register(self, salon_id: int) -> None:
        """Act as your application: register a location, without a call.

        Args:
            salon_id: The location. The application must be pending there.
        """
        with self._lock:
            self._check(salon_id, "registered", "pending")
            self._locations.activate(salon_id, self.now)
            self._locations.save()

    def freeze(self, salon_id: int, *, deliveries: int = 1) -> list[Delivery]:
        """Act as Altegio: freeze the application at a location until it is paid for again.

        Args:
            salon_id: The location. The application must be active there.
            deliveries: How often the callback is sent: Altegio may deliver it 0 to 3 times.

        Returns:
            The callbacks that were sent.
        """
        with self._lock:
            self._check(salon_id, "frozen", "active")
            _check_deliveries(deliveries)
            self._locations.freeze(salon_id, self.now)
            events = self._take_events()
        return self._deliver(events, deliveries)

    def unfreeze(self, salon_id: int) -> None:
        """Act as Altegio: unfreeze the application at a location without a payment.

        Args:
            salon_id: The location. The application must be freezed there.
        """
        with self._lock:
            self._check(salon_id, "unfrozen", "freezed")
            self._locations.unfreeze(salon_id, self.now)
            self._locations.save()

    def uninstall(self, salon_id: int, *, deliveries: int = 1) -> list[Delivery]:
        """Act as the owner of a location who removes the application.

        Args:
            salon_id: The location.
            deliveries: How often the callback is sent: Altegio may deliver it 0 to 3 times.

        Returns:
            The callbacks that were sent.
        """
        with self._lock:
            self._check(salon_id, "uninstalled", "pending", "active", "freezed")
            _check_deliveries(deliveries)
            self._locations.uninstall(salon_id, self.now)
            events = self._take_events()
        return self._deliver(events, deliveries)

    def pay(
        self,
        salon_id: int,
        payment_sum: Decimal | int | str,
        currency_iso: str = "EUR",
        *,
        period_from: datetime | None = None,
        period_to: datetime | None = None,
        discount: int | None = None,
        tariff_option_id: int | None = None,
        deliveries: int = 1,
    ) -> list[Delivery]:
        """Act as the owner of a location who pays for the application at Altegio. You receive a callback.

        Args:
            salon_id: The location. The application must be active or freezed there.
            payment_sum: The amount.
            currency_iso: The currency, three capital letters (ISO 4217).
            period_from: The start of the paid period. Default: now.
            period_to: The end of the paid period. Default: 30 days after its start.
            discount: The discount in percent. None omits it from the callback's signature.
            tariff_option_id: The tariff in the callback.
            deliveries: How often the callback is sent: Altegio may deliver it 0 to 3 times.

        Returns:
            The callbacks that were sent.
        """
        if discount is not None and not 0 <= discount <= 100:
            raise bad_argument("discount", "a whole percentage, 0 to 100", discount)
        exact = Decimal(str(wire_sum(payment_sum)))
        currency = wire_currency(currency_iso)
        with self._lock:
            self._check(salon_id, "paid for", "active", "freezed")
            _check_deliveries(deliveries)
            start = self.now if period_from is None else period_from
            first, last = wire_period(start, start + DEFAULT_PERIOD if period_to is None else period_to, None)
            payment = self._locations.pay(
                salon_id=salon_id,
                payment_sum=exact,
                currency_iso=currency,
                payment_date=self.now,
                period_from=datetime.fromisoformat(first),
                period_to=datetime.fromisoformat(last),
                now=self.now,
            )
            self._locations.undelivered.append(LocationEvent("payment", salon_id, payment, discount, tariff_option_id))
            events = self._take_events()
        return self._deliver(events, deliveries)

    def refund(self, payment_id: int) -> None:
        """Act as your application: report the refund of a payment, without a call.

        Args:
            payment_id: The payment. It must not be refunded yet.
        """
        with self._lock:
            payment = self._locations.payment(payment_id)
            if payment is None or payment.is_refunded:
                problem = "there is no such payment" if payment is None else "it is already"
                raise ValueError(f"Payment {payment_id} cannot be refunded: {problem}.")
            self._locations.refund(payment, self.now)
            self._locations.save()

    def send_event(
        self,
        salon_id: int,
        resource: Resource,
        status: EventStatus | None = None,
        *,
        resource_id: int | None = None,
        data: Mapping[str, object] | None = None,
        deliveries: int = 1,
    ) -> list[Delivery]:
        """Act as Altegio: send an entity event to the webhook URLs of the location that are subscribed to it.

        Args:
            salon_id: The location.
            resource: What has changed, such as "record".
            status: What has happened to it. Default: as in Altegio's documentation.
            resource_id: Its id. Default: the same.
            data: Its new contents. Default: the same.
            deliveries: How often each URL gets it: Altegio may deliver it 0 to 3 times.

        Returns:
            The events that were sent.
        """
        _check_deliveries(deliveries)
        event = entity_event(wire_id("salon_id", salon_id), resource, status, resource_id, data)
        with self._lock:
            urls = subscribed(self._locations, salon_id, flag_of(event))
        return [one for url in urls for one in self._callbacks.deliver([event] * deliveries, url, self.now)]

    def redeliver(self, delivery: Delivery) -> Delivery:
        """Send a callback or an event again, as Altegio may."""
        url = delivery.url if isinstance(delivery.event, EntityEvent) else self.callback_url
        (again,) = self._callbacks.deliver([delivery.event], url, self.now)
        return again

    # Contents

    def installation(self, salon_id: int) -> Installation:
        """Return the application at a location: its state, payments and log."""
        with self._lock:
            self._locations.process_due(self.now)
            return self._locations.installation(salon_id)

    def payments(self, salon_id: int) -> list[Payment]:
        """Return the payments of the location, oldest first."""
        return self.installation(salon_id).payments

    def details(self, salon_id: int) -> dict[str, Any]:
        """Return the other data of a location as JSON values: `discount`, `channels`, `short_names`, and others."""
        with self._lock:
            return self._locations.details(salon_id)

    def find_locations(
        self, *, status: Status | None = None, after: int = 0, limit: int = 50
    ) -> tuple[list[Installation], int]:
        """Return a page of the locations that were ever connected, ordered by id, and their total number.

        Args:
            status: Only those with this status.
            after: Only those with a higher id.
            limit: The length of the page.
        """
        with self._lock:
            self._locations.process_due(self.now)
            ids, total = self._locations.find(status, after, limit)
            return [self._locations.installation(salon_id) for salon_id in ids], total

    def find_payments(
        self,
        *,
        salon_id: int | None = None,
        is_refunded: bool | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> tuple[list[Payment], int]:
        """Return a page of the payments, latest first, and their total number.

        Args:
            salon_id: Only those of this location.
            is_refunded: Only those that were refunded, or were not.
            before: Only those with a lower id.
            limit: The length of the page.
        """
        with self._lock:
            return self._locations.find_payments(salon_id, is_refunded, before, limit)

    def find_calls(
        self,
        *,
        operation: OperationName | None = None,
        salon_id: int | None = None,
        method: str | None = None,
        path: str | None = None,
        status: int | None = None,
        fault: FaultName | None = None,
        after: int = 0,
        before: int | None = None,
        limit: int = 50,
    ) -> tuple[list[Exchange], int]:
        """Return a page of the latest thousand calls, latest first, and how many of those match.

        Args:
            operation: Only calls of this operation.
            salon_id: Only calls for this location. A refund is for the location of its payment.
            method: Only calls with this method.
            path: Only calls to this path. `*` matches any text.
            status: Only calls with this status in the response.
            fault: Only calls with this fault.
            after: Only calls with a higher number.
            before: Only calls with a lower number.
            limit: The length of the page.
        """
        only = CallFilter.of(operation=operation, method=method, path=path, salon_id=salon_id)
        with self._lock:
            found = [
                one
                for one in reversed(self._calls.latest)
                if one.number > after
                and status in (None, one.response.status)
                and fault in (None, one.fault)
                and (only == CallFilter() or only.matches(CallFacts.of(one.request, self._locations.payment)))
            ]
        return [one for one in found if before is None or one.number < before][:limit], len(found)

    @property
    def calls(self) -> list[Exchange]:
        """The latest thousand calls, oldest first, the token masked, long bodies cut."""
        with self._lock:
            return list(self._calls.latest)

    @property
    def deliveries(self) -> list[Delivery]:
        """The latest thousand callbacks, oldest first, with the partner's answers."""
        return self._callbacks.latest

    def load_seed(self, seed: Seed) -> bool:
        """Load locations and payments, unless the sandbox already has some. `reset` restores this seed.

        `read_seed` parses a seed file. No callbacks are sent.

        Returns:
            Whether the seed was loaded.
        """
        with self._lock:
            self._seed = seed
            if any(self._locations.totals()):
                return False
            self._set_clock(seed.now)
            apply_seed(seed, self._locations, self.now)
            self._locations.process_due(self.now)
            self._locations.undelivered.clear()
            self._locations.save()
            return True

    def snapshot(self, limit: int = 50) -> dict[str, Json]:
        """Return the contents as JSON values: totals, and of each kind the latest `limit` items, latest first."""
        with self._lock:
            self._locations.process_due(self.now)
            return {
                **self.summary(),
                "application_id": self.application_id,
                "registration_url": self.registration_url,
                "callback_url": self.callback_url,
                "locations": [asdict(one) for one in self._locations.summaries(limit)],
                "payments": [payment_view(one) for one in self.find_payments(limit=limit)[0]],
                "deliveries": [delivery_view(one) for one in self._callbacks.latest[: -limit - 1 : -1]],
                "calls": [exchange_view(one) for one in list(self._calls.latest)[: -limit - 1 : -1]],
            }

    def summary(self) -> dict[str, Json]:
        """Return the time, the pending faults and the totals as JSON values."""
        with self._lock:
            locations, payments = self._locations.totals()
            return {
                "now": str(self.now),
                "pending_faults": [*self.pending_faults],
                "totals": {
                    "locations": locations,
                    "payments": payments,
                    "deliveries": self._callbacks.count,
                    "calls": self._calls.count,
                },
            }

    def reset(self, seed: Seed | None = None) -> None:
        """Restore the initial time and seed, and delete everything else, including pending faults.

        Args:
            seed: The seed to load, now and with each later reset. Default: the current one.
        """
        with self._lock:
            self._locations.clear()
            self._set_clock(self._initial_time)
            self.load_seed(self._seed if seed is None else seed)
            self._calls.clear()
            self._callbacks.clear()
            self._faults = FaultSchedule()
            self._limits = RateLimits() if self._limits else None

    # Faults

    def inject_fault(
        self,
        fault: FaultName,
        *,
        calls: int = 1,
        nth: int = 1,
        operation: OperationName | None = None,
        method: str | None = None,
        path: str | None = None,
        salon_id: int | None = None,
        payment_sum: Decimal | int | str | None = None,
        probability: float | None = None,
        seed: int | None = None,
        delay: float | None = None,
        jitter: float = 0.0,
    ) -> None:
        """Inject a fault into the next matching calls. Faults that are already pending come first.

        `FAULTS` describes what each fault does, and whether the call is recorded. Faults affect only calls to Altegio's
        paths. A single call can also request a fault, with a header: `X-Sandbox-Fault: lose_answer`.

        Args:
            fault: The name of the fault.
            calls: The number of calls.
            nth: The first matching call to affect: 3 skips two.
            operation: Only calls of this operation, such as "notify_payment".
            method: Only calls with this method.
            path: Only calls to this path. `*` matches any text.
            salon_id: Only calls for this location. A refund is for the location of its payment.
            payment_sum: Only payments and refunds of this amount.
            probability: From 0 to 1: affect this fraction of all calls until `clear_faults`, instead of the next calls.
                It replaces an earlier probability for the same calls.
            seed: With `probability` or `jitter`: the same seed selects the same calls and delays. Default: 0.
            delay: How many seconds the response is delayed. Default: 1 for "latency", 0 for all others.
            jitter: By how many seconds the delay varies in both directions.

        Raises:
            ValueError: An argument is invalid, or the arguments contradict each other.
        """
        pending = PendingFault.of(
            fault,
            calls=calls,
            nth=nth,
            operation=operation,
            method=method,
            path=path,
            salon_id=salon_id,
            payment_sum=payment_sum,
            probability=probability,
            seed=seed,
            delay=delay,
            jitter=jitter,
        )
        with self._lock:
            self._faults.add(pending)

    def clear_faults(self) -> None:
        """Remove all pending faults."""
        with self._lock:
            self._faults = FaultSchedule()

    @property
    def pending_faults(self) -> list[str]:
        """Descriptions of the faults of the next calls, in order."""
        with self._lock:
            return [one.describe() for one in self._faults.pending]

    @property
    def is_clock_stopped(self) -> bool:
        """Whether its clock stands still."""
        return self._stopped_at is not None

    @property
    def faults(self) -> list[PendingFault]:
        """The pending faults, in order."""
        with self._lock:
            return self._faults.pending

    def version(self) -> tuple[object, ...]:
        """Return a value that differs after each change."""
        with self._lock:
            return self._calls.count, self._callbacks.count, self._locations.changes, *self.pending_faults

    # Access

    def answer(self, request: Request) -> Response:
        """Return the response to a call, with its fault, if any."""
        with self._lock:
            try:
                pending = self._next_fault(request)
            except ValueError as error:
                pending, response = None, json_response(400, {"error": f"{FAULT_HEADER}: {error}"})
            else:
                response = self._answer_with(pending, request)
            self._calls.append(self.now, request, response, pending.fault if pending else None)
            return response

    def _next_fault(self, request: Request) -> PendingFault | None:
        header = request.headers.get(FAULT_HEADER)
        if header is None and not self._faults.pending:
            return None
        facts = CallFacts.of(request, self._locations.payment)
        if facts.operation is None:
            return None
        return self._faults.next_fault(facts) if header is None else fault_of_header(header)

    def _answer_with(self, pending: PendingFault | None, request: Request) -> Response:
        if pending is None:
            return self._answer(request)
        fault, delay = FAULTS[pending.fault], pending.draw_delay()
        response = fault.alter(self._answer(request) if fault.is_recorded else Response(200))
        if self._stopped_at is None:
            return evolve(response, delay=delay)
        self._locations.ahead += timedelta(seconds=delay)  # instead of waiting
        self._locations.save()
        return response

    def transport(self) -> SandboxTransport:
        """Return a `transport` for `PartnerClient`, `AsyncPartnerClient`, or any httpx client."""
        return SandboxTransport(self.answer)

    def serve(
        self, port: int = 0, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
    ) -> AbstractContextManager[str]:
        """Serve over HTTP, in a thread, while the block runs. Yields the base URL, where the page is, too.

        Args:
            port: The port; 0 selects a free one.
            host: The address to listen on. With any other than the default, other machines can connect.
            tls: Serve https, with the certificate of this context.
        """
        if not 0 <= port < 65536:
            raise bad_argument("port", "a number from 0 to 65535", port)
        with extra("sandbox"):
            from .http_app import HTTPApp  # noqa: PLC0415  only the page needs Jinja

        return serving(HTTPApp(self, host), host, port, tls)

    def _answer(self, request: Request) -> Response:
        wait = self._limits.wait(request.address, self._exact_time().timestamp()) if self._limits else 0
        if wait:
            response = json_response(429, {"success": False, "data": None, "meta": {"message": "Too Many Requests"}})
            hint = {"retry-after": str(wait)} if self._retry_after else {}
            reason = "This address sent more than 5 calls a second or 200 a minute."
            return evolve(response, headers={**response.headers, **hint}, reason=reason)
        response = self._api.answer(request, self.now)
        self._locations.save()
        return response

    def _exact_time(self) -> datetime:
        return (self._stopped_at or datetime.now()) + self._locations.ahead  # noqa: DTZ005  Altegio's dates have no zone

    def _set_clock(self, now: datetime | None) -> None:
        if now is not None:
            self._locations.ahead += now - self.now

    def _check(self, salon_id: int, action: str, *expected: Status) -> None:
        self._locations.process_due(self.now)
        status = self._locations.status(wire_id("salon_id", salon_id))
        if status not in expected:
            states = " or ".join(expected)
            raise ValueError(f"Location {salon_id} cannot be {action}: it is {status}, not {states}.")

    def _take_events(self) -> list[LocationEvent]:
        """Commit the changes, and return the events whose callbacks are to be sent."""
        self._locations.save()
        events = [*self._locations.undelivered]
        self._locations.undelivered.clear()
        return events

    def _deliver(self, events: list[LocationEvent], times: int = 1) -> list[Delivery]:
        """Send callbacks, the last one `times` times. Without the lock, since the receiver may call the sandbox."""
        return self._callbacks.deliver([*events[:-1], *events[-1:] * times], self.callback_url, self.now)


def _check_deliveries(deliveries: int) -> None:
    if not 0 <= deliveries <= _MAX_DELIVERIES:
        raise bad_argument("deliveries", f"a number from 0 to {_MAX_DELIVERIES}", deliveries)


def _validated_url(name: str, url: str | None) -> str | None:
    if url is None:
        return None
    parts = absolute(url)
    if parts is None or parts.scheme not in ("http", "https") or "#" in url or not url.isascii():
        raise bad_argument(name, "an absolute http or https URL", url, fix="Write 'http://127.0.0.1:5000/altegio'.")
    return url
