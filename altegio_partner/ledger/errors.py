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
    """Altegio recorded the call, but the ledger could not store that, or contradicts it. Store the id.

    Attributes:
        payment_id: The payment that Altegio recorded or refunded.
        safe_to_call_again: What to do next. True: the ledger could not be written; call again with the same key, and
            the payment is looked up instead of sent. False: the ledger contradicts Altegio; do not call again, because
            a person must check in Altegio whether the payment was recorded twice.
    """

    payment_id: int
    safe_to_call_again: bool

    def __init__(self, text: str, payment_id: int, safe_to_call_again: bool) -> None:
        super().__init__(text)
        self.args = (text, payment_id, safe_to_call_again)
        self.payment_id = payment_id
        self.safe_to_call_again = safe_to_call_again
