"""A file of payments, told one by one: as fast as Altegio allows, and each once, however often it is begun."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from attrs import frozen

from altegio_partner.client import PartnerClient
from altegio_partner.dates import known_timezone
from altegio_partner.errors import AltegioError, AuthenticationError
from altegio_partner.ledger import Ledger

from .connection import Connection
from .consent import DryRun, Yes, ask, host
from .interrupts import Interrupts
from .outcome import Outcome
from .output import Output, in_words, table
from .payments_file import Row, read_rows
from .preview import Nowhere, Preview, preview
from .results_file import results_in
from .times import where_from

_MOST_UNKNOWN = 3  # one after the other: Altegio is in trouble, and every further one has to be looked up
_SHOWN = 5  # rows of the file, before the question


@frozen
class _Result:
    """What came of a row."""

    outcome: Outcome
    payment_id: int | None = None
    text: str = ""
    stops: bool = False
    """Whether it would befall the next rows too."""


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
    path = results or file.with_suffix(".results.csv")
    if path.resolve() == file.resolve():
        raise ValueError(f"--results {path} is the file of the payments: name another.")
    nowhere = Nowhere()
    with connection.trial_client(nowhere) as trial:
        rows = read_rows(file, lambda payment: preview(trial, nowhere, payment.tell), partial(_difference, ledger))
    if dry_run:
        text = "\n\n".join(f"Row {row.number}:\n{row.seen}" for row in rows)
        connection.output.say(text, requests=[row.seen.shown() for row in rows], is_sent=False)
        return
    _ask(connection, rows, ledger, yes=yes)
    counts: Counter[Outcome] = Counter()
    with connection.client(ledger=ledger) as client, results_in(path) as kept, Interrupts() as interrupts:
        for row, result in connection.output.progress(_told(rows, client, interrupts), len(rows), counts):
            counts[result.outcome] += 1
            kept.add(row.number, row.idempotency_key, result.outcome.word, result.payment_id, result.text)
    _conclude(connection.output, counts, path)


def _difference(ledger: Ledger, key: str, seen: Preview) -> str:
    told = ledger.told(key)
    then = {} if told is None else told.values
    differ = [
        f"{name} was {then.get(name)}, not {now}" for name, now in seen.body.items() if then.get(name) != str(now)
    ]
    return f"idempotency_key {key!r} is of another payment: {'; '.join(differ)}." if told and differ else ""


def _ask(connection: Connection, rows: list[Row], ledger: Ledger, *, yes: bool) -> None:
    if not rows:
        raise ValueError("There is no payment in the file.")
    told = sum(ledger.told(row.idempotency_key) is not None for row in rows)
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row.payment.currency_iso] += Decimal(row.payment.payment_sum)
    timezone = known_timezone(connection.timezone)
    columns = ("row", "salon_id", "sum", "payment_date", "period_from", "period_to", "times")
    shown = [
        (row.number, body["salon_id"], f"{body['payment_sum']} {body['currency_iso']}", body["payment_date"],
         body["period_from"], body["period_to"], where_from(row.payment.payment_date, timezone))
        for row in rows[:_SHOWN]
        for body in (row.seen.body,)
    ]  # fmt: skip
    total = ", ".join(f"{amount} {currency}" for currency, amount in sorted(sums.items()))
    summary = f"{len(rows)} payments, {total}. {told} of them are in the ledger already."
    rest = [f"and {len(rows) - _SHOWN} more"] if len(rows) > _SHOWN else []
    question = f"Send {len(rows) - told} to {host(rows[0].seen.url)}?"
    ask(connection.output, question, summary, table(*columns, rows=shown), *rest, yes=yes)


def _told(rows: list[Row], client: PartnerClient, interrupts: Interrupts) -> Iterator[tuple[Row, _Result]]:
    """Tell the rows, one by one, as long as it makes sense."""
    unknown = 0
    why = ""
    for row in rows:
        if why:
            yield row, _Result(Outcome.NOT_SENT, text=f"Not tried: {why}")
            continue
        result = _tell(row, client)
        unknown = unknown + 1 if result.outcome is Outcome.UNKNOWN else 0
        yield row, result
        if interrupts.are_there:
            why = "the import was stopped."
        elif result.stops or unknown == _MOST_UNKNOWN:
            why = f"the import stopped at row {row.number}. {result.text}"


def _tell(row: Row, client: PartnerClient) -> _Result:
    try:
        return _Result(Outcome.DONE, row.payment.tell(client, row.idempotency_key))
    except (AltegioError, ValueError) as error:
        outcome = Outcome.of(error)
        stops = isinstance(error, AuthenticationError) or outcome in (Outcome.NOT_SENT, Outcome.WRONG_USE)
        return _Result(outcome, getattr(error, "payment_id", None), str(error), stops)


def _conclude(output: Output, counts: Counter[Outcome], path: Path) -> None:
    worst = max(counts)
    told = {outcome.word: count for outcome, count in counts.items()}
    output.say(f"{in_words(counts)}. Row by row: {path}", worst, counts=told, results=str(path))
    if worst:
        raise typer.Exit(worst)
