"""How a command ended, as a word and as the exit code of its process."""

from enum import IntEnum

from altegio_partner.errors import AltegioError, NotSentError, RateLimitError, RejectedError


class Outcome(IntEnum):
    """The exit codes."""

    DONE = 0
    WRONG_USE = 2
    REFUSED = 3
    NOT_SENT = 4
    UNKNOWN = 5

    @property
    def word(self) -> str:
        """The outcome in words: "not sent"."""
        return self.name.lower().replace("_", " ")

    @classmethod
    def of(cls, error: BaseException) -> "Outcome":
        """What an error means."""
        match error:
            case NotSentError() | RateLimitError():
                return cls.NOT_SENT
            case RejectedError():
                return cls.REFUSED
            case AltegioError() | KeyboardInterrupt():  # who is interrupted may not have heard that it was recorded
                return cls.UNKNOWN
            case _:
                return cls.WRONG_USE
