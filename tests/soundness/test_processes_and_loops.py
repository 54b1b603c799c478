"""One client for a whole program: before and after a fork, in every thread, and in one event loop after the other."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from socket import create_connection, create_server
from typing import Any

import anyio
import httpx
import pytest

from altegio_partner import AsyncPartnerClient
from tests.callers import APPLICATION, PAYMENT, TOKEN
from tests.servers.random_faults import RandomFaultServer, read_id

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
LOOPS = ["asyncio", "trio", "uvloop"]


def run_in(loop: str, function: Callable[[], Any]) -> Any:
    """Run a coroutine function in a new event loop."""
    if loop == "uvloop":
        return anyio.run(function, backend="asyncio", backend_options={"use_uvloop": True})
    return anyio.run(function, backend=loop)


@pytest.mark.parametrize("first", LOOPS)
@pytest.mark.parametrize("second", LOOPS)
def test_one_event_loop_after_the_other(first: str, second: str) -> None:
    with RandomFaultServer() as server:
        client = AsyncPartnerClient(TOKEN, application_id=APPLICATION, base_url=server.url)
        salons: list[int] = []

        async def pay() -> None:
            for _ in range(2):
                salons.append(read_id(await client.notify_payment(**{**PAYMENT, "salon_id": len(salons) + 1}))[0])

        for loop in (first, second, first):
            run_in(loop, pay)
        assert salons == [1, 2, 3, 4, 5, 6]
        run_in(second, client.aclose)
        with pytest.raises(RuntimeError, match="This client is closed"):
            run_in(first, pay)


def test_event_loops_in_many_threads_share_a_client() -> None:
    with RandomFaultServer() as server, ThreadPoolExecutor(8) as threads:
        client = AsyncPartnerClient(TOKEN, application_id=APPLICATION, base_url=server.url)

        async def pay(salon_id: int) -> bool:
            async def once() -> None:
                ids.append(await client.notify_payment(**{**PAYMENT, "salon_id": salon_id}))

            ids: list[int] = []
            async with anyio.create_task_group() as tasks:
                for _ in range(10):
                    tasks.start_soon(once)
            return {read_id(payment_id)[0] for payment_id in ids} == {salon_id}

        def run(number: int) -> bool:
            return bool(run_in(LOOPS[number % 3], partial(pay, number)))

        running = [threads.submit(run, number) for number in range(1, 17)]
        assert [each.result() for each in running] == [True] * 16


def test_a_thread_that_outlives_the_loop_that_made_the_client() -> None:
    """As in Django under ASGI, where sync code runs in threads and async code in separate loops."""
    with RandomFaultServer() as server:
        clients: list[AsyncPartnerClient] = []
        salons: list[int] = []

        async def make() -> None:
            clients.append(AsyncPartnerClient(TOKEN, application_id=APPLICATION, base_url=server.url))
            salons.append(read_id(await clients[0].notify_payment(**{**PAYMENT, "salon_id": 1}))[0])

        async def use() -> None:
            salons.append(read_id(await clients[0].notify_payment(**{**PAYMENT, "salon_id": 2}))[0])

        anyio.run(make)
        thread = threading.Thread(target=anyio.run, args=[use])
        thread.start()
        thread.join()
        assert salons == [1, 2]


PRELUDE = f"""
import asyncio, importlib.abc, os, sys, threading, time
from datetime import datetime
from altegio_partner import AsyncPartnerClient, PartnerClient

DATE = datetime(2026, 1, 1)
PAYMENT = dict(payment_sum=1, currency_iso="EUR", payment_date=DATE, period_from=DATE, period_to=DATE.max)
OPTIONS = dict(partner_token={TOKEN!r}, application_id=1, base_url=sys.argv[1], max_retries=0, timeout=5)

def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())
"""
PROGRAMS = {
    "sync": """
        client = PartnerClient(**OPTIONS)
        def salon(number):
            return client.notify_payment(salon_id=number, **PAYMENT) // 10**6

        say("parent", salon(1))
        child = os.fork()
        who = "parent" if child else "child"
        for number in range(2, 30):
            assert salon(number) == number, who
        say(who, "done")
        if not child:
            client.close()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        say("parent", salon(30))
        """,
    "async": """
        client = AsyncPartnerClient(**OPTIONS)
        async def pay(first, last):
            for number in range(first, last):
                assert await client.notify_payment(salon_id=number, **PAYMENT) // 10**6 == number

        asyncio.run(pay(1, 3))
        child = os.fork()
        who = "parent" if child else "child"
        asyncio.run(pay(3, 30))
        say(who, "done")
        if not child:
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        """,
    "async, inside of a running loop": """
        client = AsyncPartnerClient(**OPTIONS)
        async def pay(first, last):
            for number in range(first, last):
                assert await client.notify_payment(salon_id=number, **PAYMENT) // 10**6 == number

        async def main():
            await pay(1, 3)
            child = os.fork()
            if not child:
                os._exit(0)
            await pay(3, 30)
            say("parent done")
            assert os.waitpid(child, 0)[1] == 0

        asyncio.run(main())
        say("child done")
        """,
    "sync, while threads have all turns": """
        client = PartnerClient(**OPTIONS)
        threads = [threading.Thread(target=client.notify_payment, kwargs=dict(salon_id=7, **PAYMENT)) for _ in range(9)]
        for thread in threads:
            thread.start()
        time.sleep(0.2)
        child = os.fork()
        if not child:
            for number in range(1, 8):
                assert client.notify_payment(salon_id=number, **PAYMENT) // 10**6 == number
            say("child done")
            os._exit(0)
        for thread in threads:
            thread.join()
        say("parent done")
        assert os.waitpid(child, 0)[1] == 0
        """,
    "sync, while a thread imports what the first call needs": """
        client, begun = PartnerClient(**OPTIONS), threading.Event()

        class Slow(importlib.abc.MetaPathFinder):
            def find_spec(self, name, *_):
                if name == "altegio_partner_api.models":
                    begun.set()
                    time.sleep(0.2)

        sys.meta_path.insert(0, Slow())
        thread = threading.Thread(target=client.notify_payment, kwargs=dict(salon_id=7, **PAYMENT))
        thread.start()
        assert begun.wait(10)
        child = os.fork()
        assert client.notify_payment(salon_id=8, **PAYMENT) // 10**6 == 8
        if not child:
            say("child done")
            os._exit(0)
        thread.join()
        say("parent done")
        assert os.waitpid(child, 0)[1] == 0
        """,
}


def run(program: str, *arguments: str) -> str:
    command = [sys.executable, "-c", PRELUDE + textwrap.dedent(program), *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    return ran.stdout


@forks
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_fork_in_the_middle(name: str) -> None:
    with RandomFaultServer(pause=0.5 if "turns" in name else 0) as server:
        lines = run(PROGRAMS[name], server.url).splitlines()
    assert {"parent done", "child done"} <= set(lines)


FROZEN = {
    "sync": """
        client = PartnerClient(**OPTIONS)
        for number in (1, 2):
            say(client.notify_payment(salon_id=number, **PAYMENT) // 10**6)
            sys.stdin.readline()
        """,
    "async": """
        client = AsyncPartnerClient(**OPTIONS)
        async def main():
            for number in (1, 2):
                say(await client.notify_payment(salon_id=number, **PAYMENT) // 10**6)
                sys.stdin.readline()
        asyncio.run(main())
        """,
}


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no SIGSTOP on this system")
@pytest.mark.parametrize("kind", FROZEN)
def test_a_process_that_was_frozen_for_longer_than_connections_are_kept(kind: str) -> None:
    """As AWS Lambda does between two events. The server closes the connection meanwhile."""
    with RandomFaultServer(idle=1) as server:
        command = [sys.executable, "-c", PRELUDE + textwrap.dedent(FROZEN[kind]), server.url]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            assert process.stdout.readline() == "1\n"
            process.send_signal(signal.SIGSTOP)
            time.sleep(2.5)
            process.send_signal(signal.SIGCONT)
            process.stdin.write("\n\n")
            process.stdin.flush()
            assert process.stdout.readline() == "2\n"
    assert process.returncode == 0


GUNICORN = """
from altegio_partner import AsyncPartnerClient
import os, anyio

client, async_client = PartnerClient(**OPTIONS), AsyncPartnerClient(**OPTIONS)
client.notify_payment(salon_id=1, **PAYMENT)
anyio.run(lambda: async_client.notify_payment(salon_id=1, **PAYMENT))
PARENT = os.getpid()

def app(environ, start_response):
    kind, number = environ["PATH_INFO"].strip("/").split("/")
    if kind == "sync":
        payment_id = client.notify_payment(salon_id=int(number), **PAYMENT)
    else:
        payment_id = anyio.run(lambda: async_client.notify_payment(salon_id=int(number), **PAYMENT))
    assert os.getpid() != PARENT
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{payment_id // 10**6} {os.getpid()}".encode()]
"""


@forks
def test_gunicorn_with_preload(tmp_path: Path) -> None:
    """A client of a module is built, and used, before gunicorn forks its workers."""
    with create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with RandomFaultServer(pause=0.02) as server:  # while one worker waits, others take what comes
        (tmp_path / "served.py").write_text(PRELUDE.replace("sys.argv[1]", repr(server.url)) + GUNICORN)
        options = ["--preload", "--workers", "3", "--bind", address, "--no-control-socket"]
        command = [sys.executable, "-m", "gunicorn", *options, "served:app"]
        log = (tmp_path / "log").open("w")
        with log, subprocess.Popen(command, cwd=tmp_path, stderr=log, stdout=log) as gunicorn:
            try:
                wait_for(address)
                workers: set[str] = set()
                with (
                    httpx.Client(base_url=f"http://{address}", trust_env=False) as http,
                    ThreadPoolExecutor(12) as threads,
                ):
                    paths = [f"/{kind}/{number}" for number in range(1, 60) for kind in ("sync", "async")]
                    for path, answer in zip(paths, threads.map(http.get, paths), strict=True):
                        salon, worker = answer.text.split()
                        assert salon == path.rpartition("/")[2]
                        workers.add(worker)
            finally:
                gunicorn.terminate()
    assert len(workers) > 1
    assert "Error" not in (tmp_path / "log").read_text()


def wait_for(address: str) -> None:
    host, _, port = address.partition(":")
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with suppress(OSError), create_connection((host, int(port))):
            return
        time.sleep(0.05)
    raise TimeoutError(address)


def test_a_client_that_nobody_closed_keeps_nothing_open_in_a_loop_that_goes_on() -> None:
    with RandomFaultServer() as server:
        program = """
            import gc
            async def main():
                for number in range(1, 4):
                    client = AsyncPartnerClient(**OPTIONS)
                    await client.notify_payment(salon_id=number, **PAYMENT)
                    del client
                    gc.collect()
                    await asyncio.sleep(0.1)
                say(len(os.listdir("/proc/self/fd")) - before)
            before = len(os.listdir("/proc/self/fd"))
            asyncio.run(main())
            say(len(os.listdir("/proc/self/fd")) - before)
            """
        in_loop, after = map(int, run(program, server.url).split())
    assert after == 0
    assert in_loop <= 4  # those of the loop itself
