"""What is left to do after all crashes, when nothing goes wrong any more: reconcile, and tell what was not recorded."""

import time
from collections import Counter
from collections.abc import Sequence

from altegio_partner.ledger import Ledger, UndecidedError
from tests.durability.invoices import Invoice
from tests.durability.sandbox_process import client
from tests.durability.parameters import SETTLE_TIME

_ROUNDS = 10


def finish(ledger: Ledger, base_url: str, told: Sequence[Invoice]) -> Counter[str]:
    """Decide what can be decided, and return how much came to what."""
    by_key = {invoice.key: invoice for invoice in told}
    figures = Counter[str]()
    with client(base_url, ledger) as partner:
        for _ in range(_ROUNDS):
            is_open = ledger.unsettled()
            if is_open:  # until the youngest claim can be decided
                age = time.time() - is_open[-1].claimed_at.timestamp()
                time.sleep(max(0.0, 2 * SETTLE_TIME - age))
            decided = 0
            for one in is_open:
                try:
                    payment_id = partner.reconcile(one.idempotency_key)
                    if payment_id is None:
                        partner.notify_payment(**by_key[one.idempotency_key].arguments)
                    figures["found, at the end" if payment_id else "told, at the end"] += 1
                    decided += 1
                except UndecidedError:
                    continue
            if not decided:
                return figures
    raise AssertionError("what is decided does not stay so")
