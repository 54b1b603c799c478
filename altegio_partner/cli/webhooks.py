"""The URLs that Altegio sends the events of a location to: `webhooks list`, `add` and `remove`."""

import os
from typing import Annotated

import typer

from altegio_partner.urls import ANY_SCHEME, wire_url
from altegio_partner.values.webhooks import WebhookSettings

from .confirm import Yes, confirm
from .connection import Connection, SalonId, target
from .output import table

_OTHERS_KEPT = "The settings of other applications are kept, unless another program changes them at the same time."
Url = Annotated[str, typer.Argument(help="An https URL.", metavar="URL", show_default=False)]


def list_urls(connection: Connection, salon_id: SalonId) -> None:
    """List the URLs that get a location's events.

    This includes the URLs of other applications.

    Example: altegio-partner webhooks list 123
    """
    _check_user()
    with connection.client() as client:
        found = client.webhooks.get_settings(salon_id=salon_id)
    _say(connection, salon_id, found)


def add_url(connection: Connection, salon_id: SalonId, url: Url, yes: Yes = False) -> None:
    """Add a URL that gets the events of a location.

    Example: altegio-partner webhooks add 123 https://example.com/events
    """
    _check_user()
    wire_url("url", url)
    _confirm(connection, salon_id, f"Add {url}.", yes=yes)
    with connection.client() as client:
        found = client.webhooks.add_url(salon_id=salon_id, url=url)
    _say(connection, salon_id, found)


def remove_url(connection: Connection, salon_id: SalonId, url: Url, yes: Yes = False) -> None:
    """Remove a URL that gets the events of a location.

    Example: altegio-partner webhooks remove 123 https://example.com/events
    """
    _check_user()
    wire_url("url", url, ANY_SCHEME)
    _confirm(connection, salon_id, f"Remove {url}.", yes=yes)
    with connection.client() as client:
        found = client.webhooks.remove_url(salon_id=salon_id, url=url)
    _say(connection, salon_id, found)


def _check_user() -> None:
    if not os.environ.get("ALTEGIO_USER_TOKEN"):
        raise ValueError("The user token, which webhooks need, is missing: set ALTEGIO_USER_TOKEN.")


def _confirm(connection: Connection, salon_id: int, change: str, *, yes: bool) -> None:
    altegio = target(connection.settings(), "api_url")
    question = f"Change location {salon_id} at {altegio}?"
    confirm(connection.output, question, change, _OTHERS_KEPT, yes=yes)


def _say(connection: Connection, salon_id: int, found: WebhookSettings) -> None:
    is_active = {True: "are sent", False: "are not sent", None: "may be sent"}[found.active]
    sent = f"The events of location {salon_id} {is_active}: {', '.join(sorted(found.events))}."
    connection.output.print_result(
        sent if found.events else f"No events of location {salon_id} are sent.",
        table("url", rows=[(url,) for url in found.urls]),
        salon_id=salon_id,
        urls=found.urls,
        events=sorted(found.events),
        active=found.active,
    )
