"""The URLs of Altegio and of webhooks. Errors never quote them, because they may contain secrets."""

import ipaddress
import os
import re
import warnings
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

import httpx

from .bad_argument import bad_argument

_API_PREFIX = re.compile(r"/(api|marketplace)(/|$)")
MAX_WEBHOOKS = 10
"""The maximum number of URLs of a location, including those of other applications."""
_SECURE = ("https",)
ANY_SCHEME = ("https", "http")
"""The schemes for URLs that already exist, or that are not webhooks."""
_BASE_URL, _API_URL = "https://app.alteg.io", "https://api.alteg.io/api/v1"
_UNENCRYPTED = "ALTEGIO_UNENCRYPTED_HOST"
_FIX = "Write https://app.alteg.io, or http://127.0.0.1:8000 for a sandbox on this machine."


class Urls(NamedTuple):
    """Where calls are sent."""

    base_url: str
    api_url: str
    """For webhook settings, VoIP and dictionaries."""
    tariffs_url: str
    """For tariffs, discounts, payment links and channels. Altegio's documents disagree about which host they are on.

    It is `base_url`, unless the environment variable ALTEGIO_TARIFFS_URL says otherwise.
    """

    @classmethod
    def of(cls, base_url: str | None, api_url: str | None) -> "Urls":
        """Return the URLs, from the arguments or the environment, or raise ValueError."""
        base = parse_base_url(_given("base_url", base_url, _BASE_URL))
        if _API_PREFIX.search(urlsplit(base).path):
            raise bad_argument("base_url", "the address without /api and /marketplace", fix=_FIX)
        is_altegio = str(httpx.URL(base)) == _BASE_URL  # in any spelling
        derived = _API_URL if is_altegio else f"{base}/api/v1"  # a sandbox has both at one address
        api = parse_base_url(_given("api_url", api_url, derived), "api_url", f"Write {_API_URL}.")
        urls = cls(base, api, parse_base_url(_given("tariffs_url", None, base), "tariffs_url"))
        inherited = {"api_url": None if api_url else urls.api_url, "tariffs_url": urls.tariffs_url}
        for name, url in inherited.items():
            if url and is_local(base) and not is_local(url):
                fix = f"Unset ALTEGIO_{name.upper()}: with it, some calls would go to the real Altegio."
                raise bad_argument(name, "a URL of this machine, like that of the sandbox", fix=fix)
        if any(urlsplit(url).scheme != "https" and not is_local(url) for url in urls):
            host = os.environ[_UNENCRYPTED]
            warning = f"{_UNENCRYPTED}: the token is sent to {host} without encryption. Use this for a sandbox only."
            warnings.warn(warning, stacklevel=3)
        return urls


def _given(name: str, value: str | None, default: str) -> str:
    return value if value is not None else os.environ.get(f"ALTEGIO_{name.upper()}") or default


def parse_base_url(value: str, name: str = "base_url", fix: str = _FIX) -> str:
    """Return the URL without a trailing slash, or raise ValueError."""
    parts = absolute(value)
    if parts is None or "@" in parts.netloc or "?" in value or "#" in value:
        raise bad_argument(name, "an absolute URL without user, query and fragment", fix=fix)
    unencrypted = ("http", (os.environ.get(_UNENCRYPTED) or "").lower())
    if parts.scheme != "https" and not is_local(value) and (parts.scheme, parts.hostname) != unencrypted:
        fix = f"{fix} To reach a sandbox on another host by http, set {_UNENCRYPTED} to the name of that host."
        raise bad_argument(name, "https (http is for this machine only)", fix=fix)
    return value.rstrip("/")


def is_local(base_url: str) -> bool:
    """Return whether this is an http URL of this machine."""
    parts = urlsplit(base_url)
    try:
        loopback = ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        loopback = parts.hostname == "localhost"
    return parts.scheme == "http" and loopback


def origin_of(base_url: str) -> str:
    """Return the origin of this URL, which identifies an Altegio: scheme and host, normalized."""
    url = httpx.URL(base_url)
    host = url.raw_host.decode().rstrip(".")
    return f"{url.scheme}://[{host}]" if ":" in host else f"{url.scheme}://{host}"


def wire_webhook_urls(value: Sequence[str], name: str = "webhook_urls", schemes: Sequence[str] = _SECURE) -> list[str]:
    """Return the URLs, or raise ValueError."""
    if not isinstance(value, (list, tuple)):
        raise bad_argument(name, "a list", fix="Write ['https://example.com/webhook'].")
    for index, url in enumerate(value):
        wire_url(f"{name}[{index}]", url, schemes)
    if len(set(value)) < len(value) or len(value) > MAX_WEBHOOKS:
        raise bad_argument(name, f"at most {MAX_WEBHOOKS} different URLs", fix="Leave some out.")
    return list(value)


def wire_url(name: str, value: str, schemes: Sequence[str] = _SECURE) -> str:
    """Return the URL, or raise ValueError."""
    parts = absolute(value)
    if parts is None or parts.scheme not in schemes:
        raise bad_argument(name, f"an absolute {' or '.join(schemes)} URL", write="https://example.com/webhook")
    return value


def absolute(value: object) -> SplitResult | None:  # noqa: D103  the name says it
    if not isinstance(value, str) or " " in value or not value.isprintable():  # urlsplit drops line ends silently
        return None
    try:
        parts = urlsplit(value)
        httpx.URL(value).host.encode("idna")  # as for connecting: this finds 10.0.0.300 and a..example
        return parts if parts.scheme and parts.hostname and parts.port != 0 else None
    except (ValueError, httpx.InvalidURL):  # .port finds 99999, which httpx accepts until it connects
        return None
