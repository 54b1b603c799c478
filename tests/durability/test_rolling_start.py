"""New workers start while old ones run, then the old ones are stopped: each payment is recorded once."""

from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest

from altegio_partner.ledger import Ledger
from tests.durability.audit import Audit, audit, ids_in, payments_at
from tests.durability.invoices import invoices
from tests.durability.ledgers import new_ledger
from tests.durability.parameters import DATABASES, IS_FULL, ROLLING_PAYMENTS, STATUS_DELAY
from tests.durability.reconciliation import reconcile_rest
from tests.durability.sandbox_process import serve_sandbox
from tests.durability.worker_pool import worker_pool
from tests.figures import print_figures

WORKERS = 3


@pytest.mark.parametrize("database", DATABASES)
def test_a_rolling_start_duplicates_nothing(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with new_ledger(database, tmp_path) as ledger_url, serve_sandbox(tmp_path) as base_url:
        roll(ledger_url, base_url, tmp_path, request)


def roll(ledger_url: str, base_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    all_invoices = invoices(ROLLING_PAYMENTS)
    with worker_pool(tmp_path, ledger_url, base_url, ROLLING_PAYMENTS) as pool, ExitStack() as stack:
        old = pool.start(WORKERS)
        pool.run_until(lambda: len(pool.finished) >= ROLLING_PAYMENTS / 5)
        new = pool.start(WORKERS)
        pool.run_until(lambda: all(worker.reader.is_working for worker in new))
        for worker in old:
            worker.stop()
        pool.run_until(lambda: False)
        ledger = stack.enter_context(closing(Ledger(ledger_url, status_delay=timedelta(seconds=STATUS_DELAY))))
        reconcile_rest(ledger, base_url, all_invoices)
        pending = {entry.idempotency_key for entry in ledger.pending()}
        ids = ids_in(ledger, all_invoices)
    readers = [worker.reader for worker in pool.workers]
    recorded = payments_at(base_url)
    overlap = {worker.reader.path.name: len(worker.reader.begun) for worker in pool.workers}
    if IS_FULL:
        print_figures(
            request, ledger_url.partition(":")[0], {"payments": ROLLING_PAYMENTS, "recorded": len(recorded), **overlap}
        )
    assert audit(all_invoices, recorded, ids, pending, readers) == Audit()
    assert pending == set()
    assert all(worker.reader.begun for worker in pool.workers)
    assert all(worker.reader.begun == {invoice.key for invoice in all_invoices} for worker in new)
