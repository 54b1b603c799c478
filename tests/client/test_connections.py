"""Connections: kept where that is sound, and never mistaken for one another."""

import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

import altegio_partner as ap
from altegio_partner import AsyncPartnerClient, PartnerClient
from altegio_partner.transport.certificates import trusted_certificates
from altegio_partner.transport.connection import Connection, Route
from altegio_partner.transport.http_transport import _Kept
from tests.callers import PAYMENT, TOKEN
from tests.servers.certificates import authority
from tests.servers.scripted import HEALTHY, Action, ScriptedServer, Way, close, go_on, http, says, stall, whole_request


def kept(status: int, body: bytes) -> bytes:
    """An answer after which the connection stays."""
    return http(status, body).replace(b"Connection: close\r\n", b"")


def paid(number: int) -> bytes:
    return kept(200, b'{"success": true, "data": {"id": %d}}' % number)


def conversing(*answers: bytes) -> Action:
    """Give these answers, and to further requests on the same connection those that follow."""

    def converse(server: ScriptedServer, connection: socket.socket) -> None:
        for answer in answers:
            connection.sendall(answer)
            request = whole_request(connection)
            if request is None:
                return
            server.requests.append(request)

    return converse


@pytest.fixture(params=["sync", "asyncio", "trio"])
def kind(request: pytest.FixtureRequest) -> Any:
    return request.param


def pay(kind: str, server: ScriptedServer, times: int) -> list[object]:
    """Report that many payments with one client, and return what comes back of each."""
    options: dict[str, Any] = {"application_id": 1, "base_url": server.url, "max_retries": 0}
    results: list[object] = []
    if kind == "sync":
        with PartnerClient(TOKEN, **options) as client:
            for _ in range(times):
                try:
                    results.append(client.notify_payment(**PAYMENT))
                except ap.AltegioError as error:
                    results.append(type(error))
        return results

    async def main() -> None:
        async with AsyncPartnerClient(TOKEN, **options) as client:
            for _ in range(times):
                try:
                    results.append(await client.notify_payment(**PAYMENT))
                except ap.AltegioError as error:
                    results.append(type(error))

    anyio.run(main, backend=kind)
    return results


def test_a_run_of_calls_shares_a_connection(kind: str) -> None:
    with ScriptedServer() as server:
        server.answer_with(conversing(paid(1), paid(2), paid(3)))
        assert pay(kind, server, 3) == [1, 2, 3]
    assert len(server.requests) == 3


@pytest.mark.parametrize("first", [paid(1) + paid(666), paid(1) + b"surplus"], ids=["a second answer", "bytes"])
def test_what_comes_after_an_answer_is_not_the_answer_to_the_next_call(kind: str, first: bytes) -> None:
    with ScriptedServer() as server:
        server.answer_with(conversing(first, paid(667)))
        server.answer_with(paid(2))
        assert pay(kind, server, 2) == [1, 2]
    assert len(server.requests) == 2


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_what_comes_after_a_large_answer_is_not_the_answer_to_the_next_call(backend: str) -> None:
    """Of what has come, 64 KiB are read at once; asyncio takes more from the network."""
    size = 64 * 1024
    head, _, body = kept(200, b'{"success": true, "data": {"id": 1}}'.ljust(size)).partition(b"\r\n\r\n")
    body = body[: size - len(head) - 4]
    large = head.replace(b"%d" % size, b"%d" % len(body)) + b"\r\n\r\n" + body
    assert len(large) == size
    is_waiting, has_sent = threading.Event(), threading.Event()

    def say_more(server: ScriptedServer, connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1024 * 1024)
        is_waiting.wait(10)
        connection.sendall(large + paid(666))
        has_sent.set()
        go_on(server, connection)

    async def main(url: str) -> list[int]:
        async with (
            AsyncPartnerClient(TOKEN, application_id=1, base_url=url, max_retries=0) as client,
            anyio.create_task_group() as tasks,
        ):
            tasks.start_soon(hold_up)
            return [await client.notify_payment(**PAYMENT) for _ in range(2)]
        raise AssertionError

    async def hold_up() -> None:
        """Let all of it come before the event loop looks."""
        await anyio.to_thread.run_sync(server.wait_for, 1)
        is_waiting.set()
        has_sent.wait(10)

    with ScriptedServer() as server:
        server.answer_with(say_more)
        server.answer_with(paid(2), times=2)
        assert anyio.run(main, server.url, backend=backend) == [1, 2]


def test_a_refusal_with_a_surplus_answer_is_no_payment(kind: str) -> None:
    with ScriptedServer() as server:
        server.answer_with(conversing(kept(422, b"{}") + paid(5), paid(6)))
        server.answer_with(close)
        assert pay(kind, server, 2) == [ap.InvalidRequestError, ap.NoAnswerError]


def test_a_body_where_there_should_be_none_does_not_spoil_the_next_call() -> None:
    with ScriptedServer() as server, PartnerClient(TOKEN, application_id=1, base_url=server.url) as client:
        server.answer_with(conversing(b'HTTP/1.1 204 X\r\nContent-Length: 17\r\n\r\n{"success": true}'))
        server.answer_with(paid(2))
        with pytest.raises(ap.UnreadableAnswerError, match="data after an empty response"):
            client.notify_refund(1)
        assert client.notify_payment(**PAYMENT) == 2


CHUNKED = b'28\r\n{"success": true, "data": {"id": 1}}    \r\n0\r\n\r\n'


@pytest.mark.parametrize(
    ("first", "result"),
    [
        (b"HTTP/1.1 204 X\r\nContent-Length: 17\r\n\r\n", ap.UnreadableAnswerError),
        (b"HTTP/1.1 204 X\r\nTransfer-Encoding: chunked\r\n\r\n", ap.UnreadableAnswerError),
        (b"HTTP/1.1 304 X\r\nContent-Length: 17\r\n\r\n", ap.UnreadableAnswerError),
        (b"HTTP/1.1 304 X\r\nTransfer-Encoding: chunked\r\n\r\n", ap.UnreadableAnswerError),
        (b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\nContent-Length: 900\r\n\r\n" + CHUNKED, 1),
    ],
    ids=["204 with a length", "204 in chunks", "304 with a length", "304 in chunks", "200 with two ends"],
)
def test_a_body_that_may_come_late_is_not_the_answer_to_the_next_call(kind: str, first: bytes, result: object) -> None:
    with ScriptedServer() as server:
        server.answer_with(conversing(first, paid(666)))  # on the same connection
        server.answer_with(paid(2))
        assert pay(kind, server, 2) == [result, 2]


@pytest.mark.parametrize("first", [b"HTTP/1.1 204 X\r\n\r\n", b"HTTP/1.1 204 X\r\nContent-Length: 0\r\n\r\n"])
def test_after_a_204_without_a_body_the_connection_is_kept(kind: str, first: bytes) -> None:
    with ScriptedServer() as server:
        server.answer_with(conversing(first, paid(2)))
        assert pay(kind, server, 2) == [ap.UnreadableAnswerError, 2]


@pytest.mark.parametrize("head", [b"Content-Length: 80", b"Transfer-Encoding: chunked"])
def test_an_informational_response_with_a_body_is_no_answer(kind: str, head: bytes) -> None:
    with ScriptedServer() as server:
        server.answer_with(conversing(b"HTTP/1.1 103 Early Hints\r\n" + head + b"\r\n\r\n" + paid(666)))
        assert pay(kind, server, 1) == [ap.NoAnswerError]


def test_after_the_answer_to_a_head_request_the_connection_is_not_kept() -> None:
    transport = ap.HTTPTransport()
    with ScriptedServer() as server, httpx.Client(transport=transport) as client:
        server.answer_with(conversing(b"HTTP/1.1 200 X\r\nContent-Length: 17\r\n\r\n", paid(666)))
        server.answer_with(paid(2))
        assert client.head(server.url).status_code == 200
        assert client.get(server.url).json()["data"] == {"id": 2}


@contextmanager
def dropping_proxy() -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that opens a tunnel, and drops it."""

    def tunnel(_: ScriptedServer, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")

    with ScriptedServer() as server:
        server.answer_with(tunnel, times=20)
        yield server.url, server.requests


def test_failures_behind_a_proxy_leave_the_client_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    with dropping_proxy() as (url, requests):
        monkeypatch.setenv("HTTPS_PROXY", url)
        with PartnerClient(TOKEN, application_id=1, timeout=5, max_retries=0) as client:
            for _ in range(8):
                with pytest.raises(ap.NotSentError, match="ConnectError"):
                    client.notify_refund(1)
    assert len(requests) == 8
    assert all(request.startswith(b"CONNECT app.alteg.io:443 ") for request in requests)
    assert not any(TOKEN.encode() in request for request in requests)


def test_closing_while_others_wait_for_their_turn() -> None:
    with ScriptedServer() as server:
        server.answer_with(stall, times=5)
        client = PartnerClient(TOKEN, application_id=1, base_url=server.url)
        failures: list[BaseException] = []

        def report() -> None:
            try:
                client.notify_payment(**PAYMENT)
            except (RuntimeError, ap.AltegioError) as error:
                failures.append(error)

        threads = [threading.Thread(target=report) for _ in range(7)]
        for thread in threads:
            thread.start()
        server.wait_for(5)
        client.close()
        server.stop.set()
        for thread in threads:
            thread.join()
    assert sorted(type(failure).__name__ for failure in failures) == ["NoAnswerError"] * 5 + ["RuntimeError"] * 2
    assert len(server.requests) == 5


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_over_another_transport_ten_tasks_have_their_turn_at_once(backend: str) -> None:
    arrived: list[httpx.Request] = []
    released = anyio.Event()

    class Holding(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            arrived.append(request)
            await released.wait()
            return httpx.Response(200, json={"data": {"id": 1}})

    async def main() -> None:
        async with (
            AsyncPartnerClient(TOKEN, application_id=1, transport=Holding()) as client,
            anyio.create_task_group() as tasks,
        ):
            for _ in range(12):
                tasks.start_soon(lambda: client.notify_payment(**PAYMENT))
            await anyio.wait_all_tasks_blocked()
            assert len(arrived) == 10
            released.set()

    anyio.run(main, backend=backend)
    assert len(arrived) == 12


def test_many_threads_each_get_their_own_answer() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        salon = int(request.content.partition(b'"salon_id":')[2].partition(b",")[0])
        return httpx.Response(200, json={"data": {"id": salon}})

    wrong: list[tuple[int, int]] = []
    with PartnerClient(TOKEN, application_id=1, transport=httpx.MockTransport(answer)) as client:

        def report(salon: int) -> None:
            numbers = {client.notify_payment(**{**PAYMENT, "salon_id": salon}) for _ in range(20)}
            wrong.extend((salon, number) for number in numbers - {salon})

        threads = [threading.Thread(target=report, args=[salon]) for salon in range(1, 17)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_threads_that_put_and_end_at_once_lose_no_connection() -> None:
    route, kept_ones = Route("altegio.test", 443, None), _Kept()
    kept_ones.end()
    given_back: list[Connection] = []

    def put_many() -> None:
        for _ in range(4000):
            given_back.extend(kept_ones.put(Connection(route)))

    threads = [threading.Thread(target=put_many) for _ in range(8)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert len(given_back) == len(set(map(id, given_back))) == 8 * 4000


@pytest.mark.parametrize("names_them", [False, True])
def test_certificates_are_checked_wherever_tls_is_spoken(
    kind: str, names_them: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Those of certifi, or those that the environment names; and that the certificate is for the host."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    if names_them:
        authority().cert_pem.write_to_path(str(tmp_path / "authority.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    for certificate in ("trusted", "another host's", "self-signed"):
        with ScriptedServer(always=says(HEALTHY), way=Way.TLS, certificate=certificate) as server:
            outcome = pay(kind, server, 1)
        assert outcome == ([321] if names_them and certificate == "trusted" else [ap.NotSentError])
        assert len(server.requests) == (outcome == [321])


def test_a_transport_reads_the_certificates_of_certifi_by_default() -> None:
    for context in (trusted_certificates(), httpx.create_ssl_context()):
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
        assert context.get_ca_certs()


REFUND_AFTER_FORK = """
import os, sys
from altegio_partner import PartnerClient

with PartnerClient("fake", application_id=1, base_url=sys.argv[1]) as client:
    client.notify_refund(1)
    child = os.fork()
    client.notify_refund(2 if child else 3)
    if child:
        sys.exit(os.waitpid(child, 0)[1])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.usefixtures("measured_processes")
def test_a_fork_shares_the_client_and_no_connection() -> None:
    """Each process has its own connections: answers of one could be taken for those of the other."""
    empty = kept(200, b"")
    with ScriptedServer() as server:
        server.answer_with(conversing(empty, empty))
        server.answer_with(conversing(empty))
        ran = subprocess.run([sys.executable, "-c", REFUND_AFTER_FORK, server.url], timeout=60, check=False)
    assert ran.returncode == 0
    assert sorted(request.split()[1][-1:] for request in server.requests) == [b"1", b"2", b"3"]
    assert server.connections == 2
