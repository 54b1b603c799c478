"""Injected faults: whether the call is recorded, and what the clients raise."""

import json
import socket
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

import altegio_partner as ap
from altegio_partner.sandbox import FAULT_NAMES, FAULTS, OPERATION_NAMES, FaultName, OperationName, Request, Sandbox
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
    assert {*EXPECTED, "latency"} == set(FAULT_NAMES)


def test_every_description_says_whether_the_call_is_recorded() -> None:
    assert [*FAULTS] == [*FAULT_NAMES]
    assert FAULTS["lose_answer"].description == "recorded, then the connection breaks before the response"
    assert FAULTS["drop_call"].description == "not recorded: the connection breaks before Altegio acts"
    for name, fault in FAULTS.items():
        assert fault.is_recorded == (EXPECTED.get(name, (1, None))[0] == 1)
        assert fault.description.startswith("recorded, " if fault.is_recorded else "not recorded: ")


@pytest.mark.parametrize("served", [True, False], ids=["served", "without a socket"])
@pytest.mark.parametrize("fault", EXPECTED)
def test_faults(caller: Callers, sandbox: Sandbox, fault: FaultName, served: bool) -> None:
    recorded, expected = EXPECTED[fault]
    sandbox.inject_fault(fault)
    with sandbox.serve() as url:
        where = {"base_url": url} if served else {"transport": sandbox.transport()}
        options = {"partner_token": sandbox.partner_token, "application_id": 123, "timeout": 10, "max_retries": 0}
        options |= where
        soon = {"timeout": 0.5} if expected is ap.NoAnswerError or fault == "drip" else {}
        with pytest.raises(ap.AltegioError) as caught:
            caller(**options | soon)("notify_payment", **PAYMENT)
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
        ({"calls": 2, "probability": 0.5}, "Pass either calls and nth, or probability, not both."),
        ({"nth": 2, "probability": 0.5}, "Pass either calls and nth, or probability, not both."),
        ({"seed": 1}, "seed has no effect alone: pass probability or jitter with it."),
        ({"nth": 0}, "nth must be a number of calls, 1 to 1000000, not int 0."),
        ({"operation": "pay"}, "Unknown operation 'pay'. The operations are complete_registration, activate, "),
        ({"salon_id": 0}, "salon_id must be a positive integer of at most 64 bits, not int 0."),
        ({"payment_sum": 1.5}, "payment_sum must be a Decimal, an int or a string of digits, not float 1.5."),
        ({"delay": -1}, "delay must be a number of seconds from 0 to 3600, not int -1."),
        ({"delay": 1, "jitter": 2}, "jitter must be a number of seconds from 0 to delay, 1, not int 2."),
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


REGISTER = "/marketplace/partner/callback/redirect"
PAY = "/marketplace/partner/payment"
REFUND = "/marketplace/partner/payment/refund/"


def pay(sandbox: Sandbox, salon_id: int, payment_sum: object = 5, **headers: str) -> FaultName | None:
    """Report a payment, and return the fault of this call."""
    times = dict.fromkeys(("payment_date", "period_from", "period_to"), "2030-01-01 00:00:00")
    body = {"salon_id": salon_id, "application_id": 123, "payment_sum": payment_sum, "currency_iso": "EUR", **times}
    return call(sandbox, "POST", PAY, body, **headers)


def call(sandbox: Sandbox, method: str, path: str, body: object = None, **headers: str) -> FaultName | None:
    sent = {**SANDBOX_HEADERS, "Content-Type": "application/json", **headers}
    lower = {name.lower(): value for name, value in sent.items()}
    sandbox.answer(Request(method, path, lower, json.dumps(body).encode()))
    return sandbox.calls[-1].fault


def test_a_fault_for_an_operation(sandbox: Sandbox) -> None:
    sandbox.inject_fault("html_502", operation="notify_refund")
    assert sandbox.pending_faults == ["html_502, the next call with operation notify_refund"]
    assert [pay(sandbox, SALON), call(sandbox, "POST", f"{REFUND}123"), pay(sandbox, SALON)] == [None, "html_502", None]


def test_faults_for_locations(sandbox: Sandbox) -> None:
    """Of a payment in the body, of a status in the path, of a refund that of its payment."""
    sandbox.connect(124)
    sandbox.register(124)
    pay(sandbox, SALON)
    pay(sandbox, 124)
    sandbox.inject_fault("stall", salon_id=124, calls=3)
    assert pay(sandbox, SALON) is None
    assert pay(sandbox, 124) == "stall"
    assert call(sandbox, "GET", "/marketplace/salon/123/application/123") is None
    assert call(sandbox, "GET", "/marketplace/salon/124/application/123") == "stall"
    assert call(sandbox, "POST", f"{REFUND}123") is None
    assert call(sandbox, "POST", f"{REFUND}124") == "stall"
    assert pay(sandbox, 124) is None


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/marketplace/application/payment_link?salon_id=124&application_id=123", None),
        ("GET", "/api/v1/cities?company_id=124", None),
        ("POST", "/marketplace/application/add_discount", {"salon_ids": [5, 124], "application_id": 123}),
        ("HEAD", "/marketplace/salon/124/application/123", None),
        ("POST", f"{PAY}/", {"salon_id": 124}),
    ],
)
def test_faults_for_a_location_wherever_the_call_names_it(
    sandbox: Sandbox, method: str, path: str, body: object
) -> None:
    sandbox.inject_fault("stall", salon_id=125)
    sandbox.inject_fault("no_id", salon_id=124)
    path, _, query = path.partition("?")
    sandbox.answer(Request(method, path, body=json.dumps(body).encode(), query=query))
    assert sandbox.calls[-1].fault == "no_id"
    assert sandbox.find_calls(salon_id=124)[1] == 1


@pytest.mark.parametrize(
    ("method", "path"), [("HEAD", "/marketplace/salon/123/application/123"), ("POST", f"{PAY}/"), ("POST", PAY)]
)
def test_a_call_has_one_operation(sandbox: Sandbox, method: str, path: str) -> None:
    """For its fault, in the list of calls, and where it is answered."""
    operation: OperationName = "get_installation" if method == "HEAD" else "notify_payment"
    sandbox.inject_fault("html_502", operation=operation)
    assert call(sandbox, method, path) == "html_502"
    assert sandbox.calls[-1].operation == operation
    assert call(sandbox, method, path) is None
    assert sandbox.calls[-1].response.choice in (None, "trailing_slash")
    assert sandbox.find_calls(operation=operation)[1] == 2


def test_what_is_no_id_matches_no_location(sandbox: Sandbox) -> None:
    sandbox.inject_fault("stall", salon_id=124)
    for path in (f"{REFUND}nothing", f"{REFUND}999"):
        assert call(sandbox, "POST", path) is None
    assert call(sandbox, "GET", "/marketplace/salon/x/application/123") is None
    assert call(sandbox, "POST", PAY, ["124"]) is None
    assert call(sandbox, "POST", PAY, {"salon_id": "124", "payment_sum": "124"}) is None


@pytest.mark.parametrize("payment_sum", ["990.99", "990.990"])
def test_a_fault_for_a_payment_sum(sandbox: Sandbox, payment_sum: str) -> None:
    sandbox.inject_fault("no_id", payment_sum=payment_sum, calls=2)
    assert [pay(sandbox, SALON, 990), pay(sandbox, SALON, 990.99)] == [None, "no_id"]
    assert [call(sandbox, "POST", f"{REFUND}123"), call(sandbox, "POST", f"{REFUND}124")] == [None, "no_id"]


def test_a_fault_for_a_method_and_a_path(sandbox: Sandbox) -> None:
    sandbox.inject_fault("no_id", method="get")
    sandbox.inject_fault("html_502", path=f"{REFUND}*")
    assert sandbox.pending_faults == [
        "no_id, the next call with method GET", f"html_502, the next call with path {REFUND}*"
    ]  # fmt: skip
    assert [pay(sandbox, SALON), call(sandbox, "POST", f"{REFUND}5")] == [None, "html_502"]
    assert call(sandbox, "GET", "/marketplace/salon/124/application/123") == "no_id"


def test_the_nth_call_that_matches(sandbox: Sandbox) -> None:
    """All pending faults count the calls, also those that have the fault of another."""
    sandbox.inject_fault("html_502", nth=2, operation="notify_payment")
    sandbox.inject_fault("stall", nth=4)
    sandbox.inject_fault("no_id", nth=2, calls=2, salon_id=SALON)
    assert sandbox.pending_faults == [
        "html_502, the next call with operation notify_payment after another",
        "stall, the next call after 3 others",
        "no_id, the next 2 calls with salon_id 123 after another",
    ]
    assert [pay(sandbox, SALON) for _ in range(6)] == [None, "html_502", "no_id", "stall", "no_id", None]


def test_a_fraction_of_the_calls_of_one_location(sandbox: Sandbox) -> None:
    sandbox.inject_fault("stall", probability=1, salon_id=124)
    sandbox.inject_fault("no_id", probability=1, salon_id=SALON)
    sandbox.inject_fault("html_502", probability=1, salon_id=SALON)  # replaces the one before
    assert [pay(sandbox, SALON), pay(sandbox, 124), pay(sandbox, 125)] == ["html_502", "stall", None]


def test_a_call_that_names_its_fault(sandbox: Sandbox) -> None:
    """Tests that run in parallel do not disturb each other: no other call has it, and it uses up no other fault."""
    sandbox.inject_fault("no_id")
    assert pay(sandbox, SALON, **{"X-Sandbox-Fault": "lose_answer"}) == "lose_answer"
    assert len(sandbox.payments(SALON)) == 1
    assert [pay(sandbox, SALON), pay(sandbox, SALON)] == ["no_id", None]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("gremlins", "Unknown fault 'gremlins'. The faults are lose_answer, drop_call, "),
        ("", "fault is missing."),
        ("stall:3", "Unknown parameter calls. The parameters are fault, delay, jitter."),
        ("stall:delay=1,delay=2", "delay is given twice: pass it once."),
        ("stall:delay=soon", "delay must be a number"),
    ],
)
def test_a_header_that_names_no_fault_is_refused(sandbox: Sandbox, header: str, words: str) -> None:
    assert pay(sandbox, SALON, **{"X-Sandbox-Fault": header}) is None
    response = sandbox.calls[-1].response
    assert response.status == 400
    assert json.loads(response.body)["error"].startswith(f"x-sandbox-fault: {words}")
    assert sandbox.payments(SALON) == []


def test_what_is_no_call_to_altegio_uses_up_no_fault(sandbox: Sandbox) -> None:
    sandbox.inject_fault("stall")
    for method, path in (("GET", "/favicon.ico"), ("GET", "/healthz"), ("POST", "/marketplace/payment"), ("GET", PAY)):
        assert call(sandbox, method, path, **{"X-Sandbox-Fault": "stall"}) is None
        assert call(sandbox, method, path) is None
    assert pay(sandbox, SALON) == "stall"


def test_every_endpoint_has_the_name_of_an_operation(sandbox: Sandbox) -> None:
    paths = {"complete_registration": REGISTER, "notify_payment": PAY, "notify_refund": f"{REFUND}5"}
    assert set(paths) <= set(OPERATION_NAMES)
    for name, path in paths.items():
        sandbox.inject_fault("stall", operation=name)  # type: ignore[arg-type]  # one of the names
        assert call(sandbox, "POST", path) == "stall"


def test_pending_faults_are_bounded(sandbox: Sandbox) -> None:
    for _ in range(1000):
        sandbox.inject_fault("stall", calls=1_000_000)
    with pytest.raises(ValueError, match="At most 1000 faults can be pending: clear them first"):
        sandbox.inject_fault("stall")


@pytest.mark.parametrize("served", [True, False], ids=["served", "without a socket"])
def test_latency(caller: Callers, sandbox: Sandbox, served: bool) -> None:
    sandbox.inject_fault("latency", delay=0.3, jitter=0.1)
    assert sandbox.pending_faults == ["latency, the next call, delayed by 0.3 ± 0.1 s"]
    with sandbox.serve() as url:
        where = {"base_url": url} if served else {"transport": sandbox.transport()}
        options = {"partner_token": sandbox.partner_token, "application_id": 123, **where}
        started = time.monotonic()
        assert caller(**options)("notify_payment", **PAYMENT) == 123
        assert time.monotonic() - started >= 0.2


def test_latency_beyond_the_timeout_of_a_client_without_a_socket(caller: Callers, sandbox: Sandbox) -> None:
    """It is known at once, so nobody waits."""
    sandbox.inject_fault("latency", delay=600)
    options = {"partner_token": sandbox.partner_token, "application_id": 123, "transport": sandbox.transport()}
    started = time.monotonic()
    with pytest.raises(ap.NoAnswerError):
        caller(**options)("notify_payment", **PAYMENT)
    assert time.monotonic() - started < 10
    assert len(sandbox.payments(SALON)) == 1


@pytest.mark.parametrize("served", [True, False], ids=["served", "without a socket"])
def test_delays_move_a_clock_that_stands_still(served: bool) -> None:
    sandbox = Sandbox(now=datetime(2030, 1, 1), stop_clock=True)
    sandbox.inject_fault("latency", delay=1800)
    sandbox.inject_fault("html_502", delay=1800)
    began = sandbox.now
    with (
        sandbox.serve() as url,
        httpx.Client(transport=None if served else sandbox.transport(), trust_env=False) as http,
    ):
        started = time.monotonic()
        for status in (422, 502):
            assert http.post(f"{url}{REFUND}5", headers=SANDBOX_HEADERS).status_code == status
        assert time.monotonic() - started < 60
    assert sandbox.now - began == timedelta(hours=1)


def test_a_clock_that_stands_still_does_not_follow_that_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    running, stopped = Sandbox(), Sandbox(stop_clock=True)
    tomorrow = running.now + timedelta(days=1)

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]  # the return type is this class
            assert tz is None
            return tomorrow

    began = stopped.now
    assert running.now == began
    monkeypatch.setattr("altegio_partner.sandbox.sandbox.datetime", Later)
    assert (running.now - began, stopped.now - began) == (timedelta(days=1), timedelta(0))


def test_the_same_seed_draws_the_same_delays() -> None:
    def delays(seed: int) -> list[float]:
        sandbox = Sandbox()
        sandbox.inject_fault("latency", calls=20, delay=10, jitter=10, seed=seed)
        request = Request("POST", PAY)
        return [sandbox.answer(request).delay for _ in range(20)]

    assert delays(1) == delays(1) != delays(2)
    assert all(0 <= delay <= 20 for delay in delays(1))
    assert max(delays(1)) - min(delays(1)) > 10
