"""A call that is cancelled after it was sent has an unknown outcome; one that is only queued has not."""

import signal
import socket
import threading
from collections.abc import Iterator
from functools import partial

import anyio
import pytest

from altegio_partner import AsyncPartnerClient, PartnerClient
from tests.callers import PAYMENT, TOKEN
from tests.servers.scripted import ScriptedServer, stall

NOTE = (
    "Cancelled while POST /marketplace/partner/payment was in progress. "
    "It may have been recorded: look in Altegio before sending it again."
)
TURNS = 5


@pytest.fixture
def silent() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        server.answer_with(stall, times=TURNS)
        yield server


def interrupts(server: ScriptedServer, connection: socket.socket) -> None:
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    stall(server, connection)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_while_the_call_is_out() -> None:
    with ScriptedServer() as server, PartnerClient(TOKEN, application_id=1, base_url=server.url) as client:
        server.answer_with(interrupts)
        with pytest.raises(KeyboardInterrupt) as caught:
            client.notify_payment(**PAYMENT)
    assert caught.value.__notes__ == [NOTE]
    assert len(server.requests) == 1


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_while_waiting_for_a_turn(silent: ScriptedServer) -> None:
    with PartnerClient(TOKEN, application_id=1, base_url=silent.url) as client:
        others = [threading.Thread(target=ignoring_errors, args=[client]) for _ in range(TURNS)]
        for other in others:
            other.start()
        silent.wait_for(TURNS)
        threading.Timer(0.2, signal.pthread_kill, [threading.main_thread().ident, signal.SIGINT]).start()
        with pytest.raises(KeyboardInterrupt) as caught:
            client.notify_payment(**PAYMENT)
        silent.stop.set()
        for other in others:
            other.join()
    assert not hasattr(caught.value, "__notes__")
    assert len(silent.requests) == TURNS


def ignoring_errors(client: PartnerClient) -> None:
    with pytest.raises(Exception, match="Altegio"):
        client.notify_payment(**PAYMENT)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_cancelled_while_the_call_is_out(silent: ScriptedServer, backend: str) -> None:
    notes: list[str] = []

    async def main() -> None:
        client = AsyncPartnerClient(TOKEN, application_id=1, base_url=silent.url)
        async with client, anyio.create_task_group() as tasks:
            tasks.start_soon(partial(noting, client, notes))
            await anyio.to_thread.run_sync(silent.wait_for, 1)
            tasks.cancel_scope.cancel()

    anyio.run(main, backend=backend)
    assert notes == [NOTE]
    assert len(silent.requests) == 1


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_cancelled_while_waiting_for_a_turn(silent: ScriptedServer, backend: str) -> None:
    notes: list[str] = []
    waiting: list[str] = []

    async def main() -> None:
        client = AsyncPartnerClient(TOKEN, application_id=1, base_url=silent.url)
        async with client, anyio.create_task_group() as tasks:
            for _ in range(TURNS):
                tasks.start_soon(partial(noting, client, notes))
            await anyio.to_thread.run_sync(silent.wait_for, TURNS)
            tasks.start_soon(partial(noting, client, waiting))
            await anyio.wait_all_tasks_blocked()
            tasks.cancel_scope.cancel()

    anyio.run(main, backend=backend)
    assert notes == [NOTE] * TURNS
    assert waiting == []
    assert len(silent.requests) == TURNS


async def noting(client: AsyncPartnerClient, notes: list[str]) -> None:
    try:
        await client.notify_payment(**PAYMENT)
    except anyio.get_cancelled_exc_class() as cancelled:
        notes += getattr(cancelled, "__notes__", [])
        raise
