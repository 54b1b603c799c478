"""Answers every POST with another recorded payment, on a plain and on a TLS port: `python server.py CERTIFICATE`."""

import asyncio
import itertools
import re
import ssl
import sys
from contextlib import suppress

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
BODY = b'{"success":true,"data":{"id":%d},"meta":[]}'
IDS = itertools.count(1_000_000_000)  # all equally long


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of a connection until the client closes it."""
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: *(\d+)", head)
            await reader.readexactly(int(length[1]) if length else 0)
            body = BODY % next(IDS)
            writer.write(HEAD % len(body) + body)
    writer.close()


async def serve(certificate: str) -> None:
    """Listen on two free ports, print them, and serve until killed."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    for tls in (None, context):
        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls, backlog=4096)
        print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
