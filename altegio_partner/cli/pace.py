"""The rate that Altegio allows, waited for before a payment is claimed in the ledger."""

import time

from altegio_partner.rate_limit import altegio_rate_limit

from .interrupts import Interrupts

_PAUSE = 0.05  # seconds between the questions whether another call is allowed


class Pace:
    """A rate limit for a client, of which one call can be taken in advance.

    A claim that waits for its turn would be open for as long, and after a kill nobody would know whether it was sent.
    """

    def __init__(self) -> None:
        self._limit = altegio_rate_limit()
        self._is_taken = False

    def take(self, interrupts: Interrupts) -> None:
        """Wait until the next call may be sent at once, or until somebody wants to stop."""
        while not self._is_taken and not interrupts.are_there:
            self._is_taken = self._limit.try_acquire("altegio", blocking=False) is True
            if not self._is_taken:
                time.sleep(_PAUSE)

    def try_acquire(self, name: str, *, blocking: bool) -> object:
        """Say whether a call may be sent now: the one that was taken, or another."""
        if self._is_taken:
            self._is_taken = False
            return True
        return self._limit.try_acquire(name, blocking=blocking)
