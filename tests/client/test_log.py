"""One record a call."""

import logging
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

import altegio_partner as ap
from tests.callers import CALLS, Callers
from tests.servers.scripted import ScriptedServer, close, closed_port, http


def record_of(caplog: pytest.LogCaptureFixture) -> logging.LogRecord:
    (record,) = [record for record in caplog.records if record.name == "altegio_partner"]
    return record


def facts(record: logging.LogRecord) -> tuple[object, ...]:
    return tuple(vars(record)[f"altegio_{name}"] for name in ("operation", "outcome", "status", "attempts"))


def test_success(caller: Callers, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with ScriptedServer(http(301, b"", "Location: https://x.example/secret")) as server:
        caller(base_url=server.url)("complete_registration", **CALLS["complete_registration"])
    record = record_of(caplog)
    assert record.levelno == logging.INFO
    assert facts(record) == ("complete_registration", "success", 301, 1)
    milliseconds = vars(record)["altegio_milliseconds"]
    assert 0 <= milliseconds < 1000
    assert record.getMessage() == f"complete_registration: success (status 301, attempts 1, {milliseconds} ms)"


def test_the_time_of_a_call_is_logged_in_milliseconds(
    caller: Callers, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([100.0, 250.1234])
    monkeypatch.setattr("altegio_partner.retry.time", SimpleNamespace(monotonic=lambda: next(clock)))
    caplog.set_level(logging.INFO)
    caller(transport=httpx.MockTransport(lambda _: httpx.Response(200)))("notify_refund", payment_id=1)
    assert vars(record_of(caplog))["altegio_milliseconds"] == 150_123


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


def test_the_reason_is_said(caller: Callers, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ap.NotSentError) as caught:
        caller(base_url=closed_port(), max_retries=0)("notify_refund", payment_id=1)
    record = record_of(caplog)
    assert vars(record)["altegio_reason"] == caught.value.reason
    assert record.getMessage().endswith(f" ms): {caught.value.reason}")
    assert "connection refused" in str(caught.value.reason)


def test_a_record_clashes_with_nothing_that_others_put_there(caller: Callers, caplog: pytest.LogCaptureFixture) -> None:
    """The text is finished, and every key has a prefix: filters may rewrite both, and formatters add their own."""
    caplog.set_level(logging.INFO)
    before = logging.getLogRecordFactory()

    def with_fields(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = before(*args, **kwargs)
        vars(record).update(dict.fromkeys(("operation", "outcome", "status", "attempts", "request_id", "reason"), "-"))
        return record

    logging.setLogRecordFactory(with_fields)
    try:
        with ScriptedServer(http(200)) as server:
            caller(base_url=server.url)("notify_refund", payment_id=1)
    finally:
        logging.setLogRecordFactory(before)
    record = record_of(caplog)
    assert not record.args
    assert record.getMessage() == record.msg
    ours = vars(record).keys() - vars(with_fields("", 0, "", 0, "", (), None)).keys()
    assert {key for key in ours if not key.startswith("altegio_")} <= {"message", "asctime"}


def test_a_handler_that_fails_does_not_hide_the_outcome(caller: Callers, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(_: logging.LogRecord) -> bool:
        raise RuntimeError("the filter broke")

    log = logging.getLogger("altegio_partner")
    log.addFilter(fail)
    try:
        with ScriptedServer(http(422)) as server, pytest.raises(ap.InvalidRequestError):
            caller(base_url=server.url)("notify_refund", payment_id=1)
    finally:
        log.removeFilter(fail)
    assert capsys.readouterr().err.endswith("RuntimeError: the filter broke\n")


def test_nor_does_it_where_standard_error_is_gone(caller: Callers, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: logging.LogRecord) -> bool:
        raise RuntimeError("the filter broke")

    with Path(os.devnull).open("w") as closed:
        pass
    monkeypatch.setattr("sys.stderr", closed)
    monkeypatch.setattr(logging.getLogger("altegio_partner"), "filters", [fail])
    with ScriptedServer(http(200, b'{"success": true, "data": {"id": 57}}')) as server:
        assert caller(base_url=server.url)("notify_payment", **CALLS["notify_payment"]) == 57


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_a_signal_while_the_record_is_written_does_not_lose_the_payment(
    caller: Callers, stop: type[BaseException]
) -> None:
    class Stops(logging.Handler):
        def emit(self, _: logging.LogRecord) -> None:
            raise stop

    log = logging.getLogger("altegio_partner")
    handler, level = Stops(), log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        with (
            ScriptedServer(http(200, b'{"success": true, "data": {"id": 57}}')) as server,
            pytest.raises(stop) as caught,
        ):
            caller(base_url=server.url)("notify_payment", **CALLS["notify_payment"])
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
    assert caught.value.__notes__ == ["Altegio has confirmed POST /marketplace/partner/payment: the result is 57."]


def test_no_handler_is_added() -> None:
    assert logging.getLogger("altegio_partner").handlers == []
