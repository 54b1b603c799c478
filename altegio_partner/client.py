"""The two clients, sync and async, which do the I/O of this library."""

import functools
import json
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import aclosing, closing
from datetime import tzinfo
from typing import Any, Self, TypeVar, cast

import anyio.lowlevel
import anyio.to_thread
import httpx

from . import clock
from .auth import Credentials
from .bad_argument import bad_argument
from .call import Call, T
from .errors import NotSentError
from .flow import Attempt, Pause, Step, drive, drive_async
from .late_imports import late_imports
from .methods.marketplace import AsyncMarketplaceMethods, MarketplaceMethods
from .progress import EXTENSION
from .received_response import ReceivedResponse
from .redaction import hide_locals
from .retry import send
from .settings import PaymentLedger, RateLimit, Settings
from .sharing import PerLoop, PerProcess, running_loop
from .urls import Urls
from .version import __version__

_CALLS_AT_ONCE = 5  # Altegio allows 5 calls a second
_GRACE = 0.25  # seconds beyond `timeout`: the transport's own timeouts come first, since only they can prove "not sent"
_LENGTH_HEADERS = {b"content-length", b"transfer-encoding"}
_POLLING = 0.05  # polling interval of the rate limiter, in seconds
_HEADERS = {
    "Accept": "application/vnd.api.v2+json",
    "Accept-Encoding": "identity",
    "User-Agent": f"altegio-partner/{__version__}",
}


class PartnerClient(MarketplaceMethods):
    """A client for Altegio's partner API.

    Create one and share it: it works in all threads of a program, and in processes that are forked from it. Close it,
    or use it in a `with` block. It holds the partner token, so it cannot be pickled.

    Args:
        partner_token: The secret of your partner account. Default: the environment variable ALTEGIO_PARTNER_TOKEN.
        application_id: The id of your application. Default: ALTEGIO_APPLICATION_ID.
        base_url: The URL of Altegio. Default: ALTEGIO_BASE_URL, then https://app.alteg.io.
        timezone: The zone to which aware datetimes are converted, a `tzinfo` or an IANA name. Without it they are
            rejected, because the API has no time zones. Naive datetimes are always sent unchanged.
        timeout: How many seconds one attempt may take, after the time in the queue: 5 calls are sent at a time. Only a
            slow name server, or a host with several silent addresses, can exceed it (not in `AsyncPartnerClient`).
        max_retries: How often to retry a call that was certainly not processed (Altegio was not reached, or answered
            429) or is harmless to repeat. A payment or refund that may have been recorded is never sent again.
        transport: Sends the requests: a sandbox's, or an `HTTPTransport` with custom certificates or a proxy.
        ledger: Prevents duplicate payments and refunds: a `Ledger` of `altegio_partner.ledger`.
        rate_limit: Keeps the calls within Altegio's limits for one IP address: `altegio_rate_limit()`, of
            `altegio_partner.rate_limit`. A call that it does not allow within `timeout` is not sent.
        user_token: The secret of a user, for `webhooks` and `voip.list_calls`. Default: ALTEGIO_USER_TOKEN.
        api_url: The URL for `webhooks`, `voip` and `dictionaries`. Default: ALTEGIO_API_URL, then
            https://api.alteg.io/api/v1, or /api/v1 below another `base_url`.

    Raises:
        ValueError: An argument is missing or wrong; the message says which, and how to fix it.
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
        ledger: PaymentLedger | None = None,
        rate_limit: RateLimit | None = None,
        user_token: str | None = None,
        api_url: str | None = None,
    ) -> None:
        with hide_locals():
            tokens, urls = Credentials(partner_token, user_token), Urls.of(base_url, api_url)
            self._settings = Settings(tokens, application_id, urls, timezone, timeout, max_retries, ledger, rate_limit)
            self._transport: httpx.BaseTransport = _transport(httpx.BaseTransport, transport, self._settings)
        self._is_closed = threading.Event()  # with_user_token shares it
        self._slots = PerProcess(lambda: threading.BoundedSemaphore(_CALLS_AT_ONCE))

    def perform(self, call: Call[T]) -> T:
        """Perform a custom call, for which there is no method, and return its result or raise its error."""
        _check_open(self._is_closed.is_set())
        return drive(send(call, self._settings) if call.plan is None else call.plan(call), self._step)

    def _step(self, step: Step) -> object:
        match step:
            case Attempt():
                self._send(step)
            case Call():
                return drive(send(cast(Call[object], step), self._settings), self._step)
            case Pause():
                time.sleep(step.seconds)
            case _:
                return step.function()
        return None

    def _send(self, attempt: Attempt) -> None:
        with self._slots.get():
            deadline = time.monotonic() + self._settings.timeout
            while not _is_allowed(self._settings):
                if time.monotonic() > deadline:
                    raise _not_allowed(attempt.call, self._settings)
                time.sleep(_POLLING)
            _check_open(self._is_closed.is_set())
            if attempt.call.prepare is not None:
                attempt.call.prepare(attempt)
            with hide_locals():
                request = _request(attempt, self._settings)
            with attempt, closing(self._transport.handle_request(request)) as response:
                attempt.response = received = _received(response)
                has_read = response.is_stream_consumed  # a transport may have read it
                chunks = [response.content] if has_read else cast(httpx.SyncByteStream, response.stream)
                received.is_complete = all(map(received.append, chunks))

    def close(self) -> None:
        """Close the client and its connections. Later calls raise RuntimeError."""
        self._is_closed.set()
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncPartnerClient(AsyncMarketplaceMethods):
    """The `PartnerClient` for asyncio and trio: the same arguments, and the same methods as coroutines.

    An attempt ends at most a quarter of a second after its `timeout`. With a custom `transport`, 10 calls are sent at a
    time. One client works in all event loops. Close it with `aclose`, or use it in an `async with` block.
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
        ledger: PaymentLedger | None = None,
        rate_limit: RateLimit | None = None,
        user_token: str | None = None,
        api_url: str | None = None,
    ) -> None:
        with hide_locals():
            tokens, urls = Credentials(partner_token, user_token), Urls.of(base_url, api_url)
            self._settings = Settings(tokens, application_id, urls, timezone, timeout, max_retries, ledger, rate_limit)
            self._transport: httpx.AsyncBaseTransport = _transport(httpx.AsyncBaseTransport, transport, self._settings)
        self._is_closed = threading.Event()  # with_user_token shares it
        calls_at_once = _CALLS_AT_ONCE if transport is None else 2 * _CALLS_AT_ONCE  # aiohttp is faster with more
        self._slots = PerLoop(lambda: anyio.Semaphore(calls_at_once))

    async def perform(self, call: Call[T]) -> T:
        """Perform a custom call, for which there is no method, and return its result or raise its error."""
        _check_open(self._is_closed.is_set())
        return await drive_async(send(call, self._settings) if call.plan is None else call.plan(call), self._step)

    async def _step(self, step: Step) -> object:
        match step:
            case Attempt():
                await self._send(step)
            case Call():
                return await drive_async(send(cast(Call[object], step), self._settings), self._step)
            case Pause():
                await anyio.sleep(step.seconds)
            case _:
                with anyio.CancelScope(shield=step.is_shielded):
                    return await anyio.to_thread.run_sync(step.function, limiter=running_loop().threads)
        return None

    async def _send(self, attempt: Attempt) -> None:
        async with self._slots.get():
            if self._settings.rate_limit is not None:
                await self._wait_until_allowed(attempt.call)
            _check_open(self._is_closed.is_set())
            if attempt.call.prepare is not None:
                await anyio.to_thread.run_sync(attempt.call.prepare, attempt, limiter=running_loop().threads)
                await anyio.lowlevel.checkpoint()  # cancelled meanwhile: nothing has been handed to the transport yet
            with hide_locals():
                request = _request(attempt, self._settings)
            with attempt, anyio.fail_after(self._settings.timeout + _GRACE):
                async with aclosing(await self._transport.handle_async_request(request)) as response:
                    attempt.response = received = _received(response)
                    if response.is_stream_consumed:  # a transport has read it
                        received.is_complete = received.append(response.content)
                        return
                    async for chunk in cast(httpx.AsyncByteStream, response.stream):
                        if not received.append(chunk):
                            await response.aclose()  # ends the stream, and the generators in it
                    received.is_complete = received.defect is None

    async def _wait_until_allowed(self, call: Call[Any]) -> None:
        in_thread = functools.partial(anyio.to_thread.run_sync, abandon_on_cancel=True, limiter=running_loop().threads)
        with anyio.move_on_after(self._settings.timeout):
            while not await in_thread(_is_allowed, self._settings):  # noqa: ASYNC110
                await anyio.sleep(_POLLING)
            return
        raise _not_allowed(call, self._settings)

    async def aclose(self) -> None:
        """Close the client and its connections. Later calls raise RuntimeError."""
        self._is_closed.set()
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


B = TypeVar("B", httpx.BaseTransport, httpx.AsyncBaseTransport)


def _transport(kind: type[B], transport: B | None, settings: Settings) -> B:
    if transport is None:
        with late_imports:
            from .transport import HTTPTransport  # noqa: PLC0415  slow to import, and a sandbox needs none

        transport = cast(B, HTTPTransport())
    if not isinstance(transport, kind):
        fix = "Write HTTPTransport(), from altegio_partner, or leave it out."
        raise bad_argument("transport", f"an httpx.{kind.__name__}", transport, fix=fix)
    find_route: Callable[[httpx.URL], object] | None = getattr(transport, "find_route", None)
    if find_route is not None:  # this finds an invalid environment variable
        for url in settings.urls:
            find_route(httpx.URL(url))
    return transport


def _request(attempt: Attempt, settings: Settings) -> httpx.Request:
    call, deadline = attempt.call, attempt.progress.may_leave_until
    if deadline is not None and clock.elapsed() > deadline:
        raise NotSentError(f"{call} waited for too long to be sent. Nothing was recorded: call again.")
    parts = call.request
    url = _url(getattr(settings.urls, call.host) + parts["url"])
    content = _encoder.encode(parts["json"]).encode() if "json" in parts else b""
    headers = [(b"Host", url.netloc), settings.credentials.header(needs_user=call.needs_user)]
    headers += [(name.encode(), value.encode()) for name, value in {**_HEADERS, **parts.get("headers", {})}.items()]
    if content or parts["method"] != "get":
        headers.append((b"Content-Length", b"%d" % len(content)))
    timeout = dict.fromkeys(("connect", "read", "write", "pool"), settings.timeout)
    extensions = {"timeout": timeout, EXTENSION: attempt.progress}
    body, params = _SingleUseBody(content), parts.get("params")
    return httpx.Request(parts["method"], url, params=params, headers=headers, stream=body, extensions=extensions)


class _SingleUseBody(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body of a request. It can be read once, so that no transport sends it again, as HTTP/2 does after GOAWAY."""

    def __init__(self, content: bytes) -> None:
        self._content: bytes | None = content
        self._pieces: Iterator[bytes] = iter(())

    def __iter__(self) -> Iterator[bytes]:
        content, self._content = self._content, None
        if content is None:
            raise httpx.StreamConsumed
        return iter((content,))

    def __aiter__(self) -> Self:
        self._pieces = iter(self)
        return self

    async def __anext__(self) -> bytes:
        for piece in self._pieces:
            return piece
        raise StopAsyncIteration


_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_url = functools.lru_cache(maxsize=64)(httpx.URL)  # parsing a URL takes half as long as everything else in a call


def _received(response: httpx.Response) -> ReceivedResponse:
    names = {name.lower() for name, _ in response.headers.raw}
    has_length = response.status_code == 204 or not names.isdisjoint(_LENGTH_HEADERS)
    return ReceivedResponse(
        response.status_code,
        response.headers["location"] if b"location" in names else None,
        response.headers["retry-after"] if b"retry-after" in names else None,
        is_bounded=has_length or not response.extensions.get("http_version", b"").startswith(b"HTTP/1"),
    )


def _not_allowed(call: Call[Any], settings: Settings) -> NotSentError:
    return NotSentError(
        f"The rate limit did not allow {call} within {settings.timeout:g} s. Nothing was sent: call again later."
    )


def _check_open(is_closed: bool) -> None:
    if is_closed:
        raise RuntimeError("This client is closed. Nothing was sent: create a new one, or call inside its with block.")


def _is_allowed(settings: Settings) -> bool:
    limit, problem = settings.rate_limit, "it is async"
    try:
        allowed = limit is None or limit.try_acquire("altegio", blocking=False)
    except Exception as error:  # noqa: BLE001  any code, perhaps in another process
        allowed, problem = None, type(error).__name__
    if isinstance(allowed, bool):
        return allowed
    if isinstance(allowed, Coroutine):
        allowed.close()
    raise NotSentError(f"The rate limit failed ({problem}). Nothing was sent: fix it, then call again.")
