"""A client of a module, used before Celery forks its workers, and by all of them."""

import sys
from pathlib import Path

import pytest

from tests.callers import TOKEN
from tests.servers.random_faults import RandomFaultServer
from tests.services.processes import environment, run, started

pytestmark = pytest.mark.services

TASKS = f"""
import os
from datetime import datetime

import anyio
from altegio_partner import AsyncPartnerClient, PartnerClient
from celery import Celery

DATE = datetime(2026, 1, 1)
PAYMENT = dict(payment_sum=1, currency_iso="EUR", payment_date=DATE, period_from=DATE, period_to=DATE.max)
OPTIONS = dict(partner_token={TOKEN!r}, application_id=1, base_url=os.environ["URL"], max_retries=0, timeout=10)
client, async_client = PartnerClient(**OPTIONS), AsyncPartnerClient(**OPTIONS)

app = Celery("prefork_tasks", broker="filesystem://")
folders = ("data_folder_in", "data_folder_out", "control_folder")
app.conf.broker_transport_options = dict.fromkeys(folders, os.environ["FOLDER"])
app.conf.worker_prefetch_multiplier = 1
app.conf.broker_connection_retry_on_startup = True

@app.task
def pay(number):
    assert client.notify_payment(salon_id=number, **PAYMENT) // 10**6 == number
    paid = anyio.run(lambda: async_client.notify_payment(salon_id=number, **PAYMENT))
    assert paid // 10**6 == number
    print(f"paid {{number}} twice in {{os.getpid()}}", flush=True)

client.notify_payment(salon_id=1, **PAYMENT)
anyio.run(lambda: async_client.notify_payment(salon_id=1, **PAYMENT))
"""
MANY = 40


def test_a_client_of_a_module_in_prefork_workers(tmp_path: Path) -> None:
    (tmp_path / "prefork_tasks.py").write_text(TASKS)
    (tmp_path / "queue").mkdir()
    with RandomFaultServer() as server:
        settings = environment(URL=server.url, FOLDER=str(tmp_path / "queue"), PYTHONPATH=str(tmp_path))
        send = f"import prefork_tasks as t; [t.pay.delay(number) for number in range(1, {MANY + 1})]"
        run([sys.executable, "-c", send], settings)
        worker = ["celery", "--app", "prefork_tasks", "worker", "--pool", "prefork", "--concurrency", "3"]
        with started([*worker, "--loglevel", "INFO"], settings, tmp_path / "log") as workers:
            for number in range(1, MANY + 1):
                workers.wait_for(f"paid {number} twice in ")
            text = workers.text
    lines = [line for line in text.splitlines() if "twice in" in line]
    assert len(lines) == MANY
    assert len({line.rpartition(" ")[2] for line in lines}) > 1
    assert "Error" not in text
