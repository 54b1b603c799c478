"""Payments that take effect once, however often they are told: by other workers, after a crash, after a lost answer."""

from altegio_partner.extras import extra

with extra("ledger"):
    from .errors import LedgerUnavailableError, NotKeptError, UndecidedError
    from .ledger import Ledger, Told, Unsettled

__all__ = ["Ledger", "LedgerUnavailableError", "NotKeptError", "Told", "UndecidedError", "Unsettled"]
