"""The partner token and the user token. Only the Authorization header gets them out of this module."""

import functools
import os
import re

from .bad_argument import bad_argument
from .redaction import hide_locals

_VISIBLE_ASCII = re.compile(r"[!-~]{1,4096}")
_MASK = "********"
_NO_USER = "There is no user token: pass user_token, set ALTEGIO_USER_TOKEN, or call with_user_token. Nothing was sent."
_PIECE = 6  # a piece of a secret of this many characters is masked too


class Credentials:
    """Signs requests, and masks secrets in text. It never shows the tokens, and cannot be pickled."""

    __slots__ = ("__partner", "__user")

    def __init__(self, partner_token: str | None, user_token: str | None = None) -> None:
        user_token = user_token or os.environ.get("ALTEGIO_USER_TOKEN") or None  # few calls need one
        self.__partner = checked_token("partner_token", partner_token)
        self.__user = user_token and checked_token("user_token", user_token)

    def with_user(self, user_token: str) -> "Credentials":
        """Return credentials with the same partner token and this user token."""
        return Credentials(self.__partner, checked_token("user_token", user_token))

    def header(self, *, needs_user: bool) -> tuple[bytes, bytes]:
        """Return the header that authenticates a request, or raise ValueError if it needs a user and there is none."""
        if needs_user and not self.__user:
            raise ValueError(_NO_USER)
        user = f", User {self.__user}" if needs_user else ""
        return b"Authorization", f"Bearer {self.__partner}{user}".encode()

    def mask(self, text: str, *others: str) -> str:
        """Return the text with the tokens, these secrets and pieces of six or more characters masked, ignoring case."""
        with hide_locals():
            return _pattern(self.__partner, *filter(None, [self.__user]), *others).sub(_MASK, text)

    def mask_tokens(self, url: str) -> str:
        """Return the URL with whole tokens masked. Pieces are kept, because they may be in it by chance."""
        return url.replace(self.__partner, _MASK).replace(self.__user or self.__partner, _MASK)

    def __repr__(self) -> str:
        return f"Credentials({_MASK!r})"

    def __reduce__(self) -> str:
        raise TypeError("A client holds the partner token and can be neither pickled nor copied: build a new one.")


def checked_token(name: str, token: str | None) -> str:
    """Return the token, from the argument or the environment, or raise ValueError."""
    variable, words = f"ALTEGIO_{name.upper()}", name.replace("_", " ")
    secret = f"pass the secret of your {words.removesuffix(' token')} account"
    token = os.environ.get(variable) if token is None else token
    how = "decode it" if isinstance(token, bytes) else secret
    if token is not None and not isinstance(token, str):
        raise ValueError(f"{name} must be a string, not {type(token).__name__}: {how}.")
    if not token:
        raise ValueError(f"There is no {words}: pass {name}, or set {variable}.")
    if token.lower().startswith("bearer"):
        raise bad_argument(name, "the token alone", fix="Leave out the word 'Bearer'.")
    if token.startswith("<") or token.endswith(">"):
        raise bad_argument(name, "your own", fix=f"This is a placeholder: {secret}.")
    if not _VISIBLE_ASCII.fullmatch(token):
        raise bad_argument(name, "1 to 4096 visible ASCII characters, without spaces and line ends", fix="Remove them.")
    return token


@functools.lru_cache(maxsize=16)  # an answer can contain thousands of strings
def _pattern(*secrets: str) -> re.Pattern[str]:
    wholes = sorted(secrets, key=len, reverse=True)  # one may be part of another
    pieces = [whole[at : at + _PIECE] for whole in wholes for at in range(len(whole) - _PIECE + 1)]
    return re.compile(f"(?:{'|'.join(map(re.escape, wholes + pieces))})+", re.IGNORECASE)
