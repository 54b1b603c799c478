"""Addresses: where Altegio is, and where it sends events. None is quoted back: they may carry secrets."""

import ipaddress
import re
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

import httpx

from .bad_argument import bad_argument

_API_PREFIX = re.compile(r"/(api|marketplace)(/|$)")
_MOST_WEBHOOKS = 10
_FIX = "Write https://app.alteg.io, or http://127.0.0.1:8000 for a sandbox on this machine."


def known_base_url(value: str) -> str:
    """Return the address without a final slash, or raise ValueError."""
    parts = absolute(value)
    if parts is None or "@" in parts.netloc or "?" in value or "#" in value:
        raise bad_argument("base_url", "an absolute URL without user, query and fragment", fix=_FIX)
    if parts.scheme != "https" and not is_local(value):
        raise bad_argument("base_url", "https (http is for this machine only)", fix=_FIX)
    if _API_PREFIX.search(parts.path):
        raise bad_argument("base_url", "what stands before /marketplace, and has no /api", fix=_FIX)
    return value.rstrip("/")


def is_local(base_url: str) -> bool:
    """Say whether this is http to this machine."""
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
    """Return the addresses, or raise ValueError."""
    if not isinstance(value, (list, tuple)):
        raise bad_argument("webhook_urls", "a list", fix="Write ['https://example.com/webhook'].")
    for index, url in enumerate(value):
        parts = absolute(url)
        if parts is None or parts.scheme != "https":
            raise bad_argument(f"webhook_urls[{index}]", "an absolute https URL")
    if len(set(value)) < len(value) or len(value) > _MOST_WEBHOOKS:
        raise bad_argument("webhook_urls", f"at most {_MOST_WEBHOOKS} addresses, each of them once")
    return list(value)


def absolute(value: object) -> SplitResult | None:  # noqa: D103  its name is all there is to say
    if not isinstance(value, str) or " " in value or not value.isprintable():  # urlsplit drops line ends in silence
        return None
    try:
        parts = urlsplit(value)
        httpx.URL(value).host.encode("idna")  # as will be done to connect: this finds 10.0.0.300 and a..example
        return parts if parts.scheme and parts.hostname and parts.port != 0 else None
    except (ValueError, httpx.InvalidURL):  # reading .port is what finds 99999: httpx takes it, and fails much later
        return None
