"""What a command prints: sentences and tables, one JSON object, or CSV. Results go to standard output."""

import csv
import io
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from enum import IntEnum, StrEnum
from itertools import zip_longest
from textwrap import fill
from typing import Any, TextIO, TypeVar
from unicodedata import combining, east_asian_width

import typer
from attrs import frozen

from altegio_partner.errors import AltegioError, NotSentError, RateLimitError, RejectedError

from .option_names import OptionNames

T = TypeVar("T")
_KNOWN = ("status_code", "message", "errors", "payment_id")  # attributes of an error
_INTERRUPTED = "Interrupted. The call in progress may have been recorded: look in Altegio before you repeat it."
_RED, _END = "\x1b[1;31m", "\x1b[0m"
_ASCII = {ord("→"): "->", ord("…"): "...", ord("─"): "-", ord("│"): "|", **dict.fromkeys(map(ord, "┌┬┐├┼┤└┴┘"), "+")}
_BAR = 20  # characters
_DATE = re.compile(r"(\d{4}-\d\d-\d\d) (?=\d\d:)")  # which is not broken from its time
_NARROW = 12  # characters: less is hard to read
_MOST_LINES = 20  # of a list

UsageError: Any = typer.BadParameter.__base__
"""The error of click or of typer, which has its own since 0.26."""


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


class Format(StrEnum):
    """The form of the output."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class Verbatim(str):
    """Text whose lines are not wrapped, so that it can be copied."""

    __slots__ = ()


@frozen
class Table:
    """Rows of text. The names of the columns are printed where there are any."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


Piece = Table | str


def table(*columns: str, rows: Iterable[Sequence[Any]]) -> Table:
    """Return a table of values. What is None is empty."""
    cells = [["" if value is None else _plain(str(value)).replace("\n", " ") for value in row] for row in rows]
    return Table(columns if any(columns) else (), cells)


def counted(number: int, noun: str) -> str:
    """Return "1 location" or "2 locations"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@frozen
class Output:
    """Prints what a command has to say."""

    format: Format
    names: OptionNames

    def say(self, *pieces: Piece, outcome: Outcome = Outcome.DONE, **values: object) -> None:
        """Print the result: the pieces as text, the values as JSON, or the first table as CSV, else the values.

        Raises:
            typer.Exit: It could not be written. It is printed on standard error; the outcome does not change.
        """
        if self.format is Format.JSON:
            text = json.dumps({"outcome": outcome.word, **values}, default=str) + "\n"
        elif self.format is Format.CSV:
            tables = [piece for piece in pieces if isinstance(piece, Table) and piece.columns]
            text = _as_csv(tables[0] if tables else table(*values, rows=[[*values.values()]]))
        else:
            text = _rendered(pieces, _width(sys.stdout))
        try:
            _write(sys.stdout, text)
        except (OSError, ValueError) as error:
            _discard(sys.stdout)
            why = type(error).__name__
            self.remark(f"The result could not be written ({why}). It is: {text.rstrip()!a}", to_all=True)
            raise typer.Exit(outcome or 1) from None

    def remark(self, *pieces: Piece, to_all: bool = False, word: str = "") -> None:
        """Print a remark on standard error, that word in red. If that fails, the command goes on all the same."""
        if to_all or self.format is not Format.JSON:
            text = _rendered(pieces, _width(sys.stderr))
            if word and _has_colors(sys.stderr):
                text = text.replace(word, f"{_RED}{word}{_END}", 1)
            try:
                _write(sys.stderr, text)
            except (OSError, ValueError):
                _discard(sys.stderr)

    def fail(self, error: BaseException) -> Outcome:
        """Print an error, and return its outcome."""
        outcome = Outcome.of(error)
        text = (_INTERRUPTED if isinstance(error, KeyboardInterrupt) else "") + self.names.text_of(error)
        if self.format is Format.JSON:
            known = {name: getattr(error, name) for name in _KNOWN if hasattr(error, name)}
            name = "ValueError" if isinstance(error, ValueError) else type(error).__name__
            with suppress(typer.Exit):  # it is on standard error, and the outcome is the same
                self.say(outcome=outcome, error=name, text=text, **known)
        word = outcome.word.capitalize()
        self.remark(f"{word}: {text}", word=word)
        return outcome

    def progress(self, steps: Iterable[tuple[T, bool]], total: int, counts: Mapping[Outcome, int]) -> Iterator[T]:
        """Show in a terminal how many steps were taken. A step comes with whether it was: a bar stays where it stopped.

        `counts` has the outcomes so far.
        """
        width = _width(sys.stderr)
        is_shown = self.format is Format.TABLE and width > 0
        taken = 0
        for step, is_taken in steps:
            yield step
            taken += is_taken
            if is_shown and is_taken:
                bar = ("#" * (taken * _BAR // total)).ljust(_BAR, ".")
                left = f", about {duration(total - taken)} left" if taken < total else ""
                line = f"[{bar}] {taken}/{total}  {in_words(counts)}{left}"
                self._show(f"\r{line[: width - 1]}\x1b[K")  # in one line, which can be overwritten
        if is_shown and taken:
            self._show("\n")

    def ask(self, question: str) -> bool:
        """Ask a person whether to go on."""
        width = max(20, (_width(sys.stderr) or 80) - len(" [y/N]: y"))
        return typer.confirm(_wrapped(question, width), err=True)

    @staticmethod
    def _show(text: str) -> None:
        with suppress(OSError, ValueError):
            _write(sys.stderr, text)


def duration(calls: int) -> str:
    """Return how long Altegio's rate limit lets so many calls take."""
    seconds = calls * 61 / 200 if calls > 5 else calls * 0.2
    return f"{seconds / 60:.0f} min" if seconds > 90 else f"{max(1, round(seconds))} s"


def shortened(lines: Sequence[str]) -> list[str]:
    """Return the first lines, and how many there are more."""
    more = len(lines) - _MOST_LINES
    return [*lines[:_MOST_LINES], *([f"and {more} more."] if more > 0 else [])]


def in_words(counts: Mapping[Outcome, int]) -> str:
    """Return "3 done, 1 rejected"."""
    return ", ".join(f"{count} {outcome.word}" for outcome, count in sorted(counts.items()))


def _discard(stream: TextIO) -> None:
    """Discard what could not be written. Otherwise Python tries again at exit, fails, and changes the exit code."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _write(stream: TextIO, text: str) -> None:
    """Write the text, in ASCII where the stream cannot take more."""
    encoding = stream.encoding or "ascii"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(_ASCII).encode(encoding, "backslashreplace").decode(encoding)
    stream.write(text)
    stream.flush()


def _has_colors(stream: TextIO) -> bool:
    """Say whether to print colors, by the usual variables: NO_COLOR, CLICOLOR_FORCE, CLICOLOR and TERM."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    return stream.isatty() and os.environ.get("CLICOLOR") != "0" and os.environ.get("TERM") != "dumb"


def _width(stream: TextIO) -> int:
    """Return the columns of a terminal, and 0 for anything else."""
    if not stream.isatty():
        return 0
    columns = os.environ.get("COLUMNS", "")
    return int(columns if columns.isdigit() else 0) or os.get_terminal_size(stream.fileno()).columns or 80


def _rendered(pieces: Iterable[Piece], width: int) -> str:
    """Return the pieces as they look in a terminal of that width, or in a pipe. Empty ones are left out."""
    made: list[str] = []
    for piece in pieces:
        if isinstance(piece, Verbatim) or (isinstance(piece, str) and not width):
            made.append(_plain(piece))
        elif isinstance(piece, str):
            lines = _plain(piece).split("\n")
            made += [_wrapped(line, width) for line in lines]
        elif piece.rows:
            made.append(_in_terminal(piece, width) if width else _in_pipe(piece))
    return "\n".join(made).rstrip("\n") + "\n" if made else ""


def _wrapped(text: str, width: int) -> str:
    indent = "" if text == text.lstrip() else " " * 4  # the rest of an item of a list stays under it
    return fill(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _in_pipe(piece: Table) -> str:
    names = [piece.columns] if piece.columns else []
    return "\n".join("\t".join(cell.replace("\t", " ") for cell in row) for row in [*names, *piece.rows])


def _as_csv(piece: Table) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows([piece.columns, *map(harmless, piece.rows)])
    return file.getvalue()


def harmless(cells: Iterable[object]) -> list[str]:
    """Return the cells for a spreadsheet, which would run one that begins like a formula."""
    texts = ["" if cell is None else str(cell) for cell in cells]
    return [f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text for text in texts]


def _in_terminal(piece: Table, width: int) -> str:
    """Return a table that fits, with words in several lines if needed, or else a list of its values."""
    rows = [piece.columns, *piece.rows] if piece.columns else _without_empty_columns(piece.rows)
    words = [[_DATE.sub("\\1\xa0", cell).split(" ") for cell in column] for column in zip(*rows, strict=True)]
    widths = [max(map(_cells, column)) for column in zip(*rows, strict=True)]
    longest = [max(_cells(word) for cell in column for word in cell) for column in words]
    least = [max(one, min(width, _NARROW)) for one, width in zip(longest, widths, strict=True)]
    room = width - 3 * len(widths) - 1
    if sum(least) > room:
        titles = piece.columns or [""] * len(widths)
        return "\n".join(  # an empty line after each row, also after the last, before whatever follows
            "".join(
                f"{_wrapped(f'{title}: {cell}' if title else cell, width)}\n"
                for title, cell in zip(titles, row, strict=True)
                if cell
            )
            for row in piece.rows
        )
    while sum(widths) > room:
        _, widest = max((one, i) for i, one in enumerate(widths) if one > least[i])
        widths[widest] -= 1
    edge = ["─" * (one + 2) for one in widths]
    drawn = [
        "│ " + " │ ".join(part + " " * (one - _cells(part)) for part, one in zip(parts, widths, strict=True)) + " │"
        for cells in zip(*words, strict=True)
        for parts in zip_longest(*map(_filled, cells, widths), fillvalue="")
    ]
    if piece.columns:
        drawn.insert(1, "├" + "┼".join(edge) + "┤")
    return "\n".join(["┌" + "┬".join(edge) + "┐", *drawn, "└" + "┴".join(edge) + "┘"])


def _without_empty_columns(rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    """Return rows without the columns in which nothing is."""
    columns = [column for column in zip(*rows, strict=True) if any(column)]
    return [*zip(*columns, strict=True)]


def _filled(words: Sequence[str], width: int) -> list[str]:
    """Return the words in lines of at most that width."""
    lines = [""]
    for word in words:
        longer = f"{lines[-1]} {word}".lstrip(" ")
        if _cells(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return [line.replace("\xa0", " ") for line in lines]


def _cells(text: str) -> int:
    return sum(0 if combining(one) else 2 if east_asian_width(one) in "WF" else 1 for one in text)


def _plain(text: str) -> str:
    """Return the text without control characters: it may be Altegio's."""
    return "".join(one if one.isprintable() or one == "\n" else "�" for one in text)


def usage_error(error: Any, main: Any) -> int:  # noqa: ANN401  of click or typer
    """Print what is wrong with the arguments, and return the exit code."""
    context = error.ctx or main
    if type(error).__name__ == "NoArgsIsHelpError":
        Output(Format.TABLE, OptionNames(context)).remark(Verbatim(context.get_help()))
        return Outcome.USAGE_ERROR
    text = f"{_said(error, context)}\nSee {context.command_path} --help."
    is_json = "--json" in sys.argv or "--output=json" in sys.argv or " --output json" in " ".join(sys.argv)
    return Output(Format.JSON if is_json else Format.TABLE, OptionNames(context)).fail(ValueError(text))


def _said(error: Any, context: Any) -> str:  # noqa: ANN401  as above
    names = OptionNames(context)
    if not isinstance(error, typer.BadParameter):
        similar = getattr(error, "possibilities", None)
        return f"{error.message}. Did you mean {' or '.join(similar)}?" if similar else str(error.format_message())
    if error.message and error.param is not None:
        return f"{names.name(str(error.param.name))} {error.message}"
    required = [one for one in context.command.params if one.required and context.params.get(one.name) is None]
    return "\n  ".join(["Missing:", *(f"{names.name(str(one.name))}  {one.help}" for one in required)])
