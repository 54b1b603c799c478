"""examples/celery_tasks.py with a real Redis, real workers and kill -9."""

import json
import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from altegio_partner.ledger import Ledger
from altegio_partner.sandbox import Sandbox
from tests.servers.redis import redis_server
from tests.servers.scripted import ScriptedServer, http, stall
from tests.services.many_machines import command
from tests.services.payments import payment_is_under_way, payments_sent, wait_for_payment
from tests.services.processes import run, started, until

pytest_plugins = ["tests.services.fixtures"]
pytestmark = pytest.mark.services

WORKER = [*command("celery "), "--concurrency"]
DELAY = "import json, sys, celery_tasks; [celery_tasks.report_payment.delay(**one) for one in json.load(sys.stdin)]"
STARTED = "Reporting invoice 2026-0042."
SAME_ID = http(200, b'{"success": true, "data": {"id": 5}}')
"""Altegio takes two payments for one, or answers wrongly: a person must check which."""


@pytest.fixture
def settings(settings: dict[str, str]) -> Iterator[dict[str, str]]:
    with redis_server() as url:
        yield settings | {"CELERY_BROKER_URL": url}


def paid(invoice: str = "2026-0042", salon_id: int = 100, payment_sum: str = "990.99") -> dict[str, Any]:
    return {
        "invoice": invoice,
        "salon_id": salon_id,
        "payment_sum": payment_sum,
        "currency_iso": "EUR",
        "payment_date": "2026-11-24T12:00:00",
        "period_from": "2026-12-01T00:00:00",
        "period_to": "2026-12-31T23:59:59",
    }


def delay(settings: dict[str, str], *invoices: dict[str, Any]) -> None:
    run(["python", "-c", DELAY], settings, json.dumps(invoices))


def test_a_worker_dies_in_the_middle_of_a_call(sandbox: Sandbox, settings: dict[str, str], tmp_path: Path) -> None:
    sandbox.inject_fault("stall")
    with started([*WORKER, "1", "--hostname", "first@%h"], settings, tmp_path / "first") as first:
        delay(settings, paid())
        payment_is_under_way(sandbox, lambda: first.text)
        first.kill()
    with started([*WORKER, "1", "--hostname", "second@%h"], settings, tmp_path / "second") as second:
        second.wait_for("Altegio has recorded invoice 2026-0042 as payment")
    payment = sandbox.assert_paid_once(100, "990.99", "EUR")
    assert f"invoice 2026-0042 as payment {payment.id}." in second.text
    assert first.text.count(STARTED) == 1
    assert second.text.count(STARTED) >= 1  # it was delivered again
    assert payments_sent(sandbox) == 1


def test_a_process_of_a_worker_dies_in_the_middle_of_a_call(
    sandbox: Sandbox, settings: dict[str, str], tmp_path: Path
) -> None:
    sandbox.inject_fault("stall")
    with started([*WORKER, "1"], settings, tmp_path / "log") as worker:
        delay(settings, paid())
        payment_is_under_way(sandbox, lambda: worker.text)
        (child,) = worker.children
        os.kill(child, signal.SIGKILL)
        worker.wait_for("Altegio has recorded invoice 2026-0042 as payment")
    sandbox.assert_paid_once(100, "990.99", "EUR")
    assert worker.text.count(STARTED) >= 2
    assert payments_sent(sandbox) == 1


def test_a_worker_dies_and_the_call_is_lost(
    sandbox: Sandbox, settings: dict[str, str], database: str, tmp_path: Path
) -> None:
    settings |= {"ALTEGIO_STATUS_DELAY_SECONDS": "12"}  # the second worker gets it after 11 s, and must wait
    with ScriptedServer(stall) as lossy:
        command = [*WORKER, "1", "--hostname", "first@%h"]
        with started(command, settings | {"ALTEGIO_BASE_URL": lossy.url}, tmp_path / "first") as first:
            delay(settings, paid())
            wait_for_payment(lossy)
            first.kill()
    ledger = Ledger(database)
    (entry,) = ledger.pending()
    ledger.close()
    assert entry.idempotency_key == "invoice-2026-0042"
    with started([*WORKER, "1", "--hostname", "second@%h"], settings, tmp_path / "second") as second:
        second.wait_for("Altegio has recorded invoice 2026-0042 as payment")
    sandbox.assert_paid_once(100, "990.99", "EUR")
    age = time.time() - entry.claimed_at.timestamp()
    assert age >= 2 * float(settings["ALTEGIO_STATUS_DELAY_SECONDS"])  # it was not sent again before that
    assert first.text.count(STARTED) == 1
    assert second.text.count(STARTED) >= 2  # undecided, then sent
    assert "does not show it yet" in second.text
    assert payments_sent(sandbox) == 1


def test_a_rejected_payment_is_not_retried(sandbox: Sandbox, settings: dict[str, str], tmp_path: Path) -> None:
    with started([*WORKER, "1"], settings, tmp_path / "log") as worker:
        delay(settings, paid(salon_id=999))  # has not registered
        worker.wait_for("raised unexpected: PermissionDeniedError")
        delay(settings, paid("2026-0043"))
        worker.wait_for("Altegio has recorded invoice 2026-0043 as payment")
    assert worker.text.count(STARTED) == 1
    assert payments_sent(sandbox) == 2
    sandbox.assert_paid_once(100)


def test_a_payment_that_a_person_must_check_is_not_retried(settings: dict[str, str], tmp_path: Path) -> None:
    with (
        ScriptedServer(always=SAME_ID) as altegio,
        started([*WORKER, "1"], settings | {"ALTEGIO_BASE_URL": altegio.url}, tmp_path / "log") as worker,
    ):
        delay(settings, paid("2026-0041"), paid())
        worker.wait_for("raised unexpected: LedgerWriteError")
        delay(settings, paid("2026-0041"))
        until(
            lambda: worker.text.count("Altegio has recorded invoice 2026-0041 as payment 5.") == 2, lambda: worker.text
        )
    assert worker.text.count(STARTED) == 1
    assert "The key 'invoice-2026-0041' has the same payment" in worker.text
    assert len(altegio.requests) == 2


def test_many_faults_at_once(sandbox: Sandbox, settings: dict[str, str], tmp_path: Path) -> None:
    """All four processes of two workers die in the middle of a call; then a third of all responses is lost.

    Every invoice is enqueued twice.
    """
    settings |= {"ALTEGIO_STATUS_DELAY_SECONDS": "12"}  # the first call must not time out before the fourth
    invoices = [paid(f"2026-{number}", 100 + number % 5, f"{number}.50") for number in range(1, 21)]
    sandbox.inject_fault("stall", calls=4)
    sandbox.inject_fault("lose_answer", probability=0.3, seed=20)
    with (
        started([*WORKER, "2", "--hostname", "first@%h"], settings, tmp_path / "first") as first,
        started([*WORKER, "2", "--hostname", "second@%h"], settings, tmp_path / "second") as second,
    ):

        def texts() -> str:
            return first.text + second.text

        first.wait_for(" ready.")
        second.wait_for(" ready.")
        delay(settings, *invoices, *invoices)
        until(lambda: payments_sent(sandbox) == 4, texts)
        for child in first.children + second.children:
            os.kill(child, signal.SIGKILL)
        for one in invoices:
            until(partial(lambda words: words in texts(), f"recorded invoice {one['invoice']} as payment"), texts, 120)
    assert texts().count("exited with 'signal 9 (SIGKILL)'") >= 1  # some of them in the middle of a call
    for one in invoices:
        sandbox.assert_paid_once(one["salon_id"], one["payment_sum"])
    assert payments_sent(sandbox) == len(invoices)
    assert sum(call.fault == "lose_answer" for call in sandbox.calls) > 0
