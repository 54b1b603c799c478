"""Proxies: an explicit one, or the environment's for a URL. Errors never quote them."""

import ipaddress
import os
import re
from base64 import b64encode
from urllib.request import getproxies

import httpx
from attrs import field, frozen

_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_FIX = "Write http://proxy.example:3128 or socks5://proxy.example:1080, and @ and # in a password as %40 and %23."


@frozen
class Proxy:
    """A proxy: HTTP, used as a tunnel, or SOCKS5."""

    scheme: str
    host: str
    port: int
    auth: tuple[bytes, bytes] | None = field(default=None, repr=False)

    @property
    def is_socks(self) -> bool:
        """Whether it is a SOCKS5 proxy."""
        return self.scheme.startswith("socks")

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The headers that authenticate at an HTTP proxy."""
        return [("Proxy-Authorization", f"Basic {b64encode(b':'.join(self.auth)).decode()}")] if self.auth else []


def parse_proxy(address: str, name: str) -> Proxy:
    """Return the proxy of this URL, or raise a ValueError that says where it was set."""
    scheme = _SCHEME.match(address)
    if scheme and scheme[1].lower() not in _PORTS:
        raise ValueError(f"{name} begins with {scheme[0]}, which is not supported. {_FIX}")
    try:
        url = httpx.URL(address if scheme else f"http://{address}")
        auth = (url.username.encode(), url.password.encode()) if url.userinfo else None
        if url.host and url.raw_path in (b"/", b"") and not url.fragment and max(map(len, auth or [b""])) < 256:
            return Proxy(url.scheme, url.raw_host.decode(), url.port or _PORTS[url.scheme], auth)
    except (httpx.InvalidURL, ValueError):
        pass
    raise ValueError(f"{name} is not the URL of a proxy. {_FIX}")


def environment_proxy(url: httpx.URL) -> Proxy | None:
    """Return the proxy that the environment sets for a URL, if any."""
    proxies = getproxies()
    kind = url.scheme if proxies.get(url.scheme) else "all"
    if not proxies.get(kind) or _is_exempt(url, proxies.get("no", "")):
        return None
    names = f"{kind}_proxy", f"{kind}_proxy".upper()
    return parse_proxy(proxies[kind], next(filter(os.environ.get, names), "The system's proxy"))


def _is_exempt(url: httpx.URL, entries: str) -> bool:
    """Return whether NO_PROXY lists the host: itself, a parent domain, or a network. Other entries are ignored."""
    for entry in entries.lower().split(","):
        scheme, _, rest = entry.strip().rpartition("://")
        if not rest or scheme not in ("", "all", url.scheme):
            continue
        if rest == "*" or _is_in_network(url.host, rest):
            return True
        host, _, port = rest.rpartition(":") if rest.rpartition(":")[2].isdigit() else (rest, "", "")
        if port and int(port) != (url.port or _PORTS.get(url.scheme)):
            continue
        domain = host.removeprefix("*").removeprefix(".")
        if url.host.endswith(f".{domain}") or (url.host == domain and not host.startswith((".", "*."))):
            return True
    return False


def _is_in_network(host: str, entry: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        return False
