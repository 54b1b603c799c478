"""Every call, over real HTTP, against a local Altegio: what is called, what goes over the wire, what comes back.

Run it with `nox -s demo`.
"""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import anyio

from altegio_partner import AltegioError, AsyncPartnerClient, PartnerClient
from altegio_partner.sandbox import Exchange, Sandbox

FIRST, SECOND, STRANGER = 1001, 1002, 1003
DECEMBER: dict[str, Any] = {
    "payment_date": datetime(2026, 11, 24, 12, 0),
    "period_from": datetime(2026, 12, 1),
    "period_to": datetime(2026, 12, 31, 23, 59, 59),
}


def main() -> None:
    """Start the local Altegio, and talk to it."""
    logging.getLogger("altegio_partner").addHandler(logging.NullHandler())  # what goes wrong is printed below
    sandbox = Sandbox()
    with sandbox.serve() as url:
        print(f"A local Altegio listens on {url}.")
        for salon_id in (FIRST, SECOND):
            print(f"The owner of location {salon_id} clicks Connect there.")
            sandbox.connect(salon_id)
        with PartnerClient(sandbox.partner_token, application_id=sandbox.application_id, base_url=url) as partner:
            talk(partner, sandbox)
        anyio.run(talk_async, url, sandbox)
    print("\nThat is all: three calls, and errors that say what to do next.")


def talk(partner: PartnerClient, sandbox: Sandbox) -> None:
    """Make the three calls, and meet a refusal and a lost answer."""
    headline("PartnerClient")
    with shown(sandbox, f"partner.complete_registration(salon_id={FIRST}, api_key=..., webhook_urls=[...])") as call:
        webhooks = ["https://example.com/webhook"]
        call.result = partner.complete_registration(salon_id=FIRST, api_key="obviously-fake", webhook_urls=webhooks)
    with shown(sandbox, f'partner.notify_payment(salon_id={FIRST}, payment_sum="990.99", ...)') as call:
        payment_id = partner.notify_payment(salon_id=FIRST, payment_sum="990.99", currency_iso="EUR", **DECEMBER)
        call.result = payment_id
    with shown(sandbox, f"partner.notify_refund({payment_id})"):
        partner.notify_refund(payment_id)

    headline("A refusal: this location never connected our application")
    with shown(sandbox, f'partner.notify_payment(salon_id={STRANGER}, payment_sum="990.99", ...)'):
        partner.notify_payment(salon_id=STRANGER, payment_sum="990.99", currency_iso="EUR", **DECEMBER)

    headline("A lost answer: Altegio records the payment, and the connection breaks")
    sandbox.fail("lose_answer")
    with shown(sandbox, f'partner.notify_payment(salon_id={FIRST}, payment_sum="49.50", ...)'):
        partner.notify_payment(salon_id=FIRST, payment_sum="49.50", currency_iso="EUR", **DECEMBER)
    print("  Who looks finds it, and does not report it twice:")
    for payment in sandbox.payments(FIRST):
        print(
            f"    payment {payment.id}: {payment.payment_sum} {payment.currency_iso}, refunded: {payment.is_refunded}"
        )


async def talk_async(url: str, sandbox: Sandbox) -> None:
    """Make the same calls, awaited."""
    headline("AsyncPartnerClient")
    async with AsyncPartnerClient(
        sandbox.partner_token, application_id=sandbox.application_id, base_url=url
    ) as partner:
        with shown(sandbox, f"await partner.complete_registration(salon_id={SECOND})") as call:
            call.result = await partner.complete_registration(salon_id=SECOND)
        with shown(sandbox, f'await partner.notify_payment(salon_id={SECOND}, payment_sum="12", ...)') as call:
            payment_id = await partner.notify_payment(salon_id=SECOND, payment_sum="12", currency_iso="USD", **DECEMBER)
            call.result = payment_id
        with shown(sandbox, f"await partner.notify_refund({payment_id})"):
            await partner.notify_refund(payment_id)


def headline(text: str) -> None:
    """Begin a new part."""
    print(f"\n--- {text} {'-' * (100 - len(text))}")


class Shown:
    """A call that is shown, and what it returned."""

    result: object = None


@contextmanager
def shown(sandbox: Sandbox, code: str) -> Generator[Shown, None, None]:
    """Print a call, what the local Altegio saw of it, and what it returned or raised."""
    print(f"\n  {code}")
    call, seen = Shown(), len(sandbox.calls)
    try:
        yield call
    except AltegioError as error:
        print_wire(sandbox.calls[seen:])
        print(f"    raises   {type(error).__name__}(status_code={error.status_code})")
        print(f"             {error}")
    else:
        print_wire(sandbox.calls[seen:])
        print(f"    returns  {call.result!r}")


def print_wire(exchanges: list[Exchange]) -> None:
    """Print what went over the wire, as the local Altegio saw it."""
    for exchange in exchanges:
        request, reply = exchange.request, exchange.reply
        print(f"    sent     {request.method} {request.path}")
        for name in ("authorization", "accept", "user-agent", "content-type"):
            if name in request.headers:
                print(f"             {name}: {request.headers[name]}")
        if request.body:
            print(f"             {request.body.decode()}")
        if reply.delivery == "dropped":
            print("    answered nothing: the payment was recorded, then the connection dropped")
        else:
            location = f"location: {reply.headers['location']}" if "location" in reply.headers else "(empty body)"
            print(f"    answered {reply.status} {reply.body.decode() or location}")


if __name__ == "__main__":
    main()
