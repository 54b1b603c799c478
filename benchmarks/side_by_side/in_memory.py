"""What a call costs above the transport: each client with its own HTTP client, and an answer from memory."""

from collections.abc import Callable
from typing import cast

import httpx
import httpx2
import openai
import requests
import stripe
import svix
import svix.models
from altegio_partner_api import AuthenticatedClient
from altegio_partner_api.api.partner import notify_payment
from altegio_partner_api.models import Payment, PaymentRecorded

from altegio_partner import PartnerClient

from .answers import CHAT, FIRST_ID, MESSAGE, PAYMENT, REFUND
from .payment import APPLICATION_ID, ARGUMENTS, HEADERS, HOST, PATH, TOKEN, WIRE
from .report import Table, Target
from .rounds import costs

_JSON = b"application/json"


class _Memory(httpx.BaseTransport):
    """Answers what httpx sends, once it has read all of it, and counts."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._headers = [(b"Content-Type", _JSON), (b"Content-Length", b"%d" % len(body))]
        self.served = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for _ in cast(httpx.SyncByteStream, request.stream):
            pass
        self.served += 1
        return httpx.Response(200, headers=self._headers, stream=httpx.ByteStream(self._body))


class _Memory2(httpx2.BaseTransport):
    """The same for httpx2."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._headers = [(b"Content-Type", _JSON), (b"Content-Length", b"%d" % len(body))]
        self.served = 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        for _ in cast(httpx2.SyncByteStream, request.stream):
            pass
        self.served += 1
        return httpx2.Response(200, headers=self._headers, stream=httpx2.ByteStream(self._body))


class _MemoryOfRequests(requests.adapters.BaseAdapter):
    """The same for requests."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self._body = body
        self.served = 0

    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        self.served += 1
        response = requests.Response()
        response.status_code = 200
        response.url = request.url or ""
        response.request = request
        response.headers["Content-Type"] = "application/json"
        response._content = self._body  # noqa: SLF001  its only way to make one
        return response

    def close(self) -> None: ...


def compare(quick: bool) -> list[Table]:
    """Compare the CPU of one call."""
    table = Table(
        "in_memory",
        "CPU per call without network",
        {"µs": ".0f", "× bare httpx": ".2f"},
        notes=[
            "Bare httpx is `Client.post(json=, headers=)` and `.json()`. Every client has its own HTTP client: ours, "
            "the generated one and svix have httpx, openai has httpx2, and their transports answer from memory; stripe "
            "has requests, whose adapter does. Each makes a typed POST of its own service: a payment, a message, a "
            "refund, a chat completion."
        ],
    )
    transports = {name: _Memory(PAYMENT % FIRST_ID) for name in ("ours", "bare httpx", "generated client")}
    partner = PartnerClient(TOKEN, application_id=APPLICATION_ID, transport=transports["ours"])
    bare = httpx.Client(transport=transports["bare httpx"])
    generated = AuthenticatedClient(HOST, TOKEN, httpx_args={"transport": transports["generated client"]})
    peers: dict[str, Callable[[], object]] = {
        "ours": lambda: partner.notify_payment(**ARGUMENTS),
        "bare httpx": lambda: bare.post(HOST + PATH, json=WIRE, headers=HEADERS).json()["data"]["id"],
        "generated client": lambda: _paid(generated),
    }
    served: dict[str, _Memory | _Memory2 | _MemoryOfRequests] = {**transports}
    peers["svix"], served["svix"] = _svix()
    peers["stripe"], served["stripe"] = _stripe()
    peers["openai"], served["openai"] = _openai()
    rounds, calls = (5, 50) if quick else (31, 200)
    measured = costs(peers, rounds, calls)
    for name, cost in measured.items():
        table.rows[name] = {"µs": cost.cpu, "× bare httpx": cost.cpu / measured["bare httpx"].cpu}
        table.expect(f"the number of calls of {name}", served[name].served, (rounds + 1) * calls)
    ours = measured["ours"].cpu
    table.targets = [
        Target("CPU in memory, × bare httpx", ours / measured["bare httpx"].cpu, 0.65),
        Target("CPU in memory, × svix", ours / measured["svix"].cpu, 0.55),
        Target("CPU in memory, × openai", ours / measured["openai"].cpu, 0.25),
    ]
    return [table]


def _paid(client: AuthenticatedClient) -> int:
    answer = notify_payment.sync_detailed(client=client, body=Payment(**WIRE))
    assert isinstance(answer.parsed, PaymentRecorded)  # noqa: S101  tells its type
    return answer.parsed.data.id


def _svix() -> tuple[Callable[[], object], _Memory]:
    memory = _Memory(MESSAGE)
    client = svix.Svix("token", svix.SvixOptions(server_url="https://api.svix.com"))
    messages = client.message
    messages._httpx_client = httpx.Client(transport=memory)  # noqa: SLF001  it takes no transport
    return lambda: messages.create("app", svix.models.MessageIn(event_type="payment", payload=WIRE)).id, memory


def _stripe() -> tuple[Callable[[], object], _MemoryOfRequests]:
    memory = _MemoryOfRequests(REFUND)
    session = requests.Session()
    session.mount("https://", memory)
    client = stripe.StripeClient("token", http_client=stripe.RequestsClient(session=session))
    return lambda: client.v1.refunds.create({"payment_intent": "pi_1", "amount": 99099}).id, memory


def _openai() -> tuple[Callable[[], object], _Memory2]:
    memory = _Memory2(CHAT)
    client = openai.OpenAI(api_key="token", http_client=httpx2.Client(transport=memory))
    return lambda: client.chat.completions.create(model="gpt", messages=[{"role": "user", "content": "?"}]).id, memory
