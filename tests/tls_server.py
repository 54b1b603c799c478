"""A server that is rude at any moment of a call: in the open, over TLS, or over TLS behind a proxy that it also is."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import trustme
from rude_server import RudeServer, http, whole_request
from rude_server import reset as reset_at_close

HOST = "altegio.test"  # reserved: no name server knows it, so only a proxy gets there
HEALTHY = http(200, b'{"success": true, "data": {"id": 321}}')


class Way(Enum):
    """How the client gets to the server."""

    PLAIN = "plain"
    TLS = "tls"
    TUNNEL = "tunnel"


class Moment(Enum):
    """How far a call has come."""

    ACCEPTED = "accepted"  # nothing is read, not even what TLS begins with
    CONNECT = "connect"  # the proxy is asked for a tunnel
    READY = "ready"  # TLS is agreed on, nothing of the request is read
    HEAD = "head"  # the head of the request is read, its body is not
    REQUEST = "request"  # the request is read to its end


Deed = Callable[["FaultServer", socket.socket], None]


class FaultServer(RudeServer):
    """Does the same with every connection, at the same moment, until it is healed."""

    def __init__(self, way: Way, deed: Deed, moment: Moment = Moment.REQUEST, certificate: str = "trusted") -> None:
        super().__init__()
        self.connections: list[str] = []
        self.connects: list[bytes] = []
        self.outlasted = False
        self.elsewhere = ""
        self.fault = moment, deed
        self._way = way
        self._context = None if way is Way.PLAIN else server_context(certificate)
        self.proxy = self.url
        self.url = base_url(way, self.url)

    def heal(self) -> None:
        """Answer as Altegio does, from now on."""
        self._context = self._context and server_context("trusted")
        self.fault = Moment.REQUEST, says(HEALTHY)

    def go_on(self, connection: socket.socket) -> None:
        """Take another request on this connection, and do the same with it."""
        self._listen(connection)

    def _converse(self, connection: socket.socket) -> None:
        self.connections.append(self._way.value)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else a reset overtakes what was said before
        with suppress(OSError), connection:  # the client may have gone
            if self._is_done(Moment.ACCEPTED, connection):
                return
            if self._way is Way.TUNNEL:
                connect = whole_request(connection)
                if connect is None:
                    return
                self.connects.append(connect)
                if self._is_done(Moment.CONNECT, connection):
                    return
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            if self._context is None:
                self._listen(connection)
            else:
                with self._context.wrap_socket(connection, server_side=True) as secured:
                    self._listen(secured)

    def _listen(self, connection: socket.socket) -> None:
        if self._is_done(Moment.READY, connection):
            return
        if self.fault[0] is Moment.HEAD:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                byte = connection.recv(1)
                if not byte:
                    return
                head += byte
            if b"\r\ncontent-length: 0\r\n" in head.lower():
                self.requests.append(head)
        else:
            request = whole_request(connection)
            if request is None:
                return
            self.requests.append(request)
            self._arrived.release()
        self._is_done(self.fault[0], connection)

    def _is_done(self, moment: Moment, connection: socket.socket) -> bool:
        now, deed = self.fault
        if now is not moment:
            return False
        deed(self, connection)
        return True


def base_url(way: Way, url: str) -> str:
    """Write the address at which the client finds the server that listens at this one."""
    return {Way.PLAIN: url, Way.TLS: url.replace("http:", "https:"), Way.TUNNEL: f"https://{HOST}"}[way]


def hang_up(_: FaultServer, connection: socket.socket) -> None:
    """Close, after the client has read all. TLS is not told so."""
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(65536):
        pass


def close(_: FaultServer, connection: socket.socket) -> None:
    """Close at once."""


def reset(_: FaultServer, connection: socket.socket) -> None:
    """Close at once, and without manners (RST)."""
    reset_at_close(connection)


def say_goodbye(_: FaultServer, connection: socket.socket) -> None:
    """Close as TLS asks for."""
    assert isinstance(connection, ssl.SSLSocket)
    connection.unwrap()


def stall(server: FaultServer, _: socket.socket) -> None:
    """Fall silent, for longer than any client waits."""
    if not server.stop.wait(10):
        server.outlasted = True


def go_on(server: FaultServer, connection: socket.socket) -> None:
    """Keep the connection."""
    server.go_on(connection)


def says(data: bytes, then: Deed = hang_up) -> Deed:
    """Say these bytes."""

    def deed(server: FaultServer, connection: socket.socket) -> None:
        connection.sendall(data)
        then(server, connection)

    return deed


def says_below_tls(data: bytes, then: Deed = hang_up) -> Deed:
    """Say these bytes where TLS should stand."""

    def deed(server: FaultServer, connection: socket.socket) -> None:
        socket.socket.sendall(connection, data)
        then(server, connection)

    return deed


def heard(then: Deed) -> Deed:
    """Wait for the next byte of the client, and leave it unread."""

    def deed(server: FaultServer, connection: socket.socket) -> None:
        socket.socket.recv(connection, 1, socket.MSG_PEEK)
        then(server, connection)

    return deed


def drips(beginning: bytes) -> Deed:
    """Say the beginning, then a byte now and then, for longer than any client waits."""

    def deed(server: FaultServer, connection: socket.socket) -> None:
        connection.sendall(beginning)
        for _ in range(200):
            if server.stop.wait(0.05):
                return
            connection.sendall(b"x")
        server.outlasted = True

    return deed


def floods(beginning: bytes, piece: bytes, times: int, then: Deed = hang_up) -> Deed:
    """Say the beginning, then the piece so many times, as fast as the client takes it."""

    def deed(server: FaultServer, connection: socket.socket) -> None:
        connection.sendall(beginning)
        for _ in range(times):
            connection.sendall(piece)
        then(server, connection)

    return deed


def in_turn(*deeds: Deed) -> Deed:
    """Do another deed with each call."""
    left = iter(deeds)

    def deed(server: FaultServer, connection: socket.socket) -> None:
        next(left)(server, connection)

    return deed


@contextmanager
def one_segment(connection: socket.socket) -> Iterator[None]:
    """Let all that is said in the block arrive together. Linux only."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    yield
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)


def redirects(status: int, location: str, body: bytes = b"") -> Deed:
    """Point to an address; `{here}` in it is this server, and `{elsewhere}` another."""

    def deed(server: FaultServer, connection: socket.socket) -> None:
        answer = http(status, body, f"Location: {location.format(here=server.url, elsewhere=server.elsewhere)}")
        says(answer)(server, connection)

    return deed


@cache
def authority() -> trustme.CA:
    """The authority that the client is to trust."""
    return trustme.CA()


@cache
def server_context(certificate: str) -> ssl.SSLContext:
    """Build what a server needs for TLS with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    names = ("another.test",) if certificate == "another host's" else ("127.0.0.1", HOST)
    past = datetime.now(UTC) - timedelta(days=1)
    if certificate == "self-signed":
        stranger = trustme.CA()
        with TemporaryDirectory() as folder:
            path = Path(folder) / "both.pem"
            path.write_bytes(stranger.private_key_pem.bytes() + stranger.cert_pem.bytes())
            context.load_cert_chain(path)
    elif certificate == "expired":
        authority().issue_cert(*names, not_before=past - timedelta(days=1), not_after=past).configure_cert(context)
    else:
        authority().issue_cert(*names).configure_cert(context)
    if certificate == "asks for HTTP/1.1 or 2":
        context.set_alpn_protocols(["h2", "http/1.1"])
    if certificate == "asks for the client's":
        context.verify_mode = ssl.CERT_REQUIRED
        authority().configure_trust(context)
    return context
