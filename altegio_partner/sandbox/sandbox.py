"""The sandbox as a user holds it: a local Altegio, what it was told, its clock, and the mishaps that it plays."""

import threading
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import repeat
from pathlib import Path
from random import Random

import httpx
from attrs import asdict, evolve

from altegio_partner.auth import checked_token
from altegio_partner.bad_argument import bad_argument
from altegio_partner.dates import wire_datetime, wire_period
from altegio_partner.extras import extra
from altegio_partner.ids import wire_id
from altegio_partner.incoming import User, registration_query
from altegio_partner.money import wire_currency, wire_sum
from altegio_partner.urls import absolute

from .altegio import Altegio, Reply, Request, json_reply
from .assertions import Assertions
from .callbacks import Callbacks, Delivery
from .exchange import CallLog, Exchange
from .faults import FAULT_NAMES, FAULTS, FaultName, Plan
from .installation import Installation, Payment, Status
from .limits import RateLimits
from .locations import PAID_FOR, Event, Locations
from .seeds import Seed, sow
from .server import serving
from .transport import SandboxTransport
from .views import Json, delivery_view, exchange_view, payment_view

_FAKE = "sandbox-partner-token"
_AT_ONCE = timedelta(0)
_MOST_DELIVERIES = 10
_LONGEST_LAG = timedelta(days=1)
_LAST = datetime(9990, 1, 1)  # noqa: DTZ001  Altegio's dates have no zone


class Sandbox(Assertions):
    """A local Altegio, which remembers locations and payments, and forgets them when it goes.

    Use it without a socket, as the `transport` of a client, or over HTTP, with `serve`.

    Args:
        partner_token: The token that it accepts.
        application_id: The application that it knows.
        redirects: Whether it answers a registration with 301 and a `Location`, or with 200. Altegio does either.
        lag: How long a payment is missing from the status of a location. Altegio caches it for up to an hour.
        rate_limits: Whether it allows 5 calls a second and 200 a minute only, and answers 429 to the others.
        retry_after: Whether that 429 says how long to wait. What Altegio does is unknown.
        now: The time that its clock begins with: local, without a zone. Default: the time of this machine.
        state: A SQLite file that outlasts the sandbox, made when it is missing. Default: it forgets.
        registration_url: The partner's page to which Altegio sends the owner who connects a location.
        callback_url: Where the partner takes callbacks: `uninstall`, `freeze`, `payment`. Default: none are sent.
        callback_transport: What carries callbacks instead of the network, say `httpx.WSGITransport(app)`.

    Raises:
        ValueError: An argument is wrong, or the file of the state is of something else or in use.
    """

    def __init__(
        self,
        *,
        partner_token: str = _FAKE,
        application_id: int = 123,
        redirects: bool = True,
        lag: timedelta = _AT_ONCE,
        rate_limits: bool = False,
        retry_after: bool = True,
        now: datetime | None = None,
        state: Path | str | None = None,
        registration_url: str | None = None,
        callback_url: str | None = None,
        callback_transport: httpx.BaseTransport | None = None,
    ) -> None:
        if callback_transport is not None and not isinstance(callback_transport, httpx.BaseTransport):
            raise bad_argument("callback_transport", "an httpx.BaseTransport, not for async", callback_transport)
        if not _AT_ONCE <= lag <= _LONGEST_LAG:
            raise bad_argument("lag", "zero or more, and at most a day", lag)
        checked_token("partner_token", partner_token)
        self.partner_token = partner_token
        self.application_id = wire_id("application_id", application_id)
        self.registration_url = _known_url("registration_url", registration_url)
        self.callback_url = _known_url("callback_url", callback_url)
        self._retry_after = retry_after
        self._limits = RateLimits() if rate_limits else None
        self._locations = Locations(Path(state) if state is not None else None)
        self._altegio = Altegio(partner_token, application_id, redirects, lag, self._locations)
        self._calls = CallLog(partner_token)
        self._callbacks = Callbacks(self.application_id, partner_token, callback_transport)
        self._plan = Plan()
        self._lock = threading.RLock()
        self._begin = None if now is None else datetime.fromisoformat(wire_datetime("now", now, None))
        self._seed = Seed(None, [])
        self._set_clock(self._begin)
        self._locations.save()

    # Its clock

    @property
    def now(self) -> datetime:
        """The sandbox's time, which begins with that of this machine. Local, without a zone, whole seconds."""
        with self._lock:
            return (datetime.now() + self._locations.ahead).replace(microsecond=0)  # noqa: DTZ005  Altegio's dates have no zone

    def advance(self, time: timedelta) -> list[Delivery]:
        """Let time pass: links lapse after 12 hours, and applications freeze when the paid period is over.

        Returns:
            The callbacks that were sent of it.
        """
        with self._lock:
            if not _AT_ONCE <= time <= _LAST - self.now:
                raise bad_argument("time", "zero or more, and not beyond the year 9990", time)
            self._locations.ahead += time
        return self.settle()

    def settle(self) -> list[Delivery]:
        """Let happen what the time has brought, and tell the partner. It is done every second while it serves."""
        with self._lock:
            self._locations.settle(self.now)
            events = self._events()
        return self._tell(events)

    # What the owners of locations do, and Altegio itself

    def connect(self, salon_id: int, *, user: User | None = None) -> str | None:
        """Play the owner of a location who clicks Connect: the application is pending there, until it registers.

        Args:
            salon_id: The location. It must not have the application already.
            user: The owner, for an application that asks for user data: it is signed, and stands in the address.

        Returns:
            The address to which Altegio sends the owner's browser; None where the sandbox has no `registration_url`.
        """
        with self._lock:
            self._check(salon_id, "connected", "uninstalled", "pending")
            self._locations.connect(salon_id, self.now)
            self._locations.save()
        if self.registration_url is None:
            return None
        query = registration_query(salon_id, user=user, partner_token=self.partner_token)
        return f"{self.registration_url}{'&' if '?' in self.registration_url else '?'}{query}"

    def freeze(self, salon_id: int, *, deliveries: int = 1) -> list[Delivery]:
        """Play Altegio, which freezes the application at a location until it is paid for again.

        Args:
            salon_id: The location. The application must be active there.
            deliveries: How often the callback comes: Altegio's may come 0 to 3 times.

        Returns:
            The callbacks that were sent.
        """
        with self._lock:
            self._check(salon_id, "frozen", "active")
            _check_deliveries(deliveries)
            self._locations.freeze(salon_id, self.now)
            events = self._events()
        return self._tell(events, deliveries)

    def uninstall(self, salon_id: int, *, deliveries: int = 1) -> list[Delivery]:
        """Play the owner of a location who removes the application.

        Args:
            salon_id: The location.
            deliveries: How often the callback comes: Altegio's may come 0 to 3 times.

        Returns:
            The callbacks that were sent.
        """
        with self._lock:
            self._check(salon_id, "uninstalled", "pending", "active", "freezed")
            _check_deliveries(deliveries)
            self._locations.uninstall(salon_id, self.now)
            events = self._events()
        return self._tell(events, deliveries)

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
        """Play the owner of a location who pays for the application at Altegio: the partner is told, not asked.

        Args:
            salon_id: The location. The application must be active or freezed there.
            payment_sum: What was paid.
            currency_iso: The currency, three capital letters of ISO 4217.
            period_from: The beginning of the paid period. Default: now.
            period_to: The end of the paid period. Default: 30 days from its beginning.
            discount: The discount in percent, or None: the signature of the callback then leaves it out.
            tariff_option_id: The tariff, as the callback names it.
            deliveries: How often the callback comes: Altegio's may come 0 to 3 times.

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
            begin = self.now if period_from is None else period_from
            first, last = wire_period(begin, begin + PAID_FOR if period_to is None else period_to, None)
            payment = self._locations.pay(
                salon_id=salon_id,
                payment_sum=exact,
                currency_iso=currency,
                payment_date=self.now,
                period_from=datetime.fromisoformat(first),
                period_to=datetime.fromisoformat(last),
                now=self.now,
            )
            self._locations.untold.append(Event("payment", salon_id, payment, discount, tariff_option_id))
            events = self._events()
        return self._tell(events, deliveries)

    def deliver_again(self, delivery: Delivery) -> Delivery:
        """Send a callback once more, as Altegio may."""
        (again,) = self._tell([delivery.event])
        return again

    # What it was told

    def installation(self, salon_id: int) -> Installation:
        """Return the application at a location: its state, its payments, and how it came to be so."""
        with self._lock:
            self._locations.settle(self.now)
            return self._locations.installation(salon_id)

    def payments(self, salon_id: int) -> list[Payment]:
        """Return the payments that the location made, as they were reported, oldest first."""
        return self.installation(salon_id).payments

    @property
    def calls(self) -> list[Exchange]:
        """The latest thousand calls, oldest first, the token masked, long bodies cut."""
        with self._lock:
            return list(self._calls.latest)

    @property
    def deliveries(self) -> list[Delivery]:
        """The latest thousand callbacks, oldest first, and what the partner answered."""
        return self._callbacks.latest

    def sow(self, seed: Seed) -> bool:
        """Begin with locations and payments that are known already, if nothing is known yet, and say whether it was so.

        `read_seed` reads one from a file. No callbacks are sent of what it says. `reset` comes back to it.
        """
        with self._lock:
            self._seed = seed
            if any(self._locations.totals()):
                return False
            self._set_clock(seed.now)
            sow(seed, self._locations, self.now)
            self._locations.settle(self.now)
            self._locations.untold.clear()
            self._locations.save()
            return True

    def view(self, most: int = 50) -> dict[str, Json]:
        """Return all that there is to see, as values of JSON, of everything the latest first and so many at most."""
        with self._lock:
            self._locations.settle(self.now)
            locations, payments = self._locations.totals()
            return {
                "now": str(self.now),
                "application_id": self.application_id,
                "registration_url": self.registration_url,
                "callback_url": self.callback_url,
                "mishaps": [*self.mishaps],
                "totals": {
                    "locations": locations,
                    "payments": payments,
                    "deliveries": self._callbacks.count,
                    "calls": self._calls.count,
                },
                "locations": [asdict(one) for one in self._locations.summaries(most)],
                "payments": [payment_view(one) for one in self._locations.latest_payments(most)],
                "deliveries": [delivery_view(one) for one in self._callbacks.latest[: -most - 1 : -1]],
                "calls": [exchange_view(one) for one in list(self._calls.latest)[: -most - 1 : -1]],
            }

    def reset(self) -> None:
        """Begin anew, with the time and the seed that it began with: all else is forgotten, mishaps to come too."""
        with self._lock:
            self._locations.forget()
            self._set_clock(self._begin)
            self.sow(self._seed)
            self._calls.clear()
            self._callbacks.clear()
            self._plan = Plan()
            self._limits = RateLimits() if self._limits else None

    # What goes wrong on purpose

    def fail(self, fault: FaultName, *, calls: int = 1) -> None:
        """Let this go wrong with the next calls, after whatever was to go wrong before.

        "lose_answer", "stall", "drip", "cut_body", "html_502", "html_200", "empty_200", "no_id" and "oversized_body"
        happen after Altegio has carried the call out; "drop_call", "success_false", "rate_limit",
        "rate_limit_without_retry_after", "status_500", "status_503", "status_520" and "login_redirect" happen before.
        """
        if not isinstance(calls, int) or not 0 < calls <= 1_000_000:
            raise bad_argument("calls", "a number of calls, 1 to 1000000", calls)
        with self._lock:
            self._plan.next_ones.extend(repeat(_known(fault), calls))

    def fail_now_and_then(self, fault: FaultName, *, probability: float, seed: int) -> None:
        """Let this go wrong with any call at that probability, 0 to 1, and with the same calls for the same seed."""
        if not 0 <= probability <= 1:
            raise bad_argument("probability", "a number from 0 to 1", probability)
        with self._lock:
            self._plan = Plan(self._plan.next_ones, _known(fault), probability, Random(seed))

    def heal(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._plan = Plan()

    @property
    def mishaps(self) -> list[str]:
        """What is going to go wrong, in words."""
        with self._lock:
            return self._plan.words()

    # How it is reached

    def answer(self, request: Request) -> Reply:
        """Answer a call, or let go wrong with it what is to go wrong."""
        with self._lock:
            name = self._plan.draw()
            fault = FAULTS[name] if name else None
            reply = Reply(200) if fault and not fault.is_recorded else self._answer(request)
            reply = fault.alter(reply) if fault else reply
            self._calls.note(self.now, request, reply, name)
            return reply

    def transport(self) -> SandboxTransport:
        """Return a `transport` for `PartnerClient` and `AsyncPartnerClient`, or for any client of httpx."""
        return SandboxTransport(self.answer)

    def serve(self, port: int = 0, *, host: str = "127.0.0.1") -> AbstractContextManager[str]:
        """Answer over HTTP, in a thread, as long as the block lasts, with a page to look at. Gives the base URL.

        Args:
            port: Where to listen; 0 is any free port.
            host: The address to listen at. Any other than the default lets other machines in.
        """
        if not 0 <= port < 65536:
            raise bad_argument("port", "a number from 0 to 65535", port)
        with extra("sandbox"):
            from .front import Front  # noqa: PLC0415  its page needs what a sandbox without sockets does not

        return serving(Front(self), host, port)

    def _answer(self, request: Request) -> Reply:
        wait = self._limits.wait(request.address, self._seconds()) if self._limits else 0
        if wait:
            reply = json_reply(429, {"success": False, "data": None, "meta": {"message": "Too Many Requests"}})
            hint = {"retry-after": str(wait)} if self._retry_after else {}
            why = "More than 5 calls a second or 200 a minute came from this address."
            return evolve(reply, headers={**reply.headers, **hint}, why=why)
        reply = self._altegio.answer(request, self.now)
        self._locations.save()
        return reply

    def _seconds(self) -> float:
        return (datetime.now() + self._locations.ahead).timestamp()  # noqa: DTZ005

    def _set_clock(self, now: datetime | None) -> None:
        if now is not None:
            self._locations.ahead += now - self.now

    def _check(self, salon_id: int, action: str, *wanted: Status) -> None:
        self._locations.settle(self.now)
        status = self._locations.status(wire_id("salon_id", salon_id))
        if status not in wanted:
            states = " or ".join(wanted)
            raise ValueError(f"Location {salon_id} cannot be {action}: it is {status}, and must be {states}.")

    def _events(self) -> list[Event]:
        """Save what was changed, and take what the partner is to be told of it."""
        self._locations.save()
        events = [*self._locations.untold]
        self._locations.untold.clear()
        return events

    def _tell(self, events: list[Event], times: int = 1) -> list[Delivery]:
        """Send callbacks, that of the last event so many times. Not under the lock: who takes them may call back."""
        events = [*events[:-1], *events[-1:] * times]
        return [self._callbacks.deliver(event, self.callback_url, self.now) for event in events]


def _check_deliveries(deliveries: int) -> None:
    if not 0 <= deliveries <= _MOST_DELIVERIES:
        raise bad_argument("deliveries", f"a number from 0 to {_MOST_DELIVERIES}", deliveries)


def _known(fault: FaultName) -> FaultName:
    if fault not in FAULT_NAMES:
        raise ValueError(f"There is no fault {fault!r}. There are {', '.join(FAULT_NAMES)}.")
    return fault


def _known_url(name: str, url: str | None) -> str | None:
    if url is None:
        return None
    parts = absolute(url)
    if parts is None or parts.scheme not in ("http", "https") or "#" in url or not url.isascii():
        raise bad_argument(name, "an absolute http or https URL", url, fix="Write 'http://127.0.0.1:5000/altegio'.")
    return url
