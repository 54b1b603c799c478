"""A file of payments, reported one by one: at the rate that Altegio allows, and each once across restarts."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from attrs import frozen

from altegio_partner.client import PartnerClient
from altegio_partner.dates import parse_timezone
from altegio_partner.errors import AltegioError, AuthenticationError
from altegio_partner.ledger import Ledger, UndecidedError

from .confirm import DryRun, RequestRecorder, Yes, confirm, preview
from .connection import Connection
from .csv_files import Row, check_results_path, read_rows, results_in
from .output import Outcome, Output, in_words, table
from .payment import conversion
from .throttle import Interrupts, Throttle

_MOST_FAILURES = 3  # in a row: each further one would have to be looked up too
_SHOWN = 5  # rows of the file, before the question


@frozen
class _Result:
    """The result of a row."""

    outcome: Outcome
    payment_id: int | None = None
    text: str = ""
    stops: bool = False
    """Whether the next rows would fail as well."""
    is_failure: bool = False
    """Whether Altegio gave no usable response."""


def import_payments(
    connection: Connection,
    file: Annotated[Path, typer.Argument(help="The payments, as CSV.", show_default=False)],
    results: Annotated[Path | None, typer.Option(help="Where to write the result of each row.")] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Report the payments of a CSV file, each once.

    Row 1 names the columns: idempotency_key, salon_id, payment_sum, currency_iso, payment_date, period_from, period_to.
    All rows are checked before the first is sent. You can stop it with Ctrl-C, and run it again.

    Example: altegio-partner import payments.csv --dry-run
    """
    ledger = connection.required_ledger("which prevents duplicate payments")
    path = results or file.with_suffix(".results.csv")
    check_results_path(path)
    recorder = RequestRecorder()
    with connection.trial_client(recorder, ledger) as trial:
        rows = read_rows(
            file,
            lambda key, payment: preview(trial, recorder, lambda client: payment.send(client, key)),
            connection.text_of_row,
        )
    if not rows:
        raise ValueError(f"{file} contains no payments. Write one in each row, from row 2.")
    if dry_run:
        text = "\n\n".join(f"Row {row.number}:\n{row.preview}" for row in rows)
        connection.output.say(text, requests=[row.preview.as_json() for row in rows], is_sent=False)
        return
    _confirm(connection, rows, ledger, yes=yes)
    counts: Counter[Outcome] = Counter()
    throttle = Throttle()
    with connection.client(ledger, throttle) as client, results_in(path) as written, Interrupts() as interrupts:
        steps = _sent(rows, client, throttle, interrupts, connection.text_of_row)
        for row, result in connection.output.progress(steps, len(rows), counts):
            counts[result.outcome] += 1
            written.add(row.number, row.idempotency_key, result.outcome.word, result.payment_id, result.text)
    _conclude(connection.output, counts, path)


def _confirm(connection: Connection, rows: list[Row], ledger: Ledger, *, yes: bool) -> None:
    entries = {row.number: ledger.get(row.idempotency_key, **connection.where) for row in rows}
    ahead = [row for row in rows if not (one := entries[row.number]) or one.payment_id is None]
    unknown = sum(entries[row.number] is not None for row in ahead)
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row.payment.currency_iso] += Decimal(row.payment.payment_sum)
    timezone = parse_timezone(connection.timezone)
    columns = ("row", "salon_id", "sum", "payment_date", "period_from", "period_to", "times")
    shown = [
        (row.number, body["salon_id"], f"{body['payment_sum']} {body['currency_iso']}", body["payment_date"],
         body["period_from"], body["period_to"], conversion(row.payment.payment_date, timezone))
        for row in ahead[:_SHOWN]
        for body in (row.preview.body,)
    ]  # fmt: skip
    total = ", ".join(f"{amount} {currency}" for currency, amount in sorted(sums.items()))
    known = f"{len(rows) - len(ahead)} recorded, {unknown} pending (looked up before they are sent)"
    summary = f"{len(rows)} payments, {total}. In the ledger: {known}."
    rest = [f"and {len(ahead) - _SHOWN} more"] if len(ahead) > _SHOWN else []
    question = f"Send {len(ahead)} to {rows[0].preview.host}?"
    confirm(connection.output, question, summary, table(*columns, rows=shown), *rest, yes=yes or not ahead)


def _sent(
    rows: list[Row],
    client: PartnerClient,
    throttle: Throttle,
    interrupts: Interrupts,
    text_of: Callable[[BaseException], str],
) -> Iterator[tuple[Row, _Result]]:
    """Report the rows, one by one, until a problem that would affect all of them."""
    failures = 0
    why = ""
    for row in rows:
        if not why:
            throttle.take(interrupts)
        if interrupts.received:
            why = why or "the import was stopped."
        if why:
            yield row, _Result(Outcome.NOT_SENT, text=f"Not tried: {why}")
            continue
        result = _send(row, client, text_of)
        yield row, result
        failures = failures + 1 if result.is_failure else 0
        if result.stops or failures == _MOST_FAILURES:
            why = f"the import stopped at row {row.number}. {result.text}"


def _send(row: Row, client: PartnerClient, text_of: Callable[[BaseException], str]) -> _Result:
    try:
        return _Result(Outcome.DONE, row.payment.send(client, row.idempotency_key))
    except AltegioError as error:
        outcome = Outcome.of(error)
        return _Result(
            outcome,
            getattr(error, "payment_id", None),
            text_of(error),
            stops=outcome is Outcome.NOT_SENT or isinstance(error, AuthenticationError),
            is_failure=outcome is Outcome.UNKNOWN and not isinstance(error, UndecidedError),
        )
    except ValueError as error:  # since the check, its key was used for another payment
        return _Result(Outcome.REJECTED, text=text_of(error))


def _conclude(output: Output, counts: Counter[Outcome], path: Path) -> None:
    worst = max(counts)
    words = {outcome.word: count for outcome, count in counts.items()}
    output.say(f"{in_words(counts)}. Row by row: {path}", outcome=worst, counts=words, results=str(path))
    if worst:
        raise typer.Exit(worst)
