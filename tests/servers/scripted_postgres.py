"""A server that speaks as much of PostgreSQL's protocol as a client needs to connect, and then follows a script."""

import socket
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from tests.servers.connections import Connections

Row = Sequence[str]
Answer = Callable[[str], Sequence[Row] | None]
"""Gives the rows of the last statement of a message, for its text; None for silence."""

_ENCRYPTION = 80877103, 80877104  # TLS, GSSAPI
_INT8, _TEXT = 20, 25
_KNOWN = {
    "version()": "PostgreSQL 15.0",
    "standard_conforming_strings": "on",
    "isolation level": "read committed",
    "current_schema()": "public",
}


class ScriptedPostgres:
    """Answers each message, and remembers it."""

    def __init__(self, answer: Answer) -> None:
        self.messages: list[str] = []
        self.startups: list[dict[str, str]] = []
        self.goodbyes = 0
        self._answer = answer
        self._connections = Connections(self._serve)
        self.url = f"postgresql+psycopg://ledger@127.0.0.1:{self._connections.port}/payments"
        self.drop, self.close = self._connections.drop, self._connections.close

    def _serve(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as stream, suppress(struct.error):
            while (startup := stream.read(struct.unpack("!i", stream.read(4))[0] - 4)) and _code(
                startup
            ) in _ENCRYPTION:
                connection.sendall(b"N")
            words = startup[4:].decode().split("\0")
            self.startups.append(dict(zip(words[::2], words[1::2], strict=False)))
            parameters = {"server_version": "15.0", "client_encoding": "UTF8", "standard_conforming_strings": "on"}
            welcome = _message("R", struct.pack("!i", 0))
            for name, value in parameters.items():
                welcome += _message("S", f"{name}\0{value}\0".encode())
            connection.sendall(welcome + _message("Z", b"I"))
            while (kind := stream.read(1)) == b"Q":
                text = stream.read(struct.unpack("!i", stream.read(4))[0] - 4).rstrip(b"\0").decode()
                self.messages.append(text)
                is_own = not text.lstrip().startswith("SET TRANSACTION")  # what SQLAlchemy asks when it connects
                known = [[value] for part, value in _KNOWN.items() if part in text.lower()]
                rows = known if is_own else self._answer(text)
                if rows is None:
                    stream.read(1)  # silent until the other side goes away
                    return
                connection.sendall((b"" if is_own else _SETTINGS) + _result(rows) + _message("Z", b"I"))
            self.goodbyes += kind == b"X"


def _code(startup: bytes) -> int:
    code: int = struct.unpack("!i", startup[:4])[0]
    return code


def _message(kind: str, data: bytes) -> bytes:
    return kind.encode() + struct.pack("!i", len(data) + 4) + data


def _result(rows: Sequence[Row]) -> bytes:
    if not rows:
        return _message("C", b"DELETE 0\0")
    columns = b""
    for number, value in enumerate(rows[0]):
        kind = _INT8 if value.isdigit() else _TEXT
        columns += f"column_{number}\0".encode() + struct.pack("!ihihih", 0, 0, kind, -1, -1, 0)
    described = _message("T", struct.pack("!h", len(rows[0])) + columns)
    for row in rows:
        values = b"".join(struct.pack("!i", len(value.encode())) + value.encode() for value in row)
        described += _message("D", struct.pack("!h", len(row)) + values)
    return described + _message("C", f"SELECT {len(rows)}\0".encode())


_SETTINGS = _message("C", b"SET\0")
"""A result without rows, as that of the settings in front of a statement."""


@contextmanager
def scripted_postgres(answer: Answer) -> Iterator[ScriptedPostgres]:
    """Serve as long as the block lasts."""
    server = ScriptedPostgres(answer)
    try:
        yield server
    finally:
        server.close()
