"""Calls that keep to what Altegio allows: 5 a second and 200 a minute, for all who share a limit."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import anyio
import httpx
import pyrate_limiter
import pytest

import altegio_partner as ap
from altegio_partner.rate_limit import ALTEGIO_RATES, altegio_rate_limit
from altegio_partner.sandbox import Sandbox
from altegio_partner.sandbox.limits import RateLimits
from tests.callers import CALLS, Callers

BEGIN = datetime(2030, 1, 1)


class OfTheSandbox(pyrate_limiter.InMemoryBucket):
    """Goes by the sandbox's clock."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(ALTEGIO_RATES)
        self._sandbox = sandbox

    def now(self) -> int:
        return int(self._sandbox._exact_time().timestamp() * 1000)  # noqa: SLF001


def test_97_percent_of_the_allowed_rate_and_no_429(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five minutes of the sandbox, whose time goes on when the client waits."""
    sandbox = Sandbox(rate_limits=True, now=BEGIN)
    sandbox.connect(123)
    real = time.sleep

    def sleep(seconds: float) -> None:
        if threading.current_thread() is threading.main_thread():
            sandbox._locations.ahead += timedelta(seconds=seconds)  # noqa: SLF001  whole seconds would be too coarse
        else:
            real(seconds)

    monkeypatch.setattr("time.sleep", sleep)
    limit = pyrate_limiter.Limiter(OfTheSandbox(sandbox))
    options: dict[str, Any] = {"application_id": 123, "transport": sandbox.transport(), "max_retries": 0}
    calls, began = 0, time.monotonic()
    with ap.PartnerClient(sandbox.partner_token, rate_limit=limit, **options) as client:
        while sandbox.now < BEGIN + timedelta(minutes=5):
            client.get_installation(salon_id=123)  # a 429 would be raised
            calls += 1
    spent_on_calls = (time.monotonic() - began) / 300  # of the five minutes, by this machine and not by the limit
    assert 0.97 * (1 - spent_on_calls) * 1000 <= calls <= 1000 + 200  # 200 of them may come at once, at either end


class Recorded:
    """The limit for Altegio, and when it has let a call go: how long that takes to arrive is up to this machine."""

    def __init__(self) -> None:
        self.departures: list[float] = []
        self._limit = altegio_rate_limit()

    def try_acquire(self, name: str, *, blocking: bool) -> object:
        is_granted = self._limit.try_acquire(name, blocking=blocking)
        if is_granted:
            self.departures.append(time.monotonic())
        return is_granted


def refused(arrivals: list[float]) -> int:
    """How many of the calls that arrive at these moments Altegio refuses."""
    limits = RateLimits()
    return sum(limits.wait("127.0.0.1", arrival) > 0 for arrival in sorted(arrivals))


@pytest.mark.parametrize("kind", ["threads", "asyncio", "trio"])
def test_those_who_share_a_limit_are_never_refused(kind: str) -> None:
    sandbox = Sandbox()
    sandbox.connect(123)
    limit = Recorded()
    with sandbox.serve() as url:
        options: dict[str, Any] = {"application_id": 123, "base_url": url, "rate_limit": limit, "max_retries": 0}

        async def in_tasks() -> None:
            async with (
                ap.AsyncPartnerClient(sandbox.partner_token, **options) as one,
                ap.AsyncPartnerClient(sandbox.partner_token, **options) as other,
                anyio.create_task_group() as tasks,
            ):
                for client in (one, other) * 6:
                    tasks.start_soon(partial(client.get_installation, salon_id=123))

        if kind == "threads":
            with (
                ap.PartnerClient(sandbox.partner_token, **options) as one,
                ap.PartnerClient(sandbox.partner_token, **options) as other,
                ThreadPoolExecutor(12) as threads,
            ):
                running = [threads.submit(client.get_installation, salon_id=123) for client in (one, other) * 6]
                assert {call.result().status for call in running} == {"pending"}
        else:
            anyio.run(in_tasks, backend=kind)
    assert limit.departures[-1] - limit.departures[0] > 2  # 5, 5 and 2
    assert (len(limit.departures), refused(limit.departures)) == (12, 0)
    assert [call.response.status for call in sandbox.calls] == [200] * 12


def test_calls_that_wait_for_a_connection_do_not_meet_those_that_find_one() -> None:
    limit = Recorded()
    while len(limit.departures) < 10:
        limit.try_acquire("altegio", blocking=False)
        time.sleep(0.01)
    handshake = 0.3
    first, then = limit.departures[:5], limit.departures[5:]
    assert refused([*(at + handshake for at in first), *then]) == 0
    assert refused([*(at + handshake for at in first), *(at - 0.4 for at in then)]) > 0  # at the documented rate


def test_every_attempt_is_counted(caller: Callers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda *_: 0.0)
    asked: list[str] = []

    class Limit:
        def try_acquire(self, name: str, *, blocking: bool) -> bool:
            assert not blocking
            asked.append(name)
            return len(asked) % 2 == 0  # every other time

    answers = iter([httpx.Response(429), httpx.Response(429), httpx.Response(200)])
    transport = httpx.MockTransport(lambda _: next(answers))
    caller(transport=transport, rate_limit=Limit())("notify_refund", **CALLS["notify_refund"])
    assert asked == ["altegio"] * 6


@pytest.mark.parametrize("wrong", [5, True, "5/s", object()])
def test_what_is_no_limit(caller: Callers, wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"rate_limit must be a Limiter, not .*altegio_partner\.rate_limit"):
        caller(rate_limit=wrong)("notify_refund", **CALLS["notify_refund"])
