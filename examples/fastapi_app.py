"""A small application of a partner: owners register, pay and get their money back, and Altegio's callbacks are taken.

    pip install altegio-partner[sandbox] fastapi python-multipart uvicorn
    altegio-sandbox --registration-url http://127.0.0.1:5000/register --callback-url http://127.0.0.1:5000/altegio

Then paste what that printed into another terminal, and there:

    uvicorn --app-dir examples --port 5000 fastapi_app:app
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from html import escape
from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from altegio_partner import AlreadyInstalledError, AltegioError, AsyncPartnerClient, OutcomeUnknownError
from altegio_partner.incoming import Frozen, Paid, Uninstalled, UntrustedRequestError, read_callback, read_registration

TOKEN = os.environ["ALTEGIO_PARTNER_TOKEN"]
locations: dict[int, str] = {}  # salon_id: the name it registered with. A real application has a database
payments: dict[int, int] = {}  # payment_id, which is returned only once: salon_id
handled: set[str] = set()  # callbacks of payments: each may arrive three times


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep one client as long as the application runs."""
    async with AsyncPartnerClient() as partner:
        app.state.partner = partner
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/register")
def ask(request: Request) -> HTMLResponse:
    """Where Altegio sends the owner who has clicked Connect: ask for the settings."""
    registration = read_registration(request.url.query, partner_token=TOKEN)
    name = registration.user.salon_name if registration.user else None
    return page(
        f"Register location {', '.join(map(str, registration.unsigned_salon_ids))}",
        f"<form method=post><label>Name <input name=name required value='{escape(name or '')}'></label> "
        "<button>Register</button></form>",  # it posts to this address, with the query, which is read again
    )


@app.post("/register")
async def register(request: Request, name: Annotated[str, Form()]) -> Response:
    """Complete the registration, store the locations, and redirect the owner."""
    partner: AsyncPartnerClient = request.app.state.partner
    next_page: str | None = None
    connected = []
    for salon_id in read_registration(request.url.query, partner_token=TOKEN).unsigned_salon_ids:
        if salon_id in locations:
            connected.append(salon_id)
            continue
        try:
            next_page = await partner.complete_registration(salon_id=salon_id) or next_page
        except AlreadyInstalledError:
            connected.append(salon_id)  # the id is not signed: anyone can put any number into the query
        except AltegioError as error:
            return failed(error)
        else:
            locations[salon_id] = name
    return log_in(connected) if connected else RedirectResponse(next_page or "/", status_code=303)


@app.get("/")
def overview() -> HTMLResponse:
    """Every location with a button to pay, every payment with one to refund."""
    rows = [
        f"<li>{escape(name)} <form method=post action=/pay><input type=hidden name=salon_id value={salon_id}>"
        f"<button>Pay for location {salon_id}</button></form></li>"
        for salon_id, name in locations.items()
    ]
    rows += [
        f"<li>Payment {payment_id} of location {salon_id} <form method=post action=/refund>"
        f"<input type=hidden name=payment_id value={payment_id}><button>Refund {payment_id}</button></form></li>"
        for payment_id, salon_id in payments.items()
    ]
    return page("Locations", f"<ul>{''.join(rows)}</ul>")


@app.post("/pay")
async def pay(request: Request, salon_id: Annotated[int, Form()]) -> Response:
    """The location has paid for 30 days: report it, and store the id of the payment."""
    partner: AsyncPartnerClient = request.app.state.partner
    now = datetime.now()
    try:
        payment_id = await partner.notify_payment(
            salon_id=salon_id,
            payment_sum="49.50",
            currency_iso="EUR",
            payment_date=now,
            period_from=now,
            period_to=now + timedelta(days=30),
        )
    except AltegioError as error:
        return failed(error)
    payments[payment_id] = salon_id
    return RedirectResponse("/", status_code=303)


@app.post("/refund")
async def refund(request: Request, payment_id: Annotated[int, Form()]) -> Response:
    """The payment was refunded: report it."""
    partner: AsyncPartnerClient = request.app.state.partner
    try:
        await partner.notify_refund(payment_id)
    except AltegioError as error:
        return failed(error)
    payments.pop(payment_id, None)
    return RedirectResponse("/", status_code=303)


@app.post("/altegio")
async def take_callback(request: Request) -> Response:
    """A callback from Altegio. Answer at once: slow work belongs in a queue."""
    match read_callback(await request.body(), partner_token=TOKEN):
        case Uninstalled(salon_id=salon_id):
            locations.pop(salon_id, None)
        case Frozen(salon_id=salon_id) if salon_id in locations:
            locations[salon_id] += " (frozen)"
        case Paid() as paid if paid.dedupe_key not in handled:
            handled.add(paid.dedupe_key)
            payments[paid.payment_id] = paid.salon_id
        case _:
            pass  # a duplicate, or an unknown event
    return Response("taken")


@app.exception_handler(UntrustedRequestError)
async def refuse(_: Request, error: UntrustedRequestError) -> Response:
    """Do nothing of what a request asks that is not Altegio's."""
    return page("That did not come from Altegio", f"<p>{escape(str(error))}</p>", 403)


def log_in(salon_ids: list[int]) -> HTMLResponse:
    """Give nothing of a location to somebody who has its id. A real application has its login here."""
    which = ", ".join(map(str, salon_ids))
    return page("Log in", f"<p>Connected already: location {which}. Log in to the account that connected it.</p>", 403)


def failed(error: AltegioError) -> HTMLResponse:
    """Say what went wrong, and what is to be done."""
    what = (
        "It is unknown whether it was recorded: look at the location"
        if isinstance(error, OutcomeUnknownError)
        else "It was not recorded"
    )
    return page(what, f"<p>{escape(str(error))}</p><p><a href=/>Back</a></p>", 502)


def page(title: str, content: str, status: int = 200) -> HTMLResponse:
    """Write a page."""
    return HTMLResponse(f"<!doctype html><html lang=en><title>{title}</title><h1>{title}</h1>{content}", status)
