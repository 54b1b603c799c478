"""What the servers have seen of payments."""

from collections.abc import Callable

from altegio_partner.sandbox import Sandbox
from tests.servers.scripted import ScriptedServer
from tests.services.processes import until


def payments_sent(sandbox: Sandbox) -> int:
    """How many payments were sent to it, with any outcome."""
    return sum(
        (call.request.method, call.request.path) == ("POST", "/marketplace/partner/payment") for call in sandbox.calls
    )


def payment_is_under_way(sandbox: Sandbox, complaint: Callable[[], str]) -> None:
    """Wait until the first payment has arrived."""
    until(lambda: payments_sent(sandbox) == 1, lambda: f"A payment should have been sent:\n{complaint()}")


def wait_for_payment(server: ScriptedServer) -> None:
    """Wait until a payment has arrived at a server that does nothing with it."""
    server.wait_for(1)
    assert server.requests[-1].startswith(b"POST /marketplace/partner/payment ")
