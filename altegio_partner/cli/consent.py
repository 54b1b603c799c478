"""Nothing changes at Altegio before somebody has seen what will be sent, and has agreed."""

import sys
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.table import Table

from altegio_partner.errors import NotSentError

from .output import Output

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the request, its secrets masked, and send nothing.")]


def ask(output: Output, question: str, *shown: Table | str, yes: bool) -> None:
    """Show what is about to be done and ask for consent.

    Raises:
        NotSentError: It is refused, and nothing was sent.
        ValueError: There is nobody to ask.
    """
    output.remark(*shown)
    if yes:
        return
    if not sys.stdin.isatty():
        raise ValueError("There is nobody to ask whether to go on: add --yes, or --dry-run to see what it would send.")
    try:
        agreed = typer.confirm(question, err=True)
    except typer.Abort:  # Ctrl-C, or the end of the input
        agreed = False
    if not agreed:
        raise NotSentError("You did not agree, and nothing was sent.")


def host(url: str) -> str:
    """Return where a request goes, for a question."""
    return urlsplit(url).netloc
