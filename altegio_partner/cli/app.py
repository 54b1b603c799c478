"""All commands, as `--help` lists them."""

from typing import Annotated

import typer

from altegio_partner.version import __version__

from .calls import pay, refund, register
from .check import check
from .connection import connected
from .imports import import_payments
from .looks import reconcile, status, unsettled
from .settle import settle

app = typer.Typer(
    help="Tell Altegio's marketplace what happens at the locations that use your application.",
    epilog="Exit codes: 0 done, 1 done, and the result could not be written, 2 wrong use, 3 refused, 4 not sent, "
    "5 unknown: look before you send it again.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with local variables could show a secret
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (check, register, pay, refund, status, reconcile, unsettled, settle):
    app.command()(connected(command))
app.command("import")(connected(import_payments))


@app.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
def sandbox(arguments: Annotated[list[str] | None, typer.Argument(metavar="[OPTIONS]...")] = None) -> None:
    """Serve a local Altegio to try all of this on."""
    from altegio_partner.sandbox.command import main as serve  # noqa: PLC0415  a tenth of the start of all the others

    serve(arguments or [])


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _of_all(
    version: Annotated[bool, typer.Option("--version", callback=_show_version, help="Tell the version.")] = False,
) -> None: ...
