"""Write a ledger of this release into this folder, as a file and as SQL, where no release has written it before.

    python -m tests.ledger.versions.make 1

It is kept for ever: `test_versions.py` reads each with the newest code. What is in it, is described there.
"""

import sqlite3
import sys
from contextlib import closing, suppress
from pathlib import Path

import altegio_partner as ap
from altegio_partner.ledger import Ledger
from altegio_partner.sandbox import Sandbox
from tests.callers import PAYMENT
from tests.ledger.paying import LATER

FOLDER = Path(__file__).parent


def make(version: str) -> None:
    file = FOLDER / f"v{version}.sqlite"
    if file.exists():
        raise SystemExit(f"{file} is there already, and must stay as it is.")
    sandbox = Sandbox()
    sandbox.connect(123)
    with (
        Ledger(f"sqlite:///{file}") as ledger,
        ap.PartnerClient(
            sandbox.partner_token, application_id=123, transport=sandbox.transport(), ledger=ledger, max_retries=0
        ) as client,
    ):
        client.complete_registration(salon_id=123)
        client.notify_payment(**PAYMENT, idempotency_key="recorded")
        client.notify_refund(123)
        client.notify_payment(**{**PAYMENT, "payment_sum": 5}, idempotency_key="to be refunded")
        for lose in (
            lambda: client.notify_payment(**{**PAYMENT, **LATER}, idempotency_key="pending"),
            lambda: client.notify_refund(124),
        ):
            sandbox.inject_fault("lose_answer")
            with suppress(ap.NoAnswerError):
                lose()
    file.with_name(f"{file.name}-journal").unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as db:
        (FOLDER / f"v{version}.sql").write_text("\n".join(db.iterdump()) + "\n")


if __name__ == "__main__":
    make(*sys.argv[1:])
