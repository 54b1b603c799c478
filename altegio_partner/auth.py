"""Who we are: the partner token and a user token, which leave this file in the Authorization header only."""

import functools
import os
import re

from .redaction import hide_locals

_VISIBLE_ASCII = re.compile(r"[!-~]{1,4096}")
_MASK = "********"
_NO_USER = "There is no user token: pass user_token, set ALTEGIO_USER_TOKEN, or call with_user_token. Nothing was sent."
_PIECE = 6  # characters of a secret that are too many to show


class Credentials:
    """Signs requests, and takes secrets out of text. It shows the tokens to nobody, and is not to be pickled."""

    __slots__ = ("__partner", "__user")

    def __init__(self, partner_token: str | None, user_token: str | None = None) -> None:
        user_token = user_token or os.environ.get("ALTEGIO_USER_TOKEN") or None  # few calls need one
        self.__partner = checked_token("partner_token", partner_token)
        self.__user = user_token and checked_token("user_token", user_token)

    def with_user(self, user_token: str) -> "Credentials":
        """Return the same partner with another user."""
        return Credentials(self.__partner, checked_token("user_token", user_token))

    def header(self, *, needs_user: bool) -> tuple[bytes, bytes]:
        """Return what signs a request, or raise ValueError where there is no user that it needs."""
        if needs_user and not self.__user:
            raise ValueError(_NO_USER)
        user = f", User {self.__user}" if needs_user else ""
        return b"Authorization", f"Bearer {self.__partner}{user}".encode()

    def mask(self, text: str, *others: str) -> str:
        """Return the text without the tokens, the other secrets given and longer pieces of them, in whichever case."""
        with hide_locals():
            return _pattern(self.__partner, *filter(None, [self.__user]), *others).sub(_MASK, text)

    def __repr__(self) -> str:
        return f"Credentials({_MASK!r})"

    def __reduce__(self) -> str:
        raise TypeError("A client holds the partner token and can be neither pickled nor copied: build a new one.")


def checked_token(name: str, token: str | None) -> str:
    """Return the token given, or that of the environment, or raise ValueError."""
    variable, words = f"ALTEGIO_{name.upper()}", name.replace("_", " ")
    token = os.environ.get(variable) if token is None else token
    if token is not None and not isinstance(token, str):
        raise ValueError(f"{name} must be a string, not {type(token).__name__}: decode it.")
    if not token:
        raise ValueError(f"There is no {words}: pass {name}, or set {variable}.")
    if token.lower().startswith("bearer"):
        raise ValueError(f"{name} must be the token alone: leave out the word 'Bearer'.")
    if token.startswith("<") or token.endswith(">"):
        raise ValueError(f"{name} must be your own: this is a placeholder out of some documentation.")
    if not _VISIBLE_ASCII.fullmatch(token):
        raise ValueError(
            f"{name} must be 1 to 4096 visible ASCII characters, without spaces and line ends: strip() it, "
            "if it was read from a file."
        )
    return token


@functools.lru_cache(maxsize=16)  # an answer can have thousands of texts
def _pattern(*secrets: str) -> re.Pattern[str]:
    wholes = sorted(secrets, key=len, reverse=True)  # one may be a part of another
    pieces = [whole[at : at + _PIECE] for whole in wholes for at in range(len(whole) - _PIECE + 1)]
    return re.compile(f"(?:{'|'.join(map(re.escape, wholes + pieces))})+", re.IGNORECASE)
