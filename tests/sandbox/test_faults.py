"""Injected faults: whether the call is recorded, and what the clients raise."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

import altegio_partner as ap
from altegio_partner.sandbox import FAULT_NAMES, FaultName, Sandbox
from tests.callers import PAYMENT, SANDBOX_HEADERS, Callers

SALON = 123
EXPECTED: dict[FaultName, tuple[int, type[ap.AltegioError]]] = {
    "lose_answer": (1, ap.NoAnswerError),
    "stall": (1, ap.NoAnswerError),
    "drip": (1, ap.UnreadableAnswerError),
    "cut_body": (1, ap.UnreadableAnswerError),
    "html_502": (1, ap.ServerError),
    "html_200": (1, ap.UnreadableAnswerError),
    "empty_200": (1, ap.UnreadableAnswerError),
    "no_id": (1, ap.UnreadableAnswerError),
    "oversized_body": (1, ap.UnreadableAnswerError),
    "drop_call": (0, ap.NoAnswerError),
    "success_false": (0, ap.RejectedError),
    "rate_limit": (0, ap.RateLimitError),
    "rate_limit_without_retry_after": (0, ap.RateLimitError),
    "status_500": (0, ap.ServerError),
    "status_503": (0, ap.ServerError),
    "status_520": (0, ap.ServerError),
    "login_redirect": (0, ap.UnreadableAnswerError),
}


@pytest.fixture
def sandbox() -> Sandbox:
    sandbox = Sandbox()
    sandbox.connect(SALON)
    with ap.PartnerClient(sandbox.partner_token, application_id=123, transport=sandbox.transport()) as partner:
        partner.complete_registration(salon_id=SALON)
    return sandbox


@pytest.fixture
def wire(sandbox: Sandbox) -> Iterator[socket.socket]:
    """A connection to the sandbox, for tests of bytes."""
    with sandbox.serve() as url, socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), 5) as wire:
        wire.sendall(
            b"POST /marketplace/partner/payment/refund/5 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
            b"sandbox-partner-token\r\nAccept: application/vnd.api.v2+json\r\nContent-Length: 0\r\n\r\n"
        )
        yield wire


def test_every_fault_has_an_expected_outcome() -> None:
    assert set(EXPECTED) == set(FAULT_NAMES)


@pytest.mark.parametrize("served", [True, False], ids=["served", "without a socket"])
@pytest.mark.parametrize("fault", FAULT_NAMES)
def test_faults(caller: Callers, sandbox: Sandbox, fault: FaultName, served: bool) -> None:
    recorded, expected = EXPECTED[fault]
    sandbox.inject_fault(fault)
    with sandbox.serve() as url:
        where = {"base_url": url} if served else {"transport": sandbox.transport()}
        options = {"partner_token": sandbox.partner_token, "application_id": 123, "timeout": 0.5, "max_retries": 0}
        options |= where
        with pytest.raises(ap.AltegioError) as caught:
            caller(**options)("notify_payment", **PAYMENT)
        assert type(caught.value) is expected
        assert len(sandbox.payments(SALON)) == recorded
        assert sandbox.calls[-1].fault == fault
        assert caller(**options)("notify_payment", **PAYMENT) == 123 + recorded
    assert sandbox.calls[-1].fault is None


def test_a_rate_limit_ends_after_a_second(caller: Callers, sandbox: Sandbox) -> None:
    sandbox.inject_fault("rate_limit")
    options = {"partner_token": sandbox.partner_token, "application_id": 123, "transport": sandbox.transport()}
    started = time.monotonic()
    assert caller(**options)("notify_payment", **PAYMENT) == 123
    assert time.monotonic() - started >= 1


def injected(sandbox: Sandbox, calls: int) -> list[FaultName | None]:
    with httpx.Client(transport=sandbox.transport(), headers=SANDBOX_HEADERS) as http:
        for _ in range(calls):
            http.post("https://x/marketplace/partner/payment")
    return [exchange.fault for exchange in sandbox.calls[-calls:]]


def test_faults_of_the_next_calls_in_order() -> None:
    sandbox = Sandbox()
    sandbox.inject_fault("html_502", calls=2)
    sandbox.inject_fault("no_id")
    assert injected(sandbox, 4) == ["html_502", "html_502", "no_id", None]


def test_faults_with_a_probability() -> None:
    runs = []
    for seed in (1, 1, 2):
        sandbox = Sandbox()
        sandbox.inject_fault("no_id")
        sandbox.inject_fault("html_502", probability=0.3, seed=seed)
        runs.append(injected(sandbox, 200))
    assert runs[0] == runs[1] != runs[2]
    assert runs[0][0] == "no_id"
    assert 30 < runs[0].count("html_502") < 90
    assert set(runs[0][1:]) == {"html_502", None}


def test_clearing_faults() -> None:
    sandbox = Sandbox()
    sandbox.inject_fault("no_id", calls=10)
    sandbox.inject_fault("html_502", probability=1, seed=1)
    sandbox.clear_faults()
    assert injected(sandbox, 3) == [None] * 3


def test_an_unknown_fault() -> None:
    with pytest.raises(ValueError, match=r"Unknown fault 'gremlins'\. The faults are lose_answer, drop_call, "):
        Sandbox().inject_fault("gremlins")  # type: ignore[arg-type]  # the subject of the test


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"calls": 2, "probability": 0.5}, "Pass either calls or probability, not both."),
        ({"seed": 1}, "seed has no effect without probability: pass both."),
        ({"calls": 0}, "calls must be a number of calls, 1 to 1000000, not int 0."),
        ({"probability": 1.5}, "probability must be a number from 0 to 1, not float 1.5."),
    ],
)
def test_contradictory_or_invalid_options(options: dict[str, Any], words: str) -> None:
    sandbox = Sandbox()
    with pytest.raises(ValueError, match=words):
        sandbox.inject_fault("stall", **options)
    assert sandbox.pending_faults == []


def read_all(wire: socket.socket) -> bytes:
    return b"".join(iter(lambda: wire.recv(65536), b""))


@pytest.mark.parametrize("fault", ["lose_answer", "drop_call"])
def test_a_lost_answer_has_no_bytes(sandbox: Sandbox, fault: FaultName, request: pytest.FixtureRequest) -> None:
    sandbox.inject_fault(fault)
    assert read_all(request.getfixturevalue("wire")) == b""


def test_a_cut_response_is_incomplete(sandbox: Sandbox, request: pytest.FixtureRequest) -> None:
    sandbox.inject_fault("cut_body")
    head, _, body = read_all(request.getfixturevalue("wire")).partition(b"\r\n\r\n")
    (length,) = [int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
    assert 0 < len(body) < length


def test_a_dripping_response_arrives_byte_by_byte(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr("altegio_partner.sandbox.server._DRIP_INTERVAL", 0.01)
    sandbox.inject_fault("drip")
    wire: socket.socket = request.getfixturevalue("wire")
    pieces = [b""]
    while not b"".join(pieces).endswith(b"}}}"):
        pieces.append(wire.recv(65536))
    assert len(pieces) > 50
    assert b'\r\n\r\n{"success": false' in b"".join(pieces)
    wire.sendall(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")  # the connection is still usable
    assert wire.recv(65536).startswith(b"HTTP/1.1 404")
