"""What can go wrong, sorted by what to do next.

    AltegioError
    ├── NotSentError                it never reached Altegio: send it again
    ├── RejectedError               Altegio said no and recorded nothing: mend it
    │   ├── AuthenticationError         401
    │   ├── PermissionDeniedError       403
    │   │   └── AlreadyInstalledError       403 that says so
    │   ├── NotFoundError               404
    │   ├── InvalidRequestError         400, 422
    │   └── RateLimitError              429: send it again, later
    └── OutcomeUnknownError         it may have been recorded: look before sending it again
        ├── NoAnswerError               timeout, dropped connection
        ├── ServerError                 5xx
        └── UnreadableAnswerError       an answer that proves nothing

Bad arguments are none of these: they are a `ValueError`, raised before anything is sent.
"""


class AltegioError(Exception):
    """Altegio did not confirm the call.

    The class says what to do next, and so does `safe_to_resend`. Every error is made of plain values: it can be
    logged, pickled and handed to another process, and holds neither the partner token nor the request.

    Attributes:
        safe_to_resend: Whether sending the same call again, unchanged, is right: nothing was recorded or is to mend.
            Always so where the call only reads and Altegio has not refused it.
        status_code: The HTTP status of Altegio's answer; None when there was no answer.
        message: Altegio's own words, `meta.message`, without control characters, cut to 500; None when it gave none.
        errors: Altegio's validation messages, `meta.errors`, as it sent them: their shape is undocumented and varies.
    """

    safe_to_resend: bool = False
    status_code: int | None
    message: str | None
    errors: object

    def __init__(
        self, text: str, *, status_code: int | None = None, message: str | None = None, errors: object = None
    ) -> None:
        super().__init__(text)
        self.status_code = status_code
        self.message = message
        self.errors = errors


class NotSentError(AltegioError):
    """The call never reached Altegio, and nothing was recorded. Send it again."""

    safe_to_resend = True

    reason: str | None = None
    """Why, such as "connection refused (ECONNREFUSED) while connecting to 127.0.0.1:8000". It holds no secret."""


class RejectedError(AltegioError):
    """Altegio said no, and nothing was recorded. Mend what `message` and `errors` name, then send it again."""


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
    """Too many calls from this IP address (429): 5 a second and 200 a minute are allowed. Send it again, later."""

    safe_to_resend = True

    retry_after: float | None = None
    """The seconds that Altegio asks to wait, or None when it does not say."""


class OutcomeUnknownError(AltegioError):
    """Altegio may have recorded the call, or not. Look at the location's payments before sending it again.

    Altegio lists them, with their ids, at GET /marketplace/salon/{salon_id}/application/{application_id}.
    """


class NoAnswerError(OutcomeUnknownError):
    """The call went out, and no answer came back: a timeout, a dropped connection."""

    reason: str | None = None
    """Why, such as "timed out while waiting for the answer of app.alteg.io:443". It holds no secret."""


class ServerError(OutcomeUnknownError):
    """Altegio failed while it worked on the call (5xx)."""


class UnreadableAnswerError(OutcomeUnknownError):
    """The answer proves nothing: HTML, no id where one is expected, cut short, too large, an unexpected redirect."""
