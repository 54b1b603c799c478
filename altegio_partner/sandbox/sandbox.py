"""The sandbox as a user holds it: a local Altegio, what it was told, and the mishaps that it plays."""

import threading
from collections.abc import Generator
from contextlib import contextmanager

from attrs import evolve, frozen

from .altegio import Altegio, Payment, Reply, Request
from .server import serving
from .transport import SandboxTransport

_FAKE = "sandbox-partner-token"


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
    """

    def __init__(self, *, partner_token: str = _FAKE, application_id: int = 123, redirects: bool = True) -> None:
        self.partner_token = partner_token
        self.application_id = application_id
        self.calls: list[Exchange] = []
        self._altegio = Altegio(partner_token, application_id, redirects)
        self._lost_answers = 0
        self._lock = threading.Lock()

    def connect(self, salon_id: int) -> None:
        """Play the owner of a location who clicks Connect: the application is pending there, until it registers."""
        with self._lock:
            self._altegio.installations[salon_id] = "pending"

    def payments(self, salon_id: int) -> list[Payment]:
        """Return the payments that the location made, as they were reported, oldest first."""
        with self._lock:
            return [evolve(payment) for payment in self._altegio.payments.values() if payment.salon_id == salon_id]

    def lose_next_answer(self) -> None:
        """Carry the next call out, and drop the connection instead of answering it."""
        with self._lock:
            self._lost_answers += 1

    def answer(self, request: Request) -> Reply | None:
        """Answer a call, or return None when the answer is to be lost."""
        with self._lock:
            reply: Reply | None = self._altegio.answer(request)
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
