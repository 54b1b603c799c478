"""Workers are killed at random moments, again and again, while responses are lost: each payment is recorded once."""

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
from tests.durability.audit import Audit, audit, ids_in, payments_at
from tests.durability.invoices import Invoice, invoices
from tests.durability.ledgers import new_ledger
from tests.durability.parameters import (
    DATABASES,
    FREEZES,
    FROZEN,
    IS_FULL,
    KILLS,
    PAYMENTS,
    SET_BACK,
    SET_FORWARD,
    STATUS_DELAY,
)
from tests.durability.reconciliation import reconcile_rest
from tests.durability.sandbox_process import FaultInjector, latest_payments, serve_sandbox
from tests.durability.worker_pool import worker_pool
from tests.figures import print_figures

WORKERS = 5
LAST_KILL = 0.85  # of the keys are finished by then; identical payments among the rest may stay undecided


@pytest.mark.parametrize("database", DATABASES)
def test_random_kills_duplicate_nothing_and_lose_nothing(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with new_ledger(database, tmp_path) as ledger_url, serve_sandbox(tmp_path) as base_url:
        kill_repeatedly(ledger_url, base_url, tmp_path, request)


def kill_repeatedly(ledger_url: str, base_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    random = Random(20261125)
    began = time.monotonic()
    all_invoices = invoices(PAYMENTS)
    by_key: dict[str | None, Invoice] = {invoice.key: invoice for invoice in all_invoices}
    faults = FaultInjector(base_url, random)
    steps = [(1 / 3, SET_FORWARD), (2 / 3, -SET_BACK)]
    left_pending = 0  # claims left by a kill between the claim and the write of the outcome
    unstored = 0  # of these, those whose payment Altegio had recorded: sent again, it would be a duplicate
    with worker_pool(tmp_path, ledger_url, base_url, PAYMENTS) as pool, ExitStack() as stack:
        stack.enter_context(pool.clock.in_use())
        pool.start(WORKERS)  # all at the same time, with a new ledger
        ledger = stack.enter_context(closing(Ledger(ledger_url, status_delay=timedelta(seconds=STATUS_DELAY))))
        for seconds in (STATUS_DELAY / 2, STATUS_DELAY * 2):
            with pytest.raises(ValueError, match="all who use it need the same"):
                Ledger(ledger_url, status_delay=timedelta(seconds=seconds))
        while pool.kills < KILLS:
            finished = LAST_KILL * PAYMENTS * (pool.kills + 1) / KILLS
            pool.run_until(partial(pool.has_finished, finished), faults.change_sometimes)
            if pool.freezes * KILLS < pool.kills * FREEZES:
                pool.freeze_one(random, FROZEN)
            if steps and pool.kills >= KILLS * steps[0][0]:
                pool.clock.step(steps.pop(0)[1])
            key = pool.kill_one(random)
            if key in {entry.idempotency_key for entry in ledger.pending()}:
                left_pending += 1
                unstored += by_key[key].values[:2] in latest_payments(base_url)
        pool.run_until(lambda: False, faults.change_sometimes)
        seconds_worked = time.monotonic() - began
        faults.clear()
        at_the_end = reconcile_rest(ledger, base_url, all_invoices)
        pending = {entry.idempotency_key for entry in ledger.pending()}
        ids = ids_in(ledger, all_invoices)
    recorded = payments_at(base_url)
    readers = [worker.reader for worker in pool.workers]
    found = audit(all_invoices, recorded, ids, pending, readers)
    outcomes = sum((reader.outcomes for reader in readers), Counter[str]())
    unknown = sum(number for name, number in outcomes.items() if name in ("NoAnswerError", "ServerError"))
    unknown += outcomes["UnreadableAnswerError"]
    if IS_FULL:
        print_figures(
            request,
            ledger_url.partition(":")[0],
            {
                "payments": len(all_invoices),
                "recorded": len(recorded),
                "kills": pool.kills,
                "calls in flight at a kill": len(pool.interrupted),
                f"workers frozen for {FROZEN:.0f} seconds": pool.freezes,
                "calls in flight when their worker was frozen": len(pool.frozen),
                "claims left pending by a kill": left_pending,
                "of these, payments recorded by then": unstored,
                "calls whose response was lost": unknown,
                **{f"{name}: findings": len(findings) for name, findings in asdict(found).items()},
                "undecided at the end, all of them identical payments": len(pending),
                **dict(sorted(at_the_end.items())),
                **{f"calls: {name}": number for name, number in sorted(outcomes.items())},
                "seconds until the workers were done": round(seconds_worked),
                "seconds": round(time.monotonic() - began),
            },
        )
    assert found == Audit()
    assert len(pending) <= len(pool.interrupted) + unknown
    assert all(reader.begun == {invoice.key for invoice in all_invoices} for reader in readers)
    assert (pool.kills, pool.freezes, steps) == (KILLS, FREEZES, [])
    assert pool.frozen
    assert left_pending > KILLS / 20  # or the kills missed the critical moment
    assert unstored >= KILLS // 100
    assert unknown > PAYMENTS / 50
