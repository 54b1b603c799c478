"""What httpx and httpcore leave open, closed from outside. Private names are touched here and in `deadline.py` only."""

# Nothing public leads to what is mended here; tests over real sockets watch that it still is:
# pyright: reportPrivateUsage=false
# ruff: noqa: ANN401, SLF001

import functools
import ssl
from collections.abc import Iterator
from typing import Any, Self, cast

import anyio
import httpx


@functools.cache
def shared_ssl_context() -> ssl.SSLContext:
    """Read the trusted certificates once a process: it takes longer than all else that a client is built of."""
    context = httpx.create_ssl_context()
    context.set_alpn_protocols(["http/1.1"])
    # httpcore sets them anew with each connection, while other threads shake hands: they would send freed memory.
    vars(context)["set_alpn_protocols"] = lambda _: None  # pyright: ignore[reportUnknownLambdaType]
    return context


def unmended_backends(client: httpx.Client | httpx.AsyncClient) -> Iterator[Any]:
    """Give what opens the connections of a client, unless another client of ours, with its transport, has been here."""
    for transport in (client._transport, *client._mounts.values()):
        backend = getattr(getattr(transport, "_pool", None), "_network_backend", None)
        if backend is not None and "connect_tcp" not in vars(backend):
            yield backend


def transport_for(client: httpx.Client | httpx.AsyncClient, url: str) -> Any:
    """Return what a client sends with, a proxy or not: half of a call's time is what httpx does around it.

    That is cookies, redirects, hooks and a second parsing of the URL, of which we want nothing.
    """
    return client._transport_for_url(httpx.URL(url))


def close_broken_handshakes(client: httpx.AsyncClient) -> None:
    """Let a TLS handshake that is cancelled close its connection: httpcore does so when it fails, and only then."""
    for backend in unmended_backends(client):
        backend.connect_tcp = functools.partial(_connect_tcp, backend.connect_tcp)


async def _connect_tcp(connect: Any, *args: Any, **kwargs: Any) -> Any:
    stream = await connect(*args, **kwargs)
    stream.start_tls = functools.partial(_start_tls, stream, stream.start_tls)
    return stream


async def _start_tls(stream: Any, handshake: Any, *args: Any, **kwargs: Any) -> Any:
    try:
        return await handshake(*args, **kwargs)
    except BaseException:
        with anyio.CancelScope(shield=True):
            await stream.aclose()
        raise


def leave_surplus_behind(response: httpx.Response) -> bool:
    """Give the connection up if more came than the answer: httpcore would take it for the answer to the next call.

    Return whether it did.
    """
    names = ("_httpcore_stream", "_stream", "_connection", "_h11_state")
    http: Any = functools.reduce(lambda part, name: getattr(part, name, None), names, cast(Any, response.stream))
    tls = getattr(response.extensions.get("network_stream"), "_stream", None)
    held_back: Any = getattr(tls, "_read_bio", None) or getattr(tls, "_incoming", None)  # of anyio, of trio
    if http is None or not (http.trailing_data[0] or (held_back and held_back.pending)):
        return False
    http.send_failed()  # in this state, httpcore closes the connection instead of keeping it
    return True


class OnePiece(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body of a request, without the generator that httpx leaves open when only a part of it can be sent."""

    def __init__(self, content: bytes) -> None:
        self._left = [content]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._left)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if not self._left:
            raise StopAsyncIteration
        return self._left.pop()
