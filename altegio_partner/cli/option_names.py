"""What the fields of the library are called on the command line, so that an error names the option to change."""

import shlex
from collections.abc import Container, Mapping
from typing import TYPE_CHECKING

from attrs import field, frozen

from altegio_partner.bad_argument import BadArgumentError

if TYPE_CHECKING:  # the command of the sandbox does not need it
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
_BY_HAND = "mark_recorded or mark_not_recorded"
_RESOLVE = "`altegio-partner resolve KEY --recorded ID` or `altegio-partner resolve KEY --not-recorded`"


@frozen
class OptionNames:
    """The names of one command's options and arguments."""

    context: "typer.Context"
    sources: Mapping[str, str] = field(factory=dict[str, str])
    """Where settings come from, where that is not their option."""
    columns: Container[str] = ()
    """The fields that come from the columns of a file, and are named as there."""

    def text_of(self, error: BaseException) -> str:
        """Return what an error says, in options instead of arguments."""
        said = self._text_of_argument(error) if isinstance(error, BadArgumentError) else str(error)
        is_refund = self.context.command.name == "refund" or self.context.params.get("is_refund")
        by_hand = _RESOLVE.replace("KEY", "--refund KEY") if is_refund else _RESOLVE
        return "\n".join([said.replace(_BY_HAND, by_hand), *getattr(error, "__notes__", [])])

    def _text_of_argument(self, error: BadArgumentError) -> str:
        setting = ""
        if error.setting:
            name, value, _ = error.setting
            setting = f" Pass {self.name(name)} {shlex.quote(value)}."
        named = error.field if error.field in self.columns else self.name(error.field)
        return f"{named} {text_of_value(error, setting, is_quoted=not self.columns)}"

    def name(self, field: str) -> str:
        """Return the option, the argument or the variable that a field was read from."""
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
    """Return what an error says about a value, without the field, and the value to write as a shell takes it."""
    found = f", not {error.given}" if error.given else ""
    write = f" Write {shlex.quote(error.write) if is_quoted else error.write}." if error.write else ""
    return f"must be {error.wanted}{found}.{write}{setting} {error.fix}".rstrip()
