"""What a ledger on SQLite adds to a payment: the claim before it is sent, and the id that is kept after it."""

import itertools
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from altegio_partner import PartnerClient
from altegio_partner.ledger import Ledger
from altegio_partner.ledger.store import Store

from .payment import APPLICATION_ID, ARGUMENTS, TOKEN, WIRE
from .report import Table
from .rounds import costs
from .server import serving


def compare(quick: bool) -> list[Table]:
    """Compare a payment with a ledger and without."""
    table = Table(
        "ledger",
        "A payment with a ledger on SQLite, over loopback",
        {"in all, ms": ".2f", "CPU, ms": ".2f", "× without": ".1f"},
        notes=["Each commit is on the disk before the next step: how long that takes is the disk's affair."],
    )
    told = {name: str(value) for name, value in WIRE.items()}
    rounds, calls = (3, 10) if quick else (31, 20)
    numbers, claimed = itertools.count(1), list[str]()
    with tempfile.TemporaryDirectory() as folder, serving() as server:
        store = Store(f"sqlite:///{Path(folder) / 'store.db'}")
        ledger = Ledger(f"sqlite:///{Path(folder) / 'ledger.db'}")

        def claim() -> None:
            key = f"invoice-{next(numbers)}"
            store.claim(key, "notify_payment", told)
            claimed.append(key)

        def settle() -> None:
            store.settle(claimed.pop(), next(numbers))

        client = partial(PartnerClient, TOKEN, application_id=APPLICATION_ID, base_url=server.url)
        with client() as without, client(ledger=ledger) as with_it:
            cases: dict[str, Callable[[], object]] = {
                "notify_payment without a ledger": lambda: without.notify_payment(**ARGUMENTS),
                "notify_payment with a ledger": lambda: with_it.notify_payment(
                    **ARGUMENTS, idempotency_key=f"invoice-{next(numbers)}"
                ),
            }
            measured = costs(cases, rounds, calls)
            for _ in range((rounds + 1) * calls):  # what there is to settle while both take turns
                claim()
            measured |= costs({"claim alone": claim, "settle alone": settle}, rounds, calls)
        table.expect("what the server served", server.served, (rounds + 1) * calls * len(cases))
        table.expect("what the ledger left open", len(ledger.unsettled()), 0)
        store.close()
        ledger.close()
    for name, cost in measured.items():
        ratio = cost.wall / measured["notify_payment without a ledger"].wall
        table.rows[name] = {"in all, ms": cost.wall / 1000, "CPU, ms": cost.cpu / 1000, "× without": ratio}
    return [table]
