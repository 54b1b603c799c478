"""TLS for the sandbox, with a certificate that it makes itself."""

import ssl
from collections.abc import Sequence

from attrs import field, frozen

from altegio_partner.extras import extra
from altegio_partner.transport.certificates import trusted_certificates


@frozen
class Certificate:
    """A certificate for some hosts, and the certificates that clients must trust."""

    context: ssl.SSLContext = field(repr=False)
    """The context for `Sandbox.serve`."""
    trusted: str = field(repr=False)
    """In PEM, the authority that signed it, and all that are trusted by default, so that clients can reach both."""


def make_certificate(hosts: Sequence[str]) -> Certificate:
    """Make a certificate for hosts: names or IP addresses. The key of its authority is discarded."""
    with extra("sandbox-tls"):
        import trustme  # noqa: PLC0415  only this needs it

    authority = trustme.CA(organization_name="altegio-sandbox")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # It also takes the contexts of pyOpenSSL, which is not installed:
    authority.issue_cert(*hosts).configure_cert(context)  # pyright: ignore[reportUnknownMemberType]
    before = map(ssl.DER_cert_to_PEM_cert, trusted_certificates().get_ca_certs(binary_form=True))
    return Certificate(context, "".join([authority.cert_pem.bytes().decode(), *before]))
