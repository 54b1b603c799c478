"""Tells invoices until each is settled, beside others that tell the same ones. It can be killed and started again.

Usage: worker.py LEDGER_URL BASE_URL INVOICES

It waits for orders on its standard input, "SEED JOURNAL", one a line. Each begins a worker, a process of its own: it is
forked, for a start from nothing takes a second of importing. Its id is written to the standard output.
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
from altegio_partner.ledger import Ledger, NotKeptError, UndecidedError
from tests.durability.invoices import Invoice, invoices
from tests.durability.call_log import REJECTED, Journal, Reading
from tests.durability.sandbox_process import client
from tests.durability.parameters import SETTLE_TIME

_BREAK = SETTLE_TIME / 4  # seconds, before it comes back to what is left
_VAIN = SETTLE_TIME * 3  # seconds, after which what is left stays undecided: it is old enough
_NEAR = 10  # so many invoices are shuffled: workers that are about as far tell the same one at once, now and then


def shuffled(all_of_them: Sequence[Invoice], chance: Random) -> Iterator[Invoice]:
    """Bring them into an order of one's own, which does not lead far from that of the others."""
    for first in range(0, len(all_of_them), _NEAR):
        near = list(all_of_them[first : first + _NEAR])
        chance.shuffle(near)
        yield from near


def tell(partner: PartnerClient, invoice: Invoice, journal: Journal) -> bool:
    """Tell it, note what was learned, and say whether anything was learned by that."""
    journal.begins(invoice.key)
    try:
        payment_id = partner.notify_payment(**invoice.arguments)
    except UndecidedError as error:
        journal.ended(invoice.key, type(error).__name__)
        return False
    except (NotSentError, RateLimitError) as error:
        journal.ended(invoice.key, type(error).__name__)
        return False
    except OutcomeUnknownError as error:
        journal.ended(invoice.key, type(error).__name__)
        return True
    except RejectedError:
        journal.ended(invoice.key, REJECTED)
        return True
    except NotKeptError as error:
        journal.ended(invoice.key, type(error).__name__, error.payment_id)
        return True
    journal.ended(invoice.key, "success", payment_id)
    return True


def work(ledger_url: str, base_url: str, count: int, seed: str, path: Path) -> None:
    """Tell them all, and come back to what could not be decided, until that helps no more."""
    is_over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: is_over.set())
    chance = Random(seed)
    memory = Reading(path)
    memory.look()
    journal = Journal(path)
    ledger = Ledger(ledger_url, settle_time=timedelta(seconds=SETTLE_TIME))
    with client(base_url, ledger) as partner:
        told = invoices(count)
        latest = time.monotonic()
        order = shuffled(told, chance)
        while left := [invoice for invoice in order if invoice.key not in memory.settled]:
            for invoice in left:
                if is_over.is_set():
                    break
                if tell(partner, invoice, journal):
                    latest = time.monotonic()
            memory.look()
            if is_over.wait(_BREAK - time.time() % _BREAK) or time.monotonic() - latest > _VAIN:
                break
            order = iter(told)  # all come back at the same moment, in one order: they decide about the same one at once
    journal.ends()


def main(ledger_url: str, base_url: str, count: str) -> None:
    logging.getLogger("altegio_partner").addHandler(logging.NullHandler())
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them here
    for order in sys.stdin:
        seed, path = order.split()
        process = os.fork()
        if not process:
            work(ledger_url, base_url, int(count), seed, Path(path))
            return
        sys.stdout.write(f"{process}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
