"""The trusted certificates: those of certifi, or of SSL_CERT_FILE or SSL_CERT_DIR."""

import functools
import os
import ssl
from pathlib import Path

import httpx


def trusted_certificates() -> ssl.SSLContext:
    """Return the SSL context with these certificates. It is created again if the environment changes."""
    name = next(filter(os.environ.get, ("SSL_CERT_FILE", "SSL_CERT_DIR")), None)
    if name is None:
        return _read(None, None, ssl.SSLContext)
    try:
        path = Path(os.environ[name])
        changed = path.stat().st_mtime_ns
        if name == "SSL_CERT_DIR":
            next(path.iterdir(), None)
        return _read(str(path), changed, ssl.SSLContext)
    except OSError as error:  # ssl.SSLError is one too
        problem = type(error).__name__
    raise ValueError(f"{name} names no readable certificates ({problem}): correct it, or unset it.")


@functools.lru_cache(maxsize=4)
def _read(_: str | None, __: int | None, ___: object) -> ssl.SSLContext:
    """Read them once for each setting, and each implementation of TLS: it takes 20 ms and 800 KB."""
    context = httpx.create_ssl_context()
    context.set_alpn_protocols(["http/1.1"])  # here, never while connections use the context
    return context
