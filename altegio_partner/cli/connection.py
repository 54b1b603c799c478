"""The options that every command has: who calls, where Altegio is, how the result is told."""

import functools
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from attrs import frozen

from altegio_partner.bad_argument import ArgumentsHidden
from altegio_partner.client import PartnerClient
from altegio_partner.errors import AltegioError
from altegio_partner.ledger import Ledger
from altegio_partner.rate_limit import altegio_rate_limit

from .output import Output

_PANEL = "Who calls, and where Altegio is"


def _option(words: str, environment: str | None = None) -> Any:  # noqa: ANN401  as Typer has it
    return typer.Option(help=words, envvar=environment, rich_help_panel=_PANEL, show_default=False)


@frozen
class Connection:
    """What the options of every command say."""

    token_file: Annotated[
        Path | None,
        _option(
            "A file with the partner token; - is standard input. Default: ALTEGIO_PARTNER_TOKEN has it.",
            "ALTEGIO_PARTNER_TOKEN_FILE",
        ),
    ] = None
    application_id: Annotated[int | None, _option("Our application. Default: ALTEGIO_APPLICATION_ID.")] = None
    base_url: Annotated[
        str | None, _option("Where Altegio is. Default: ALTEGIO_BASE_URL, then https://app.alteg.io.")
    ] = None
    timezone: Annotated[
        str | None,
        _option("The zone, such as Europe/Berlin, to which times with an offset are converted.", "ALTEGIO_TIMEZONE"),
    ] = None
    ledger_url: Annotated[
        str | None,
        _option("Remembers payments, so that each is recorded once: sqlite:///payments.db", "ALTEGIO_LEDGER_URL"),
    ] = None
    json: Annotated[bool, _option("Print one JSON object, for machines.")] = False

    @property
    def output(self) -> Output:
        """Where to say what there is to say."""
        return Output(self.json)

    def client(self, *, ledger: Ledger | None = None) -> PartnerClient:
        """Return a client that keeps the rate that Altegio allows."""
        return self._client(ledger=ledger, rate_limit=altegio_rate_limit())

    def trial_client(self, transport: httpx.BaseTransport) -> PartnerClient:
        """Return a client that makes requests, and hands them to something else than the network."""
        return self._client(transport=transport, max_retries=0)

    def _client(self, **more: Any) -> PartnerClient:  # noqa: ANN401  of the client
        with ArgumentsHidden():
            return PartnerClient(
                self._token(),
                application_id=self.application_id,
                base_url=self.base_url,
                timezone=self.timezone,
                **more,
            )

    def _token(self) -> str | None:
        if self.token_file is None:
            return None
        if str(self.token_file) == "-":
            return _from_standard_input()
        return secret_in(self.token_file)

    def ledger(self) -> Ledger | None:
        """Open the ledger, where one is named."""
        return Ledger(self.ledger_url) if self.ledger_url else None

    def wanted_ledger(self, why: str) -> Ledger:
        """Open the ledger, or raise ValueError where none is named."""
        ledger = self.ledger()
        if ledger is None:
            raise ValueError(
                f"There is no ledger, and {why}. Name one, always the same: set ALTEGIO_LEDGER_URL, or pass "
                "--ledger-url sqlite:////var/lib/payments.db."
            )
        return ledger


def secret_in(path: Path) -> str:
    """Return what a file holds, or raise ValueError."""
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path} cannot be read: it is not text.") from None


@functools.cache  # it can be read once
def _from_standard_input() -> str:
    return sys.stdin.read().rstrip("\r\n")


def connected(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command, which takes a connection first, the options of every command; and tell what it raises."""
    shared = inspect.signature(Connection).parameters.values()
    _, *own = inspect.signature(command).parameters.values()

    @functools.wraps(command)
    def run(**given: Any) -> None:  # noqa: ANN401  as Typer has it
        connection = Connection(**{one.name: given.pop(one.name) for one in shared})
        try:
            command(connection, **given)
        except (AltegioError, ValueError, KeyboardInterrupt) as error:
            failure = error
        else:
            return
        raise typer.Exit(connection.output.fail(failure))

    every = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in (*own, *shared)]
    dressed: Any = run
    dressed.__signature__ = inspect.Signature(every)
    dressed.__annotations__ = {one.name: one.annotation for one in every}
    return run
