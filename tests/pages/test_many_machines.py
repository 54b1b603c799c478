"""The code of docs/many-machines.md is that of the examples, or runs."""

import ast
import re
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from altegio_partner import OutcomeUnknownError, PartnerClient
from altegio_partner.ledger import Ledger
from altegio_partner.sandbox import FaultName, Sandbox
from tests.services.many_machines import BLOCKS, COMMANDS, PAGE, ROOT
from tests.services.processes import run

pytest_plugins = ["tests.services.fixtures"]
pytestmark = pytest.mark.services

PARTS = [code.partition("\n") for kind, code in BLOCKS if kind == "python" and code.startswith("# examples/")]
(PENDING,) = [code for kind, code in BLOCKS if kind == "python" and not code.startswith("# examples/")]
EXAMPLES = ["celery_tasks.py", "django_invoices/__init__.py", "dbos_workflow.py"]


def docstring(name: str) -> str:
    return ast.get_docstring(ast.parse((ROOT / "examples" / name).read_text())) or ""


def test_every_block_is_tested() -> None:
    assert sorted(kind for kind, _ in BLOCKS) == ["bash"] * 3 + ["python"] * 7
    assert len(PARTS) == 6


@pytest.mark.parametrize(("name", "_", "code"), PARTS)
def test_a_part_of_an_example(name: str, _: str, code: str) -> None:
    assert code in (ROOT / name.removeprefix("# ")).read_text()


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_lists_the_risks_of_the_page(name: str) -> None:
    (risks,) = re.findall(r"\n\n(- .*)", docstring(name), re.DOTALL)
    assert f"\nWhat can still go wrong:\n\n{risks}\n" in PAGE


def test_the_commands_are_in_the_examples() -> None:
    documented = [line.partition("#")[0].strip() for name in EXAMPLES for line in docstring(name).splitlines()]
    assert [line for line in COMMANDS if line not in documented] == []


def lose(
    partner: PartnerClient, sandbox: Sandbox, fault: FaultName, key: str, payment_sum: int, salon_id: int = 100
) -> None:
    sandbox.inject_fault(fault)
    with pytest.raises(OutcomeUnknownError):
        partner.notify_payment(
            salon_id=salon_id,
            payment_sum=payment_sum,
            currency_iso="EUR",
            payment_date=datetime(2026, 11, 24, 12, 0),
            period_from=datetime(2026, 12, 1),
            period_to=datetime(2026, 12, 31),
            idempotency_key=key,
        )


def test_pending_payments(sandbox: Sandbox, settings: dict[str, str], database: str, tmp_path: Path) -> None:
    ledger = Ledger(database)
    with PartnerClient(
        sandbox.partner_token, application_id=123, base_url=settings["ALTEGIO_BASE_URL"], ledger=ledger
    ) as partner:
        lose(partner, sandbox, "lose_answer", "recorded", 1)
        lose(partner, sandbox, "drop_call", "not recorded", 2, 101)
        lose(partner, sandbox, "lose_answer", "alike", 3)
        lose(partner, sandbox, "lose_answer", "the other", 3)
        with psycopg.connect(database.replace("+psycopg", "")) as db:
            db.execute("UPDATE altegio_ledger SET claimed_at = claimed_at - 10800")
            db.execute("UPDATE altegio_ledger SET may_leave_until = may_leave_until - 10800")
        lose(partner, sandbox, "lose_answer", "young", 4)
    sandbox.advance(timedelta(hours=1))
    (tmp_path / "pending.py").write_text(PENDING)
    lines = run(["python", str(tmp_path / "pending.py")], settings).splitlines()
    assert lines[0] == f"recorded: payment {sandbox.assert_paid_once(100, 1).id}"
    assert lines[2].startswith("Check in Altegio: It is unknown whether notify_payment with key 'alike' was recorded: ")
    assert lines[3].startswith(
        "Check in Altegio: It is unknown whether notify_payment with key 'the other' was recorded: "
    )
    assert lines[1] == "not recorded: not recorded, report it again"
    assert len(lines) == 4
    assert [one.idempotency_key for one in ledger.pending()] == ["alike", "the other", "young"]
    ledger.close()
