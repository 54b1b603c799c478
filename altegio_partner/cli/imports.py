"""A file of payments, told one by one: as fast as Altegio allows, and each once, however often it is begun."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from attrs import frozen

from altegio_partner.client import PartnerClient
from altegio_partner.dates import known_timezone
from altegio_partner.errors import AltegioError, AuthenticationError
from altegio_partner.ledger import Ledger, UndecidedError

from .connection import Connection
from .consent import DryRun, Yes, ask, host
from .interrupts import Interrupts
from .outcome import Outcome
from .output import Output, in_words, table
from .pace import Pace
from .payments_file import Row, read_rows
from .preview import Nowhere, preview
from .results_file import known_results, results_in
from .times import where_from

_MOST_IN_TROUBLE = 3  # calls, one after the other: every further one would have to be looked up too
_SHOWN = 5  # rows of the file, before the question


@frozen
class _Result:
    """What came of a row."""

    outcome: Outcome
    payment_id: int | None = None
    text: str = ""
    stops: bool = False
    """Whether it would befall the next rows too."""
    is_trouble: bool = False
    """Whether Altegio did not answer as it should."""


def import_payments(
    connection: Connection,
    file: Annotated[Path, typer.Argument(help="The payments, as CSV.", show_default=False)],
    results: Annotated[Path | None, typer.Option(help="Where to write what came of each row.")] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Tell Altegio the payments of a CSV file, each once.

    Row 1 names the columns: idempotency_key, salon_id, payment_sum, currency_iso, payment_date, period_from, period_to.
    All rows are checked before the first is sent. Stop it with Ctrl-C and start it again as you like.
    """
    ledger = connection.wanted_ledger("it is what keeps a payment from being told twice")
    path = known_results(results or file.with_suffix(".results.csv"))
    nowhere = Nowhere()
    with connection.trial_client(nowhere, ledger) as trial:
        rows = read_rows(file, lambda key, payment: preview(trial, nowhere, lambda client: payment.tell(client, key)))
    if not rows:
        raise ValueError(f"{file}: there is no payment in it.")
    if dry_run:
        text = "\n\n".join(f"Row {row.number}:\n{row.seen}" for row in rows)
        connection.output.say(text, requests=[row.seen.shown() for row in rows], is_sent=False)
        return
    _ask(connection, rows, ledger, yes=yes)
    counts: Counter[Outcome] = Counter()
    pace = Pace()
    with connection.client(ledger, pace) as client, results_in(path) as kept, Interrupts() as interrupts:
        for row, result in connection.output.progress(_told(rows, client, pace, interrupts), len(rows), counts):
            counts[result.outcome] += 1
            kept.add(row.number, row.idempotency_key, result.outcome.word, result.payment_id, result.text)
    _conclude(connection.output, counts, path)


def _ask(connection: Connection, rows: list[Row], ledger: Ledger, *, yes: bool) -> None:
    told = {row.number: ledger.get(row.idempotency_key) for row in rows}
    ahead = [row for row in rows if not (one := told[row.number]) or one.payment_id is None]
    unknown = sum(told[row.number] is not None for row in ahead)
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row.payment.currency_iso] += Decimal(row.payment.payment_sum)
    timezone = known_timezone(connection.timezone)
    columns = ("row", "salon_id", "sum", "payment_date", "period_from", "period_to", "times")
    shown = [
        (row.number, body["salon_id"], f"{body['payment_sum']} {body['currency_iso']}", body["payment_date"],
         body["period_from"], body["period_to"], where_from(row.payment.payment_date, timezone))
        for row in ahead[:_SHOWN]
        for body in (row.seen.body,)
    ]  # fmt: skip
    total = ", ".join(f"{amount} {currency}" for currency, amount in sorted(sums.items()))
    known = f"{len(rows) - len(ahead)} recorded, {unknown} unknown (to be looked up)"
    summary = f"{len(rows)} payments, {total}. In the ledger: {known}."
    rest = [f"and {len(ahead) - _SHOWN} more"] if len(ahead) > _SHOWN else []
    question = f"Send {len(ahead)} to {host(rows[0].seen.url)}?"
    ask(connection.output, question, summary, table(*columns, rows=shown), *rest, yes=yes or not ahead)


def _told(rows: list[Row], client: PartnerClient, pace: Pace, interrupts: Interrupts) -> Iterator[tuple[Row, _Result]]:
    """Tell the rows, one by one, as long as it makes sense."""
    in_trouble = 0
    why = ""
    for row in rows:
        if not why:
            pace.take(interrupts)
        if interrupts.are_there:
            why = why or "the import was stopped."
        if why:
            yield row, _Result(Outcome.NOT_SENT, text=f"Not tried: {why}")
            continue
        result = _tell(row, client)
        yield row, result
        in_trouble = in_trouble + 1 if result.is_trouble else 0
        if result.stops or in_trouble == _MOST_IN_TROUBLE:
            why = f"the import stopped at row {row.number}. {result.text}"


def _tell(row: Row, client: PartnerClient) -> _Result:
    try:
        return _Result(Outcome.DONE, row.payment.tell(client, row.idempotency_key))
    except AltegioError as error:
        outcome = Outcome.of(error)
        return _Result(
            outcome,
            getattr(error, "payment_id", None),
            str(error),
            stops=outcome is Outcome.NOT_SENT or isinstance(error, AuthenticationError),
            is_trouble=outcome is Outcome.UNKNOWN and not isinstance(error, UndecidedError),
        )
    except ValueError as error:  # since it was checked, its key was used for another payment
        return _Result(Outcome.REFUSED, text=str(error))


def _conclude(output: Output, counts: Counter[Outcome], path: Path) -> None:
    worst = max(counts)
    told = {outcome.word: count for outcome, count in counts.items()}
    output.say(f"{in_words(counts)}. Row by row: {path}", outcome=worst, counts=told, results=str(path))
    if worst:
        raise typer.Exit(worst)
