"""What is left to do after all crashes, without faults: reconcile, and report what was not recorded."""

import time
from collections import Counter
from collections.abc import Sequence

from altegio_partner.ledger import Ledger, UndecidedError
from tests.durability.invoices import Invoice
from tests.durability.parameters import STATUS_DELAY
from tests.durability.sandbox_process import client

_ROUNDS = 10


def reconcile_rest(ledger: Ledger, base_url: str, all_invoices: Sequence[Invoice]) -> Counter[str]:
    """Decide what can be decided, and return how many calls had which outcome."""
    by_key = {invoice.key: invoice for invoice in all_invoices}
    figures = Counter[str]()
    with client(base_url, ledger) as partner:
        for _ in range(_ROUNDS):
            is_open = ledger.pending()
            if is_open:  # until the youngest claim can be decided
                age = time.time() - is_open[-1].claimed_at.timestamp()
                time.sleep(max(0.0, 2 * STATUS_DELAY - age))
            decided = 0
            for one in is_open:
                try:
                    payment_id = partner.reconcile(one.idempotency_key)
                    if payment_id is None:
                        partner.notify_payment(**by_key[one.idempotency_key].arguments)
                    figures["found, at the end" if payment_id else "reported, at the end"] += 1
                    decided += 1
                except UndecidedError:
                    continue
            if not decided:
                return figures
    raise AssertionError("what is decided does not stay so")
