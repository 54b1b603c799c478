"""examples/django_invoices with a real PostgreSQL and kill -9."""

import signal
import time
from datetime import timedelta
from pathlib import Path
from textwrap import dedent

import psycopg
import pytest

from altegio_partner.sandbox import Sandbox
from tests.servers.scripted import ScriptedServer, closed_port, http, stall
from tests.services.many_machines import command
from tests.services.payments import payment_is_under_way, payments_sent, wait_for_payment
from tests.services.processes import run, started

pytest_plugins = ["tests.services.fixtures"]
pytestmark = pytest.mark.services

INVOICE = """
from datetime import UTC, datetime
from django.db import transaction
from django_invoices.models import Invoice
from django_invoices.reporting import mark_paid
paid_at = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)

def write(number, salon_id=100, payment_sum="990.99"):
    Invoice.objects.create(
        number=number, salon_id=salon_id, payment_sum=payment_sum, currency_iso="EUR",
        period_from=datetime(2026, 11, 30, 23, 0, tzinfo=UTC), period_to=datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC),
    )
"""
PAID = "write('2026-0042')\nmark_paid('2026-0042', paid_at)"
REPORT = command("django-admin report_payments")


def shell(code: str) -> list[str]:
    return ["python", "-m", "django", "shell", "--no-imports", "--command", INVOICE + dedent(code)]


@pytest.fixture
def settings(settings: dict[str, str]) -> dict[str, str]:
    run(["django-admin", "migrate", "--run-syncdb", "--verbosity", "0"], settings)
    return settings


def row(database: str, number: str = "2026-0042") -> tuple[str, int | None]:
    with psycopg.connect(database.replace("+psycopg", "")) as db:
        found = db.execute(
            "SELECT state, payment_id FROM django_invoices_invoice WHERE number = %s", [number]
        ).fetchone()
    assert found
    return found[0], found[1]


def test_it_is_reported_immediately(sandbox: Sandbox, settings: dict[str, str], database: str) -> None:
    run(shell(PAID + "\nmark_paid('2026-0042', paid_at)"), settings)  # two clicks are one payment
    payment = sandbox.assert_paid_once(100, "990.99", "EUR")
    assert str(payment.payment_date) == "2026-11-24 12:00:00"
    assert row(database) == ("reported", payment.id)
    assert run(REPORT, settings) == ""
    assert payments_sent(sandbox) == 1


def test_a_rolled_back_payment_is_not_reported(sandbox: Sandbox, settings: dict[str, str], database: str) -> None:
    code = """
        write('2026-0042')
        try:
            with transaction.atomic():
                mark_paid('2026-0042', paid_at)
                raise RuntimeError
        except RuntimeError:
            pass
    """
    run(shell(code), settings)
    assert row(database) == ("open", None)
    assert run(REPORT, settings) == ""
    assert payments_sent(sandbox) == 0


def test_a_process_dies_in_the_middle_of_a_call(
    sandbox: Sandbox, settings: dict[str, str], database: str, tmp_path: Path
) -> None:
    sandbox.inject_fault("stall")
    with started(shell(PAID), settings, tmp_path / "log") as web:
        payment_is_under_way(sandbox, lambda: web.text)
        web.kill()
    assert row(database) == ("to report", None)
    printed = []
    while row(database)[0] != "reported":
        printed.append(run(REPORT, settings))
        assert len(printed) < 20, printed
    payment = sandbox.assert_paid_once(100, "990.99", "EUR")
    assert row(database) == ("reported", payment.id)
    assert printed[-1] == "2026-0042: reported. \n"
    assert payments_sent(sandbox) == 1


def test_a_process_dies_and_the_call_is_lost(
    sandbox: Sandbox, settings: dict[str, str], database: str, tmp_path: Path
) -> None:
    began = time.time()
    with (
        ScriptedServer(stall) as lossy,
        started(shell(PAID), settings | {"ALTEGIO_BASE_URL": lossy.url}, tmp_path / "log") as web,
    ):
        wait_for_payment(lossy)
        web.kill()
    assert row(database) == ("to report", None)
    printed = []
    while row(database)[0] != "reported":
        printed.append(run(REPORT, settings))
        assert len(printed) < 60, printed
    assert time.time() - began >= 2 * float(settings["ALTEGIO_STATUS_DELAY_SECONDS"])
    sandbox.assert_paid_once(100, "990.99", "EUR")
    assert "does not show it yet" in printed[0]
    assert payments_sent(sandbox) == 1


def test_altegio_is_not_reached(sandbox: Sandbox, settings: dict[str, str], database: str) -> None:
    run(
        shell(PAID), settings | {"ALTEGIO_BASE_URL": closed_port()}
    )  # the failure does not reach the code that marks it paid
    assert row(database) == ("to report", None)
    assert run(REPORT, settings) == "2026-0042: reported. \n"
    assert row(database) == ("reported", sandbox.assert_paid_once(100).id)


def test_a_payment_that_a_person_must_check_is_not_retried(settings: dict[str, str], database: str) -> None:
    with ScriptedServer(always=http(200, b'{"success": true, "data": {"id": 5}}')) as altegio:
        settings |= {"ALTEGIO_BASE_URL": altegio.url}
        run(shell("write('2026-0041')\nmark_paid('2026-0041', paid_at)\n" + PAID), settings)
        assert run(REPORT, settings) == ""
    assert row(database, "2026-0041") == ("reported", 5)
    assert row(database) == ("to fix", None)
    assert len(altegio.requests) == 2


def test_a_rejected_payment_is_not_retried(sandbox: Sandbox, settings: dict[str, str], database: str) -> None:
    run(shell("write('2026-0042', salon_id=999)\nmark_paid('2026-0042', paid_at)"), settings)
    assert row(database) == ("to fix", None)
    assert run(REPORT, settings) == ""
    assert payments_sent(sandbox) == 1
    fix = "Invoice.objects.update(salon_id=100, state='to report')"
    run(shell(fix), settings)
    assert run(REPORT, settings) == "2026-0042: reported. \n"
    sandbox.assert_paid_once(100)


def test_an_invoice_is_changed_after_it_was_reported(sandbox: Sandbox, settings: dict[str, str], database: str) -> None:
    sandbox.inject_fault("lose_answer")
    run(shell(PAID), settings)
    assert row(database) == ("to report", None)
    run(shell("Invoice.objects.update(payment_sum='5')"), settings)
    assert "was used for another call, and nothing was sent: payment_sum was 990.99, not 5" in run(REPORT, settings)
    assert row(database) == ("to fix", None)
    assert payments_sent(sandbox) == 1


@pytest.mark.parametrize("sandbox_status_delay", [timedelta(minutes=10)])  # longer than the second command takes
def test_two_commands_at_once(sandbox: Sandbox, settings: dict[str, str], database: str, tmp_path: Path) -> None:
    write = (
        "for n in range(10):\n    write(str(n), 100 + n)\nInvoice.objects.update(state='to report', paid_at=paid_at)"
    )
    run(shell(write), settings)
    sandbox.inject_fault("stall")
    settings |= {"ALTEGIO_STATUS_DELAY_SECONDS": str(20 * 60)}
    with started(REPORT, settings, tmp_path / "log") as first:
        payment_is_under_way(sandbox, lambda: first.text)
        first.popen.send_signal(signal.SIGSTOP)  # while the second reports the others
        second = run(REPORT, settings)
        first.popen.send_signal(signal.SIGCONT)
        assert first.popen.wait(60) == 0, first.text
    assert (second.count(": to report. "), second.count(": reported. ")) == (1, 9)
    assert first.text.count(": reported. ") == 9  # it had read the list before
    sandbox.advance(timedelta(minutes=10))
    run(REPORT, settings)
    for number in range(10):
        assert row(database, str(number)) == ("reported", sandbox.assert_paid_once(100 + number).id)
    assert payments_sent(sandbox) == 10
