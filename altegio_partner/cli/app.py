"""All commands, as `--help` lists them."""

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from altegio_partner.version import __version__

from .commands import discount, pay, refund, register, resolve, uninstall
from .connection import with_connection
from .help_pages import DOCS, SETTINGS, Command
from .imports import import_payments
from .output import UsageError, usage_error
from .queries import check, locations, payment_link, pending, reconcile, status, tariffs
from .sandbox_controls import CONTROLS, control
from .webhooks import add_url, list_urls, remove_url


class _Group(TyperGroup):
    """The group of all commands. Its help explains the settings."""

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401  as above
        shared = self.commands["check"].params
        records = [one.get_help_record(ctx) for one in shared if one.name in SETTINGS]
        with formatter.section("Settings of all commands"):
            formatter.write_dl([record for record in records if record])
        super().format_epilog(ctx, formatter)


app = typer.Typer(
    cls=_Group,
    help="Report registrations, payments and refunds of your application's locations to Altegio.",
    epilog="Exit codes: 0 done; 2 usage error; 3 rejected; 4 not sent; 5 unknown: look in Altegio before you send it "
    f"again; 6 done, but the result could not be written. {DOCS}",
    no_args_is_help=True,
    rich_markup_mode=None,  # plain text, in every terminal and pipe
    pretty_exceptions_enable=False,  # a traceback with local variables could show a secret
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (check, register, pay, refund, uninstall, status, locations, tariffs, payment_link, discount, reconcile,
                pending, resolve):  # fmt: skip
    app.command(cls=Command, epilog=DOCS)(with_connection(command))
app.command("import", cls=Command, epilog=DOCS)(with_connection(import_payments))


webhooks_app = typer.Typer(
    help="List or change the URLs that Altegio sends events to. Needs ALTEGIO_USER_TOKEN.",
    epilog=DOCS,
    no_args_is_help=True,
    rich_markup_mode=None,
)
for name, webhooks_command in (("list", list_urls), ("add", add_url), ("remove", remove_url)):
    webhooks_app.command(name, cls=Command, epilog=DOCS)(with_connection(webhooks_command))
app.add_typer(webhooks_app, name="webhooks")


@app.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
def sandbox(
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="[OPTIONS]...", autocompletion=lambda: list(CONTROLS))
    ] = None,
) -> None:
    """Run the sandbox, a local Altegio, or control it."""
    if arguments and arguments[0] in CONTROLS:
        sys.exit(control(arguments))
    if arguments in (["--help"], ["-h"]):
        typer.echo(f"To control a running sandbox: altegio-partner sandbox {'|'.join(CONTROLS)}, each with --help.\n")
    from altegio_partner.sandbox.command import main as serve  # noqa: PLC0415  it takes a tenth of the start

    serve(arguments or [])


def _show_version(is_requested: bool) -> None:
    if is_requested:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    profile: Annotated[
        str | None, typer.Option(help="The profile to use from the configuration file.", metavar="NAME")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", "-V", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None: ...


def run() -> None:
    """Run a command, and exit with its exit code."""
    try:
        code = app(standalone_mode=False)
    except UsageError as error:
        code = usage_error(error, typer.Context(typer.main.get_command(app)))
    sys.exit(code)
