"""The options that every command has: who calls, where Altegio is, how the result is told."""

import functools
import inspect
import sys
import traceback
from collections.abc import Callable
from getpass import getpass
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from attrs import frozen

from altegio_partner.client import PartnerClient
from altegio_partner.errors import AltegioError
from altegio_partner.ledger import Ledger
from altegio_partner.ledger.ledger import DryRunLedger
from altegio_partner.rate_limit import altegio_rate_limit
from altegio_partner.redaction import hide_locals
from altegio_partner.settings import RateLimit

from .outcome import Outcome
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
        _option(
            "Remembers payments, so that each is recorded once: sqlite:////var/lib/payments.db", "ALTEGIO_LEDGER_URL"
        ),
    ] = None
    json: Annotated[bool, _option("Print one JSON object, for machines.")] = False

    @property
    def output(self) -> Output:
        """Where to say what there is to say."""
        return Output(self.json)

    def client(self, ledger: Ledger | None = None, rate_limit: RateLimit | None = None) -> PartnerClient:
        """Return a client that keeps the rate that Altegio allows."""
        return self._client(ledger=ledger, rate_limit=rate_limit or altegio_rate_limit())

    def trial_client(self, transport: httpx.BaseTransport, ledger: Ledger | None = None) -> PartnerClient:
        """Return a client that checks and makes requests, hands them to that transport, and claims nothing."""
        return self._client(transport=transport, max_retries=0, ledger=ledger and DryRunLedger(ledger))

    def _client(self, **more: Any) -> PartnerClient:  # noqa: ANN401  of the client
        with hide_locals():
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
        return secret_in("--token-file", self.token_file)

    @property
    def new_ledger(self) -> Path | None:
        """The file that opening the ledger would make; None where there is one, or where it is no file.

        Raises:
            ValueError: It is named from the folder that one happens to be in: from another, it would be another ledger.
        """
        scheme, _, name = (self.ledger_url or "").partition(":///")
        file = Path(name)
        if not scheme.startswith("sqlite"):
            return None
        if not file.is_absolute():
            raise ValueError(
                "--ledger-url must name the file by its whole path, as in sqlite:////var/lib/payments.db: from another "
                "folder, it would be another ledger, and nothing of what was told would be known."
            )
        return None if file.exists() else file

    def ledger(self) -> Ledger | None:
        """Open the ledger, where one is named."""
        if not self.ledger_url:
            return None
        if self.new_ledger:
            self.output.remark(f"A new ledger begins: {self.new_ledger} was not there.")
        return Ledger(self.ledger_url)

    def wanted_ledger(self, why: str) -> Ledger:
        """Open the ledger, or raise ValueError where none is named."""
        ledger = self.ledger()
        if ledger is None:
            raise ValueError(
                f"There is no ledger, and {why}. Name one, always the same: set ALTEGIO_LEDGER_URL, or pass "
                "--ledger-url sqlite:////var/lib/payments.db."
            )
        return ledger


def secret_in(option: str, path: Path) -> str:
    """Return what a file holds, or raise ValueError. The path is not shown: by mistake, it may be the secret."""
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "It is not text"
        raise ValueError(f"{option} must name a file that holds the secret. {why}.") from None


@functools.cache  # it can be read once
def _from_standard_input() -> str:
    return getpass("Partner token: ") if sys.stdin.isatty() else sys.stdin.read().rstrip("\r\n")


def connected(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command, which takes a connection first, the options of every command; and tell what it raises."""
    shared = inspect.signature(Connection).parameters.values()
    _, *own = inspect.signature(command).parameters.values()

    @functools.wraps(command)
    def run(**given: Any) -> None:  # noqa: ANN401  as Typer has it
        connection = Connection(**{one.name: given.pop(one.name) for one in shared})
        try:
            command(connection, **given)
        except typer.Exit:
            raise
        except (AltegioError, ValueError, KeyboardInterrupt) as error:
            raise typer.Exit(connection.output.fail(error)) from None
        except Exception:  # noqa: BLE001  a mistake of ours, perhaps after the call: no "not sent" may come of it
            connection.output.remark(traceback.format_exc(), to_all=True)
            raise typer.Exit(Outcome.UNKNOWN) from None

    every = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in (*own, *shared)]
    dressed: Any = run
    dressed.__signature__ = inspect.Signature(every)
    dressed.__annotations__ = {one.name: one.annotation for one in every}
    return run
