"""The controls as a promised interface: for programs in any language."""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from altegio_partner import PartnerClient, __version__
from altegio_partner.sandbox import FAULTS, Sandbox, read_seed
from tests.callers import PAYMENT, SANDBOX_HEADERS

SALON = 123
PAY = "/marketplace/partner/payment"


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture
def curl(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with sandbox.serve() as url, httpx.Client(base_url=url, trust_env=False) as client:
        yield client


@pytest.fixture
def partner(sandbox: Sandbox) -> Iterator[PartnerClient]:
    with PartnerClient(sandbox.partner_token, application_id=123, transport=sandbox.transport()) as partner:
        yield partner


def active(sandbox: Sandbox, *salon_ids: int) -> None:
    for salon_id in salon_ids:
        sandbox.connect(salon_id)
        sandbox.register(salon_id)


def get(curl: httpx.Client, path: str, /, **query: Any) -> Any:
    answer = curl.get(f"/sandbox/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def all_pages(curl: httpx.Client, path: str, /, **query: Any) -> list[dict[str, Any]]:
    """Follow the links to the end."""
    page = get(curl, path, **query)
    items = page["items"]
    while page["next"]:
        page = curl.get(page["next"]).json()
        items += page["items"]
    assert len(items) == page["total"]
    return list(items)


def test_health(sandbox: Sandbox, curl: httpx.Client) -> None:
    assert get(curl, "health") == {"status": "ok", "version": __version__, "now": str(sandbox.now)}
    assert curl.head("/sandbox/health").status_code == 200
    assert sandbox.calls == []


def test_a_location_goes_through_all_states(curl: httpx.Client) -> None:
    def act(action: str, expected: str, **values: object) -> None:
        done = curl.post(f"/sandbox/locations/5/{action}", json=values)
        assert done.status_code == 200, done.text
        assert get(curl, "locations/5")["status"] == expected

    assert get(curl, "locations/5")["status"] == "uninstalled"
    act("connect", "pending")
    act("register", "active")
    act("freeze", "freezed")
    act("unfreeze", "active")
    act("freeze", "freezed")
    act("pay", "active", payment_sum="49.50")
    act("uninstall", "uninstalled")
    location = get(curl, "locations/5")
    assert [(one["status_from"], one["status_to"], one["source"]) for one in location["logs"]] == [
        ("uninstalled", "pending", "marketplace"),
        ("pending", "active", "partner_api"),
        ("active", "freezed", "altegio"),
        ("freezed", "active", "altegio"),
        ("active", "freezed", "altegio"),
        ("freezed", "active", "payment"),
        ("active", "uninstalled", "marketplace"),
    ]
    assert [one["payment_sum"] for one in location["payments"]] == ["49.5"]
    for action, state in (("register", "not pending"), ("unfreeze", "not freezed")):
        refused = curl.post(f"/sandbox/locations/5/{action}")
        assert refused.status_code == 422
        assert state in refused.json()["error"]


def test_an_unfrozen_location_whose_period_has_ended_stays_active(sandbox: Sandbox) -> None:
    active(sandbox, SALON)
    sandbox.pay(SALON, 5, period_from=sandbox.now, period_to=sandbox.now + timedelta(days=1))
    sandbox.advance(timedelta(days=16))
    assert sandbox.installation(SALON).status == "freezed"
    sandbox.unfreeze(SALON)
    sandbox.advance(timedelta(days=2))
    assert sandbox.installation(SALON).status == "active"


def test_pages_of_locations(sandbox: Sandbox, curl: httpx.Client) -> None:
    active(sandbox, *range(60, 0, -1))
    sandbox.freeze(7)
    first = get(curl, "locations")
    assert (len(first["items"]), first["total"], first["next"]) == (50, 60, "/sandbox/locations?after=50")
    assert [one["salon_id"] for one in all_pages(curl, "locations")] == [*range(1, 61)]
    assert [one["salon_id"] for one in all_pages(curl, "locations", status="freezed")] == [7]
    assert get(curl, "locations", limit=60)["next"] is None
    assert len(all_pages(curl, "locations", limit=7, status="active")) == 59


def test_pages_of_payments(sandbox: Sandbox, partner: PartnerClient, curl: httpx.Client) -> None:
    active(sandbox, SALON, 124)
    ids = [partner.notify_payment(**{**PAYMENT, "salon_id": SALON + number % 2}) for number in range(7)]
    partner.notify_refund(ids[2])
    assert [one["id"] for one in all_pages(curl, "payments", limit=2)] == ids[::-1]
    assert [one["id"] for one in all_pages(curl, "payments", salon_id=124, limit=2)] == ids[5::-2]
    assert [one["id"] for one in all_pages(curl, "payments", is_refunded="true")] == [ids[2]]
    assert len(all_pages(curl, "payments", is_refunded="false", salon_id=SALON)) == 3


def test_pages_of_calls(sandbox: Sandbox, partner: PartnerClient, curl: httpx.Client) -> None:
    active(sandbox, SALON, 124)
    ids = [partner.notify_payment(**{**PAYMENT, "salon_id": SALON + number % 2}) for number in range(6)]
    partner.notify_refund(ids[1])
    sandbox.inject_fault("html_200", operation="notify_refund")
    partner_calls = httpx.Client(transport=sandbox.transport(), headers=SANDBOX_HEADERS, base_url="https://x")
    partner_calls.post(f"{PAY}/refund/{ids[0]}")
    partner_calls.get("/favicon.ico")

    def numbers(**query: Any) -> list[int]:
        return [one["number"] for one in all_pages(curl, "calls", **query)]

    assert numbers(limit=3) == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert numbers(operation="notify_payment", limit=4) == [6, 5, 4, 3, 2, 1]
    assert numbers(salon_id=124) == [7, 6, 4, 2]
    assert numbers(path=f"{PAY}/refund/*") == [8, 7]
    assert numbers(method="get") == [9]
    assert numbers(status=404) == [9]
    assert numbers(fault="html_200") == [8]
    assert numbers(after=7) == [9, 8]
    last, first = get(curl, "calls", limit=1, before=2), get(curl, "calls", limit=1)
    assert (last["items"][0]["operation"], first["items"][0]["operation"]) == ("notify_payment", None)
    assert last["next"] is None
    partner_calls.close()


def test_pages_of_callbacks(sandbox: Sandbox, curl: httpx.Client) -> None:
    active(sandbox, SALON, 124)
    sandbox.freeze(SALON, deliveries=3)
    sandbox.uninstall(124)
    assert [one["number"] for one in all_pages(curl, "deliveries", limit=3)] == [4, 3, 2, 1]
    assert [one["number"] for one in all_pages(curl, "deliveries", salon_id=124)] == [4]
    assert [one["number"] for one in all_pages(curl, "deliveries", event="freeze", limit=1)] == [3, 2, 1]


def test_faults_in_detail(curl: httpx.Client) -> None:
    aim = {"operation": "notify_payment", "method": "POST", "path": PAY, "salon_id": 5, "payment_sum": "9.50"}
    more = {"fault": "lose_answer", "calls": 2, "nth": 3, "delay": 2, "jitter": 1, "seed": 7}
    injected = curl.post("/sandbox/faults", data={**aim, **more})
    words = (
        "lose_answer, the next 2 calls with operation notify_payment, method POST, path /marketplace/partner/payment, "
        "salon_id 5, payment_sum 9.5 after 2 others, delayed by 2 ± 1 s"
    )
    assert injected.json() == {"pending_faults": [words]}
    curl.post("/sandbox/faults", json={"fault": "stall", "probability": 0.5})
    faults = get(curl, "faults")
    first, second = faults["pending"]
    assert first == {
        **aim,
        "fault": "lose_answer",
        "description": FAULTS["lose_answer"].description,
        "is_recorded": True,
        "words": words,
        "calls": 2,
        "nth": 3,
        "payment_sum": "9.5",
        "probability": None,
        "delay": 2,
        "jitter": 1,
    }
    assert (second["fault"], second["calls"], second["probability"]) == ("stall", None, 0.5)
    assert faults["faults"] == [
        {"name": name, "description": fault.description, "is_recorded": fault.is_recorded}
        for name, fault in FAULTS.items()
    ]
    assert curl.delete("/sandbox/faults").json() == {"pending_faults": []}
    assert get(curl, "faults")["pending"] == []


def test_the_clock(sandbox: Sandbox, curl: httpx.Client) -> None:
    assert get(curl, "clock") == {"now": str(sandbox.now), "is_stopped": False}
    assert curl.post("/sandbox/clock", json={"to": "2040-01-01 00:00:00"}).status_code == 200
    assert sandbox.now == datetime(2040, 1, 1)
    for values, words in (
        ({"to": "2039-01-01 00:00:00"}, "time must be zero or more"),
        ({"to": "2041-01-01 00:00:00", "days": 1}, "Pass either to, or days, hours and seconds, not both."),
    ):
        refused = curl.post("/sandbox/clock", json=values)
        assert (refused.status_code, words in refused.json()["error"]) == (422, True)


def test_a_seed_and_a_reset(sandbox: Sandbox, curl: httpx.Client) -> None:
    sandbox.load_seed(read_seed(b'{"locations": [{"salon_id": 1}]}'))
    seed = {"now": "2030-01-01 00:00:00", "locations": [{"salon_id": 2, "payments": [{"payment_sum": 990.99}]}]}
    assert curl.post("/sandbox/seed", json=seed).json() == {}
    for _ in range(2):
        assert [one["salon_id"] for one in all_pages(curl, "locations")] == [2]
        assert [one["payment_sum"] for one in all_pages(curl, "payments")] == ["990.99"]
        assert curl.post("/sandbox/reset").json() == {}
    refused = curl.post("/sandbox/seed", json={"locations": [{"salon_id": "x"}]})
    assert (refused.status_code, "locations[0].salon_id" in refused.json()["error"]) == (422, True)


def test_assertions(sandbox: Sandbox, partner: PartnerClient, curl: httpx.Client) -> None:
    def check(name: str, **query: Any) -> str:
        answer = curl.get(f"/sandbox/assertions/{name}", params={"salon_id": SALON, **query})
        content = answer.json()
        assert (answer.status_code, content["passed"]) in ((200, True), (409, False))
        return f"{answer.status_code} {content['message']}"

    assert check("registered").startswith("409 The application should be active at location 123, but is uninstalled.")
    active(sandbox, SALON)
    assert check("registered") == "200 The application is active at location 123."
    assert check("not-paid") == "200 Location 123 has not paid."
    assert check("paid-once").startswith("409 Location 123 should have paid once. Altegio recorded 0 such payments.")
    payment_id = partner.notify_payment(**PAYMENT)
    exact = {"payment_sum": "990.99", "currency_iso": "EUR", "period_from": "2022-01-01 10:10:00"}
    assert check("paid-once", **exact) == f"200 Location 123 has paid once: payment {payment_id}."
    assert check("paid-once", payment_date="2023-01-01 00:00:00").startswith("409 Location 123 should have paid once, ")
    assert check("not-paid").startswith("409 Location 123 should not have paid. Altegio recorded 1 payments.")
    assert check("refunded", payment_id=payment_id).startswith(f"409 Payment {payment_id} of location 123 should be")
    partner.notify_refund(payment_id)
    assert check("refunded", payment_id=payment_id) == f"200 Payment {payment_id} of location 123 is refunded."


def test_multipart_forms(sandbox: Sandbox, curl: httpx.Client) -> None:
    """As `curl -F` sends them."""
    form = {name: (None, value) for name, value in {"fault": "stall", "calls": "2", "salon_id": "5"}.items()}
    assert curl.post("/sandbox/faults", files=form).status_code == 200
    assert sandbox.pending_faults == ["stall, the next 2 calls with salon_id 5"]


PART = b"--x\r\nContent-Disposition: form-data%s\r\n%s\r\n5\r\n--x--\r\n"


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        ("multipart/form-data; boundary=x", b"", "The body is not a multipart form."),
        ("multipart/form-data; boundary=x", PART % (b"", b""), "A part of the multipart form has no name, or no text."),
        ("application/json", b"[5]", "The body must be a JSON object."),
        ("application/json", b"{", "Expecting property name"),
        ("application/json", b'{"salon": 5}', "Unknown parameter salon. The parameters are salon_id, user_data."),
        ("application/x-www-form-urlencoded", b"salon_id=5&salon_id=6", "salon_id is given twice"),
    ],
)
def test_bodies_that_are_no_parameters(curl: httpx.Client, kind: str, body: bytes, words: str) -> None:
    refused = curl.post("/sandbox/locations/connect", content=body, headers={"Content-Type": kind})
    assert (refused.status_code, words in refused.json()["error"]) == (422, True), refused.text


@pytest.mark.parametrize("path", ["health", "snapshot", "locations", "payments", "calls", "deliveries", "faults"])
def test_unknown_query_parameters_are_refused(curl: httpx.Client, path: str) -> None:
    refused = curl.get(f"/sandbox/{path}?page=2")
    assert (refused.status_code, "Unknown parameter page." in refused.json()["error"]) == (422, True)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("calls?limit=0", "limit must be a number from 1 to 1000."),
        ("calls?limit=1001", "limit must be a number from 1 to 1000."),
        ("calls?operation=pay", "operation must be one of complete_registration, "),
        ("calls?fault=gremlins", "fault must be one of lose_answer, "),
        ("locations?status=frozen", "status must be one of uninstalled, pending, active, freezed."),
        ("payments?is_refunded=no", "is_refunded must be true or false"),
        ("assertions/refunded?salon_id=1", "payment_id is missing."),
    ],
)
def test_filters_that_are_invalid(curl: httpx.Client, query: str, words: str) -> None:
    refused = curl.get(f"/sandbox/{query}")
    assert (refused.status_code, words in refused.json()["error"]) == (422, True), refused.text


def test_the_snapshot_has_a_limit(sandbox: Sandbox, curl: httpx.Client) -> None:
    active(sandbox, *range(1, 61))
    assert len(get(curl, "snapshot")["locations"]) == 50
    assert len(get(curl, "snapshot", limit=60)["locations"]) == 60


def test_paths_take_several_methods(curl: httpx.Client) -> None:
    wrong = curl.put("/sandbox/faults")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, POST, DELETE")
    assert curl.post("/sandbox/events").headers["allow"] == "GET"
    assert curl.get("/sandbox").status_code == 404


def test_changes_are_events(sandbox: Sandbox, curl: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("altegio_partner.sandbox.http_app._KEEP_ALIVE", 0.3)
    with curl.stream("GET", "/sandbox/events") as stream:
        assert stream.headers["content-type"] == "text/event-stream"
        lines = stream.iter_lines()

        def next_event() -> Any:
            for line in lines:
                if line.startswith("data: "):
                    return json.loads(line.removeprefix("data: "))
            return pytest.fail("The stream has ended.")

        assert next_event() == {
            "now": str(sandbox.now),
            "pending_faults": [],
            "totals": {"locations": 0, "payments": 0, "deliveries": 0, "calls": 0},
        }
        sandbox.connect(SALON)
        assert next_event()["totals"]["locations"] == 1
        sandbox.inject_fault("stall")
        assert next_event()["pending_faults"] == ["stall, the next call"]
        httpx.Client(transport=sandbox.transport()).get("https://x/nothing")
        assert next_event()["totals"]["calls"] == 1
        assert ": nothing has changed" in [next(lines) for _ in range(3)]


def test_what_is_empty_or_null_is_as_if_it_were_left_out(sandbox: Sandbox, curl: httpx.Client) -> None:
    """Forms send empty fields, programs may send null."""
    active(sandbox, SALON)
    nothing = {"currency_iso": None, "deliveries": None, "discount": None, "period_from": None}
    pay = f"/sandbox/locations/{SALON}/pay"
    assert curl.post(pay, json={"payment_sum": "5", **nothing}).status_code == 200
    assert curl.post(pay, data={"payment_sum": "6", **dict.fromkeys(nothing, "")}).status_code == 200
    assert [(one.currency_iso, str(one.payment_sum)) for one in sandbox.payments(SALON)] == [("EUR", "5"), ("EUR", "6")]
    assert curl.post(pay, json={"payment_sum": None}).json() == {"error": "payment_sum is missing."}
    fault = {"fault": "stall", "calls": "", "nth": "", "jitter": "", "operation": ""}
    assert curl.post("/sandbox/faults", data=fault).json() == {"pending_faults": ["stall, the next call"]}
    assert get(curl, "calls", limit="", after="", before="")["total"] == 0


def test_a_stream_has_a_head(curl: httpx.Client) -> None:
    for _ in range(2):  # on one connection, which a stream would keep
        head = curl.head("/sandbox/events")
        assert (head.status_code, head.headers["content-type"], head.content) == (200, "text/event-stream", b"")


def test_watchers_that_leave_do_not_matter(sandbox: Sandbox, curl: httpx.Client) -> None:
    for _ in range(3):
        with curl.stream("GET", "/sandbox/events") as stream:
            next(stream.iter_lines())
    sandbox.connect(SALON)
    assert get(curl, "snapshot")["totals"]["locations"] == 1


def resolved(document: Any, schema: Any) -> Any:
    reference = schema.get("$ref")
    return resolved(document, document["components"]["schemas"][reference.rpartition("/")[2]]) if reference else schema


def check_schema(document: Any, schema: Any, value: Any) -> None:
    """The value has the type that is described, and exactly the properties."""
    schema = resolved(document, schema)
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    types: dict[str, tuple[type, ...]] = {
        "object": (dict,), "array": (list,), "string": (str,), "integer": (int,), "number": (int, float),
        "boolean": (bool,), "null": (type(None),),
    }  # fmt: skip
    assert any(isinstance(value, types[kind]) for kind in kinds), (schema, value)
    if "properties" in schema:
        assert set(value) == set(schema["properties"]) == set(schema["required"])
        for name, described in schema["properties"].items():
            check_schema(document, described, value[name])
    if "items" in schema:
        assert value
        for one in value:
            check_schema(document, schema["items"], one)


def test_the_description_names_every_control_and_what_it_returns(
    sandbox: Sandbox, partner: PartnerClient, curl: httpx.Client
) -> None:
    document = get(curl, "openapi.json")
    assert document["openapi"] == "3.1.0"
    paths = curl.get("/sandbox/nothing").json()["error"].removeprefix("Unknown path. The paths are ")
    assert {*document["paths"], "/sandbox/openapi.json"} == {*paths.rstrip(".").split(", ")}
    active(sandbox, SALON)
    partner.notify_payment(**PAYMENT)
    sandbox.uninstall(SALON)
    sandbox.inject_fault("stall")
    arguments = {"payment_id": 123, "number": 1, "salon_id": SALON}
    looks = 0
    for path, item in document["paths"].items():
        described = item.get("get")
        if described is None or path == "/sandbox/events":
            continue
        needed = {one["name"]: arguments[one["name"]] for one in described.get("parameters", []) if one["required"]}
        in_path = {f"{{{name}}}": str(value) for name, value in needed.items() if f"{{{name}}}" in path}
        address = re.sub(r"\{\w+\}", lambda found: in_path[found[0]], path)  # noqa: B023  called here
        query = {name: value for name, value in needed.items() if f"{{{name}}}" not in path}
        answer = curl.get(address, params=query)
        check_schema(
            document,
            described["responses"][str(answer.status_code)]["content"]["application/json"]["schema"],
            answer.json(),
        )
        looks += 1
    assert looks == 13


def test_a_bug_while_callbacks_are_sent_is_raised(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    payment = {"payment_sum": 1, "period_to": "2030-01-02 00:00:00"}
    locations = [{"salon_id": number, "payments": [payment]} for number in (1, 2)]
    sandbox.load_seed(read_seed(json.dumps({"now": "2030-01-01 00:00:00", "locations": locations}).encode()))
    sandbox.callback_url = "http://127.0.0.1:1/"
    monkeypatch.setattr("altegio_partner.sandbox.callback_delivery.callback_body", break_down)
    with pytest.raises(ZeroDivisionError):
        sandbox.advance(timedelta(days=16))
