"""Reports invoices until each is finished, alongside other workers. It can be killed and restarted.

Usage: worker.py LEDGER_URL BASE_URL INVOICES CLOCK

CLOCK is the file of the wall clock. It reads "SEED LOG" lines from its standard input and forks a worker for each,
because a fresh start takes a second of imports. The id of each process is written to the standard output.
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
from tests.durability.wall_clock import WallClock

_BREAK = STATUS_DELAY / 4  # seconds between two rounds over what is left
_PATIENCE = STATUS_DELAY * 3  # seconds without progress, after which what is left stays undecided
_WINDOW = 10  # invoices shuffled at a time: workers at about the same place sometimes report the same one at once


def shuffled(all_invoices: Sequence[Invoice], random: Random) -> Iterator[Invoice]:
    """Return the invoices in an order close to that of the other workers."""
    for first in range(0, len(all_invoices), _WINDOW):
        window = list(all_invoices[first : first + _WINDOW])
        random.shuffle(window)
        yield from window


def report(partner: PartnerClient, invoice: Invoice, log: CallLog) -> bool:
    """Report the invoice, log the outcome, and return whether there was progress."""
    log.write_begin(invoice.key)
    try:
        payment_id = partner.notify_payment(**invoice.arguments)
    except UndecidedError as error:
        log.write_end(invoice.key, type(error).__name__)
        return False
    except (NotSentError, RateLimitError) as error:
        log.write_end(invoice.key, type(error).__name__)
        return False
    except OutcomeUnknownError as error:
        log.write_end(invoice.key, type(error).__name__)
        return True
    except RejectedError:
        log.write_end(invoice.key, REJECTED)
        return True
    except LedgerWriteError as error:
        log.write_end(invoice.key, type(error).__name__, error.payment_id)
        return True
    log.write_end(invoice.key, "success", payment_id)
    return True


def work(ledger_url: str, base_url: str, count: int, seed: str, path: Path) -> None:
    """Report all invoices, and repeat what is undecided until there is no more progress."""
    must_stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: must_stop.set())
    random = Random(seed)
    reader = CallLogReader(path)
    reader.read()
    log = CallLog(path)
    ledger = Ledger(ledger_url, status_delay=timedelta(seconds=STATUS_DELAY))
    with client(base_url, ledger) as partner:
        all_invoices = invoices(count)
        latest = time.monotonic()
        order = shuffled(all_invoices, random)
        while left := [invoice for invoice in order if invoice.key not in reader.finished]:
            for invoice in left:
                if must_stop.is_set():
                    break
                if report(partner, invoice, log):
                    latest = time.monotonic()
            reader.read()
            if must_stop.wait(_BREAK - time.time() % _BREAK) or time.monotonic() - latest > _PATIENCE:
                break
            order = iter(all_invoices)  # all workers continue at the same time, in one order: they compete
    log.write_exit()


def main(ledger_url: str, base_url: str, count: str, clock: str) -> None:
    logging.getLogger("altegio_partner").addHandler(logging.NullHandler())
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # their exit is not waited for here
    for line in sys.stdin:
        seed, path = line.split()
        process = os.fork()
        if not process:
            with WallClock(Path(clock)).in_use():
                work(ledger_url, base_url, int(count), seed, Path(path))
            return
        sys.stdout.write(f"{process}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
