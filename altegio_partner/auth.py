"""The partner token, which leaves this module in the Authorization header only."""

import functools
import os
import re

from .bad_argument import bad_argument
from .redaction import hide_locals

_VISIBLE_ASCII = re.compile(r"[!-~]{1,4096}")
_MASK = "********"
_PIECE = 6  # a piece of a secret of this many characters is masked too


class PartnerToken:
    """Signs requests, and masks secrets in text. It never shows the token, and cannot be pickled."""

    __slots__ = ("__token",)

    def __init__(self, token: str | None) -> None:
        token = os.environ.get("ALTEGIO_PARTNER_TOKEN") if token is None else token
        if token is not None and not isinstance(token, str):
            raise ValueError(f"partner_token must be a string, not {type(token).__name__}: {_how(type(token))}.")
        if not token:
            raise ValueError("There is no partner token: pass partner_token, or set ALTEGIO_PARTNER_TOKEN.")
        if token.lower().startswith("bearer"):
            raise bad_argument("partner_token", "the token alone", fix="Leave out the word 'Bearer'.")
        if token.startswith("<") or token.endswith(">"):
            raise bad_argument(
                "partner_token", "your own", fix="This is a placeholder: pass the secret of your partner account."
            )
        if not _VISIBLE_ASCII.fullmatch(token):
            raise bad_argument(
                "partner_token", "1 to 4096 visible ASCII characters, without spaces and line ends", fix="Remove them."
            )
        self.__token = token

    @property
    def header(self) -> tuple[bytes, bytes]:
        """The header that authenticates a request."""
        return b"Authorization", f"Bearer {self.__token}".encode()

    def mask(self, text: str, *others: str) -> str:
        """Mask the token, the given secrets, and pieces of six characters or more of these, ignoring case."""
        with hide_locals():
            return _pattern(self.__token, *others).sub(_MASK, text)

    def __repr__(self) -> str:
        return f"PartnerToken({_MASK!r})"

    def __reduce__(self) -> str:
        raise TypeError("A client holds the partner token and can be neither pickled nor copied: build a new one.")


def _how(kind: type) -> str:
    return "decode it" if kind is bytes else "pass the secret of your partner account"


@functools.lru_cache(maxsize=16)  # an answer can contain thousands of strings
def _pattern(*secrets: str) -> re.Pattern[str]:
    wholes = sorted(secrets, key=len, reverse=True)  # one may be part of another
    pieces = [whole[at : at + _PIECE] for whole in wholes for at in range(len(whole) - _PIECE + 1)]
    return re.compile(f"(?:{'|'.join(map(re.escape, wholes + pieces))})+", re.IGNORECASE)
