"""The transport by itself: proxies, certificates, which connections it keeps, and what it says about a failure."""

import pickle
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import trustme

import altegio_partner as ap
from altegio_partner import AsyncPartnerClient, HTTPTransport, PartnerClient, clock
from altegio_partner.progress import EXTENSION, Progress
from tests.callers import PAYMENT, TOKEN, Callers
from tests.servers.certificates import authority
from tests.servers.proxy import ProxyServer
from tests.servers.scripted import (
    HEALTHY,
    HOST,
    ScriptedServer,
    Stage,
    Way,
    close,
    closed_port,
    drips,
    go_on,
    hang_up,
    one_segment,
    reset,
    says,
    stall,
    whole_request,
)

PROXIES = ["http", "https", "socks5", "socks5h"]
KEPT = HEALTHY.replace(b"Connection: close\r\n", b"")


@pytest.fixture(autouse=True)
def _trust(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    authority().cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


@pytest.fixture
def context() -> ssl.SSLContext:
    """The context of a company with its own certificates."""
    context = ssl.create_default_context()
    authority().configure_trust(context)
    return context


@pytest.mark.parametrize("login", [None, ("user", "p@ss#word")])
@pytest.mark.parametrize("scheme", PROXIES)
def test_a_proxy_of_the_environment(
    caller: Callers, monkeypatch: pytest.MonkeyPatch, scheme: str, login: tuple[str, str] | None
) -> None:
    with ScriptedServer(always=says(HEALTHY), way=Way.TLS) as server, ProxyServer(scheme, server.url, login) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url("user:p%40ss%23word@" if login else ""))
        assert caller(base_url=f"https://{HOST}")("notify_payment", **PAYMENT) == 321
        assert len(server.requests) == 1
    assert proxy.asked == [f"{HOST}:443"]
    assert TOKEN.encode() not in proxy.carried


@pytest.mark.parametrize("scheme", PROXIES)
def test_a_proxy_that_is_given(caller: Callers, monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", closed_port())
    with ScriptedServer(always=says(HEALTHY), way=Way.TLS) as server, ProxyServer(scheme, server.url) as proxy:
        transport = HTTPTransport(proxy=proxy.url())
        call = caller(base_url=f"https://{HOST}:4433", transport=transport)
        assert call("notify_payment", **PAYMENT) == 321
    assert proxy.asked == [f"{HOST}:4433"]


@pytest.mark.parametrize("scheme", PROXIES)
def test_a_proxy_that_does_not_know_us(caller: Callers, scheme: str) -> None:
    reasons = {
        "http": "the proxy answered 407",
        "https": "the proxy answered 407",
        "socks5": "the proxy does not accept user and password",
        "socks5h": "the proxy does not accept user and password",
    }
    with (
        ScriptedServer(always=says(HEALTHY), way=Way.TLS) as server,
        ProxyServer(scheme, server.url, ("user", "right")) as proxy,
    ):
        transport = HTTPTransport(proxy=proxy.url("user:secret-password@"))
        with pytest.raises(ap.NotSentError, match=r"\(ProxyError: ") as caught:
            caller(base_url=f"https://{HOST}", transport=transport, max_retries=0)("notify_payment", **PAYMENT)
        assert server.requests == []
    assert caught.value.reason == f"{reasons[scheme]} while asking the proxy {proxy.address} for {HOST}:443"
    assert "secret" not in str(caught.value) + repr(transport) + repr(vars(transport))


def test_a_proxy_of_socks_that_asks_for_a_login_or_forbids(caller: Callers) -> None:
    with ScriptedServer(always=says(HEALTHY), way=Way.TLS) as server:
        for login, url, host, why in (
            (("user", "right"), "", HOST, "the proxy asks for a login"),
            (None, "user:password@", HOST, "the proxy asks for another way to log in"),
            (None, "", "forbidden.test", "the proxy answered with error 2 of SOCKS"),
        ):
            with ProxyServer("socks5", server.url, login) as proxy:
                transport = HTTPTransport(proxy=proxy.url(url))
                call = caller(base_url=f"https://{host}", transport=transport, max_retries=0)
                with pytest.raises(ap.NotSentError) as caught:
                    call("notify_payment", **PAYMENT)
            assert caught.value.reason == f"{why} while asking the proxy {proxy.address} for {host}:443"
        assert server.requests == []


@pytest.mark.parametrize("answer", [b"", b"\x05", b"\x05\x00"], ids=["nothing", "half", "silence"])
def test_a_proxy_of_socks_that_drops_the_connection_or_stalls(caller: Callers, answer: bytes) -> None:
    def greet(connection: socket.socket) -> None:
        connection.recv(3)
        connection.sendall(answer)
        if len(answer) == 2:
            stop.wait(10)

    stop = threading.Event()
    with OneByOne(greet) as server:
        transport = HTTPTransport(proxy=f"socks5://{server.address}")
        options: dict[str, Any] = {"transport": transport, "max_retries": 0, "timeout": 0.5}
        with pytest.raises(ap.NotSentError) as caught:
            caller(base_url=f"https://{HOST}", **options)("notify_payment", **PAYMENT)
        stop.set()
    why = "timed out" if len(answer) == 2 else "the proxy closed the connection"
    assert str(caught.value.reason).startswith(why)


class RecordByRecord(ProxyServer):
    """Wraps each TLS record in another one, and sends them together."""

    def bring(self, sink: socket.socket, data: bytes) -> None:
        with one_segment(sink):
            while data:
                end = 5 + int.from_bytes(data[3:5], "big")
                sink.sendall(data[:end])
                data = data[end:]


@pytest.mark.skipif(sys.platform != "linux", reason="it needs TCP_CORK")
@pytest.mark.parametrize("kind", ["sync", "asyncio", "trio"])
def test_what_the_tls_of_a_proxy_holds_back_is_not_for_the_next_call(kind: str) -> None:
    def say_more(server: ScriptedServer, connection: socket.socket) -> None:
        with one_segment(connection):
            connection.sendall(KEPT)
            connection.sendall(KEPT.replace(b"321", b"666"))
        go_on(server, connection)

    with ScriptedServer(way=Way.TLS) as server, RecordByRecord("https", server.url) as proxy:
        server.answer_with(say_more)
        server.answer_with(says(HEALTHY), times=2)
        options: dict[str, Any] = {"application_id": 1, "base_url": f"https://{HOST}", "max_retries": 0}
        options["transport"] = HTTPTransport(proxy=proxy.url())
        outcomes: list[int] = []

        async def main() -> None:
            async with AsyncPartnerClient(TOKEN, **options) as client:
                outcomes.extend([await client.notify_payment(**PAYMENT) for _ in range(2)])

        if kind == "sync":
            with PartnerClient(TOKEN, **options) as client:
                outcomes.extend([client.notify_payment(**PAYMENT) for _ in range(2)])
        else:
            anyio.run(main, backend=kind)
        assert outcomes == [321, 321]
        assert len(server.requests) == server.connections == 2


@pytest.mark.parametrize(
    ("stage", "error", "seen"),
    [(Stage.ACCEPTED, ap.NotSentError, 0), (Stage.REQUEST, ap.NoAnswerError, 1)],
    ids=["in the handshake", "after the request"],
)
def test_a_server_that_closes_within_the_tls_of_a_proxy(
    caller: Callers, stage: Stage, error: type[ap.AltegioError], seen: int
) -> None:
    with (
        ScriptedServer(always=close, stage=stage, way=Way.TLS) as server,
        ProxyServer("https", server.url) as proxy,
    ):
        call = caller(base_url=f"https://{HOST}", transport=HTTPTransport(proxy=proxy.url()), max_retries=0)
        with pytest.raises(error) as caught:
            call("notify_payment", **PAYMENT)
    assert type(caught.value) is error
    assert len(server.requests) == seen


def test_a_drip_within_the_tls_of_a_proxy_cannot_stretch_the_timeout(caller: Callers) -> None:
    drip = drips(b"\x16\x03\x03\x40\x00")
    with (
        ScriptedServer(always=drip, stage=Stage.ACCEPTED, way=Way.TLS) as server,
        ProxyServer("https", server.url) as proxy,
    ):
        call = caller(base_url=f"https://{HOST}", transport=HTTPTransport(proxy=proxy.url()), timeout=1, max_retries=0)
        started = time.monotonic()
        with pytest.raises(ap.NotSentError, match="timed out while agreeing on TLS with"):
            call("notify_payment", **PAYMENT)
        assert time.monotonic() - started < 5
    assert not server.outlasted


def test_a_proxy_that_speaks_inside_the_tunnel_is_not_believed(caller: Callers) -> None:
    """Its bytes would stand where TLS begins."""

    def speak(connection: socket.socket) -> None:
        whole_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + KEPT)

    with OneByOne(speak) as server:
        transport = HTTPTransport(proxy=f"http://{server.address}")
        call = caller(base_url=f"https://{HOST}", transport=transport, max_retries=0)
        with pytest.raises(ap.NotSentError, match="the proxy sent more than its answer"):
            call("notify_payment", **PAYMENT)


@pytest.mark.parametrize("header", ["Content-Length: 80", "Transfer-Encoding: chunked"])
def test_a_proxy_that_announces_a_body_before_plain_http_is_not_believed(header: str) -> None:
    """Its body would be the answer to the call."""

    def announce(connection: socket.socket) -> None:
        whole_request(connection)
        connection.sendall(f"HTTP/1.1 200 OK\r\n{header}\r\n\r\n".encode())
        whole_request(connection)

    with (
        OneByOne(announce) as server,
        httpx.Client(transport=HTTPTransport(proxy=f"http://{server.address}")) as client,
        pytest.raises(httpx.ProxyError, match="the proxy sent more than its answer"),
    ):
        client.get("http://a.example/")


class OneByOne:
    """Serves connections with a function, one after the other."""

    def __init__(self, serve: Callable[[socket.socket], None]) -> None:
        self._serve = serve
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "OneByOne":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                self._serve(connection)


# Which addresses the environment's proxy is for.


@pytest.mark.parametrize(
    ("entries", "url", "is_exempt"),
    [
        ("", "https://app.alteg.io", False),
        ("*", "https://app.alteg.io", True),
        ("app.alteg.io", "https://app.alteg.io", True),
        ("alteg.io", "https://app.alteg.io", True),
        ("APP.Alteg.io", "https://app.alteg.io", True),
        (".alteg.io", "https://app.alteg.io", True),
        ("*.alteg.io", "https://app.alteg.io", True),
        (".app.alteg.io", "https://app.alteg.io", False),
        ("teg.io", "https://app.alteg.io", False),
        ("app.alteg.io:443", "https://app.alteg.io", True),
        ("app.alteg.io:8443", "https://app.alteg.io", False),
        ("app.alteg.io:8443", "https://app.alteg.io:8443", True),
        ("https://app.alteg.io", "https://app.alteg.io", True),
        ("all://app.alteg.io", "https://app.alteg.io", True),
        ("http://app.alteg.io", "https://app.alteg.io", False),
        ("localhost, 127.0.0.1", "https://127.0.0.1", True),
        ("10.0.0.0/8", "https://10.1.2.3", True),
        ("10.0.0.0/8", "https://11.1.2.3", False),
        ("fe80::/10", "https://app.alteg.io", False),
        ("fe80::/10", "https://[fe80::1]", True),
        ("[::1],::2", "https://[::1]", True),
        ("[::1],::2", "https://[::2]", True),
        ("fe80::/10,[::1]:80,a b,<local>,example.com:*,;, ,,app.alteg.io", "https://app.alteg.io", True),
        ("fe80::/10,[::1]:80,a b,<local>,example.com:*,;, ,", "https://app.alteg.io", False),
    ],
)
def test_no_proxy(monkeypatch: pytest.MonkeyPatch, entries: str, url: str, is_exempt: bool) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", entries)
    proxy = HTTPTransport().find_route(httpx.URL(url)).proxy
    assert (proxy is None) is is_exempt
    if proxy is not None:
        assert (proxy.scheme, proxy.host, proxy.port) == ("http", "proxy.example", 3128)


def test_which_proxy_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    def proxy(url: str, *, trust_env: bool = True) -> str | None:
        found = HTTPTransport(trust_env=trust_env).find_route(httpx.URL(url)).proxy
        return None if found is None else f"{found.scheme}://{found.host}:{found.port}"

    monkeypatch.setenv("ALL_PROXY", "socks5://[::1]")
    assert proxy("https://app.alteg.io") == proxy("http://app.alteg.io") == "socks5://::1:1080"
    monkeypatch.setenv("ALL_PROXY", "socks5h://socks.example")
    assert proxy("https://app.alteg.io") == "socks5h://socks.example:1080"
    monkeypatch.setenv("HTTP_PROXY", "http://plain.example/")
    monkeypatch.setenv("https_proxy", "https://secure.example")
    assert proxy("http://app.alteg.io") == "http://plain.example:80"
    assert proxy("https://app.alteg.io") == "https://secure.example:443"
    assert proxy("https://app.alteg.io", trust_env=False) is None
    assert proxy("http://127.0.0.1:8000") is None


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"ssl_context": True}, "ssl_context must be an ssl.SSLContext, not bool True"),
        (
            {"proxy": httpx.Proxy("http://user:secret@proxy.example")},
            "proxy must be the URL of a proxy, as a string",
        ),
        ({"proxy": "socks://user:secret@proxy.example"}, "proxy begins with socks://, which is not supported"),
        ({"proxy": "http://user:secret@proxy.example:80x"}, "proxy is not the URL of a proxy"),
        ({"proxy": ""}, "proxy is not the URL of a proxy"),
        ({"proxy": f"http://{'u' * 256}:secret@proxy.example"}, "proxy is not the URL of a proxy"),
    ],
)
def test_bad_arguments(options: Any, problem: str) -> None:
    with pytest.raises(ValueError, match=f"^{problem}") as caught:
        HTTPTransport(**options)
    assert "secret" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_proxy_takes_names_and_passwords_of_up_to_255_bytes() -> None:
    route = HTTPTransport(proxy=f"socks5://{'u' * 255}:{'p' * 255}@proxy.example").find_route(httpx.URL("https://a.b"))
    assert route.proxy is not None
    assert route.proxy.auth == (b"u" * 255, b"p" * 255)


# Certificates.


def test_certificates_of_a_company(caller: Callers, context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with ScriptedServer(always=says(HEALTHY), way=Way.TLS) as server:
        with pytest.raises(ap.NotSentError, match="certificate not trusted"):
            caller(base_url=server.url, max_retries=0)("notify_payment", **PAYMENT)
        transport = HTTPTransport(ssl_context=context)
        assert caller(base_url=server.url, transport=transport)("notify_payment", **PAYMENT) == 321
    assert len(server.requests) == 1


def test_certificates_of_the_environment_are_read_again_when_they_change(
    caller: Callers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def is_trusted() -> bool:
        try:
            caller(base_url=server.url, max_retries=0)("notify_payment", **PAYMENT)
        except ap.NotSentError:
            return False
        return True

    with ScriptedServer(always=says(HEALTHY), way=Way.TLS) as server:
        monkeypatch.delenv("SSL_CERT_FILE")
        assert not is_trusted()
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        assert is_trusted()
        (tmp_path / "authority.pem").write_text(trustme.CA().cert_pem.bytes().decode())  # at the same place
        assert not is_trusted()


def test_a_folder_of_certificates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    url = httpx.URL("https://app.alteg.io")
    monkeypatch.delenv("SSL_CERT_FILE")
    usual = HTTPTransport().find_route(url).context
    assert usual is HTTPTransport().find_route(url).context  # one for all: it takes 20 ms to read
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    context = HTTPTransport().find_route(url).context
    assert context is not None
    assert context is not usual
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.get_ca_certs() == []  # they are looked up when a certificate is checked


def test_a_context_that_offers_http_2_is_refused_in_words(caller: Callers, context: ssl.SSLContext) -> None:
    context.set_alpn_protocols(["h2", "http/1.1"])
    with ScriptedServer(always=says(HEALTHY), way=Way.TLS, certificate="asks for HTTP/1.1 or 2") as server:
        transport = HTTPTransport(ssl_context=context)
        with pytest.raises(ap.NotSentError, match="ssl_context offers HTTP/2, which is not supported"):
            caller(base_url=server.url, transport=transport, max_retries=0)("notify_payment", **PAYMENT)
    assert server.requests == []


# What is kept.


def test_a_kept_connection_is_given_up_when_any_clock_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a machine that was frozen, one of them may have stood still: what the server did meanwhile is unknown."""
    for which in ("time", "monotonic"):
        with (
            ScriptedServer(always=says(KEPT, go_on), way=Way.PLAIN) as server,
            PartnerClient(TOKEN, application_id=1, base_url=server.url) as client,
        ):
            client.notify_payment(**PAYMENT)
            client.notify_payment(**PAYMENT)
            assert server.connections == 1
            real = getattr(time, which)
            with monkeypatch.context() as patch:
                patch.setattr(f"time.{which}", lambda real=real: real() + 3)
                client.notify_payment(**PAYMENT)
            assert server.connections == 2
            client.notify_payment(**PAYMENT)  # by the clock as it was, the connection was kept in the future
            assert server.connections == 3
        assert len(server.requests) == 4


def test_a_client_of_httpx() -> None:
    """Any client of httpx may use it, with the timeouts of httpx, or none."""
    with (
        ScriptedServer(always=says(KEPT, go_on), way=Way.PLAIN) as server,
        httpx.Client(transport=HTTPTransport()) as client,
    ):
        assert client.get(server.url).json()["data"] == {"id": 321}
        assert client.post(server.url, content=iter([b"a", b"b"]), headers={"Content-Length": "2"}).status_code == 200
        assert client.get(server.url, timeout=None).status_code == 200
    assert server.connections == 1
    assert server.requests[1].endswith(b"\r\n\r\nab")


def test_an_answer_that_is_closed_twice_keeps_its_connection_once() -> None:
    with ScriptedServer(always=says(KEPT, go_on), way=Way.PLAIN) as server:
        transport = HTTPTransport()
        request = httpx.Request("POST", server.url, content=b"body")
        response = transport.handle_request(request)
        assert isinstance(response.stream, httpx.SyncByteStream)
        assert b"".join(response.stream) == b'{"success": true, "data": {"id": 321}}'
        response.stream.close()
        response.stream.close()
        others = [transport.handle_request(request) for _ in range(2)]
        assert server.connections == 2  # each has one to itself
        for each in others:
            each.close()
        transport.close()


def test_connections_that_are_not_needed_any_more_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """One thread uses the newest of those that many threads have opened; the others do not stay half closed."""
    ended = threading.Semaphore(0)

    def wait_for_the_end(server: ScriptedServer, connection: socket.socket) -> None:
        go_on(server, connection)
        ended.release()

    with ScriptedServer(always=says(KEPT, wait_for_the_end), way=Way.PLAIN) as server:
        transport = HTTPTransport()
        request = httpx.Request("POST", server.url, content=b"body")
        for each in [transport.handle_request(request) for _ in range(3)]:
            each.read()
        real = time.monotonic
        monkeypatch.setattr("time.monotonic", lambda: real() + 1.9)
        transport.handle_request(request).read()
        monkeypatch.setattr("time.monotonic", lambda: real() + 2.1)
        transport.handle_request(request).read()
        for _ in range(2):
            assert ended.acquire(timeout=10)
        assert server.connections == 3
        transport.close()


def test_other_schemes_are_refused() -> None:
    with httpx.Client(transport=HTTPTransport()) as client, pytest.raises(httpx.UnsupportedProtocol):
        client.get("ftp://127.0.0.1")


def test_a_transport_may_be_closed_while_a_request_is_out() -> None:
    """What is out is finished, and leaves nothing open."""
    release = threading.Event()

    def late(_: ScriptedServer, connection: socket.socket) -> None:
        release.wait(10)
        connection.sendall(KEPT)
        connection.settimeout(10)
        assert connection.recv(1) == b""  # the client has closed it

    transport = HTTPTransport()
    with (
        ScriptedServer(late) as server,
        PartnerClient(TOKEN, application_id=1, base_url=server.url, transport=transport) as client,
    ):
        results: list[int] = []
        thread = threading.Thread(target=lambda: results.append(client.notify_payment(**PAYMENT)))
        thread.start()
        server.wait_for(1)
        transport.close()
        release.set()
        thread.join()
    assert results == [321]


# When it is too late to begin.


class SlowHandshake(ScriptedServer):
    def _serve(self, connection: socket.socket) -> None:
        time.sleep(0.5)
        super()._serve(connection)


@pytest.mark.parametrize("kind", ["sync", "asyncio", "trio"])
def test_nothing_leaves_after_its_time(kind: str) -> None:
    late, early = Progress(may_leave_until=clock.elapsed() + 0.3), Progress(may_leave_until=clock.elapsed() + 30)
    with SlowHandshake(always=says(HEALTHY), way=Way.TLS) as server:
        with pytest.raises(httpx.ConnectTimeout, match="too late to send it"):
            send(kind, server.url, late)
        assert send(kind, server.url, early) == 200
    assert (late.has_sent, early.has_sent) == (None, True)  # the error says that the first was not sent
    assert server.connections == 2
    assert len(server.requests) == 1


def test_what_has_left_is_not_forgotten_when_another_attempt_does_not_leave() -> None:
    """A transport that stands between, and sends again, must not turn "unknown" into "not sent"."""

    class SendsAgain(httpx.BaseTransport):
        def __init__(self) -> None:
            self._inner = HTTPTransport()

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            request.read()
            try:
                return self._inner.handle_request(request)
            except httpx.TransportError:
                request.url = httpx.URL(closed_port())
                return self._inner.handle_request(request)

    with ScriptedServer() as server:
        server.answer_with(stall)
        options: dict[str, Any] = {"application_id": 1, "base_url": server.url, "timeout": 0.5, "max_retries": 0}
        with PartnerClient(TOKEN, transport=SendsAgain(), **options) as client, pytest.raises(ap.NoAnswerError):
            client.notify_payment(**PAYMENT)
        assert len(server.requests) == 1


class Falls(httpx.BaseTransport):
    """A transport that goes another way when the first fails."""

    def __init__(self, first: httpx.BaseTransport, second: httpx.BaseTransport) -> None:
        self._ways = first, second

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._ways[0].handle_request(request)
        except httpx.TransportError:
            return self._ways[1].handle_request(request)


def test_another_transport_may_send_what_could_not_leave() -> None:
    with ScriptedServer() as server:
        server.answer_with(says(HEALTHY))
        server.answer_with(stall)
        way = Falls(HTTPTransport(proxy=closed_port()), httpx.HTTPTransport())
        options: dict[str, Any] = {"application_id": 1, "base_url": server.url, "timeout": 0.5}
        with PartnerClient(TOKEN, transport=way, **options) as client:
            assert client.notify_payment(**PAYMENT) == 321
            with pytest.raises(ap.NoAnswerError):
                client.notify_refund(1)
        assert len(server.requests) == 2


def test_what_another_transport_may_have_sent_is_not_called_unsent() -> None:
    with ScriptedServer() as server:
        server.answer_with(stall)
        way = Falls(httpx.HTTPTransport(), HTTPTransport())
        options: dict[str, Any] = {"application_id": 1, "base_url": server.url, "timeout": 0.5}
        with PartnerClient(TOKEN, transport=way, **options) as client, pytest.raises(ap.NoAnswerError):
            client.notify_refund(1)
        assert len(server.requests) == 1


def send(kind: str, url: str, progress: Progress) -> int:
    """Send one request with a transport alone, and return the status of the answer."""
    extensions = {EXTENSION: progress, "timeout": {"connect": 10.0, "read": None}}
    if kind == "sync":
        with httpx.Client(transport=HTTPTransport()) as client:
            return client.post(url, content=b"body", extensions=extensions).status_code

    async def main() -> int:
        async with httpx.AsyncClient(transport=HTTPTransport()) as client:
            return (await client.post(url, content=b"body", extensions=extensions)).status_code

    return anyio.run(main, backend=kind)


# Why it failed.


REASONS: dict[str, tuple[Any, Stage, str, str]] = {
    "an alert of TLS": (says(b"\x15\x03\x03\x00\x02\x02\x28"), Stage.ACCEPTED, "trusted", "TLS failed ("),
    "self-signed": (stall, Stage.READY, "self-signed", "certificate not trusted ("),
    "expired": (stall, Stage.READY, "expired", "certificate not trusted (certificate has expired)"),
    "no answer": (hang_up, Stage.REQUEST, "trusted", "closed without an answer while waiting for the answer of "),
    "no HTTP": (says(b"SSH-2.0\r\n\r\n"), Stage.REQUEST, "trusted", "the answer is not HTTP while waiting for "),
    "silence": (stall, Stage.REQUEST, "trusted", "timed out while waiting for the answer of "),
}


@pytest.mark.parametrize("name", REASONS)
def test_the_reason(caller: Callers, name: str) -> None:
    action, stage, certificate, reason = REASONS[name]
    with (
        ScriptedServer(always=action, stage=stage, way=Way.TLS, certificate=certificate) as server,
        pytest.raises(ap.AltegioError) as caught,
    ):
        caller(base_url=server.url, max_retries=0, timeout=0.7)("notify_payment", **PAYMENT)
    assert isinstance(caught.value, (ap.NotSentError, ap.NoAnswerError))
    assert str(caught.value.reason).startswith(reason)
    assert f": {caught.value.reason})" in str(caught.value)
    assert server.url.removeprefix("https://") in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).reason == caught.value.reason  # noqa: S301


def test_the_reason_of_a_connection_that_is_reset(caller: Callers) -> None:
    with ScriptedServer(reset) as server, pytest.raises(ap.NoAnswerError) as caught:
        caller(base_url=server.url)("notify_payment", **PAYMENT)
    assert str(caught.value.reason).startswith("connection reset by peer (ECONNRESET) while waiting for the answer of ")


def test_the_reason_of_a_name_that_nobody_knows(caller: Callers) -> None:
    with pytest.raises(ap.NotSentError) as caught:
        caller(base_url="https://altegio.invalid", max_retries=0)("notify_payment", **PAYMENT)
    assert str(caught.value.reason).startswith("name not found (")
    assert str(caught.value.reason).endswith(") while connecting to altegio.invalid:443")
    assert "sandbox" not in str(caught.value)


def test_the_reason_of_a_proxy_that_is_down(caller: Callers, monkeypatch: pytest.MonkeyPatch) -> None:
    address = closed_port().removeprefix("http://")
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:secret@{address}")
    with pytest.raises(ap.NotSentError) as caught:
        caller(base_url="https://app.alteg.io", max_retries=0)("notify_payment", **PAYMENT)
    assert caught.value.reason == f"connection refused (ECONNREFUSED) while connecting to the proxy {address}"


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_cancelled_before_it_was_sent(kind: str) -> None:
    """Nothing was recorded then, and the note says so; nothing is left open."""
    notes: list[str] = []

    async def pay(client: AsyncPartnerClient) -> None:
        try:
            await client.notify_payment(**PAYMENT)
        except anyio.get_cancelled_exc_class() as cancelled:
            notes.extend(cancelled.__notes__)
            raise

    async def main() -> None:
        async with AsyncPartnerClient(TOKEN, application_id=1, base_url=server.url) as client:
            with anyio.move_on_after(0.3):
                await pay(client)

    with ScriptedServer(always=stall, stage=Stage.ACCEPTED, way=Way.TLS) as server:
        anyio.run(main, backend=kind)
    assert notes == ["Cancelled before POST /marketplace/partner/payment was sent. Nothing was recorded."]
