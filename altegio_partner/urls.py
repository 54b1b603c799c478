"""URLs: of Altegio, and of your webhooks. Errors never quote them: they may contain secrets."""

import ipaddress
import re
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

import httpx

from .bad_argument import bad_argument

_API_PREFIX = re.compile(r"/(api|marketplace)(/|$)")
_MOST_WEBHOOKS = 10
_FIX = "Write https://app.alteg.io, or http://127.0.0.1:8000 for a sandbox on this machine."


def parse_base_url(value: str) -> str:
    """Return the URL without a trailing slash, or raise ValueError."""
    parts = absolute(value)
    if parts is None or "@" in parts.netloc or "?" in value or "#" in value:
        raise bad_argument("base_url", "an absolute URL without user, query and fragment", fix=_FIX)
    if parts.scheme != "https" and not is_local(value):
        raise bad_argument("base_url", "https (http is for this machine only)", fix=_FIX)
    if _API_PREFIX.search(parts.path):
        raise bad_argument("base_url", "the address without /api and /marketplace", fix=_FIX)
    return value.rstrip("/")


def is_local(base_url: str) -> bool:
    """Return whether this is http to this machine."""
    parts = urlsplit(base_url)
    try:
        loopback = ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        loopback = parts.hostname == "localhost"
    return parts.scheme == "http" and loopback


def origin_of(base_url: str) -> str:
    """Return what identifies the Altegio at this address: scheme and host, in one spelling."""
    url = httpx.URL(base_url)
    host = url.raw_host.decode().rstrip(".")
    return f"{url.scheme}://[{host}]" if ":" in host else f"{url.scheme}://{host}"


def wire_webhook_urls(value: Sequence[str]) -> list[str]:
    """Return the URLs, or raise ValueError."""
    if not isinstance(value, (list, tuple)):
        raise bad_argument("webhook_urls", "a list", fix="Write ['https://example.com/webhook'].")
    for index, url in enumerate(value):
        parts = absolute(url)
        if parts is None or parts.scheme != "https":
            write = "https://example.com/webhook"
            raise bad_argument(f"webhook_urls[{index}]", "an absolute https URL", write=write)
    if len(set(value)) < len(value) or len(value) > _MOST_WEBHOOKS:
        raise bad_argument("webhook_urls", f"at most {_MOST_WEBHOOKS} URLs, each of them once", fix="Leave some out.")
    return list(value)


def absolute(value: object) -> SplitResult | None:  # noqa: D103  the name says it
    if not isinstance(value, str) or " " in value or not value.isprintable():  # urlsplit drops line ends silently
        return None
    try:
        parts = urlsplit(value)
        httpx.URL(value).host.encode("idna")  # as for connecting: this finds 10.0.0.300 and a..example
        return parts if parts.scheme and parts.hostname and parts.port != 0 else None
    except (ValueError, httpx.InvalidURL):  # .port finds 99999, which httpx accepts until it connects
        return None
