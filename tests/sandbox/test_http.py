"""The sandbox's page and controls, used by a browser, curl and a hostile page."""

import html
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest

from altegio_partner import PartnerClient
from altegio_partner.sandbox import FAULT_NAMES, FAULTS, Request, Sandbox
from tests.callers import API_KEY, PAYMENT, SANDBOX_HEADERS
from tests.servers.scripted import ScriptedServer, http

SALON = 123
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PAY = "/marketplace/partner/payment"


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture
def url(sandbox: Sandbox) -> Iterator[str]:
    with sandbox.serve() as url:
        yield url


@pytest.fixture
def curl(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, trust_env=False) as client:
        yield client


@pytest.fixture
def browser(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, trust_env=False, headers={**BROWSER, "Origin": url}) as client:
        yield client


def populate(sandbox: Sandbox, url: str) -> None:
    """Make two payments, one refunded, and a rejected call."""
    sandbox.connect(SALON)
    with PartnerClient(sandbox.partner_token, application_id=123, base_url=url) as partner:
        partner.complete_registration(salon_id=SALON, api_key=API_KEY)
        partner.notify_payment(**PAYMENT)
        partner.notify_refund(partner.notify_payment(**PAYMENT))
    httpx.post(f"{url}{PAY}", json={"payment_sum": "5"}, headers=SANDBOX_HEADERS, trust_env=False)


def test_the_page_shows_everything(sandbox: Sandbox, url: str, browser: httpx.Client) -> None:
    empty = browser.get("/")
    assert (empty.status_code, empty.headers["content-type"]) == (200, "text/html; charset=utf-8")
    for words in ("No owner has clicked Connect yet.", "No payments yet.", "No calls yet."):
        assert words in empty.text
    populate(sandbox, url)
    sandbox.inject_fault("no_id", calls=3)
    sandbox.inject_fault("stall", probability=0.25, seed=1)
    page = browser.get("/").text
    assert "active" in page
    assert "990.99 EUR" in page
    assert "2 faults pending" in page
    assert "no_id, the next 3 calls: recorded, then a success without a payment id" in page
    assert "stall, 25% of all calls: recorded, then no response" in page
    assert "salon_id: This must be a positive integer." in page
    assert page.count("/marketplace/partner/payment/refund/124") == 3  # the summary, the call, and as curl
    assert "********" in page
    assert sandbox.partner_token not in page


CONTROLS_OF_THE_PAGE = ("locations/connect", "locations/pay", "faults", "faults/clear", "clock", "reset")


def test_the_page_is_self_contained(browser: httpx.Client) -> None:
    answer = browser.get("/")
    policy = answer.headers["content-security-policy"]
    (nonce,) = set(re.findall(r"'nonce-([^']+)'", policy))
    assert policy.startswith("default-src 'none'; ")
    assert re.findall(r"<(?:script|style)([^>]*)>", answer.text) == [f' nonce="{nonce}"'] * 2
    assert set(re.findall(r'(?:src|href|action|formaction)="([^"]*)"', answer.text)) <= {
        "/", "/explorer", "data:,",
        "#locations-title", "#controls", "#payments-title", "#callbacks-title", "#calls-title",
        *(f"/sandbox/{name}" for name in CONTROLS_OF_THE_PAGE),
    }  # fmt: skip
    assert nonce not in browser.get("/").text


HOSTILE = "<img src=x onerror=alert(1)>\"'</pre><script>alert(1)</script>"


def test_html_in_the_data_is_escaped(sandbox: Sandbox, url: str, browser: httpx.Client) -> None:
    sandbox.connect(SALON)
    headers = {**SANDBOX_HEADERS, "X-Hostile": HOSTILE}
    body = {"salon_id": SALON, "application_id": 123, "note": HOSTILE}
    with ScriptedServer(http(200, HOSTILE.encode())) as partner:
        sandbox.callback_url = f"{partner.url}/{HOSTILE}"
        sandbox.registration_url = f"https://a.example/{HOSTILE}"
        assert httpx.post(f"{url}/marketplace/partner/callback/redirect", json=body, headers=headers).status_code == 301
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), 5) as wire:
            wire.sendall(b"GET /<script>alert(2)</script> HTTP/1.1\r\nHost: <script>\r\n\r\n")
            assert wire.recv(100).startswith(b"HTTP/1.1 404")
        sandbox.uninstall(SALON)
        page = browser.get("/").text
    assert page.count("<script") == 1
    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") >= 4
    rejected = browser.post("/sandbox/faults", data={"fault": HOSTILE})
    assert rejected.status_code == 422
    assert rejected.text.count("<script") == 1


def test_a_browser_is_redirected_to_the_page(sandbox: Sandbox, browser: httpx.Client) -> None:
    def act(name: str, **values: object) -> str:
        done = browser.post(f"/sandbox/{name}", data=values)
        assert done.status_code == 303
        (notice,) = re.findall(r'role="status"><p>(.*?)</p>', browser.get(done.headers["location"]).text)
        assert html.unescape(notice) not in browser.get("/").text  # it goes away
        return str(notice)

    assert act("locations/123/connect") == (
        "The owner of location 123 has clicked Connect. Without a registration URL, the browser stays on this page."
    )
    with PartnerClient(sandbox.partner_token, application_id=123, transport=sandbox.transport()) as partner:
        partner.complete_registration(salon_id=SALON)
    sent = "Callback: Not sent: the sandbox has no callback_url."
    assert act("locations/pay", salon_id=SALON, payment_sum="5.50", currency_iso="USD", discount="") == (
        f"The owner of location 123 has paid at Altegio. {sent}"
    )
    assert act("payments/123/refund") == "Your application has reported the refund of payment 123."
    assert act("deliveries/1/redeliver") == f"Altegio has sent the callback again. {sent}"
    assert act("locations/123/freeze") == f"Altegio has frozen location 123. {sent}"
    assert act("locations/123/uninstall") == f"The owner of location 123 has removed the application. {sent}"
    assert act("faults", fault="no_id", calls="2") == "Pending faults: no_id, the next 2 calls."
    assert act("faults/clear") == "All faults have been cleared."
    assert act("clock", seconds="3600") == f"The clock is now at {sandbox.now}."
    assert act("reset") == "The sandbox has been reset."


def test_connecting_redirects_the_browser_to_the_partner(sandbox: Sandbox, browser: httpx.Client) -> None:
    sandbox.registration_url = "https://partner.example/register"
    plain = browser.post("/sandbox/locations/connect", data={"salon_id": 5})
    assert plain.headers["location"] == "https://partner.example/register?salon_id=5"
    owner = browser.post("/sandbox/locations/connect", data={"salon_id": 6, "user_data": "on"})
    assert re.fullmatch(
        r"https://partner\.example/register\?salon_id=6&user_data=\S+&user_data_sign=[0-9a-f]{64}",
        owner.headers["location"],
    )


def test_a_registration_redirects_to_the_page(sandbox: Sandbox, url: str, browser: httpx.Client) -> None:
    sandbox.connect(SALON)
    with PartnerClient(sandbox.partner_token, application_id=123, base_url=url) as partner:
        next_page = partner.complete_registration(salon_id=SALON)
    assert next_page == f"{url}/further-setup?salon_id={SALON}"
    assert "<h1>Altegio sandbox</h1>" in browser.get(next_page).text


def test_programs_receive_json(sandbox: Sandbox, curl: httpx.Client) -> None:
    def act(name: str, **values: object) -> Any:
        as_form = curl.post(f"/sandbox/{name}", data=values)
        assert as_form.headers["content-type"] == "application/json"
        assert as_form.status_code == 200, as_form.text
        return as_form.json()

    assert act("locations/connect", salon_id=SALON) == {"registration_url": None}
    assert curl.post("/sandbox/locations/5/connect", json={"user_data": True}).json() == {"registration_url": None}
    with PartnerClient(sandbox.partner_token, application_id=123, transport=sandbox.transport()) as partner:
        partner.complete_registration(salon_id=SALON)
    assert act("faults", fault="no_id", calls=2) == {"pending_faults": ["no_id, the next 2 calls"]}
    assert act("faults", fault="stall", probability=0.5, seed=9)["pending_faults"][1] == "stall, 50% of all calls"
    assert act("faults/clear") == {"pending_faults": []}
    assert len(act("locations/123/pay", payment_sum="5.50", deliveries=2)["deliveries"]) == 2
    tariff = {"discount": 0, "tariff_option_id": 7, "period_from": "2040-01-01 00:00:00"}
    (sent,) = curl.post("/sandbox/locations/123/pay", json={"payment_sum": 6, **tariff}).json()["deliveries"]
    assert (sent["content"]["tariff_option_id"], sent["content"]["discount"]) == (7, 0)
    assert (sent["content"]["period_from"], sent["content"]["period_to"]) == (
        "2040-01-01 00:00:00",
        "2040-01-31 00:00:00",
    )
    (sent,) = act("locations/123/freeze")["deliveries"]
    assert sent["content"]["event"] == "freeze"
    assert act("deliveries/redeliver", number=sent["number"])["deliveries"][0]["content"] == sent["content"]
    assert act("locations/uninstall", salon_id=SALON, deliveries=0) == {"deliveries": []}
    before = sandbox.now
    assert act("clock", days=1, hours=1) == {"deliveries": []}
    assert sandbox.now - before >= timedelta(hours=25)
    snapshot = curl.get("/sandbox/snapshot").json()
    assert snapshot["totals"] == {"locations": 2, "payments": 2, "deliveries": 5, "calls": 1}
    assert [payment["payment_sum"] for payment in snapshot["payments"]] == ["6", "5.5"]
    assert snapshot["calls"][0]["headers"]["authorization"] == "Bearer ********"
    assert act("reset") == {}
    assert curl.get("/sandbox/snapshot").json()["totals"] == {
        "locations": 0,
        "payments": 0,
        "deliveries": 0,
        "calls": 0,
    }


INVALID: list[tuple[str, object, str]] = [
    ("locations/connect", {}, "salon_id is missing."),
    ("locations/connect", {"salon_id": "five"}, "salon_id must be a whole number, not str 'five'."),
    ("locations/connect", {"salon_id": "9" * 30}, "salon_id must be a whole number"),
    ("locations/freeze", {"salon_id": 5}, "Location 5 cannot be frozen: it is uninstalled, not active."),
    ("faults", {"fault": "gremlins"}, "Unknown fault 'gremlins'. The faults are lose_answer"),
    ("faults", {"fault": "stall", "calls": 0}, "calls must be a number of calls, 1 to 1000000, not int 0."),
    (
        "faults",
        {"fault": "stall", "probability": "often"},
        "probability must be a number of at most 100000000, not str 'often'.",
    ),
    (
        "faults",
        {"fault": "stall", "probability": "nan"},
        "probability must be a number of at most 100000000, not str 'nan'.",
    ),
    ("clock", {"days": "soon"}, "days must be a number of at most 100000000, not str 'soon'."),
    ("clock", {"days": "nan"}, "days must be"),
    ("clock", {"days": "1e300"}, "days must be"),
    ("clock", {"days": -1}, "time must be zero or more"),
    ("deliveries/redeliver", {"number": 5}, "There is no callback 5."),
    (
        "locations/connect",
        {"salon_id": 5, "user_data": "perhaps"},
        "user_data must be true or false, not str 'perhaps'.",
    ),
    ("locations/connect?salon_id=5", {"salon_id": 5}, "salon_id is given twice"),
    ("locations/connect?salon=5", {}, "Unknown parameter salon."),
    ("clock", {"hour": 13}, "Unknown parameter hour. The parameters are days, hours, seconds, to."),
    (
        "locations/5/pay",
        {"salon_id": 5, "payment_sum": 1},
        "salon_id is given twice, in the path, the query or the body",
    ),
    ("reset", {"hard": True}, "Unknown parameter hard. There are no parameters."),
    (
        "locations/pay",
        {"salon_id": 5, "payment_sum": 1, "period_to": "2030-01-01"},
        "period_to: This must be a date and time like",
    ),
    ("locations/pay", {"salon_id": 5, "payment_sum": ["1"]}, "payment_sum must be text, not list"),
    ("locations/pay", {"salon_id": 5, "payment_sum": "much"}, "payment_sum must be digits"),
]


@pytest.mark.parametrize(("name", "values", "words"), INVALID)
def test_errors_name_the_parameter(curl: httpx.Client, name: str, values: object, words: str) -> None:
    answer = curl.post(f"/sandbox/{name}", json=values)
    assert answer.status_code == 422
    assert words in answer.json()["error"]
    assert curl.get("/").status_code == 200


@pytest.mark.parametrize("body", [b"{", b'{"a":' + b"[" * 100_000, b"\xff", b'{"salon_id": NaN}'])
def test_controls_survive_garbage(curl: httpx.Client, body: bytes) -> None:
    assert curl.post("/sandbox/locations/connect", content=body).status_code == 422
    assert curl.get("/").status_code == 200


def test_pages_of_other_sites_cannot_control_it(sandbox: Sandbox, url: str, curl: httpx.Client) -> None:
    sandbox.connect(SALON)
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1"):
        answer = curl.post("/sandbox/locations/123/uninstall", headers={**BROWSER, "Origin": origin})
        assert (answer.status_code, "other sites" in answer.json()["error"]) == (403, True)
    assert sandbox.installation(SALON).status == "pending"
    assert curl.post("/sandbox/locations/123/uninstall", headers={"Origin": url}).status_code == 200


def test_paths_and_methods(curl: httpx.Client) -> None:
    assert curl.get("/sandbox/reset").status_code == 405
    assert curl.get("/sandbox/reset").headers["allow"] == "POST"
    assert curl.post("/").status_code == 405
    assert curl.delete("/sandbox/snapshot").headers["allow"] == "GET"
    assert (
        "The paths are /sandbox/health, /sandbox/snapshot, /sandbox/locations, /sandbox/locations/{salon_id}, "
        in curl.get("/sandbox/nothing").json()["error"]
    )
    assert curl.post("/sandbox/nothing").status_code == 404
    head = curl.head("/")
    assert (head.status_code, head.content) == (200, b"")
    assert curl.head(PAY).status_code == 405


def test_controls_do_not_use_up_faults(sandbox: Sandbox, curl: httpx.Client) -> None:
    sandbox.inject_fault("stall", calls=5)
    for path in ("/", "/sandbox/snapshot", "/sandbox/nothing", "/further-setup"):
        assert curl.get(path).status_code in (200, 404)
    assert [call.request.path for call in sandbox.calls] == ["/further-setup"]
    assert sandbox.pending_faults == ["stall, the next 5 calls"]


def test_every_fault_can_be_injected(sandbox: Sandbox, browser: httpx.Client) -> None:
    page = browser.get("/").text
    options = dict(re.findall(r'<option value="(\w+)">(.*?)</option>', html.unescape(page)))
    assert options == {name: f"{name}: {fault.description}" for name, fault in FAULTS.items()}
    for name in FAULT_NAMES:
        browser.post("/sandbox/faults", data={"fault": name, "calls": "1"})
    delays = {"latency": ", delayed by 1 s"}
    assert sandbox.pending_faults == [f"{name}, the next call{delays.get(name, '')}" for name in FAULT_NAMES]


def test_long_lists_are_cut(sandbox: Sandbox, browser: httpx.Client) -> None:
    for salon_id in range(1, 111):
        sandbox.connect(salon_id)
    with PartnerClient(sandbox.partner_token, application_id=123, transport=sandbox.transport()) as partner:
        partner.complete_registration(salon_id=SALON - 100)
        for _ in range(101):
            partner.notify_payment(**{**PAYMENT, "salon_id": 23})
    page = browser.get("/").text
    longer = browser.get("/?limit=300").text
    assert "The latest" not in longer
    assert longer.count('id="location-') == 110
    for total in (110, 101, 102):
        assert page.count(f'The latest 100 of {total}. <a href="/?limit=300">Show up to 300</a>') == 1
    assert page.index('scope="row" data-label="Location">23<') < page.index('scope="row" data-label="Location">60<')


def test_long_bodies_are_cut_in_the_log(sandbox: Sandbox, url: str) -> None:
    sandbox.inject_fault("oversized_body")
    headers = {**SANDBOX_HEADERS, "Content-Type": "application/json"}
    body = json.dumps({"note": "x" * 50_000}).encode()
    httpx.post(f"{url}{PAY}", content=body, headers=headers, trust_env=False)
    (exchange,) = sandbox.calls
    assert exchange.request.body == body[:10_000]
    assert len(exchange.response.body) == 10_000


def test_the_latest_thousand_calls_are_kept(sandbox: Sandbox) -> None:
    for _ in range(1005):
        sandbox.answer(Request("GET", "/"))
    assert [sandbox.calls[0].number, sandbox.calls[-1].number, len(sandbox.calls)] == [6, 1005, 1000]


def test_due_events_are_processed_every_second_also_while_a_callback_hangs(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    third = threading.Event()
    times: list[float] = []

    def process() -> None:
        times.append(time.monotonic())
        if len(times) < 3:
            assert third.wait(60)
        third.set()

    monkeypatch.setattr(sandbox, "process_due_events", process)
    with sandbox.serve():
        assert third.wait(60)
    assert all(later - earlier > 0.5 for earlier, later in pairwise(times))


def test_a_bug_of_the_sandbox_is_printed(
    sandbox: Sandbox, curl: httpx.Client, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def break_down(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(sandbox, "answer", break_down)
    assert curl.post(PAY).status_code == 500
    assert "ZeroDivisionError" in capfd.readouterr().err
    assert curl.get("/").status_code == 200


def test_a_body_that_is_too_large(curl: httpx.Client, sandbox: Sandbox) -> None:
    with socket.create_connection((curl.base_url.host, curl.base_url.port or 0), 5) as wire:
        wire.sendall(b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n" + b"x" * 1_100_000)
        assert wire.recv(65536).startswith(b"HTTP/1.1 413")
    assert sandbox.calls == []


def test_100_continue(curl: httpx.Client) -> None:
    with socket.create_connection((curl.base_url.host, curl.base_url.port or 0), 5) as wire:
        wire.sendall(b"POST /x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        assert wire.recv(65536) == b"HTTP/1.1 100 \r\n\r\n"
        wire.sendall(b"{}")
        assert wire.recv(65536).startswith(b"HTTP/1.1 404")
