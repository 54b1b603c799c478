"""Calls of one's own: what each part of a `Call` does, at the wire, in both clients."""

import json
from typing import Any

import pytest

import altegio_partner as ap
from altegio_partner import Call
from tests.callers import API_KEY, TOKEN, Callers
from tests.servers.scripted import ScriptedServer, close, http

POST = {"method": "post", "url": "/marketplace/own"}
GET = {"method": "get", "url": "/marketplace/own"}
YES = http(200, b'{"success": true, "data": 5}')


def data(answer: dict[str, Any]) -> int:
    value: int = answer["data"]
    return value


def failed(caller: Callers, call: Call[Any], *answers: Any, **options: Any) -> tuple[ap.AltegioError, int]:
    """Return the error of these answers, and how many requests were sent."""
    with ScriptedServer(*answers) as server, pytest.raises(ap.AltegioError) as caught:
        caller(base_url=server.url, **options)("perform", call=call)
    return caught.value, len(server.requests)


def test_what_is_sent(caller: Callers) -> None:
    request = {**POST, "json": {"name": "Ä", "n": 1.5}, "params": {"page": 2}, "headers": {"X-Own": "yes"}}
    with ScriptedServer(YES) as server:
        assert caller(base_url=server.url)("perform", call=Call("own", request, data)) == 5
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /marketplace/own?page=2 HTTP/1.1\r\n")
    assert f"Bearer {TOKEN}".encode() in head
    assert b"\r\nX-Own: yes" in head
    assert b"\r\nContent-Length: %d" % len(body) in head
    assert json.loads(body) == {"name": "Ä", "n": 1.5}


def test_a_get_has_a_length_where_it_has_a_body(caller: Callers) -> None:
    for more, expected in ({"json": {"a": 1}}, b'{"a":1}'), ({}, b""):
        with ScriptedServer(YES) as server:
            caller(base_url=server.url)("perform", call=Call("own", {**GET, **more}, data))
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
        assert body == expected
        assert (b"content-length" in head.lower()) is bool(expected)


@pytest.mark.parametrize(
    ("call", "requests", "advice"),
    [
        (Call("own", GET, data), 2, "Reading changes nothing: call again."),
        (Call("own", GET, data, is_repeatable=False), 1, "Reading changes nothing: call again."),
        (Call("own", POST, data), 1, "It may have been recorded: look in Altegio before sending it again."),
        (Call("own", POST, data, is_repeatable=True), 2, "It may have been carried out. Calling again is harmless."),
        (Call("own", POST, data, if_unknown="Ask somebody."), 1, "Ask somebody."),
    ],
)
@pytest.mark.parametrize("answer", [close, http(503), http(200, b"<html>"), http(304), http(409)])
def test_what_is_done_when_the_outcome_is_unknown(
    caller: Callers, monkeypatch: pytest.MonkeyPatch, call: Call[int], requests: int, advice: str, answer: Any
) -> None:
    monkeypatch.setattr("random.uniform", lambda *_: 0.0)
    error, sent = failed(caller, call, answer, answer, max_retries=1)
    assert isinstance(error, ap.OutcomeUnknownError)
    assert (sent, error.safe_to_resend) == (requests, requests == 2)
    assert str(error).endswith(advice)


def test_a_repeatable_call_succeeds_at_last(caller: Callers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda *_: 0.0)
    with ScriptedServer(close, http(502), YES) as server:
        assert caller(base_url=server.url)("perform", call=Call("own", POST, data, is_repeatable=True)) == 5
    assert len(server.requests) == 3


def test_a_refusal_is_final_for_repeatable_calls_too(caller: Callers) -> None:
    for call in (Call("own", GET, data), Call("own", POST, data, is_repeatable=True)):
        error, sent = failed(caller, call, http(422))
        assert (type(error), sent, error.safe_to_resend) == (ap.InvalidRequestError, 1, False)


def test_what_counts_as_success(caller: Callers) -> None:
    accepted = Call("own", POST, data, success_statuses={202})
    with ScriptedServer(http(202, b'{"data": 5}')) as server:
        assert caller(base_url=server.url)("perform", call=accepted) == 5
    error, _ = failed(caller, accepted, YES)
    assert type(error) is ap.UnreadableAnswerError


def test_an_empty_body_and_a_redirect(caller: Callers) -> None:
    call = Call[Any]("own", POST, data, read_empty=lambda: "empty", read_redirect=lambda where: f"to {where}")
    for answer, result in ((http(204), "empty"), (http(301, b"", "Location: /there"), "to /there"), (YES, 5)):
        with ScriptedServer(answer) as server:
            assert caller(base_url=server.url)("perform", call=call) == result


def test_what_the_refusals_say(caller: Callers) -> None:
    installed = http(403, b'{"meta": {"message": "already installed"}}')
    error, _ = failed(caller, Call("own", POST, data, is_registration=True), installed)
    assert type(error) is ap.AlreadyInstalledError
    error, _ = failed(caller, Call("own", POST, data), installed)
    assert type(error) is ap.PermissionDeniedError
    error, _ = failed(caller, Call("own", POST, data, if_not_found="Look for it."), http(404))
    assert str(error).endswith("Look for it.")


def test_secrets_are_masked(caller: Callers) -> None:
    body = json.dumps({"meta": {"message": f"{API_KEY} is wrong"}}).encode()
    call = Call("own", {**POST, "json": {"api_key": API_KEY}}, data, secrets=(API_KEY,))
    error, _ = failed(caller, call, http(422, body))
    assert error.message == "******** is wrong"
    assert API_KEY not in repr(call)
