"""The sandbox's page."""

import functools
import secrets
from datetime import timedelta

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from .api import Response
from .faults import FAULTS
from .sandbox import Sandbox

_STEPS = {
    "1 hour": timedelta(hours=1),
    "12 hours": timedelta(hours=12),
    "1 day": timedelta(days=1),
    "31 days": timedelta(days=31),
}


@functools.cache
def _template() -> Template:
    loader = PackageLoader("altegio_partner.sandbox", "")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False}
    return environment.get_template("page.html")


def page(sandbox: Sandbox, notice: str) -> Response:
    """Render the page."""
    nonce = secrets.token_urlsafe()
    steps = {name: int(step.total_seconds()) for name, step in _STEPS.items()}
    text = _template().render(sandbox.snapshot(), notice=notice, nonce=nonce, faults=FAULTS, steps=steps)
    headers = {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
        "img-src data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'",
        "cache-control": "no-store",
        "referrer-policy": "same-origin",
    }
    return Response(200, headers, text.encode())
