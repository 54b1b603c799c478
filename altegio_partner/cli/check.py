"""Which settings are there, where they come from, and which are missing or wrong."""

import os
from collections.abc import Callable
from typing import Annotated

import typer

from altegio_partner.auth import Credentials
from altegio_partner.dates import parse_timezone
from altegio_partner.errors import AltegioError
from altegio_partner.urls import Urls, is_local

from .connection import Connection, number
from .output import Outcome, table
from .profiles import configuration_file


def check(
    connection: Connection,
    salon_id: Annotated[int | None, number("Also read the status of this location.", option=True)] = None,
) -> None:
    """Report which settings are missing or wrong.

    Nothing is sent. With --salon-id, the status of that location is read, which changes nothing.

    Example: altegio-partner check --salon-id 123
    """
    parts: dict[str, Callable[[], str]] = {
        "partner token": lambda: _token(connection),
        "application": lambda: _application(connection),
        "Altegio": lambda: _altegio(connection),
        "time zone": lambda: _timezone(connection),
        "ledger": lambda: _ledger(connection),
        "profile": lambda: _profile(connection),
        "client": lambda: _client(connection),
    }
    if salon_id is not None:
        parts["location"] = lambda: _location(connection, salon_id)
    found: list[tuple[str, Outcome, str, str]] = []
    for name, part in parts.items():
        try:
            found.append((name, Outcome.DONE, "ok", part()))
        except (AltegioError, ValueError) as error:
            text = connection.output.names.text_of(error)
            outcome = Outcome.of(error)
            found.append((name, outcome, "missing" if " is missing: " in text else outcome.word, text))
    if any(outcome for _, outcome, *_ in found[:-1]):  # a client fails with the settings, and has nothing to add
        found = [one for one in found if one[0] != "client" or not one[1]]
    worst = max(outcome for _, outcome, *_ in found)
    connection.output.say(
        table("", "", "", rows=[(name, word, text) for name, _, word, text in found]),
        outcome=worst,
        settings=[{"name": name, "outcome": outcome.word, "text": text} for name, outcome, _, text in found],
    )
    if worst:
        raise typer.Exit(worst)


def _profile(connection: Connection) -> str:
    profile = connection.known_profile
    return f"{profile.name}, in {configuration_file()}" if profile.values else f"none: {configuration_file()} has none"


def _from(connection: Connection, name: str) -> str:
    found = connection.setting(name)
    return f" ({found.source})" if found else ""


def _token(connection: Connection) -> str:
    missing = connection.missing_credentials().get("partner_token")
    if missing:
        raise ValueError(missing)
    Credentials(connection.token)
    file = connection.setting("token_file")
    if file is not None:
        return f"in {file.value}{_from(connection, 'token_file')}"
    return "in ALTEGIO_PARTNER_TOKEN" if os.environ.get("ALTEGIO_PARTNER_TOKEN") else "in the keyring"


def _application(connection: Connection) -> str:
    return f"{connection.known_application_id()}{_from(connection, 'application_id')}"


def _altegio(connection: Connection) -> str:
    url = Urls.of(connection.value("base_url"), None).base_url
    kind = "a sandbox on this machine" if is_local(url) else "REAL ALTEGIO"
    return f"{url}, {kind}{_from(connection, 'base_url') or ' (default)'}"


def _timezone(connection: Connection) -> str:
    zone = connection.value("timezone")
    if parse_timezone(zone) is None:
        return "none: times with an offset are rejected, all others sent unchanged"
    return f"{zone}: times with an offset are converted to it{_from(connection, 'timezone')}"


def _ledger(connection: Connection) -> str:
    if connection.new_ledger:
        return f"{connection.new_ledger} does not exist yet: the first payment creates it"
    ledger = connection.ledger()
    if ledger is None:
        return "none: a payment reported twice is probably recorded twice, and `import` needs one"
    return f"{ledger!r}, {len(ledger.pending())} pending{_from(connection, 'ledger_url')}"


def _client(connection: Connection) -> str:
    """Build a client as a command would, with the proxies and the certificates of the environment."""
    connection.client().close()
    known = ("https_proxy", "all_proxy", "ssl_cert_file", "ssl_cert_dir")
    names = [name for name, value in sorted(os.environ.items()) if name.lower() in known and value]
    return f"can be built, with {', '.join(names)}" if names else "can be built"


def _location(connection: Connection, salon_id: int) -> str:
    with connection.client() as client:
        return f"{salon_id} is {client.get_installation(salon_id=salon_id).status}"
