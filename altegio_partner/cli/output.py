"""What a command says: tables and sentences for people, one JSON object for machines. Results go to standard output."""

import io
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import IO, Any, TypeVar

import typer
from attrs import frozen
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from .outcome import Outcome

T = TypeVar("T")
Piece = Table | Text | str
_KNOWN = ("status_code", "message", "errors", "payment_id")  # of an error of ours
_INTERRUPTED = "Interrupted. What was under way may have been recorded: look before you do it again."
_WIDTH_OF_A_PIPE = 1000  # nobody's terminal: nothing is broken into lines


@frozen
class Output:
    """Where a command says what it has to say."""

    is_json: bool

    def say(self, *pieces: Piece, outcome: Outcome = Outcome.DONE, **values: object) -> None:
        """Tell the result: the pieces to people, the values to machines.

        Raises:
            typer.Exit: It could not be written. It is told on standard error, and the outcome stays what it is.
        """
        text = json.dumps({"outcome": outcome.word, **values}, default=str) + "\n"
        text = text if self.is_json else _rendered(sys.stdout, pieces)
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except (OSError, UnicodeError) as error:  # a full disk, a pipe that nobody reads, letters it does not know
            _discard(sys.stdout)
            why = type(error).__name__
            self.remark(f"The result could not be written ({why}). It is: {text.rstrip()!a}", to_all=True)
            raise typer.Exit(outcome or 1) from None

    def remark(self, *pieces: Piece, to_all: bool = False) -> None:
        """Tell people something beside the result: where they cannot be told, the command goes on all the same."""
        if to_all or not self.is_json:
            try:
                sys.stderr.write(_rendered(sys.stderr, pieces))
                sys.stderr.flush()
            except (OSError, UnicodeError):
                _discard(sys.stderr)

    def fail(self, error: BaseException) -> Outcome:
        """Tell what went wrong, and return what it means."""
        outcome = Outcome.of(error)
        text = "\n".join([str(error) or _INTERRUPTED, *getattr(error, "__notes__", [])])
        if self.is_json:
            known = {name: getattr(error, name) for name in _KNOWN if hasattr(error, name)}
            self.say(outcome=outcome, error=type(error).__name__, text=text, **known)
        self.remark(Text.assemble((outcome.word.capitalize(), "bold red"), f": {_plain(text)}"))
        return outcome

    def progress(self, steps: Iterable[T], total: int, counts: Mapping[Outcome, int]) -> Iterator[T]:
        """Show people how far it is, and what came of it so far, where they can see it."""
        console = Console(stderr=True)
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
    """Return a table of what is shown as it is: no text of Altegio's is read as markup, and none is cut off."""
    made = Table(show_header=any(columns))
    for name in columns:
        made.add_column(name, overflow="fold")
    for row in rows:
        made.add_row(*(Text("" if value is None else _plain(str(value))) for value in row))
    return made


def _discard(stream: IO[str]) -> None:
    """Throw away what could not be written: else Python tries again at exit, fails, and changes the exit code."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _rendered(stream: IO[str], pieces: Iterable[Piece]) -> str:
    """Return the pieces as they look at that stream; tables without a row are left out."""
    is_terminal = stream.isatty()
    text = io.StringIO()
    console = Console(
        file=text,
        force_terminal=is_terminal,
        width=None if is_terminal else _WIDTH_OF_A_PIPE,
        soft_wrap=not is_terminal,
    )
    for piece in pieces:
        if not isinstance(piece, Table):
            console.print(Text(_plain(piece)) if isinstance(piece, str) else piece)
        elif piece.row_count:
            console.print(piece)
    return text.getvalue()


def _plain(text: str) -> str:
    """Return the text without what could command a terminal: it may be Altegio's."""
    return "".join(one if one.isprintable() or one == "\n" else "�" for one in text)
