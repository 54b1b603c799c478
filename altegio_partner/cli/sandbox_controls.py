"""`altegio-partner sandbox fault`, `pay`, `freeze` and so on: they control a sandbox that is running, over HTTP."""

import json
from typing import Annotated, Any

import httpx
import typer

from altegio_partner.errors import NotSentError, RejectedError
from altegio_partner.urls import is_local, parse_base_url

from .help_pages import DOCS, Command
from .option_names import OptionNames
from .output import Format, Outcome, Output, UsageError, counted, table, usage_error

_DEFAULT_URL = "http://127.0.0.1:8000"
_app = typer.Typer(
    rich_markup_mode=None, pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]}
)
Url = Annotated[
    str,
    typer.Option(
        "--base-url", envvar="ALTEGIO_BASE_URL", metavar="URL", help="The address of the sandbox.", show_default=False
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, for scripts.")]
Salon = Annotated[int, typer.Argument(metavar="SALON_ID", help="The location.", show_default=False, min=1)]


@_app.command(cls=Command, epilog=DOCS)
def fault(
    name: Annotated[
        str, typer.Argument(metavar="FAULT", help="One that altegio-sandbox --help lists, or clear for none.")
    ],
    calls: Annotated[int, typer.Option(help="How many of the next calls it affects.", metavar="NUMBER", min=1)] = 1,
    operation: Annotated[
        str | None, typer.Option(help="Only calls of this one, such as notify_payment.", metavar="NAME")
    ] = None,
    url: Url = _DEFAULT_URL,
    is_json: Json = False,
) -> None:
    """Inject a fault into the next calls, or clear all faults.

    Example: altegio-partner sandbox fault lose_answer --operation notify_payment
    """
    values = {"fault": name, "calls": calls, **({"operation": operation} if operation else {})}
    is_clear = name == "clear"
    state = _post(url, "/sandbox/faults/clear" if is_clear else "/sandbox/faults", {} if is_clear else values)
    _output(is_json).print_result(f"Pending faults: {'; '.join(state['pending_faults']) or 'none'}.", **state)


@_app.command(cls=Command, epilog=DOCS)
def connect(salon_id: Salon, url: Url = _DEFAULT_URL, is_json: Json = False) -> None:
    """Let the owner of a location click Connect.

    Example: altegio-partner sandbox connect 123
    """
    state = _post(url, f"/sandbox/locations/{salon_id}/connect", {})
    url = state["registration_url"]
    sent_to = f" Altegio sends their browser to {url}" if url else ""
    _output(is_json).print_result(f"The owner of location {salon_id} has clicked Connect.{sent_to}", **state)


@_app.command(cls=Command, epilog=DOCS)
def pay(
    salon_id: Salon,
    payment_sum: Annotated[
        str, typer.Option(help="What was paid: 990.99 is 990 euros and 99 cents.", metavar="SUM", show_default=False)
    ],
    currency_iso: Annotated[str, typer.Option(help="Three capital letters: EUR, USD, BYN.", metavar="CODE")] = "EUR",
    url: Url = _DEFAULT_URL,
    is_json: Json = False,
) -> None:
    """Let the owner of a location pay at Altegio, which sends a callback.

    Example: altegio-partner sandbox pay 123 --payment-sum 49.90
    """
    values = {"payment_sum": payment_sum, "currency_iso": currency_iso}
    state = _post(url, f"/sandbox/locations/{salon_id}/pay", values)
    _output(is_json).print_result(f"The owner of location {salon_id} has paid.", _deliveries(state), **state)


@_app.command(cls=Command, epilog=DOCS)
def freeze(salon_id: Salon, url: Url = _DEFAULT_URL, is_json: Json = False) -> None:
    """Let Altegio freeze the application at a location, which sends a callback.

    Example: altegio-partner sandbox freeze 123
    """
    state = _post(url, f"/sandbox/locations/{salon_id}/freeze", {})
    _output(is_json).print_result(f"Altegio has frozen location {salon_id}.", _deliveries(state), **state)


@_app.command(cls=Command, epilog=DOCS)
def advance(
    days: Annotated[float, typer.Option(help="Days.", metavar="NUMBER")] = 0,
    hours: Annotated[float, typer.Option(help="Hours.", metavar="NUMBER")] = 0,
    url: Url = _DEFAULT_URL,
    is_json: Json = False,
) -> None:
    """Move the clock of the sandbox: what is due then happens.

    Example: altegio-partner sandbox advance --days 30
    """
    state = _post(url, "/sandbox/clock", {"days": days, "hours": hours})
    _output(is_json).print_result("The clock was moved.", _deliveries(state), **state)


@_app.command(cls=Command, epilog=DOCS)
def calls(url: Url = _DEFAULT_URL, is_json: Json = False) -> None:
    """List the latest calls that the sandbox has received, latest first.

    Example: altegio-partner sandbox calls
    """
    state: list[dict[str, Any]] = _request("GET", url, "/sandbox/snapshot")["calls"]
    rows = [(one["number"], one["at"], one["method"], one["path"], one["status"], one["fault"]) for one in state]
    _output(is_json).print_result(
        f"{counted(len(state), 'call')}.",
        table("number", "at", "call", "path", "status", "fault", rows=rows),
        calls=state,
    )


@_app.command(cls=Command, epilog=DOCS)
def reset(url: Url = _DEFAULT_URL, is_json: Json = False) -> None:
    """Delete everything in the sandbox, and clear all faults.

    Example: altegio-partner sandbox reset
    """
    _post(url, "/sandbox/reset", {})
    _output(is_json).print_result("The sandbox was reset.")


CONTROLS = [one.name or one.callback.__name__ for one in _app.registered_commands if one.callback]
"""The names of the commands."""


def control(arguments: list[str]) -> int:
    """Run one of them, and return its exit code."""
    is_json = "--json" in arguments
    main: Any = typer.main.get_command(_app)
    context = typer.Context(main, info_name="altegio-partner sandbox")
    try:
        code: int | None = main(arguments, prog_name="altegio-partner sandbox", standalone_mode=False)
    except (NotSentError, RejectedError, ValueError) as error:
        return Output(Format.JSON if is_json else Format.TABLE, OptionNames(context)).print_error(error)
    except UsageError as error:
        return usage_error(error, context)
    return code or Outcome.DONE


def _output(is_json: bool) -> Output:
    return Output(Format.JSON if is_json else Format.TABLE, OptionNames(typer.Context(typer.main.get_command(_app))))


def _deliveries(state: dict[str, Any]) -> Any:  # noqa: ANN401  a table
    rows = [(one["number"], one["content"].get("event"), one["status"], one["answer"]) for one in state["deliveries"]]
    return table("callback", "event", "status", "answer", rows=rows)


def _post(base_url: str, path: str, values: dict[str, Any]) -> dict[str, Any]:
    return _request("POST", base_url, path, values)


def _request(method: str, base_url: str, path: str, values: dict[str, Any] | None = None) -> dict[str, Any]:
    url = parse_base_url(base_url)
    if not is_local(url):
        raise ValueError(f"{url} is not a sandbox on this machine. Run altegio-partner sandbox, and pass --base-url.")
    try:
        with httpx.Client(trust_env=False, timeout=30) as client:
            response = client.request(method, url + path, json=values)
    except httpx.HTTPError as error:
        raise NotSentError(
            f"No sandbox answers at {url} ({type(error).__name__}). Run: altegio-partner sandbox"
        ) from None
    try:
        state: dict[str, Any] = json.loads(response.content)
    except ValueError:
        state = {}
    if response.status_code != 200 or (not state and path != "/sandbox/reset"):
        raise RejectedError(f"The sandbox answered {response.status_code}: {state.get('error') or 'no words'}")
    return state
