"""A durable workflow of DBOS tells Altegio of a payment: the process may die anywhere, the payment is recorded once.

    pip install 'altegio-partner[postgresql]' dbos
    export ALTEGIO_PARTNER_TOKEN=... ALTEGIO_APPLICATION_ID=...
    export ALTEGIO_LEDGER_URL=postgresql+psycopg://user:password@host/database
    python examples/dbos_workflow.py 2026-0042 123 990.99    # invoice, location, sum
    python examples/dbos_workflow.py                         # goes on with what was left, and waits for more

DBOS runs a step again when the process dies in it. The ledger sees to it that the payment is recorded once all the
same. What can still go wrong:

- Your process dies between the commit of the payment and `start`. Call `start` again for every payment that is not
  told: the id of the workflow makes that harmless.
- A process goes on only with workflows of its own executor (`DBOS__VMID`) and of its own version, which changes with
  the code of the workflow and with the release of DBOS. What is left by an executor that never starts again, or by an
  old version, waits for ever. DBOS has Conductor and `auto_upgrade` for that: neither was tried here.
- Two living processes with the same `DBOS__VMID` run the same workflow. The payment is recorded once, for the ledger
  sees to that; other steps of yours may take effect twice.
- A payment that Altegio refuses ends its workflow with an error. Mend it, then call `DBOS.fork_workflow`: a workflow
  that has ended is not run again by `start`.
- A payment that only a person can decide is looked up every two hours, for ever. `ledger.pending()` lists it.
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
    """One client for the process and all its threads."""
    ledger = Ledger(os.environ["ALTEGIO_LEDGER_URL"], status_delay=STATUS_DELAY)
    return PartnerClient(ledger=ledger, timeout=min(30, STATUS_DELAY.total_seconds() / 2))


@DBOS.step()
def tell(invoice: str, salon_id: int, payment_sum: str, paid_at: datetime) -> int | timedelta:
    """Tell Altegio, and return the id of the payment, or how long to wait before the next try."""
    DBOS.logger.info(f"Telling Altegio of invoice {invoice}.")
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
    except (OutcomeUnknownError, LedgerWriteError) as error:  # UndecidedError too: the next step looks before it sends
        DBOS.logger.warning(str(error))
        return 2 * STATUS_DELAY
    except (NotSentError, RateLimitError) as error:
        DBOS.logger.warning(str(error))
        return SEND_AGAIN


@DBOS.workflow()
def tell_altegio(invoice: str, salon_id: int, payment_sum: str, paid_at: datetime) -> int:
    """Tell Altegio until it is told. A process that goes on with it does not wait anew: DBOS remembers until when."""
    while True:
        told = tell(invoice, salon_id, payment_sum, paid_at)
        if isinstance(told, int):
            DBOS.logger.info(f"Altegio has recorded invoice {invoice} as payment {told}.")
            return told
        DBOS.sleep(told.total_seconds())


def start(invoice: str, salon_id: int, payment_sum: str, paid_at: datetime) -> WorkflowHandle[int]:
    """The invoice is paid: start its workflow, unless that was done before."""
    with SetWorkflowID(f"tell-invoice-{invoice}"):
        return DBOS.start_workflow(tell_altegio, invoice, salon_id, payment_sum, paid_at)


def main() -> None:
    """Start what is asked for, if anything, and go on with what was left."""
    DBOS(config={"name": "partner", "system_database_url": os.environ["ALTEGIO_LEDGER_URL"]})
    DBOS.launch()
    if sys.argv[1:]:
        invoice, salon_id, payment_sum = sys.argv[1:]
        print(start(invoice, int(salon_id), payment_sum, datetime.now()).get_result())
    else:
        threading.Event().wait()


if __name__ == "__main__":
    main()
