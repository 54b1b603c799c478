"""Clients that report payments to a sandbox on kept connections, as fast as they can: for a benchmark, and for a test.

`python paying_clients.py PORT CLIENTS PAYMENTS` prints a line for each payment: its number, and the id or "unknown".
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from itertools import count

_HEAD = (
    b"POST /marketplace/partner/payment HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer sandbox-partner-token\r\n"
    b"Accept: application/vnd.api.v2+json\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
)
_PAUSE = 0.02  # seconds, while the sandbox does not run


def _request(number: int) -> bytes:
    """Return the request of a payment: its amount is its number."""
    body = json.dumps(
        {
            "salon_id": 123,
            "application_id": 123,
            "payment_sum": number,
            "currency_iso": "EUR",
            "payment_date": "2030-01-01 00:00:00",
            "period_from": "2030-01-01 00:00:00",
            "period_to": "2030-01-31 23:59:59",
        }
    ).encode()
    return _HEAD % len(body) + body


async def _answer(reader: asyncio.StreamReader) -> bytes:
    """Return the body of an answer with status 200."""
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 "):
        raise ValueError(head)
    length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
    return await reader.readexactly(int(length))


async def _pay(port: int, numbers: Iterator[int], payments: int) -> None:
    """Report payments, each once, whatever becomes of it."""
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    for number in numbers:
        if number > payments:
            break
        while connection is None:
            try:
                connection = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionError:
                await asyncio.sleep(_PAUSE)
        reader, writer = connection
        try:
            writer.write(_request(number))
            found = json.loads(await _answer(reader))
        except (ConnectionError, asyncio.IncompleteReadError):
            print(number, "unknown", flush=True)
            connection = None
        else:
            print(number, found["data"]["id"], flush=True)


async def main(port: int, clients: int, payments: int) -> None:
    """Let all clients report payments at the same time."""
    numbers = count(1)
    async with asyncio.TaskGroup() as tasks:
        for _ in range(clients):
            tasks.create_task(_pay(port, numbers, payments))


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
