"""Calls of a telephone system."""

import json
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any

import httpx
import pytest

from tests.callers import CRM_TOKEN, USER_TOKEN, Callers
from tests.client.test_arguments import Broken, Nowhere
from tests.client.test_marketplace import answers
from tests.servers.scripted import ScriptedServer, http

CALL = {
    "id": 8923525,
    "client_id": 51342134,
    "caller_phone": "+13155550175",
    "record_link": "https://x.example/1.mp3",
    "duration": 244,
    "status": "success",
    "type": "incoming",
    "call_date": "2026-01-17T23:52:21-05:00",
}
DAYS = {"salon_id": 5, "date_from": date(2026, 1, 1), "date_to": date(2026, 2, 1)}
SAVED = {"crm_token": CRM_TOKEN, "call_type": "incoming", "phone": "+1", "diversion": "+2"}


def test_a_call(caller: Callers) -> None:
    (found,) = caller(transport=answers([CALL]), user_token=USER_TOKEN)("voip.list_calls", **DAYS)
    assert (found.id, found.client_id, found.duration, found.status, found.type) == (
        8923525, 51342134, 244, "success", "incoming",
    )  # fmt: skip
    assert found.call_date == datetime(2026, 1, 17, 23, 52, 21, tzinfo=timezone(timedelta(hours=-5)))
    assert (found.caller_phone, found.record_link) == ("+13155550175", "https://x.example/1.mp3")


def test_a_call_of_nobody_that_was_not_recorded(caller: Callers) -> None:
    data = [{**CALL, "client_id": 0, "record_link": "", "call_date": "soon", "status": "new", "duration": "5"}]
    (found,) = caller(transport=answers(data), user_token=USER_TOKEN)("voip.list_calls", **DAYS)
    assert (found.client_id, found.record_link, found.call_date) == (None, None, None)
    assert (found.status, found.duration) == ("new", 5)


def test_what_is_accepted(caller: Callers) -> None:
    body = b'{"success": true, "meta": {"message": "Accepted"}}'
    with ScriptedServer(http(202, body), http(202, b'{"success": true, "meta": []}')) as server:
        for message in ("Accepted", None):
            assert caller(base_url=server.url)("voip.enable", crm_token=CRM_TOKEN).message == message


def test_all_calls(caller: Callers) -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        wanted = json.loads(request.content)
        asked.append((wanted["page"], wanted["limit"], wanted["phone"], wanted["types"], wanted["statuses"]))
        found = {1: [1, 2], 2: [3]}.get(wanted["page"], [])
        return httpx.Response(200, json={"success": True, "data": [{**CALL, "id": one} for one in found]})

    given = {"phone": "+1", "types": ["incoming"], "statuses": ["busy"], "limit": 2}
    transport = httpx.MockTransport(answer)
    found = caller(transport=transport, user_token=USER_TOKEN)("voip.iter_calls", **DAYS, **given)
    assert [one.id for one in found] == [1, 2, 3]
    assert asked == [(page, 2, "+1", ["incoming"], ["busy"]) for page in (1, 2, 0)]


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-5))])
def test_the_offset_of_a_call_is_sent(caller: Callers, zone: tzinfo) -> None:
    with ScriptedServer(http(202, b'{"success": true}')) as server:
        when = datetime(2026, 9, 1, 14, 40, 28, 999, tzinfo=zone)
        caller(base_url=server.url, timezone="Europe/Berlin")("voip.save_call", **SAVED, call_date=when)
    sent = json.loads(server.requests[0].partition(b"\r\n\r\n")[2])
    assert sent["date"] == f"2026-09-01T14:40:28{'+00:00' if zone is UTC else '-05:00'}"
    assert set(sent) == {"command", "type", "crm_token", "phone", "diversion", "date"}


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("voip.enable", {"crm_token": ""}, "crm_token must be printable text without spaces around it.$"),
    ("voip.disable", {"crm_token": 5}, "crm_token must be printable text without spaces around it.$"),
    ("voip.notify_call", {"crm_token": CRM_TOKEN, "phone": "", "diversion": "1"}, "phone must be printable text"),
    ("voip.notify_call", {"crm_token": CRM_TOKEN, "phone": "1", "diversion": " 1"}, "diversion must be printable"),
    ("voip.notify_call", {"crm_token": CRM_TOKEN, "phone": "1", "diversion": "1", "user": 5}, "user must be printable"),
    ("voip.save_call", {**SAVED, "call_type": "lost"}, "call_type must be one of incoming, internal, outgoing"),
    ("voip.save_call", {**SAVED, "duration": -1}, "duration must be an integer from 0 to"),
    ("voip.save_call", {**SAVED, "link": "ftp://x"}, "link must be an absolute https or http URL"),
    ("voip.save_call", {**SAVED, "call_id": ""}, "call_id must be printable text"),
    ("voip.save_call", {**SAVED, "status": "busy"}, "status must be one of missed, success, not str 'busy'"),
    *(
        ("voip.save_call", {**SAVED, "call_date": when}, "call_date must be an aware datetime, not ")
        for when in (
            *(datetime(2026, 9, 1), "2026-09-01", date(2026, 9, 1)),
            *(datetime(2026, 9, 1, tzinfo=Nowhere()), datetime(2026, 9, 1, tzinfo=Broken(KeyError()))),
        )
    ),
    ("voip.list_calls", {**DAYS, "date_from": datetime(2026, 1, 1)}, "date_from must be a date, not datetime"),
    ("voip.list_calls", {**DAYS, "date_to": "2026-01-01"}, "date_to must be a date, not str"),
    ("voip.list_calls", {**DAYS, "types": ["lost"]}, r"types\[0\] must be one of incoming, internal, outgoing"),
    ("voip.list_calls", {**DAYS, "types": []}, "types must be a list of 1 to 3"),
    ("voip.list_calls", {**DAYS, "statuses": ["lost"]}, r"statuses\[0\] must be one of busy, cancel, missed"),
    ("voip.list_calls", {**DAYS, "limit": 1001}, "limit must be an integer from 1 to 1000"),
    ("voip.list_calls", {**DAYS, "page": -1}, "page must be an integer from 0"),
    ("voip.iter_calls", {**DAYS, "limit": 0}, "limit must be an integer from 1 to 1000"),
]


@pytest.mark.parametrize(("method", "arguments", "words"), WRONG, ids=lambda it: it if isinstance(it, str) else "")
def test_wrong_arguments(caller: Callers, method: str, arguments: dict[str, Any], words: str) -> None:
    with ScriptedServer() as server, pytest.raises(ValueError, match=words) as caught:
        caller(base_url=server.url, user_token=USER_TOKEN)(method, **arguments)
    assert server.requests == []
    assert CRM_TOKEN not in str(caught.value)
