"""The commands that change nothing at Altegio: status, reconcile, pending."""

from typing import Annotated

import typer
from attrs import asdict

from .connection import Connection, SalonId
from .output import table

Key = Annotated[str, typer.Argument(metavar="KEY", help="The idempotency key of the call.", show_default=False)]
_ZONE = "Times are Altegio's local times; their time zone is unknown."


def status(connection: Connection, salon_id: SalonId) -> None:
    """Print the status of your application at a location, and its payments.

    Altegio caches it for up to an hour.
    """
    with connection.client() as client:
        found = client.get_installation(salon_id=salon_id)
    connection.output.say(
        f"Location {salon_id}: {found.status}, connected since {found.created_at}. {_ZONE}",
        table(
            "payment", "sum", "currency", "paid at", "from", "to", "",
            rows=[
                (p.id, p.payment_sum, p.currency_iso, p.payment_date, p.period_from, p.period_to,
                 "refunded" if p.is_refunded else "")
                for p in found.payments
            ],
        ),
        table(
            "changed at", "status", "source",
            rows=[(c.changed_at, f"{c.status_from or '?'} → {c.status_to}", c.source) for c in found.log],
        ),
        salon_id=salon_id,
        **asdict(found),
    )  # fmt: skip


def reconcile(connection: Connection, idempotency_key: Key) -> None:
    """Find out whether a payment whose outcome is unknown was recorded.

    It looks in the ledger, and reads the location's status. Nothing is sent.
    """
    ledger = connection.required_ledger("which has the keys")
    if ledger.get(idempotency_key, **connection.where) is None:
        raise ValueError(unknown_key(idempotency_key))
    with connection.client(ledger=ledger) as client:
        payment_id = client.reconcile(idempotency_key)
    result = "not recorded: report it again" if payment_id is None else f"recorded, as payment {payment_id}"
    connection.output.say(f"{idempotency_key!r} is {result}.", idempotency_key=idempotency_key, payment_id=payment_id)


def pending(connection: Connection) -> None:
    """List the calls whose outcome is unknown."""
    calls = connection.required_ledger("which has them", needs_credentials=False).pending()
    rows = [
        (one.idempotency_key, one.operation, one.payload.get("salon_id") or one.payload.get("payment_id"),
         one.payload.get("payment_sum"), one.payload.get("currency_iso"), f"{one.claimed_at:%Y-%m-%d %H:%M:%S %Z}")
        for one in calls
    ]  # fmt: skip
    columns = ("idempotency key", "call", "location or payment", "sum", "currency", "claimed at")
    advice = "`reconcile KEY` looks one up in Altegio; `resolve KEY` records what you saw there." if calls else ""
    connection.output.say(
        f"{len(calls)} pending. {advice}".rstrip(),
        table(*columns, rows=rows),
        pending=[asdict(one) for one in calls],
    )


def unknown_key(idempotency_key: str) -> str:
    """Return what to say about a key that the ledger does not have."""
    return (
        f"The ledger has no call with the key {idempotency_key!r}: none was made, or Altegio rejected it. "
        "`altegio-partner pending` lists the calls whose outcome is unknown; check also that --ledger-url is right."
    )
