"""Locations, tariffs, discounts, links and channels: what is read, and what is refused."""

import copy
import json
import pickle
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

import httpx
import pytest

import altegio_partner as ap
from tests.callers import APPLICATION, TOKEN, Callers
from tests.servers.scripted import ScriptedServer, close, http

LOCATION: dict[str, Any] = {
    "id": 1050,
    "title": "La Visage",
    "public_title": "La Visage Beauty",
    "active": 1,
    "phone": "+13155550175",
    "phones": ["+13155550175"],
    "email": "info@lavisage.com",
    "country_id": 7,
    "country": "United States",
    "city_id": 181,
    "city": "New York",
    "timezone": -5,
    "timezone_name": "America/New_York",
    "address": "New York, 787 Jackson Drive",
    "coordinate_lat": 40.73061,
    "coordinate_lon": -73.935242,
    "currency_short_title": "$",
    "something_new": {"a": 1},
}
OLD = {"id": "1050", "active": "1", "coordinate_lat": "40.73061", "country_id": "7", "phones": [], "title": "La Visage"}
ODD = {"id": 1050.0, "active": [], "coordinate_lat": "", "country_id": 0, "phones": None, "title": None, "email": 5}


def answers(data: object) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: httpx.Response(200, json={"success": True, "data": data, "meta": []}))


def test_a_location(caller: Callers) -> None:
    (found,) = caller(transport=answers([LOCATION]))("list_locations")
    assert (found.id, found.title, found.active, found.timezone_name) == (1050, "La Visage", True, "America/New_York")
    assert (found.coordinate_lat, found.coordinate_lon) == (Decimal("40.73061"), Decimal("-73.935242"))
    assert (found.country_id, found.city_id, found.phones) == (7, 181, ("+13155550175",))
    assert found.raw == LOCATION
    ap.PartnerClient(TOKEN, application_id=1, timezone=found.timezone_name).close()


def test_a_location_as_older_servers_write_it(caller: Callers) -> None:
    (found,) = caller(transport=answers([OLD]))("list_locations")
    assert (found.id, found.active, found.coordinate_lat, found.country_id) == (1050, True, Decimal("40.73061"), 7)
    assert (found.phones, found.city) == ((), None)


def test_a_location_with_oddities(caller: Callers) -> None:
    (found,) = caller(transport=answers([ODD]))("list_locations")
    assert (found.id, found.active, found.coordinate_lat, found.country_id) == (1050, None, None, None)
    assert (found.phones, found.title, found.email) == ((), None, "5")


NO_IDS: list[object] = [True, "1_000", "５", 2**70, "007", 1.5, -1, "", [], None]


@pytest.mark.parametrize("written", NO_IDS, ids=repr)
def test_what_is_no_id_of_a_location_is_none_of_its_country(caller: Callers, written: object) -> None:
    (found,) = caller(transport=answers([{**LOCATION, "country_id": written}]))("list_locations")
    assert (found.country_id, found.city_id) == (None, 181)
    with pytest.raises(ap.UnreadableAnswerError):
        caller(transport=answers([{**LOCATION, "id": written}]), max_retries=0)("list_locations")


def test_a_list_that_php_writes_as_an_object(caller: Callers) -> None:
    found = caller(transport=answers({"0": {"id": 1}, "2": {"id": 3}}))("list_locations")
    assert [one.id for one in found] == [1, 3]
    assert caller(transport=answers(None))("list_locations") == []


@pytest.mark.parametrize(
    "data", [[{"title": "no id"}], [{"id": 0}], ["x"], "x", 5, [{"id": 1, "phones": "x"}]], ids=repr
)
def test_an_answer_without_what_cannot_be_missing(caller: Callers, data: object) -> None:
    with pytest.raises(ap.UnreadableAnswerError, match="Reading changes nothing: call again"):
        caller(transport=answers(data), max_retries=0)("list_locations")


def test_values_do_not_change_and_are_compared_by_what_they_show(caller: Callers) -> None:
    (found,) = caller(transport=answers([LOCATION]))("list_locations")
    (same,) = caller(transport=answers([{**LOCATION, "something_new": 2}]))("list_locations")
    (other,) = caller(transport=answers([{**LOCATION, "title": "Other"}]))("list_locations")
    assert found == same != other
    assert found != "La Visage"
    assert {found, same} == {found}
    assert pickle.loads(pickle.dumps(found)) == copy.deepcopy(found) == found  # noqa: S301  our own
    assert repr(found).startswith("Location(id=1050, title='La Visage', public_title=")
    assert "something_new" not in repr(found)
    with pytest.raises(AttributeError, match="Location does not change: title"):
        found.title = "x"
    with pytest.raises(AttributeError, match="Location does not change: title"):
        del found.title
    assert ap.Location.of({"id": 5}).id == 5
    make: Callable[..., ap.Tariff] = ap.Tariff
    for given in ({"id": 5}, {"id": 5, "title": "x", "options": (), "other": 1}):
        with pytest.raises(TypeError, match="Tariff has the attributes id, title, options, raw"):
            make(**given)
    assert ap.Tariff(id=5, title=None, options=()).raw == {}


def test_tariffs(caller: Callers) -> None:
    option = {
        "id": 123,
        "title": "Solo professional",
        "overall_price": 500.5,
        "duration_in_months": 1,
        "currency_iso": "USD",
        "staff_amount": 1,
        "free_period_in_months": 0,
    }
    (found,) = caller(transport=answers([{"id": 89, "title": "1 month", "options": [option]}]))("list_tariffs")
    assert (found.id, found.title) == (89, "1 month")
    (read,) = found.options
    assert (read.id, read.overall_price, read.currency_iso) == (123, Decimal("500.5"), "USD")
    assert (read.duration_in_months, read.staff_amount, read.free_period_in_months) == (1, 1, 0)
    assert (read.title, read.raw) == ("Solo professional", option)
    assert caller(transport=answers([{"id": 89, "options": None}]))("list_tariffs")[0].options == ()


@pytest.mark.parametrize("price", ["1e999999999", 1e300, "9" * 50, "NaN", {}, "x"], ids=str)
def test_prices_that_are_none(caller: Callers, price: object) -> None:
    data = [{"id": 1, "options": [{"id": 2, "overall_price": price, "duration_in_months": price, "staff_amount": 1.5}]}]
    (option,) = caller(transport=answers(data))("list_tariffs")[0].options
    assert (option.overall_price, option.duration_in_months, option.staff_amount) == (None, None, None)


@pytest.mark.parametrize(
    ("written", "price", "months"),
    [
        (0, "0", 0),
        (True, "1", 1),
        ("7.00", "7.00", 7),
        (7.25, "7.25", None),
        (7.75, "7.75", None),
        (-7.25, "-7.25", None),
        ("9" * 40, "9" * 40, int("9" * 40)),
        ("9" * 41, None, None),
        ("1e-39", "1e-39", None),
        ("1e-40", None, None),
    ],
    ids=str,
)
def test_prices_and_months(caller: Callers, written: object, price: str | None, months: int | None) -> None:
    data = [{"id": 1, "options": [{"id": 2, "overall_price": written, "duration_in_months": written}]}]
    (option,) = caller(transport=answers(data))("list_tariffs")[0].options
    assert (option.overall_price, option.duration_in_months) == (price and Decimal(price), months)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        *((yes, True) for yes in (1, True, "1", 1.0)),
        *((no, False) for no in (0, False, "0")),
        *((x, None) for x in (-1, 2, 0.5, "", None)),
    ],
    ids=repr,
)
def test_yes_no_and_neither(caller: Callers, written: object, read: bool | None) -> None:
    (found,) = caller(transport=answers([{**LOCATION, "active": written}]))("list_locations")
    assert found.active is read


@pytest.mark.parametrize("url", ["", None, 5, [], " "])
def test_a_link_that_is_none(caller: Callers, url: object) -> None:
    with pytest.raises(ap.UnreadableAnswerError):
        caller(transport=answers({"url": url}), max_retries=0)("get_payment_link", salon_id=1)


def test_what_is_left_out_of_a_link(caller: Callers) -> None:
    with ScriptedServer(http(200, b'{"success": true, "data": {"url": "https://x.example/"}}')) as server:
        assert caller(base_url=server.url)("get_payment_link", salon_id=1) == "https://x.example/"
    assert b"payment_link?salon_id=1&application_id=77 HTTP" in server.requests[0]


def test_no_tariffs_and_no_application_are_said_in_words(caller: Callers) -> None:
    with ScriptedServer(*[http(404, b"{}")] * 2) as server:
        with pytest.raises(ap.NotFoundError, match="or has no tariffs"):
            caller(base_url=server.url)("get_payment_link", salon_id=1)
        with pytest.raises(ap.NotFoundError, match="or not any more"):
            caller(base_url=server.url)("uninstall", salon_id=1)


def test_an_uninstallation_whose_answer_is_lost(caller: Callers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda *_: 0.0)
    with ScriptedServer(close, http(404, b"{}")) as server, pytest.raises(ap.NotFoundError, match="not any more"):
        caller(base_url=server.url)("uninstall", salon_id=1)
    assert len(server.requests) == 2


def test_an_activation_twice(caller: Callers) -> None:
    body = json.dumps({"success": False, "meta": {"message": "The user has already installed this application."}})
    with ScriptedServer(http(403, body.encode())) as server, pytest.raises(ap.AlreadyInstalledError):
        caller(base_url=server.url)("activate", salon_id=1)


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("activate", {"salon_id": 1, "channels": ["fax"]}, r"channels\[0\] must be one of sms, whatsapp, not str 'fax'"),
    ("activate", {"salon_id": 1, "channels": "sms"}, "channels must be a list of 0 to 2"),
    ("activate", {"salon_id": 1, "chat_url": "http://a.example"}, "chat_url must be an absolute https URL"),
    ("activate", {"salon_id": 1, "tips_url": "tips"}, "tips_url must be an absolute https URL"),
    ("activate", {"salon_id": 0}, "salon_id must be a positive integer"),
    ("list_locations", {"page": -1}, "page must be an integer from 0 to"),
    ("list_locations", {"page": True}, "page must be an integer from 0 to"),
    ("list_locations", {"count": 0}, "count must be an integer from 1 to 1000, not int 0"),
    ("list_locations", {"count": 1001}, "count must be an integer from 1 to 1000"),
    ("iter_locations", {"count": "5"}, "count must be an integer from 1 to 1000, not str '5'"),
    ("set_discount", {"salon_ids": [], "discount": 5}, "salon_ids must be a list of 1 to 1000"),
    ("set_discount", {"salon_ids": [1, "2"], "discount": 5}, r"salon_ids\[1\] must be a positive integer"),
    ("set_discount", {"salon_ids": [1], "discount": 15.5}, "discount must be a Decimal, an int or a string of digits"),
    ("set_discount", {"salon_ids": [1], "discount": -1}, "discount must be zero or more, not int -1.$"),
    ("set_discount", {"salon_ids": [1], "discount": "-5"}, "discount must be digits .* Write it like '1250.50'.$"),
    ("get_payment_link", {"salon_id": 1, "discount": 0.5}, "discount must be a Decimal"),
    ("get_payment_link", {"salon_id": 1, "tariff_option_id": 0}, "tariff_option_id must be a positive integer"),
    ("set_channel_availability", {"salon_id": 1, "channel": "fax", "is_available": True}, "channel must be one of sms"),
    ("set_channel_availability", {"salon_id": 1, "channel": ["sms"], "is_available": True}, "channel must be one of"),
    ("set_channel_availability", {"salon_id": 1, "channel": "sms", "is_available": 1}, "is_available must be True or"),
    ("set_sms_sender_names", {"salon_id": 1, "short_names": []}, "short_names must be a list of 1 to 20"),
    ("set_sms_sender_names", {"salon_id": 1, "short_names": ["a"] * 21}, "short_names must be a list of 1 to 20"),
    ("set_sms_sender_names", {"salon_id": 1, "short_names": "Salon"}, "short_names must be a list of 1 to 20"),
    ("set_sms_sender_names", {"salon_id": 1, "short_names": [" a"]}, r"short_names\[0\] must be printable text"),
    ("uninstall", {"salon_id": "1"}, "salon_id must be a positive integer"),
]


@pytest.mark.parametrize(("method", "arguments", "words"), WRONG, ids=lambda it: it if isinstance(it, str) else "")
def test_wrong_arguments(caller: Callers, method: str, arguments: dict[str, Any], words: str) -> None:
    def unreachable(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request)

    with pytest.raises(ValueError, match=words):
        caller(transport=httpx.MockTransport(unreachable))(method, **arguments)


@pytest.mark.parametrize(
    ("method", "arguments", "field"),
    [
        ("list_locations", {"page": 0, "count": 1}, "page"),
        ("list_locations", {"page": 10**9, "count": 1000}, "count"),
        ("set_sms_sender_names", {"salon_id": 1, "short_names": ["a"]}, "short_names"),
        ("set_sms_sender_names", {"salon_id": 1, "short_names": ["a"] * 20}, "short_names"),
    ],
)
def test_the_last_good_arguments(caller: Callers, method: str, arguments: dict[str, Any], field: str) -> None:
    sent: list[object] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content)[field] if request.content else int(request.url.params[field]))
        return httpx.Response(200, json={"success": True, "data": []})

    caller(transport=httpx.MockTransport(answer))(method, **arguments)
    assert sent == [arguments[field]]


class Pages:
    """Lists locations page by page."""

    def __init__(self, total: int, first: int, below_first: int | None = None) -> None:
        self.asked: list[int] = []
        self._total = total
        self._first = first
        self._below_first = below_first  # the status of an answer to a page before the first; None: an empty page

    def __call__(self, request: httpx.Request) -> httpx.Response:
        page, size = int(request.url.params["page"]), int(request.url.params["count"])
        self.asked.append(page)
        begin = (page - self._first) * size
        if begin < 0 and self._below_first is not None:
            return httpx.Response(self._below_first, text="<html>")
        found = range(self._total)[begin : begin + size] if begin >= 0 else range(0)
        return httpx.Response(200, json={"success": True, "data": [{"id": one + 1} for one in found], "meta": []})


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda *_: 0.0)


def walk(caller: Callers, pages: Callable[[httpx.Request], httpx.Response], **options: Any) -> list[int]:
    found = caller(transport=httpx.MockTransport(pages), **options)("iter_locations", count=3)
    return [one.id for one in found]


@pytest.mark.parametrize("total", [0, 1, 2, 3, 4, 6, 7])
@pytest.mark.parametrize(("first", "below"), [(1, None), (1, 422), (1, 404), (1, 500), (0, None)])
def test_every_location_comes_once(caller: Callers, total: int, first: int, below: int | None) -> None:
    pages = Pages(total, first, below)
    found = walk(caller, pages, max_retries=0)
    assert sorted(found) == list(range(1, total + 1))
    assert pages.asked[-1] == 0
    assert pages.asked[:-1] == list(range(1, len(pages.asked)))
    if first == 1:
        assert found == sorted(found)
        assert len(pages.asked) == total // 3 + 2


@pytest.mark.parametrize("status", [401, 403, 429])
def test_a_page_0_that_is_refused_for_another_reason(caller: Callers, status: int) -> None:
    with pytest.raises(ap.RejectedError):
        walk(caller, Pages(2, 1, status), max_retries=0)


def test_a_later_page_that_fails(caller: Callers) -> None:
    pages = Pages(9, 1)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(422) if request.url.params["page"] == "2" else pages(request)

    with pytest.raises(ap.InvalidRequestError):
        walk(caller, answer)


def test_locations_that_move_between_pages_come_once(caller: Callers) -> None:
    listed = {1: [1, 2, 3], 2: [3, 4, 4], 3: [5], 0: []}

    def answer(request: httpx.Request) -> httpx.Response:
        found = listed[int(request.url.params["page"])]
        return httpx.Response(200, json={"success": True, "data": [{"id": one} for one in found]})

    assert walk(caller, answer) == [1, 2, 3, 4, 5]


def test_a_server_that_ignores_the_page(caller: Callers) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"success": True, "data": [{"id": 1}, {"id": 2}, {"id": 3}]})

    assert walk(caller, answer) == [1, 2, 3]


def test_a_page_is_read_when_it_is_needed() -> None:
    pages = Pages(9, 1)
    with ap.PartnerClient(TOKEN, application_id=APPLICATION, transport=httpx.MockTransport(pages)) as client:
        locations = client.iter_locations(count=3)
        assert pages.asked == []
        assert [one.id for one in islice(locations, 2)] == [1, 2]
        assert pages.asked == [1]


@pytest.mark.parametrize("kind", [ap.PartnerClient, ap.AsyncPartnerClient])
def test_bad_arguments_are_refused_before_the_first_location_is_asked_for(kind: type[ap.PartnerClient]) -> None:
    client = kind(TOKEN, application_id=APPLICATION)
    with pytest.raises(ValueError, match="count must be an integer from 1 to 1000, not int 0"):
        client.iter_locations(count=0)
    with pytest.raises(ValueError, match="limit must be an integer from 1 to 1000, not int 0"):
        client.voip.iter_calls(salon_id=5, date_from=date(2026, 1, 1), date_to=date(2026, 2, 1), limit=0)
