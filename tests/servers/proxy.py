"""A proxy that passes connections on: of HTTP, plain or over TLS, or of SOCKS5. It keeps what it was asked."""

import socket
from base64 import b64encode
from typing import Self

from tests.servers.certificates import server_context
from tests.servers.connections import Connections, relay
from tests.servers.scripted import whole_request


class ProxyServer:
    """Takes every connection to the same place, for every host name."""

    def __init__(self, scheme: str, target: str, login: tuple[str, str] | None = None) -> None:
        self.asked: list[str] = []
        self.carried = b""
        self._scheme, self._login = scheme, login
        self._target = ("127.0.0.1", int(target.rpartition(":")[2]))
        self._connections = Connections(self._serve)
        self.address = f"127.0.0.1:{self._connections.port}"

    def url(self, login: str = "") -> str:
        return f"{self._scheme}://{login}{self.address}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connections.close()

    def _serve(self, connection: socket.socket) -> None:
        if self._scheme == "https":
            connection = server_context("trusted").wrap_socket(connection, server_side=True)
        passes = self._pass_socks if self._scheme.startswith("socks") else self._pass_http
        with connection:
            if passes(connection):
                with socket.create_connection(self._target) as target:
                    relay(connection, target, self._carry)

    def _pass_http(self, connection: socket.socket) -> bool:
        request = whole_request(connection) or b""
        self.asked.append(request.split()[1].decode())
        if self._login:
            wanted = b"proxy-authorization: basic " + b64encode(":".join(self._login).encode()).lower()
            if wanted not in request.lower():
                connection.sendall(b"HTTP/1.1 407 Login\r\nContent-Length: 0\r\n\r\n")
                return False
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        return True

    def _pass_socks(self, connection: socket.socket) -> bool:
        _, count = exactly(connection, 2)
        methods = exactly(connection, count)
        method = 2 if self._login else 0
        if method not in methods:
            connection.sendall(b"\x05\xff")
            return False
        connection.sendall(bytes([5, method]))
        if self._login:
            user = exactly(connection, exactly(connection, 2)[1]).decode()
            password = exactly(connection, exactly(connection, 1)[0]).decode()
            is_right = (user, password) == self._login
            connection.sendall(bytes([1, not is_right]))
            if not is_right:
                return False
        assert exactly(connection, 4) == b"\x05\x01\x00\x03"
        host = exactly(connection, exactly(connection, 1)[0]).decode()
        self.asked.append(f"{host}:{int.from_bytes(exactly(connection, 2), 'big')}")
        if host == "forbidden.test":
            connection.sendall(b"\x05\x02\x00\x01" + bytes(6))
            return False
        for byte in b"\x05\x00\x00\x03\x04name\x01\x02":  # as a slow network may bring it
            connection.sendall(bytes([byte]))
        return True

    def bring(self, sink: socket.socket, data: bytes) -> None:
        sink.sendall(data)

    def _carry(self, sink: socket.socket, data: bytes) -> None:
        self.carried += data
        self.bring(sink, data)


def exactly(connection: socket.socket, count: int) -> bytes:
    received = b""
    while len(received) < count:
        data = connection.recv(count - len(received))
        if not data:
            raise OSError("closed")
        received += data
    return received
