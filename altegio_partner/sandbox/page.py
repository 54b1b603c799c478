"""The pages of the sandbox: one controls it, and one sends calls to it (the API explorer)."""

import functools
import json
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import cast

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from .api import Response
from .call_log import MASK
from .endpoints import OPERATION_NAMES
from .explorer import Operation, families, operations
from .faults import FAULTS
from .json_views import Json
from .location_state import Installation
from .page_words import curl_command, indented_json, paid_until, reason, waits_for
from .sandbox import Sandbox

_STEPS = {
    "1 hour": timedelta(hours=1),
    "12 hours": timedelta(hours=12),
    "1 day": timedelta(days=1),
    "31 days": timedelta(days=31),
}
_LIMITS = (100, 300, 1000)
_ENDS = {"pending": "the end of the link", "active": "the freeze"}
_LATEST = datetime(9990, 1, 1)  # noqa: DTZ001  Altegio's dates have no zone
_SECOND = timedelta(seconds=1)
_DATE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")


@functools.cache
def _template(name: str) -> Template:
    loader = PackageLoader("altegio_partner.sandbox", "")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template(name)


def page(sandbox: Sandbox, query: Mapping[str, str], *, base_url: str, notice: str = "", error: str = "") -> Response:
    """Render the page. The parameter `limit` of the query is the number of items of each kind."""
    limit = next((one for one in _LIMITS if str(one) == query.get("limit")), _LIMITS[0])
    snapshot = sandbox.snapshot(limit)
    locations = [sandbox.installation(one["salon_id"]) for one in cast(list[dict[str, int]], snapshot["locations"])]
    return _rendered(
        "page.html",
        snapshot,
        states=[_state(one, sandbox.now) for one in locations if one.logs],  # none after a reset
        pending=[(one.describe(), FAULTS[one.fault].description) for one in sandbox.faults],
        is_clock_stopped=sandbox.is_clock_stopped,
        limit=limit,
        more=next((one for one in _LIMITS if one > limit), None),
        steps={name: int(step.total_seconds()) for name, step in _STEPS.items()},
        faults=FAULTS,
        operations=OPERATION_NAMES,
        split_at_dates=_DATE.split,
        indented=_indented,
        curl=functools.partial(curl_command, base_url=base_url),
        notice=notice,
        error=error,
    )


def explorer_page(sandbox: Sandbox, *, base_url: str) -> Response:
    """Render the API explorer, with the tokens of this sandbox."""

    def curl(one: Operation) -> str:
        headers = {field.name: field.example for field in one.parameters if field.place == "header"}
        headers |= {"authorization": f"Bearer {MASK}, User {MASK}", "content-type": "application/json"}
        call: dict[str, Json] = {
            "method": one.method,
            "path": one.path,
            "query": "",
            "headers": headers,
            "body": one.body,
        }
        return curl_command(call, base_url)

    return _rendered(
        "explorer.html", {}, sandbox=sandbox, families=families(operations(sandbox)), faults=FAULTS, curl=curl
    )


def _rendered(template: str, values: Mapping[str, object], **more: object) -> Response:
    nonce = secrets.token_urlsafe()
    text = _template(template).render(values, **more, nonce=nonce)
    headers = {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
        "img-src data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'",
        "cache-control": "no-store",
        "referrer-policy": "same-origin",
    }
    return Response(200, headers, text.encode())


def _indented(value: Json) -> str:
    return indented_json(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _state(found: Installation, now: datetime) -> Mapping[str, object]:
    """Return the values that the page shows of a location."""
    ends = {"the end of the paid period": paid_until(found), _ENDS.get(found.status, ""): found.until}
    return {
        "salon_id": found.salon_id,
        "status": found.status,
        "reason": reason(found.logs[-1]),
        "waits_for": waits_for(found),
        "logs": [(str(one.changed_at), one.status_from, one.status_to, reason(one)) for one in reversed(found.logs)],
        "payments": len(found.payments),
        "moves": {
            name: str(end + _SECOND)
            for name, end in ends.items()
            if found.status in _ENDS and end is not None and now <= end < _LATEST
        },
    }
