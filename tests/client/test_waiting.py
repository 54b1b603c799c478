"""Waiting has an end, and takes no threads of the application."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import httpx
import pytest

import altegio_partner as ap
from altegio_partner.ledger import Ledger, LedgerWriteError
from altegio_partner.sandbox import Sandbox
from tests.callers import CALLS, PAYMENT, TOKEN, Callers

PAID = httpx.MockTransport(lambda _: httpx.Response(200, json={"success": True, "data": {"id": 5}}))


class Never:
    """A rate limit that lets nothing through."""

    asked = 0

    def try_acquire(self, name: str, *, blocking: bool) -> bool:
        assert (name, blocking) == ("altegio", False)
        self.asked += 1
        return False


def test_a_rate_limit_that_never_says_yes(caller: Callers) -> None:
    limit, began = Never(), time.monotonic()
    with pytest.raises(ap.NotSentError) as caught:
        caller(transport=PAID, rate_limit=limit, timeout=0.4)("notify_refund", **CALLS["notify_refund"])
    assert 0.4 <= time.monotonic() - began < 2
    assert limit.asked >= 3
    assert caught.value.safe_to_resend
    assert str(caught.value) == (
        "The rate limit did not allow POST /marketplace/partner/payment/refund/123 within 0.4 s. "
        "Nothing was sent: call again later."
    )


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_rate_limit_that_does_not_answer(backend: str) -> None:
    """A thread cannot be stopped, so only the awaited client can stop waiting for it."""
    release = threading.Event()

    class Silent:
        def try_acquire(self, name: str, *, blocking: bool) -> bool:
            return release.wait(10) and blocking and bool(name)

    async def main() -> None:
        client = ap.AsyncPartnerClient(TOKEN, application_id=1, transport=PAID, rate_limit=Silent(), timeout=0.3)
        with anyio.fail_after(5), pytest.raises(ap.NotSentError, match="did not allow"):
            await client.notify_refund(1)
        release.set()
        await client.aclose()

    anyio.run(main, backend=backend)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_thousand_tasks_need_no_thread_of_the_application(backend: str, tmp_path: Path) -> None:
    """All that anyio gives to the application are taken, by work that waits for our call."""
    sandbox = Sandbox(now=datetime(2022, 1, 1))
    sandbox.connect(123)
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")

    class Always:
        def try_acquire(self, name: str, *, blocking: bool) -> bool:
            return bool(name) and not blocking

    async def main() -> list[int]:
        ids: list[int] = []
        release = threading.Event()
        options: dict[str, Any] = {"application_id": sandbox.application_id, "transport": sandbox.transport()}
        async with (
            ap.AsyncPartnerClient(sandbox.partner_token, ledger=ledger, rate_limit=Always(), **options) as client,
            anyio.create_task_group() as tasks,
        ):
            await client.complete_registration(salon_id=123)
            limiter = anyio.to_thread.current_default_thread_limiter()
            for _ in range(int(limiter.total_tokens)):
                tasks.start_soon(anyio.to_thread.run_sync, release.wait, 20)
            await anyio.wait_all_tasks_blocked()

            async def pay(number: int) -> None:
                ids.append(await client.notify_payment(**PAYMENT, idempotency_key=f"invoice-{number % 50}"))

            try:
                with anyio.fail_after(60):
                    for tries in (50, 1_000):  # new ones, then one each for 1,000 tasks
                        async with anyio.create_task_group() as payers:
                            for number in range(tries):
                                payers.start_soon(pay, number)
            finally:
                release.set()
        return ids

    ids = anyio.run(main, backend=backend)
    assert (len(ids), set(ids)) == (1_050, set(range(123, 173)))
    ledger.close()


# A known outcome is not lost.


class Stop(BaseException):
    """A signal, or what else ends a program."""


@pytest.fixture
def sandbox() -> Sandbox:
    sandbox = Sandbox(now=datetime(2022, 1, 1))
    sandbox.connect(123)
    with ap.PartnerClient(
        sandbox.partner_token, application_id=sandbox.application_id, transport=sandbox.transport()
    ) as client:
        client.complete_registration(salon_id=123)
    return sandbox


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_thread_that_cannot_be_started_after_the_answer(
    sandbox: Sandbox, backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = anyio.to_thread.run_sync, 0

    async def run_sync(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise RuntimeError("can't start new thread")
        return await real(*args, **kwargs)

    monkeypatch.setattr("anyio.to_thread.run_sync", run_sync)
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")

    async def main() -> None:
        options: dict[str, Any] = {"application_id": sandbox.application_id, "transport": sandbox.transport()}
        async with ap.AsyncPartnerClient(sandbox.partner_token, ledger=ledger, **options) as client:
            await client.notify_payment(**PAYMENT, idempotency_key="k")

    with pytest.raises(
        LedgerWriteError, match=r"the payment is 123\. The ledger could not be used \(RuntimeError\)"
    ) as caught:
        anyio.run(main, backend=backend)
    assert caught.value.payment_id == 123
    assert len(sandbox.payments(123)) == 1
    ledger.close()


def test_a_thread_that_cannot_be_started_after_a_refusal(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller gets the rejection, with a note that the claim stays pending."""
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    options: dict[str, Any] = {"application_id": sandbox.application_id, "ledger": ledger}
    transport = httpx.MockTransport(lambda _: httpx.Response(422))

    def fail(*_: object) -> bool:
        raise RuntimeError("a bug")

    monkeypatch.setattr(ledger._store, "release", fail)  # noqa: SLF001
    client = ap.PartnerClient(sandbox.partner_token, transport=transport, **options)
    with client, pytest.raises(ap.InvalidRequestError) as caught:
        client.notify_payment(**PAYMENT, idempotency_key="k")
    assert caught.value.__notes__ == [
        "The ledger could not be used (RuntimeError). The claim of 'k' may stay pending: the next call with this key "
        "looks in Altegio first."
    ]
    ledger.close()


def test_a_signal_while_the_ledger_stores_the_outcome(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    options: dict[str, Any] = {"application_id": sandbox.application_id, "transport": sandbox.transport()}

    def stop(*_: object, **__: object) -> bool:
        raise Stop

    monkeypatch.setattr(ledger._store, "record", stop)  # noqa: SLF001
    with ap.PartnerClient(sandbox.partner_token, ledger=ledger, **options) as client, pytest.raises(Stop) as caught:
        client.notify_payment(**PAYMENT, idempotency_key="k")
    assert caught.value.__notes__ == ["Altegio recorded it: the payment is 123."]
    ledger.close()


class Closing(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A whole answer, and trouble when it is closed."""

    def __init__(self, content: bytes, trouble: Callable[[], BaseException]) -> None:
        self._left = [content]
        self._trouble = trouble

    def __iter__(self) -> Any:
        return iter(self._left)

    def __aiter__(self) -> Any:
        return self

    async def __anext__(self) -> bytes:
        if not self._left:
            raise StopAsyncIteration
        return self._left.pop()

    def close(self) -> None:
        raise self._trouble()

    async def aclose(self) -> None:
        raise self._trouble()


@pytest.mark.parametrize(
    ("status", "content", "note"),
    [
        (200, b'{"data": {"id": 57}}', "Altegio has confirmed POST /marketplace/partner/payment: the result is 57."),
        (422, b'{"meta": {"message": "No."}}', "Altegio answered 422 to POST /marketplace/partner/payment: No. Fix t"),
    ],
)
def test_a_signal_between_the_answer_and_its_result(caller: Callers, status: int, content: bytes, note: str) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, stream=Closing(content, Stop)))
    with pytest.raises(Stop) as caught:
        caller(transport=transport)("notify_payment", **PAYMENT)
    assert [each[: len(note)] for each in caught.value.__notes__] == [note]


def test_a_registration_that_is_confirmed_shows_nothing_of_its_answer(caller: Callers) -> None:
    headers = {"Location": "https://app.alteg.io/?key=secret"}
    answer = httpx.Response(301, headers=headers, stream=Closing(b"", Stop))
    with pytest.raises(Stop) as caught:
        caller(transport=httpx.MockTransport(lambda _: answer))("complete_registration", salon_id=1)
    assert caught.value.__notes__ == ["Altegio has confirmed POST /marketplace/partner/callback/redirect."]


def test_an_answer_that_came_whole_counts_though_its_connection_does_not_close(caller: Callers) -> None:
    content = b'{"data": {"id": 57}}'
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Closing(content, lambda: OSError("close"))))
    assert caller(transport=transport)("notify_payment", **PAYMENT) == 57


def test_what_is_sent_can_be_read_once() -> None:
    """A transport that sends again, as HTTP/2 does after a GOAWAY, finds nothing to send."""
    bodies: list[bytes] = []

    class Twice(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            for _ in range(2):
                with suppress(ValueError):
                    assert isinstance(request.stream, httpx.SyncByteStream)
                    bodies.append(b"".join(request.stream))
            raise httpx.ConnectError("")

    client = ap.PartnerClient(TOKEN, application_id=1, transport=Twice(), max_retries=0)
    with client, pytest.raises(ap.NoAnswerError, match="StreamConsumed"):
        client.notify_payment(**PAYMENT)
    assert len(bodies) == 1
