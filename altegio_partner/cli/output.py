"""What a command says: tables and sentences for people, one JSON object for machines. Results go to standard output."""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import typer
from attrs import frozen
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from .outcome import Outcome

T = TypeVar("T")
_KNOWN = ("status_code", "message", "errors", "payment_id")  # of an error of ours
_INTERRUPTED = "Interrupted. What was under way may have been recorded: look before you do it again."
_WIDTH_OF_A_PIPE = 200  # nobody's terminal: nothing is broken into lines or cut off


@frozen
class Output:
    """Where a command says what it has to say."""

    is_json: bool

    def say(self, sentence: str, outcome: Outcome = Outcome.DONE, **values: object) -> None:
        """Tell the result: the sentence to people, the values to machines."""
        _print(json.dumps({"outcome": outcome.word, **values}, default=str) if self.is_json else _plain(sentence))

    def show(self, *pieces: Table | str, outcome: Outcome = Outcome.DONE, **values: object) -> None:
        """Tell a result of many values."""
        if self.is_json:
            self.say("", outcome, **values)
        else:
            _show(sys.stdout, pieces)

    def remark(self, *pieces: Table | str) -> None:
        """Tell people something beside the result."""
        if not self.is_json:
            _show(sys.stderr, pieces)

    def fail(self, error: BaseException) -> Outcome:
        """Tell what went wrong, and return what it means."""
        outcome = Outcome.of(error)
        text = "\n".join([str(error) or _INTERRUPTED, *getattr(error, "__notes__", [])])
        if self.is_json:
            known = {name: getattr(error, name) for name in _KNOWN if hasattr(error, name)}
            self.say("", outcome, error=type(error).__name__, text=text, **known)
        else:
            typer.secho(outcome.word.capitalize(), err=True, bold=True, fg="red", nl=False)
            typer.echo(f": {_plain(text)}", err=True)
        return outcome

    def progress(self, steps: Iterable[T], total: int, counts: Mapping[Outcome, int]) -> Iterator[T]:
        """Show people how far it is, and what came of it so far, where they can see it."""
        console = _console(sys.stderr)
        columns = BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.fields[counts]}")
        with Progress(*columns, console=console, disable=self.is_json or not console.is_terminal) as bar:
            task = bar.add_task("", total=total, counts="")
            for step in steps:
                yield step
                bar.update(task, advance=1, counts=in_words(counts))


def in_words(counts: Mapping[Outcome, int]) -> str:
    """Return "3 done, 1 refused"."""
    return ", ".join(f"{count} {outcome.word}" for outcome, count in sorted(counts.items()))


def table(*columns: str, rows: Iterable[Sequence[Any]]) -> Table:
    """Return a table of what is shown as it is: no text of Altegio's is read as markup."""
    made = Table(*columns, show_header=any(columns))
    for row in rows:
        made.add_row(*(Text("" if value is None else _plain(str(value))) for value in row))
    return made


def _show(stream: Any, pieces: Iterable[Table | str]) -> None:  # noqa: ANN401  standard output or standard error
    for piece in pieces:
        if isinstance(piece, str):
            print(_plain(piece), file=stream)
        elif piece.row_count:
            _console(stream).print(piece)


def _plain(text: str) -> str:
    """Return the text without what could command a terminal: it may be Altegio's."""
    return "".join(one if one.isprintable() or one == "\n" else "�" for one in text)


def _print(text: str) -> None:
    """Print a result, if need be where complaints go: it may be the only place that has the id of a payment."""
    try:
        print(text, flush=True)
    except (OSError, UnicodeError) as error:  # a full disk, a pipe that nobody reads
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python would try again when it ends
        print(f"The result could not be written ({type(error).__name__}). It is: {text!a}", file=sys.stderr)
        raise typer.Exit(1) from None


def _console(stream: Any) -> Console:  # noqa: ANN401  standard output or standard error
    return Console(file=stream, width=None if stream.isatty() else _WIDTH_OF_A_PIPE)
