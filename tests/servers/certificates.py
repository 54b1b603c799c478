"""Certificates for servers of the tests, good and bad, and the authority that clients are to trust."""

import ssl
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import trustme

from tests.servers.scripted import HOST


@cache
def authority() -> trustme.CA:
    """The authority that the client is to trust."""
    return trustme.CA()


@cache
def server_context(certificate: str) -> ssl.SSLContext:
    """Build what a server needs for TLS with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    names = ("another.test",) if certificate == "another host's" else ("127.0.0.1", HOST)
    past = datetime.now(UTC) - timedelta(days=1)
    if certificate == "self-signed":
        stranger = trustme.CA()
        with TemporaryDirectory() as folder:
            path = Path(folder) / "both.pem"
            path.write_bytes(stranger.private_key_pem.bytes() + stranger.cert_pem.bytes())
            context.load_cert_chain(path)
    elif certificate == "expired":
        authority().issue_cert(*names, not_before=past - timedelta(days=1), not_after=past).configure_cert(context)
    else:
        authority().issue_cert(*names).configure_cert(context)
    if certificate == "asks for HTTP/1.1 or 2":
        context.set_alpn_protocols(["h2", "http/1.1"])
    if certificate == "asks for the client's":
        context.verify_mode = ssl.CERT_REQUIRED
        authority().configure_trust(context)
    return context
