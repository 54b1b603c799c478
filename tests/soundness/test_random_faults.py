"""Connections that break at random bytes: every conclusion is true, and nothing is sent twice.

A server breaks connections at random, and keeps what it got whole: that is the truth, to which every verdict is held.
"""

import logging
import ssl
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import anyio
import pytest
from attrs import frozen

from altegio_partner import AltegioError, AsyncPartnerClient, NotSentError, OutcomeUnknownError, PartnerClient
from tests.callers import PAYMENT, TOKEN
from tests.figures import print_figures
from tests.servers.certificates import authority, server_context
from tests.servers.random_faults import RandomFaultServer
from tests.soundness.parameters import CASES, IS_ALL

CLIENTS = 2
AT_ONCE = 12  # calls of each client
FIRST = 1_000_000  # the number of the first call: all have as many digits
BREAKS = ("close", "half close", "reset")


@frozen
class Lane:
    """A server, and the calls that are made to it."""

    name: str
    server: RandomFaultServer
    timeout: float
    numbers: range

    def options(self) -> dict[str, Any]:
        return {"application_id": 1, "base_url": self.server.url, "timeout": self.timeout}

    def shares(self) -> Iterator[list[range]]:
        """Share the calls out to clients, and for each to what it does at once."""
        for client in range(CLIENTS):
            yield [self.numbers[client + CLIENTS * one :: CLIENTS * AT_ONCE] for one in range(AT_ONCE)]

    def is_wrong(self, number: int, verdict: object) -> bool:
        """Say whether the verdict on a call is untrue, or leaves open what is certain."""
        was_read = number in self.server.whole
        if isinstance(verdict, NotSentError):
            return was_read
        if isinstance(verdict, OutcomeUnknownError):
            return self.server.only_before_requests
        return not was_read or verdict != self.server.promised[number]


@pytest.fixture(params=["plain", "TLS"])
def tls(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Makes servers https ones that the client trusts, or is None."""
    if request.param == "plain":
        yield None
        return
    authority().cert_pem.write_to_path(str(tmp_path / "trusted.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield server_context("trusted")


# When a connection is reset before Python begins the handshake, Python 3.11 drops its socket without closing it:
@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("kind", ["sync", "asyncio", "trio"])
def test_every_verdict_is_true_and_nothing_is_read_twice(
    kind: str, tls: ssl.SSLContext | None, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, "altegio_partner")  # it warns of every failure
    with ExitStack() as stack:
        lanes = list(opened(f"{kind} {tls is not None}", tls, stack))
        verdicts = in_threads(lanes) if kind == "sync" else anyio.run(in_tasks, lanes, backend=kind)
    wrong, repeated, figures = [], [], Counter[str]()
    for lane in lanes:
        figures.update({f"{fault} ({lane.name})": times for fault, times in lane.server.dealt.items()})
        figures["requests that came in whole"] += len(lane.server.whole)
        repeated += [number for number, times in lane.server.whole.items() if times > 1]
        for number in lane.numbers:
            verdict = verdicts[number]
            name = type(verdict).__name__ if isinstance(verdict, AltegioError) else "success"
            figures[f"{name}: verdict ({lane.name})"] += 1
            if lane.is_wrong(number, verdict):
                wrong.append((lane.name, number, verdict))
    if IS_ALL:
        print_figures(request, f"{kind}, {'TLS' if tls else 'plain'}", dict(sorted(figures.items())))
    assert len(verdicts) == CASES
    assert (wrong, repeated) == ([], [])
    assert [lane.server.left_open for lane in lanes] == [0] * len(lanes)


def opened(seed: str, tls: ssl.SSLContext | None, stack: ExitStack) -> Iterator[Lane]:
    """Start the servers, and share the calls out to them."""
    tenth = CASES // 10
    numbers = range(FIRST, FIRST + CASES)
    stalling = RandomFaultServer(seed, "stall", tls=tls)
    yield Lane("silent", stack.enter_context(stalling), 0.2, numbers[:tenth])
    if tls is not None:
        early = RandomFaultServer(seed, *BREAKS, tls=tls, only_before_requests=True)
        yield Lane("early", stack.enter_context(early), 30, numbers[tenth : 2 * tenth])
    anywhere = RandomFaultServer(seed, *BREAKS, tls=tls)
    yield Lane("anywhere", stack.enter_context(anywhere), 30, numbers[2 * tenth if tls else tenth :])


def called(number: int) -> tuple[str, dict[str, Any]]:
    """Return a call, as its method and arguments."""
    if number % 10 == 0:
        return "complete_registration", {"salon_id": number}
    if number % 10 == 1:
        return "notify_refund", {"payment_id": number}
    return "notify_payment", {**PAYMENT, "salon_id": number}


def in_threads(lanes: list[Lane]) -> dict[int, object]:
    verdicts: dict[int, object] = {}

    def run(client: PartnerClient, numbers: range) -> None:
        for number in numbers:
            method, arguments = called(number)
            try:
                verdicts[number] = getattr(client, method)(**arguments)
            except AltegioError as error:
                verdicts[number] = error

    with ExitStack() as stack, ThreadPoolExecutor(len(lanes) * CLIENTS * AT_ONCE) as threads:
        running = []
        for lane in lanes:
            for shares in lane.shares():
                client = stack.enter_context(PartnerClient(TOKEN, **lane.options()))
                running += [threads.submit(run, client, numbers) for numbers in shares]
        for one in running:
            one.result()
    return verdicts


async def in_tasks(lanes: list[Lane]) -> dict[int, object]:
    verdicts: dict[int, object] = {}

    async def run(client: AsyncPartnerClient, numbers: range) -> None:
        for number in numbers:
            method, arguments = called(number)
            try:
                verdicts[number] = await getattr(client, method)(**arguments)
            except AltegioError as error:
                verdicts[number] = error

    async def share_out(lane: Lane, shares: list[range]) -> None:
        async with AsyncPartnerClient(TOKEN, **lane.options()) as client, anyio.create_task_group() as tasks:
            for numbers in shares:
                tasks.start_soon(run, client, numbers)

    async with anyio.create_task_group() as tasks:
        for lane in lanes:
            for shares in lane.shares():
                tasks.start_soon(share_out, lane, shares)
    return verdicts
