"""A small application of a partner: owners register, pay and get their money back, and Altegio's callbacks are taken.

    pip install altegio-partner[sandbox] fastapi python-multipart uvicorn
    altegio-sandbox --registration-url http://127.0.0.1:5000/register --callback-url http://127.0.0.1:5000/altegio

Then paste what that printed into another terminal, and there:

    uvicorn --app-dir examples --port 5000 fastapi_app:app
"""

import hmac
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from html import escape
from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from altegio_partner import AlreadyInstalledError, AltegioError, AsyncPartnerClient, OutcomeUnknownError

locations: dict[int, str] = {}  # salon_id: the name it registered with. A real application has a database
payments: dict[int, int] = {}  # payment_id, which is told only once: salon_id


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep one client as long as the application runs."""
    async with AsyncPartnerClient() as partner:
        app.state.partner = partner
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/register")
def ask(salon_id: int) -> HTMLResponse:
    """Where Altegio sends the owner who has clicked Connect."""
    return page(
        f"Register location {salon_id}",
        f"<form method=post><input type=hidden name=salon_id value={salon_id}>"
        "<label>Name <input name=name required></label> <button>Register</button></form>",
    )


@app.post("/register")
async def register(request: Request, salon_id: Annotated[int, Form()], name: Annotated[str, Form()]) -> Response:
    """Remember the location, tell Altegio, and send the owner on to where Altegio says."""
    partner: AsyncPartnerClient = request.app.state.partner
    locations[salon_id] = name
    try:
        next_page = await partner.complete_registration(salon_id=salon_id)
    except AlreadyInstalledError:
        next_page = None
    except AltegioError as error:
        return failed(error)
    return RedirectResponse(next_page or "/", status_code=303)


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
    """The location has paid for 30 days: tell Altegio, and keep the id of the payment."""
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
    """The money was given back: tell Altegio."""
    partner: AsyncPartnerClient = request.app.state.partner
    try:
        await partner.notify_refund(payment_id)
    except AltegioError as error:
        return failed(error)
    payments.pop(payment_id, None)
    return RedirectResponse("/", status_code=303)


@app.post("/altegio")
async def take_callback(request: Request) -> Response:
    """What Altegio tells us: whoever knows our token is Altegio."""
    event = await request.json()
    token = str(event.get("partner_token", "")).encode()
    if not hmac.compare_digest(token, os.environ["ALTEGIO_PARTNER_TOKEN"].encode()):
        return Response("not Altegio", status_code=403)
    if event["event"] == "uninstall":
        locations.pop(event["salon_id"], None)
    return Response("taken")


def failed(error: AltegioError) -> HTMLResponse:
    """Say what went wrong, and what is to be done."""
    what = (
        "Nobody knows whether it was recorded: look at the location"
        if isinstance(error, OutcomeUnknownError)
        else "It was not recorded"
    )
    return page(what, f"<p>{escape(str(error))}</p><p><a href=/>Back</a></p>", 502)


def page(title: str, content: str, status: int = 200) -> HTMLResponse:
    """Write a page."""
    return HTMLResponse(f"<!doctype html><html lang=en><title>{title}</title><h1>{title}</h1>{content}", status)
