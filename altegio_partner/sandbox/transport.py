"""The sandbox without a socket: an httpx transport for sync and async clients."""

import time
from collections.abc import AsyncIterator, Callable, Iterator

import anyio
import httpx
from attrs import evolve, frozen

from .api import Request, Response


class SandboxTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Passes requests to a sandbox. If a response is lost, it raises the same error as httpx."""

    def __init__(self, answer: Callable[[Request], Response]) -> None:
        self._answer = answer

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the response, or raise the transport error of the injected fault."""
        response = self._respond(request, request.read())
        time.sleep(_delay(request, response))
        return _received(request, response)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Like `handle_request`, for async clients."""
        response = self._respond(request, await request.aread())
        if delay := _delay(request, response):
            await anyio.sleep(delay)
        return _received(request, response)

    def _respond(self, request: httpx.Request, body: bytes) -> Response:
        query = request.url.query.decode()
        call = Request(request.method, request.url.path, dict(request.headers), body, query=query)
        response = self._answer(call)
        return evolve(response, body=b"") if request.method == "HEAD" else response


def _delay(request: httpx.Request, response: Response) -> float:
    """Return the seconds to wait, or raise the timeout error at once if the response is later than the timeout."""
    limit: float | None = request.extensions.get("timeout", {}).get("read")
    if limit is not None and response.delay >= limit:
        raise httpx.ReadTimeout("The read operation timed out.", request=request)
    return response.delay


def _received(request: httpx.Request, response: Response) -> httpx.Response:
    if response.transfer == "dropped":
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)
    if response.transfer == "stalled":
        raise httpx.ReadTimeout("The read operation timed out.", request=request)
    if response.transfer in ("cut", "dripped"):
        kind = httpx.RemoteProtocolError if response.transfer == "cut" else httpx.ReadTimeout
        return httpx.Response(
            response.status, headers=dict(response.headers), stream=_IncompleteBody(response.body, kind)
        )
    return httpx.Response(response.status, headers=dict(response.headers), content=response.body)


@frozen
class _IncompleteBody(httpx.SyncByteStream, httpx.AsyncByteStream):
    body: bytes
    kind: type[httpx.TransportError]

    def __iter__(self) -> Iterator[bytes]:
        yield self.body[: len(self.body) // 2]
        raise self.kind("The body is incomplete.")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk
