"""What is refused by choice only: it is marked, and a lenient sandbox accepts it, as PHP would."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest

from altegio_partner.sandbox import Sandbox
from altegio_partner.sandbox.choices import CHOICE_NAMES, LENIENT
from altegio_partner.sandbox.json_views import exchange_view
from tests.callers import SANDBOX_HEADERS
from tests.repository.checkouts import ROOT
from tests.sandbox.test_sandbox import PAID, PAY, REGISTER, REGISTRATION

PAGE = ROOT / "docs" / "sandbox-limits.md"
JSON = {**SANDBOX_HEADERS, "Content-Type": "application/json"}
TOKEN = SANDBOX_HEADERS["Authorization"].removeprefix("Bearer ")


def request(
    method: str, path: str, body: object = None, *, headers: dict[str, str] | None = None, content: bytes | None = None
) -> Callable[[httpx.Client], httpx.Response]:
    found = content if content is not None else None if body is None else json.dumps(body).encode()
    return lambda http: http.request(method, path, content=found, headers={**JSON, **(headers or {})})


HOOKS = {"active": 1, "urls": ["https://example.com/"]}
USER = {"Authorization": f"Bearer {TOKEN}, User sandbox-user-token"}
ACCEPTED = [  # the choice, a call that only it refuses, and the answer of a lenient sandbox
    ("ids_as_text", request("POST", PAY, {**PAID, "salon_id": " 123 "}), 200),
    ("ids_as_text", request("POST", PAY, {**PAID, "salon_id": "123.0"}), 200),
    ("fractional_ids", request("POST", PAY, content=json.dumps(PAID).encode().replace(b": 123,", b": 123.0,")), 200),
    ("fractional_ids", request("POST", "/marketplace/partner/payment/refund/123.0"), 200),
    ("fractional_ids", request("GET", "/marketplace/salon/123.0/application/123"), 200),
    (
        "fractional_ids",
        request(
            "POST",
            "/marketplace/application/add_discount",
            content=b'{"salon_ids": [123, 124.0], "application_id": 123, "discount": 5}',
        ),
        200,
    ),
    ("null_for_optional", request("POST", REGISTER, {**REGISTRATION, "salon_id": 124, "api_key": None}), 301),
    ("numeric_api_key", request("POST", REGISTER, {**REGISTRATION, "salon_id": 124, "api_key": 5}), 301),
    ("sum_as_text", request("POST", PAY, {**PAID, "payment_sum": "990.99"}), 200),
    ("large_sum", request("POST", PAY, {**PAID, "payment_sum": 10**13}), 200),
    ("lower_case_currency", request("POST", PAY, {**PAID, "currency_iso": "eur"}), 200),
    ("other_dates", request("POST", PAY, {**PAID, "payment_date": "2022-01-01T10:10:00"}), 200),
    ("other_dates", request("POST", PAY, {**PAID, "payment_date": "2022-01-01"}), 200),
    ("other_dates", request("POST", PAY, {**PAID, "period_to": "2022-02-31 10:10:00"}), 200),
    ("flags_as_words", request("POST", "/api/v1/hooks_settings/123", {**HOOKS, "active": True}, headers=USER), 201),
    (
        "flags_as_words",
        request(
            "POST",
            "/marketplace/application/update_channel",
            {**REGISTRATION, "channel_slug": "sms", "is_available": "1"},
        ),
        200,
    ),
    ("scheme_case", request("POST", PAY, PAID, headers={"Authorization": f"bearer {TOKEN}"}), 200),
    ("needless_user_token", request("POST", PAY, PAID, headers=USER), 200),
    ("missing_accept", request("POST", PAY, PAID, headers={"Accept": "*/*"}), 200),
    ("content_type", request("POST", PAY, PAID, headers={"Content-Type": "text/plain"}), 200),
    ("trailing_slash", request("POST", f"{PAY}/", PAID), 200),
    ("missing_page", request("GET", "/marketplace/application/123/salons"), 200),
]
REFUSED = [
    ("payment_while_not_installed", request("POST", PAY, {**PAID, "salon_id": 124}), 403),
    ("unknown_payment", request("POST", "/marketplace/partner/payment/refund/5"), 422),
    ("fields_without_422", request("GET", "/api/v1/cities?country_id=x"), 422),
    (
        "fields_without_422",
        request(
            "POST",
            "/marketplace/application/add_discount",
            {"salon_ids": "123", "application_id": 123, "discount": 5},
        ),
        422,
    ),
    ("fields_without_422", request("GET", "/marketplace/application/123/salons?page=x&count=1001"), 422),
]


def ready(**options: Any) -> Sandbox:
    """A location that has paid, and one that is pending."""
    sandbox = Sandbox(**options)
    sandbox.connect(123)
    sandbox.register(123)
    sandbox.pay(123, 1)
    sandbox.connect(124)
    return sandbox


def answer(sandbox: Sandbox, call: Callable[[httpx.Client], httpx.Response]) -> int:
    with httpx.Client(transport=sandbox.transport(), base_url="https://x") as http:
        return call(http).status_code


@pytest.mark.parametrize(("choice", "call", "success"), ACCEPTED)
def test_a_choice_is_marked_and_a_lenient_sandbox_accepts_it(
    choice: str, call: Callable[[httpx.Client], httpx.Response], success: int
) -> None:
    strict = ready()
    assert answer(strict, call) in (401, 403, 404, 422)
    logged = strict.calls[-1].response
    assert logged.choice == choice
    assert logged.reason.endswith(f"By choice ({choice}): whether Altegio rejects this is unknown.")
    view = exchange_view(strict.calls[-1])
    assert isinstance(view, dict)
    assert view["choice"] == choice
    lenient = ready(lenient=True)
    assert answer(lenient, call) == success
    assert lenient.calls[-1].response.choice is None


@pytest.mark.parametrize(("choice", "call", "status"), REFUSED)
@pytest.mark.parametrize("lenient", [True, False])
def test_other_choices_stay_refusals(
    choice: str, call: Callable[[httpx.Client], httpx.Response], status: int, lenient: bool
) -> None:
    sandbox = ready(lenient=lenient)
    assert answer(sandbox, call) == status
    assert sandbox.calls[-1].response.choice == choice


def test_a_second_refund_is_refused_by_choice() -> None:
    sandbox = ready(lenient=True)
    refund = request("POST", "/marketplace/partner/payment/refund/123")
    assert [answer(sandbox, refund), answer(sandbox, refund)] == [200, 422]
    assert sandbox.calls[-1].response.choice == "second_refund"


def test_the_page_lists_every_choice() -> None:
    rows = [line.strip("| ").split(" | ") for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    listed = {row[0].strip("`"): row[2] for row in rows if len(row) == 3 and row[0].strip("`") in CHOICE_NAMES}
    assert listed == {choice: LENIENT.get(choice, "–") for choice in CHOICE_NAMES}


def test_every_choice_that_a_lenient_sandbox_accepts_is_tested() -> None:
    assert {choice for choice, *_ in ACCEPTED} == set(LENIENT)
    assert set(LENIENT) < set(CHOICE_NAMES)


def test_what_a_lenient_sandbox_reads() -> None:
    sandbox = ready(lenient=True)
    sloppy = {
        "salon_id": "123",
        "application_id": "1.23e2",
        "currency_iso": "usd",
        "payment_sum": "1.50",
        "payment_date": "2022-01-01",
        "period_from": "2022-02-31 10:00:00",
        "period_to": "2022-12-31T23:59:59",
    }
    assert answer(sandbox, request("POST", PAY, sloppy)) == 200
    payment = sandbox.payments(123)[-1]
    assert (payment.payment_sum, payment.currency_iso) == (Decimal("1.50"), "USD")
    assert str(payment.payment_date) == "2022-01-01 00:00:00"
    assert (str(payment.period_from), str(payment.period_to)) == ("2022-03-03 10:00:00", "2022-12-31 23:59:59")


def test_a_lenient_sandbox_takes_forms() -> None:
    form = b"salon_id=123&application_id=123&currency_iso=EUR&payment_sum=5&payment_date=2022-01-01+10:10:00"
    form += b"&period_from=2022-01-01+10:10:00&period_to=2022-02-01+10:10:00"
    call = request("POST", PAY, content=form, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert [answer(ready(lenient=lenient), call) for lenient in (True, False)] == [200, 422]


@pytest.mark.parametrize(
    "wrong",
    [
        {"salon_id": "12a"},
        {"salon_id": 1.5},
        {"salon_id": "1.5"},
        {"salon_id": True},
        {"salon_id": []},
        {"salon_id": -1},
        {"payment_sum": 10**20},
        {"payment_sum": "1_0"},
        {"payment_date": "2022-13-01"},
        {"payment_date": "2022-01-35"},
        {"payment_date": "tomorrow"},
        {"payment_date": 5},
        {"currency_iso": 5},
        {"currency_iso": ""},
        {"currency_iso": "E"},
        {"payment_date": "2022-01-01 99:99:99"},
        {"payment_date": "2022-01-01 10:10:61"},
        {"payment_date": "2022-01-00"},
    ],
)
def test_a_lenient_sandbox_still_refuses_what_is_wrong(wrong: dict[str, Any]) -> None:
    sandbox = ready(lenient=True)
    assert answer(sandbox, request("POST", PAY, {**PAID, **wrong})) == 422
    assert sandbox.calls[-1].response.choice is None


@pytest.mark.parametrize("path", ["refund/12a", "refund/-1", f"refund/{'9' * 30}"])
def test_a_path_without_an_id(path: str) -> None:
    sandbox = ready(lenient=True)
    assert answer(sandbox, request("POST", f"/marketplace/partner/payment/{path}")) == 422


def test_one_real_error_beside_a_choice_is_no_choice() -> None:
    sandbox = ready()
    assert answer(sandbox, request("POST", PAY, {**PAID, "salon_id": "123", "currency_iso": "euros"})) == 422
    assert sandbox.calls[-1].response.choice is None


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/records/123",
        "/api/v1/auth",
        "/marketplace/application/new_message",
        "/marketplace/developers/companies",
        "/marketplace_webhook",
    ],
)
def test_what_the_sandbox_lacks_it_says_in_its_own_voice(path: str) -> None:
    sandbox = Sandbox()
    with httpx.Client(transport=sandbox.transport(), base_url="https://x", headers=JSON) as http:
        found = http.post(path, json={})
    assert found.status_code == 501
    assert found.json() == {"error": "The sandbox does not have this path. Altegio may have it."}


@pytest.mark.parametrize("path", ["/", "/x", "/favicon.ico", "/apis"])
def test_paths_that_are_not_altegios(path: str) -> None:
    with httpx.Client(transport=Sandbox().transport(), base_url="https://x") as http:
        assert http.get(path).json() == {"error": "Unknown path. Altegio's paths begin with /marketplace or /api/v1."}
