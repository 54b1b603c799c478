"""All commands, as `--help` lists them."""

import sys
from typing import Annotated, Any

import typer

from altegio_partner.version import __version__

from .check import check
from .commands import pay, refund, register, resolve
from .connection import connected
from .imports import import_payments
from .option_names import OptionNames
from .output import Outcome, Output
from .queries import pending, reconcile, status

app = typer.Typer(
    help="Report to Altegio's marketplace: registrations, payments and refunds of your application's locations.",
    epilog="Exit codes: 0 done; 1 done, but the result could not be written; 2 usage error; 3 rejected; 4 not sent; "
    "5 unknown: look in Altegio before you send it again.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with local variables could show a secret
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (check, register, pay, refund, status, reconcile, pending, resolve):
    app.command()(connected(command))
app.command("import")(connected(import_payments))


@app.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
def sandbox(arguments: Annotated[list[str] | None, typer.Argument(metavar="[OPTIONS]...")] = None) -> None:
    """Run the sandbox, a local Altegio for tests."""
    from altegio_partner.sandbox.command import main as serve  # noqa: PLC0415  it takes a tenth of the start

    serve(arguments or [])


def _show_version(is_requested: bool) -> None:
    if is_requested:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", "-V", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None: ...


_UsageError: Any = typer.BadParameter.__base__  # of click, or of typer, which has its own since 0.26


def run() -> None:
    """Run a command, and exit with its exit code."""
    try:
        code = app(standalone_mode=False)
    except _UsageError as error:
        usage_error: Any = error  # whose class belongs to one of two packages
        code = _fail(usage_error)
    sys.exit(code)


def _fail(error: Any) -> int:  # noqa: ANN401  of click or typer
    context = error.ctx or typer.Context(typer.main.get_command(app))
    if type(error).__name__ == "NoArgsIsHelpError":  # it has printed the help
        return Outcome.USAGE_ERROR
    text = f"{_said(error, context)}\nSee {context.command_path} --help."
    return Output("--json" in sys.argv, OptionNames(context)).fail(ValueError(text))


def _said(error: Any, context: Any) -> str:  # noqa: ANN401  as above
    names = OptionNames(context)
    if not isinstance(error, typer.BadParameter):
        similar = getattr(error, "possibilities", None)
        return f"{error.message}. Did you mean {' or '.join(similar)}?" if similar else str(error.format_message())
    if error.message and error.param is not None:
        return f"{names.name(str(error.param.name))} {error.message}"
    required = [one for one in context.command.params if one.required and context.params.get(one.name) is None]
    return "\n  ".join(["Missing:", *(f"{names.name(str(one.name))}  {one.help}" for one in required)])
