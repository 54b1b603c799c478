"""What the tests of the ledger share: the payment, its keys, and a clock that is moved by hand."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from altegio_partner import clock
from altegio_partner.sandbox import Sandbox

KEY = "invoice-2026-0042"
STATUS_DELAY = timedelta(seconds=4)
HERE = ("https://app.alteg.io", 123)
"""The origin and the application of most tests."""
LATER = {"period_to": datetime(2022, 3, 1), "payment_date": datetime(2022, 1, 5)}
"""Makes another payment of the same amount."""

Pay = Callable[..., Any]


class Altegio:
    """Records each payment under the next id, after running a function; or answers with another status."""

    def __init__(self, before: Callable[[], object] = lambda: None, *, status: int = 200) -> None:
        self.before = before
        self.next_id = 5
        self.requests = 0
        self.transport = httpx.MockTransport(self._answer)
        self._status = status

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        if request.method == "GET":
            return httpx.Response(200, json={"data": {"payments": []}})
        self.before()
        self.next_id += 1
        return httpx.Response(self._status, json={"success": self._status == 200, "data": {"id": self.next_id - 1}})


class Clock:
    """The time of this machine, which a test moves by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._now, self._elapsed = time.time(), clock.elapsed()
        monkeypatch.setattr(time, "time", lambda: self._now)
        monkeypatch.setattr(clock, "elapsed", lambda: self._elapsed)

    def advance(self, time: timedelta) -> None:
        self._now += time.total_seconds()
        self._elapsed += time.total_seconds()

    def set(self, by: timedelta) -> None:
        """Set the wall clock, as a person or NTP might, while no time passes."""
        self._now += by.total_seconds()


def paths(sandbox: Sandbox) -> list[str]:
    return [f"{one.request.method} {one.request.path}" for one in sandbox.calls[1:]]


def posts(sandbox: Sandbox) -> int:
    return sum(path == "POST /marketplace/partner/payment" for path in paths(sandbox))
