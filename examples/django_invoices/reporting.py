"""Mark an invoice as paid, and report the payment to Altegio."""

import os
from datetime import datetime, timedelta
from functools import cache, partial

from django.conf import settings
from django.db import transaction

from altegio_partner import AltegioError, PartnerClient, RateLimitError, RejectedError
from altegio_partner.ledger import Ledger, LedgerWriteError

from .models import Invoice


def mark_paid(number: str, paid_at: datetime) -> None:
    """Record that the invoice is paid and must be reported, and report it after the commit."""
    with transaction.atomic():
        changed = Invoice.objects.filter(number=number, state=Invoice.State.OPEN).update(
            state=Invoice.State.TO_REPORT, paid_at=paid_at
        )
        if changed:
            transaction.on_commit(partial(report, number), robust=True)


def report(number: str) -> Invoice:
    """Report a paid invoice, or find the outcome of an earlier attempt. Never call this inside a transaction."""
    invoice = Invoice.objects.get(number=number)
    client = partner()
    try:
        payment_id = client.notify_payment(
            salon_id=invoice.salon_id,
            payment_sum=invoice.payment_sum,
            currency_iso=invoice.currency_iso,
            payment_date=invoice.paid_at,
            period_from=invoice.period_from,
            period_to=invoice.period_to,
            idempotency_key=f"invoice-{number}",
        )
    except (AltegioError, ValueError) as error:
        state = Invoice.State.TO_FIX if needs_a_person(error) else Invoice.State.TO_REPORT
        Invoice.objects.filter(number=number, state=Invoice.State.TO_REPORT).update(state=state, problem=str(error))
    else:
        Invoice.objects.filter(number=number).update(state=Invoice.State.REPORTED, payment_id=payment_id, problem="")
    invoice.refresh_from_db()
    return invoice


def needs_a_person(error: Exception) -> bool:
    """Return whether calling again does not help: Altegio rejected it, or the ledger contradicts Altegio."""
    if isinstance(error, LedgerWriteError):
        return not error.safe_to_call_again
    return isinstance(error, (RejectedError, ValueError)) and not isinstance(error, RateLimitError)


@cache
def partner() -> PartnerClient:
    """Return the client of the process and all its threads. Its ledger commits outside Django's transactions."""
    status_delay = timedelta(seconds=float(os.environ.get("ALTEGIO_STATUS_DELAY_SECONDS", "3600")))
    ledger = Ledger(os.environ["ALTEGIO_LEDGER_URL"], status_delay=status_delay)
    timeout = min(10, status_delay.total_seconds() / 2)  # the request that marks an invoice as paid waits for it
    return PartnerClient(ledger=ledger, timezone=settings.TIME_ZONE, timeout=timeout, max_retries=0)
