"""Reports invoices until each is finished, beside workers that report the same ones. It can be killed and restarted.

Usage: worker.py LEDGER_URL BASE_URL INVOICES

It reads "SEED LOG" lines from its standard input and forks a worker for each, because a start from nothing takes a
second of importing. The id of each process is written to the standard output.
"""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from random import Random

from altegio_partner import NotSentError, OutcomeUnknownError, PartnerClient, RateLimitError, RejectedError
from altegio_partner.ledger import Ledger, LedgerWriteError, UndecidedError
from tests.durability.call_log import REJECTED, CallLog, CallLogReader
from tests.durability.invoices import Invoice, invoices
from tests.durability.parameters import STATUS_DELAY
from tests.durability.sandbox_process import client

_BREAK = STATUS_DELAY / 4  # seconds, before it comes back to what is left
_PATIENCE = STATUS_DELAY * 3  # seconds, after which what is left stays undecided: it is old enough
_NEAR = 10  # this many invoices are shuffled: workers that are about as far sometimes report the same one at once


def shuffled(of: Sequence[Invoice], chance: Random) -> Iterator[Invoice]:
    """Bring them into an order that does not differ far from that of other workers."""
    for first in range(0, len(of), _NEAR):
        near = list(of[first : first + _NEAR])
        chance.shuffle(near)
        yield from near


def report(partner: PartnerClient, invoice: Invoice, log: CallLog) -> bool:
    """Report it, log the outcome, and return whether anything was learned."""
    log.begins(invoice.key)
    try:
        payment_id = partner.notify_payment(**invoice.arguments)
    except UndecidedError as error:
        log.ended(invoice.key, type(error).__name__)
        return False
    except (NotSentError, RateLimitError) as error:
        log.ended(invoice.key, type(error).__name__)
        return False
    except OutcomeUnknownError as error:
        log.ended(invoice.key, type(error).__name__)
        return True
    except RejectedError:
        log.ended(invoice.key, REJECTED)
        return True
    except LedgerWriteError as error:
        log.ended(invoice.key, type(error).__name__, error.payment_id)
        return True
    log.ended(invoice.key, "success", payment_id)
    return True


def work(ledger_url: str, base_url: str, count: int, seed: str, path: Path) -> None:
    """Report them all, and come back to what could not be decided, until that no longer helps."""
    is_over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: is_over.set())
    chance = Random(seed)
    known = CallLogReader(path)
    known.read()
    log = CallLog(path)
    ledger = Ledger(ledger_url, status_delay=timedelta(seconds=STATUS_DELAY))
    with client(base_url, ledger) as partner:
        all_invoices = invoices(count)
        latest = time.monotonic()
        order = shuffled(all_invoices, chance)
        while left := [invoice for invoice in order if invoice.key not in known.finished]:
            for invoice in left:
                if is_over.is_set():
                    break
                if report(partner, invoice, log):
                    latest = time.monotonic()
            known.read()
            if is_over.wait(_BREAK - time.time() % _BREAK) or time.monotonic() - latest > _PATIENCE:
                break
            order = iter(
                all_invoices
            )  # all come back at the same moment, in one order: they decide about the same one at once
    log.ends()


def main(ledger_url: str, base_url: str, count: str) -> None:
    logging.getLogger("altegio_partner").addHandler(logging.NullHandler())
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them here
    for line in sys.stdin:
        seed, path = line.split()
        process = os.fork()
        if not process:
            work(ledger_url, base_url, int(count), seed, Path(path))
            return
        sys.stdout.write(f"{process}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
