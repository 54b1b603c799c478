"""Every call over real HTTP to a local Altegio: the code, the request, and the response.

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

FIRST, SECOND, UNCONNECTED = 1001, 1002, 1003
DECEMBER: dict[str, Any] = {
    "payment_date": datetime(2026, 11, 24, 12, 0),
    "period_from": datetime(2026, 12, 1),
    "period_to": datetime(2026, 12, 31, 23, 59, 59),
}


def main() -> None:
    """Start the local Altegio, and make the calls."""
    logging.getLogger("altegio_partner").addHandler(logging.NullHandler())  # errors are printed below
    sandbox = Sandbox(application_id=77)  # payments have other ids: the first is 123
    with sandbox.serve() as url:
        print(f"A local Altegio is listening on {url}.")
        for salon_id in (FIRST, SECOND):
            print(f"The owner of location {salon_id} clicks Connect there.")
            sandbox.connect(salon_id)
        with PartnerClient(sandbox.partner_token, application_id=sandbox.application_id, base_url=url) as partner:
            make_calls(partner, sandbox)
        anyio.run(make_calls_async, url, sandbox)
    print("\nThree calls, and errors that say what to do next.")


def make_calls(partner: PartnerClient, sandbox: Sandbox) -> None:
    """Make the three calls, a rejected one, and one whose answer is lost."""
    headline("PartnerClient")
    with shown(sandbox, f"partner.complete_registration(salon_id={FIRST}, api_key=..., webhook_urls=[...])") as call:
        webhooks = ["https://example.com/webhook"]
        call.result = partner.complete_registration(salon_id=FIRST, api_key="obviously-fake", webhook_urls=webhooks)
    with shown(sandbox, f'partner.notify_payment(salon_id={FIRST}, payment_sum="990.99", ...)') as call:
        payment_id = partner.notify_payment(salon_id=FIRST, payment_sum="990.99", currency_iso="EUR", **DECEMBER)
        call.result = payment_id
    with shown(sandbox, f"partner.notify_refund({payment_id})"):
        partner.notify_refund(payment_id)

    headline("A rejected call: this location has not connected the application")
    with shown(sandbox, f'partner.notify_payment(salon_id={UNCONNECTED}, payment_sum="990.99", ...)'):
        partner.notify_payment(salon_id=UNCONNECTED, payment_sum="990.99", currency_iso="EUR", **DECEMBER)

    headline("A lost answer: Altegio records the payment, then the connection breaks")
    sandbox.inject_fault("lose_answer")
    with shown(sandbox, f'partner.notify_payment(salon_id={FIRST}, payment_sum="49.50", ...)'):
        partner.notify_payment(salon_id=FIRST, payment_sum="49.50", currency_iso="EUR", **DECEMBER)
    print("  Look before you send it again. It was recorded:")
    for payment in sandbox.payments(FIRST):
        print(
            f"    payment {payment.id}: {payment.payment_sum} {payment.currency_iso}, refunded: {payment.is_refunded}"
        )


async def make_calls_async(url: str, sandbox: Sandbox) -> None:
    """Make the same calls with the async client."""
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
    """Print a section title."""
    print(f"\n--- {text} {'-' * (100 - len(text))}")


class Shown:
    """The result of a call that is shown."""

    result: object = None


@contextmanager
def shown(sandbox: Sandbox, code: str) -> Generator[Shown, None, None]:
    """Print a call, the HTTP exchange, and what the call returned or raised."""
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
    """Print the HTTP exchanges, as the local Altegio received them."""
    for exchange in exchanges:
        request, response = exchange.request, exchange.response
        print(f"    sent     {request.method} {request.path}")
        for name in ("authorization", "accept", "user-agent", "content-type"):
            if name in request.headers:
                print(f"             {name}: {request.headers[name]}")
        if request.body:
            print(f"             {request.body.decode()}")
        if response.transfer == "dropped":
            print("    no answer: the payment was recorded, then the connection broke")
        else:
            location = f"location: {response.headers['location']}" if "location" in response.headers else "(empty body)"
            print(f"    answered {response.status} {response.body.decode() or location}")


if __name__ == "__main__":
    main()
