"""The commands that change something: register, pay and refund at Altegio, resolve in the ledger."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from altegio_partner import operations
from altegio_partner.call import Call
from altegio_partner.dates import parse_timezone
from altegio_partner.errors import AlreadyInstalledError, NotFoundError
from altegio_partner.settings import Settings

from .confirm import DryRun, Preview, Yes, check_key, confirm, preview, preview_of
from .connection import Connection, SalonId, number, secret_in, whole_number
from .output import Verbatim, counted, table
from .payment import Payment
from .queries import Key, OfRefund, name_of_call, operation_of, unknown_key

if TYPE_CHECKING:
    from altegio_partner.ledger import Ledger

_NO_LEDGER = "No ledger is used: a payment reported twice is probably recorded twice. See --ledger-url."
_NO_LEDGER_FOR_A_REFUND = "No ledger is used: what Altegio does with a second refund is unknown. See --ledger-url."
_WHY = "which stores the key"
_WHAT_IT_NAMES = "Identifies the payment in the ledger, such as its invoice number."
_CACHED = (
    "It was claimed at {:%H:%M} UTC. The call may still be in progress, or recorded and not shown yet, because Altegio "
    "caches the status for up to an hour. Sent again, it would then be recorded twice."
)


def register(
    connection: Connection,
    salon_id: SalonId,
    webhook_url: Annotated[
        list[str] | None, typer.Option(help="Where Altegio sends events: an https URL, up to 10 times.", metavar="URL")
    ] = None,
    api_key_file: Annotated[
        Path | None,
        typer.Option(help="A file with the key by which your service identifies the location.", metavar="FILE"),
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Report that a location has finished registering with you.

    Example: altegio-partner register 123 --webhook-url https://example.com/webhook
    """
    api_key = None if api_key_file is None else secret_in("--api-key-file", api_key_file)

    def call(settings: Settings) -> Call[str | None]:
        return operations.marketplace.complete_registration(
            settings, salon_id=salon_id, api_key=api_key, webhook_urls=webhook_url or None
        )

    seen = preview(connection, call)
    if not _is_confirmed(connection, seen, seen.body.items(), yes=yes, dry_run=dry_run):
        return
    page, said = None, f"Location {salon_id} is registered."
    try:
        with connection.client() as client:
            page = client.perform(seen.call)
        said += f" Send the owner's browser to {page}" if page else ""
    except AlreadyInstalledError:
        said = f"Location {salon_id} was registered already. Nothing was changed."
    connection.output.say(said, salon_id=salon_id, next_page=page)


def pay(
    connection: Connection,
    salon_id: SalonId,
    payment_sum: Annotated[
        str, typer.Option(help="What was paid: 990.99 is 990 euros and 99 cents.", metavar="SUM", show_default=False)
    ],
    currency_iso: Annotated[
        str, typer.Option(help="Three capital letters: EUR, USD, BYN.", metavar="CODE", show_default=False)
    ],
    payment_date: Annotated[
        str,
        typer.Option(help="When it was paid: '2026-11-24 12:00', with the time.", metavar="TIME", show_default=False),
    ],
    period_from: Annotated[
        str,
        typer.Option(
            help="Its beginning, inclusive. A date alone means its first second.", metavar="DATE", show_default=False
        ),
    ],
    period_to: Annotated[
        str,
        typer.Option(
            help="Its end, inclusive. A date alone means its last second.", metavar="DATE", show_default=False
        ),
    ],
    idempotency_key: Annotated[
        str | None, typer.Option(help=f"{_WHAT_IT_NAMES} Required with a ledger.", metavar="KEY")
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Report that a location has paid you for a period.

    Example: altegio-partner pay 123 --payment-sum 990.99 --currency-iso EUR --payment-date '2026-11-24 12:00'
    --period-from 2026-12-01 --period-to 2026-12-31
    """
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
    ledger = connection.ledger() if idempotency_key is None else connection.required_ledger(_WHY)
    if ledger is not None and idempotency_key is None:
        raise ValueError(f"--idempotency-key is missing. {_WHAT_IT_NAMES} Pass --idempotency-key invoice-42.")
    seen = _preview_payment(connection, payment, idempotency_key, ledger)
    earlier = ledger and idempotency_key and ledger.get(idempotency_key, **connection.where)
    if earlier and earlier.payment_id is not None:
        sentence = f"Payment {earlier.payment_id} was already recorded with this key. Nothing was sent."
        connection.output.say(sentence, payment_id=earlier.payment_id)
        return
    fields = payment.rows(seen.body, parse_timezone(connection.value("timezone")))
    if _is_confirmed(connection, seen, fields, "" if ledger else _NO_LEDGER, yes=yes, dry_run=dry_run):
        with connection.client(ledger=ledger) as client:
            payment_id = payment.send(client, idempotency_key)
        connection.output.say(f"Payment {payment_id} is recorded. Refunds need this id.", payment_id=payment_id)


def refund(
    connection: Connection,
    payment_id: Annotated[int | None, number("The id of the payment.", metavar="PAYMENT_ID")] = None,
    idempotency_key: Annotated[
        str | None, typer.Option(help=f"{_WHAT_IT_NAMES} Instead of its id.", metavar="KEY")
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Report that you refunded a payment to a location, in full.

    Example: altegio-partner refund 456
    """
    if payment_id is not None and idempotency_key is None:
        ledger, known = connection.ledger(), payment_id
    elif payment_id is None and idempotency_key is not None:
        ledger = connection.required_ledger(_WHY)
        known = _recorded(connection, ledger, idempotency_key)
    else:
        raise ValueError("Pass either PAYMENT_ID, such as 456, or --idempotency-key, such as invoice-42.")

    seen = preview(connection, lambda settings: operations.marketplace.notify_refund(settings, known))
    earlier = ledger and ledger.get(str(known), operation="notify_refund", **connection.where)
    if earlier and earlier.payment_id is not None:
        sentence = f"The refund of payment {known} was already recorded. Nothing was sent."
        connection.output.say(sentence, payment_id=known)
        return
    fields = [("payment_id", known)]
    if _is_confirmed(connection, seen, fields, "" if ledger else _NO_LEDGER_FOR_A_REFUND, yes=yes, dry_run=dry_run):
        with connection.client(ledger=ledger) as client:
            client.notify_refund(known)
        connection.output.say(f"The refund of payment {known} is recorded.", payment_id=known)


def discount(
    connection: Connection,
    salon_ids: Annotated[
        list[int], typer.Argument(help="The locations.", parser=whole_number, metavar="SALON_ID...", show_default=False)
    ],
    discount: Annotated[
        str,
        typer.Option(
            help="In percent or an amount, as your application is configured.", metavar="NUMBER", show_default=False
        ),
    ],
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Set the discount at Altegio of locations.

    They get it when they pay through Altegio.

    Example: altegio-partner discount 123 124 --discount 10
    """

    def call(settings: Settings) -> Call[None]:
        return operations.marketplace.set_discount(settings, salon_ids=salon_ids, discount=discount)

    seen = preview(connection, call)
    if _is_confirmed(connection, seen, seen.body.items(), yes=yes, dry_run=dry_run):
        with connection.client() as client:
            client.perform(seen.call)
        said = f"The discount of {counted(len(salon_ids), 'location')} is {discount}."
        connection.output.say(said, salon_ids=salon_ids, discount=discount)


def uninstall(connection: Connection, salon_id: SalonId, yes: Yes = False, dry_run: DryRun = False) -> None:
    """Remove your application from a location. Only its owner can connect it again.

    Example: altegio-partner uninstall 123
    """
    seen = preview(connection, lambda settings: operations.marketplace.uninstall(settings, salon_id=salon_id))
    if not _is_confirmed(connection, seen, [("salon_id", salon_id)], yes=yes, dry_run=dry_run):
        return
    said = f"Your application is uninstalled from location {salon_id}."
    try:
        with connection.client() as client:
            client.perform(seen.call)
    except NotFoundError:
        said = f"Your application is not installed at location {salon_id}. Nothing was changed."
    connection.output.say(said, salon_id=salon_id)


def resolve(
    connection: Connection,
    idempotency_key: Key,
    recorded: Annotated[
        int | None, number("It is in Altegio, with this payment id.", option=True, metavar="ID")
    ] = None,
    not_recorded: Annotated[bool, typer.Option("--not-recorded", help="It is not in Altegio: it may be sent.")] = False,
    also_of: Annotated[
        str | None,
        typer.Option(
            help="With --recorded: the key that has this payment, if Altegio took both for one.", metavar="KEY"
        ),
    ] = None,
    is_refund: OfRefund = False,
    yes: Yes = False,
) -> None:
    """Record in the ledger what you saw in Altegio.

    For a call that `pending` lists and that `reconcile` could not decide.

    Example: altegio-partner resolve invoice-42 --recorded 456
    """
    ledger = connection.required_ledger("which stores it", needs_credentials=False)
    if (recorded is None) != not_recorded:
        raise ValueError("Pass either --recorded ID, with the id that you saw in Altegio, or --not-recorded.")
    if not_recorded and also_of is not None:
        raise ValueError("--also-of is the key of a payment that is in Altegio: pass it with --recorded ID.")
    which: dict[str, Any] = {"operation": operation_of(is_refund=is_refund), **connection.where}
    called = name_of_call(idempotency_key, is_refund=is_refund)
    entry = ledger.get(idempotency_key, **which)
    if entry is None:
        raise ValueError(unknown_key(idempotency_key, is_refund=is_refund))
    if entry.payment_id is not None:
        raise ValueError(f"{called} is recorded already, as payment {entry.payment_id}. Nothing is to be done.")
    seen = "not in Altegio" if recorded is None else f"in Altegio, as payment {recorded}"
    is_early = not_recorded and datetime.now(UTC) - entry.claimed_at < 2 * ledger.status_delay
    warnings = [_CACHED.format(entry.claimed_at)] if is_early else []
    confirm(connection.output, "Record that?", f"{called} is {seen}.", *warnings, yes=yes)
    if recorded is None:
        ledger.mark_not_recorded(idempotency_key, **which)
    else:
        ledger.mark_recorded(idempotency_key, payment_id=recorded, also_of=also_of, **which)
    connection.output.say(f"Resolved: {called} is {seen}.", idempotency_key=idempotency_key, payment_id=recorded)


def _recorded(connection: Connection, ledger: "Ledger", idempotency_key: str) -> int:
    entry = ledger.get(idempotency_key, **connection.where)
    if entry is None:
        raise ValueError(unknown_key(idempotency_key))
    if entry.payment_id is None:
        raise ValueError(
            f"Whether the payment {idempotency_key!r} was recorded is unknown. First run: "
            f"altegio-partner reconcile {idempotency_key}"
        )
    return entry.payment_id


def _preview_payment(
    connection: Connection, payment: Payment, key: str | None, ledger: "Ledger | None"
) -> Preview[int]:
    """Return what would be sent, or raise the ValueError of a key that was used for another payment."""
    settings = connection.dry_run_settings(ledger)
    call = payment.call(settings, key)
    check_key(call)
    return preview_of(call, settings)


def _is_confirmed(
    connection: Connection,
    seen: Preview[Any],
    fields: Iterable[Sequence[Any]],
    warning: str = "",
    *,
    yes: bool,
    dry_run: bool,
) -> bool:
    """Show the request and return whether to send it: a dry run ends here."""
    if dry_run:
        connection.output.say(Verbatim(seen), request=seen.as_json(), target=seen.target, is_sent=False)
        return False
    rows = [(*field, "")[:3] for field in fields]
    shown = f"{seen.method} {seen.url}", table("", "", "", rows=rows)
    confirm(connection.output, f"Send it to {seen.target}?", *shown, *([warning] if warning else []), yes=yes)
    return True
