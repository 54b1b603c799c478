"""The preview of a call, and the confirmation that a command asks for before it changes anything."""

import json
import sys
from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

import typer
from attrs import field, frozen

from altegio_partner.call import Call
from altegio_partner.errors import NotSentError
from altegio_partner.flow import Blocking, Step, drive
from altegio_partner.settings import Settings

from .connection import Connection, target
from .output import Output, Piece

_MASK = "********"

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the request, with secrets masked, and send nothing.")]
T = TypeVar("T")


@frozen
class Preview(Generic[T]):
    """A call, and its request with secrets masked."""

    call: Call[T] = field(repr=False)
    method: str
    url: str
    body: dict[str, Any]
    target: str
    """The Altegio and the application that it is for, as text."""

    def __str__(self) -> str:
        content = json.dumps(self.body, ensure_ascii=False, separators=(",", ":")) if self.body else ""
        return f"{self.method} {self.url}\n{content}".rstrip()

    def as_json(self) -> dict[str, object]:
        """Return the request for `--json`."""
        return {"method": self.method, "url": self.url, "body": self.body or None}


def preview_of(call: Call[T], settings: Settings) -> Preview[T]:
    """Return the preview of a call."""
    body = {name: _MASK if value in call.secrets else value for name, value in call.request.get("json", {}).items()}
    url = getattr(settings.urls, call.host) + call.request["url"]
    return Preview(call, call.request["method"].upper(), url, body, target(settings, call.host))


def build_preview(connection: Connection, make: Callable[[Settings], Call[T]]) -> Preview[T]:
    """Return the preview of the call that `make` returns, or raise its ValueError."""
    settings = connection.settings()
    return preview_of(make(settings), settings)


def check_key(call: Call[Any]) -> None:
    """Raise ValueError if the key of a call with a `DryRunLedger` was used for another one."""

    def read_only(step: Step) -> object:
        return step.function() if isinstance(step, Blocking) else None

    if call.plan is not None:
        drive(call.plan(call), read_only)


def confirm(output: Output, question: str, *shown: Piece, warning: str = "", yes: bool) -> None:
    """Show what is about to be done, and ask for confirmation. The warning is shown also with `--json`.

    Raises:
        NotSentError: The user did not confirm. Nothing was sent.
        ValueError: Standard input is not a terminal.
    """
    output.print_note(*shown)
    output.print_note(*filter(None, [warning]), even_as_json=True)
    if yes:
        return
    if not sys.stdin.isatty():
        raise ValueError("Not a terminal, so it cannot ask: pass --yes, or --dry-run to see what it would send.")
    try:
        confirmed = output.ask(question)
    except typer.Abort:  # Ctrl-C, or the end of the input
        confirmed = False
    if not confirmed:
        raise NotSentError("Cancelled. Nothing was sent.")
