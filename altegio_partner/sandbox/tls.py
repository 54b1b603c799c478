"""TLS for the sandbox: a certificate that it makes itself, and that nobody else can."""

import ssl
from collections.abc import Sequence

from attrs import field, frozen

from altegio_partner.extras import extra


@frozen
class Certificate:
    """A certificate for some hosts, and the authority that signed it."""

    context: ssl.SSLContext = field(repr=False)
    """For `Sandbox.serve`."""
    authority: bytes
    """The certificate that clients must trust, in PEM."""


def make_certificate(hosts: Sequence[str]) -> Certificate:
    """Make a certificate for hosts: names or IP addresses. The key of its authority is discarded."""
    with extra("sandbox-tls"):
        import trustme  # noqa: PLC0415  only this needs it

    authority = trustme.CA(organization_name="altegio-sandbox")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*hosts).configure_cert(context)
    return Certificate(context, authority.cert_pem.bytes())
