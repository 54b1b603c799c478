"""Telephony: commands of a telephone system, and the history of calls."""

import hashlib
from datetime import datetime
from typing import Any

from altegio_partner.sandbox.api import Call, Endpoint, Response, invalid, json_response, success
from altegio_partner.sandbox.endpoints import OperationName
from altegio_partner.sandbox.validation import (
    COUNT,
    DAY,
    ID,
    NUMBER,
    PAGE,
    TEXT,
    Field,
    Fields,
    errors_in,
    list_of,
    one_of,
    optional,
)

_TYPES = ("incoming", "outgoing", "internal")
_STATUSES = ("success", "missed", "cancel", "busy", "notallowed", "notavailable", "notfound")


def send_voip_command(call: Call) -> Response:
    """Accept any command with 202. Calls are saved only if the chain has enabled telephony."""
    command = call.fields["command"]
    if errors := errors_in(call.fields, _COMMANDS[command]):
        raise invalid(errors, "fields_without_422")
    chain = f"voip {hashlib.sha256(call.fields['crm_token'].encode()).hexdigest()}"  # the token itself is a secret
    if command == "setup":
        call.locations.set_detail(0, chain, call.fields["type"] == "enable")
    elif command == "history" and call.locations.detail(0, chain, False):
        call.locations.add_phone_call(_recorded(call))
    return json_response(202, {"success": True, "meta": {"message": "Accepted"}})


def _recorded(call: Call) -> dict[str, Any]:
    return {
        "client_id": 0,
        "caller_phone": call.fields["phone"],
        "record_link": call.fields.get("link", ""),
        "duration": round(call.fields.get("duration", 0)),
        "status": call.fields.get("status", "success"),
        "type": call.fields["type"],
        "call_date": call.fields.get("date", call.now.isoformat()),
    }


def list_calls(call: Call) -> Response:
    """Return one page of the calls, latest first. Every active location has those of the whole chain: a choice."""
    call.require_access()
    wanted = call.fields
    found = [
        one
        for one in call.locations.phone_calls()
        if wanted["date_from"] <= one["call_date"][:10] <= wanted["date_to"]
        and wanted.get("phone", one["caller_phone"]) == one["caller_phone"]
        and one["type"] in wanted.get("types", _TYPES)
        and one["status"] in wanted.get("statuses", _STATUSES)
    ]
    limit = wanted.get("limit", 25)
    first = (max(wanted.get("page", 1), 1) - 1) * limit
    return success(found[first : first + limit])


def _is_instant(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(datetime.fromisoformat(value))
    except ValueError:
        return False


_INSTANT = Field(_is_instant, "This must be a date of the form 2026-09-01T14:40:28-05:00.")
_CALL: Fields = {"type": one_of(*_TYPES), "crm_token": TEXT, "phone": TEXT, "diversion": TEXT, "user": optional(TEXT)}
_COMMANDS: dict[str, Fields] = {
    "setup": {"type": one_of("enable", "disable"), "crm_token": TEXT},
    "event": _CALL,
    "history": {
        **_CALL,
        "duration": optional(NUMBER),
        "link": optional(TEXT),
        "call_id": optional(TEXT),
        "status": optional(one_of("success", "missed")),
        "date": optional(_INSTANT),
    },
}
_QUERY: Fields = {
    "salon_id": ID,
    "date_from": DAY,
    "date_to": DAY,
    "phone": optional(TEXT),
    "types": optional(list_of(one_of(*_TYPES), 0, 100, f"This must be a list of {', '.join(_TYPES)}.")),
    "statuses": optional(list_of(one_of(*_STATUSES), 0, 100, f"This must be a list of {', '.join(_STATUSES)}.")),
    "page": optional(PAGE),
    "limit": optional(COUNT),
}
ENDPOINTS: dict[OperationName, Endpoint] = {
    "send_voip_command": Endpoint(send_voip_command, body={"command": one_of(*_COMMANDS)}, documents_422=False),
    "list_calls": Endpoint(list_calls, body=_QUERY, needs_user=True, documents_422=False),
}
