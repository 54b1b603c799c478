"""What the page says about locations and calls."""

import json
import re
import shlex
from datetime import datetime
from typing import cast

from .call_log import MASK
from .json_views import Json
from .location_state import Change, Installation

_REASONS = {
    ("pending", "marketplace"): "The owner has clicked Connect.",
    ("active", "partner_api"): "Your application has registered it.",
    ("active", "payment"): "A payment has unfrozen it.",
    ("active", "altegio"): "Altegio has unfrozen it, without a payment.",
    ("freezed", "altegio"): "Altegio has frozen it.",
    ("freezed", "expiry"): "The trial or the paid period is over, or its payment was refunded.",
    ("uninstalled", "marketplace"): "The owner has removed the application.",
    ("uninstalled", "partner_api"): "Your application has uninstalled itself.",
    ("uninstalled", "link expired"): "Your application did not register it within 12 hours.",
}
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]\s*[\]}]|[\[\]{},:]|[^\s\[\]{},:"]+')
_NOT_COPIED = ("host", "content-length", "connection", "accept-encoding")


def reason(change: Change) -> str:
    """Return the reason for the state that a location changed to."""
    return _REASONS[change.status_to, change.source]


def paid_until(installation: Installation) -> datetime | None:
    """Return the end of the last paid period."""
    return max((one.period_to for one in installation.payments if not one.is_refunded), default=None)


def waits_for(installation: Installation) -> str:
    """Return what will change the state of a location next."""
    if installation.status == "pending":
        return f"Waits for your application to register it, until {installation.until}."
    if installation.status == "active" and installation.until is None:
        return "Altegio does not freeze it by itself."
    if installation.status == "active":
        end = paid_until(installation)
        paid = f"Paid until {end}." if end else "No period is paid."
        return f"{paid} Altegio freezes it after {installation.until}, unless a payment for a later period is reported."
    if installation.status == "freezed":
        return "Waits for a payment for a period that is not over."
    return "Waits for the owner to click Connect."


def indented_json(text: str) -> str:
    """Return JSON indented, with its numbers and strings unchanged. Return other text unchanged."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    shown, depth = "", 0
    for part in cast(list[str], _TOKEN.findall(text)):
        if part in ("]", "}"):
            depth -= 1
            shown += "\n" + "  " * depth
        shown += part
        depth += part in ("[", "{")
        if part in ("[", "{", ","):
            shown += "\n" + "  " * depth
        elif part == ":":
            shown += " "
    return shown


def curl_command(call: dict[str, Json], base_url: str) -> str:
    """Return a command that sends a call again. It reads the tokens from environment variables."""
    query = f"?{call['query']}" if call["query"] else ""
    url = f"{base_url}{call['path']}{query}"
    parts = [f"curl -i -X {shlex.quote(str(call['method']))} {shlex.quote(url)}"]
    for name, value in cast(dict[str, str], call["headers"]).items():
        if name == "authorization" and MASK in value:
            tokens = value.replace(MASK, "$ALTEGIO_PARTNER_TOKEN", 1).replace(MASK, "$ALTEGIO_USER_TOKEN", 1)
            parts.append(f'-H "{name}: {tokens}"')
        elif name not in _NOT_COPIED:
            parts.append(f"-H {shlex.quote(f'{name}: {value}')}")
    if call["body"]:
        parts.append(f"--data-raw {shlex.quote(str(call['body']))}")
    return " \\\n  ".join(parts)
