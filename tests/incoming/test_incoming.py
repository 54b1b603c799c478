"""What Altegio sends to a partner: every documented shape is read, and nothing else is believed."""

import copy
import hmac
import inspect
import json
import logging
import pickle
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal, localcontext
from functools import partial
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

import httpx
import pytest
import yarl
from aiohttp.test_utils import make_mocked_request
from attrs import evolve
from django.conf import settings
from django.http import QueryDict
from starlette.datastructures import QueryParams
from werkzeug.test import create_environ
from werkzeug.wrappers import Request as WerkzeugRequest

from altegio_partner.incoming import (
    Event,
    Frozen,
    Paid,
    Registration,
    Uninstalled,
    UnknownEvent,
    UntrustedRequestError,
    User,
    callback_body,
    read_callback,
    read_registration,
    registration_query,
    trust,
)

TOKEN = "FakeTokenFakeTokenFakeToken"
OLD = "OldFakeTokenOldFakeToken"
USER = {
    "id": 7,
    "name": "Żaneta ?>",
    "phone": "+48 22 000 00 00",
    "email": "zaneta@example.com",
    "is_approved": True,
    "avatar": "https://example.com/7.png",
    "salon_name": "Salon",
}
ZANETA = User(**USER)  # type: ignore[arg-type]  # each has the type of its field


def hmac_hex(message: bytes, token: str = TOKEN) -> str:
    return hmac.new(token.encode(), message, "sha256").hexdigest()


def signed(user_data: bytes, token: str = TOKEN) -> dict[str, str]:
    return {"user_data": b64encode(user_data).decode(), "user_data_sign": hmac_hex(user_data, token)}


def refusal(read: Callable[[], object]) -> tuple[str, str | None]:
    with pytest.raises(UntrustedRequestError) as caught:
        read()
    return caught.value.reason, caught.value.field


# The owner's browser


@pytest.mark.parametrize(
    ("query", "salon_ids"),
    [
        ("salon_id=123", (123,)),
        ("?salon_id=123&theme=dark", (123,)),
        ("salon_ids[]=1&salon_ids[]=2", (1, 2)),
        ("salon_ids%5B%5D=1&salon_ids%5B%5D=2", (1, 2)),
        ("salon_ids[0]=1&salon_ids[1]=2", (1, 2)),
        ("salon_ids=1,2", (1, 2)),
        ("salon_ids=1%2C2%2C1", (1, 2)),
        (b"salon_ids=5", (5,)),
        ({"salon_id": "123"}, (123,)),
        ({"salon_ids[]": ["1", "2"]}, (1, 2)),
        ([("salon_ids[]", "1"), ("salon_ids[]", "2")], (1, 2)),
        (iter([("salon_id", "9223372036854775807")]), (2**63 - 1,)),
        (QueryParams("salon_ids[]=1&salon_ids[]=2"), (1, 2)),
    ],
)
def test_the_locations_in_all_their_spellings(query: Any, salon_ids: tuple[int, ...]) -> None:
    assert read_registration(query, partner_token=TOKEN) == Registration(salon_ids, None)


QUERY = "salon_ids[]=1&salon_ids[]=2&salon_ids[]=3"


def query_of_aiohttp() -> object:
    return make_mocked_request("GET", f"/register?{QUERY}").query


def query_of_django() -> object:
    settings.configure() if not settings.configured else None
    return QueryDict(QUERY)


@pytest.mark.parametrize(
    "query",
    [
        query_of_aiohttp,
        query_of_django,
        lambda: QueryParams(QUERY),
        lambda: httpx.QueryParams(QUERY),
        lambda: yarl.URL(f"https://x.example/?{QUERY}").query,
        lambda: WerkzeugRequest(create_environ(f"/?{QUERY}")).args,
        lambda: parse_qs(QUERY),
        lambda: {"salon_ids[]": [b"1", b"2", b"3"]},  # as Tornado gives it
        lambda: {"salon_ids[]": "1,2,3"},  # as a gateway of AWS joins it
    ],
    ids=lambda it: it.__name__,
)
def test_the_queries_of_frameworks(query: Callable[[], Any]) -> None:
    assert read_registration(query(), partner_token=TOKEN).unsigned_salon_ids == (1, 2, 3)


def test_a_mapping_that_may_hide_values() -> None:
    with pytest.raises(ValueError, match="query must be a query string"):
        read_registration(MappingProxyType({"salon_ids[]": "3"}), partner_token=TOKEN)


def test_what_telephony_applications_get() -> None:
    query = registration_query([1, 2], partner_token=TOKEN, salon_group_id=9, crm_token="fakeCrmToken")
    registration = read_registration(query, partner_token=TOKEN)
    assert registration == Registration((1, 2), None, 9, "fakeCrmToken")
    assert "fakeCrmToken" not in repr(registration)
    assert read_registration("salon_id=1&crm_token=", partner_token=TOKEN) == Registration((1,))


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("salon_group_id=x", "salon_group_id"),
        ("salon_group_id=1&salon_group_id=2", "salon_group_id"),
        ("crm_token=a&crm_token=b", "crm_token"),
    ],
)
def test_what_telephony_applications_do_not_get(query: str, field: str) -> None:
    reading = refusal(lambda: read_registration(f"salon_id=1&{query}", partner_token=TOKEN))
    assert reading == ("not_understood", field)


def test_a_signing_key_beside_the_token() -> None:
    query = urlencode({"salon_id": "1", **signed(b'{"id": 7}', "fakeSigningKey")})
    assert read_registration(query, partner_token=[TOKEN, "fakeSigningKey"]).user == User(id=7)
    assert refusal(lambda: read_registration(query, partner_token=TOKEN)) == ("wrong_signature", "user_data_sign")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "salon=1",
        "salon_id=",
        "salon_id=0",
        "salon_id=-1",
        "salon_id=1.0",
        "salon_id=x",
        "salon_id=१",
        "salon_id=01",
        "salon_id= 1",
        "salon_id=9223372036854775808",
        "salon_id=1&salon_id=2",
        "salon_id=1&salon_ids[]=1",
        "salon_ids=1,,2",
        "salon_ids[]=1&salon_ids[]=",
        "salon_ids[x]=1",
        "salon_ids[0][1]=1",
        "&".join(f"salon_ids[]={number}" for number in range(1, 1002)),
    ],
)
def test_there_is_no_location(query: str) -> None:
    assert refusal(lambda: read_registration(query, partner_token=TOKEN)) == ("not_understood", "salon_id")


def test_user_data_is_read_when_it_is_signed() -> None:
    query = {"salon_id": "1", **signed(json.dumps(USER, ensure_ascii=False).encode())}
    assert read_registration(urlencode(query), partner_token=TOKEN) == Registration((1,), ZANETA)
    assert read_registration(query, partner_token=[OLD, TOKEN]).user == ZANETA
    upper = {**query, "user_data_sign": query["user_data_sign"].upper()}
    assert read_registration(upper, partner_token=TOKEN).user == ZANETA


def test_plus_and_padding_are_repaired() -> None:
    user_data = json.dumps({**USER, "name": "~~~???>>>ÿÿÿ"}, ensure_ascii=False).encode()
    encoded = b64encode(user_data).decode()
    assert "+" in encoded
    assert encoded.endswith("=")
    for written in (encoded, quote(encoded), encoded.rstrip("="), encoded.replace("+", "%20")):
        query = f"salon_id=1&user_data={written}&user_data_sign={hmac_hex(user_data)}"
        user = read_registration(query, partner_token=TOKEN).user
        assert user
        assert user.name == "~~~???>>>ÿÿÿ"


@pytest.mark.parametrize(
    ("given", "field", "value"),
    [
        ({"id": "7"}, "id", 7),
        ({"id": 7, "name": None}, "name", None),
        ({"id": 7, "is_approved": 1}, "is_approved", True),
        ({"id": 7, "is_approved": "0"}, "is_approved", False),
        ({"id": 7, "new": [1]}, "phone", None),
    ],
)
def test_users_as_php_may_write_them(given: dict[str, object], field: str, value: object) -> None:
    query = {"salon_id": "1", **signed(json.dumps(given).encode())}
    assert getattr(read_registration(query, partner_token=TOKEN).user, field) == value


@pytest.mark.parametrize(
    "given",
    [
        b"",
        b"{",
        b"[]",
        b"5",
        b"\xff",
        b"[" * 40_000,
        b"{}",
        b'{"id": 0}',
        b'{"id": true}',
        b'{"id": 7, "name": 5}',
        b'{"id": 7, "is_approved": "yes"}',
        b'{"id": 7, "is_approved": []}',
    ],
)
def test_what_is_signed_and_is_no_user(given: bytes) -> None:
    query = {"salon_id": "1", **signed(given)}
    assert refusal(lambda: read_registration(query, partner_token=TOKEN))[0] == "not_understood"


DATA = json.dumps(USER).encode()


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ({"user_data": b64encode(DATA).decode()}, ("unsigned", "user_data")),
        ({"user_data_sign": hmac_hex(b"")}, ("not_understood", "user_data")),
        (signed(DATA, OLD), ("wrong_signature", "user_data_sign")),
        ({**signed(DATA), "user_data_sign": ""}, ("wrong_signature", "user_data_sign")),
        ({**signed(DATA), "user_data_sign": "ü" * 64}, ("wrong_signature", "user_data_sign")),
        ({**signed(DATA), "user_data_sign": "z" * 64}, ("wrong_signature", "user_data_sign")),
        ({**signed(DATA), "user_data_sign": hmac_hex(DATA)[:-2]}, ("wrong_signature", "user_data_sign")),
        ({**signed(DATA), "user_data_sign": hmac_hex(DATA)[:-1] + " "}, ("wrong_signature", "user_data_sign")),
        ({**signed(DATA), "user_data_sign": hmac_hex(b64encode(DATA))}, ("wrong_signature", "user_data_sign")),
        ({**signed(DATA), "user_data": b64encode(DATA + b" ").decode()}, ("wrong_signature", "user_data_sign")),
        ({**signed(DATA), "user_data": "%%%"}, ("not_understood", "user_data")),
        ({**signed(DATA), "user_data": "ü"}, ("not_understood", "user_data")),
        ({**signed(DATA), "user_data": "a"}, ("not_understood", "user_data")),
        ({**signed(DATA), "user_data": "x" * 70_000}, ("too_large", None)),
    ],
)
def test_what_is_not_signed_by_altegio(query: dict[str, str], reason: tuple[str, str | None]) -> None:
    assert refusal(lambda: read_registration({"salon_id": "1", **query}, partner_token=TOKEN)) == reason


def test_two_of_user_data() -> None:
    pairs = [("salon_id", "1"), *signed(DATA).items()]
    for double in signed(DATA).items():
        reading = partial(read_registration, [*pairs, double], partner_token=TOKEN)
        assert refusal(reading) == ("not_understood", "user_data")


@pytest.mark.parametrize("length", [70_000, 5_000_000])
@pytest.mark.parametrize("kind", [bytes, str])
def test_too_long_a_query(length: int, kind: type[Any]) -> None:
    query = f"salon_id=1&x={'y' * length}"
    given = query.encode() if kind is bytes else query
    assert refusal(lambda: read_registration(given, partner_token=TOKEN)) == ("too_large", None)


@pytest.mark.parametrize("query", [None, 5, [5], ["ab", "cde"], [("salon_id", 1)], {"salon_id": 5}, {5: "1"}])
def test_what_is_no_query(query: Any) -> None:
    with pytest.raises(ValueError, match="query must be a query string, a mapping, or pairs, all of them text"):
        read_registration(query, partner_token=TOKEN)


def test_a_made_query_is_read() -> None:
    assert registration_query(5, partner_token=TOKEN) == "salon_id=5"
    for salon_ids, user in ((5, None), (5, ZANETA), ([1, 2], User(id=7)), ((2, 1), ZANETA)):
        query = registration_query(salon_ids, partner_token=TOKEN, user=user)
        expected = (salon_ids,) if isinstance(salon_ids, int) else tuple(salon_ids)
        assert read_registration(query, partner_token=TOKEN) == Registration(expected, user)
        if user:
            assert refusal(partial(read_registration, query, partner_token=OLD))[0] == "wrong_signature"
    with pytest.raises(ValueError, match="salon_ids must be a positive integer"):
        registration_query([0], partner_token=TOKEN)


# Callbacks

WHERE: dict[str, Any] = {"salon_id": 5, "application_id": 123}
PAID = Paid(
    **WHERE,
    payment_id=777,
    amount=Decimal("990.99"),
    currency_iso="EUR",
    discount=Decimal(10),
    period_from=datetime(2022, 1, 1),
    period_to=datetime(2022, 1, 31, 23, 59, 59),
    payment_date=datetime(2022, 1, 1, 10, 10),
    tariff_option_id=3,
)
EVENTS: list[Event] = [
    Uninstalled(**WHERE),
    Frozen(**WHERE),
    PAID,
    evolve(PAID, discount=None, tariff_option_id=None, currency_iso=None, amount=Decimal(100)),
    UnknownEvent(**WHERE, event="moved"),
    UnknownEvent(**WHERE, event="moved", other={"to": {"city": ["Łódź", None]}, "rooms": Decimal("5.5")}),
    evolve(PAID, other={"new": "field"}),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_a_made_callback_is_read(event: Event) -> None:
    body = callback_body(event, partner_token=TOKEN)
    assert read_callback(body, partner_token=TOKEN) == event
    assert read_callback(memoryview(bytearray(body)), partner_token=(OLD, TOKEN)) == event  # type: ignore[arg-type]  # it is as good
    assert refusal(lambda: read_callback(body, partner_token=OLD)) == ("wrong_token", "partner_token")
    assert pickle.loads(pickle.dumps(event)) == copy.deepcopy(event) == event  # noqa: S301  our own
    assert TOKEN not in repr(read_callback(body, partner_token=TOKEN))


def written(event: str, /, **fields: object) -> dict[str, object]:
    return {**WHERE, "event": event, "partner_token": TOKEN, **fields}


def read(content: object, token: str = TOKEN) -> Event:
    return read_callback(json.dumps(content).encode(), partner_token=token)


def payment(amount: str, discount: str = "null", signed: str | None = None, **replaced: object) -> bytes:
    """Write a callback about a payment, digit by digit."""
    message = signed or f"salon_id=5&amount={amount}{'' if discount == 'null' else f'&discount={discount}'}"
    fields = written(
        "payment",
        payment_id=777,
        currency_iso="EUR",
        period_from="2022-01-01 00:00:00",
        period_to="2022-01-31 23:59:59",
        payment_date="2022-01-01 10:10:00",
        tariff_option_id=None,
        sign=hmac_hex(message.encode()),
    )
    text = json.dumps({**fields, **replaced})
    return f'{text[:-1]}, "amount": {amount}, "discount": {discount}}}'.encode()


@pytest.mark.parametrize(
    ("amount", "discount", "signed", "sum_"),
    [
        ("990.99", "null", "salon_id=5&amount=990.99", "990.99"),
        ("100", "null", "salon_id=5&amount=100", "100"),
        ("100.0", "null", "salon_id=5&amount=100.0", "100"),
        ("100.0", "null", "salon_id=5&amount=100", "100"),
        ("100.00", "5.0", "salon_id=5&amount=100&discount=5", "100"),
        ("100.00", "5.0", "salon_id=5&amount=100.00&discount=5", "100"),
        ("100.00", "5.0", "salon_id=5&amount=100.00&discount=5.0", "100"),
        ("100.50", "0", "salon_id=5&amount=100.5&discount=0", "100.5"),
        ("1e3", "null", "salon_id=5&amount=1000", "1000"),
        ('"990.990"', "null", "salon_id=5&amount=990.990", "990.99"),
        ("0", "null", "salon_id=5&amount=0", "0"),
    ],
)
def test_a_payment_is_signed_as_sent_or_shortest(amount: str, discount: str, signed: str, sum_: str) -> None:
    event = read_callback(payment(amount, discount, signed), partner_token=TOKEN)
    assert isinstance(event, Paid)
    assert event.amount == Decimal(sum_)
    assert event.dedupe_key == "payment:123:777"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (payment("100", signed="salon_id=5&amount=100.0"), ("wrong_signature", "sign")),
        (payment("100", signed="salon_id=6&amount=100"), ("wrong_signature", "sign")),
        (payment("100", "5", signed="salon_id=5&amount=100"), ("wrong_signature", "sign")),
        (payment("100", signed="salon_id=5&amount=100&discount="), ("wrong_signature", "sign")),
        (payment("100", signed="salon_id=5&amount=100&discount=null"), ("wrong_signature", "sign")),
        (payment("100", sign=None), ("unsigned", "sign")),
        (payment("100", sign=5), ("wrong_signature", "sign")),
        (payment("-1"), ("not_understood", "amount")),
        (payment("null"), ("not_understood", "amount")),
        (payment("1e400"), ("not_understood", "amount")),
        (payment("1e-99999"), ("not_understood", "amount")),
        (payment("9" * 41), ("not_understood", "amount")),
        (payment('"much"'), ("not_understood", "amount")),
        (payment('"NaN"'), ("not_understood", "amount")),
        (payment('"१"'), ("not_understood", "amount")),
        (payment("[1]"), ("not_understood", "amount")),
        (payment("5", "true"), ("not_understood", "discount")),
        (payment("5", payment_id=0), ("not_understood", "payment_id")),
        (payment("5", payment_id=None), ("not_understood", "payment_id")),
        (payment("5", period_from="soon"), ("not_understood", "period_from")),
        (payment("5", period_to=None), ("not_understood", "period_to")),
        (payment("5", payment_date=5), ("not_understood", "payment_date")),
        (payment("5", currency_iso=978), ("not_understood", "currency_iso")),
        (payment("5", tariff_option_id="x"), ("not_understood", "tariff_option_id")),
    ],
)
def test_payments_that_are_not_believed(body: bytes, reason: tuple[str, str | None]) -> None:
    assert refusal(lambda: read_callback(body, partner_token=TOKEN)) == reason


@pytest.mark.parametrize("salon_id", [5, "5", 5.0])
def test_numbers_as_php_may_write_them(salon_id: object) -> None:
    event = read(written("freeze", salon_id=salon_id))
    assert (event.salon_id, type(event.salon_id), event.dedupe_key) == (5, int, "freeze:123:5")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({}, ("wrong_token", "partner_token")),
        (written("freeze", partner_token=None), ("wrong_token", "partner_token")),
        (written("freeze", partner_token=[TOKEN]), ("wrong_token", "partner_token")),
        (written("freeze", partner_token=TOKEN[:-1]), ("wrong_token", "partner_token")),
        (written("freeze", partner_token=f"{TOKEN}\n"), ("wrong_token", "partner_token")),
        (written("freeze", partner_token="ü"), ("wrong_token", "partner_token")),
        (written("freeze", partner_token="\ud800"), ("wrong_token", "partner_token")),
        (written("freeze", salon_id=True), ("not_understood", "salon_id")),
        (written("freeze", salon_id=None), ("not_understood", "salon_id")),
        (written("freeze", salon_id=-5), ("not_understood", "salon_id")),
        (written("freeze", salon_id=5.5), ("not_understood", "salon_id")),
        (written("freeze", salon_id=2**63), ("not_understood", "salon_id")),
        (written("freeze", application_id="x"), ("not_understood", "application_id")),
        (written("freeze", event=None), ("not_understood", "event")),
        (written("freeze", event=5), ("not_understood", "event")),
        ([], ("not_understood", None)),
        (None, ("not_understood", None)),
        ("freeze", ("not_understood", None)),
        (written("freeze", x=float("nan")), ("not_understood", None)),
    ],
)
def test_callbacks_that_are_not_believed(content: object, reason: tuple[str, str | None]) -> None:
    assert refusal(lambda: read(content)) == reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not_understood"),
        (json.dumps(written("freeze")).encode()[:-1] + b', "x": 1e99999999999999999999}', "not_understood"),
        (b"\xff\xfe", "not_understood"),
        (b"event=freeze", "not_understood"),
        (b"[" * 60_000, "not_understood"),
        (b" " * 65_537, "too_large"),
        (json.dumps(written("freeze")).encode("utf-16"), "not_understood"),
    ],
)
def test_bodies_that_are_no_callbacks(body: bytes, reason: str) -> None:
    assert refusal(lambda: read_callback(body, partner_token=TOKEN)) == (reason, None)


@pytest.mark.parametrize("depth", [100, 900, 2000, 30_000])
def test_what_is_nested_deep_is_read_or_refused(depth: int) -> None:
    body = json.dumps(written("freeze")).encode()[:-1] + b', "x": ' + b"[" * depth + b"]" * depth + b"}"
    try:
        given: object = read_callback(body, partner_token=TOKEN)
    except UntrustedRequestError as error:  # how deep Python goes depends on its version
        given = error.reason
    assert isinstance(given, Frozen) or given == "not_understood"


def test_the_largest_callback_and_a_byte_order_mark() -> None:
    body = json.dumps(written("freeze")).encode("utf-8-sig")
    assert read_callback(body.ljust(65_536), partner_token=TOKEN) == Frozen(**WHERE)
    assert refusal(lambda: read_callback(body.ljust(65_537), partner_token=TOKEN)) == ("too_large", None)


@pytest.mark.parametrize("body", ["{}", None, {"event": "freeze"}])
def test_what_is_no_body(body: Any) -> None:
    with pytest.raises(ValueError, match=r"body must be bytes, not \w+\. Pass await request\.body\(\)"):
        read_callback(body, partner_token=TOKEN)


# Both


@pytest.mark.parametrize("token", ["", None, [], {}, 5, [TOKEN, ""], ["a b"], [None], "Bearer x", iter([TOKEN])])
def test_bad_tokens(token: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALTEGIO_PARTNER_TOKEN", TOKEN)  # it is not taken: who checks nothing would not notice
    readers: Iterable[Callable[[], object]] = (
        lambda: read_callback(callback_body(PAID, partner_token=TOKEN), partner_token=token),
        lambda: read_registration("salon_id=1", partner_token=token),
    )
    for reader in readers:
        with pytest.raises(ValueError, match="partner"):
            reader()


def test_digests_of_equal_length_are_compared_and_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[int, int]] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return hmac.compare_digest(one, other)

    class Watched:
        compare_digest = staticmethod(compare)
        digest = staticmethod(hmac.digest)

    monkeypatch.setattr(trust, "hmac", Watched)
    body = callback_body(evolve(PAID, amount=Decimal("5.5")), partner_token=TOKEN)
    read_callback(body, partner_token=[TOKEN, OLD, "x"])
    assert compared == [(32, 32)] * 6  # the first matches, and the others are compared all the same
    compared.clear()
    query = registration_query(5, partner_token=TOKEN, user=ZANETA)
    read_registration(query, partner_token=[TOKEN, OLD, "x"])
    assert compared == [(32, 32)] * 3
    assert "==" not in inspect.getsource(trust._any)  # noqa: SLF001


def test_errors_quote_nothing_of_the_request(caplog: pytest.LogCaptureFixture) -> None:
    body = json.dumps({**written("freeze"), "salon_id": "secret", "note": TOKEN}).encode()
    other = callback_body(PAID, partner_token=OLD)
    query = {"salon_id": "1", **signed(DATA, OLD)}
    for reader in (
        lambda: read_callback(body, partner_token=TOKEN),
        lambda: read_callback(other, partner_token=TOKEN),
        lambda: read_registration(query, partner_token=TOKEN),
        lambda: read_callback(other[:-5], partner_token=TOKEN),
    ):
        with pytest.raises(UntrustedRequestError) as caught:
            reader()
        error = caught.value
        logging.getLogger().error("refused", exc_info=error)
        report = traceback.TracebackException.from_exception(error, capture_locals=True)
        ours = [frame for frame in report.stack if "incoming" in frame.filename and "test_" not in frame.filename]
        shown = [str(error), repr(error), pickle.dumps(error), vars(error), error.__context__, error.__cause__]
        everything = " ".join([*map(str, shown), *(str(frame.locals) for frame in ours), caplog.text])
        for secret in (TOKEN, OLD, "secret", USER["email"], signed(DATA, OLD)["user_data_sign"], hmac_hex(DATA)):
            assert str(secret) not in everything
        again = pickle.loads(pickle.dumps(error))  # noqa: S301  our own
        assert (again.reason, again.field, str(again)) == (error.reason, error.field, str(error))


def test_what_the_errors_say() -> None:
    said = str(UntrustedRequestError("wrong_token", "partner_token"))
    assert said == (
        "Untrusted request (wrong_token, partner_token): it does not contain your partner token: answer "
        "403, and do nothing else."
    )
    assert "(too_large): it is larger than anything Altegio sends: answer 413" in str(
        UntrustedRequestError("too_large")
    )


def test_a_person_is_not_shown() -> None:
    assert repr(ZANETA) == "User(id=7, is_approved=True)"


def test_no_digit_of_an_amount_is_rounded_away_to_fit_a_signature() -> None:
    forged = (
        payment("99." + "9" * 29, signed="salon_id=5&amount=100"),
        payment("1234567.89", signed="salon_id=5&amount=1234570"),
    )
    with localcontext(prec=6):
        for body in forged:
            assert refusal(partial(read_callback, body, partner_token=TOKEN)) == ("wrong_signature", "sign")
        event = read_callback(payment("1234567.890", signed="salon_id=5&amount=1234567.89"), partner_token=TOKEN)
    assert isinstance(event, Paid)
    assert event.amount == Decimal("1234567.89")


def test_a_signature_is_kept_by_no_event() -> None:
    assert read(written("freeze", sign="x", new=1)).other == {"new": Decimal(1)}
