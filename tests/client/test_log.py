"""One record a call."""

import logging
from types import SimpleNamespace

import httpx
import pytest

import altegio_partner as ap
from tests.callers import CALLS, Callers
from tests.servers.scripted import ScriptedServer, close, http


def record_of(caplog: pytest.LogCaptureFixture) -> logging.LogRecord:
    (record,) = [record for record in caplog.records if record.name == "altegio_partner"]
    return record


def facts(record: logging.LogRecord) -> tuple[object, ...]:
    return tuple(vars(record)[name] for name in ("operation", "outcome", "status", "attempts"))


def test_success(caller: Callers, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with ScriptedServer(http(301, b"", "Location: https://x.example/secret")) as server:
        caller(base_url=server.url)("complete_registration", **CALLS["complete_registration"])
    record = record_of(caplog)
    assert record.levelno == logging.INFO
    assert facts(record) == ("complete_registration", "success", 301, 1)
    milliseconds = vars(record)["milliseconds"]
    assert 0 <= milliseconds < 1000
    assert record.getMessage() == f"complete_registration: success (status 301, attempts 1, {milliseconds} ms)"


def test_the_time_of_a_call_is_told_in_milliseconds(
    caller: Callers, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([100.0, 250.1234])
    monkeypatch.setattr("altegio_partner.conversation.time", SimpleNamespace(monotonic=lambda: next(clock)))
    caplog.set_level(logging.INFO)
    caller(transport=httpx.MockTransport(lambda _: httpx.Response(200)))("notify_refund", payment_id=1)
    assert vars(record_of(caplog))["milliseconds"] == 150_123


def test_refusal(caller: Callers, caplog: pytest.LogCaptureFixture) -> None:
    with ScriptedServer(http(401)) as server, pytest.raises(ap.AuthenticationError):
        caller(base_url=server.url)("notify_refund", payment_id=1)
    record = record_of(caplog)
    assert record.levelno == logging.WARNING
    assert facts(record) == ("notify_refund", "AuthenticationError", 401, 1)


def test_no_answer(caller: Callers, caplog: pytest.LogCaptureFixture) -> None:
    with ScriptedServer(http(429, b"", "Retry-After: 0"), close) as server, pytest.raises(ap.NoAnswerError):
        caller(base_url=server.url)("notify_payment", **CALLS["notify_payment"])
    assert facts(record_of(caplog)) == ("notify_payment", "NoAnswerError", None, 2)


def test_cancelled(caller: Callers, caplog: pytest.LogCaptureFixture) -> None:
    def stop(_: httpx.Request) -> httpx.Response:
        raise SystemExit

    with pytest.raises(SystemExit):
        caller(transport=httpx.MockTransport(stop))("notify_refund", payment_id=1)
    assert facts(record_of(caplog)) == ("notify_refund", "cancelled", None, 1)


def test_no_handler_is_added() -> None:
    assert logging.getLogger("altegio_partner").handlers == []
