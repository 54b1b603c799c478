"""The `--help` of a command: its arguments, its options, and where the settings are explained."""

import re
from typing import Any

from typer.core import TyperCommand

from .profiles import VARIABLES

DOCS = "Documentation: docs/command-line.md of altegio-partner."
SETTINGS = {*VARIABLES, "profile"}
"""The options that all commands have, except those of the sandbox."""
_TYPE = re.compile(r" <[^>]*>")  # the Python type, which typer shows since 0.26


class Command(TyperCommand):
    """A command whose help lists the settings of all commands by name. `altegio-partner --help` explains them."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:  # noqa: ANN401  of click or typer
        """Return the parts of the usage line after the name of the command, without the braces of typer 0.29."""
        pieces = (re.sub("[{}]", "", piece) for piece in super().collect_usage_pieces(ctx))
        return [piece.replace("......", "...") for piece in pieces]  # {SALON_ID...}...

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401  as above
        """Print the arguments and the options of the command itself, and the names of the settings."""
        of_command = [one for one in self.get_params(ctx) if one.name not in SETTINGS]
        for title, kind in (("Arguments", "argument"), ("Options", "option")):
            records = [one.get_help_record(ctx) for one in of_command if one.param_type_name == kind]
            rows = [(_TYPE.sub("", record[0]), record[1]) for record in records if record]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)
        settings = ", ".join(max(one.opts, key=len) for one in self.params if one.name in SETTINGS)
        if settings:
            with formatter.section("Settings"):
                formatter.write_text(f"{settings}: see altegio-partner --help.")
