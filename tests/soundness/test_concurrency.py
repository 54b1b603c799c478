"""One client under many threads or tasks: nothing fails, and each caller gets its own response.

And in whichever order things are closed, Python has nothing to complain about.
"""

import gc
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio
import httpcore
import httpx
import pytest

from altegio_partner import AsyncPartnerClient, OutcomeUnknownError, PartnerClient
from tests.callers import APPLICATION, PAYMENT, TOKEN
from tests.servers.random_faults import RandomFaultServer, read_id

KINDS = ("sync", "asyncio", "trio")
PAUSE = 0.7  # seconds that a slow server takes for an answer
TIMEOUT = 3.0  # seconds: less than the last of many callers waits for its turn


def answered(kind: str, url: str, callers: int, calls: int, timeout: float = 30) -> list[tuple[int, int]]:
    """Let `callers` share a client and make several calls each. Return who called, and whose answer it got."""
    pairs: list[tuple[int, int]] = []

    def call_in_thread(client: PartnerClient, salon_id: int) -> None:
        for _ in range(calls):
            payment_id = client.notify_payment(**{**PAYMENT, "salon_id": salon_id})
            pairs.append((salon_id, read_id(payment_id)[0]))

    async def call_in_task(client: AsyncPartnerClient, salon_id: int) -> None:
        for _ in range(calls):
            payment_id = await client.notify_payment(**{**PAYMENT, "salon_id": salon_id})
            pairs.append((salon_id, read_id(payment_id)[0]))

    async def run() -> None:
        client = AsyncPartnerClient(TOKEN, application_id=APPLICATION, base_url=url, timeout=timeout)
        async with client, anyio.create_task_group() as tasks:
            for salon_id in range(1, callers + 1):
                tasks.start_soon(call_in_task, client, salon_id)

    if kind != "sync":
        anyio.run(run, backend=kind)
        return pairs
    client = PartnerClient(TOKEN, application_id=APPLICATION, base_url=url, timeout=timeout)
    with client, ThreadPoolExecutor(callers) as threads:
        running = [threads.submit(call_in_thread, client, salon_id) for salon_id in range(1, callers + 1)]
        for one in running:
            one.result()
    return pairs


@pytest.mark.parametrize(("kind", "callers", "calls"), [("sync", 32, 30), ("asyncio", 1000, 1), ("trio", 1000, 1)])
def test_every_caller_gets_the_answer_to_its_own_call(kind: str, callers: int, calls: int) -> None:
    with RandomFaultServer() as server:
        pairs = answered(kind, server.url, callers, calls)
    assert len(pairs) == callers * calls
    assert [pair for pair in pairs if pair[0] != pair[1]] == []


def test_nobody_times_out_while_waiting_for_a_turn() -> None:
    callers = {"sync": 32, "asyncio": 50, "trio": 50}
    with RandomFaultServer(pause=PAUSE) as server, ThreadPoolExecutor(len(KINDS)) as threads:
        running = {kind: threads.submit(answered, kind, server.url, callers[kind], 1, TIMEOUT) for kind in KINDS}
        pairs = {kind: one.result() for kind, one in running.items()}
    for kind in KINDS:
        assert sorted(pairs[kind]) == [(salon_id, salon_id) for salon_id in range(1, callers[kind] + 1)]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with RandomFaultServer(pause=0.2) as server:
        yield server.url


def said(*flags_and_arguments: str) -> str:
    """Run `close_client.py`, and return what Python said."""
    *flags, kind, order, url = flags_and_arguments
    script = str(Path(__file__).with_name("close_client.py"))
    command = [sys.executable, *flags, script, kind, order, url]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr
    return ran.stderr


SYNC = [
    "in_a_block",
    "twice",
    "unused",
    "with_calls_in_flight",
    "after_the_end_of_the_main_thread",
    "never_with_calls_in_flight",
]
ASYNC = ["in_a_block", "twice", "unused", "with_calls_in_flight", "after_cancelling_calls"]


@pytest.mark.parametrize(
    ("kind", "order"),
    [("sync", order) for order in SYNC] + [(kind, order) for kind in ("asyncio", "trio") for order in ASYNC],
)
def test_nothing_is_left_open_when_a_client_is_closed(kind: str, order: str, url: str) -> None:
    assert said("-X", "dev", "-W", "error", kind, order, url) == ""


@pytest.mark.parametrize("kind", KINDS[1:])
def test_nothing_is_left_open_of_a_handshake_that_is_cancelled(kind: str, url: str) -> None:
    silent = url.replace("http:", "https:")  # it waits for the rest of a request
    assert said("-X", "dev", "-W", "error", kind, "after_cancelling_handshakes", silent) == ""


def test_a_client_that_is_not_closed_is_no_more_than_a_resource_warning(url: str) -> None:
    assert said("sync", "never", url) == ""
    warned = said("-X", "dev", "sync", "never", url)
    assert "ResourceWarning: unclosed" in warned
    assert set(re.findall(r"\w+(?:Error|Exception|Warning)\b|Traceback|Task", warned)) == {"ResourceWarning"}


@pytest.mark.parametrize("kind", KINDS[1:])
@pytest.mark.parametrize("order", ["never", "in_another_loop"])
def test_nothing_is_left_open_when_an_event_loop_ends_before_its_client(kind: str, order: str, url: str) -> None:
    assert said("-X", "dev", "-W", "error", kind, order, url) == ""


class BreaksOff(httpcore.AsyncMockStream):
    """Takes the head of a request, and nothing after it."""

    def __init__(self) -> None:
        super().__init__([])
        self._written = 0

    async def write(self, *_: Any, **__: Any) -> None:
        self._written += 1
        if self._written > 1:
            raise httpcore.WriteError


class BreakingNetwork(httpcore.AsyncMockBackend):
    async def connect_tcp(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        return BreaksOff()


@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_request_that_breaks_off_half_sent_leaves_nothing_open(kind: str) -> None:
    async def main() -> None:
        transport = httpx.AsyncHTTPTransport()
        transport._pool = httpcore.AsyncConnectionPool(network_backend=BreakingNetwork([]))  # noqa: SLF001
        async with AsyncPartnerClient(TOKEN, application_id=APPLICATION, transport=transport) as client:
            with pytest.raises(OutcomeUnknownError):
                await client.notify_payment(**PAYMENT)
        gc.collect()

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        anyio.run(main, backend=kind)
    assert [str(warning.message) for warning in warned] == []
