"""What is said about arguments that cannot be parsed: all that are missing, and what was probably meant."""

import sys
from typing import Any

import typer

from .option_names import OptionNames
from .output import Format, Outcome, Output

UsageError: Any = typer.BadParameter.__base__
"""The error of click or of typer, which has its own since 0.26."""


def usage_error(error: Any, main: Any) -> int:  # noqa: ANN401  of click or typer
    """Print what is wrong with the arguments, and return the exit code."""
    context = error.ctx or main
    if type(error).__name__ == "NoArgsIsHelpError":  # it has printed the help
        return Outcome.USAGE_ERROR
    text = f"{_said(error, context)}\nSee {context.command_path} --help."
    is_json = "--json" in sys.argv or "--output=json" in sys.argv or " --output json" in " ".join(sys.argv)
    return Output(Format.JSON if is_json else Format.TABLE, OptionNames(context)).fail(ValueError(text))


def _said(error: Any, context: Any) -> str:  # noqa: ANN401  as above
    names = OptionNames(context)
    if not isinstance(error, typer.BadParameter):
        similar = getattr(error, "possibilities", None)
        return f"{error.message}. Did you mean {' or '.join(similar)}?" if similar else str(error.format_message())
    if error.message and error.param is not None:
        return f"{names.name(str(error.param.name))} {error.message}"
    required = [one for one in context.command.params if one.required and context.params.get(one.name) is None]
    return "\n  ".join(["Missing:", *(f"{names.name(str(one.name))}  {one.help}" for one in required)])
