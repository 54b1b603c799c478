"""The output of a command: text and tables, one JSON object, or CSV. Results go to standard output."""

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
_ERROR_ATTRIBUTES = ("status_code", "message", "errors", "payment_id")  # attributes of an error
_INTERRUPTED = "Interrupted. The call in progress may have been recorded: look in Altegio before you repeat it."
_RED, _END = "\x1b[1;31m", "\x1b[0m"
_ASCII = {ord("→"): "->", ord("…"): "...", ord("─"): "-", ord("│"): "|", **dict.fromkeys(map(ord, "┌┬┐├┼┤└┴┘"), "+")}
_RESULT_LOST = 6  # the exit code: Python's own crashes have 1
_BAR_LENGTH = 20  # characters
_DATE = re.compile(r"(\d{4}-\d\d-\d\d) (?=\d\d:)")  # no line break between a date and its time
_MIN_COLUMN = 12  # characters: less is hard to read
_MAX_LINES = 20  # of a list

UsageError: Any = typer.BadParameter.__base__
"""The base class of usage errors: click's, or typer's own since 0.26."""


class Outcome(IntEnum):
    """The outcome of a command, which is its exit code."""

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
        """Return the outcome of a command that raised this error."""
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
    """The output format."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class Verbatim(str):
    """Text whose lines are not wrapped, so that it can be copied."""

    __slots__ = ()


@frozen
class Table:
    """Rows of text, with or without the names of the columns."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


Piece = Table | str


def table(*columns: str, rows: Iterable[Sequence[Any]]) -> Table:
    """Return a table of values, in which None is an empty cell."""
    cells = [["" if value is None else _plain(str(value)).replace("\n", " ") for value in row] for row in rows]
    return Table(columns if any(columns) else (), cells)


def counted(number: int, noun: str) -> str:
    """Return "1 location" or "2 locations"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@frozen
class Output:
    """Prints results, notes and errors."""

    format: Format
    names: OptionNames

    def print_result(self, *pieces: Piece, outcome: Outcome = Outcome.DONE, **values: object) -> None:
        """Print the result: the pieces as text, the values as JSON, or the first table, else the values, as CSV.

        Raises:
            typer.Exit: The result could not be written. It was printed on standard error instead.
        """
        if self.format is Format.JSON:
            text = json.dumps({"outcome": outcome.word, **values}, default=str) + "\n"
        elif self.format is Format.CSV:
            tables = [piece for piece in pieces if isinstance(piece, Table) and piece.columns]
            text = _as_csv(tables[0] if tables else table(*values, rows=[[*values.values()]]))
        else:
            text = _render(pieces, _width(sys.stdout))
        try:
            _write(sys.stdout, text)
        except (OSError, ValueError) as error:
            _discard(sys.stdout)
            why = type(error).__name__
            self.print_note(f"The result could not be written ({why}). It is: {text.rstrip()!a}", even_as_json=True)
            raise typer.Exit(outcome or _RESULT_LOST) from None

    def print_note(self, *pieces: Piece, even_as_json: bool = False, word: str = "") -> None:
        """Print a note on standard error, with this word in red. If that fails, it is ignored."""
        if even_as_json or self.format is not Format.JSON:
            text = _render(pieces, _width(sys.stderr))
            if word and _has_colors(sys.stderr):
                text = text.replace(word, f"{_RED}{word}{_END}", 1)
            try:
                _write(sys.stderr, text)
            except (OSError, ValueError):
                _discard(sys.stderr)

    def print_error(self, error: BaseException, **values: object) -> Outcome:
        """Print an error, as JSON with these values, and return its outcome."""
        outcome = Outcome.of(error)
        text = self.names.text_of(error)
        if isinstance(error, KeyboardInterrupt):  # its notes say what is known of the call in progress
            text = f"Interrupted.{text}" if text else _INTERRUPTED
        if self.format is Format.JSON:
            known = {name: getattr(error, name) for name in _ERROR_ATTRIBUTES if hasattr(error, name)}
            name = "ValueError" if isinstance(error, ValueError) else type(error).__name__
            with suppress(typer.Exit):  # it was printed on standard error, and the exit code is the same
                self.print_result(outcome=outcome, error=name, text=text, **known, **values)
        word = outcome.word.capitalize()
        self.print_note(f"{word}: {text}", word=word)
        return outcome

    def progress(self, steps: Iterable[tuple[T, bool]], total: int, counts: Mapping[Outcome, int]) -> Iterator[T]:
        """Yield the steps, and show a progress bar in a terminal.

        Args:
            steps: Each step, and whether it moves the bar. A step that was not attempted does not.
            total: The number of steps.
            counts: The outcomes so far.
        """
        width = _width(sys.stderr)
        is_shown = self.format is Format.TABLE and width > 0
        taken = 0
        for step, is_taken in steps:
            yield step
            taken += is_taken
            if is_shown and is_taken:
                bar = ("#" * (taken * _BAR_LENGTH // total)).ljust(_BAR_LENGTH, ".")
                left = f", about {duration(total - taken)} left" if taken < total else ""
                line = f"[{bar}] {taken}/{total}  {counts_text(counts)}{left}"
                self._show(f"\r{line[: width - 1]}\x1b[K")  # shorter than the terminal, so that it can be overwritten
        if is_shown and taken:
            self._show("\n")

    def ask(self, question: str) -> bool:
        """Ask the user to confirm, and return the answer."""
        width = max(20, (_width(sys.stderr) or 80) - len(" [y/N]: y"))
        return typer.confirm(_wrapped(question, width), err=True)

    @staticmethod
    def _show(text: str) -> None:
        with suppress(OSError, ValueError):
            _write(sys.stderr, text)


def duration(calls: int) -> str:
    """Return how long this number of calls takes at Altegio's rate limit, as text."""
    seconds = calls * 61 / 200 if calls > 5 else calls * 0.2
    return f"{seconds / 60:.0f} min" if seconds > 90 else f"{max(1, round(seconds))} s"


def limited(lines: Sequence[str]) -> list[str]:
    """Return the first lines, and the number of the others."""
    more = len(lines) - _MAX_LINES
    return [*lines[:_MAX_LINES], *([f"and {more} more."] if more > 0 else [])]


def counts_text(counts: Mapping[Outcome, int]) -> str:
    """Return "3 done, 1 rejected"."""
    return ", ".join(f"{count} {outcome.word}" for outcome, count in sorted(counts.items()))


def _discard(stream: TextIO) -> None:
    """Discard unwritten output. Otherwise Python fails to flush it at exit, and changes the exit code."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _write(stream: TextIO, text: str) -> None:
    """Write the text, in ASCII if the stream cannot encode it."""
    encoding = stream.encoding or "ascii"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(_ASCII).encode(encoding, "backslashreplace").decode(encoding)
    stream.write(text)
    stream.flush()


def _has_colors(stream: TextIO) -> bool:
    """Return whether to print colors, according to NO_COLOR, CLICOLOR_FORCE, CLICOLOR and TERM."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    return stream.isatty() and os.environ.get("CLICOLOR") != "0" and os.environ.get("TERM") != "dumb"


def _width(stream: TextIO) -> int:
    """Return the width of a terminal in columns, or 0 if the stream is not a terminal."""
    if not stream.isatty():
        return 0
    columns = os.environ.get("COLUMNS", "")
    return int(columns if columns.isdigit() else 0) or os.get_terminal_size(stream.fileno()).columns or 80


def _render(pieces: Iterable[Piece], width: int) -> str:
    """Return the pieces as text, for a terminal of this width, or for a pipe if it is 0. Empty tables are left out."""
    texts: list[str] = []
    for piece in pieces:
        if isinstance(piece, Verbatim) or (isinstance(piece, str) and not width):
            texts.append(_plain(piece))
        elif isinstance(piece, str):
            lines = _plain(piece).split("\n")
            texts += [_wrapped(line, width) for line in lines]
        elif piece.rows:
            texts.append(_as_box(piece, width) if width else _as_tabs(piece))
    return "\n".join(texts).rstrip("\n") + "\n" if texts else ""


def _wrapped(text: str, width: int) -> str:
    indent = "" if text == text.lstrip() else " " * 4  # the rest of an item of a list stays under it
    return fill(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _as_tabs(piece: Table) -> str:
    names = [piece.columns] if piece.columns else []
    return "\n".join("\t".join(cell.replace("\t", " ") for cell in row) for row in [*names, *piece.rows])


def _as_csv(piece: Table) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows([piece.columns, *map(escape_formulas, piece.rows)])
    return file.getvalue()


def escape_formulas(cells: Iterable[object]) -> list[str]:
    """Return the cells as text that a spreadsheet does not evaluate as a formula."""
    texts = ["" if cell is None else str(cell) for cell in cells]
    return [f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text for text in texts]


def _as_box(piece: Table, width: int) -> str:
    """Return a table with lines, wrapped to this width, or if it is too wide even so, a list of its values."""
    rows = [piece.columns, *piece.rows] if piece.columns else _without_empty_columns(piece.rows)
    words = [[_DATE.sub("\\1\xa0", cell).split(" ") for cell in column] for column in zip(*rows, strict=True)]
    widths = [max(map(_display_width, column)) for column in zip(*rows, strict=True)]
    longest = [max(_display_width(word) for cell in column for word in cell) for column in words]
    minimums = [max(one, min(width, _MIN_COLUMN)) for one, width in zip(longest, widths, strict=True)]
    available = width - 3 * len(widths) - 1
    if sum(minimums) > available:
        titles = piece.columns or [""] * len(widths)
        return "\n".join(  # an empty line after each row, also after the last, before whatever follows
            "".join(
                f"{_wrapped(f'{title}: {cell}' if title else cell, width)}\n"
                for title, cell in zip(titles, row, strict=True)
                if cell
            )
            for row in piece.rows
        )
    while sum(widths) > available:
        _, widest = max((one, i) for i, one in enumerate(widths) if one > minimums[i])
        widths[widest] -= 1
    borders = ["─" * (one + 2) for one in widths]
    table_lines = [
        "│ "
        + " │ ".join(part + " " * (one - _display_width(part)) for part, one in zip(parts, widths, strict=True))
        + " │"
        for cells in zip(*words, strict=True)
        for parts in zip_longest(*map(_word_lines, cells, widths), fillvalue="")
    ]
    if piece.columns:
        table_lines.insert(1, "├" + "┼".join(borders) + "┤")
    return "\n".join(["┌" + "┬".join(borders) + "┐", *table_lines, "└" + "┴".join(borders) + "┘"])


def _without_empty_columns(rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    """Return rows without the columns that are empty in all of them."""
    columns = [column for column in zip(*rows, strict=True) if any(column)]
    return [*zip(*columns, strict=True)]


def _word_lines(words: Sequence[str], width: int) -> list[str]:
    """Return the words in lines of at most this width."""
    lines = [""]
    for word in words:
        longer = f"{lines[-1]} {word}".lstrip(" ")
        if _display_width(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return [line.replace("\xa0", " ") for line in lines]


def _display_width(text: str) -> int:
    return sum(0 if combining(one) else 2 if east_asian_width(one) in "WF" else 1 for one in text)


def _plain(text: str) -> str:
    """Return the text with control characters replaced, because it may come from Altegio."""
    return "".join(one if one.isprintable() or one == "\n" else "�" for one in text)


def usage_error(error: Any, main: Any) -> int:  # noqa: ANN401  of click or typer
    """Print a usage error, and return the exit code."""
    context = error.ctx or main
    if type(error).__name__ == "NoArgsIsHelpError":
        Output(Format.TABLE, OptionNames(context)).print_note(Verbatim(context.get_help()))
        return Outcome.USAGE_ERROR
    text = f"{_usage_text(error, context)}\nSee {context.command_path} --help."
    is_json = "--json" in sys.argv or "--output=json" in sys.argv or " --output json" in " ".join(sys.argv)
    return Output(Format.JSON if is_json else Format.TABLE, OptionNames(context)).print_error(ValueError(text))


def _usage_text(error: Any, context: Any) -> str:  # noqa: ANN401  as above
    names = OptionNames(context)
    if not isinstance(error, typer.BadParameter):
        similar = getattr(error, "possibilities", None)
        return f"{error.message}. Did you mean {' or '.join(similar)}?" if similar else str(error.format_message())
    if error.message and error.param is not None:
        return f"{names.name(str(error.param.name))} {error.message}"
    required = [one for one in context.command.params if one.required and context.params.get(one.name) is None]
    return "\n  ".join(["Missing:", *(f"{names.name(str(one.name))}  {one.help}" for one in required)])
