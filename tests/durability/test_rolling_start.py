"""A new release starts while the old one works, then the old one is stopped: each payment is reported once."""

from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest

from altegio_partner.ledger import Ledger
from tests.durability.audit import Audit, audit, kept_in, recorded_at
from tests.durability.invoices import invoices
from tests.durability.ledgers import new_ledger
from tests.durability.parameters import DATABASES, IS_ALL, ROLLING, STATUS_DELAY
from tests.durability.reconciliation import reconcile_rest
from tests.durability.sandbox_process import serve_sandbox
from tests.durability.worker_pool import worker_pool
from tests.figures import print_figures

WORKERS = 3


@pytest.mark.parametrize("database", DATABASES)
def test_a_rolling_start_doubles_nothing(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with new_ledger(database, tmp_path) as ledger_url, serve_sandbox(tmp_path) as base_url:
        roll(ledger_url, base_url, tmp_path, request)


def roll(ledger_url: str, base_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    all_invoices = invoices(ROLLING)
    with worker_pool(tmp_path, ledger_url, base_url, ROLLING) as pool, ExitStack() as stack:
        old = pool.start(WORKERS)
        pool.run_until(lambda: len(pool.finished) >= ROLLING / 5)
        new = pool.start(WORKERS)
        pool.run_until(lambda: all(worker.reader.is_up for worker in new))
        for worker in old:
            worker.stop()
        pool.run_until(lambda: False)
        ledger = stack.enter_context(closing(Ledger(ledger_url, status_delay=timedelta(seconds=STATUS_DELAY))))
        reconcile_rest(ledger, base_url, all_invoices)
        is_open = {one.idempotency_key for one in ledger.pending()}
        kept = kept_in(ledger, base_url, all_invoices)
    readers = [worker.reader for worker in pool.workers]
    truth = recorded_at(base_url)
    overlap = {worker.reader.path.name: len(worker.reader.begun) for worker in pool.workers}
    if IS_ALL:
        print_figures(request, ledger_url.partition(":")[0], {"payments": ROLLING, "recorded": len(truth), **overlap})
    assert audit(all_invoices, truth, kept, is_open, readers) == Audit()
    assert is_open == set()
    assert all(worker.reader.begun for worker in pool.workers)
    assert all(worker.reader.begun == {invoice.key for invoice in all_invoices} for worker in new)
