"""The sandbox as a user holds it: a local Altegio, what it was told, its clock, and the mishaps that it plays."""

import threading
from contextlib import AbstractContextManager
from copy import deepcopy
from datetime import datetime, timedelta
from itertools import repeat
from random import Random

from attrs import evolve, frozen

from .altegio import Altegio, Reply, Request
from .faults import FAULT_NAMES, FAULTS, FaultName, Plan
from .installation import Installation, Payment
from .server import serving
from .transport import SandboxTransport

_FAKE = "sandbox-partner-token"
_AT_ONCE = timedelta(0)


@frozen
class Exchange:
    """One call that came in, its token masked, and what it was answered."""

    request: Request
    reply: Reply
    fault: FaultName | None = None
    """What went wrong on purpose."""


class Sandbox:
    """A local Altegio, which remembers locations and payments, and forgets them when it goes.

    Use it without a socket, as the `transport` of a client, or over HTTP, with `serve`.

    Args:
        partner_token: The token that it accepts.
        application_id: The application that it knows.
        redirects: Whether it answers a registration with 301 and a `Location`, or with 200. Altegio does either.
        lag: How long a payment is missing from the status of a location. Altegio caches it for up to an hour.
    """

    def __init__(
        self,
        *,
        partner_token: str = _FAKE,
        application_id: int = 123,
        redirects: bool = True,
        lag: timedelta = _AT_ONCE,
    ) -> None:
        self.partner_token = partner_token
        self.application_id = application_id
        self.calls: list[Exchange] = []
        self._altegio = Altegio(partner_token, application_id, redirects, lag)
        self._ahead = timedelta(0)
        self._plan = Plan()
        self._lock = threading.RLock()

    @property
    def now(self) -> datetime:
        """The sandbox's time, which begins with that of this machine: local, without a zone, whole seconds."""
        return (datetime.now() + self._ahead).replace(microsecond=0)  # noqa: DTZ005  Altegio's dates have no zone

    def advance(self, time: timedelta) -> None:
        """Let time pass: links lapse after 12 hours, and applications freeze when the paid period is over."""
        with self._lock:
            self._ahead += time

    def connect(self, salon_id: int) -> None:
        """Play the owner of a location who clicks Connect: the application is pending there, until it registers."""
        with self._lock:
            self._altegio.installation(salon_id, self.now).connect(self.now)

    def freeze(self, salon_id: int) -> None:
        """Play Altegio, which freezes the application at a location until it is paid for again."""
        with self._lock:
            self._altegio.installation(salon_id, self.now).go("freezed", self.now, "altegio")

    def uninstall(self, salon_id: int) -> None:
        """Play the owner of a location who removes the application."""
        with self._lock:
            self._altegio.installation(salon_id, self.now).go("uninstalled", self.now, "owner")

    def installation(self, salon_id: int) -> Installation:
        """Return the application at a location: its state, its payments, and how it came to be so."""
        with self._lock:
            return deepcopy(self._altegio.installation(salon_id, self.now))

    def payments(self, salon_id: int) -> list[Payment]:
        """Return the payments that the location made, as they were reported, oldest first."""
        return self.installation(salon_id).payments

    def fail(self, fault: FaultName, *, calls: int = 1) -> None:
        """Let this go wrong with the next calls, after whatever was to go wrong before.

        "lose_answer", "stall", "drip", "cut_body", "html_502", "html_200", "empty_200", "no_id" and "oversized_body"
        happen after Altegio has carried the call out; "drop_call", "success_false", "rate_limit", "status_500",
        "status_503", "status_520" and "login_redirect" happen before.
        """
        with self._lock:
            self._plan.next_ones.extend(repeat(_known(fault), calls))

    def fail_now_and_then(self, fault: FaultName, *, probability: float, seed: int) -> None:
        """Let this go wrong with any call at that probability, 0 to 1, and with the same calls for the same seed."""
        with self._lock:
            self._plan = Plan(self._plan.next_ones, _known(fault), probability, Random(seed))

    def heal(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._plan = Plan()

    def answer(self, request: Request) -> Reply:
        """Answer a call, or let go wrong with it what is to go wrong."""
        with self._lock:
            name = self._plan.draw()
            fault = FAULTS[name] if name else None
            carried_out = self._altegio.answer(request, self.now) if not fault or fault.is_recorded else Reply(200)
            reply = fault.alter(carried_out) if fault else carried_out
            shown = {name: value.replace(self.partner_token, "********") for name, value in request.headers.items()}
            self.calls.append(Exchange(evolve(request, headers=shown), reply, name))
            return reply

    def transport(self) -> SandboxTransport:
        """Return a `transport` for `PartnerClient` and `AsyncPartnerClient`, or for any client of httpx."""
        return SandboxTransport(self.answer)

    def serve(self, port: int = 0) -> AbstractContextManager[str]:
        """Answer over HTTP, in a thread, as long as the block lasts. Gives the base URL; port 0 is any free one."""
        return serving(self.answer, port)


def _known(fault: FaultName) -> FaultName:
    if fault not in FAULT_NAMES:
        raise ValueError(f"There is no fault {fault!r}. There are {', '.join(FAULT_NAMES)}.")
    return fault
