"""A small partner application with Django: owners register and pay, payments are refunded, callbacks are processed.

    pip install altegio-partner[sandbox] django
    altegio-sandbox --registration-url http://127.0.0.1:5000/register --callback-url http://127.0.0.1:5000/altegio

Then paste what that printed into another terminal, and there:

    python examples/django_app.py runserver --noreload 5000

It is one file so that it can be read at once. In your project, put the views into `views.py` and the error middleware
into `middleware.py`.
"""

import os
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from html import escape

from django.conf import settings
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from altegio_partner import AlreadyInstalledError, AltegioError, OutcomeUnknownError, PartnerClient
from altegio_partner.incoming import Frozen, Paid, Uninstalled, UntrustedRequestError, read_callback, read_registration

TOKEN = os.environ["ALTEGIO_PARTNER_TOKEN"]
partner = PartnerClient()  # one for all threads, as long as the process runs
locations: dict[int, str] = {}  # salon_id: the name it registered with. A real application has models
payments: dict[int, int] = {}  # payment_id, which is returned only once: salon_id
handled: set[str] = set()  # payments that a callback was processed for: Altegio may send it three times


def register(request: HttpRequest) -> HttpResponse:
    """Show the owner who has clicked Connect a form, then complete the registration."""
    registration = read_registration(request.META["QUERY_STRING"], partner_token=TOKEN)
    if request.method != "POST":
        name = registration.user.salon_name if registration.user else None
        return page(
            f"Register location {', '.join(map(str, registration.unsigned_salon_ids))}",
            f"<form method=post><label>Name <input name=name required value='{escape(name or '')}'></label> "
            "<button>Register</button></form>",  # it posts to this address, with the query, which is read again
        )
    next_page: str | None = None
    connected = []
    for salon_id in registration.unsigned_salon_ids:
        if salon_id in locations:
            connected.append(salon_id)
            continue
        try:
            next_page = partner.complete_registration(salon_id=salon_id) or next_page
            locations[salon_id] = request.POST["name"]
        except AlreadyInstalledError:
            connected.append(salon_id)  # the id is not signed: anyone can put any number into the query
    return log_in(connected) if connected else redirect(next_page or "/")


def log_in(salon_ids: list[int]) -> HttpResponse:
    """Give nothing of a location to somebody who has its id. A real application has its login here."""
    which = ", ".join(map(str, salon_ids))
    return page("Log in", f"<p>Connected already: location {which}. Log in to the account that connected it.</p>", 403)


@require_GET
def overview(_: HttpRequest) -> HttpResponse:
    """List the locations, with a button to pay, and the payments, with a button to refund."""
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


@require_POST
def pay(_: HttpRequest, salon_id: int) -> HttpResponse:
    """Report that the location has paid for 30 days, and store the id of the payment."""
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
    return redirect("/")


@require_POST
def refund(_: HttpRequest, payment_id: int) -> HttpResponse:
    """Report that the payment was refunded."""
    partner.notify_refund(payment_id)
    payments.pop(payment_id, None)
    return redirect("/")


@csrf_exempt  # Altegio sends no CSRF token
@require_POST
def receive_callback(request: HttpRequest) -> HttpResponse:
    """Process a callback. Respond immediately: put long work into a queue."""
    match read_callback(request.body, partner_token=TOKEN):
        case Uninstalled(salon_id=salon_id):
            locations.pop(salon_id, None)
        case Frozen(salon_id=salon_id) if salon_id in locations:
            locations[salon_id] += " (frozen)"
        case Paid() as paid if paid.dedupe_key not in handled:
            handled.add(paid.dedupe_key)
            payments[paid.payment_id] = paid.salon_id
        case _:
            pass  # a repeated callback, or an event of another kind
    return HttpResponse("taken")


class ErrorPages:
    """Turns errors of Altegio, and requests that are not from Altegio, into responses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self._get_response(request)

    def process_exception(self, _: HttpRequest, error: Exception) -> HttpResponse | None:
        """Respond with what went wrong, and what to do."""
        if isinstance(error, UntrustedRequestError):
            return page("That did not come from Altegio", f"<p>{escape(str(error))}</p>", 403)
        if isinstance(error, OutcomeUnknownError):
            return page("It is unknown whether it was recorded: look at the location", escape(str(error)), 502)
        if isinstance(error, AltegioError):
            return page("It was not recorded", escape(str(error)), 502)
        return None


def page(title: str, content: str, status: int = 200) -> HttpResponse:
    """Return a page."""
    text = f"<!doctype html><html lang=en><title>{title}</title><h1>{title}</h1>{content}"
    return HttpResponse(text, status=status)


def redirect(address: str) -> HttpResponse:
    """Redirect the browser, with GET."""
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


urlpatterns = [
    path("", overview),
    path("register", register),
    path("pay/<int:salon_id>", pay),
    path("refund/<int:payment_id>", refund),
    path("altegio", receive_callback),
]
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    DATA_UPLOAD_MAX_MEMORY_SIZE=64 * 1024,  # what Altegio sends is smaller
    MIDDLEWARE=[f"{__name__}.ErrorPages"],
    ROOT_URLCONF=__name__,
)
application = get_wsgi_application()

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
