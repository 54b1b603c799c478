"""Workers that are killed at random moments, over and over, while Altegio loses answers: each payment is told once."""

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
from tests.durability.worker_pool import crew_of
from tests.durability.reconciliation import finish
from tests.durability.invoices import Invoice, invoices
from tests.durability.ledgers import new_ledger
from tests.durability.sandbox_process import Trouble, altegio, latest_payments
from tests.durability.parameters import DATABASES, KILLS, PAYMENTS, SETTLE_TIME, tell

WORKERS = 5
LAST_KILL = 0.85  # of all keys are settled then; the twins among the others may stay undecided


@pytest.mark.parametrize("database", DATABASES)
def test_kills_at_random_moments_double_nothing_and_lose_nothing(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with new_ledger(database, tmp_path) as ledger_url, altegio(tmp_path) as base_url:
        kill_over_and_over(ledger_url, base_url, tmp_path, request)


def kill_over_and_over(ledger_url: str, base_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    chance = Random(20261125)
    began = time.monotonic()
    told = invoices(PAYMENTS)
    by_key: dict[str | None, Invoice] = {invoice.key: invoice for invoice in told}
    trouble = Trouble(base_url, chance)
    left_open = 0  # claims that a kill has left: it came between the claim and the keeping of what came of it
    unkept = 0  # of these, those whose payment was recorded by then: told again, it would be doubled
    with crew_of(tmp_path, ledger_url, base_url, PAYMENTS) as crew, ExitStack() as stack:
        crew.hire(WORKERS)  # all at once, before anybody has opened the ledger
        ledger = stack.enter_context(closing(Ledger(ledger_url, settle_time=timedelta(seconds=SETTLE_TIME))))
        while crew.kills < KILLS:
            enough = LAST_KILL * PAYMENTS * (crew.kills + 1) / KILLS
            crew.work_until(partial(crew.has_settled, enough), trouble.go_on)
            key = crew.kill_one(chance)
            if key in {one.idempotency_key for one in ledger.unsettled()}:
                left_open += 1
                unkept += by_key[key].values[:2] in latest_payments(base_url)
        crew.work_until(lambda: False, trouble.go_on)
        worked = time.monotonic() - began
        trouble.end()
        at_the_end = finish(ledger, base_url, told)
        is_open = {one.idempotency_key for one in ledger.unsettled()}
        kept = kept_in(ledger, base_url, told)
    truth = recorded_at(base_url)
    readings = [worker.reading for worker in crew.workers]
    found = audit(told, truth, kept, is_open, readings)
    outcomes = sum((reading.outcomes for reading in readings), Counter[str]())
    unknown = sum(number for name, number in outcomes.items() if name in ("NoAnswerError", "ServerError"))
    unknown += outcomes["UnreadableAnswerError"]
    tell(
        request,
        ledger_url.partition(":")[0],
        {
            "payments": len(told),
            "recorded": len(truth),
            "kills": crew.kills,
            "calls in flight at a kill": len(crew.cut_off),
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
    assert len(is_open) <= len(crew.cut_off) + unknown
    assert all(reading.begun == {invoice.key for invoice in told} for reading in readings)
    assert crew.kills == KILLS
    assert left_open > KILLS / 20  # or the kills have missed what they are to hit
    assert unkept >= KILLS // 100
    assert unknown > PAYMENTS / 50
