"""A transport that speaks HTTP/2 sends a request again when the server says GOAWAY: not so a payment."""

import socket
import ssl
import threading
from contextlib import suppress

import anyio
import h2.config
import h2.connection
import h2.events
import httpx
import pytest

import altegio_partner as ap
from tests.callers import PAYMENT, TOKEN
from tests.servers.certificates import authority, server_context

PAID = b'{"success": true, "data": {"id": 5}}'


class GoingAway:
    """Answers the first request of a connection, and reads the second to its end before it says GOAWAY."""

    def __init__(self) -> None:
        self.whole: list[bytes] = []
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        self.url = f"https://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> "GoingAway":
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            self._threads.append(threading.Thread(target=self._serve, args=[connection]))
            self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with (
            suppress(OSError),
            connection,
            server_context("asks for HTTP/1.1 or 2").wrap_socket(connection, server_side=True) as tls,
        ):
            http = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
            http.initiate_connection()
            tls.sendall(http.data_to_send())
            bodies: dict[int, bytes] = {}
            while data := tls.recv(65536):
                for event in http.receive_data(data):
                    if isinstance(event, h2.events.DataReceived):
                        bodies[event.stream_id] = bodies.get(event.stream_id, b"") + (event.data or b"")
                    if isinstance(event, h2.events.StreamEnded):
                        self.whole.append(bodies.get(event.stream_id, b""))
                        self._answer(http, event.stream_id)
                tls.sendall(http.data_to_send())

    def _answer(self, http: h2.connection.H2Connection, stream: int) -> None:
        if stream == 3:
            http.close_connection(last_stream_id=1)
            return
        http.send_headers(stream, [(":status", "200"), ("content-length", str(len(PAID)))])
        http.send_data(stream, PAID, end_stream=True)


@pytest.mark.parametrize("kind", ["sync", "asyncio", "trio"])
def test_goaway_does_not_send_a_payment_again(kind: str) -> None:
    context = ssl.create_default_context()
    authority().configure_trust(context)
    with GoingAway() as server:
        if kind == "sync":
            transport = httpx.HTTPTransport(http2=True, verify=context)
            with ap.PartnerClient(TOKEN, application_id=1, base_url=server.url, transport=transport) as client:
                assert client.notify_payment(**PAYMENT) == 5
                with pytest.raises(ap.NoAnswerError):
                    client.notify_payment(**PAYMENT)
        else:

            async def main() -> None:
                transport = httpx.AsyncHTTPTransport(http2=True, verify=context)
                async with ap.AsyncPartnerClient(
                    TOKEN, application_id=1, base_url=server.url, transport=transport
                ) as client:
                    assert await client.notify_payment(**PAYMENT) == 5
                    with pytest.raises(ap.NoAnswerError):
                        await client.notify_payment(**PAYMENT)

            anyio.run(main, backend=kind)
    assert server.connections == 2  # httpx did try again
    assert len(server.whole) == 2
    assert all(b'"payment_sum"' in body for body in server.whole)
