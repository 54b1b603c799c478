"""The id of a payment that was recorded is stored, or is in the error: whatever happens to row, thread or caller."""

import asyncio
import gc
import json
import linecache
import logging
import pickle
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from itertools import count
from types import FrameType
from typing import Any, Self

import anyio
import anyio.to_thread
import httpx
import pytest
from attrs import evolve

import altegio_partner as ap
from altegio_partner import flow
from altegio_partner.call import Call
from altegio_partner.flow import Attempt
from altegio_partner.ledger import Ledger, LedgerWriteError, reporting
from altegio_partner.ledger.reporting import _ClaimHolder, _RowChangedError
from altegio_partner.ledger.store import Claim, Identity
from tests.callers import PAYMENT, Callers
from tests.ledger.paying import HERE, KEY, STATUS_DELAY, Altegio, Clock

OPTIONS: dict[str, Any] = {"application_id": HERE[1], "timeout": 1, "max_retries": 0}


def delete_row(ledger: Ledger) -> None:
    """Lose what was committed, as a restored backup or a failover to a standby does."""
    with closing(sqlite3.connect(repr(ledger)[len("Ledger(sqlite:///") : -1])) as db, db:
        db.execute("DELETE FROM altegio_ledger")


def claimed_by_another_worker(ledger: Ledger) -> None:
    ledger.mark_not_recorded(KEY)
    (claim,) = claims
    assert ledger._store.claim(evolve(claim, token="another"), None)  # noqa: SLF001


claims: list[Claim] = []


@pytest.fixture(autouse=True)
def remembered_claims(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    claim = ledger._store.claim  # noqa: SLF001
    claims.clear()

    def remember(one: Claim, replaced_token: str | None) -> bool:
        claims.append(one)
        return claim(one, replaced_token)

    monkeypatch.setattr(ledger._store, "claim", remember)  # noqa: SLF001
    yield
    monkeypatch.undo()


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda ledger: ledger.mark_not_recorded(KEY),
        lambda ledger: ledger.mark_recorded(KEY, payment_id=5),
        delete_row,
        claimed_by_another_worker,
    ],
    ids=["marked as not recorded", "marked as recorded", "lost", "claimed by another worker"],
)
def test_the_id_wins_over_what_happened_to_the_claim_meanwhile(
    caller: Callers, ledger: Ledger, meanwhile: Callable[[Ledger], object]
) -> None:
    altegio = Altegio(lambda: meanwhile(ledger) if altegio.next_id == 5 else None)
    call = caller(transport=altegio.transport, ledger=ledger, **OPTIONS)
    assert [call("notify_payment", **PAYMENT, idempotency_key=KEY) for _ in range(2)] == [5, 5]
    entry = ledger.get(KEY)
    assert entry
    assert (entry.state, entry.payment_id, entry.payload["payment_sum"]) == ("recorded", 5, "990.99")
    assert (altegio.next_id, ledger.pending()) == (6, [])


def test_a_row_with_another_id_is_not_overwritten_and_somebody_must_look(caller: Callers, ledger: Ledger) -> None:
    altegio = Altegio(lambda: ledger.mark_recorded(KEY, payment_id=99))
    call = caller(transport=altegio.transport, ledger=ledger, **OPTIONS)
    with pytest.raises(
        LedgerWriteError,
        match=rf"the payment is 5\. The ledger has payment 99 for '{KEY}': the payment may be recorded twice",
    ) as caught:
        call("notify_payment", **PAYMENT, idempotency_key=KEY)
    assert "do not call again: check in Altegio" in str(caught.value)
    assert (caught.value.payment_id, caught.value.safe_to_call_again, caught.value.safe_to_resend) == (5, False, False)
    assert call("notify_payment", **PAYMENT, idempotency_key=KEY) == 99


@pytest.mark.parametrize("safe_to_call_again", [True, False])
def test_the_error_survives_pickle_and_json(safe_to_call_again: bool) -> None:
    error = LedgerWriteError("text", 5, safe_to_call_again)
    for again in (pickle.loads(pickle.dumps(error)), LedgerWriteError(*json.loads(json.dumps(error.args)))):  # noqa: S301
        assert (str(again), again.payment_id, again.safe_to_call_again) == ("text", 5, safe_to_call_again)


def test_an_id_that_another_key_has_is_kept_and_somebody_must_look(caller: Callers, ledger: Ledger) -> None:
    """It is unknown whether Altegio recognises equal payments, and answers with the id that it has."""
    altegio = Altegio()
    call = caller(transport=altegio.transport, ledger=ledger, **OPTIONS)
    assert call("notify_payment", **PAYMENT, idempotency_key="first") == 5
    altegio.next_id = 5
    with pytest.raises(
        LedgerWriteError, match=r"The key 'first' has the same payment: Altegio recorded both as one payment"
    ) as caught:
        call("notify_payment", **PAYMENT, idempotency_key=KEY)
    assert (caught.value.payment_id, caught.value.safe_to_call_again) == (5, False)
    assert (ledger.pending(), altegio.next_id) == ([], 6)
    assert [call("notify_payment", **PAYMENT, idempotency_key=key) for key in ("first", KEY)] == [5, 5]
    altegio.next_id = 5
    with pytest.raises(LedgerWriteError, match="has the same payment"):
        call("notify_payment", **PAYMENT, idempotency_key="third")


def test_a_pending_key_of_a_payment_that_another_key_has_can_be_ended(
    caller: Callers, ledger: Ledger, clock: Clock
) -> None:
    def lose() -> None:
        raise httpx.ReadError("")

    altegio = Altegio()
    call = caller(transport=altegio.transport, ledger=ledger, **OPTIONS)
    call("notify_payment", **PAYMENT, idempotency_key="first")
    altegio.before = lose
    with pytest.raises(ap.NoAnswerError):
        call("notify_payment", **PAYMENT, idempotency_key=KEY)
    clock.advance(2 * STATUS_DELAY)
    with pytest.raises(
        ValueError, match=r"no other key has: 'first' has payment 5\. Pass also_of='first'\. That is right"
    ):
        ledger.mark_recorded(KEY, payment_id=5)
    for wrong in ("never used", KEY):
        with pytest.raises(ValueError, match=f"also_of must be the key that has payment 5, not str '{wrong}'"):
            ledger.mark_recorded(KEY, payment_id=5, also_of=wrong)
    with pytest.raises(ValueError, match="also_of must be the key that has payment 6, not str 'first'"):
        ledger.mark_recorded(KEY, payment_id=6, also_of="first")
    ledger.mark_recorded(KEY, payment_id=5, also_of="first")
    assert ledger.pending() == []
    assert call("notify_payment", **PAYMENT, idempotency_key=KEY) == 5


def test_a_key_that_another_worker_records_while_a_person_does(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ledger._store  # noqa: SLF001
    claim = Claim(Identity(*HERE, "notify_payment", KEY), '{"version": 1}', 123)
    assert store.claim(claim, None)
    record = store.record

    def record_late(*arguments: Any, **options: Any) -> Any:
        record(claim, 6)
        return record(*arguments, **options)

    monkeypatch.setattr(store, "record", record_late)
    with pytest.raises(ValueError, match="was recorded just now, as payment 6"):
        ledger.mark_recorded(KEY, payment_id=5)


def test_an_id_is_stored_again_without_harm(ledger: Ledger) -> None:
    """Also one that two keys have: what two workers know at the same moment is no contradiction."""
    store = ledger._store  # noqa: SLF001
    one, other = (Claim(Identity(*HERE, "notify_payment", key), '{"version": 1}', 123) for key in ("one", "other"))
    assert store.record(one, 5).outcome == "stored"
    assert store.record(one, 5).outcome == "stored"
    assert store.record(other, 5).outcome == "taken"
    assert store.record(other, 5, allow_shared=True).outcome == "shared"
    assert store.record(other, 5).outcome == "stored"


class Threads:
    """Lets the nth function that is to run in a thread fail, or be slow."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, which: int, what: Callable[[], object]) -> None:
        self._run_sync, self._which, self._what, self._count = anyio.to_thread.run_sync, which, what, 0
        monkeypatch.setattr(anyio.to_thread, "run_sync", self._run)

    async def _run(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        self._count += 1
        if self._count == self._which:
            self._what()
        return await self._run_sync(function, *arguments, **options)


def cannot_start() -> None:
    raise RuntimeError("can't start new thread")


async def pay_async(ledger: Ledger, altegio: Altegio, key: str = KEY, **options: Any) -> Any:
    async with ap.AsyncPartnerClient(
        "fake", transport=altegio.transport, ledger=ledger, **{**OPTIONS, **options}
    ) as client:
        return await client.notify_payment(**PAYMENT, idempotency_key=key)


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_a_thread_that_cannot_be_started(kind: str, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The three threads of a payment read the row, claim it, and store the id."""
    altegio = Altegio()
    for which in (1, 2):
        with monkeypatch.context() as patch:
            Threads(patch, which, cannot_start)
            with pytest.raises(RuntimeError, match="can't start new thread"):
                anyio.run(pay_async, ledger, altegio, backend=kind)
        assert (altegio.next_id, ledger.pending()) == (5, [])
    with monkeypatch.context() as patch:
        Threads(patch, 3, cannot_start)
        with pytest.raises(
            LedgerWriteError, match=r"the payment is 5\. The ledger could not be used \(RuntimeError\)"
        ) as caught:
            anyio.run(pay_async, ledger, altegio, backend=kind)
    assert (caught.value.payment_id, caught.value.safe_to_call_again) == (5, True)
    assert [one.idempotency_key for one in ledger.pending()] == [KEY]


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_while_the_id_is_stored(ledger: Ledger, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    left = [KeyboardInterrupt()] * times
    record = ledger._store.record  # noqa: SLF001

    def interrupted(*arguments: Any, **options: Any) -> Any:
        if left:
            raise left.pop()
        return record(*arguments, **options)

    monkeypatch.setattr(ledger._store, "record", interrupted)  # noqa: SLF001
    with (
        ap.PartnerClient("fake", transport=Altegio().transport, ledger=ledger, **OPTIONS) as client,
        pytest.raises(KeyboardInterrupt) as caught,
    ):
        client.notify_payment(**PAYMENT, idempotency_key=KEY)
    assert "the payment is 5" in str(caught.value.__notes__)
    entry = ledger.get(KEY)
    assert entry
    assert entry.payment_id == (5 if times == 1 else None)


class Interrupting(logging.Handler):
    """Ctrl-C, while the outcome of a call is logged."""

    def emit(self, _: logging.LogRecord) -> None:
        raise KeyboardInterrupt


@pytest.fixture
def interrupting_log() -> Iterator[None]:
    log, handler = logging.getLogger("altegio_partner"), Interrupting()
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield
    log.removeHandler(handler)
    log.setLevel(logging.NOTSET)


@pytest.mark.usefixtures("interrupting_log")
def test_ctrl_c_right_after_the_response(caller: Callers, ledger: Ledger) -> None:
    call = caller(transport=Altegio().transport, ledger=ledger, **OPTIONS)
    with pytest.raises(KeyboardInterrupt) as caught:
        call("notify_payment", **PAYMENT, idempotency_key=KEY)
    assert "the result is 5" in str(caught.value.__notes__)
    entry = ledger.get(KEY)
    assert entry
    assert (entry.state, entry.payment_id) == ("recorded", 5)


@pytest.mark.usefixtures("interrupting_log")
@pytest.mark.parametrize(("status", "pending"), [(422, 0), (500, 1)])
def test_ctrl_c_right_after_a_rejection_or_no_outcome(
    caller: Callers, ledger: Ledger, status: int, pending: int
) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(status))
    with pytest.raises(KeyboardInterrupt) as caught:
        caller(transport=transport, ledger=ledger, **OPTIONS)("notify_payment", **PAYMENT, idempotency_key=KEY)
    assert len(ledger.pending()) == pending
    assert ("stays pending. It may have been recorded" in str(caught.value.__notes__)) is bool(pending)


class InterruptingTracer:
    """Ctrl-C before the n-th line of the drivers and of the ledger's flows."""

    def __init__(self, n: int) -> None:
        self.left = n
        self._traced_before = sys.gettrace()

    def __enter__(self) -> Self:
        sys.settrace(self._trace)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._traced_before)

    def _trace(self, frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code.co_filename not in (flow.__file__, reporting.__file__):
            return None
        is_with = linecache.getline(frame.f_code.co_filename, frame.f_lineno).lstrip().startswith("with ")
        self.left -= event == "line" and not is_with  # Python takes no signal between a with block and its exit
        if self.left == 0:
            sys.settrace(self._traced_before)
            raise KeyboardInterrupt
        return self._trace


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.parametrize(
    ("method", "arguments"),
    [("notify_payment", {**PAYMENT, "idempotency_key": KEY}), ("notify_refund", {"payment_id": 5})],
)
def test_ctrl_c_at_any_moment_loses_no_known_id(
    caller: Callers, ledger: Ledger, method: str, arguments: dict[str, Any]
) -> None:
    interrupted_after_sending = 0
    for n in count(1):
        altegio, notes = Altegio(), ""
        call = caller(transport=altegio.transport, ledger=ledger, **OPTIONS)
        with InterruptingTracer(n) as tracer:
            try:
                call(method, **arguments)
            except KeyboardInterrupt as stop:
                notes = str(getattr(stop, "__notes__", ""))
        entry = ledger.get(arguments.get("idempotency_key", "5"), operation=method)
        if tracer.left > 0:
            break
        if altegio.requests:
            interrupted_after_sending += 1
            assert entry
            assert entry.state == "recorded" or "the payment is 5." in notes
        else:
            assert entry is None
        delete_row(ledger)
    gc.collect()  # a flow that was left suspended complains now
    assert entry
    assert (entry.state, interrupted_after_sending > 20) == ("recorded", True)


def test_an_exception_before_anything_was_sent_leaves_no_claim(ledger: Ledger) -> None:
    class Limit:
        def try_acquire(self, name: str, *, blocking: bool) -> object:  # noqa: ARG002
            client.close()
            return True

    client = ap.PartnerClient("fake", transport=Altegio().transport, ledger=ledger, rate_limit=Limit(), **OPTIONS)
    with pytest.raises(RuntimeError, match=r"is closed\. Nothing was sent"):
        client.notify_payment(**PAYMENT, idempotency_key=KEY)
    assert ledger.pending() == []


def test_a_claim_whose_commit_was_not_confirmed_is_deleted(
    caller: Callers, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL may have committed, and its connection broken before it could say so."""
    from altegio_partner.ledger import LedgerUnavailableError  # noqa: PLC0415
    from altegio_partner.ledger.database import StoreError  # noqa: PLC0415

    claim = ledger._store.claim  # noqa: SLF001

    def claim_and_break(*arguments: Any) -> bool:
        claim(*arguments)
        assert len(ledger.pending()) == 1
        raise StoreError("connection lost")

    monkeypatch.setattr(ledger._store, "claim", claim_and_break)  # noqa: SLF001
    altegio = Altegio()
    with pytest.raises(LedgerUnavailableError, match=r"connection lost Nothing was sent now"):
        caller(transport=altegio.transport, ledger=ledger, **OPTIONS)("notify_payment", **PAYMENT, idempotency_key=KEY)
    assert (ledger.pending(), altegio.next_id) == ([], 5)


def test_ctrl_c_while_the_claim_is_given_back(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(ledger._store, "release", interrupted)  # noqa: SLF001
    transport = httpx.MockTransport(lambda _: httpx.Response(422))
    with (
        ap.PartnerClient("fake", transport=transport, ledger=ledger, **OPTIONS) as client,
        pytest.raises(KeyboardInterrupt) as caught,
    ):
        client.notify_payment(**PAYMENT, idempotency_key=KEY)
    assert f"The claim of {KEY!r} may stay pending" in str(caught.value.__notes__)


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
@pytest.mark.parametrize("which", [2, 3])
def test_a_call_that_is_cancelled_while_it_is_claimed_or_stored(
    kind: str, which: int, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    altegio = Altegio()

    async def main() -> None:
        with anyio.CancelScope() as scope:
            Threads(monkeypatch, which, scope.cancel)
            await pay_async(ledger, altegio)

    anyio.run(main, backend=kind)
    entry = ledger.get(KEY)
    assert (entry and entry.payment_id, ledger.pending()) == ((None, []) if which == 2 else (5, []))
    assert altegio.next_id == (5 if which == 2 else 6)


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_a_call_that_is_cancelled_between_two_attempts_leaves_no_claim(kind: str, ledger: Ledger) -> None:
    async def main() -> None:
        with anyio.CancelScope() as scope:

            def answer(_: httpx.Request) -> httpx.Response:
                scope.deadline = anyio.current_time() + 0.05
                return httpx.Response(429, headers={"Retry-After": "30"})

            altegio = Altegio()
            altegio.transport = httpx.MockTransport(answer)
            await pay_async(ledger, altegio, max_retries=1)
        assert scope.cancelled_caught

    anyio.run(main, backend=kind)
    assert ledger.pending() == []


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_a_call_that_is_cancelled_while_it_is_out_has_a_note(kind: str, ledger: Ledger) -> None:
    caught: list[BaseException] = []

    async def main() -> None:
        class Silent(httpx.AsyncBaseTransport):
            async def handle_async_request(self, _: httpx.Request) -> httpx.Response:
                scope.cancel()
                await anyio.sleep_forever()
                raise AssertionError

        with anyio.CancelScope() as scope:
            async with ap.AsyncPartnerClient("fake", transport=Silent(), ledger=ledger, **OPTIONS) as client:
                try:
                    await client.notify_payment(**PAYMENT, idempotency_key=KEY)
                except BaseException as error:
                    caught.append(error)
                    raise

    anyio.run(main, backend=kind)
    assert f"The claim of {KEY!r} stays pending. It may have been recorded" in str(caught[0].__notes__)
    assert [one.idempotency_key for one in ledger.pending()] == [KEY]


def test_a_task_of_asyncio_that_is_cancelled_while_its_thread_claims(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its thread goes on: the claim that it makes is deleted, for nothing was sent."""
    claims_now, may_go_on = threading.Event(), threading.Event()
    claim = ledger._store.claim  # noqa: SLF001

    def claim_slowly(*arguments: Any) -> bool:
        claims_now.set()
        assert may_go_on.wait(10)
        return claim(*arguments)

    monkeypatch.setattr(ledger._store, "claim", claim_slowly)  # noqa: SLF001
    altegio = Altegio()

    async def main() -> None:
        task = asyncio.create_task(pay_async(ledger, altegio))
        await asyncio.to_thread(claims_now.wait, 10)
        task.cancel()
        asyncio.get_running_loop().call_later(0.1, may_go_on.set)
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert (altegio.next_id, ledger.pending()) == (5, [])


def test_no_claim_is_made_after_the_release(ledger: Ledger) -> None:
    """By a thread that starts after its task was cancelled."""
    claim = Claim(Identity(*HERE, "notify_payment", KEY), '{"version": 1}', 123)
    holder = _ClaimHolder(ledger._store, claim, None)  # noqa: SLF001
    holder.release()
    with pytest.raises(_RowChangedError):
        holder.claim(Attempt(Call("notify_payment", {}, read=lambda _: None)))
    assert ledger.pending() == []


def test_a_key_that_is_recorded_while_the_call_waits_for_its_turn(ledger: Ledger, url: str) -> None:
    """Another worker was faster: its id is returned, and nothing is sent."""
    altegio = Altegio()

    class Limit:
        def try_acquire(self, name: str, *, blocking: bool) -> object:  # noqa: ARG002
            if altegio.next_id == 5:
                with (
                    Ledger(url) as other,
                    ap.PartnerClient("fake", transport=altegio.transport, ledger=other, **OPTIONS) as worker,
                ):
                    worker.notify_payment(**PAYMENT, idempotency_key=KEY)
            return True

    with ap.PartnerClient("fake", transport=altegio.transport, ledger=ledger, rate_limit=Limit(), **OPTIONS) as client:
        assert client.notify_payment(**PAYMENT, idempotency_key=KEY) == 5
    assert altegio.next_id == 6


def test_a_person_who_marks_a_claim_between_two_attempts(
    caller: Callers, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", lambda *_: 0.0)
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        ledger.mark_recorded(KEY, payment_id=77)
        return httpx.Response(429)

    call = caller(transport=httpx.MockTransport(answer), ledger=ledger, **{**OPTIONS, "max_retries": 3})
    assert call("notify_payment", **PAYMENT, idempotency_key=KEY) == 77
    assert len(requests) == 1
