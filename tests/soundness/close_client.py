"""Closes a client, or does not, in some order of things, and ends. What Python has to say about that is in stderr.

Usage: close_client.py sync|asyncio|trio ORDER URL
"""

import logging
import ssl
import sys
import threading
from contextlib import suppress
from datetime import datetime
from typing import Any

import anyio
import h11

from altegio_partner import AltegioError, AsyncPartnerClient, PartnerClient

CALLS = 7
OUT_AT_ONCE = 5  # so two wait for their turn
PAYMENT: dict[str, Any] = {
    "salon_id": 1,
    "payment_sum": "990.99",
    "currency_iso": "EUR",
    "payment_date": datetime(2022, 1, 1, 10, 10),
    "period_from": datetime(2022, 1, 1, 10, 10),
    "period_to": datetime(2022, 2, 1, 10, 10),
}


class Events:
    """Says when a request has gone out, and when TLS is being agreed on: by what h11 and ssl are asked to do."""

    def __init__(self) -> None:
        self.sent = threading.Semaphore(0)
        self.greeted = threading.Semaphore(0)

    def watch(self) -> None:
        next_event, wrap_bio = h11.Connection.next_event, ssl.SSLContext.wrap_bio

        def watched_event(http: h11.Connection) -> object:
            event = next_event(http)
            if event is h11.NEED_DATA and http.our_state is h11.DONE:
                self.sent.release()
            return event

        def watched_wrap(*args: Any, **kwargs: Any) -> ssl.SSLObject:
            self.greeted.release()
            return wrap_bio(*args, **kwargs)

        of_h11: Any = h11.Connection
        of_h11.next_event = watched_event
        of_ssl: Any = ssl.SSLContext
        of_ssl.wrap_bio = watched_wrap


EVENTS = Events()


def started(client: PartnerClient, *, daemon: bool) -> list[threading.Thread]:
    """Start calls in threads, and return when as many are out as can be."""

    def call() -> None:
        with suppress(AltegioError, RuntimeError):  # RuntimeError: the client was closed before it was sent
            client.notify_payment(**PAYMENT)

    threads = [threading.Thread(target=call, daemon=daemon) for _ in range(CALLS)]
    for thread in threads:
        thread.start()
    for _ in range(OUT_AT_ONCE):
        EVENTS.sent.acquire()
    return threads


def sync_in_a_block(client: PartnerClient) -> None:
    with client:
        client.notify_payment(**PAYMENT)


def sync_twice(client: PartnerClient) -> None:
    client.notify_payment(**PAYMENT)
    client.close()
    client.close()


def sync_unused(client: PartnerClient) -> None:
    client.close()


def sync_with_calls_in_flight(client: PartnerClient) -> None:
    threads = started(client, daemon=False)
    client.close()
    for thread in threads:
        thread.join()


def sync_after_the_end_of_the_main_thread(client: PartnerClient) -> None:
    started(client, daemon=False)

    def close() -> None:
        threading.main_thread().join()
        client.close()

    threading.Thread(target=close).start()


def sync_never(client: PartnerClient) -> None:
    client.notify_payment(**PAYMENT)


def sync_never_with_calls_in_flight(client: PartnerClient) -> None:
    started(client, daemon=True)


async def call_in_task(client: AsyncPartnerClient) -> None:
    with suppress(AltegioError, RuntimeError):
        await client.notify_payment(**PAYMENT)


async def async_in_a_block(client: AsyncPartnerClient) -> None:
    async with client:
        await client.notify_payment(**PAYMENT)


async def async_twice(client: AsyncPartnerClient) -> None:
    await client.notify_payment(**PAYMENT)
    await client.aclose()
    await client.aclose()


async def async_unused(client: AsyncPartnerClient) -> None:
    await client.aclose()


async def async_with_calls_in_flight(client: AsyncPartnerClient) -> None:
    async with anyio.create_task_group() as tasks:
        for _ in range(CALLS):
            tasks.start_soon(call_in_task, client)
        for _ in range(OUT_AT_ONCE):
            await anyio.to_thread.run_sync(EVENTS.sent.acquire)
        await client.aclose()


async def async_after_cancelling_calls(client: AsyncPartnerClient) -> None:
    async with client, anyio.create_task_group() as tasks:
        for _ in range(CALLS):
            tasks.start_soon(call_in_task, client)
        for _ in range(OUT_AT_ONCE):
            await anyio.to_thread.run_sync(EVENTS.sent.acquire)
        tasks.cancel_scope.cancel()


async def async_after_cancelling_handshakes(client: AsyncPartnerClient) -> None:
    async with client, anyio.create_task_group() as tasks:
        for _ in range(CALLS):
            tasks.start_soon(call_in_task, client)
        for _ in range(OUT_AT_ONCE):
            await anyio.to_thread.run_sync(EVENTS.greeted.acquire)
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()


async def async_in_another_loop(client: AsyncPartnerClient) -> None:
    await client.notify_payment(**PAYMENT)  # `main` closes it


async def async_never(client: AsyncPartnerClient) -> None:
    await client.notify_payment(**PAYMENT)


def main(kind: str, order: str, url: str) -> None:
    logging.getLogger("altegio_partner").addHandler(logging.NullHandler())
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # a busy machine is slow, and asyncio says so
    EVENTS.watch()
    options: dict[str, Any] = {"partner_token": "FakeTokenFakeToken", "application_id": 1, "base_url": url}
    if kind == "sync":
        globals()[f"sync_{order}"](PartnerClient(**options))
        return
    client = AsyncPartnerClient(**options)
    anyio.run(globals()[f"async_{order}"], client, backend=kind)
    if order == "in_another_loop":
        anyio.run(client.aclose, backend=kind)


if __name__ == "__main__":
    main(*sys.argv[1:])
