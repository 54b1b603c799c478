"""What changes something at Altegio: register, pay, refund."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from altegio_partner.client import PartnerClient
from altegio_partner.dates import known_timezone
from altegio_partner.ledger import Ledger

from .connection import Connection, secret_in
from .consent import DryRun, Yes, ask, host
from .output import table
from .payment import Payment
from .preview import Nowhere, Preview, preview

_SalonId = Annotated[int, typer.Argument(help="The location.", show_default=False)]
_NO_LEDGER = "No ledger is used: what is told twice is recorded twice, as far as is known. See --ledger-url."
_WHY = "a key is kept in one"
_WHAT_IT_NAMES = "The number of the invoice, say: it names the payment in the ledger."


def register(
    connection: Connection,
    salon_id: _SalonId,
    webhook_url: Annotated[list[str] | None, typer.Option(help="Where Altegio sends events: up to 10.")] = None,
    api_key_file: Annotated[
        Path | None, typer.Option(help="A file with the key with which our service identifies the location.")
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Tell Altegio that a location has finished registering with us."""
    api_key = None if api_key_file is None else secret_in("--api-key-file", api_key_file)

    def call(client: PartnerClient) -> str | None:
        return client.complete_registration(salon_id=salon_id, api_key=api_key, webhook_urls=webhook_url or None)

    seen = _seen(connection, call)
    fields = list(seen.body.items())
    if _agreed(connection, seen, fields, yes=yes, dry_run=dry_run):
        with connection.client() as client:
            page = call(client)
        where = f" Send the owner's browser to {page}" if page else ""
        connection.output.say(f"Location {salon_id} is registered.{where}", salon_id=salon_id, next_page=page)


def pay(
    connection: Connection,
    salon_id: _SalonId,
    payment_sum: Annotated[str, typer.Option(help="990.99 is 990 euros and 99 cents.")],
    currency_iso: Annotated[str, typer.Option(help="Three capital letters: EUR, USD, BYN.")],
    payment_date: Annotated[str, typer.Option(help="When it was paid, with the time of day: '2026-11-24 12:00'.")],
    period_from: Annotated[str, typer.Option(help="Its beginning, inclusive. A date alone is its first second.")],
    period_to: Annotated[str, typer.Option(help="Its end, inclusive. A date alone is its last second.")],
    idempotency_key: Annotated[str | None, typer.Option(help=f"{_WHAT_IT_NAMES} Needed with one.")] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Tell Altegio that a location has paid us for a period."""
    payment = Payment.read(
        {
            "salon_id": str(salon_id),
            "payment_sum": payment_sum,
            "currency_iso": currency_iso,
            "payment_date": payment_date,
            "period_from": period_from,
            "period_to": period_to,
        }
    )
    ledger = connection.ledger() if idempotency_key is None else connection.wanted_ledger(_WHY)
    if ledger is not None and idempotency_key is None:
        raise ValueError(f"--idempotency-key must be given where there is a ledger. {_WHAT_IT_NAMES}")
    seen = _seen(connection, lambda client: payment.tell(client, idempotency_key), ledger)
    told = ledger and idempotency_key and ledger.get(idempotency_key)
    if told and told.payment_id is not None:
        sentence = f"Payment {told.payment_id} was recorded already, under this key. Nothing is sent."
        connection.output.say(sentence, payment_id=told.payment_id)
        return
    fields = payment.rows(seen.body, known_timezone(connection.timezone))
    if _agreed(connection, seen, fields, "" if ledger else _NO_LEDGER, yes=yes, dry_run=dry_run):
        with connection.client(ledger=ledger) as client:
            payment_id = payment.tell(client, idempotency_key)
        connection.output.say(f"Payment {payment_id} is recorded. Refunds need this id.", payment_id=payment_id)


def refund(
    connection: Connection,
    payment_id: Annotated[int | None, typer.Argument(help="The payment.", show_default=False)] = None,
    idempotency_key: Annotated[str | None, typer.Option(help=f"{_WHAT_IT_NAMES} Instead of its id.")] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Tell Altegio that we gave a location the whole of a payment back."""
    if payment_id is not None and idempotency_key is None:
        ledger, known = connection.ledger(), payment_id
    elif payment_id is None and idempotency_key is not None:
        ledger = connection.wanted_ledger(_WHY)
        known = _recorded(connection, ledger, idempotency_key)
    else:
        raise ValueError("Name the payment by its id, or by its --idempotency-key: one of them.")

    def call(client: PartnerClient) -> None:
        client.notify_refund(known)

    seen = _seen(connection, call, ledger)
    if _agreed(connection, seen, [("payment_id", known)], "" if ledger else _NO_LEDGER, yes=yes, dry_run=dry_run):
        with connection.client(ledger=ledger) as client:
            call(client)
        connection.output.say(f"The refund of payment {known} is recorded.", payment_id=known)


def _recorded(connection: Connection, ledger: Ledger, idempotency_key: str) -> int:
    told = ledger.get(idempotency_key)
    if told is None or told.payment_id is None:
        raise ValueError(f"The ledger knows no recorded payment of {idempotency_key!r}: see `status` and `reconcile`.")
    with connection.trial_client(Nowhere(), ledger) as client:
        client.reconcile(idempotency_key)  # refuses what was told to another Altegio, or for another application
    return told.payment_id


def _seen(connection: Connection, call: Callable[[PartnerClient], object], ledger: Ledger | None = None) -> Preview:
    nowhere = Nowhere()
    with connection.trial_client(nowhere, ledger) as client:
        return preview(client, nowhere, call)


def _agreed(
    connection: Connection,
    seen: Preview,
    fields: Iterable[Sequence[Any]],
    warning: str = "",
    *,
    yes: bool,
    dry_run: bool,
) -> bool:
    """Show the request and return whether to make it: after a dry run there is nothing left to do."""
    if dry_run:
        connection.output.say(str(seen), request=seen.shown(), is_sent=False)
        return False
    shown = f"{seen.method} {seen.url}", table("", "", "", rows=fields)
    ask(connection.output, f"Send it to {host(seen.url)}?", *shown, *([warning] if warning else []), yes=yes)
    return True
