"""A durable DBOS workflow reports a payment to Altegio. The process may die at any point: it is recorded once.

    pip install 'altegio-partner[postgresql]' dbos
    export ALTEGIO_PARTNER_TOKEN=... ALTEGIO_APPLICATION_ID=...
    export ALTEGIO_LEDGER_URL=postgresql+psycopg://user:password@host/database
    python examples/dbos_workflow.py 2026-0042 123 990.99    # invoice, location, amount
    python examples/dbos_workflow.py                         # resumes what was left, and waits for more

DBOS repeats a step if the process dies in it. The ledger ensures that the payment is recorded once all the same. What
can still go wrong:

- Your process dies between committing the payment and calling `start`. Call `start` again for every payment that is
  not reported: the id of the workflow makes that harmless.
- A process resumes only the workflows of its own executor (`DBOS__VMID`) and its own version, which changes with
  the code of the workflow and with the release of DBOS. Unfinished workflows of an executor that never starts
  again, or of an old version, wait forever. DBOS offers Conductor and `auto_upgrade` for that; neither was tested
  for this page.
- Two running processes with the same `DBOS__VMID` run the same workflow. The ledger ensures that the payment is
  recorded once, but your other steps may take effect twice.
- A payment that Altegio rejects ends its workflow with an error, as does one for which the ledger contradicts
  Altegio. Fix it, then call `DBOS.fork_workflow`: `start` does not run a finished workflow again.
- A payment that stays undecided is looked up every two hours, forever. `ledger.pending()` lists it: check it by
  hand.
"""

import os
import sys
import threading
from datetime import datetime, timedelta
from functools import cache

from dbos import DBOS, SetWorkflowID, WorkflowHandle

from altegio_partner import NotSentError, OutcomeUnknownError, PartnerClient, RateLimitError
from altegio_partner.ledger import Ledger, LedgerWriteError

STATUS_DELAY = timedelta(seconds=float(os.environ.get("ALTEGIO_STATUS_DELAY_SECONDS", "3600")))
SEND_AGAIN = STATUS_DELAY / 30


@cache
def partner() -> PartnerClient:
    """Return the client of the process and all its threads."""
    ledger = Ledger(os.environ["ALTEGIO_LEDGER_URL"], status_delay=STATUS_DELAY)
    return PartnerClient(ledger=ledger, timeout=min(30, STATUS_DELAY.total_seconds() / 2))


@DBOS.step()
def report(invoice: str, salon_id: int, payment_sum: str, paid_at: datetime) -> int | timedelta:
    """Report the payment, and return its id, or how long to wait before the next attempt."""
    DBOS.logger.info(f"Reporting invoice {invoice}.")
    try:
        return partner().notify_payment(
            salon_id=salon_id,
            payment_sum=payment_sum,
            currency_iso="EUR",
            payment_date=paid_at,
            period_from=paid_at,
            period_to=paid_at + timedelta(days=30),
            idempotency_key=f"invoice-{invoice}",
        )
    except OutcomeUnknownError as error:  # UndecidedError too: the next step looks before it sends
        DBOS.logger.warning(str(error))
        return 2 * STATUS_DELAY
    except (NotSentError, RateLimitError, LedgerWriteError) as error:
        if isinstance(error, LedgerWriteError) and not error.safe_to_call_again:
            raise  # it is recorded, perhaps twice: the failed workflow asks a person to look
        DBOS.logger.warning(str(error))
        return SEND_AGAIN


@DBOS.workflow()
def report_payment(invoice: str, salon_id: int, payment_sum: str, paid_at: datetime) -> int:
    """Report the payment until it is recorded. DBOS stores when each wait ends, so a crash does not prolong it."""
    while True:
        result = report(invoice, salon_id, payment_sum, paid_at)
        if isinstance(result, int):
            DBOS.logger.info(f"Altegio has recorded invoice {invoice} as payment {result}.")
            return result
        DBOS.sleep(result.total_seconds())


def start(invoice: str, salon_id: int, payment_sum: str, paid_at: datetime) -> WorkflowHandle[int]:
    """Start the workflow of a paid invoice, unless it was started before."""
    with SetWorkflowID(f"report-invoice-{invoice}"):
        return DBOS.start_workflow(report_payment, invoice, salon_id, payment_sum, paid_at)


def main() -> None:
    """Start a workflow if arguments are given; otherwise resume what was left."""
    DBOS(config={"name": "partner", "system_database_url": os.environ["ALTEGIO_LEDGER_URL"]})
    DBOS.launch()
    if sys.argv[1:]:
        invoice, salon_id, payment_sum = sys.argv[1:]
        print(start(invoice, int(salon_id), payment_sum, datetime.now()).get_result())
    else:
        threading.Event().wait()


if __name__ == "__main__":
    main()
