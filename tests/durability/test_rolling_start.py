"""A new release is started while the old one works, and then the old one is dismissed: each payment is told once."""

from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest

from altegio_partner.ledger import Ledger
from tests.durability.audit import Audit, audit, kept_in, recorded_at
from tests.durability.worker_pool import crew_of
from tests.durability.reconciliation import finish
from tests.durability.invoices import invoices
from tests.durability.ledgers import new_ledger
from tests.durability.sandbox_process import altegio
from tests.durability.parameters import DATABASES, ROLLING, SETTLE_TIME, tell

WORKERS = 3


@pytest.mark.parametrize("database", DATABASES)
def test_a_rolling_start_doubles_nothing(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with new_ledger(database, tmp_path) as ledger_url, altegio(tmp_path) as base_url:
        roll(ledger_url, base_url, tmp_path, request)


def roll(ledger_url: str, base_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    told = invoices(ROLLING)
    with crew_of(tmp_path, ledger_url, base_url, ROLLING) as crew, ExitStack() as stack:
        old = crew.hire(WORKERS)
        crew.work_until(lambda: len(crew.settled) >= ROLLING / 5)
        new = crew.hire(WORKERS)
        crew.work_until(lambda: all(worker.reading.is_up for worker in new))
        for worker in old:
            worker.dismiss()
        crew.work_until(lambda: False)
        ledger = stack.enter_context(closing(Ledger(ledger_url, settle_time=timedelta(seconds=SETTLE_TIME))))
        finish(ledger, base_url, told)
        is_open = {one.idempotency_key for one in ledger.unsettled()}
        kept = kept_in(ledger, base_url, told)
    readings = [worker.reading for worker in crew.workers]
    truth = recorded_at(base_url)
    overlap = {worker.reading.path.name: len(worker.reading.begun) for worker in crew.workers}
    tell(request, ledger_url.partition(":")[0], {"payments": ROLLING, "recorded": len(truth), **overlap})
    assert audit(told, truth, kept, is_open, readings) == Audit()
    assert is_open == set()
    assert all(worker.reading.begun for worker in crew.workers)
    assert all(worker.reading.begun == {invoice.key for invoice in told} for worker in new)
