"""Which settings are there, and which are missing or wrong."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from attrs import evolve

from altegio_partner.client import PartnerClient
from altegio_partner.dates import parse_timezone
from altegio_partner.errors import AltegioError
from altegio_partner.urls import is_local

from .confirm import Preview, RequestRecorder, preview
from .connection import Connection, number
from .output import Outcome, table

_REAL = "https://app.alteg.io"


def check(
    connection: Connection,
    salon_id: Annotated[int | None, number("Also read the status of this location.", option=True)] = None,
) -> None:
    """Report which settings are missing or wrong.

    Nothing is sent. With --salon-id, the status of that location is read, which changes nothing.
    """
    parts: dict[str, Callable[[], str]] = {
        "partner token": lambda: _token(connection),
        "application": lambda: _application(connection),
        "Altegio": lambda: _altegio(connection),
        "time zone": lambda: _timezone(connection),
        "ledger": lambda: _ledger(connection),
    }
    if salon_id is not None:
        parts["location"] = lambda: _location(connection, salon_id)
    found = [(name, *_tried(connection, part)) for name, part in parts.items()]
    worst = max(outcome for _, outcome, _ in found)
    connection.output.say(
        table("", "", "", rows=[(name, outcome.word if outcome else "ok", text) for name, outcome, text in found]),
        outcome=worst,
        settings=[{"name": name, "outcome": outcome.word, "text": text} for name, outcome, text in found],
    )
    if worst:
        raise typer.Exit(worst)


def _tried(connection: Connection, part: Callable[[], str]) -> tuple[Outcome, str]:
    try:
        return Outcome.DONE, part()
    except (AltegioError, ValueError) as error:
        return Outcome.of(error), connection.output.names.text_of(error)


def _preview(**settings: Any) -> Preview:  # noqa: ANN401  of the client
    """Return what a client with these settings would send. The other settings are valid ones."""
    recorder = RequestRecorder()
    valid: dict[str, Any] = {"partner_token": "unused", "application_id": 1, "base_url": _REAL, "max_retries": 0}
    with PartnerClient(**{**valid, **settings}, transport=recorder) as client:
        return preview(client, recorder, lambda client: client.complete_registration(salon_id=1))


def _application(connection: Connection) -> str:
    missing = evolve(connection, token_file=Path("unused")).missing_credentials()
    if missing:
        raise ValueError(missing[0])
    return str(_preview(application_id=connection.application_id).body["application_id"])


def _token(connection: Connection) -> str:
    evolve(connection, application_id=1, base_url=_REAL, timezone=None).trial_client(RequestRecorder()).close()
    return f"in {connection.token_file}" if connection.token_file else "in ALTEGIO_PARTNER_TOKEN"


def _altegio(connection: Connection) -> str:
    url = _preview(base_url=connection.base_url).url.partition("/marketplace/")[0]
    return f"{url}, a sandbox on this machine" if is_local(url) else url


def _timezone(connection: Connection) -> str:
    if parse_timezone(connection.timezone) is None:
        return "none: times with an offset are rejected, all others sent unchanged"
    return f"{connection.timezone}: times with an offset are converted to it"


def _ledger(connection: Connection) -> str:
    if connection.new_ledger:
        return f"{connection.new_ledger} does not exist yet: the first payment creates it"
    ledger = connection.ledger()
    if ledger is None:
        return "none: a payment reported twice is probably recorded twice, and `import` needs one"
    return f"{ledger!r}, {len(ledger.pending())} pending"


def _location(connection: Connection, salon_id: int) -> str:
    with connection.client() as client:
        return f"{salon_id} is {client.get_installation(salon_id=salon_id).status}"
