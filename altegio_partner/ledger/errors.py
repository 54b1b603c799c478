"""The errors of a call that uses a ledger."""

from altegio_partner.errors import AltegioError, NotSentError, OutcomeUnknownError


class UndecidedError(OutcomeUnknownError):
    """It is not yet known whether an earlier call with this key succeeded, and nothing was sent now.

    Call again after twice the ledger's `status_delay`. If that does not help, check in Altegio and record what you
    saw, with `mark_recorded` or `mark_not_recorded`.
    """


class LedgerUnavailableError(NotSentError):
    """The ledger could not be read or written, and nothing was sent. Fix it, then call again with the same key."""


class LedgerWriteError(AltegioError):
    """Altegio recorded the call, but the ledger could not be written. Store the id, and call again with the same key.

    The next call looks the payment up in Altegio instead of sending it.

    Attributes:
        payment_id: The payment that Altegio recorded or refunded.
    """

    payment_id: int

    def __init__(self, text: str, payment_id: int) -> None:
        super().__init__(text)
        self.args = (text, payment_id)
        self.payment_id = payment_id
