"""The two clients: the only place of ours that sends and waits."""

import functools
import ssl
import threading
import time
from contextlib import aclosing, closing
from datetime import tzinfo
from typing import Any, Self, TypeVar, cast

import anyio
import httpx

from .answer import Answer
from .auth import PartnerToken
from .bad_argument import ArgumentsHidden
from .conversation import Conversation
from .endpoint import Call
from .operations import PartnerOperations
from .settings import Settings
from .urls import is_local
from .version import __version__

T = TypeVar("T")

_CONNECTIONS = 5  # Altegio allows 5 calls a second, and httpx gets slower with every connection in its pool
_LIMITS = httpx.Limits(
    max_connections=_CONNECTIONS,
    max_keepalive_connections=_CONNECTIONS,
    keepalive_expiry=2.0,  # seconds; common servers close after 5, and a call that crosses the closing may be lost
)
_GRACE = 0.25  # seconds from the time limit of connecting to that of the attempt: only the first proves "not sent"
_HEADERS = {
    "Accept": "application/vnd.api.v2+json",
    "Accept-Encoding": "identity",
    "User-Agent": f"altegio-partner/{__version__}",
}


class PartnerClient(PartnerOperations):
    """Tells Altegio what happens at the locations that use our application.

    One client serves a whole process and all its threads. Close it, or use it in a `with` block. It holds the partner
    token, so it cannot be copied or pickled.

    Args:
        partner_token: The secret of our partner account. Default: the environment's ALTEGIO_PARTNER_TOKEN.
        application_id: The number of our application. Default: ALTEGIO_APPLICATION_ID.
        base_url: Where Altegio is. Default: ALTEGIO_BASE_URL, then https://app.alteg.io.
        timezone: The zone in which aware datetimes are sent, a `tzinfo` or an IANA name. Without it they are refused,
            for the API carries no zone. Naive ones are always sent as they are.
        timeout: The seconds that one attempt may take, counted from its turn: 5 calls are under way at once. Only an
            answer whose headers drip in byte by byte, each in time, can outlast it (not in `AsyncPartnerClient`).
        max_retries: How often a call is sent again that provably was not processed: Altegio was not reached, or
            answered 429. What may have been recorded is never sent again.
        transport: What carries requests instead of the network, such as a sandbox.

    Raises:
        ValueError: An argument is missing or wrong; the message says which, and how to mend it.

    """

    def __init__(
        self,
        partner_token: str | None = None,
        *,
        application_id: int | None = None,
        base_url: str | None = None,
        timezone: tzinfo | str | None = None,
        timeout: float = 30.0,
        max_retries: int = 2,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        with ArgumentsHidden():
            token = PartnerToken(partner_token)
            self._settings = Settings(token, application_id, base_url, timezone, timeout, max_retries)
        self._turns = threading.BoundedSemaphore(_CONNECTIONS)
        hooks = {"response": [_take_location]}
        self._http = httpx.Client(transport=transport, event_hooks=hooks, **_options(self._settings))

    def _perform(self, call: Call[T], /) -> T:
        _check_open(self._http.is_closed)
        conversation = Conversation(call, self._settings)
        for pause in conversation:
            time.sleep(pause)
            with self._turns:
                request = _request(call, self._settings)
                with conversation:
                    self._exchange(request, conversation)
        return conversation.result()

    def _exchange(self, request: httpx.Request, conversation: Conversation[T]) -> None:
        deadline = time.monotonic() + self._settings.timeout
        response = self._http.send(request, auth=self._settings.token, stream=True, follow_redirects=False)
        with closing(response):
            conversation.answer = answer = _answer(response)
            for chunk in cast(httpx.SyncByteStream, response.stream):
                if not answer.take(chunk):
                    break
                if time.monotonic() > deadline:
                    raise TimeoutError

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncPartnerClient(PartnerOperations):
    """The `PartnerClient` for asyncio and trio: the same arguments, and the same methods as coroutines.

    Its `timeout` bounds an attempt in every respect. Close it with `aclose`, or use it in an `async with` block.
    """

    def __init__(
        self,
        partner_token: str | None = None,
        *,
        application_id: int | None = None,
        base_url: str | None = None,
        timezone: tzinfo | str | None = None,
        timeout: float = 30.0,
        max_retries: int = 2,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        with ArgumentsHidden():
            token = PartnerToken(partner_token)
            self._settings = Settings(token, application_id, base_url, timezone, timeout, max_retries)
        self._turns = anyio.Semaphore(_CONNECTIONS)
        hooks = {"response": [_take_location_async]}
        self._http = httpx.AsyncClient(transport=transport, event_hooks=hooks, **_options(self._settings))

    async def _perform(self, call: Call[T], /) -> T:
        _check_open(self._http.is_closed)
        conversation = Conversation(call, self._settings)
        for pause in conversation:
            await anyio.sleep(pause)
            async with self._turns:
                request = _request(call, self._settings)
                with conversation, anyio.fail_after(self._settings.timeout + _GRACE):
                    await self._exchange(request, conversation)
        return conversation.result()

    async def _exchange(self, request: httpx.Request, conversation: Conversation[T]) -> None:
        response = await self._http.send(request, auth=self._settings.token, stream=True, follow_redirects=False)
        async with aclosing(response):
            conversation.answer = answer = _answer(response)
            async for chunk in cast(httpx.AsyncByteStream, response.stream):
                if not answer.take(chunk):
                    await response.aclose()  # ends the stream; leaving it would leave the generators in it open

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


@functools.cache
def _ssl_context() -> ssl.SSLContext:
    """Read the trusted certificates once a process: it takes longer than all else that a client is built of."""
    return httpx.create_ssl_context()


def _options(settings: Settings) -> dict[str, Any]:
    # A proxy of the environment cannot reach the sandbox on this machine.
    return {"verify": _ssl_context(), "limits": _LIMITS, "trust_env": not is_local(settings.base_url)}


def _request(call: Call[Any], settings: Settings) -> httpx.Request:
    parts: dict[str, Any] = {
        **call.request,
        "url": settings.base_url + call.request["url"],
        "headers": {**_HEADERS, **call.request.get("headers", {})},
    }
    return httpx.Request(**parts, extensions={"timeout": _TimeLeft(settings.timeout)})


class _TimeLeft(dict[str, float]):
    """The timeouts of one attempt: connecting, writing and reading share its time, instead of having it each."""

    def __init__(self, seconds: float) -> None:
        super().__init__(dict.fromkeys(("connect", "read", "write", "pool"), seconds))
        self._deadline = time.monotonic() + seconds

    def get(self, *_: object) -> float:
        return max(self._deadline - time.monotonic(), 0.001)


def _answer(response: httpx.Response) -> Answer:
    return Answer(
        status=response.status_code,
        location=response.extensions.get("location"),
        retry_after=response.headers.get("retry-after"),
        encoding=response.headers.get("content-encoding"),
    )


def _take_location(response: httpx.Response) -> None:
    # httpx parses a Location even when it is not to follow it, and raises when it cannot.
    response.extensions["location"] = response.headers.pop("location", None)


async def _take_location_async(response: httpx.Response) -> None:
    _take_location(response)


def _check_open(is_closed: bool) -> None:
    if is_closed:
        raise RuntimeError("This client is closed, and nothing was sent: build a new one, or call inside its block.")
