"""What can go wrong, sorted by what to do next.

    AltegioError
    ├── NotSentError                it never reached Altegio: send it again
    ├── RejectedError               Altegio said no and recorded nothing: fix it
    │   ├── AuthenticationError         401
    │   ├── PermissionDeniedError       403
    │   │   └── AlreadyInstalledError       403 that says so
    │   ├── NotFoundError               404
    │   ├── InvalidRequestError         400, 422
    │   └── RateLimitError              429: too many requests; send it again, later
    └── OutcomeUnknownError         it may have been recorded: look before sending it again
        ├── NoAnswerError               timeout, dropped connection
        ├── ServerError                 5xx
        └── UnreadableAnswerError       an answer that proves nothing

Bad arguments are none of these: they are a `ValueError`, raised before anything is sent.
"""


class AltegioError(Exception):
    """Altegio did not confirm the call.

    The class says what to do next, and so does `safe_to_resend`. Every error is made of plain values, all of them in
    `args`: it can be logged, pickled and sent to another process, as JSON too, and holds neither the partner token nor
    the request.

    Attributes:
        safe_to_resend: Whether sending the same call again, unchanged, is right: nothing was recorded and nothing is to
            fix. Also where the outcome is unknown and a second call changes nothing more, as with one that only reads.
        status_code: The HTTP status of Altegio's answer; None when there was no answer.
        message: Altegio's own words, `meta.message`, without control characters, cut to 500; None when it gave none.
        errors: Altegio's validation messages, `meta.errors`, as it sent them: their shape is undocumented and varies.
        reason: Why there was no answer, such as "connection refused"; None when there was one, or it is not known.
        retry_after: The seconds that Altegio asks to wait, with a 429; None when it does not say.
    """

    safe_to_resend: bool = False

    def __init__(
        self,
        text: str,
        status_code: int | None = None,
        message: str | None = None,
        errors: object = None,
        reason: str | None = None,
        retry_after: float | None = None,
        safe_to_resend: bool | None = None,
    ) -> None:
        super().__init__(text, status_code, message, errors, reason, retry_after, safe_to_resend)
        self.status_code = status_code
        self.message = message
        self.errors = errors
        self.reason = reason
        self.retry_after = retry_after
        if safe_to_resend is not None:
            self.safe_to_resend = safe_to_resend

    def __str__(self) -> str:
        return str(self.args[0])


class NotSentError(AltegioError):
    """The call never reached Altegio, and nothing was recorded. Send it again."""

    safe_to_resend = True


class RejectedError(AltegioError):
    """Altegio said no, and nothing was recorded. Fix what `message` and `errors` name, then send it again."""


class AuthenticationError(RejectedError):
    """Altegio does not know the partner token (401)."""


class PermissionDeniedError(RejectedError):
    """Altegio knows the partner token, and does not let it do this (403)."""


class AlreadyInstalledError(PermissionDeniedError):
    """The application is already active at the location (403 that says so). Nothing is left to register."""


class NotFoundError(RejectedError):
    """Altegio does not know what the call is about (404)."""


class InvalidRequestError(RejectedError):
    """Altegio finds a field missing or wrong (400, 422)."""


class RateLimitError(RejectedError):
    """Too many requests from this IP address (429): 5 a second and 200 a minute are allowed. Send it again, later."""

    safe_to_resend = True


class OutcomeUnknownError(AltegioError):
    """Altegio may have recorded the call, or not. Look at the location's payments before sending it again.

    Altegio lists them, with their ids, at GET /marketplace/salon/{salon_id}/application/{application_id}.
    """


class NoAnswerError(OutcomeUnknownError):
    """The call went out, and no answer came back: a timeout, a dropped connection."""


class ServerError(OutcomeUnknownError):
    """Altegio failed while it worked on the call (5xx)."""


class UnreadableAnswerError(OutcomeUnknownError):
    """The answer proves nothing: HTML, no id where one is expected, cut short, too large, an unexpected redirect."""
