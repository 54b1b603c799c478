"""The sandbox without a socket: a transport of httpx, for clients of both kinds."""

from collections.abc import AsyncIterator, Callable, Iterator

import httpx
from attrs import frozen

from .altegio import Reply, Request


class SandboxTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Hands requests over as they would arrive, and fails as httpx does when an answer does not."""

    def __init__(self, answer: Callable[[Request], Reply]) -> None:
        self._answer = answer

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer, or raise what happens to it."""
        reply = self._answer(Request(request.method, request.url.path, dict(request.headers), request.read()))
        if reply.delivery == "dropped":
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)
        if reply.delivery == "stalled":
            raise httpx.ReadTimeout("The read operation timed out.", request=request)
        if reply.delivery in ("cut", "dripped"):
            kind = httpx.RemoteProtocolError if reply.delivery == "cut" else httpx.ReadTimeout
            return httpx.Response(reply.status, headers=dict(reply.headers), stream=_Broken(reply.body, kind))
        return httpx.Response(reply.status, headers=dict(reply.headers), content=reply.body)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Do the same, awaited."""
        return self.handle_request(request)


@frozen
class _Broken(httpx.SyncByteStream, httpx.AsyncByteStream):
    body: bytes
    kind: type[httpx.TransportError]

    def __iter__(self) -> Iterator[bytes]:
        yield self.body[: len(self.body) // 2]
        raise self.kind("The body did not arrive to its end.")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk
