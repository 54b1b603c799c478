"""Neither the partner token nor an api_key shows anywhere but in the request itself."""

import copy
import json
import logging
import pickle
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
import pytest

from altegio_partner import AlreadyInstalledError, AltegioError, AsyncPartnerClient, PartnerClient
from altegio_partner.received_response import ReceivedResponse
from tests.callers import API_KEY, CALLS, TOKEN, Callers
from tests.servers.scripted import ScriptedServer, close, closed_port, http

ECHO = (
    f'{{"success": false, "meta": {{"message": "Bearer {TOKEN} and {API_KEY}",'
    f' "errors": {{"{TOKEN}": ["{API_KEY}", {{"a": ["{TOKEN}"]}}]}}}}, "data": {{"id": "{TOKEN}"}}}}'
).encode()
DEEP_ECHO = b'{"success": false, "meta": {"errors": ' + b"[" * 60 + f'"{TOKEN} {API_KEY}"'.encode() + b"]" * 60 + b"}}"
STATUSES = (200, 302, 401, 403, 409, 422, 429, 500)
ANSWERS = [close, *(http(status, body) for status in STATUSES for body in (ECHO, DEEP_ECHO))]
LIBRARIES = {"altegio_partner", "httpx", "httpcore", "h11"}


def assert_no_secret_in(*texts: str, secrets: Sequence[str] = (TOKEN, API_KEY)) -> None:
    for text in texts:
        for secret in secrets:
            for start in range(len(secret) - 5):
                assert secret[start : start + 6] not in text


def with_locals(error: BaseException) -> str:
    """Write the traceback as tools do that record local variables, but for the frames of those who call us."""
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    frames = [frame for frame in shown.stack if LIBRARIES & set(Path(frame.filename).parts)]
    return "".join(traceback.StackSummary.from_list(frames).format())


def all_there_is(error: BaseException) -> list[str]:
    texts = [repr(error), str(error), repr(vars(error)), repr(error.args), with_locals(error)]
    texts.append("".join(traceback.format_exception(error)) if isinstance(error, AltegioError) else "")
    linked = [other for other in (error.__cause__, error.__context__) if other]
    return texts + [text for other in linked for text in all_there_is(other)]


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: getattr(answer, "__name__", repr(answer)[:60]))
def test_errors_and_logs(caller: Callers, caplog: pytest.LogCaptureFixture, answer: bytes) -> None:
    caplog.set_level(logging.DEBUG)
    for method, arguments in CALLS.items():
        if isinstance(answer, bytes) and "api_key" not in arguments:  # what was not sent cannot be quoted
            answer = answer.replace(API_KEY.encode(), b"-" * len(API_KEY))
        with ScriptedServer(answer) as server, pytest.raises(AltegioError) as caught:
            caller(base_url=server.url, max_retries=0)(method, **arguments)
        assert TOKEN.encode() in server.requests[0]
        assert_no_secret_in(*all_there_is(caught.value))
        assert TOKEN.encode() not in pickle.dumps(caught.value)
    assert_no_secret_in(*(record.getMessage() for record in caplog.records))
    ours = [record for record in caplog.records if record.name.startswith("altegio_partner")]
    assert_no_secret_in(*(repr(vars(record)) for record in ours))


def test_masked_words_stay_legible(caller: Callers) -> None:
    with ScriptedServer(http(422, ECHO)) as server, pytest.raises(AltegioError) as caught:
        caller(base_url=server.url)("complete_registration", salon_id=1, api_key=API_KEY)
    assert caught.value.message == "Bearer ******** and ********"
    assert caught.value.errors == {"********": ["********", {"a": ["********"]}]}


@pytest.mark.parametrize(
    ("key", "body"),
    [
        ("987654321", b'{"meta": {"errors": [987654321, {"api_key": 987654321.0}]}}'),
        ("fake-api-key", b'{"meta": {"message": "FAKE-API-KEY is wrong"}}'),
        ("fake/api/key", b'{"meta": {"errors": ' + b"[" * 60 + b'"fake\\/api\\/key"' + b"]" * 60 + b"}}"),
        (f"fake-{TOKEN}-key", f'{{"meta": {{"message": "fake-{TOKEN}-key"}}}}'.encode()),
    ],
)
def test_secrets_are_masked_however_they_are_quoted(caller: Callers, key: str, body: bytes) -> None:
    with ScriptedServer(http(422, body)) as server, pytest.raises(AltegioError) as caught:
        caller(base_url=server.url)("complete_registration", salon_id=1, api_key=key)
    shown = repr(vars(caught.value)) + str(caught.value)
    for piece in (key[:4], key[-4:], TOKEN):
        assert piece.lower() not in shown.lower().replace("api_key", "")
    assert "********" in shown


@pytest.mark.parametrize("secret", [TOKEN, API_KEY])
def test_pieces_of_secrets_are_masked_too(caller: Callers, secret: str) -> None:
    pieces = [secret[:6], secret[3:12], secret[-7:], secret[1:], f"{secret[:-1]}…", secret[4:15].upper()]
    message = ", ".join(f"it begins with '{piece}'" for piece in pieces)
    body = json.dumps({"meta": {"message": message, "errors": {piece: [piece] for piece in pieces}}}).encode()
    with ScriptedServer(http(422, body)) as server, pytest.raises(AltegioError) as caught:
        caller(base_url=server.url)("complete_registration", salon_id=1, api_key=API_KEY)
    assert_no_secret_in(*all_there_is(caught.value))
    assert_no_secret_in(*(text.lower() for text in all_there_is(caught.value)), secrets=[secret.lower()])
    assert (caught.value.message or "").count("it begins with '********") == len(pieces)


def test_every_piece_of_a_key_is_masked_from_the_first_to_the_last(caller: Callers) -> None:
    key = "0123456789-abcdefghij"
    message = ", ".join(key[at : at + 6] for at in range(len(key) - 5))
    body = json.dumps({"meta": {"message": message}}).encode()
    with ScriptedServer(http(422, body)) as server, pytest.raises(AltegioError) as caught:
        caller(base_url=server.url)("complete_registration", salon_id=1, api_key=key)
    assert caught.value.message == ", ".join(["********"] * (len(key) - 5))


def test_fewer_than_six_characters_of_a_secret_are_words_like_others(caller: Callers) -> None:
    body = json.dumps({"meta": {"message": f"{API_KEY[:5]}, {API_KEY[-5:]}"}}).encode()
    with ScriptedServer(http(422, body)) as server, pytest.raises(AltegioError) as caught:
        caller(base_url=server.url)("complete_registration", salon_id=1, api_key=API_KEY)
    assert caught.value.message == f"{API_KEY[:5]}, {API_KEY[-5:]}"


def test_a_secret_that_begins_with_another_is_masked_whole(caller: Callers) -> None:
    body = json.dumps({"meta": {"message": f"{TOKEN}-ab is wrong"}}).encode()
    with ScriptedServer(http(422, body)) as server, pytest.raises(AltegioError) as caught:
        caller(base_url=server.url)("complete_registration", salon_id=1, api_key=f"{TOKEN}-ab")
    assert caught.value.message == "******** is wrong"


def test_a_key_that_is_a_word_of_the_answer_does_not_change_its_meaning(caller: Callers) -> None:
    body = b'{"meta": {"message": "The user has already installed this application."}}'
    with ScriptedServer(http(403, body)) as server, pytest.raises(AlreadyInstalledError):
        caller(base_url=server.url)("complete_registration", salon_id=1, api_key="install")


def test_an_address_at_which_nobody_listens(caller: Callers) -> None:
    with pytest.raises(AltegioError) as caught:
        caller(base_url=closed_port(), max_retries=0)("complete_registration", salon_id=1, api_key=API_KEY)
    assert_no_secret_in(*all_there_is(caught.value))


def test_bad_arguments(caller: Callers) -> None:
    for wrong in ({"salon_id": 0}, {"webhook_urls": [f"http://{API_KEY}.example"]}, {"api_key": API_KEY.encode()}):
        with pytest.raises(ValueError, match="must be") as caught:
            caller()("complete_registration", **{"salon_id": 1, "api_key": API_KEY, **wrong})
        assert_no_secret_in(*all_there_is(caught.value))


@pytest.mark.parametrize("client", [PartnerClient, AsyncPartnerClient])
@pytest.mark.parametrize(
    "wrong",
    [
        {"partner_token": f"{TOKEN}\n"},
        {"partner_token": f"Bearer {TOKEN}"},
        {"partner_token": f"<{TOKEN}>"},
        {"partner_token": TOKEN.encode()},
        {"application_id": 0},
        {"base_url": f"https://{TOKEN}@app.alteg.io"},
        {"base_url": f"https://app.alteg.io/?token={TOKEN}"},
        {"base_url": f"http://{TOKEN}.example"},
        {"timezone": "Nowhere"},
        {"timeout": 0},
        {"max_retries": -1},
    ],
    ids=str,
)
def test_bad_settings(client: Callable[..., object], wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must be") as caught:
        client(**{"partner_token": TOKEN, "application_id": 1, **wrong})
    assert_no_secret_in(*all_there_is(caught.value))


def test_an_answer_does_not_show_what_is_in_it() -> None:
    body = bytearray(f"{TOKEN} {API_KEY}".encode())
    answer = ReceivedResponse(302, is_bounded=True, location=f"https://x.example/{TOKEN}", body=body)
    assert_no_secret_in(repr(answer))


def test_a_token_in_the_address_for_the_browser_is_masked(caller: Callers) -> None:
    """A registration returns what Altegio sends, and the browser of an owner gets it."""
    user = "fake-user-token-9876543210"
    location = f"https://x.example/next?a={TOKEN}&b={user}&key={API_KEY}"

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(301, headers={"Location": location})

    for more, masked in (({}, location.replace(TOKEN, "********")), ({"user_token": user}, None)):
        call = caller(transport=httpx.MockTransport(answer), **more)
        got = call("complete_registration", salon_id=1, api_key=API_KEY)
        assert got == (masked or f"https://x.example/next?a=********&b=********&key={API_KEY}")


class Stop(BaseException):
    """Somebody ends the program."""


def test_what_cancels_a_call_leaves_the_frames_of_the_transport_behind(caller: Callers) -> None:
    def stop(request: httpx.Request) -> httpx.Response:
        headers = dict(request.headers)
        raise Stop(len(headers))

    with pytest.raises(Stop) as caught:
        caller(transport=httpx.MockTransport(stop))("complete_registration", salon_id=1, api_key=API_KEY)
    assert_no_secret_in(*all_there_is(caught.value))


@pytest.mark.parametrize("client", [PartnerClient, AsyncPartnerClient])
def test_a_client_shows_no_token_and_can_be_neither_pickled_nor_copied(client: Callable[..., object]) -> None:
    partner = client(TOKEN, application_id=1)
    parts = [vars(part) for part in vars(partner).values() if hasattr(part, "__dict__")]
    assert_no_secret_in(repr(partner), repr(vars(partner)), repr(parts))
    for spread in (copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="holds the partner token and can be neither pickled nor copied"):
            spread(partner)
