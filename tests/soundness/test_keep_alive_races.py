"""Calls on a connection that the server is just about to close: none is lost to that.

Common servers close connections that have been idle for 5 seconds. A call that crosses the closing ends as "unknown",
although it was not read. The client gives connections up after 2 seconds, and has no such race to lose.
"""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import anyio
import httpx
import pytest

from altegio_partner import AltegioError, AsyncPartnerClient, PartnerClient
from tests.callers import APPLICATION, PAYMENT, TOKEN
from tests.figures import print_figures
from tests.servers.random_faults import RandomFaultServer, read_id
from tests.soundness.parameters import CASES, IS_ALL

IDLE = 5.0  # seconds after which the server closes
NEAR = 0.01  # seconds before or after that when calls are made
LONGEST_KEPT = 2.5  # seconds: the client's 2, and what a busy machine adds
RACES = CASES * 3 // 10
KINDS = ("sync", "asyncio", "trio")
ROUNDS = 4 if IS_ALL else 1
CLIENTS = RACES // len(KINDS) // ROUNDS
WARM_UP = IDLE if IS_ALL else 1.0  # seconds in which all clients begin

Outcome = float | Exception
"""How many seconds the connection had been idle, or what went wrong."""


def test_no_call_is_lost_to_a_server_that_closes_idle_connections(request: pytest.FixtureRequest) -> None:
    with RandomFaultServer(idle=IDLE) as server, ThreadPoolExecutor(len(KINDS)) as threads:
        running = [threads.submit(raced, kind, server.url) for kind in KINDS]
        outcomes = {kind: one.result() for kind, one in zip(KINDS, running, strict=True)}
    for kind, raced_so in outcomes.items():
        lost = [outcome for outcome in raced_so if isinstance(outcome, Exception)]
        if IS_ALL:
            print_figures(request, f"keep-alive races, {kind}", {"calls": len(raced_so), "lost": len(lost)})
        assert len(raced_so) == CLIENTS * ROUNDS
        assert lost == []
        assert max(outcome for outcome in raced_so if isinstance(outcome, float)) < LONGEST_KEPT


@pytest.mark.skipif(not IS_ALL, reason="needs a few hundred races to lose one")
def test_a_client_that_keeps_connections_for_longer_does_lose_calls(request: pytest.FixtureRequest) -> None:
    """That is, the races of the other test can be lost."""

    def post(client: httpx.Client, url: str) -> float:
        answer = client.post(f"{url}/marketplace/partner/payment", json={"salon_id": 1})
        return read_id(answer.json()["data"]["id"])[1]

    def race(url: str) -> list[Outcome]:
        with httpx.Client(limits=httpx.Limits(keepalive_expiry=60), trust_env=False) as client:
            return race_in_thread(partial(post, client, url), httpx.TransportError)

    with RandomFaultServer(idle=IDLE) as server:
        outcomes = in_threads(partial(race, server.url))
    lost = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    if IS_ALL:
        print_figures(request, "keep-alive races, bare httpx", {"calls": len(outcomes), "lost": len(lost)})
    assert lost


def raced(kind: str, url: str) -> list[Outcome]:
    options: dict[str, Any] = {"application_id": APPLICATION, "base_url": url}

    def in_thread() -> list[Outcome]:
        with PartnerClient(TOKEN, **options) as client:
            return race_in_thread(lambda: read_id(client.notify_payment(**PAYMENT))[1], AltegioError)

    async def in_task(outcomes: list[Outcome]) -> None:
        async with AsyncPartnerClient(TOKEN, **options) as client:
            await anyio.sleep(random.uniform(0, WARM_UP))
            await client.notify_payment(**PAYMENT)
            for _ in range(ROUNDS):
                await anyio.sleep(IDLE + random.uniform(-NEAR, NEAR))
                try:
                    outcomes.append(read_id(await client.notify_payment(**PAYMENT))[1])
                except AltegioError as error:
                    outcomes.append(error)

    async def in_tasks() -> list[Outcome]:
        outcomes: list[Outcome] = []
        async with anyio.create_task_group() as tasks:
            for _ in range(CLIENTS):
                tasks.start_soon(in_task, outcomes)
        return outcomes

    return in_threads(in_thread) if kind == "sync" else anyio.run(in_tasks, backend=kind)


def race_in_thread(call: Callable[[], float], failure: type[Exception]) -> list[Outcome]:
    """Call, and call again about when the server closes the connection of the last call."""
    outcomes: list[Outcome] = []
    time.sleep(random.uniform(0, WARM_UP))
    call()
    for _ in range(ROUNDS):
        time.sleep(IDLE + random.uniform(-NEAR, NEAR))
        try:
            outcomes.append(call())
        except failure as error:
            outcomes.append(error)
    return outcomes


def in_threads(race: Callable[[], list[Outcome]]) -> list[Outcome]:
    with ThreadPoolExecutor(CLIENTS) as threads:
        running = [threads.submit(race) for _ in range(CLIENTS)]
    return [outcome for one in running for outcome in one.result()]
