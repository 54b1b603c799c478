"""What a person has seen in Altegio, told to the ledger."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from .connection import Connection
from .consent import Yes, ask

_STILL_COMING = (
    "It was claimed at {:%H:%M} UTC: it may be under way still, or recorded and not shown yet, for Altegio caches for "
    "up to an hour. Then, sent again, it would be recorded twice."
)


def settle(
    connection: Connection,
    idempotency_key: Annotated[str, typer.Argument(show_default=False)],
    payment_id: Annotated[int | None, typer.Option(help="It is there, with this id.")] = None,
    not_recorded: Annotated[bool, typer.Option("--not-recorded", help="It is not there: it may be sent.")] = False,
    yes: Yes = False,
) -> None:
    """Tell the ledger what you have seen in Altegio.

    It is about a call that `unsettled` lists, and that `reconcile` could not decide.
    """
    ledger = connection.wanted_ledger("what is settled is kept in one")
    if (payment_id is None) != not_recorded:
        raise ValueError("Say what you have seen: --payment-id ID, or --not-recorded. One of them.")
    seen = "not in Altegio" if payment_id is None else f"in Altegio, as payment {payment_id}"
    claimed = [one.claimed_at for one in ledger.pending() if one.idempotency_key == idempotency_key and not_recorded]
    warnings = [_STILL_COMING.format(one) for one in claimed if datetime.now(UTC) - one < 2 * ledger.status_delay]
    ask(connection.output, "Keep that?", f"{idempotency_key!r} is {seen}.", *warnings, yes=yes)
    if payment_id is None:
        ledger.mark_not_recorded(idempotency_key)
    else:
        ledger.mark_recorded(idempotency_key, payment_id=payment_id)
    connection.output.say(
        f"Kept: {idempotency_key!r} is {seen}.", idempotency_key=idempotency_key, payment_id=payment_id
    )
