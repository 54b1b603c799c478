"""What changes nothing at Altegio: status, reconcile, unsettled."""

from typing import Annotated

import typer
from attrs import asdict

from .connection import Connection
from .output import table

_Key = Annotated[str, typer.Argument(metavar="IDEMPOTENCY_KEY", show_default=False)]
_ZONE = "Times are Altegio's local ones; in which zone is unknown."


def status(
    connection: Connection, salon_id: Annotated[int, typer.Argument(help="The location.", show_default=False)]
) -> None:
    """Read how our application stands at a location, and what was paid.

    Altegio caches it, for up to an hour.
    """
    with connection.client() as client:
        found = client.get_installation(salon_id=salon_id)
    connection.output.say(
        f"Location {salon_id}: {found.status}, since {found.created_at} with us. {_ZONE}",
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


def reconcile(connection: Connection, idempotency_key: _Key) -> None:
    """Find out what came of a payment whose outcome is unknown.

    It looks in the ledger, and reads the location's status. Nothing is sent.
    """
    ledger = connection.wanted_ledger("what is looked for is kept in one")
    if ledger.get(idempotency_key) is None:
        raise ValueError(
            f"The ledger knows no call under {idempotency_key!r}: none was made, or Altegio refused it. Check the key, "
            "and that this is the right ledger."
        )
    with connection.client(ledger=ledger) as client:
        payment_id = client.reconcile(idempotency_key)
    told = "not recorded: tell it again" if payment_id is None else f"recorded: the payment is {payment_id}"
    connection.output.say(f"{idempotency_key!r} is {told}.", idempotency_key=idempotency_key, payment_id=payment_id)


def unsettled(connection: Connection) -> None:
    """List the calls whose outcome is unknown."""
    calls = connection.wanted_ledger("they are kept in one").pending()
    rows = [
        (one.idempotency_key, one.operation, one.payload.get("salon_id") or one.payload.get("payment_id"),
         one.payload.get("payment_sum"), one.payload.get("currency_iso"), f"{one.claimed_at:%Y-%m-%d %H:%M:%S %Z}")
        for one in calls
    ]  # fmt: skip
    columns = ("idempotency key", "call", "location or payment", "sum", "currency", "claimed at")
    advice = "`reconcile` looks for one in Altegio; `settle` takes what you have seen there." if calls else ""
    connection.output.say(
        f"{len(calls)} unsettled. {advice}".rstrip(),
        table(*columns, rows=rows),
        unsettled=[asdict(one) for one in calls],
    )
