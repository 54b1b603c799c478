"""The exceptions, sorted by what to do next.

    AltegioError
    ├── NotSentError                Altegio was not reached: send it again
    ├── RejectedError               Altegio rejected it, nothing was recorded: fix it
    │   ├── AuthenticationError         401
    │   ├── PermissionDeniedError       403
    │   │   └── AlreadyInstalledError       403 that says so
    │   ├── NotFoundError               404
    │   ├── InvalidRequestError         400, 422
    │   └── RateLimitError              429: too many requests; send it again, later
    ├── ConflictError               what it would change is not as it has to be: read it, and decide
    └── OutcomeUnknownError         it may have been recorded: look before sending it again
        ├── NoAnswerError               timeout, dropped connection
        ├── ServerError                 5xx
        └── UnreadableAnswerError       a response that proves nothing

Invalid arguments are none of these: they raise `ValueError`, before anything is sent.
"""


class AltegioError(Exception):
    """Altegio did not confirm the call.

    The class says what to do next, and so does `safe_to_resend`. Every error consists of plain values, all of them in
    `args`: it can be logged, pickled and sent to another process, also as JSON, and contains neither the partner token
    nor the request.

    Attributes:
        safe_to_resend: Whether the same call can be sent again, unchanged: nothing was recorded, and nothing needs to
            be fixed. Also if the outcome is unknown and the call is idempotent, such as one that only reads.
        status_code: The HTTP status of Altegio's response; None if there was no response.
        message: Altegio's message, `meta.message`, without control characters, cut to 500; None if there was none.
        errors: Altegio's validation messages, `meta.errors`, as it sent them: their shape is undocumented and varies.
        reason: Why there was no response, such as "connection refused"; None if there was one, or it is not known.
        retry_after: The seconds to wait after a 429, from its Retry-After; None if it has none.
    """

    safe_to_resend: bool = False
    status_code: int | None
    message: str | None
    errors: object
    reason: str | None
    retry_after: float | None

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
    """Altegio rejected the call; nothing was recorded. Fix the problem described in `message` and `errors`."""


class AuthenticationError(RejectedError):
    """Altegio does not accept the partner token (401)."""


class PermissionDeniedError(RejectedError):
    """Altegio accepts the partner token, but not for this application or location (403)."""


class AlreadyInstalledError(PermissionDeniedError):
    """The application is already installed at the location (403 that says so). Nothing is left to do."""


class NotFoundError(RejectedError):
    """Altegio does not know this location, application or payment (404)."""


class InvalidRequestError(RejectedError):
    """A field is missing or invalid (400, 422)."""


class RateLimitError(RejectedError):
    """Too many requests from this IP address (429): 5 a second and 200 a minute are allowed. Send it again, later."""

    safe_to_resend = True


class ConflictError(AltegioError):
    """The settings that a call would change are not in the required state. Read them, decide, then call again."""


class OutcomeUnknownError(AltegioError):
    """Altegio may have recorded the call, or not. Look at the location's payments before sending it again.

    Altegio lists them, with their ids, at GET /marketplace/salon/{salon_id}/application/{application_id}.
    """


class NoAnswerError(OutcomeUnknownError):
    """The call was sent, and there was no response: a timeout, a dropped connection."""


class ServerError(OutcomeUnknownError):
    """Altegio failed while it processed the call (5xx)."""


class UnreadableAnswerError(OutcomeUnknownError):
    """The response proves nothing: HTML, no id where one is expected, cut off, too large, an unexpected redirect."""
