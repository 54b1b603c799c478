"""Idempotency for payments and refunds: each is reported once, across retries, workers and crashes."""

from altegio_partner.extras import extra

with extra("ledger"):
    from .entry import LedgerEntry
    from .errors import LedgerUnavailableError, LedgerWriteError, UndecidedError
    from .ledger import Ledger
    from .store import metadata

__all__ = ["Ledger", "LedgerEntry", "LedgerUnavailableError", "LedgerWriteError", "UndecidedError", "metadata"]
