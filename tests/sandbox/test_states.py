"""The states of an installation, as seen by the partner and by the status endpoint."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from altegio_partner import AlreadyInstalledError, PartnerClient, PermissionDeniedError
from altegio_partner.sandbox import Request, Sandbox, Seed, read_seed
from tests.callers import PAYMENT, SANDBOX_HEADERS

SALON = 123
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture
def partner(sandbox: Sandbox) -> Any:
    with PartnerClient(sandbox.partner_token, application_id=123, transport=sandbox.transport()) as partner:
        yield partner


def status(sandbox: Sandbox, salon_id: int = SALON, application_id: int = 123) -> httpx.Response:
    with httpx.Client(transport=sandbox.transport(), base_url="https://x", headers=SANDBOX_HEADERS) as http:
        return http.get(f"/marketplace/salon/{salon_id}/application/{application_id}")


def pay(partner: PartnerClient, sandbox: Sandbox, lasts: timedelta) -> int:
    period = {"payment_date": sandbox.now, "period_from": sandbox.now, "period_to": sandbox.now + lasts}
    return partner.notify_payment(**{**PAYMENT, **period})


def test_all_states(sandbox: Sandbox, partner: PartnerClient) -> None:
    begin = sandbox.now
    assert sandbox.installation(SALON).status == "uninstalled"
    with pytest.raises(PermissionDeniedError):
        partner.complete_registration(salon_id=SALON)
    sandbox.connect(SALON)
    assert sandbox.installation(SALON).status == "pending"
    with pytest.raises(PermissionDeniedError):
        pay(partner, sandbox, DAY)
    partner.complete_registration(salon_id=SALON)
    assert sandbox.installation(SALON).status == "active"
    with pytest.raises(AlreadyInstalledError):
        partner.complete_registration(salon_id=SALON)
    first = pay(partner, sandbox, 30 * DAY)
    sandbox.advance(29 * DAY)
    assert sandbox.installation(SALON).status == "active"
    sandbox.advance(2 * DAY)
    assert sandbox.installation(SALON).status == "freezed"
    with pytest.raises(AlreadyInstalledError):
        partner.complete_registration(salon_id=SALON)
    second = pay(partner, sandbox, 30 * DAY)
    assert sandbox.installation(SALON).status == "active"
    sandbox.freeze(SALON)
    assert sandbox.installation(SALON).status == "freezed"
    sandbox.uninstall(SALON)
    with pytest.raises(PermissionDeniedError):
        pay(partner, sandbox, DAY)
    steps = [(step.status_from, step.status_to, step.source) for step in sandbox.installation(SALON).logs]
    assert steps == [
        ("uninstalled", "pending", "owner"),
        ("pending", "active", "partner"),
        ("active", "freezed", "expiry"),
        ("freezed", "active", "payment"),
        ("active", "freezed", "altegio"),
        ("freezed", "uninstalled", "owner"),
    ]
    assert [payment.id for payment in sandbox.payments(SALON)] == [first, second]
    assert sandbox.now - begin >= 31 * DAY


def test_a_link_expires_after_twelve_hours(sandbox: Sandbox, partner: PartnerClient) -> None:
    sandbox.connect(SALON)
    sandbox.advance(13 * HOUR)
    with pytest.raises(PermissionDeniedError):
        partner.complete_registration(salon_id=SALON)
    assert sandbox.installation(SALON).logs[-1].source == "link expired"
    sandbox.connect(SALON)
    sandbox.advance(11 * HOUR)
    assert partner.complete_registration(salon_id=SALON) is not None


def test_a_payment_for_a_past_period_does_not_unfreeze(sandbox: Sandbox, partner: PartnerClient) -> None:
    sandbox.connect(SALON)
    partner.complete_registration(salon_id=SALON)
    sandbox.freeze(SALON)
    partner.notify_payment(**{**PAYMENT, "period_from": datetime(2001, 1, 1), "period_to": datetime(2001, 2, 1)})
    assert sandbox.installation(SALON).status == "freezed"


def test_the_status(sandbox: Sandbox, partner: PartnerClient) -> None:
    sandbox.connect(SALON)
    partner.complete_registration(salon_id=SALON)
    first = pay(partner, sandbox, 30 * DAY)
    pay(partner, sandbox, 60 * DAY)
    partner.notify_refund(first)
    answer = status(sandbox)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["success"], body["meta"]) == (True, [])
    assert body["data"]["connection_status"]["status"] == "active"
    refunded, kept = body["data"]["payments"]
    assert refunded["id"] == first
    assert isinstance(refunded["payment_sum"], float)
    assert (refunded["payment_sum"], refunded["currency_iso"]) == (990.99, "EUR")
    assert refunded["is_refunded"] is True
    assert datetime.fromisoformat(refunded["refunded_at"]) <= sandbox.now
    assert (kept["is_refunded"], kept["refunded_at"]) == (False, None)
    assert [log["status_to"] for log in body["data"]["logs"]] == ["pending", "active"]
    assert all(datetime.fromisoformat(log["changed_at"]) <= sandbox.now for log in body["data"]["logs"])


@pytest.mark.parametrize(("salon_id", "application_id"), [(SALON, 5), (5, 123)])
def test_the_status_without_an_installation(sandbox: Sandbox, salon_id: int, application_id: int) -> None:
    sandbox.connect(SALON)
    answer = status(sandbox, salon_id, application_id)
    assert (answer.status_code, answer.json()) == (404, {"success": False, "data": None, "meta": []})


def test_the_status_lags_behind() -> None:
    sandbox = Sandbox(status_delay=HOUR)
    sandbox.connect(SALON)
    with PartnerClient(sandbox.partner_token, application_id=123, transport=sandbox.transport()) as partner:
        partner.complete_registration(salon_id=SALON)
        payment_id = pay(partner, sandbox, 30 * DAY)
        assert status(sandbox).json()["data"]["payments"] == []
        sandbox.advance(2 * HOUR)
        assert len(status(sandbox).json()["data"]["payments"]) == 1
        partner.notify_refund(payment_id)
    assert status(sandbox).json()["data"]["payments"][0]["is_refunded"] is False
    assert sandbox.payments(SALON)[0].is_refunded
    sandbox.advance(2 * HOUR)
    assert status(sandbox).json()["data"]["payments"][0]["is_refunded"] is True


def test_rejections_have_a_reason(sandbox: Sandbox) -> None:
    sandbox.connect(SALON)
    wrong: list[tuple[str, str, dict[str, str], str]] = [
        ("GET", "/marketplace/partner/payment", {}, "This path requires POST."),
        ("POST", "/api/v1/marketplace/partner/payment", {}, "Unknown path."),
        ("POST", "/marketplace/partner/payment", {"Authorization": "Bearer x"}, "The Authorization header must be"),
        ("POST", "/marketplace/partner/payment", {"Accept": "application/json"}, "The Accept header must contain"),
        ("POST", "/marketplace/partner/payment", {}, "body: The Content-Type must be application/json."),
        (
            "POST",
            "/marketplace/partner/payment",
            {"Content-Type": "application/json"},
            "body: This must be a JSON object.",
        ),
    ]
    with httpx.Client(transport=sandbox.transport(), base_url="https://x", headers=SANDBOX_HEADERS) as http:
        for method, path, extra, _ in wrong:
            assert http.request(method, path, headers=extra).status_code in (401, 403, 404, 405, 422)
    reasons = [exchange.response.reason for exchange in sandbox.calls]
    assert len(reasons) == len(wrong)
    for reason, (*_, expected) in zip(reasons, wrong, strict=True):
        assert expected in reason
    assert sandbox.partner_token not in repr(reasons)


def test_the_clock_starts_at_the_given_time() -> None:
    sandbox = Sandbox(now=datetime(2030, 1, 31, 12, 0, 0, 999))
    assert timedelta(0) <= sandbox.now - datetime(2030, 1, 31, 12, 0) < HOUR
    sandbox.advance(HOUR)
    assert timedelta(0) <= sandbox.now - datetime(2030, 1, 31, 13, 0) < HOUR
    sandbox.reset()
    assert timedelta(0) <= sandbox.now - datetime(2030, 1, 31, 12, 0) < HOUR
    with pytest.raises(ValueError, match="now must be a time without an offset from UTC"):
        Sandbox(now=datetime(2030, 1, 1, tzinfo=UTC))


def test_a_refund_shortens_the_paid_period(sandbox: Sandbox, partner: PartnerClient) -> None:
    sandbox.connect(SALON)
    partner.complete_registration(salon_id=SALON)
    pay(partner, sandbox, 10 * DAY)
    assert sandbox.installation(SALON).until == sandbox.payments(SALON)[0].period_to
    longer = pay(partner, sandbox, 90 * DAY)
    partner.notify_refund(longer)
    sandbox.advance(11 * DAY)
    assert sandbox.installation(SALON).status == "freezed"


def test_a_state_file_is_used_by_the_next_sandbox(tmp_path: Path) -> None:
    first = Sandbox(state=tmp_path / "altegio.db", now=datetime(2030, 1, 1))
    first.connect(SALON)
    with pytest.raises(ValueError, match="is another sandbox using it"):
        Sandbox(state=tmp_path / "altegio.db")
    before = first.installation(SALON)
    del first
    second = Sandbox(state=str(tmp_path / "altegio.db"))
    assert second.installation(SALON) == before
    assert second.now >= datetime(2030, 1, 1)
    assert not second.load_seed(Seed(None, []))


@pytest.mark.parametrize("retry_after", [True, False])
def test_rate_limits(monkeypatch: pytest.MonkeyPatch, retry_after: bool) -> None:
    sandbox = Sandbox(rate_limits=True, retry_after=retry_after)
    seconds = 0.0
    began = sandbox.now
    monkeypatch.setattr(sandbox, "_exact_time", lambda: began + timedelta(seconds=seconds))
    answers = [status(sandbox) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [404] * 5 + [429]
    assert answers[-1].headers.get("retry-after") == ("1" if retry_after else None)
    assert sandbox.calls[-1].response.reason == "This address sent more than 5 calls a second or 200 a minute."
    elsewhere = Request("GET", "/", address="10.0.0.1")
    assert sandbox.answer(elsewhere).status == 404
    for _ in range(39):  # 200 in total, in 40 seconds
        seconds += 1.01
        assert [status(sandbox).status_code for _ in range(5)] == [404] * 5
    seconds += 1.01
    limited = status(sandbox)
    assert (limited.status_code, limited.headers.get("retry-after")) == (429, "20" if retry_after else None)
    seconds = 60.5
    assert status(sandbox).status_code == 404
    sandbox.reset()
    assert [status(sandbox).status_code for _ in range(5)] == [404] * 5


def test_moving_the_clock_resets_the_rate_limits() -> None:
    sandbox = Sandbox(rate_limits=True)
    assert [status(sandbox).status_code for _ in range(6)][-1] == 429
    sandbox.advance(timedelta(minutes=1))
    assert status(sandbox).status_code == 404


def test_a_reset_restores_the_initial_state() -> None:
    seed = read_seed(
        b'{"now": "2030-01-01 00:00:00", "locations": [{"salon_id": 5, "payments": [{"payment_sum": 1}]}]}'
    )
    sandbox = Sandbox()
    assert sandbox.load_seed(seed)
    before = sandbox.installation(5)
    sandbox.uninstall(5)
    sandbox.connect(6)
    sandbox.advance(DAY)
    status(sandbox)
    sandbox.inject_fault("stall")
    sandbox.reset()
    after = sandbox.installation(5)
    assert (after.status, after.payments[0].id) == ("active", before.payments[0].id)
    assert (sandbox.installation(6).logs, sandbox.calls, sandbox.deliveries, sandbox.pending_faults) == ([], [], [], [])
    assert timedelta(0) <= sandbox.now - datetime(2030, 1, 1) < HOUR


def test_a_seed_with_past_periods_sends_no_callbacks() -> None:
    sandbox = Sandbox(now=datetime(2030, 1, 1))
    payment = b'{"payment_sum": 1, "period_from": "2020-01-01 00:00:00", "period_to": "2020-02-01 00:00:00"}'
    sandbox.load_seed(read_seed(b'{"locations": [{"salon_id": 5, "payments": [' + payment + b"]}]}"))
    assert sandbox.installation(5).status == "freezed"
    assert sandbox.process_due_events() == []


def test_invalid_arguments() -> None:
    for options, words in (
        ({"application_id": 0}, "application_id must be a positive integer"),
        ({"partner_token": "two words"}, "partner_token must be 1 to 4096 visible ASCII characters"),
        ({"callback_transport": httpx.AsyncHTTPTransport()}, "callback_transport must be an httpx.BaseTransport, not"),
        ({"status_delay": -HOUR}, "status_delay must be zero or more"),
        ({"callback_url": "example.com"}, "callback_url must be an absolute http or https URL"),
    ):
        arguments: dict[str, Any] = options
        with pytest.raises(ValueError, match=words):
            Sandbox(**arguments)
