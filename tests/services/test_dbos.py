"""examples/dbos_workflow.py with a real PostgreSQL and kill -9."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from dbos import DBOSClient, WorkflowStatus

from altegio_partner import PartnerClient
from altegio_partner.sandbox import Sandbox
from tests.servers.scripted import ScriptedServer, http, stall
from tests.services.many_machines import command
from tests.services.payments import payment_is_under_way, payments_sent, wait_for_payment
from tests.services.processes import run, started, until

pytest_plugins = ["tests.services.fixtures"]
pytestmark = pytest.mark.services

RESUME = command("python examples/dbos_workflow.py")
PAY = [*RESUME, "2026-0042", "100", "990.99"]
STARTED = "Reporting invoice 2026-0042."


@contextmanager
def dbos(database: str) -> Iterator[DBOSClient]:
    client = DBOSClient(system_database_url=database)
    yield client
    client.destroy()


def workflow(database: str) -> WorkflowStatus:
    with dbos(database) as client:
        (found,) = client.list_workflows()
        return found


def test_a_process_dies_in_the_step(sandbox: Sandbox, settings: dict[str, str], database: str, tmp_path: Path) -> None:
    sandbox.inject_fault("stall")
    with started(PAY, settings, tmp_path / "first") as first:
        payment_is_under_way(sandbox, lambda: first.text)
        first.kill()
    assert workflow(database).status == "PENDING"
    with started(RESUME, settings, tmp_path / "second") as second:
        second.wait_for("Altegio has recorded invoice 2026-0042 as payment")
    payment = sandbox.assert_paid_once(100, "990.99", "EUR")
    assert f"invoice 2026-0042 as payment {payment.id}." in second.text
    assert first.text.count(STARTED) == 1
    assert second.text.count(STARTED) >= 1  # the step was run again
    assert payments_sent(sandbox) == 1


def test_a_payment_that_a_person_must_check_ends_its_workflow(
    settings: dict[str, str], database: str, tmp_path: Path
) -> None:
    with ScriptedServer(always=http(200, b'{"success": true, "data": {"id": 5}}')) as altegio:
        settings |= {"ALTEGIO_BASE_URL": altegio.url}
        run([*RESUME, "2026-0041", "100", "990.99"], settings)
        with started(PAY, settings, tmp_path / "second") as second:
            second.wait_for("The key 'invoice-2026-0041' has the same payment")
            until(lambda: second.popen.poll() is not None, lambda: second.text)
    with dbos(database) as client:
        states = {one.workflow_id: one.status for one in client.list_workflows()}
    assert states == {"report-invoice-2026-0041": "SUCCESS", "report-invoice-2026-0042": "ERROR"}
    assert len(altegio.requests) == 2


def test_a_process_dies_in_the_step_and_the_call_is_lost(
    sandbox: Sandbox, settings: dict[str, str], tmp_path: Path
) -> None:
    began = time.time()
    with (
        ScriptedServer(stall) as lossy,
        started(PAY, settings | {"ALTEGIO_BASE_URL": lossy.url}, tmp_path / "first") as first,
    ):
        wait_for_payment(lossy)
        first.kill()
    with started(RESUME, settings, tmp_path / "second") as second:
        second.wait_for("Altegio has recorded invoice 2026-0042 as payment")
    assert time.time() - began >= 2 * float(settings["ALTEGIO_STATUS_DELAY_SECONDS"])
    sandbox.assert_paid_once(100, "990.99", "EUR")
    assert first.text.count(STARTED) == 1
    assert second.text.count(STARTED) == 2  # undecided, then sent
    assert "does not show it yet" in second.text
    assert payments_sent(sandbox) == 1


def test_a_process_dies_while_it_waits(sandbox: Sandbox, settings: dict[str, str], tmp_path: Path) -> None:
    sleep = 2 * float(settings["ALTEGIO_STATUS_DELAY_SECONDS"])
    sandbox.inject_fault("drop_call")
    with started(PAY, settings, tmp_path / "first") as first:
        first.wait_for("It may have been recorded")
        unknown_since = time.time()
        time.sleep(sleep * 0.75)  # of the time that it waits
        first.kill()
    with started(RESUME, settings, tmp_path / "second") as second:
        second.wait_for("Altegio has recorded invoice 2026-0042 as payment")
    waited = time.time() - unknown_since
    sandbox.assert_paid_once(100, "990.99", "EUR")
    assert second.text.count(STARTED) == 1
    assert sleep - 1 <= waited < sleep * 1.7  # the second process waited for the rest only
    assert payments_sent(sandbox) == 2  # the first one was dropped


def test_two_running_processes_of_one_workflow(sandbox: Sandbox, settings: dict[str, str], tmp_path: Path) -> None:
    sandbox.inject_fault("stall")
    with started(PAY, settings, tmp_path / "first") as first:
        payment_is_under_way(sandbox, lambda: first.text)
        with started(RESUME, settings, tmp_path / "second") as second:

            def texts() -> str:
                return first.text + second.text

            second.wait_for("Recovering 1 workflows")
            until(lambda: texts().count(STARTED) >= 2, texts)  # either may run it
            assert "NoAnswerError" not in first.text  # the first call is still in flight
            until(lambda: "Altegio has recorded invoice 2026-0042 as payment" in texts(), texts)
    sandbox.assert_paid_once(100, "990.99", "EUR")
    assert payments_sent(sandbox) == 1


def test_the_same_invoice_is_started_twice(sandbox: Sandbox, settings: dict[str, str], database: str) -> None:
    first, second = run(PAY, settings), run(PAY, settings)
    payment = sandbox.assert_paid_once(100, "990.99", "EUR")
    assert first.splitlines()[-1] == second.splitlines()[-1] == str(payment.id)
    assert workflow(database).status == "SUCCESS"
    assert payments_sent(sandbox) == 1


def test_a_rejected_payment_is_fixed_and_run_again(
    sandbox: Sandbox, settings: dict[str, str], database: str, tmp_path: Path
) -> None:
    sandbox.connect(999)  # and has not registered
    with started([*RESUME, "2026-0042", "999", "990.99"], settings, tmp_path / "first") as first:
        assert first.popen.wait(60) != 0
    assert workflow(database).status == "ERROR"
    assert first.text.count(STARTED) == 1
    with PartnerClient(sandbox.partner_token, application_id=123, transport=sandbox.transport()) as partner:
        partner.complete_registration(salon_id=999)
    with dbos(database) as client:
        client.fork_workflow("report-invoice-2026-0042", 1)
    with started(RESUME, settings, tmp_path / "second") as second:
        second.wait_for("Altegio has recorded invoice 2026-0042 as payment")
    sandbox.assert_paid_once(999, "990.99", "EUR")
