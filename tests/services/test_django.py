"""examples/django_invoices with a real PostgreSQL and kill -9."""

import signal
import time
from datetime import timedelta
from pathlib import Path
from textwrap import dedent

import psycopg
import pytest

from altegio_partner.sandbox import Sandbox
from tests.servers.scripted import ScriptedServer, closed_port, stall
from tests.services.many_machines import command
from tests.services.payments import payment_is_under_way, payments_sent, wait_for_payment
from tests.services.processes import run, started

pytest_plugins = ["tests.services.fixtures"]
pytestmark = pytest.mark.services

INVOICE = """
from datetime import UTC, datetime
from django.db import transaction
from django_invoices.models import Invoice
from django_invoices.telling import mark_paid
paid_at = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)

def write(number, salon_id=100, payment_sum="990.99"):
    Invoice.objects.create(
        number=number, salon_id=salon_id, payment_sum=payment_sum, currency_iso="EUR",
        period_from=datetime(2026, 11, 30, 23, 0, tzinfo=UTC), period_to=datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC),
    )
"""
PAID = "write('2026-0042')\nmark_paid('2026-0042', paid_at)"
TELL = command("django-admin tell_altegio")


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


def test_it_is_told_at_once(sandbox: Sandbox, settings: dict[str, str], database: str) -> None:
    run(shell(PAID + "\nmark_paid('2026-0042', paid_at)"), settings)  # whoever clicks twice pays once
    payment = sandbox.assert_paid_once(100, "990.99", "EUR")
    assert str(payment.payment_date) == "2026-11-24 12:00:00"
    assert row(database) == ("told", payment.id)
    assert run(TELL, settings) == ""
    assert payments_sent(sandbox) == 1


def test_what_is_rolled_back_is_not_told(sandbox: Sandbox, settings: dict[str, str], database: str) -> None:
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
    assert run(TELL, settings) == ""
    assert payments_sent(sandbox) == 0


def test_a_process_dies_in_the_middle_of_a_call(
    sandbox: Sandbox, settings: dict[str, str], database: str, tmp_path: Path
) -> None:
    sandbox.inject_fault("stall")
    with started(shell(PAID), settings, tmp_path / "log") as web:
        payment_is_under_way(sandbox, lambda: web.text)
        web.kill()
    assert row(database) == ("to tell", None)
    said = []
    while row(database)[0] != "told":
        said.append(run(TELL, settings))
        assert len(said) < 20, said
    payment = sandbox.assert_paid_once(100, "990.99", "EUR")
    assert row(database) == ("told", payment.id)
    assert said[-1] == "2026-0042: told. \n"
    assert payments_sent(sandbox) == 1


def test_a_process_dies_and_the_call_gets_lost(
    sandbox: Sandbox, settings: dict[str, str], database: str, tmp_path: Path
) -> None:
    began = time.time()
    with (
        ScriptedServer(stall) as lossy,
        started(shell(PAID), settings | {"ALTEGIO_BASE_URL": lossy.url}, tmp_path / "log") as web,
    ):
        wait_for_payment(lossy)
        web.kill()
    assert row(database) == ("to tell", None)
    said = []
    while row(database)[0] != "told":
        said.append(run(TELL, settings))
        assert len(said) < 60, said
    assert time.time() - began >= 2 * float(settings["ALTEGIO_SETTLE_SECONDS"])
    sandbox.assert_paid_once(100, "990.99", "EUR")
    assert "it is not there, and may still come" in said[0]
    assert payments_sent(sandbox) == 1


def test_altegio_is_not_reached(sandbox: Sandbox, settings: dict[str, str], database: str) -> None:
    run(shell(PAID), settings | {"ALTEGIO_BASE_URL": closed_port()})  # the shell that marks it paid does not see that
    assert row(database) == ("to tell", None)
    assert run(TELL, settings) == "2026-0042: told. \n"
    assert row(database) == ("told", sandbox.assert_paid_once(100).id)


def test_what_altegio_refuses_is_not_tried_again(sandbox: Sandbox, settings: dict[str, str], database: str) -> None:
    run(shell("write('2026-0042', salon_id=999)\nmark_paid('2026-0042', paid_at)"), settings)
    assert row(database) == ("to mend", None)
    assert run(TELL, settings) == ""
    assert payments_sent(sandbox) == 1
    mend = "Invoice.objects.update(salon_id=100, state='to tell')"
    run(shell(mend), settings)
    assert run(TELL, settings) == "2026-0042: told. \n"
    sandbox.assert_paid_once(100)


def test_an_invoice_is_changed_after_it_was_told_of(sandbox: Sandbox, settings: dict[str, str], database: str) -> None:
    sandbox.inject_fault("lose_answer")
    run(shell(PAID), settings)
    assert row(database) == ("to tell", None)
    run(shell("Invoice.objects.update(payment_sum='5')"), settings)
    assert "was used for another call, and nothing was sent: payment_sum was 990.99, not 5" in run(TELL, settings)
    assert row(database) == ("to mend", None)
    assert payments_sent(sandbox) == 1


@pytest.mark.parametrize("sandbox_status_delay", [timedelta(minutes=10)])  # longer than the second command takes
def test_two_commands_at_once(sandbox: Sandbox, settings: dict[str, str], database: str, tmp_path: Path) -> None:
    write = "for n in range(10):\n    write(str(n), 100 + n)\nInvoice.objects.update(state='to tell', paid_at=paid_at)"
    run(shell(write), settings)
    sandbox.inject_fault("stall")
    settings |= {"ALTEGIO_SETTLE_SECONDS": str(20 * 60)}
    with started(TELL, settings, tmp_path / "log") as first:
        payment_is_under_way(sandbox, lambda: first.text)
        first.popen.send_signal(signal.SIGSTOP)  # while the second does all
        second = run(TELL, settings)
        first.popen.send_signal(signal.SIGCONT)
        assert first.popen.wait(60) == 0, first.text
    assert (second.count(": to tell. "), second.count(": told. ")) == (1, 9)
    assert first.text.count(": told. ") == 9  # it had read the list before
    sandbox.advance(timedelta(minutes=10))
    run(TELL, settings)
    for number in range(10):
        assert row(database, str(number)) == ("told", sandbox.assert_paid_once(100 + number).id)
    assert payments_sent(sandbox) == 10
