"""What can go wrong around a call that is to take effect once."""

from altegio_partner.errors import AltegioError, NotSentError, OutcomeUnknownError


class UndecidedError(OutcomeUnknownError):
    """Whether an earlier call of this key took effect cannot be told yet, and nothing was sent now.

    Call again after the ledger's settle time. Where that does not help, somebody must look it up in Altegio, and tell
    the ledger: `mark_recorded` or `mark_not_recorded`.
    """


class LedgerUnavailableError(NotSentError):
    """The ledger could not be read or written, and nothing was sent. Fix it, then call again with the same key."""


class NotKeptError(AltegioError):
    """Altegio recorded the call, and the ledger could not keep that. Nothing is lost: call again with the same key.

    It is then looked up in Altegio instead of being sent. Keep the id all the same.

    Attributes:
        payment_id: The payment that Altegio recorded or refunded.
    """

    payment_id: int

    def __init__(self, text: str, payment_id: int) -> None:
        super().__init__(text)
        self.args = (text, payment_id)
        self.payment_id = payment_id
