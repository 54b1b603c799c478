"""Workers are killed at random moments, over and over, while answers get lost: each payment is reported once."""

import time
from collections import Counter
from contextlib import ExitStack, closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random

import pytest
from attrs import asdict

from altegio_partner.ledger import Ledger
from tests.durability.audit import Audit, audit, kept_in, recorded_at
from tests.durability.invoices import Invoice, invoices
from tests.durability.ledgers import new_ledger
from tests.durability.parameters import DATABASES, IS_ALL, KILLS, PAYMENTS, STATUS_DELAY
from tests.durability.reconciliation import reconcile_rest
from tests.durability.sandbox_process import FaultInjector, latest_payments, serve_sandbox
from tests.durability.worker_pool import worker_pool
from tests.figures import print_figures

WORKERS = 5
LAST_KILL = 0.85  # of all keys are finished then; the twins among the others may stay undecided


@pytest.mark.parametrize("database", DATABASES)
def test_kills_at_random_moments_double_nothing_and_lose_nothing(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with new_ledger(database, tmp_path) as ledger_url, serve_sandbox(tmp_path) as base_url:
        kill_over_and_over(ledger_url, base_url, tmp_path, request)


def kill_over_and_over(ledger_url: str, base_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    chance = Random(20261125)
    began = time.monotonic()
    all_invoices = invoices(PAYMENTS)
    by_key: dict[str | None, Invoice] = {invoice.key: invoice for invoice in all_invoices}
    faults = FaultInjector(base_url, chance)
    left_open = 0  # claims that a kill has left: it came between the claim and the write of the outcome
    unkept = 0  # of these, those whose payment was recorded by then: reported again, it would be doubled
    with worker_pool(tmp_path, ledger_url, base_url, PAYMENTS) as pool, ExitStack() as stack:
        pool.start(WORKERS)  # all at once, before anybody has opened the ledger
        ledger = stack.enter_context(closing(Ledger(ledger_url, status_delay=timedelta(seconds=STATUS_DELAY))))
        while pool.kills < KILLS:
            enough = LAST_KILL * PAYMENTS * (pool.kills + 1) / KILLS
            pool.run_until(partial(pool.has_finished, enough), faults.change_sometimes)
            key = pool.kill_one(chance)
            if key in {one.idempotency_key for one in ledger.pending()}:
                left_open += 1
                unkept += by_key[key].values[:2] in latest_payments(base_url)
        pool.run_until(lambda: False, faults.change_sometimes)
        worked = time.monotonic() - began
        faults.clear()
        at_the_end = reconcile_rest(ledger, base_url, all_invoices)
        is_open = {one.idempotency_key for one in ledger.pending()}
        kept = kept_in(ledger, base_url, all_invoices)
    truth = recorded_at(base_url)
    readers = [worker.reader for worker in pool.workers]
    found = audit(all_invoices, truth, kept, is_open, readers)
    outcomes = sum((reader.outcomes for reader in readers), Counter[str]())
    unknown = sum(number for name, number in outcomes.items() if name in ("NoAnswerError", "ServerError"))
    unknown += outcomes["UnreadableAnswerError"]
    if IS_ALL:
        print_figures(
            request,
            ledger_url.partition(":")[0],
            {
                "payments": len(all_invoices),
                "recorded": len(truth),
                "kills": pool.kills,
                "calls in flight at a kill": len(pool.cut_off),
                "claims left open by a kill": left_open,
                "of these, payments recorded by then": unkept,
                "calls whose answer was lost": unknown,
                **{f"{name}: findings": len(those) for name, those in asdict(found).items()},
                "undecided in the end, all of them twins": len(is_open),
                **dict(sorted(at_the_end.items())),
                **{f"calls: {name}": number for name, number in sorted(outcomes.items())},
                "seconds until the workers were done": round(worked),
                "seconds": round(time.monotonic() - began),
            },
        )
    assert found == Audit()
    assert len(is_open) <= len(pool.cut_off) + unknown
    assert all(reader.begun == {invoice.key for invoice in all_invoices} for reader in readers)
    assert pool.kills == KILLS
    assert left_open > KILLS / 20  # or the kills have missed what they are to hit
    assert unkept >= KILLS // 100
    assert unknown > PAYMENTS / 50
