"""The sandbox without a socket: a transport of httpx, for clients of both kinds."""

from collections.abc import Callable

import httpx

from .altegio import Reply, Request


class SandboxTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Hands requests over as they would arrive."""

    def __init__(self, answer: Callable[[Request], Reply | None]) -> None:
        self._answer = answer

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer, or raise as httpx does when the connection is dropped."""
        reply = self._answer(Request(request.method, request.url.path, dict(request.headers), request.read()))
        if reply is None:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)
        return httpx.Response(reply.status, headers=dict(reply.headers), content=reply.body)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Do the same, awaited."""
        return self.handle_request(request)
