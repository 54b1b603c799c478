"""The sandbox as a user holds it: a local Altegio, what it was told, its clock, and the mishaps that it plays."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime, timedelta

from attrs import evolve, frozen

from .altegio import Altegio, Reply, Request
from .installation import Installation, Payment
from .server import serving
from .transport import SandboxTransport

_FAKE = "sandbox-partner-token"
_AT_ONCE = timedelta(0)


@frozen
class Exchange:
    """One call that came in, its token masked, and what it was answered."""

    request: Request
    reply: Reply | None
    """None when the answer was lost."""


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
        self._lost_answers = 0
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

    def lose_next_answer(self) -> None:
        """Carry the next call out, and drop the connection instead of answering it."""
        with self._lock:
            self._lost_answers += 1

    def answer(self, request: Request) -> Reply | None:
        """Answer a call, or return None when the answer is to be lost."""
        with self._lock:
            reply: Reply | None = self._altegio.answer(request, self.now)
            if self._lost_answers:
                self._lost_answers -= 1
                reply = None
            shown = {name: value.replace(self.partner_token, "********") for name, value in request.headers.items()}
            self.calls.append(Exchange(evolve(request, headers=shown), reply))
            return reply

    def transport(self) -> SandboxTransport:
        """Return a `transport` for `PartnerClient` and `AsyncPartnerClient`, or for any client of httpx."""
        return SandboxTransport(self.answer)

    @contextmanager
    def serve(self, port: int = 0) -> Generator[str, None, None]:
        """Answer over HTTP, in a thread, as long as the block lasts. Gives the base URL; port 0 is any free one."""
        with serving(self.answer, port) as url:
            yield url
