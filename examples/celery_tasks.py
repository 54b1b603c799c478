"""Celery workers report payments to Altegio. If one dies, the payment is still recorded once.

    pip install 'altegio-partner[postgresql]' 'celery[redis]'
    export ALTEGIO_PARTNER_TOKEN=... ALTEGIO_APPLICATION_ID=...
    export ALTEGIO_LEDGER_URL=postgresql+psycopg://user:password@host/database
    export CELERY_BROKER_URL=redis://127.0.0.1:6379/0
    celery --workdir examples --app celery_tasks worker --loglevel info

Celery redelivers a task when its worker dies, so a task may run twice. The ledger ensures that the payment is recorded
once all the same. What can still go wrong:

- A task exists in Redis only. It is lost if Redis loses its memory, or if your process dies between committing the
  payment and calling `delay`. Store in your database that the payment must be reported, as `django_invoices` does,
  and call `delay` again for what is left: the key makes that harmless.
- A payment is not retried if Altegio rejects it, or if the ledger contradicts Altegio. The task fails, and only
  Celery's log says so: monitor it.
- A payment that stays undecided is looked up again and again. `ledger.pending()` lists it: check it by hand.
- When a whole machine dies, its tasks are redelivered after the visibility timeout, half an hour.
- A task that always kills its process, for example by running out of memory, is redelivered immediately, forever.
"""

import os
from datetime import datetime, timedelta
from functools import cache

from celery import Celery, Task
from celery.utils.log import get_task_logger

from altegio_partner import NotSentError, OutcomeUnknownError, PartnerClient, RateLimitError
from altegio_partner.ledger import Ledger, LedgerWriteError

STATUS_DELAY = timedelta(seconds=float(os.environ.get("ALTEGIO_STATUS_DELAY_SECONDS", "3600")))
LOOK_AGAIN = STATUS_DELAY / 5  # shorter than the visibility timeout: a task that waits longer is delivered twice
SEND_AGAIN = STATUS_DELAY / 30

app = Celery("celery_tasks", broker=os.environ.get("CELERY_BROKER_URL", "redis://127.0.0.1:6379/0"))
app.conf.update(
    task_acks_late=True,  # a task leaves Redis when it is done, not when it begins
    task_reject_on_worker_lost=True,  # when its process dies, the task is redelivered immediately
    task_ignore_result=True,  # the ledger stores the id of the payment
    worker_prefetch_multiplier=1,  # no worker reserves tasks that another could run
    broker_transport_options={
        "visibility_timeout": STATUS_DELAY.total_seconds() / 2,  # when a whole worker dies, redeliver after this
        "unacked_restore_throttle": 1,  # and check for such tasks every 10 seconds, instead of 100
    },
)
log = get_task_logger(__name__)


@cache
def partner() -> PartnerClient:
    """Return the worker's client. Each of its processes opens its own connections."""
    ledger = Ledger(os.environ["ALTEGIO_LEDGER_URL"], status_delay=STATUS_DELAY)
    return PartnerClient(ledger=ledger, timeout=min(30, STATUS_DELAY.total_seconds() / 2))


@app.task(bind=True, max_retries=None)
def report_payment(
    self: "Task[..., None]",
    *,
    invoice: str,
    salon_id: int,
    payment_sum: str,
    currency_iso: str,
    payment_date: str,
    period_from: str,
    period_to: str,
) -> None:
    """Report a paid invoice. Its number is the key, so the key is the same in every delivery and retry."""
    log.info("Reporting invoice %s.", invoice)
    try:
        payment_id = partner().notify_payment(
            salon_id=salon_id,
            payment_sum=payment_sum,
            currency_iso=currency_iso,
            payment_date=datetime.fromisoformat(payment_date),
            period_from=datetime.fromisoformat(period_from),
            period_to=datetime.fromisoformat(period_to),
            idempotency_key=f"invoice-{invoice}",
        )
    except LedgerWriteError as error:
        if not error.safe_to_call_again:  # it is recorded, perhaps twice: the failed task asks a person to look
            raise
        raise self.retry(exc=error, countdown=SEND_AGAIN.total_seconds()) from error
    except OutcomeUnknownError as error:  # UndecidedError too: the next run looks before it sends
        raise self.retry(exc=error, countdown=LOOK_AGAIN.total_seconds()) from error
    except (NotSentError, RateLimitError) as error:
        raise self.retry(exc=error, countdown=SEND_AGAIN.total_seconds()) from error
    log.info("Altegio has recorded invoice %s as payment %s.", invoice, payment_id)
