"""Transports that are not httpx's own: aiohttp's, which is faster, and what it calls by a wrong name."""

from typing import Any

import anyio
import httpx
import pytest
from httpx_aiohttp import AiohttpTransport

import altegio_partner as ap
from tests.callers import CALLS, PAYMENT, TOKEN, Callers
from tests.servers.scripted import ScriptedServer, close, closed_port, http, reset, stall

PAID = http(200, b'{"success": true, "data": {"id": 5}}')


def over_aiohttp(method: str, base_url: str, **options: Any) -> Any:
    async def main() -> Any:
        transport = AiohttpTransport()
        async with ap.AsyncPartnerClient(
            TOKEN, application_id=1, base_url=base_url, transport=transport, **{"max_retries": 2, **options}
        ) as client:
            return await getattr(client, method)(**CALLS[method])

    return anyio.run(main)


def test_calls_over_aiohttp() -> None:
    with ScriptedServer(PAID, http(200), http(301, b"", "Location: https://x.example/", "Set-Cookie: a=b")) as server:
        assert over_aiohttp("notify_payment", server.url) == 5
        assert over_aiohttp("notify_refund", server.url) is None
        assert over_aiohttp("complete_registration", server.url) == "https://x.example/"
    for request in server.requests:
        assert f"authorization: Bearer {TOKEN}".encode() in request


@pytest.mark.parametrize(
    "answer",
    [
        close,
        reset,
        b"HTTP/1.1 2",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        http(200, PAID, length=1000),
        http(200, b"{"),
        http(502),
    ],
    ids=["drop", "reset", "half status", "half headers", "ssh", "cut", "no JSON", "502"],
)
@pytest.mark.parametrize("method", ["notify_payment", "notify_refund"])
def test_what_may_have_been_read_is_unknown_and_not_sent_again(method: str, answer: Any) -> None:
    with ScriptedServer(answer) as server, pytest.raises(ap.OutcomeUnknownError) as caught:
        over_aiohttp(method, server.url)
    assert len(server.requests) == 1
    assert not caught.value.safe_to_resend


def test_silence_is_unknown() -> None:
    with ScriptedServer() as server:
        server.answer_with(stall)
        with pytest.raises(ap.NoAnswerError):
            over_aiohttp("notify_payment", server.url, timeout=0.5)
    assert len(server.requests) == 1


def test_what_was_refused_was_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda *_: 0.0)
    with pytest.raises(ap.NotSentError):
        over_aiohttp("notify_payment", closed_port())


@pytest.mark.parametrize("kind", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError])
def test_a_transport_that_names_something_else_as_the_cause_proves_nothing(
    caller: Callers, kind: type[httpx.RequestError]
) -> None:
    def handle(_: httpx.Request) -> httpx.Response:
        raise kind("") from OSError("connection reset")

    call = caller(transport=httpx.MockTransport(handle))
    with pytest.raises(ap.NoAnswerError):
        call("notify_payment", **PAYMENT)


def test_a_transport_that_has_read_the_answer(caller: Callers) -> None:
    class Reading(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = super().handle_request(request)
            response.read()
            return response

    class ReadingAsync(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            response = await super().handle_async_request(request)
            await response.aread()
            return response

    call = caller()
    transport = Reading() if call.kind == "sync" else ReadingAsync()
    with ScriptedServer(PAID) as server:
        assert caller(base_url=server.url, transport=transport, timeout=1)("notify_payment", **PAYMENT) == 5


def test_a_proxy_of_the_environment_is_not_asked_besides_a_transport(
    caller: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, closed_port())
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"success": True, "data": {"id": 5}}))
    assert caller(transport=transport, max_retries=0)("notify_payment", **PAYMENT) == 5
