"""Events of a location: nobody signs them, and nothing of them is believed without a secret in the address."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from altegio_partner.incoming import EntityEvent, UntrustedRequestError, event_body, read_event
from altegio_partner.values.webhooks import EVENTS

SECRET = "fakeSecretOfOurAddress"
OLD = "fakeSecretOfLastYear"
RECORD: dict[str, Any] = {
    "company_id": 123456,
    "resource": "record",
    "resource_id": 501,
    "status": "create",
    "data": {"id": 501, "cost": 50.10, "services": [{"id": 201}], "paid_full": 0, "comer": None},
}


def body(**changes: Any) -> bytes:
    return json.dumps({**RECORD, **changes}).encode()


def refusal(read: Callable[[], object]) -> tuple[str, str | None]:
    with pytest.raises(UntrustedRequestError) as caught:
        read()
    return caught.value.reason, caught.value.field


def test_an_event() -> None:
    event = read_event(body())
    assert (event.company_id, event.resource, event.resource_id, event.status) == (123456, "record", 501, "create")
    assert event.unsigned_data == {
        "id": 501, "cost": Decimal("50.1"), "services": [{"id": 201}], "paid_full": 0, "comer": None,
    }  # fmt: skip
    assert not event.has_secret


@pytest.mark.parametrize("expected", [SECRET, [OLD, SECRET], (SECRET,)])
def test_an_event_at_the_address_with_our_secret(expected: Any) -> None:
    assert read_event(body(), secret=SECRET, expected_secret=expected).has_secret


@pytest.mark.parametrize("given", [None, "", OLD, SECRET[:-1], SECRET + "x", SECRET.upper(), "\udc80", 5])
def test_an_event_at_another_address(given: Any) -> None:
    reading = refusal(lambda: read_event(body(), secret=given, expected_secret=SECRET))
    assert reading == ("wrong_secret", "secret")


@pytest.mark.parametrize("expected", ["", "x" * 15, [], [SECRET, "short"], [None], 5, SECRET.encode(), None])
def test_a_secret_that_is_none(expected: Any) -> None:
    with pytest.raises(ValueError, match="expected_secret must be your secret, of 16 characters or more") as caught:
        read_event(body(), secret=SECRET, expected_secret=expected)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("data", [[], {}, ["a", 1], {"0": "a", "1": 1}])
def test_data_as_php_writes_it(data: object) -> None:
    event = read_event(body(resource="schedule", resource_id="101", company_id=123456.0, data=data))
    assert event.unsigned_data == ({"0": "a", "1": 1} if data else {})
    assert (event.resource_id, event.company_id) == (101, 123456)


def test_words_that_are_new_are_kept() -> None:
    event = read_event(body(resource="company", status="archived", new=1))
    assert (event.resource, event.status) == ("company", "archived")
    for word in EVENTS:
        assert read_event(body(resource=word)).resource == word


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"company_id": 0}, "company_id"),
        ({"company_id": None}, "company_id"),
        ({"company_id": "x"}, "company_id"),
        ({"resource": ""}, "resource"),
        ({"resource": 5}, "resource"),
        ({"resource": None}, "resource"),
        ({"resource_id": []}, "resource_id"),
        ({"resource_id": -1}, "resource_id"),
        ({"status": None}, "status"),
        ({"data": "x"}, "data"),
        ({"data": None}, "data"),
    ],
)
def test_what_is_no_event(changes: dict[str, Any], field: str) -> None:
    assert refusal(lambda: read_event(body(**changes))) == ("not_understood", field)


@pytest.mark.parametrize("missing", RECORD)
def test_an_event_in_which_something_is_missing(missing: str) -> None:
    content = {name: value for name, value in RECORD.items() if name != missing}
    assert refusal(lambda: read_event(json.dumps(content).encode())) == ("not_understood", missing)


@pytest.mark.parametrize(
    "given",
    [
        b"",
        b"x",
        b"[]",
        b"\xff",
        b'{"data": NaN}',
        b"[" * 100_000,
        b'{"data": ' + b"1" * 5000 + b"}",
        b'{"a": 1e' + b"9" * 30 + b"}",
    ],
)
def test_bodies_that_are_no_events(given: bytes) -> None:
    assert refusal(lambda: read_event(given))[0] == "not_understood"


def test_the_largest_event() -> None:
    largest = 1024 * 1024
    padded = body(data={"comment": ""}).replace(b'""', b'"%s"' % (b"x" * (largest - len(body(data={"comment": ""})))))
    assert len(padded) == largest
    assert read_event(padded).resource == "record"
    assert refusal(lambda: read_event(padded + b" ")) == ("too_large", None)


@pytest.mark.parametrize("given", ["{}", None, {"data": {}}])
def test_what_is_no_body(given: Any) -> None:
    with pytest.raises(ValueError, match="body must be the bytes as they came"):
        read_event(given)


def test_deliveries_of_the_same_event_have_the_same_key() -> None:
    once = read_event(body())
    again = read_event(b"\xef\xbb\xbf" + body(), secret=SECRET, expected_secret=SECRET)
    assert once.dedupe_key == again.dedupe_key
    assert once.dedupe_key.startswith("123456:record:501:create:")
    others: list[dict[str, Any]] = [
        {"status": "update"},
        {"resource": "client"},
        {"resource_id": 502},
        {"company_id": 5},
        {"data": {"id": 501}},
    ]
    assert len({read_event(body(**other)).dedupe_key for other in others} | {once.dedupe_key}) == 1 + len(others)


@pytest.mark.parametrize("data", [{}, {"cost": Decimal("50.10"), "id": 5}])
def test_a_made_event_is_read(data: dict[str, object]) -> None:
    event = EntityEvent(company_id=1, resource="good", resource_id=701, status="update", unsigned_data=data)
    assert read_event(event_body(event)) == event
    assert json.loads(event_body(event))["data"] == ({"cost": 50.1, "id": 5} if data else [])


def test_errors_repeat_nothing_of_the_request() -> None:
    with pytest.raises(UntrustedRequestError) as caught:
        read_event(body(), secret="somethingThatWasGuessed", expected_secret=SECRET)
    assert str(caught.value) == (
        "Untrusted request (wrong_secret, secret): it was not sent to the URL with your secret: answer 404, and do "
        "nothing else."
    )
