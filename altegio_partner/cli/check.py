"""What of the configuration is there, and what is missing."""

from collections.abc import Callable
from typing import Annotated, Any

import typer
from attrs import evolve

from altegio_partner.client import PartnerClient
from altegio_partner.dates import known_timezone
from altegio_partner.errors import AltegioError
from altegio_partner.urls import is_local

from .connection import Connection
from .outcome import Outcome
from .output import table
from .preview import Nowhere, Preview, preview

_REAL = "https://app.alteg.io"


def check(
    connection: Connection,
    salon_id: Annotated[int | None, typer.Option(help="Read the status of this location as well.")] = None,
) -> None:
    """Say what of the configuration is missing or wrong.

    Nothing is sent; with --salon-id, the status of that location is read, which changes nothing.
    """
    parts: dict[str, Callable[[], str]] = {
        "partner token": lambda: _token(connection),
        "application": lambda: str(_seen(application_id=connection.application_id).body["application_id"]),
        "Altegio": lambda: _altegio(connection),
        "time zone": lambda: _timezone(connection),
        "ledger": lambda: _ledger(connection),
    }
    if salon_id is not None:
        parts["location"] = lambda: _location(connection, salon_id)
    found = [(name, *_tried(part)) for name, part in parts.items()]
    worst = max(outcome for _, outcome, _ in found)
    connection.output.say(
        table("", "", "", rows=[(name, outcome.word if outcome else "ok", text) for name, outcome, text in found]),
        outcome=worst,
        settings=[{"name": name, "outcome": outcome.word, "text": text} for name, outcome, text in found],
    )
    if worst:
        raise typer.Exit(worst)


def _tried(part: Callable[[], str]) -> tuple[Outcome, str]:
    try:
        return Outcome.DONE, part()
    except (AltegioError, ValueError) as error:
        return Outcome.of(error), str(error)


def _seen(**settings: Any) -> Preview:  # noqa: ANN401  of the client
    """Return what a client with these settings, and with fitting ones for the rest, would send."""
    nowhere = Nowhere()
    fitting: dict[str, Any] = {"partner_token": "unused", "application_id": 1, "base_url": _REAL, "max_retries": 0}
    with PartnerClient(**{**fitting, **settings}, transport=nowhere) as client:
        return preview(client, nowhere, lambda client: client.complete_registration(salon_id=1))


def _token(connection: Connection) -> str:
    evolve(connection, application_id=1, base_url=_REAL, timezone=None).trial_client(Nowhere()).close()
    return f"in {connection.token_file}" if connection.token_file else "in ALTEGIO_PARTNER_TOKEN"


def _altegio(connection: Connection) -> str:
    url = _seen(base_url=connection.base_url).url.partition("/marketplace/")[0]
    return f"{url}, a sandbox on this machine" if is_local(url) else url


def _timezone(connection: Connection) -> str:
    if known_timezone(connection.timezone) is None:
        return "none: times with an offset are refused, all others sent as they are"
    return f"{connection.timezone}: times with an offset are converted to it"


def _ledger(connection: Connection) -> str:
    if connection.new_ledger:
        return f"{connection.new_ledger} is not there yet: a new ledger begins with the first payment"
    ledger = connection.ledger()
    if ledger is None:
        return "none: what is told twice is recorded twice, and `import` needs one"
    return f"{ledger!r}, {len(ledger.pending())} unsettled"


def _location(connection: Connection, salon_id: int) -> str:
    with connection.client() as client:
        return f"{salon_id} is {client.get_installation(salon_id=salon_id).status}"
