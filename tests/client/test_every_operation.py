"""What holds for every operation: what is sent, what its answers mean, what happens when an answer is lost."""

import inspect
import json
import logging
import re
from collections.abc import Iterator
from operator import attrgetter
from typing import Any, NoReturn

import pytest

import altegio_partner as ap
from tests.callers import API_KEY, CRM_TOKEN, TOKEN, USER_TOKEN, Callers
from tests.client.test_requests import parts
from tests.client.test_secrets import all_there_is, assert_no_secret_in
from tests.operations import OPERATIONS, Operation
from tests.repository.checkouts import ROOT
from tests.servers.scripted import ScriptedServer, close, http

every = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda it: it.method)
HTML = b"<!DOCTYPE html><html><body>Log in</body></html>"
NO = b'{"success": false, "data": null, "meta": {"message": "Because."}}'


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda *_: 0.0)


def call(caller: Callers, operation: Operation, server: ScriptedServer, **options: Any) -> Any:
    made = caller(base_url=server.url, user_token=USER_TOKEN, **options)
    return made(operation.method, **operation.arguments)


def _refuse(*_: object) -> NoReturn:
    raise RuntimeError


class Unfriendly:
    """An object that does nothing of what Python asks of it."""

    __repr__ = __str__ = __bool__ = __len__ = __iter__ = __hash__ = __eq__ = __lt__ = __int__ = _refuse


@every
def test_arguments_that_do_nothing_of_what_python_asks(operation: Operation) -> None:
    with (
        ScriptedServer() as server,
        ap.PartnerClient(TOKEN, application_id=77, user_token=USER_TOKEN, base_url=server.url) as client,
    ):
        method: Any = attrgetter(operation.method)(client)
        for name in inspect.signature(method).parameters:
            with pytest.raises(ValueError, match=name):
                method(**{**operation.arguments, name: Unfriendly()})
    assert server.requests == []


@every
def test_what_is_sent(caller: Callers, operation: Operation) -> None:
    with ScriptedServer(http(operation.status, operation.answer_body)) as server:
        call(caller, operation, server)
    (request,) = server.requests
    first, headers, body = parts(request)
    assert first == f"{operation.request} HTTP/1.1"
    user = f", User {USER_TOKEN}" if operation.needs_user else ""
    assert headers.pop("authorization") == f"Bearer {TOKEN}{user}"
    assert headers.pop("accept") == "application/vnd.api.v2+json"
    assert (json.loads(body) if body else None) == operation.body
    expected = {"host", "accept-encoding", "user-agent"}
    expected |= {"content-length"} if operation.request.startswith("POST") or body else set()
    assert set(headers) == expected | ({"content-type"} if body else set())


@every
def test_a_lost_answer(caller: Callers, operation: Operation) -> None:
    with ScriptedServer(close, close) as server, pytest.raises(ap.NoAnswerError) as caught:
        call(caller, operation, server, max_retries=1)
    assert len(server.requests) == 1 + operation.is_repeatable
    assert caught.value.safe_to_resend is operation.is_repeatable


@every
def test_an_answer_that_is_lost_once(caller: Callers, operation: Operation) -> None:
    if not operation.is_repeatable:
        return  # that it is not sent again is tested above
    with ScriptedServer(close, http(operation.status, operation.answer_body)) as server:
        call(caller, operation, server, max_retries=1)
    assert len(server.requests) == 2


FAULTS: list[tuple[bytes, type[ap.AltegioError]]] = [
    (http(400, NO), ap.InvalidRequestError),
    (http(401, NO), ap.AuthenticationError),
    (http(403, NO), ap.PermissionDeniedError),
    (http(404, NO), ap.NotFoundError),
    (http(404, HTML), ap.NotFoundError),
    (http(422, NO), ap.InvalidRequestError),
    (http(409, NO), ap.OutcomeUnknownError),
    (http(429, NO), ap.RateLimitError),
    (http(500, HTML), ap.ServerError),
    (http(502, HTML), ap.ServerError),
    (http(301, b"", "Location: https://login.example/"), ap.UnreadableAnswerError),
    (http(302, b"", "Location: https://login.example/"), ap.UnreadableAnswerError),
    (http(200, NO), ap.RejectedError),
    (http(200, HTML), ap.UnreadableAnswerError),
    (http(200, b"[]"), ap.UnreadableAnswerError),
    (http(200, b"{}"), ap.UnreadableAnswerError),
    (http(200, b'{"success": true, "data": "x", "errors": ["x"]}'), ap.UnreadableAnswerError),
    (http(200, b'{"success": true, "data": [{}]}'), ap.UnreadableAnswerError),
    (http(202, b""), ap.UnreadableAnswerError),
    (http(206, b""), ap.UnreadableAnswerError),
]


@pytest.mark.usefixtures("without_coverage")
@every
@pytest.mark.parametrize(("answer", "error"), FAULTS, ids=lambda it: repr(it)[:40] if isinstance(it, bytes) else "")
def test_the_fault_matrix(caller: Callers, operation: Operation, answer: bytes, error: type[ap.AltegioError]) -> None:
    """Each row: what Altegio answers, and the error. A row that is a success for an operation is in `fine`."""
    acknowledges = (
        operation.answer in (None, {"success": True, "data": {}, "meta": []}) or "uninstall" in operation.method
    )
    fine = (acknowledges or "voip" in operation.method) and b"[{}]" in answer and "list" not in operation.method
    if operation.method == "complete_registration":
        fine = fine or b" 301 " in answer
    with ScriptedServer(answer) as server:
        if fine:
            call(caller, operation, server, max_retries=0)
        else:
            with pytest.raises(error) as caught:
                call(caller, operation, server, max_retries=0)
            assert type(caught.value) is error
            unknown = isinstance(caught.value, ap.OutcomeUnknownError)
            again = operation.is_repeatable if unknown else error.safe_to_resend
            assert caught.value.safe_to_resend is again
    assert len(server.requests) == 1


@every
def test_no_secret_gets_out(caller: Callers, operation: Operation, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    given = repr(operation.arguments)
    secrets = [TOKEN, USER_TOKEN, *(one for one in (API_KEY, CRM_TOKEN) if one in given)]
    echo = json.dumps({"success": False, "meta": {"message": " ".join(secrets), "errors": secrets}}).encode()
    for status in (200, 403, 422, 500):
        with ScriptedServer(http(status, echo)) as server, pytest.raises(ap.AltegioError) as caught:
            call(caller, operation, server, max_retries=0)
        assert_no_secret_in(*all_there_is(caught.value), secrets=secrets)
    assert_no_secret_in(*(record.getMessage() for record in caplog.records), secrets=secrets)


def needing_users() -> Iterator[tuple[str, dict[str, Any]]]:
    yield from ((one.method, one.arguments) for one in OPERATIONS if one.needs_user)
    yield "webhooks.add_url", {"salon_id": 5, "url": "https://example.com/"}
    yield "webhooks.remove_url", {"salon_id": 5, "url": "https://example.com/"}
    yield "webhooks.set_events", {"salon_id": 5, "events": []}
    yield (
        "voip.iter_calls",
        {key: OPERATIONS_BY_NAME["voip.list_calls"].arguments[key] for key in ("salon_id", "date_from", "date_to")},
    )


OPERATIONS_BY_NAME = {one.method: one for one in OPERATIONS}


@pytest.mark.parametrize(
    ("method", "arguments"), list(needing_users()), ids=lambda it: it if isinstance(it, str) else ""
)
def test_a_user_token_that_is_missing(caller: Callers, method: str, arguments: dict[str, Any]) -> None:
    with (
        ScriptedServer() as server,
        pytest.raises(ValueError, match=r"There is no user token: pass user_token, .* Nothing was sent") as caught,
    ):
        caller(base_url=server.url)(method, **arguments)
    assert server.requests == []
    assert_no_secret_in(*all_there_is(caught.value))


def test_all_operations_of_the_spec_are_here() -> None:
    spec = (ROOT / "spec" / "altegio-partner.yaml").read_text()
    described = {
        line.split()[0].rstrip(":")
        for line in spec.partition("\npaths:\n")[2].partition("\nwebhooks:")[0].splitlines()
        if line.startswith("  /")
    }
    paths = {re.sub(r"\{\w+\}", r"[0-9]+", path) for path in described}
    assert paths
    sent = {one.request.split()[1].partition("?")[0].removeprefix("/api/v1") for one in OPERATIONS}
    assert {path for path in paths if not any(re.fullmatch(path, one) for one in sent)} == set()
    assert {one for one in sent if not any(re.fullmatch(path, one) for path in paths)} == set()
