"""Lifecycle callbacks on their way to the partner, and what the partner answers."""

from collections.abc import Mapping
from datetime import datetime

import httpx
from attrs import field, frozen

from .locations import Event

_TIMEOUT = 5.0  # seconds
_LONGEST_ANSWER = 2000  # characters that are kept


@frozen
class Delivery:
    """One callback that was sent, its token masked, and the partner's answer."""

    number: int
    sent_at: datetime
    content: Mapping[str, object]
    status: int | None
    """The partner's HTTP status; None when there was no answer."""
    answer: str
    """The partner's words, or why there are none."""
    event: Event = field(repr=False)


def post(url: str, content: Mapping[str, object], transport: httpx.BaseTransport | None) -> tuple[int | None, str]:
    """Send a callback, and return the status and the words of the answer."""
    try:
        with httpx.Client(transport=transport, trust_env=False, timeout=_TIMEOUT) as http:
            answer = http.post(url, json=content, headers={"User-Agent": "altegio-sandbox"})
    except httpx.HTTPError as error:
        return None, f"No answer: {error or type(error).__name__}"
    return answer.status_code, answer.text[:_LONGEST_ANSWER]
