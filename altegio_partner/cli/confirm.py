"""What a command is about to send, shown to a person who confirms it: nothing changes at Altegio before that."""

import json
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx
import typer
from attrs import define, field, frozen
from rich.table import Table

from altegio_partner.client import PartnerClient
from altegio_partner.errors import NotSentError

from .output import Output

_MASK = "********"
_SECRETS = ("api_key",)  # of the body; of the headers, it is Authorization

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the request, with secrets masked, and send nothing.")]


@frozen
class Preview:
    """A request, with its secrets masked."""

    method: str
    url: str
    headers: dict[str, str]
    body: dict[str, Any]

    def __str__(self) -> str:
        head = [f"{self.method} {self.url}", *(f"{name}: {value}" for name, value in self.headers.items())]
        content = json.dumps(self.body, ensure_ascii=False, separators=(",", ":")) if self.body else ""
        return "\n".join([*head, "", content]).rstrip()

    @property
    def host(self) -> str:
        """Where it goes."""
        return urlsplit(self.url).netloc

    def as_json(self) -> dict[str, object]:
        """Return it for `--json`."""
        return {"method": self.method, "url": self.url, "headers": self.headers, "body": self.body or None}


@define
class RequestRecorder(httpx.BaseTransport):
    """Records requests, and reports that they could not be sent, which is true."""

    request: httpx.Request = field(init=False)
    """The last one."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Record the request."""
        self.request = request
        raise httpx.ConnectError("a preview is not sent")


def preview(client: PartnerClient, recorder: RequestRecorder, call: Callable[[PartnerClient], object]) -> Preview:
    """Return what the call would send, or raise the ValueError that it would raise."""
    with suppress(NotSentError):
        call(client)
    request = recorder.request
    content = request.read()
    body: dict[str, Any] = json.loads(content) if content else {}
    headers = {name.decode(): value.decode() for name, value in request.headers.raw}
    headers["Authorization"] = f"Bearer {_MASK}"
    return Preview(
        request.method.upper(),
        str(request.url),
        headers,
        {name: _MASK if name in _SECRETS else value for name, value in body.items()},
    )


def confirm(output: Output, question: str, *shown: Table | str, yes: bool) -> None:
    """Show what is about to be done, and ask for confirmation.

    Raises:
        NotSentError: The answer was no. Nothing was sent.
        ValueError: Standard input is not a terminal.
    """
    output.remark(*shown)
    if yes:
        return
    if not sys.stdin.isatty():
        raise ValueError("Not a terminal, so it cannot ask: pass --yes, or --dry-run to see what it would send.")
    try:
        confirmed = typer.confirm(question, err=True)
    except typer.Abort:  # Ctrl-C, or the end of the input
        confirmed = False
    if not confirmed:
        raise NotSentError("Cancelled. Nothing was sent.")
