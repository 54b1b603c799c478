"""Payments that take effect once, however often they are told: by other workers, after a crash, after a lost answer."""

from .errors import LedgerUnavailableError, NotKeptError, UndecidedError
from .ledger import Ledger, Told, Unsettled

__all__ = ["Ledger", "LedgerUnavailableError", "NotKeptError", "Told", "UndecidedError", "Unsettled"]
