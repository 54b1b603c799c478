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

from .confirm import DryRun, Preview, Yes, build_preview, check_key, confirm, preview_of
from .connection import Connection, SalonId, number_parameter, parse_number, read_secret
from .output import Verbatim, counted, table
from .payment import Payment
from .queries import IsRefund, Key, name_of_call, operation_of, unknown_key_text

if TYPE_CHECKING:
    from altegio_partner.ledger import Ledger

_NO_LEDGER = "Without a ledger, a payment reported twice is probably recorded twice. See --ledger-url."
_NO_LEDGER_FOR_A_REFUND = "Without a ledger, it is unknown what Altegio does with a second refund. See --ledger-url."
_WHY_LEDGER = "which stores the key"
_KEY_HELP = "Identifies the payment in the ledger, such as its invoice number."
_TOO_EARLY = (
    "It was claimed at {:%H:%M} UTC. The call may still be in progress, or recorded and not shown yet, because Altegio "
    "caches the status for up to an hour. In both cases, sending it again records it twice."
)


def register(
    connection: Connection,
    salon_id: SalonId,
    webhook_url: Annotated[
        list[str] | None, typer.Option(help="Where Altegio sends events: an https URL, up to 10 times.", metavar="URL")
    ] = None,
    api_key_file: Annotated[
        Path | None,
        typer.Option(help="A file with the API key that your service uses for the location.", metavar="FILE"),
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Report that a location has finished registering with you.

    Example: altegio-partner register 123 --webhook-url https://example.com/webhook
    """
    api_key = None if api_key_file is None else read_secret("--api-key-file", api_key_file)

    def call(settings: Settings) -> Call[str | None]:
        return operations.marketplace.complete_registration(
            settings, salon_id=salon_id, api_key=api_key, webhook_urls=webhook_url or None
        )

    preview = build_preview(connection, call)
    if not _is_confirmed(connection, preview, preview.body.items(), yes=yes, dry_run=dry_run):
        return
    page, text = None, f"Location {salon_id} is registered."
    try:
        with connection.client() as client:
            page = client.perform(preview.call)
        text += f" Send the owner's browser to {page}" if page else ""
    except AlreadyInstalledError:
        text = f"Location {salon_id} was already registered. Nothing was changed."
    connection.output.print_result(text, salon_id=salon_id, next_page=page)


def pay(
    connection: Connection,
    salon_id: SalonId,
    payment_sum: Annotated[
        str, typer.Option(help="The amount paid: 990.99 is 990 euros and 99 cents.", metavar="SUM", show_default=False)
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
            help="Start of the paid period. A date alone means its first second.", metavar="DATE", show_default=False
        ),
    ],
    period_to: Annotated[
        str,
        typer.Option(
            help="End of the paid period. A date alone means its last second.", metavar="DATE", show_default=False
        ),
    ],
    idempotency_key: Annotated[
        str | None, typer.Option(help=f"{_KEY_HELP} Required with a ledger.", metavar="KEY")
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
    ledger = connection.ledger() if idempotency_key is None else connection.required_ledger(_WHY_LEDGER)
    if ledger is not None and idempotency_key is None:
        raise ValueError(f"--idempotency-key is missing. {_KEY_HELP} Pass --idempotency-key invoice-42.")
    preview = _preview_payment(connection, payment, idempotency_key, ledger)
    earlier = ledger and idempotency_key and ledger.get(idempotency_key, **connection.ledger_scope)
    if earlier and earlier.payment_id is not None:
        sentence = f"Payment {earlier.payment_id} was already recorded with this key. Nothing was sent."
        connection.output.print_result(sentence, payment_id=earlier.payment_id, new_ledger=connection.new_ledger)
        return
    fields = payment.rows(preview.body, parse_timezone(connection.value("timezone")))
    if _is_confirmed(connection, preview, fields, "" if ledger else _NO_LEDGER, yes=yes, dry_run=dry_run):
        with connection.client(ledger=ledger) as client:
            payment_id = payment.send(client, idempotency_key)
        text = f"Payment {payment_id} is recorded. Refunds need this id."
        connection.output.print_result(text, payment_id=payment_id, new_ledger=connection.new_ledger)


def refund(
    connection: Connection,
    payment_id: Annotated[int | None, number_parameter("The id of the payment.", metavar="PAYMENT_ID")] = None,
    idempotency_key: Annotated[
        str | None, typer.Option(help=f"{_KEY_HELP} Use it instead of PAYMENT_ID.", metavar="KEY")
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Report that you have refunded a payment in full.

    Example: altegio-partner refund 456
    """
    if payment_id is not None and idempotency_key is None:
        ledger, refunded_id = connection.ledger(), payment_id
    elif payment_id is None and idempotency_key is not None:
        ledger = connection.required_ledger(_WHY_LEDGER)
        refunded_id = _recorded_id(connection, ledger, idempotency_key)
    else:
        raise ValueError("Pass either PAYMENT_ID, such as 456, or --idempotency-key, such as invoice-42.")

    preview = build_preview(connection, lambda settings: operations.marketplace.notify_refund(settings, refunded_id))
    earlier = ledger and ledger.get(str(refunded_id), operation="notify_refund", **connection.ledger_scope)
    if earlier and earlier.payment_id is not None:
        sentence = f"The refund of payment {refunded_id} was already recorded. Nothing was sent."
        connection.output.print_result(sentence, payment_id=refunded_id, new_ledger=connection.new_ledger)
        return
    fields = [("payment_id", refunded_id)]
    if _is_confirmed(connection, preview, fields, "" if ledger else _NO_LEDGER_FOR_A_REFUND, yes=yes, dry_run=dry_run):
        with connection.client(ledger=ledger) as client:
            client.notify_refund(refunded_id)
        text = f"The refund of payment {refunded_id} is recorded."
        connection.output.print_result(text, payment_id=refunded_id, new_ledger=connection.new_ledger)


def discount(
    connection: Connection,
    salon_ids: Annotated[
        list[int], typer.Argument(help="The locations.", parser=parse_number, metavar="SALON_ID...", show_default=False)
    ],
    discount: Annotated[
        str,
        typer.Option(help="A percentage or an amount, as configured at Altegio.", metavar="NUMBER", show_default=False),
    ],
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Set the discount of locations that pay through Altegio.

    Example: altegio-partner discount 123 124 --discount 10
    """

    def call(settings: Settings) -> Call[None]:
        return operations.marketplace.set_discount(settings, salon_ids=salon_ids, discount=discount)

    preview = build_preview(connection, call)
    if _is_confirmed(connection, preview, preview.body.items(), yes=yes, dry_run=dry_run):
        with connection.client() as client:
            client.perform(preview.call)
        text = f"The discount of {counted(len(salon_ids), 'location')} is {discount}."
        connection.output.print_result(text, salon_ids=salon_ids, discount=discount)


def uninstall(connection: Connection, salon_id: SalonId, yes: Yes = False, dry_run: DryRun = False) -> None:
    """Remove your application from a location. Only its owner can connect it again.

    Example: altegio-partner uninstall 123
    """
    preview = build_preview(connection, lambda settings: operations.marketplace.uninstall(settings, salon_id=salon_id))
    if not _is_confirmed(connection, preview, [("salon_id", salon_id)], yes=yes, dry_run=dry_run):
        return
    text = f"Your application is uninstalled from location {salon_id}."
    try:
        with connection.client() as client:
            client.perform(preview.call)
    except NotFoundError:
        text = f"Your application is not installed at location {salon_id}. Nothing was changed."
    connection.output.print_result(text, salon_id=salon_id)


def resolve(
    connection: Connection,
    idempotency_key: Key,
    recorded: Annotated[
        int | None, number_parameter("It is in Altegio, as the payment with this id.", option=True, metavar="ID")
    ] = None,
    not_recorded: Annotated[
        bool, typer.Option("--not-recorded", help="It is not in Altegio, and can be sent again.")
    ] = False,
    also_of: Annotated[
        str | None,
        typer.Option(
            help="With --recorded: the other key that has this payment, if Altegio recorded both as one.", metavar="KEY"
        ),
    ] = None,
    is_refund: IsRefund = False,
    yes: Yes = False,
) -> None:
    """Record in the ledger whether Altegio has a call.

    Use this after you have checked in Altegio, for a pending call that `reconcile` could not decide.

    Example: altegio-partner resolve invoice-42 --recorded 456
    """
    ledger = connection.required_ledger("which stores it", needs_credentials=False)
    if (recorded is None) != not_recorded:
        raise ValueError("Pass either --recorded ID, with the id that you saw in Altegio, or --not-recorded.")
    if not_recorded and also_of is not None:
        raise ValueError("--also-of is the key of a payment that is in Altegio: pass it with --recorded ID.")
    scope: dict[str, Any] = {"operation": operation_of(is_refund=is_refund), **connection.ledger_scope}
    name = name_of_call(idempotency_key, is_refund=is_refund)
    entry = ledger.get(idempotency_key, **scope)
    if entry is None:
        raise ValueError(unknown_key_text(idempotency_key, is_refund=is_refund))
    if entry.payment_id is not None:
        raise ValueError(f"{name} is already recorded, as payment {entry.payment_id}. Nothing is left to do.")
    finding = "not in Altegio" if recorded is None else f"in Altegio, as payment {recorded}"
    is_early = not_recorded and datetime.now(UTC) - entry.claimed_at < 2 * ledger.status_delay
    warning = _TOO_EARLY.format(entry.claimed_at) if is_early else ""
    confirm(connection.output, "Record that?", f"{name} is {finding}.", warning=warning, yes=yes)
    checked: dict[str, Any] = {**scope, "claimed_at": entry.claimed_at}  # the call may be repeated while it asks
    if recorded is None:
        ledger.mark_not_recorded(idempotency_key, **checked)
    else:
        ledger.mark_recorded(idempotency_key, payment_id=recorded, also_of=also_of, **checked)
    text = f"Resolved: {name} is {finding}."
    connection.output.print_result(text, idempotency_key=idempotency_key, payment_id=recorded)


def _recorded_id(connection: Connection, ledger: "Ledger", idempotency_key: str) -> int:
    entry = ledger.get(idempotency_key, **connection.ledger_scope)
    if entry is None:
        raise ValueError(unknown_key_text(idempotency_key))
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
    preview: Preview[Any],
    fields: Iterable[Sequence[Any]],
    warning: str = "",
    *,
    yes: bool,
    dry_run: bool,
) -> bool:
    """Show the request and return whether to send it: a dry run ends here."""
    if dry_run:
        connection.output.print_result(
            Verbatim(preview), request=preview.as_json(), target=preview.target, is_sent=False
        )
        return False
    rows = [(*field, "")[:3] for field in fields]
    shown = f"{preview.method} {preview.url}", table("", "", "", rows=rows)
    confirm(connection.output, f"Send it to {preview.target}?", *shown, warning=warning, yes=yes)
    return True
