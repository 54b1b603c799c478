"""After all crashes, and without faults: reconcile what is pending, and report what was not recorded."""

import time
from collections import Counter
from collections.abc import Sequence

from altegio_partner.ledger import Ledger, UndecidedError
from tests.durability.invoices import Invoice
from tests.durability.parameters import SET_BACK, STATUS_DELAY
from tests.durability.sandbox_process import client

_ROUNDS = 10


def reconcile_rest(ledger: Ledger, base_url: str, all_invoices: Sequence[Invoice]) -> Counter[str]:
    """Resolve the pending entries, and return the number of calls by outcome."""
    by_key = {invoice.key: invoice for invoice in all_invoices}
    figures = Counter[str]()
    with client(base_url, ledger) as partner:
        for _ in range(_ROUNDS):
            entries = ledger.pending()
            if entries:  # until the youngest claim can be decided, also one from before the clock was set back
                time.sleep(2 * STATUS_DELAY + SET_BACK)
            resolved = 0
            for entry in entries:
                try:
                    payment_id = partner.reconcile(entry.idempotency_key)
                    if payment_id is None:
                        partner.notify_payment(**by_key[entry.idempotency_key].arguments)
                    figures["found, at the end" if payment_id else "reported, at the end"] += 1
                    resolved += 1
                except UndecidedError:
                    continue
            if not resolved:
                return figures
    raise AssertionError("resolved entries become pending again")
