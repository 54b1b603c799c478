"""A sandbox with one location, and clients of it, for the tests of the ledger in real databases."""

from altegio_partner import PartnerClient
from altegio_partner.ledger import Ledger
from altegio_partner.sandbox import Sandbox


def new_sandbox() -> Sandbox:
    """Return a sandbox where location 123 has registered."""
    sandbox = Sandbox()
    sandbox.connect(123)
    with client(sandbox) as partner:
        partner.complete_registration(salon_id=123)
    return sandbox


def client(sandbox: Sandbox, ledger: Ledger | None = None, **options: object) -> PartnerClient:
    """Return a client of that sandbox."""
    chosen = {"application_id": sandbox.application_id, "transport": sandbox.transport(), "ledger": ledger, **options}
    return PartnerClient(sandbox.partner_token, **chosen)  # type: ignore[arg-type]  # any options
