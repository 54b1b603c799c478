"""The command-line names of the library's arguments, so that an error names the option to change."""

import shlex
from collections.abc import Container, Mapping
from typing import TYPE_CHECKING

from attrs import field, frozen

from altegio_partner.bad_argument import BadArgumentError

if TYPE_CHECKING:  # `altegio-sandbox` does not need it
    import typer

_OTHER_NAMES = {
    "api_key": "--api-key-file",
    "api_url": "ALTEGIO_API_URL",
    "base_url": "--base-url",
    "partner_token": "--token-file",
    "payment_id": "--recorded",
    "tariffs_url": "ALTEGIO_TARIFFS_URL",
    "url": "--ledger-url",
    "user_token": "ALTEGIO_USER_TOKEN",
    "webhook_urls": "--webhook-url",
}
_LEDGER_METHODS = "mark_recorded or mark_not_recorded"
_RESOLVE_COMMANDS = "`altegio-partner resolve KEY --recorded ID` or `altegio-partner resolve KEY --not-recorded`"


@frozen
class OptionNames:
    """The names of one command's options and arguments."""

    context: "typer.Context"
    sources: Mapping[str, str] = field(factory=dict[str, str])
    """The sources of the settings that did not come from an option."""
    columns: Container[str] = ()
    """The arguments that come from columns of a file, and keep their names."""

    def text_of(self, error: BaseException) -> str:
        """Return the text of an error, with options in place of arguments."""
        text = self._text_of_argument(error) if isinstance(error, BadArgumentError) else str(error)
        is_refund = self.context.command.name == "refund" or self.context.params.get("is_refund")
        resolve_commands = _RESOLVE_COMMANDS.replace("KEY", "--refund KEY") if is_refund else _RESOLVE_COMMANDS
        return "\n".join([text.replace(_LEDGER_METHODS, resolve_commands), *getattr(error, "__notes__", [])])

    def _text_of_argument(self, error: BadArgumentError) -> str:
        setting = ""
        if error.setting:
            name, value, _ = error.setting
            setting = f" Pass {self.name(name)} {shlex.quote(value)}."
        named = error.field if error.field in self.columns else self.name(error.field)
        return f"{named} {text_of_value(error, setting, is_quoted=not self.columns)}"

    def name(self, field: str) -> str:
        """Return the option, argument or environment variable that an argument was read from."""
        field, _, index = field.partition("[")
        if index:
            return f"{self.name(field)} number {int(index[:-1]) + 1}"
        if field in self.sources:
            return self.sources[field]
        known = {one.name: one for one in self.context.command.params}
        if field not in known:
            return _OTHER_NAMES.get(field, field)
        if known[field].param_type_name == "argument":
            return str(known[field].metavar or field.upper())
        return max(known[field].opts, key=len)


def text_of_value(error: BadArgumentError, setting: str = "", *, is_quoted: bool = True) -> str:
    """Return the text of an error after the name of the argument, with the value to write quoted for a shell."""
    found = f", not {error.given}" if error.given else ""
    write = f" Write {shlex.quote(error.write) if is_quoted else error.write}." if error.write else ""
    return f"must be {error.wanted}{found}.{write}{setting} {error.fix}".rstrip()
