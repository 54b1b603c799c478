"""The two clients: the only place of ours that sends and waits."""

import functools
import json
import os
import threading
import time
from collections.abc import Coroutine
from contextlib import aclosing, closing
from datetime import tzinfo
from typing import Any, Self, TypeVar, cast

import anyio
import anyio.lowlevel
import anyio.to_thread
import httpx

from .auth import PartnerToken
from .bad_argument import bad_argument
from .call import Call, T
from .conversation import Conversation
from .deadline import TimeLeft, bound_every_wait
from .errors import NotSentError
from .httpcore_gaps import (
    OnePiece,
    close_broken_handshakes,
    leave_surplus_behind,
    shared_ssl_context,
    transport_for,
)
from .methods.marketplace import AsyncMarketplaceMethods, MarketplaceMethods
from .received_response import ReceivedResponse
from .redaction import hide_locals
from .settings import PaymentLedger, RateLimit, Settings
from .urls import is_local
from .version import __version__

_CONNECTIONS = 5  # Altegio allows 5 calls a second, and httpx gets slower with every connection in its pool
_LIMITS = httpx.Limits(
    max_connections=None,  # the turns bound them; httpx counts some that failed behind a proxy for ever
    max_keepalive_connections=_CONNECTIONS,
    keepalive_expiry=2.0,  # seconds; common servers close after 5, and a call that crosses the closing may be lost
)
_GRACE = 0.25  # seconds from the time limit of connecting to that of the attempt: only the first proves "not sent"
_LENGTHS = {"content-length", "transfer-encoding"}
_PACE = 0.05  # seconds between the questions whether another call is allowed
_HEADERS = [
    (b"Accept", b"application/vnd.api.v2+json"),
    (b"Accept-Encoding", b"identity"),
    (b"User-Agent", f"altegio-partner/{__version__}".encode()),
]


class PartnerClient(MarketplaceMethods):
    """Tells Altegio what happens at the locations that use our application.

    One client serves a whole process and all its threads. Close it, or use it in a `with` block. It holds the partner
    token, so it cannot be pickled.

    Args:
        partner_token: The secret of our partner account. Default: the environment's ALTEGIO_PARTNER_TOKEN.
        application_id: The number of our application. Default: ALTEGIO_APPLICATION_ID.
        base_url: Where Altegio is. Default: ALTEGIO_BASE_URL, then https://app.alteg.io.
        timezone: The zone in which aware datetimes are sent, a `tzinfo` or an IANA name. Without it they are refused,
            for the API carries no zone. Naive ones are always sent as they are.
        timeout: The seconds that one attempt may take, counted from its turn: 5 calls are under way at once. Every wait
            for the network gets what is left of them when it begins. So a slow name server, or a host with several
            silent addresses, can take longer (not in `AsyncPartnerClient`).
        max_retries: How often a call is sent again that provably was not processed: Altegio was not reached, or
            answered 429. What may have been recorded is never sent again.
        transport: What carries requests instead of the network, such as a sandbox.
        ledger: Remembers payments, so that each is recorded once: a `Ledger` of `altegio_partner.ledger`.
        rate_limit: Keeps the calls within what Altegio allows one IP address: `altegio_rate_limit()`, of
            `altegio_partner.rate_limit`. The wait for it is not counted as time of an attempt.

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
    ) -> None:
        with hide_locals():
            token = PartnerToken(partner_token)
            self._settings = Settings(
                token, application_id, base_url, timezone, timeout, max_retries, ledger, rate_limit
            )
            self._http = _built(httpx.Client, httpx.BaseTransport, transport, self._settings)
            bound_every_wait(self._http)
            self._transport: httpx.BaseTransport = transport_for(self._http, self._settings.base_url)
        self._turns = threading.BoundedSemaphore(_CONNECTIONS)

    def perform(self, call: Call[T]) -> T:
        """Carry out a call that has no method, such as one of your own, and return its result or raise its error."""
        _check_usable(self._http, self._settings)
        return self._send(call) if call.plan is None else call.plan.run(call, self._send)

    def _send(self, call: Call[T]) -> T:
        conversation = Conversation(call, self._settings)
        for pause in conversation:
            if pause:
                time.sleep(pause)
            with self._turns:
                while not _is_allowed(self._settings):
                    time.sleep(_PACE)
                _check_usable(self._http, self._settings)
                with hide_locals():
                    request = _request(call, self._settings)
                with conversation:
                    self._exchange(request, conversation)
        return conversation.result()

    def _exchange(self, request: httpx.Request, conversation: Conversation[T]) -> None:
        response = self._transport.handle_request(request)
        with closing(response):
            conversation.answer = answer = _answer(response)
            for chunk in (
                [response.content] if response.is_stream_consumed else cast(httpx.SyncByteStream, response.stream)
            ):
                if not answer.append(chunk):
                    break
            answer.has_surplus = leave_surplus_behind(response)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncPartnerClient(AsyncMarketplaceMethods):
    """The `PartnerClient` for asyncio and trio: the same arguments, and the same methods as coroutines.

    Its `timeout` bounds an attempt in every respect, within a quarter of a second. Over a `transport`, 10 calls are
    under way at once. A client serves one event loop. Close it with `aclose`, or use it in an `async with` block.
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
    ) -> None:
        with hide_locals():
            token = PartnerToken(partner_token)
            self._settings = Settings(
                token, application_id, base_url, timezone, timeout, max_retries, ledger, rate_limit
            )
            self._http = _built(httpx.AsyncClient, httpx.AsyncBaseTransport, transport, self._settings)
            close_broken_handshakes(self._http)
            self._transport: httpx.AsyncBaseTransport = transport_for(self._http, self._settings.base_url)
        self._turns = anyio.Semaphore(_CONNECTIONS if transport is None else 2 * _CONNECTIONS)  # aiohttp gains by more
        self._loop: object = None

    async def perform(self, call: Call[T]) -> T:
        """Carry out a call of your own, as `PartnerClient.perform` does."""
        self._check_loop()
        _check_usable(self._http, self._settings)
        return await (self._send(call) if call.plan is None else call.plan.run_async(call, self._send))

    async def _send(self, call: Call[T]) -> T:
        conversation = Conversation(call, self._settings)
        for pause in conversation:
            if pause:
                await anyio.sleep(pause)
            async with self._turns:
                while self._settings.rate_limit and not await anyio.to_thread.run_sync(_is_allowed, self._settings):  # noqa: ASYNC110
                    await anyio.sleep(_PACE)
                _check_usable(self._http, self._settings)
                with hide_locals():
                    request = _request(call, self._settings)
                with conversation, anyio.fail_after(self._settings.timeout + _GRACE):
                    await self._exchange(request, conversation)
        return conversation.result()

    async def _exchange(self, request: httpx.Request, conversation: Conversation[T]) -> None:
        response = await self._transport.handle_async_request(request)
        async with aclosing(response):
            conversation.answer = answer = _answer(response)
            if response.is_stream_consumed:  # a transport has read it
                answer.append(response.content)
                return
            async for chunk in cast(httpx.AsyncByteStream, response.stream):
                if not answer.append(chunk):
                    await response.aclose()  # ends the stream; leaving it would leave the generators in it open
            answer.has_surplus = leave_surplus_behind(response)

    def _check_loop(self) -> None:
        loop = anyio.lowlevel.current_token()
        if self._loop not in (None, loop):
            raise RuntimeError("This client belongs to another event loop, and nothing was sent: build one in each.")
        self._loop = loop

    async def aclose(self) -> None:
        """Close the connections."""
        self._check_loop()
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


C = TypeVar("C", httpx.Client, httpx.AsyncClient)


def _built(kind: type[C], base: type[Any], transport: object, settings: Settings) -> C:
    if transport is not None and not isinstance(transport, base):
        raise bad_argument("transport", f"an httpx.{base.__name__}", transport)
    on_this_machine = is_local(settings.base_url)
    try:
        return kind(
            transport=cast(Any, transport),
            # Without a context, httpcore would make one of its own with the first TLS; to load one takes 20 ms.
            verify=cast(Any, None if transport or on_this_machine else shared_ssl_context()),
            limits=_LIMITS,
            trust_env=not on_this_machine,  # a proxy does not reach the sandbox here
        )
    except (ImportError, OSError, ValueError, httpx.InvalidURL) as error:
        raise ValueError(
            f"A setting of the environment is wrong ({type(error).__name__}): HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE or "
            "SSL_CERT_DIR. A SOCKS proxy needs pip install 'httpx[socks]'."
        ) from None


def _request(call: Call[Any], settings: Settings) -> httpx.Request:
    if call.expires is not None and time.time() > call.expires:
        raise NotSentError(f"{call} waited for too long to be sent. Nothing was recorded: call again.")
    parts = call.request
    url = _url(settings.base_url + parts["url"])
    content = _encoder.encode(parts["json"]).encode() if "json" in parts else b""
    headers = [(b"Host", url.netloc), *_HEADERS, settings.token.header]
    headers += [(name.encode(), value.encode()) for name, value in parts.get("headers", {}).items()]
    if content or parts["method"] != "get":
        headers.append((b"Content-Length", b"%d" % len(content)))
    stream, more = OnePiece(content), {"timeout": TimeLeft(settings.timeout)}
    return httpx.Request(
        parts["method"], url, params=parts.get("params"), headers=headers, stream=stream, extensions=more
    )


_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_url = functools.lru_cache(maxsize=64)(httpx.URL)  # to parse one takes as long as half of all else


def _answer(response: httpx.Response) -> ReceivedResponse:
    has_length = response.status_code == 204 or not response.headers.keys().isdisjoint(_LENGTHS)
    return ReceivedResponse(
        response.status_code,
        response.headers.get("location"),
        response.headers.get("retry-after"),
        is_bounded=has_length or not response.extensions.get("http_version", b"").startswith(b"HTTP/1"),
    )


def _check_usable(http: httpx.Client | httpx.AsyncClient, settings: Settings) -> None:
    if settings.process != os.getpid():
        raise RuntimeError("This client belongs to another process, and nothing was sent: build one in each.")
    if http.is_closed:
        raise RuntimeError("This client is closed, and nothing was sent: build a new one, or call inside its block.")


def _is_allowed(settings: Settings) -> bool:
    limit, problem = settings.rate_limit, "it must not be one that is awaited"
    try:
        allowed = limit is None or limit.try_acquire("altegio", blocking=False)
    except Exception as error:  # noqa: BLE001  it is anybody's, and may be in another process
        allowed, problem = None, type(error).__name__
    if isinstance(allowed, bool):
        return allowed
    if isinstance(allowed, Coroutine):
        allowed.close()
    raise NotSentError(f"The rate limit gave no answer ({problem}), and nothing was sent: fix it, then call again.")
