"""What is sent again, how often, and after which wait."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

import altegio_partner as ap
from tests.callers import CALLS, PAYMENT, Callers
from tests.servers.scripted import ScriptedServer, close, http

PAID = http(200, b'{"success": true, "data": {"id": 5}}')


class Flaky:
    """A transport that fails with each of these, then answers."""

    def __init__(self, *failures: type[httpx.RequestError] | httpx.Response) -> None:
        self.requests: list[bytes] = []
        self._failures: Iterator[type[httpx.RequestError] | httpx.Response] = iter(failures)
        self.transport = httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request.content)
        failure = next(self._failures, httpx.Response(200, json={"success": True, "data": {"id": 5}}))
        if isinstance(failure, httpx.Response):
            return failure
        raise failure("")


@pytest.fixture
def jitter(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, float]]:
    """The bounds that random waits were drawn from; none is waited."""
    bounds: list[tuple[float, float]] = []

    def no_wait(low: float, high: float) -> float:
        bounds.append((low, high))
        return 0.0

    monkeypatch.setattr("random.uniform", no_wait)
    return bounds


def test_what_was_not_sent_is_sent_again(caller: Callers, jitter: list[tuple[float, float]]) -> None:
    flaky = Flaky(httpx.ConnectError, httpx.ConnectTimeout)
    assert caller(transport=flaky.transport)("notify_payment", **PAYMENT) == 5
    assert len(flaky.requests) == 3
    assert len(set(flaky.requests)) == 1
    assert jitter == [(0, 0.5), (0, 1.0)]


def test_a_rate_limit_is_waited_out(caller: Callers, jitter: list[tuple[float, float]]) -> None:
    with ScriptedServer(http(429, b"", "Retry-After: 1"), http(429), PAID) as server:
        started = time.monotonic()
        assert caller(base_url=server.url)("notify_payment", **PAYMENT) == 5
        assert 1.0 <= time.monotonic() - started < 2.0
    assert len(server.requests) == 3
    assert jitter == [(0, 0.5), (0, 1.0)]


def test_a_rate_limit_with_a_date_is_waited_out(caller: Callers, jitter: list[tuple[float, float]]) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    with ScriptedServer(http(429, b"", f"Retry-After: {date}"), PAID) as server:
        started = time.monotonic()
        assert caller(base_url=server.url)("notify_payment", **PAYMENT) == 5
        assert 0.9 <= time.monotonic() - started < 3.0
    assert len(server.requests) == 2
    assert len(jitter) == 1


def test_a_wait_of_more_than_a_minute_is_left_to_the_caller(caller: Callers) -> None:
    with ScriptedServer(http(429, b"", "Retry-After: 61")) as server, pytest.raises(ap.RateLimitError) as caught:
        caller(base_url=server.url)("notify_payment", **PAYMENT)
    assert len(server.requests) == 1
    assert caught.value.retry_after == 61
    assert caught.value.safe_to_resend


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits before further attempts, all as long as chance allows; none is waited."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("time.sleep", waits.append)
    monkeypatch.setattr("anyio.sleep", sleep)
    monkeypatch.setattr("random.uniform", lambda _, high: high)
    return waits


def test_each_wait_is_what_was_asked_for_and_a_random_part(caller: Callers, pauses: list[float]) -> None:
    asked = httpx.Response(429, headers={"Retry-After": "60"})
    flaky = Flaky(asked, httpx.Response(429), httpx.ConnectError)
    assert caller(transport=flaky.transport, max_retries=3)("notify_payment", **PAYMENT) == 5
    assert pauses == [60.5, 1.0, 2.0]


@pytest.mark.parametrize(("max_retries", "attempts"), [(0, 1), (1, 2), (7, 8)])
def test_there_is_an_end_to_it(
    caller: Callers, jitter: list[tuple[float, float]], max_retries: int, attempts: int
) -> None:
    flaky = Flaky(*[httpx.ConnectError] * 20)
    with pytest.raises(ap.NotSentError):
        caller(transport=flaky.transport, max_retries=max_retries)("notify_payment", **PAYMENT)
    assert len(flaky.requests) == attempts
    assert [high for _, high in jitter] == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0][:max_retries]


@pytest.mark.parametrize(
    "answer",
    [close, *(http(status) for status in (400, 401, 403, 404, 408, 409, 422, 500, 502, 503, 504, 520))],
    ids=lambda answer: repr(answer)[:14],
)
def test_nothing_else_is_ever_sent_again(caller: Callers, answer: bytes) -> None:
    for method, arguments in CALLS.items():
        with ScriptedServer(answer, PAID) as server, pytest.raises(ap.AltegioError):
            caller(base_url=server.url, max_retries=5)(method, **arguments)
        assert len(server.requests) == 1


def test_an_attempt_that_may_have_been_recorded_is_the_last(caller: Callers, jitter: list[tuple[float, float]]) -> None:
    flaky = Flaky(httpx.ConnectError, httpx.ReadTimeout)
    with pytest.raises(ap.NoAnswerError):
        caller(transport=flaky.transport, max_retries=5)("notify_payment", **PAYMENT)
    assert len(flaky.requests) == 2
    assert len(jitter) == 1
