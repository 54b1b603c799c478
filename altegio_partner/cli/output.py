"""What a command prints: tables and sentences, or one JSON object. Results go to standard output."""

import io
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from enum import IntEnum
from typing import IO, Any, TypeVar

import typer
from attrs import frozen
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from altegio_partner.errors import AltegioError, NotSentError, RateLimitError, RejectedError

from .option_names import OptionNames

T = TypeVar("T")
Piece = Table | Text | str
_KNOWN = ("status_code", "message", "errors", "payment_id")  # attributes of an error
_INTERRUPTED = "Interrupted. The call in progress may have been recorded: look in Altegio before you repeat it."
_WIDTH_OF_A_PIPE = 1000  # not a terminal: no line is wrapped


class Outcome(IntEnum):
    """How a command ended: its exit code."""

    DONE = 0
    USAGE_ERROR = 2
    REJECTED = 3
    NOT_SENT = 4
    UNKNOWN = 5

    @property
    def word(self) -> str:
        """The outcome in words: "not sent"."""
        return self.name.lower().replace("_", " ")

    @classmethod
    def of(cls, error: BaseException) -> "Outcome":
        """Return the outcome that an error means."""
        match error:
            case NotSentError() | RateLimitError():
                return cls.NOT_SENT
            case RejectedError():
                return cls.REJECTED
            case AltegioError() | KeyboardInterrupt():  # an interrupted call may have been recorded
                return cls.UNKNOWN
            case _:
                return cls.USAGE_ERROR


@frozen
class Output:
    """Prints what a command has to say."""

    is_json: bool
    names: OptionNames

    def say(self, *pieces: Piece, outcome: Outcome = Outcome.DONE, **values: object) -> None:
        """Print the result: the pieces as text, the values as JSON.

        Raises:
            typer.Exit: It could not be written. It is printed on standard error; the outcome does not change.
        """
        text = json.dumps({"outcome": outcome.word, **values}, default=str) + "\n"
        text = text if self.is_json else _rendered(sys.stdout, pieces)
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except (OSError, UnicodeError) as error:  # a full disk, a closed pipe, an encoding without the letters
            _discard(sys.stdout)
            why = type(error).__name__
            self.remark(f"The result could not be written ({why}). It is: {text.rstrip()!a}", to_all=True)
            raise typer.Exit(outcome or 1) from None

    def remark(self, *pieces: Piece, to_all: bool = False) -> None:
        """Print a remark on standard error. If that fails, the command goes on all the same."""
        if to_all or not self.is_json:
            try:
                sys.stderr.write(_rendered(sys.stderr, pieces))
                sys.stderr.flush()
            except (OSError, UnicodeError):
                _discard(sys.stderr)

    def fail(self, error: BaseException) -> Outcome:
        """Print an error, and return its outcome."""
        outcome = Outcome.of(error)
        text = (
            _INTERRUPTED + self.names.text_of(error)
            if isinstance(error, KeyboardInterrupt)
            else self.names.text_of(error)
        )
        if self.is_json:
            known = {name: getattr(error, name) for name in _KNOWN if hasattr(error, name)}
            name = "ValueError" if isinstance(error, ValueError) else type(error).__name__
            self.say(outcome=outcome, error=name, text=text, **known)
        self.remark(Text.assemble((outcome.word.capitalize(), "bold red"), f": {_plain(text)}"))
        return outcome

    def progress(self, steps: Iterable[T], total: int, counts: Mapping[Outcome, int]) -> Iterator[T]:
        """Show the position and the outcomes so far, in a terminal."""
        console = Console(stderr=True)
        columns = BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.fields[counts]}")
        with Progress(*columns, console=console, disable=self.is_json or not console.is_terminal) as bar:
            task = bar.add_task("", total=total, counts="")
            for step in steps:
                yield step
                bar.update(task, advance=1, counts=in_words(counts))


def in_words(counts: Mapping[Outcome, int]) -> str:
    """Return "3 done, 1 rejected"."""
    return ", ".join(f"{count} {outcome.word}" for outcome, count in sorted(counts.items()))


def table(*columns: str, rows: Iterable[Sequence[Any]]) -> Table:
    """Return a table of texts as they are: they may be Altegio's, so none is read as markup, and none is cut."""
    made = Table(show_header=any(columns))
    for name in columns:
        made.add_column(name, overflow="fold")
    for row in rows:
        made.add_row(*(Text("" if value is None else _plain(str(value))) for value in row))
    return made


def _discard(stream: IO[str]) -> None:
    """Discard what could not be written. Otherwise Python tries again at exit, fails, and changes the exit code."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _rendered(stream: IO[str], pieces: Iterable[Piece]) -> str:
    """Return the pieces as they look in that stream, without empty tables."""
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
    """Return the text without control characters: it may be Altegio's."""
    return "".join(one if one.isprintable() or one == "\n" else "�" for one in text)
