"""The table of outcomes: what every answer means, and that the request was sent once."""

import gzip
import json
from typing import Any

import httpx
import pytest

import altegio_partner as ap
from tests.callers import CALLS, Callers
from tests.servers.scripted import ScriptedServer, http

HTML = b"<!DOCTYPE html><html><body>Bad gateway</body></html>"
YES = b'{"success": true}'
PAID = b'{"success": true, "data": {"id": 123}, "meta": []}'
LOOK = "It may have been recorded: look in Altegio before sending it again."


def no(message: str, **meta: Any) -> bytes:
    return json.dumps(
        {"success": False, "data": None, "meta": {**({"message": message} if message else {}), **meta}}
    ).encode()


def outcome(caller: Callers, method: str, answer: bytes) -> Any:
    with ScriptedServer(answer) as server:
        try:
            result = caller(base_url=server.url, max_retries=0)(method, **CALLS[method])
        except ap.AltegioError as error:
            result = error
    assert len(server.requests) == 1
    return result


SUCCESSES = [
    ("notify_payment", http(200, PAID), 123),
    ("notify_payment", http(201, PAID), 123),
    ("notify_payment", http(200, b'{"success": true, "data": {"id": "123"}}'), 123),
    ("notify_payment", http(200, b'{"success": true, "data": {"id": 123.0}}'), 123),
    ("notify_payment", http(200, b'{"success": true, "data": {"id": 9223372036854775807}}'), 2**63 - 1),
    ("notify_payment", http(200, b'{"success": true, "data": {"id": "9223372036854775807"}}'), 2**63 - 1),
    ("notify_payment", http(200, b'{"success": true, "data": {"id": 4503599627370495.0}}'), 2**52 - 1),
    ("notify_payment", http(299, PAID), 123),
    ("notify_payment", http(200, PAID.ljust(2**20)), 123),
    ("notify_payment", http(200, b'{"data": {"id": 123, "new": [1]}, "new": null}'), 123),
    ("notify_payment", http(200, b"\xef\xbb\xbf" + PAID), 123),
    ("notify_payment", http(200, PAID, "Content-Encoding: gzip"), 123),
    ("complete_registration", http(200, YES), None),
    ("complete_registration", http(301, b"", "Location: https://x.example/a?b=c#d"), "https://x.example/a?b=c#d"),
    ("complete_registration", http(301, HTML, "Location: /relative"), "/relative"),
    ("complete_registration", http(301, b"", "Location: https://[::1"), "https://[::1"),
    ("complete_registration", http(301, b"", "Location: https://x.example:99999/"), "https://x.example:99999/"),
    ("complete_registration", http(301, b"", "Location: https://x.example/", length=10), "https://x.example/"),
    ("notify_refund", http(200), None),
    ("notify_refund", http(200, b" \r\n"), None),
    ("notify_refund", http("204"), None),
    ("notify_refund", b"HTTP/1.1 204 No Content\r\n\r\n", None),
    ("notify_refund", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", None),
    ("notify_refund", http(200, YES), None),
    ("notify_refund", http(201), None),
    ("notify_refund", http(201, YES), None),
    ("notify_refund", http(200, b'{"success": true, "data": null, "meta": {"errors": []}, "errors": null}'), None),
]


@pytest.mark.parametrize(("method", "answer", "result"), SUCCESSES)
def test_success(caller: Callers, method: str, answer: bytes, result: object) -> None:
    assert outcome(caller, method, answer) == result


STATUSES = {
    400: ap.InvalidRequestError,
    401: ap.AuthenticationError,
    402: ap.RejectedError,
    403: ap.PermissionDeniedError,
    404: ap.NotFoundError,
    405: ap.RejectedError,
    406: ap.RejectedError,
    408: ap.OutcomeUnknownError,
    409: ap.OutcomeUnknownError,
    410: ap.RejectedError,
    411: ap.RejectedError,
    413: ap.RejectedError,
    414: ap.RejectedError,
    415: ap.RejectedError,
    418: ap.RejectedError,
    422: ap.InvalidRequestError,
    429: ap.RateLimitError,
    431: ap.RejectedError,
    451: ap.RejectedError,
    460: ap.OutcomeUnknownError,
    499: ap.OutcomeUnknownError,
    **dict.fromkeys((500, 501, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 530, 599), ap.ServerError),
    **dict.fromkeys((300, 301, 302, 303, 304, 307, 308, 399, 600, 999), ap.UnreadableAnswerError),
}


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.parametrize("body", [no("Because."), HTML, b""], ids=["json", "html", "empty"])
@pytest.mark.parametrize(("status", "expected"), STATUSES.items())
def test_statuses(caller: Callers, status: int, expected: type[ap.AltegioError], body: bytes) -> None:
    for method in CALLS:
        error = outcome(caller, method, http(status, b"" if status == 304 else body))
        assert type(error) is expected
        assert error.status_code == status
        assert error.message == ("Because." if body.startswith(b"{") and status != 304 else None)
        assert error.safe_to_resend is (expected is ap.RateLimitError)


def test_switching_protocols_is_no_answer(caller: Callers) -> None:
    error = outcome(caller, "notify_payment", b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
    assert isinstance(error, ap.OutcomeUnknownError)


HARMLESS = "The settings may have been saved. Calling again is harmless."


@pytest.mark.parametrize("status", [300, 302, 303, 304, 305, 307, 308, 399])
def test_only_a_301_is_a_registration(caller: Callers, status: int) -> None:
    error = outcome(caller, "complete_registration", http(status, b"", "Location: https://x.example/"))
    assert type(error) is ap.UnreadableAnswerError
    assert str(error).endswith(HARMLESS)


CALLED = "/marketplace/partner/callback/redirect"
LEADS_BACK = [
    CALLED,
    f"https://app.alteg.io{CALLED}",
    f"https://other.example:8443{CALLED}/",
    f"//other.example{CALLED}",
    f"http://x.example/api{CALLED}?salon_id=123#top",
    f"https://x.example/{CALLED}",
    f"https://x.example{CALLED.upper()}",
    "https://x.example/marketplace/partner/callback/%72edirect",
    "https://x.example/marketplace/partner/x/../callback/./redirect",
    "redirect",
    "./redirect/",
    "../callback/redirect",
    "?again",
    "#",
]


@pytest.mark.parametrize("location", LEADS_BACK)
def test_a_301_that_leads_back_is_no_registration(caller: Callers, location: str) -> None:
    """It is of a proxy that prefers another host, scheme or spelling, and has passed nothing on."""
    error = outcome(caller, "complete_registration", http(301, b"", f"Location: {location}"))
    assert type(error) is ap.UnreadableAnswerError
    assert (error.status_code, error.safe_to_resend) == (301, False)
    assert str(error).endswith(HARMLESS)


@pytest.mark.parametrize("location", [f"https://x.example/login?next={CALLED}", f"https://x.example{CALLED}ed"])
def test_a_301_that_leads_elsewhere_is_a_registration(caller: Callers, location: str) -> None:
    assert outcome(caller, "complete_registration", http(301, b"", f"Location: {location}")) == location


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["notify_payment", "notify_refund"])
def test_a_redirect_is_success_for_a_registration_only(caller: Callers, method: str, status: int) -> None:
    error = outcome(caller, method, http(status, b"", "Location: https://x.example/login"))
    assert type(error) is ap.UnreadableAnswerError


def test_a_304_with_a_location_is_unknown(caller: Callers) -> None:
    error = outcome(caller, "complete_registration", http(304, b"", "Location: https://x.example/"))
    assert type(error) is ap.UnreadableAnswerError


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 422, 429, 500, 503, 600])
def test_only_a_3xx_is_a_redirect_whatever_its_location(caller: Callers, status: int) -> None:
    error = outcome(caller, "complete_registration", http(status, b"", "Location: https://x.example/"))
    assert type(error) is STATUSES[status]


def test_a_body_of_more_than_a_mebibyte_is_not_read(caller: Callers) -> None:
    error = outcome(caller, "notify_payment", http(200, PAID.ljust(2**20 + 1)))
    assert str(error) == f"Altegio answered 200 to POST /marketplace/partner/payment: too large. {LOOK}"


UNREADABLE = [
    HTML,
    b"",
    b"null",
    b"[]",
    b'[{"success": true}]',
    b"[" * 200_000,
    PAID[:20],
    PAID.decode().encode("utf-16"),
    b'{"success": true, "text": "\xe9"}',
]
NO_ID = [
    YES,
    b'{"success": 0, "data": {"id": 5}}',
    b'{"success": "false", "data": {"id": 5}}',
    b'{"success": null, "data": {"id": 5}}',
    b'{"success": true, "data": {"id": 4503599627370496.0}}',
    b'{"success": true, "data": {"id": 4503599627370497.5}}',
    b'{"success": true, "data": {"id": 9223372036854775808}}',
    b'{"success": true, "data": {"id": "9223372036854775808"}}',
    b'{"success": true, "data": {"id": "10000000000000000000"}}',
    b'{"success": true, "data": {"id": "' + b"9" * 10_000 + b'"}}',
    b'{"success": true, "data": {"id": "007"}}',
    b'{"success": true, "data": null}',
    b'{"success": true, "data": []}',
    b'{"success": true, "data": "123"}',
    b'{"success": true, "data": 123}',
    b'{"success": true, "data": {"id": null}}',
    b'{"success": true, "data": {"id": true}}',
    b'{"success": true, "data": {"id": 0}}',
    b'{"success": true, "data": {"id": -1}}',
    b'{"success": true, "data": {"id": "0"}}',
    b'{"success": true, "data": {"id": "12a"}}',
    b'{"success": true, "data": {"id": 1.5}}',
    b'{"success": true, "data": {"id": NaN}}',
    b'{"success": true, "data": {"id": 1e300}}',
    b'{"success": true, "data": {"id": 9007199254740993.0}}',
    b'{"success": true, "data": {"id": ' + b"9" * 10_000 + b"}}",
    '{"success": true, "data": {"id": "१२"}}'.encode(),
]


@pytest.mark.parametrize("body", UNREADABLE + NO_ID, ids=lambda body: repr(body)[:40])
def test_a_payment_without_a_readable_id_is_unknown(caller: Callers, body: bytes) -> None:
    error = outcome(caller, "notify_payment", http(200, body))
    assert type(error) is ap.UnreadableAnswerError
    assert error.status_code == 200
    assert not error.safe_to_resend
    assert str(error).endswith(LOOK)


@pytest.mark.parametrize("body", UNREADABLE, ids=lambda body: repr(body)[:40])
def test_a_registration_without_a_readable_yes_is_unknown(caller: Callers, body: bytes) -> None:
    assert type(outcome(caller, "complete_registration", http(200, body))) is ap.UnreadableAnswerError


@pytest.mark.parametrize("body", [body for body in UNREADABLE if body], ids=lambda body: repr(body)[:40])
def test_a_refund_with_an_unreadable_body_is_unknown(caller: Callers, body: bytes) -> None:
    assert type(outcome(caller, "notify_refund", http(200, body))) is ap.UnreadableAnswerError


@pytest.mark.parametrize("body", [b"", YES, no("No such thing.")], ids=["empty", "yes", "no"])
@pytest.mark.parametrize("status", [202, 203, 206, 207, 226, 299])
def test_a_refund_with_another_2xx_is_unknown(caller: Callers, status: int, body: bytes) -> None:
    error = outcome(caller, "notify_refund", http(status, body))
    assert type(error) is ap.UnreadableAnswerError
    assert (error.status_code, error.safe_to_resend) == (status, False)
    assert str(error).endswith(LOOK)


SAYS_NO_YES = [
    b"{}",
    b'{"error": "blocked by the firewall"}',
    b'{"meta": {"message": "Access denied."}}',
    b'{"data": null}',
    b'{"status": "error", "code": 500}',
    b'{"success": true, "errors": {"x": "y"}}',
    b'{"success": true, "meta": {"errors": ["x"]}}',
    b'{"success": true, "meta": {"errors": null}, "errors": ["x"]}',
    b'{"errors": {"payment_id": ["gone"]}}',
]


@pytest.mark.parametrize("method", ["notify_refund", "complete_registration"])
@pytest.mark.parametrize("body", SAYS_NO_YES)
def test_what_does_not_say_yes_is_unknown(caller: Callers, method: str, body: bytes) -> None:
    assert type(outcome(caller, method, http(200, body))) is ap.UnreadableAnswerError


REFUSED = b'{"success": false, "meta": {"message": "no"}}'


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" + REFUSED,
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\r\n" + REFUSED,
        b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n" + REFUSED,
        b"HTTP/1.1 204 No Content\r\n\r\n" + REFUSED,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 40\r\n\r\n0\r\n\r\n" + REFUSED,
    ],
)
def test_an_empty_answer_with_something_behind_it_is_unknown(caller: Callers, answer: bytes) -> None:
    error = outcome(caller, "notify_refund", answer)
    assert type(error) is ap.UnreadableAnswerError
    assert not error.safe_to_resend


def test_what_only_the_end_of_the_connection_ends_is_not_known_to_be_empty(caller: Callers) -> None:
    """It may have been cut before its body came."""
    assert type(outcome(caller, "notify_refund", b"HTTP/1.1 200 OK\r\n\r\n")) is ap.UnreadableAnswerError
    assert type(outcome(caller, "notify_refund", b"HTTP/1.0 200 OK\r\n\r\n")) is ap.UnreadableAnswerError
    assert outcome(caller, "notify_refund", b"HTTP/1.1 200 OK\r\n\r\n" + YES) is None


def test_a_transport_that_reports_no_progress_is_believed(caller: Callers) -> None:
    caller(transport=httpx.MockTransport(lambda _: httpx.Response(200)))("notify_refund", payment_id=1)


@pytest.mark.parametrize(
    "answer",
    [
        http(200, PAID, length=len(PAID) + 1),
        http(200, b" " * 2_000_000),
        http(200, gzip.compress(b" " * 200_000_000), "Content-Encoding: gzip"),
        http(200, gzip.compress(PAID), "Content-Encoding: gzip"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
    ],
    ids=["cut", "too large", "bomb", "gzip", "bad chunk", "cut chunk"],
)
def test_a_flawed_body_is_unknown(caller: Callers, answer: bytes) -> None:
    for method in CALLS:
        error = outcome(caller, method, answer)
        assert type(error) is ap.UnreadableAnswerError
        assert error.status_code == 200


def test_the_status_decides_when_a_refusal_is_cut_short(caller: Callers) -> None:
    error = outcome(caller, "notify_payment", http(422, no("Wrong."), length=9999))
    assert type(error) is ap.InvalidRequestError


@pytest.mark.parametrize("body", [b'{"success": 1}', b'{"success": null}', b'{"success": "true"}'])
def test_what_is_neither_yes_nor_no_is_unknown(caller: Callers, body: bytes) -> None:
    for method in CALLS:
        error = outcome(caller, method, http(200, body))
        assert type(error) is ap.UnreadableAnswerError
        assert "success is neither true nor false" in str(error)


def test_a_registration_needs_a_yes(caller: Callers) -> None:
    error = outcome(caller, "complete_registration", http(200, b'{"meta": {"message": "Log in."}}'))
    assert type(error) is ap.UnreadableAnswerError
    assert error.message == "Log in."


def test_success_false_is_a_refusal(caller: Callers) -> None:
    for method in CALLS:
        error = outcome(caller, method, http(200, no("No such thing.")))
        assert type(error) is ap.RejectedError
        assert (error.status_code, error.message, error.safe_to_resend) == (200, "No such thing.", False)


@pytest.mark.parametrize(
    "message",
    [
        "The user has already installed this application.",
        "The user has already installed this application",
        "Пользователь уже установил это приложение.",
        "Пользователь уже установил это приложение",
    ],
)
def test_already_installed(caller: Callers, message: str) -> None:
    error = outcome(caller, "complete_registration", http(403, no(message)))
    assert type(error) is ap.AlreadyInstalledError
    assert error.message == message
    assert str(error).endswith(f"{message.rstrip('.')}. Nothing is left to do.")


@pytest.mark.parametrize("method", ["notify_payment", "notify_refund", "get_installation"])
def test_already_installed_means_something_to_a_registration_only(caller: Callers, method: str) -> None:
    answer = http(403, no("The user has already installed this application."))
    with ScriptedServer(answer) as server, pytest.raises(ap.PermissionDeniedError) as caught:
        caller(base_url=server.url)(method, **(CALLS.get(method) or {"salon_id": 123}))
    assert type(caught.value) is ap.PermissionDeniedError
    assert "Check that the application is yours" in str(caught.value)


@pytest.mark.parametrize("status", [400, 401, 402, 404, 409, 422, 500])
def test_already_installed_is_a_403_only(caller: Callers, status: int) -> None:
    error = outcome(caller, "complete_registration", http(status, no("The user has already installed it.")))
    assert type(error) is STATUSES[status]


MESSAGES = [
    (
        http(401, no("Authentication needed.")),
        "Altegio answered 401 to POST /marketplace/partner/payment: Authentication needed. Check the partner token.",
    ),
    (
        http(403, no("Access denied.")),
        "Altegio answered 403 to POST /marketplace/partner/payment: Access denied. Check that the application is "
        "yours and connected at this location (to register, for 12 hours).",
    ),
    (
        http(404, b'{"success": false, "data": null, "meta": []}'),
        "Altegio answered 404 to POST /marketplace/partner/payment. Check the ids and the base URL.",
    ),
    (
        http(400, no("Агрегатор не найден")),
        "Altegio answered 400 to POST /marketplace/partner/payment: Агрегатор не найден. "
        "Check the application id and the other fields.",
    ),
    (
        http(422, no("An error has occurred.", errors={"salon_id": ["Required."]})),
        "Altegio answered 422 to POST /marketplace/partner/payment: An error has occurred. "
        '{"salon_id": ["Required."]}. Fix the fields that it names.',
    ),
    (
        http(422, no("", errors={"phone": ["Неверно"]})),
        'Altegio answered 422 to POST /marketplace/partner/payment: {"phone": ["Неверно"]}. '
        "Fix the fields that it names.",
    ),
    (
        http(429),
        "Altegio answered 429 to POST /marketplace/partner/payment. "
        "Too many requests: 5 a second and 200 a minute are allowed. Retry later.",
    ),
    (
        http(429, b"", "Retry-After: 90"),
        "Altegio answered 429 to POST /marketplace/partner/payment. "
        "Too many requests: 5 a second and 200 a minute are allowed. Retry after 90 s.",
    ),
    (http(502, HTML), f"Altegio answered 502 to POST /marketplace/partner/payment. {LOOK}"),
    (http(200, HTML), f"Altegio answered 200 to POST /marketplace/partner/payment: no JSON object. {LOOK}"),
    (
        http(200, YES),
        f"Altegio answered 200 to POST /marketplace/partner/payment: JSON without the expected fields. {LOOK}",
    ),
]


@pytest.mark.parametrize(("answer", "text"), MESSAGES)
def test_messages_say_what_happened_and_what_to_do(caller: Callers, answer: bytes, text: str) -> None:
    assert str(outcome(caller, "notify_payment", answer)) == text


ERRORS: list[tuple[bytes, str | None, object]] = [
    (no("m", errors=[{"phone": "wrong"}]), "m", [{"phone": "wrong"}]),
    (no("m", errors={"phone": ["a", "b"]}), "m", {"phone": ["a", "b"]}),
    (no("m", errors=[{"phone": "+1", "error": "taken"}]), "m", [{"phone": "+1", "error": "taken"}]),
    (no("m", errors="text"), "m", "text"),
    (no("m"), "m", None),
    (b'{"success": false, "meta": [], "message": "m", "errors": {"a": 1}}', "m", {"a": 1}),
    (b'{"success": false, "meta": null}', None, None),
    (b'{"meta": {"message": 5, "errors": 0}}', None, 0),
    (b'{"meta": {"message": ["a"]}}', None, None),
    (b'[{"phone": "wrong"}]', None, [{"phone": "wrong"}]),
    (b'"text"', None, "text"),
    (HTML, None, None),
    (b"\xff\xfe", None, None),
    (b'{"meta": {"message": "a\\u0000b\\u001b[31m\\ud800\\u202e\\n c"}}', "a b [31m c", None),
    (json.dumps({"meta": {"message": "x" * 600}}).encode(), "x" * 500, None),
    (b'{"message": "at most 16 KiB are read for words"}'.ljust(2**14), "at most 16 KiB are read for words", None),
    (b'{"message": "at most 16 KiB are read for words"}'.ljust(2**14 + 1), None, None),
]


@pytest.mark.parametrize(("body", "message", "errors"), ERRORS)
def test_error_bodies_of_every_shape(caller: Callers, body: bytes, message: str | None, errors: object) -> None:
    error = outcome(caller, "notify_payment", http(422, body))
    assert type(error) is ap.InvalidRequestError
    assert (error.message, error.errors) == (message, errors)


def test_deeply_nested_errors_are_kept_as_text(caller: Callers) -> None:
    body = b'{"meta": {"errors": ' + b"[" * 500 + b"]" * 500 + b"}}"
    error = outcome(caller, "notify_payment", http(422, body))
    assert error.errors == body.decode()[:500]


@pytest.mark.parametrize(("first", "last"), [("[", "]"), ('{"a": ', "}")], ids=["list", "dict"])
def test_errors_keep_their_shape_up_to_50_levels(caller: Callers, first: str, last: str) -> None:
    for levels, kept in (50, True), (51, False):
        errors = first * levels + "5" + last * levels
        error = outcome(caller, "notify_payment", http(422, f'{{"meta": {{"errors": {errors}}}}}'.encode()))
        assert error.errors == (json.loads(errors) if kept else f'{{"meta": {{"errors": {errors}}}}}')


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("90", 90.0),
        ("999999999", 999_999_999.0),
        ("1000000000", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 21 Oct 2015 07:28:00 -0000", 0.0),
        ("-5", None),
        ("1.5", None),
        ("9" * 5000, None),
        ("soon", None),
        ("²", None),
        ("Wed, 99 Oct 9999999999 07:28:00 GMT", None),
    ],
)
def test_retry_after(caller: Callers, header: str, seconds: float | None) -> None:
    error = outcome(caller, "notify_payment", http(429, b"", f"Retry-After: {header}"))
    assert error.retry_after == seconds


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 2",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"<html>HTTP/0.9</html>",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000 + b"\r\n\r\n",
        b"HTTP/1.1 103 Early\r\n\r\n" * 3,
    ],
)
def test_what_is_no_http_answer_is_unknown(caller: Callers, answer: bytes) -> None:
    for method in CALLS:
        error = outcome(caller, method, answer)
        assert type(error) is ap.NoAnswerError
        assert (error.status_code, error.message, error.errors) == (None, None, None)
