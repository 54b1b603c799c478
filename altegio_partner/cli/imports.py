"""`altegio-partner import`: report a file of payments, within Altegio's rate limits, each once across restarts."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from attrs import define, evolve, field, frozen

from altegio_partner.client import PartnerClient
from altegio_partner.dates import parse_timezone
from altegio_partner.errors import AltegioError, AuthenticationError, OutcomeUnknownError
from altegio_partner.settings import Settings

from .confirm import Yes, check_key, confirm, preview_of
from .connection import Connection, target
from .interrupts import Interrupted, Interrupts
from .output import Outcome, Output, Piece, Verbatim, counts_text, duration, limited, table
from .payment import Payment, conversion
from .payment_files import Delimiter, PaymentFile, Results, Row, check_results_path, results_path

if TYPE_CHECKING:
    from altegio_partner.ledger import Ledger, LedgerEntry
    from altegio_partner.ledger.ledger import DryRunLedger

_MAX_FAILURES = 3  # in a row: the outcome of each is unknown, and has to be looked up
_MAX_SHOWN = 5  # rows of the file, or keys
_STOPPED = "the import was stopped."

AlsoEqual = Annotated[
    bool, typer.Option("--also-equal", help="Send payments even if the same payment has another key.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check the file, print what it would send, and send nothing.")]


@frozen
class _Result:
    """The result of a row."""

    outcome: Outcome
    payment_id: int | None = None
    text: str = ""
    stops: bool = False
    """Whether the problem affects all other rows, so that the import stops."""
    is_failure: bool = False
    """Whether Altegio gave no usable response."""
    was_attempted: bool = True


@frozen
class _Finding:
    """A row that may be a duplicate: other keys are similar, or have the same payment."""

    row: Row
    keys: list[str]
    reason: str

    def __str__(self) -> str:
        keys = [repr(key) for key in self.keys[:_MAX_SHOWN]]
        more = [f"{len(self.keys) - _MAX_SHOWN} more"] if len(self.keys) > _MAX_SHOWN else []
        return f"row {self.row.number}, {self.row.idempotency_key!r}: {self.reason} {', '.join([*keys, *more])}."

    def as_json(self) -> dict[str, object]:
        """Return it for `--json`."""
        return {"row": self.row.number, "idempotency_key": self.row.idempotency_key, "known_keys": self.keys}


def import_payments(
    connection: Connection,
    file: Annotated[
        Path,
        typer.Argument(help="The payments: CSV, or .xlsx (the extra excel).", show_default=False, metavar="FILE"),
    ],
    delimiter: Annotated[
        Delimiter, typer.Option(help="The column separator: auto, comma, semicolon or tab.", metavar="NAME")
    ] = Delimiter.AUTO,
    results: Annotated[
        Path | None, typer.Option(help="Where to write the result of each row.", metavar="FILE", show_default=False)
    ] = None,
    for_excel: Annotated[
        bool, typer.Option("--excel", help="Write the results with a BOM, so that Excel reads them as UTF-8.")
    ] = False,
    also_equal: AlsoEqual = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="With --dry-run: print all requests.")] = False,
) -> None:
    """Report the payments in a CSV or Excel file.

    Row 1 names the columns: idempotency_key, salon_id, payment_sum, currency_iso, payment_date, period_from, period_to.
    All rows are checked before the first is sent. No payment is reported twice, even if you stop the import with
    Ctrl-C and run it again.

    Example: altegio-partner import payments.csv --dry-run
    """
    from altegio_partner.rate_limit import altegio_rate_limit  # noqa: PLC0415  see Connection

    ledger = connection.required_ledger("which prevents duplicate payments")
    path = results or results_path(file)
    check_results_path(path)
    dry_run_ledger = connection.dry_run_ledger(ledger)
    settings = connection.settings(dry_run_ledger)
    entries = dry_run_ledger.entries
    bodies: dict[str, str] = {}

    def check(key: str, payment: Payment) -> None:
        call = payment.call(settings, key)
        check_key(call)
        bodies[key] = repr(call.request["json"])

    source = PaymentFile(file, delimiter)
    rows = source.rows(check, connection.text_of_row)
    if not rows:
        raise ValueError(f"{file} contains no payments. Write one in each row, from row 2.")
    recorded = {key for key, entry in entries.items() if entry.payment_id is not None}
    to_send = [row for row in rows if row.idempotency_key not in recorded]
    sums = _sums(to_send)
    summary = (
        f"{len(rows)} payments. In the ledger: {len(recorded)} recorded, {len(entries) - len(recorded)} pending "
        f"(looked up before they are sent). To be sent: {len(to_send)}{', '.join(['', *_sums_text(sums)])}."
    )
    new = [row for row in rows if row.idempotency_key not in entries]
    similar = _similar_key_findings(new, ledger, connection.ledger_scope)
    equal = _equal_payment_findings(new, bodies, dry_run_ledger)
    connection.output.print_note(*source.notes, *limited([*map(str, similar)]))
    if equal and not also_equal:
        head = f"{file} has payments that are known under another key, and nothing was sent."
        fix = "Delete their rows or, if each was paid once more, pass --also-equal:"
        raise ValueError("\n  ".join([f"{head} {fix}", *limited([*map(str, equal)])]))
    known = {
        "similar_keys": [one.as_json() for one in similar],
        "equal_payments": [one.as_json() for one in equal],
        "new_ledger": connection.new_ledger,
    }
    if dry_run:
        _print_dry_run(connection, rows, settings, summary, sums, known, verbose=verbose)
        return
    limit = f"Altegio's rate limit lets that take about {duration(len(to_send))}." if to_send else ""
    question = f"Send {len(to_send)} to {target(settings)}?"
    shown = summary, *_first_rows(to_send, settings, connection), *filter(None, [limit])
    confirm(connection.output, question, *shown, yes=yes or not to_send)
    run = _Run(connection.output, connection.text_of_row, entries, Results(path), known)
    try:
        with (
            run.results.opened(for_excel=for_excel),
            Interrupts(altegio_rate_limit()) as interrupts,
            connection.client(ledger, interrupts) as client,
        ):
            run.send(rows, client, interrupts)
    except (OSError, KeyboardInterrupt) as error:
        raise typer.Exit(run.print_abort(error)) from None
    run.print_summary()


def _similar_key_findings(rows: list[Row], ledger: "Ledger", where: Mapping[str, object]) -> list[_Finding]:
    """Return the rows whose key is similar to one in the ledger."""
    similar = ledger.similar_keys([row.idempotency_key for row in rows])
    found: list[_Finding] = []
    for row in rows:
        entries = similar.get(row.idempotency_key, [])
        others = [one for one in entries if where == {"application_id": one.application_id, "origin": one.origin}]
        keys = [one.idempotency_key for one in others]
        if keys:
            found.append(_Finding(row, keys, "its key is similar to a known one:"))
    return found


def _equal_payment_findings(
    rows: list[Row], bodies: Mapping[str, str], dry_run_ledger: "DryRunLedger"
) -> list[_Finding]:
    """Return the rows whose payment has another key in the ledger or in an earlier row."""
    earlier_keys: defaultdict[str, list[str]] = defaultdict(list)
    found: list[_Finding] = []
    for row in rows:
        in_file = earlier_keys[bodies[row.idempotency_key]]
        in_ledger = [one.idempotency_key for one in dry_run_ledger.same_payments(row.idempotency_key)]
        if in_ledger or in_file:
            found.append(_Finding(row, [*in_ledger, *in_file], "the same payment has another key:"))
        in_file.append(row.idempotency_key)
    return found


def _sums(rows: Iterable[Row]) -> dict[str, Decimal]:
    """Return the sum of each currency."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row.payment.currency_iso] += Decimal(row.payment.payment_sum)
    return dict(sorted(sums.items()))


def _sums_text(sums: dict[str, Decimal]) -> list[str]:
    return [f"{amount} {currency}" for currency, amount in sums.items()]


def _print_dry_run(
    connection: Connection,
    rows: list[Row],
    settings: Settings,
    summary: str,
    sums: dict[str, Decimal],
    known: Mapping[str, Any],
    *,
    verbose: bool,
) -> None:
    seen = [
        (row.number, preview_of(row.payment.call(settings, row.idempotency_key), settings)) for row in rows if verbose
    ]
    all_requests = Verbatim("\n\n".join(f"Row {number}:\n{one}" for number, one in seen))
    connection.output.print_result(
        summary,
        all_requests if verbose else "Nothing was sent. --verbose prints all requests.",
        payments=len(rows),
        sums=_sums_text(sums),
        target=target(settings),
        is_sent=False,
        requests=[one.as_json() for _, one in seen],
        **known,
    )


def _first_rows(rows: list[Row], settings: Settings, connection: Connection) -> Iterator[Piece]:
    """Return the first rows as they will be sent, and the number of the others."""
    timezone = parse_timezone(connection.value("timezone"))
    columns = ("row", "salon_id", "sum", "payment_date", "period_from", "period_to", *(["times"] if timezone else []))
    shown: list[list[object]] = []
    for row in rows[:_MAX_SHOWN]:
        body = row.payment.call(settings, row.idempotency_key).request["json"]
        times = [body[name] for name in ("payment_date", "period_from", "period_to")]
        how = [conversion(row.payment.payment_date, timezone)] if timezone else []
        shown.append([row.number, body["salon_id"], f"{row.payment.payment_sum} {body['currency_iso']}", *times, *how])
    yield table(*columns, rows=shown)
    if len(rows) > _MAX_SHOWN:
        yield f"and {len(rows) - _MAX_SHOWN} more."
    if rows and timezone is None:
        yield "Times are sent as given, without a zone."


@define
class _Run:
    """The sending of the rows, and what has become of them so far."""

    _output: Output
    _text_of: Callable[[BaseException], str]
    _entries: Mapping[str, "LedgerEntry"]
    """What the ledger had of their keys when the import began."""
    results: Results
    _known: Mapping[str, Any]
    """What else the JSON output contains."""
    _counts: Counter[Outcome] = field(factory=Counter[Outcome], init=False)
    _failed: list[str] = field(factory=list[str], init=False)
    _is_all_stored: bool = field(default=True, init=False)
    """Whether the ledger has the ids of all payments that were recorded."""

    def send(self, rows: list[Row], client: PartnerClient, interrupts: Interrupts) -> None:
        """Report the rows one by one, and write the result of each."""
        steps = ((step, step[1].was_attempted) for step in self._steps(rows, client, interrupts))
        for row, result in self._output.progress(steps, len(rows), self._counts):
            self._counts[result.outcome] += 1
            if result.outcome and result.was_attempted:
                self._failed.append(f"row {row.number}: {result.outcome.word}: {result.text}")
            self.results.add(row.number, row.idempotency_key, result.outcome.word, result.payment_id, result.text)

    def print_summary(self) -> None:
        """Print the outcome of all rows, and exit with the worst if one has failed."""
        worst = max(self._counts)
        self._output.print_note(*limited(self._failed))
        text = f"{counts_text(self._counts)}. Row by row: {self.results.path}"
        self._output.print_result(text, outcome=worst, counts=self._words, results=self.results.path, **self._known)
        if worst:
            raise typer.Exit(worst)

    def print_abort(self, error: OSError | KeyboardInterrupt) -> Outcome:
        """Print what is known of an import that ended before its results were complete."""
        why = "Interrupted."
        if isinstance(error, OSError):
            why = f"{self.results.path} cannot be written: {error.strerror}."
        notes = getattr(error, "__notes__", [])  # what is known of the call in progress, such as the id of its payment
        part = self.results.part if self.results.part and self.results.part.exists() else None
        pieces = [
            f"{why} {counts_text(self._counts) or 'No result'} so far.",
            f"Row by row: {part}." if part else "",
            "The ledger has what was reported: run the import again."
            if self._is_all_stored
            else "The ledger lacks a payment: see its row above before you run the import again.",
        ]
        unknown = OutcomeUnknownError("\n".join([" ".join(filter(None, pieces)), *notes]))
        self._output.print_note(*self._failed, even_as_json=True)
        return self._output.print_error(unknown, counts=self._words, failed=self._failed, results=part, **self._known)

    @property
    def _words(self) -> dict[str, int]:
        return {outcome.word: count for outcome, count in self._counts.items()}

    def _steps(self, rows: list[Row], client: PartnerClient, interrupts: Interrupts) -> Iterator[tuple[Row, _Result]]:
        """Report the rows one by one, and yield each with its result. The last ones are not sent if it stops."""
        failures = 0
        stop_reason = ""
        for row in rows:
            if interrupts.received:
                stop_reason = stop_reason or _STOPPED
            if stop_reason:
                yield row, self._earlier(row, _not_sent(f"Not tried: {stop_reason}"))
                continue
            result = self._send(row, client)
            yield row, result
            failures = failures + 1 if result.is_failure else 0
            if result.stops or failures == _MAX_FAILURES:
                stop_reason = f"the import stopped at row {row.number}. {result.text}"

    def _send(self, row: Row, client: PartnerClient) -> _Result:
        from altegio_partner.ledger import (  # noqa: PLC0415  see Connection
            LedgerUnavailableError,
            LedgerWriteError,
            UndecidedError,
        )

        try:
            return _Result(Outcome.DONE, row.payment.send(client, row.idempotency_key))
        except Interrupted:
            return self._earlier(row, _not_sent(f"Not done: {_STOPPED}"))
        except AltegioError as error:
            self._is_all_stored = self._is_all_stored and not isinstance(error, LedgerWriteError)
            outcome = Outcome.of(error)
            result = _Result(
                outcome,
                getattr(error, "payment_id", None),
                self._text_of(error),
                stops=outcome is Outcome.NOT_SENT or isinstance(error, AuthenticationError),
                is_failure=outcome is Outcome.UNKNOWN and not isinstance(error, UndecidedError),
            )
            return self._earlier(row, result) if isinstance(error, LedgerUnavailableError) else result
        except ValueError as error:  # its key was used for another payment since the check
            return _Result(Outcome.REJECTED, text=self._text_of(error))

    def _earlier(self, row: Row, result: _Result) -> _Result:
        """Return the result of a row that was not sent now, but perhaps by an earlier import."""
        entry = self._entries.get(row.idempotency_key)
        if entry is None:
            return result
        if entry.payment_id is None:
            text = f"It may have been recorded, and was not looked up. {result.text}"
            return evolve(result, outcome=Outcome.UNKNOWN, text=text)
        text = result.text if result.was_attempted else ""
        return evolve(result, outcome=Outcome.DONE, payment_id=entry.payment_id, text=text)


def _not_sent(text: str) -> _Result:
    return _Result(Outcome.NOT_SENT, text=text, was_attempted=False)
