"""What the fields of the library are called on the command line, so that an error names the option to change."""

import os
import shlex
from collections.abc import Container

import typer
from attrs import frozen

from altegio_partner.bad_argument import Message

_OTHER_NAMES = {
    "api_key": "--api-key-file",
    "mark_not_recorded": "`altegio-partner resolve KEY --not-recorded`",
    "mark_recorded": "`altegio-partner resolve KEY --recorded ID`",
    "notify_refund": "`altegio-partner refund`",
    "partner_token": "--token-file",
    "url": "--ledger-url",
    "webhook_urls": "--webhook-url",
}
_VARIABLES = {"partner_token": ("token_file", "ALTEGIO_PARTNER_TOKEN"), "base_url": ("base_url", "ALTEGIO_BASE_URL")}


@frozen
class OptionNames:
    """The names of one command's options and arguments."""

    context: typer.Context
    columns: Container[str] = ()
    """The fields that come from the columns of a file, and are named as there."""

    def text_of(self, error: BaseException) -> str:
        """Return what an error says, in options instead of arguments."""
        text: object = error.args[0] if error.args else ""
        said = text.render(self._name) if isinstance(text, Message) else str(error)
        return "\n".join([said, *getattr(error, "__notes__", [])])

    def _name(self, field: str, value: str | None) -> str:
        if field in self.columns:
            return field
        written = value if value is None or self.columns else shlex.quote(value)
        if not field:
            return written or ""
        name, _, index = field.partition("[")
        option = self.name(name) + (f" number {int(index[:-1]) + 1}" if index else "")
        return option if value is None else f"{option}{'=' if option.isupper() else ' '}{written}"

    @staticmethod
    def of_value(error: ValueError) -> str:
        """Return what an error says about a value, without the field."""
        message: object = error.args[0]
        return message.render(lambda _, value: value or "").strip() if isinstance(message, Message) else str(message)

    def name(self, field: str) -> str:
        """Return the option, the argument or the variable that a field was read from."""
        option, variable = _VARIABLES.get(field, ("", ""))
        if option and not self.context.params.get(option) and os.environ.get(variable):
            return variable
        known = {one.name: one for one in self.context.command.params}
        if field not in known or known[field].param_type_name == "argument":
            return _OTHER_NAMES.get(field, (known[field].metavar or field.upper()) if field in known else field)
        source = self.context.get_parameter_source(field)
        if source is not None and source.name == "ENVIRONMENT":
            return str(known[field].envvar)
        return max(known[field].opts, key=len)
