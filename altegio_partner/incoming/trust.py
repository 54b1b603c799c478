"""Verify that a request is from Altegio, by the partner token, which only you and Altegio know."""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from typing import Literal

from altegio_partner.auth import checked_token
from altegio_partner.bad_argument import bad_argument

Reason = Literal["too_large", "not_understood", "unsigned", "wrong_signature", "wrong_token", "wrong_secret"]
_MAX_BODY = 64 * 1024  # bytes: what Altegio sends has a few hundred
_ADVICE: dict[Reason, str] = {
    "too_large": "it is larger than anything Altegio sends: answer 413",
    "not_understood": "it is not what Altegio sends: answer 400",
    "unsigned": "the signature is missing: answer 403",
    "wrong_signature": "it was not signed with your partner token, or was changed on the way: answer 403",
    "wrong_token": "it does not contain your partner token: answer 403",
    "wrong_secret": "it was not sent to the URL with your secret: answer 404",
}


class UntrustedRequestError(Exception):
    """A request is not from Altegio, or cannot be parsed. Respond as the message says, and ignore the request.

    The error quotes nothing from the request, and can be logged.

    Attributes:
        reason: "too_large", "not_understood", "unsigned", "wrong_signature", "wrong_token" or "wrong_secret".
        field: The invalid part of the request, by Altegio's name; None if it is the whole.
    """

    reason: Reason
    field: str | None

    def __init__(self, reason: Reason, field: str | None = None) -> None:
        super().__init__(reason, field)
        self.reason = reason
        self.field = field

    def __str__(self) -> str:
        part = f", {self.field}" if self.field else ""
        hint = " If it is a whole URL, pass only its query, which follows the '?'." if self.field == "query" else ""
        return f"Untrusted request ({self.reason}{part}): {_ADVICE[self.reason]}, and do nothing else.{hint}"


def check_size(length: int, maximum: int = _MAX_BODY) -> None:
    """Raise UntrustedRequestError if the request is too large."""
    if length > maximum:
        raise UntrustedRequestError("too_large")


def validated_tokens(partner_token: str | Sequence[str]) -> list[str]:
    """Return the tokens as a list, or raise ValueError."""
    tokens = [partner_token] if isinstance(partner_token, str) else partner_token
    if not isinstance(tokens, (list, tuple)) or not tokens or None in tokens:  # None would be read from the environment
        raise bad_argument("partner_token", "the token, or a list of tokens during a rotation")
    for token in tokens:
        checked_token("partner_token", token)  # raises ValueError if it is invalid
    return list(tokens)


def signature(message: bytes, token: str) -> bytes:
    """Return the HMAC-SHA256 of a message, as Altegio signs it."""
    return hmac.digest(token.encode(), message, "sha256")


def check_signature(sign: object, messages: Iterable[bytes], tokens: Sequence[str], field: str) -> None:
    """Raise UntrustedRequestError unless this is the signature of one of the messages with one of the tokens.

    All are compared, each in constant time, so that the duration reveals nothing.
    """
    given = _digest(sign)
    if given is None:
        raise UntrustedRequestError("wrong_signature", field)
    if not _any(hmac.compare_digest(given, signature(message, token)) for message in messages for token in tokens):
        raise UntrustedRequestError("wrong_signature", field)


def check_secret(given: object, secrets: Sequence[str], reason: Reason, field: str) -> None:
    """Raise UntrustedRequestError unless this is one of the secrets. The digests, of equal length, are compared."""
    if not isinstance(given, str) or not _is_one_of(given, secrets):
        raise UntrustedRequestError(reason, field)


def _is_one_of(given: str, secrets: Sequence[str]) -> bool:
    digest = _hashed(given)
    return _any(hmac.compare_digest(digest, _hashed(secret)) for secret in secrets)


def _any(matches: Iterable[bool]) -> bool:
    found = False
    for match in matches:  # all of them, unlike the built-in any()
        found |= match
    return found


def _hashed(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _digest(sign: object) -> bytes | None:
    """Return the 32 bytes of 64 hexadecimal digits, or None."""
    if not isinstance(sign, str) or len(sign) != 64 or not sign.isascii() or not sign.isalnum():
        return None
    try:
        return bytes.fromhex(sign)
    except ValueError:
        return None
