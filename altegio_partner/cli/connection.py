"""The options of all commands: credentials, the URL of Altegio, the ledger, the output format."""

import functools
import inspect
import os
import shlex
import stat
import sys
import traceback
from collections.abc import Callable
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer
from attrs import frozen

from altegio_partner.auth import Credentials
from altegio_partner.bad_argument import BadArgumentError, bad_argument
from altegio_partner.client import PartnerClient
from altegio_partner.errors import AltegioError
from altegio_partner.late_imports import late_imports
from altegio_partner.redaction import hide_locals
from altegio_partner.settings import PaymentLedger, RateLimit, Settings
from altegio_partner.urls import Urls, is_local, origin_of

from .option_names import OptionNames, text_of_value
from .output import Format, Outcome, Output
from .payment import COLUMNS, read_id
from .profiles import VARIABLES, Profile, Setting, read_profile

if TYPE_CHECKING:  # its import takes longer than all others
    from altegio_partner.ledger import Ledger
    from altegio_partner.ledger.ledger import DryRunLedger

_TOKEN = "ALTEGIO_PARTNER_TOKEN"  # noqa: S105  its variable
_IF_NOT_NEW = "If you had one, stop, and check that its disk is mounted: a new ledger does not know what was reported."


def _option(help_text: str, *names: str, **more: Any) -> Any:  # noqa: ANN401  as Typer has it
    return typer.Option(*names, help=help_text, show_default=False, **more)


def parse_number(text: str) -> int:
    """Return the positive number in this text, or raise typer.BadParameter."""
    try:
        return read_id("", text)
    except BadArgumentError as error:
        raise typer.BadParameter(text_of_value(error)) from None


def number_parameter(help_text: str, *, option: bool = False, metavar: str | None = None) -> Any:  # noqa: ANN401  as Typer has it
    """Return the Typer declaration of a positive number: an argument, or an option."""
    declare: Any = typer.Option if option else typer.Argument
    return declare(
        help=help_text, parser=parse_number, metavar=metavar or ("NUMBER" if option else None), show_default=False
    )


SalonId = Annotated[int, number_parameter("The location.", metavar="SALON_ID")]


@frozen
class Connection:
    """The values of the options that all commands have."""

    context: typer.Context
    token_file: Annotated[
        Path | None,
        _option(f"A file with the partner token; - is standard input. Default: the token in {_TOKEN}.", metavar="FILE"),
    ] = None
    application_id: Annotated[
        str | None, _option("The id of your application. Default: ALTEGIO_APPLICATION_ID.", metavar="NUMBER")
    ] = None
    base_url: Annotated[
        str | None,
        _option("The URL of Altegio. Default: ALTEGIO_BASE_URL, then https://app.alteg.io.", metavar="URL"),
    ] = None
    timezone: Annotated[
        str | None,
        _option("The time zone to convert times with an offset to, such as Europe/Berlin.", metavar="ZONE"),
    ] = None
    ledger_url: Annotated[
        str | None,
        _option(
            "The database of the ledger, which prevents duplicate payments: sqlite:////var/lib/payments.db. Default: "
            "ALTEGIO_LEDGER_URL.",
            metavar="URL",
        ),
    ] = None
    profile: Annotated[str | None, _option("The profile to use from the configuration file.", metavar="NAME")] = None
    format: Annotated[Format, _option("The output format.", "--output", metavar="table|json|csv")] = Format.TABLE
    json: Annotated[bool, _option("The same as --output json.", "--json")] = False

    @property
    def output(self) -> Output:
        """The object that prints results, notes and errors."""
        return Output(self._format, OptionNames(self.context, self._sources()))

    @property
    def _format(self) -> Format:
        return Format.JSON if self.json else self.format

    @property
    def ledger_scope(self) -> dict[str, Any]:
        """The origin and the application id of this command's keys in the ledger."""
        origin = origin_of(Urls.of(self.value("base_url"), None).base_url)
        return {"application_id": self.required_application_id(), "origin": origin}

    def text_of_row(self, error: BaseException) -> str:
        """Return the text of an error in a row of a file."""
        return OptionNames(self.context, self._sources(), COLUMNS).text_of(error)

    def _sources(self) -> dict[str, str]:
        try:
            found = {name: self.setting(name) for name in VARIABLES}
        except ValueError:  # it is the error that is printed
            return {}
        sources = {name: one.source for name, one in found.items() if one}
        if "ledger_url" in sources and "url" not in self.context.params:  # that of a webhook
            sources["url"] = sources["ledger_url"]
        sources["partner_token"] = sources.get("token_file") or (_TOKEN if os.environ.get(_TOKEN) else "--token-file")
        return sources

    @property
    def selected_profile(self) -> Profile:
        """The profile that is named after the command, or before it, or by default."""
        return read_profile(self.profile or self.context.find_root().params.get("profile"))

    def setting(self, name: str) -> Setting | None:
        """Return a setting and its source, or None if it is not set."""
        given = {"token_file": self.token_file, "application_id": self.application_id, "base_url": self.base_url,
                 "timezone": self.timezone, "ledger_url": self.ledger_url}  # fmt: skip
        if name == "token_file" and self.token_file is None and os.environ.get(_TOKEN):
            file_name = os.environ.get(VARIABLES[name])  # like the option, it takes precedence over the token itself
            return Setting(file_name, VARIABLES[name]) if file_name else None
        return self.selected_profile.setting(name, given[name])

    def value(self, name: str) -> str | None:
        """Return the value of a setting, or None if it is not set."""
        found = self.setting(name)
        return None if found is None else found.value

    def settings(self, ledger: PaymentLedger | None = None) -> Settings:
        """Return the validated settings of a client, or raise ValueError."""
        self._check_credentials()
        with hide_locals():
            urls = Urls.of(self.value("base_url"), None)
            credentials, zone = Credentials(self.token), self.value("timezone")
            return Settings(credentials, self.required_application_id(), urls, zone, 30.0, 0, ledger, None)

    def dry_run_settings(self, ledger: "Ledger | None") -> Settings:
        """Return the settings of a client with a `DryRunLedger`, or raise ValueError."""
        return self.settings(None if ledger is None else self.dry_run_ledger(ledger))

    def dry_run_ledger(self, ledger: "Ledger") -> "DryRunLedger":
        """Return a ledger that claims nothing, but rejects a key that was used for another call."""
        from altegio_partner.ledger.ledger import DryRunLedger  # noqa: PLC0415  as above

        return DryRunLedger(ledger)

    def client(self, ledger: PaymentLedger | None = None, rate_limit: RateLimit | None = None) -> PartnerClient:
        """Return a client that stays within Altegio's rate limits, or raise ValueError."""
        from altegio_partner.rate_limit import altegio_rate_limit  # noqa: PLC0415  a dry run needs none

        self._check_credentials()
        with hide_locals():
            return PartnerClient(
                self.token,
                application_id=self.required_application_id(),
                base_url=self.value("base_url"),
                timezone=self.value("timezone"),
                ledger=ledger,
                rate_limit=rate_limit or altegio_rate_limit(),
            )

    def _check_credentials(self) -> None:
        missing = self.missing_credentials()
        if missing:
            raise ValueError("\n".join(missing.values()))

    def missing_credentials(self) -> dict[str, str]:
        """Return the missing credentials: the field of each, and the text of its error."""
        missing: dict[str, str] = {}
        has_token = os.environ.get(_TOKEN) or self.selected_profile.values.get("keyring")
        if not has_token and self.setting("token_file") is None:
            missing["partner_token"] = f"The partner token is missing: set {_TOKEN}, or pass --token-file FILE."
        if self.setting("application_id") is None:
            missing["application_id"] = (
                "The application id is missing: set ALTEGIO_APPLICATION_ID, or pass --application-id 123."
            )
        return missing

    def required_application_id(self) -> int:
        """Return the application's id, or raise ValueError. It is not quoted: it may be the token."""
        missing = self.missing_credentials().get("application_id")
        if missing:
            raise ValueError(missing)
        try:
            return read_id("application_id", self.value("application_id") or "")
        except BadArgumentError:
            fix = "Write the id of your application, such as 123."
            raise bad_argument("application_id", "a number, digits only", fix=fix) from None

    @functools.cached_property
    def token(self) -> str | None:
        """The partner token, read once; None if the client reads it from the environment."""
        file = self.value("token_file")
        if file is None:
            return None if os.environ.get(_TOKEN) else self.selected_profile.token_in_keyring()
        if file == "-":
            token = _from_standard_input()
            if not token:
                raise ValueError(
                    "--token-file - reads the partner token from standard input, which is empty: pipe it in."
                )
            return token
        path = Path(os.path.expanduser(file))  # noqa: PTH111  Path raises RuntimeError for an unknown user
        if _is_readable_by_all(path):
            text = f"Every user of this machine can read the token: run chmod 600 {shlex.quote(file)}"
            self.output.print_note(text, even_as_json=True)
        return read_secret(self.output.names.name("partner_token"), path)

    @functools.cached_property
    def new_ledger(self) -> Path | None:
        """The SQLite file that opening the ledger creates, or None. It is found out once, before that.

        Raises:
            ValueError: The URL is invalid, or the folder does not exist.
        """
        url = self.value("ledger_url")
        if url is None:
            return None
        with late_imports:
            from altegio_partner.ledger.database_url import parse_database_url  # noqa: PLC0415  as above
        parsed = parse_database_url(url)
        if parsed.get_backend_name() != "sqlite":
            return None
        file = Path(parsed.database or "")
        return None if check_folder(self.output.names.name("ledger_url"), file) else file

    def ledger(self) -> "Ledger | None":
        """Open the ledger and return it, or return None if none is set."""
        url = self.value("ledger_url")
        if url is None:
            return None
        from altegio_partner.ledger import Ledger  # noqa: PLC0415  as above

        if self.new_ledger:
            text = f"Creating a new ledger: {self.new_ledger}. {_IF_NOT_NEW}"
            self.output.print_note(text, even_as_json=True)
        return Ledger(url)

    def required_ledger(self, why: str, *, needs_credentials: bool = True) -> "Ledger":
        """Open the ledger and return it, or raise ValueError if none is set.

        Args:
            why: What the command needs it for, as a relative clause for the error.
            needs_credentials: Whether the error also lists missing credentials.
        """
        ledger = self.ledger()
        if ledger is None:
            missing = self.missing_credentials() if needs_credentials else {}
            sentence = (
                f"The ledger is missing, {why}: set ALTEGIO_LEDGER_URL, always to the same one, or pass --ledger-url "
                "sqlite:////var/lib/payments.db."
            )
            raise ValueError("\n".join([*missing.values(), sentence]))
        return ledger


def target(settings: Settings, host: str = "base_url") -> str:
    """Return the name of the Altegio that is called (a sandbox or the real one) and of the application.

    Args:
        settings: The settings of the client.
        host: Which of its URLs is called: the `host` of the `Call`.
    """
    url: str = getattr(settings.urls, host)
    netloc = urlsplit(url).netloc
    altegio = f"the sandbox at {netloc}" if is_local(url) else f"REAL ALTEGIO ({netloc})"
    return f"{altegio}, application {settings.application_id}"


def check_folder(option: str, file: Path) -> bool:
    """Return whether the file exists, or raise ValueError if its folder does not exist or cannot be read."""
    try:
        file.stat()
    except (FileNotFoundError, NotADirectoryError):
        folder = file.parent
        if folder.is_dir():
            return False
        fix = f"Run: mkdir -p {shlex.quote(str(folder))}"
        raise ValueError(f"{option} {file}: the folder {folder} does not exist. {fix}") from None
    except OSError as error:
        raise ValueError(f"{option} {file} cannot be reached: {error.strerror}. Name another file.") from None
    return True


def read_secret(option: str, path: Path) -> str:
    """Return the secret in a file, or raise ValueError, which does not show the path: it may be a secret by mistake."""
    try:
        secret = path.read_text(encoding="utf-8-sig").rstrip("\r\n")  # Windows begins text files with a BOM
        why = "" if secret else "It is empty"
    except (OSError, UnicodeDecodeError) as error:
        secret = ""
        why = error.strerror or "" if isinstance(error, OSError) else "It is not text"
    if not secret:
        raise ValueError(f"{option} must name a file that contains the secret. {why}. Write the secret into a file.")
    return secret


def _is_readable_by_all(path: Path) -> bool:
    return os.access(path, os.R_OK) and bool(path.stat().st_mode & stat.S_IROTH)


@functools.cache  # standard input can be read only once
def _from_standard_input() -> str:
    return getpass("Partner token: ") if sys.stdin.isatty() else sys.stdin.read().lstrip("\ufeff").rstrip("\r\n")


def with_connection(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with the options of all commands added, which become its first argument.

    The errors that it raises are printed, and become its exit code.
    """
    shared = [*inspect.signature(Connection).parameters.values()]
    _, *own = inspect.signature(command).parameters.values()

    @functools.wraps(command)
    def run(**given: Any) -> None:  # noqa: ANN401  as Typer has it
        connection = Connection(**{one.name: given.pop(one.name) for one in shared})
        try:
            command(connection, **given)
        except typer.Exit:
            raise
        except (AltegioError, ValueError, KeyboardInterrupt) as error:
            raise typer.Exit(connection.output.print_error(error)) from None
        except Exception:  # noqa: BLE001  an internal error, perhaps after the call: so the outcome is unknown
            connection.output.print_note(traceback.format_exc(), even_as_json=True)
            raise typer.Exit(Outcome.UNKNOWN) from None

    parameters = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in (*own, *shared)]
    extended: Any = run
    extended.__signature__ = inspect.Signature(parameters)
    extended.__annotations__ = {one.name: one.annotation for one in parameters}
    return run
