"""The options that every command has: credentials, the address of Altegio, the ledger, the form of the output."""

import functools
import importlib.util
import inspect
import os
import re
import shlex
import stat
import sys
import traceback
from collections.abc import Callable
from getpass import getpass
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from attrs import frozen

from altegio_partner.bad_argument import BadArgumentError
from altegio_partner.client import PartnerClient
from altegio_partner.errors import AltegioError
from altegio_partner.ids import application_id_of
from altegio_partner.ledger import Ledger
from altegio_partner.ledger.ledger import DryRunLedger
from altegio_partner.rate_limit import altegio_rate_limit
from altegio_partner.redaction import hide_locals
from altegio_partner.settings import RateLimit
from altegio_partner.urls import Urls, origin_of

from .option_names import OptionNames, text_of_value
from .output import Outcome, Output
from .payment import COLUMNS, read_id

_PANEL = "Credentials and settings"
_SCHEME = re.compile(r"([A-Za-z0-9+_]+)://")
_POSTGRESQL = "postgresql+psycopg"
_DRIVERS = {
    "postgresql+psycopg2": "psycopg2",
    "postgresql": "psycopg2",
    _POSTGRESQL: "",
    "sqlite": "",
    "sqlite+pysqlite": "",
}


def _option(help_text: str, environment: str | None = None, **more: Any) -> Any:  # noqa: ANN401  as Typer has it
    return typer.Option(help=help_text, envvar=environment, rich_help_panel=_PANEL, show_default=False, **more)


def _number(text: str) -> int:
    try:
        return read_id("", text)
    except BadArgumentError as error:
        raise typer.BadParameter(text_of_value(error)) from None


def _application_id(text: str) -> int:
    try:
        return read_id("", text)
    except ValueError:  # not quoted: it may be the token
        raise typer.BadParameter(
            "must be a number, digits only. Write the id of your application, such as 123."
        ) from None


def number(help_text: str, *, option: bool = False, metavar: str | None = None) -> Any:  # noqa: ANN401  as Typer has it
    """Declare a positive number: an argument, or an option."""
    declare: Any = typer.Option if option else typer.Argument
    return declare(help=help_text, parser=_number, metavar=metavar, show_default=False)


SalonId = Annotated[int, number("The location.")]


@frozen
class Connection:
    """The values of the options of every command."""

    context: typer.Context
    token_file: Annotated[
        Path | None,
        _option(
            "A file with the partner token; - is standard input. Default: ALTEGIO_PARTNER_TOKEN has the token.",
            "ALTEGIO_PARTNER_TOKEN_FILE",
        ),
    ] = None
    application_id: Annotated[
        int | None,
        _option("Your application. Default: ALTEGIO_APPLICATION_ID.", parser=_application_id, metavar="NUMBER"),
    ] = None
    base_url: Annotated[
        str | None, _option("The address of Altegio. Default: ALTEGIO_BASE_URL, then https://app.alteg.io.")
    ] = None
    timezone: Annotated[
        str | None,
        _option("The time zone to which times with an offset are converted: Europe/Berlin.", "ALTEGIO_TIMEZONE"),
    ] = None
    ledger_url: Annotated[
        str | None,
        _option("The ledger, which prevents duplicate payments: sqlite:////var/lib/payments.db", "ALTEGIO_LEDGER_URL"),
    ] = None
    json: Annotated[bool, _option("Print one JSON object, for scripts.")] = False

    @property
    def output(self) -> Output:
        """What prints the result."""
        return Output(self.json, OptionNames(self.context))

    @property
    def where(self) -> dict[str, Any]:
        """The Altegio and the application to which the keys of the ledger belong."""
        origin = origin_of(Urls.of(self.base_url, None).base_url)
        return {"application_id": application_id_of(self.application_id), "origin": origin}

    def text_of_row(self, error: BaseException) -> str:
        """Return what an error says about a row of a file."""
        return OptionNames(self.context, COLUMNS).text_of(error)

    def client(self, ledger: Ledger | None = None, rate_limit: RateLimit | None = None) -> PartnerClient:
        """Return a client that keeps Altegio's rate limit."""
        return self._client(ledger=ledger, rate_limit=rate_limit or altegio_rate_limit())

    def trial_client(self, transport: httpx.BaseTransport, ledger: Ledger | None = None) -> PartnerClient:
        """Return a client that checks and builds requests, hands them to that transport, and claims nothing."""
        return self._client(transport=transport, max_retries=0, ledger=ledger and DryRunLedger(ledger))

    def _client(self, **more: Any) -> PartnerClient:  # noqa: ANN401  of the client
        missing = self.missing_credentials()
        if missing:
            raise ValueError("\n".join(missing))
        with hide_locals():
            return PartnerClient(
                self._token(),
                application_id=self.application_id,
                base_url=self.base_url,
                timezone=self.timezone,
                **more,
            )

    def missing_credentials(self) -> list[str]:
        """Return a sentence for each credential that is missing."""
        missing: list[str] = []
        if self.token_file is None and not os.environ.get("ALTEGIO_PARTNER_TOKEN"):
            missing.append("The partner token is missing: set ALTEGIO_PARTNER_TOKEN, or pass --token-file FILE.")
        if self.application_id is None and not os.environ.get("ALTEGIO_APPLICATION_ID"):
            missing.append("The application id is missing: set ALTEGIO_APPLICATION_ID, or pass --application-id 123.")
        return missing

    def _token(self) -> str | None:
        if self.token_file is None:
            return None
        if str(self.token_file) == "-":
            token = _from_standard_input()
            if not token:
                raise ValueError(
                    "--token-file - reads the partner token from standard input, which is empty: pipe it in."
                )
            return token
        if _is_readable_by_all(self.token_file):
            file = shlex.quote(str(self.token_file))
            self.output.remark(f"Every user of this machine can read the token: run chmod 600 {file}")
        return secret_in("--token-file", self.token_file)

    @property
    def new_ledger(self) -> Path | None:
        """The file that opening the ledger would create; None where it exists, or is not a file.

        Raises:
            ValueError: The URL is not one of a ledger.
        """
        url = self.ledger_url
        if not url:
            return None
        scheme = _SCHEME.match(url)
        if scheme is not None and not scheme[1].startswith("sqlite"):
            _check_driver(scheme[1])
            return None
        name = url if scheme is None else url[scheme.end() + 1 :]
        path, _, query = name.partition("?")
        if not path or path == ":memory:" or path.startswith("file:"):
            raise ValueError(
                "--ledger-url must name a database that outlasts the command. Write sqlite:////var/lib/payments.db"
            )
        file = Path(path)
        if scheme is None or scheme[1] not in _DRIVERS or not file.is_absolute():
            own = shlex.quote(f"sqlite:///{Path.cwd() / file}{f'?{query}' if query else ''}")
            own = "sqlite:////var/lib/payments.db" if "@" in url else own  # before an @, there may be a password
            raise ValueError(
                f"{self.output.names.name('ledger_url')} must be a URL with the absolute path of the file. Write {own}"
            )
        if not file.parent.is_dir():
            raise ValueError(
                f"--ledger-url: the folder {file.parent} does not exist. Run: mkdir -p {shlex.quote(str(file.parent))}"
            )
        return None if file.exists() else file

    def ledger(self) -> Ledger | None:
        """Open the ledger, if there is one."""
        if not self.ledger_url:
            return None
        if self.new_ledger:
            self.output.remark(f"Creating a new ledger: {self.new_ledger}")
        return Ledger(self.ledger_url)

    def required_ledger(self, why: str, *, needs_credentials: bool = True) -> Ledger:
        """Open the ledger, or raise ValueError if there is none."""
        ledger = self.ledger()
        if ledger is None:
            missing = self.missing_credentials() if needs_credentials else []
            sentence = (
                f"The ledger is missing, {why}: set ALTEGIO_LEDGER_URL, always to the same one, or pass --ledger-url "
                "sqlite:////var/lib/payments.db."
            )
            raise ValueError("\n".join([*missing, sentence]))
        return ledger


def _check_driver(scheme: str) -> None:
    driver = _DRIVERS.get(scheme, scheme)
    if not driver or importlib.util.find_spec(driver) is not None:
        return
    if scheme.startswith("postgres"):
        raise ValueError(
            f"--ledger-url must begin with {_POSTGRESQL}://, not {scheme}://. Write {_POSTGRESQL}:// and leave the "
            "rest."
        )
    raise ValueError(
        f"--ledger-url must be that of an SQLite file or of a PostgreSQL database, not {scheme}://. Write "
        f"sqlite:////var/lib/payments.db, or {_POSTGRESQL}://user:password@host/database"
    )


def secret_in(option: str, path: Path) -> str:
    """Return the content of a file, or raise ValueError. The path is not shown: it may be the secret, by mistake."""
    try:
        secret = path.read_text(encoding="utf-8-sig").rstrip("\r\n")  # Windows begins a text file with a mark
        why = "" if secret else "It is empty"
    except (OSError, UnicodeDecodeError) as error:
        secret = ""
        why = error.strerror or "" if isinstance(error, OSError) else "It is not text"
    if not secret:
        raise ValueError(f"{option} must name a file that contains the secret. {why}. Write the secret into a file.")
    return secret


def _is_readable_by_all(path: Path) -> bool:
    return os.access(path, os.R_OK) and bool(path.stat().st_mode & stat.S_IROTH)


@functools.cache  # it can be read once
def _from_standard_input() -> str:
    return getpass("Partner token: ") if sys.stdin.isatty() else sys.stdin.read().rstrip("\r\n")


def connected(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of every command to one that takes a connection first, and print what it raises."""
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
        except Exception:  # noqa: BLE001  an internal error, perhaps after the call: so the outcome is unknown
            connection.output.remark(traceback.format_exc(), to_all=True)
            raise typer.Exit(Outcome.UNKNOWN) from None

    every = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in (*own, *shared)]
    extended: Any = run
    extended.__signature__ = inspect.Signature(every)
    extended.__annotations__ = {one.name: one.annotation for one in every}
    return run
