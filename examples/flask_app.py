"""A small application of a partner with Flask: owners register, pay and get their money back, and callbacks are taken.

    pip install altegio-partner[sandbox] flask
    altegio-sandbox --registration-url http://127.0.0.1:5000/register --callback-url http://127.0.0.1:5000/altegio

Then paste what that printed into another terminal, and there:

    flask --app examples/flask_app.py run --port 5000
"""

import os
from datetime import datetime, timedelta
from html import escape

from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue

from altegio_partner import AlreadyInstalledError, AltegioError, OutcomeUnknownError, PartnerClient
from altegio_partner.incoming import Frozen, Paid, Uninstalled, UntrustedRequestError, read_callback, read_registration

TOKEN = os.environ["ALTEGIO_PARTNER_TOKEN"]
partner = PartnerClient()  # one for all threads, as long as the process runs
locations: dict[int, str] = {}  # salon_id: the name it registered with. A real application has a database
payments: dict[int, int] = {}  # payment_id, which is returned only once: salon_id
handled: set[str] = set()  # callbacks of payments: each may arrive three times
app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 64 * 1024  # what Altegio sends is smaller


@app.get("/register")
def ask() -> ResponseReturnValue:
    """Where Altegio sends the owner who has clicked Connect: ask for the settings."""
    registration = read_registration(request.query_string, partner_token=TOKEN)
    name = registration.user.salon_name if registration.user else None
    return page(
        f"Register location {', '.join(map(str, registration.unsigned_salon_ids))}",
        f"<form method=post><label>Name <input name=name required value='{escape(name or '')}'></label> "
        "<button>Register</button></form>",  # it posts to this address, with the query, which is read again
    )


@app.post("/register")
def register() -> ResponseReturnValue:
    """Complete the registration, store the locations, and redirect the owner."""
    next_page: str | None = None
    connected = []
    for salon_id in read_registration(request.query_string, partner_token=TOKEN).unsigned_salon_ids:
        if salon_id in locations:
            connected.append(salon_id)
            continue
        try:
            next_page = partner.complete_registration(salon_id=salon_id) or next_page
            locations[salon_id] = request.form["name"]
        except AlreadyInstalledError:
            connected.append(salon_id)  # the id is not signed: anyone can put any number into the query
    return log_in(connected) if connected else redirect(next_page or "/", 303)


def log_in(salon_ids: list[int]) -> ResponseReturnValue:
    """Give nothing of a location to somebody who has its id. A real application has its login here."""
    which = ", ".join(map(str, salon_ids))
    return page("Log in", f"<p>Connected already: location {which}. Log in to the account that connected it.</p>", 403)


@app.get("/")
def overview() -> ResponseReturnValue:
    """Every location with a button to pay, every payment with one to refund."""
    rows = [
        f"<li>{escape(name)} "
        f"<form method=post action=/pay/{salon_id}><button>Pay for location {salon_id}</button></form>"
        for salon_id, name in locations.items()
    ]
    rows += [
        f"<li>Payment {payment_id} of location {salon_id} "
        f"<form method=post action=/refund/{payment_id}><button>Refund {payment_id}</button></form>"
        for payment_id, salon_id in payments.items()
    ]
    return page("Locations", f"<ul>{''.join(rows)}</ul>")


@app.post("/pay/<int:salon_id>")
def pay(salon_id: int) -> ResponseReturnValue:
    """The location has paid for 30 days: report it, and store the id of the payment."""
    now = datetime.now()
    payment_id = partner.notify_payment(
        salon_id=salon_id,
        payment_sum="49.50",
        currency_iso="EUR",
        payment_date=now,
        period_from=now,
        period_to=now + timedelta(days=30),
    )
    payments[payment_id] = salon_id
    return redirect("/", 303)


@app.post("/refund/<int:payment_id>")
def refund(payment_id: int) -> ResponseReturnValue:
    """The payment was refunded: report it."""
    partner.notify_refund(payment_id)
    payments.pop(payment_id, None)
    return redirect("/", 303)


@app.post("/altegio")
def take_callback() -> ResponseReturnValue:
    """A callback from Altegio. Answer at once: slow work belongs in a queue."""
    match read_callback(request.get_data(), partner_token=TOKEN):
        case Uninstalled(salon_id=salon_id):
            locations.pop(salon_id, None)
        case Frozen(salon_id=salon_id) if salon_id in locations:
            locations[salon_id] += " (frozen)"
        case Paid() as paid if paid.dedupe_key not in handled:
            handled.add(paid.dedupe_key)
            payments[paid.payment_id] = paid.salon_id
        case _:
            pass  # a duplicate, or an unknown event
    return "taken"


@app.errorhandler(UntrustedRequestError)
def refuse(error: UntrustedRequestError) -> ResponseReturnValue:
    """Do nothing of what a request asks that is not Altegio's."""
    return page("That did not come from Altegio", f"<p>{escape(str(error))}</p>", 403)


@app.errorhandler(AltegioError)
def failed(error: AltegioError) -> ResponseReturnValue:
    """Say what went wrong, and what is to be done."""
    unknown = "It is unknown whether it was recorded: look at the location"
    what = unknown if isinstance(error, OutcomeUnknownError) else "It was not recorded"
    return page(what, f"<p>{escape(str(error))}</p><p><a href=/>Back</a></p>", 502)


def page(title: str, content: str, status: int = 200) -> ResponseReturnValue:
    """Write a page."""
    return f"<!doctype html><html lang=en><title>{title}</title><h1>{title}</h1>{content}", status
