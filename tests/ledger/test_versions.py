"""Ledgers that earlier releases wrote are read by this one; what a later one wrote is never misread."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

import altegio_partner as ap
from altegio_partner.ledger import Ledger, LedgerUnavailableError
from altegio_partner.sandbox import Sandbox
from tests.callers import PAYMENT, Callers
from tests.ledger.paying import KEY, LATER, Pay, posts

FOLDER = Path(__file__).parent / "versions"
VERSIONS = sorted(path.stem for path in FOLDER.glob("*.sqlite"))
SHOWN = {
    "id": 125,
    "payment_sum": 990.99,
    "payment_date": "2022-01-05 00:00:00",
    "period_from": "2022-01-01 10:10:00",
    "period_to": "2022-03-01 00:00:00",
    "is_refunded": False,
}


@pytest.fixture(params=[f"{version}.{form}" for version in VERSIONS for form in ("sqlite", "sql")])
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """A ledger that an earlier release wrote: "recorded", its refund, "pending", and the pending refund of 124."""
    file = tmp_path / "payments.db"
    if request.param.endswith(".sqlite"):
        shutil.copy(FOLDER / request.param, file)
    else:
        with closing(sqlite3.connect(file)) as db:
            db.executescript((FOLDER / request.param).read_text())
    with Ledger(f"sqlite:///{file}") as ledger:
        yield ledger


def test_there_is_one_of_each_version() -> None:
    assert VERSIONS == ["v1"]


def test_a_ledger_of_an_earlier_release(caller: Callers, written: Ledger) -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(f"{request.method} {request.url.path}")
        assert request.method == "GET"
        return httpx.Response(200, json={"data": {"payments": [SHOWN, {"id": 124, "is_refunded": True}]}})

    transport = httpx.MockTransport(answer)
    call = caller(partner_token="sandbox-partner-token", application_id=123, transport=transport, ledger=written)
    assert written.status_delay == timedelta(hours=1)
    assert [(one.operation, one.idempotency_key) for one in written.pending()] == [
        ("notify_payment", "pending"),
        ("notify_refund", "124"),
    ]
    entry = written.get("recorded")
    assert entry
    assert (entry.payment_id, entry.origin, entry.application_id) == (123, "https://app.alteg.io", 123)
    assert entry.payload == {
        "salon_id": "123",
        "payment_sum": "990.99",
        "currency_iso": "EUR",
        "payment_date": "2022-01-01 10:10:00",
        "period_from": "2022-01-01 10:10:00",
        "period_to": "2022-02-01 10:10:00",
    }
    assert call("notify_payment", **PAYMENT, idempotency_key="recorded") == 123
    assert call("notify_refund", payment_id=123) is None
    assert sent == []
    with pytest.raises(ValueError, match="period_to was 2022-03-01 00:00:00, not 2022-02-01 10:10:00"):
        call("notify_payment", **PAYMENT, idempotency_key="pending")
    assert call("notify_payment", **{**PAYMENT, **LATER}, idempotency_key="pending") == 125
    assert call("reconcile", idempotency_key="124", operation="notify_refund") == 124
    assert (len(sent), written.pending()) == (2, [])


def change_payload(ledger: Ledger, changed: dict[str, Any]) -> None:
    with closing(sqlite3.connect(repr(ledger)[len("Ledger(sqlite:///") : -1])) as db, db:
        (payload,) = db.execute("SELECT payload FROM altegio_ledger").fetchone()
        db.execute("UPDATE altegio_ledger SET payload = ?", [json.dumps({**json.loads(payload), **changed})])


@pytest.mark.parametrize("lost", [False, True])
def test_a_payload_of_a_later_release(pay: Pay, call: Pay, ledger: Ledger, sandbox: Sandbox, lost: bool) -> None:
    """It may mean something else: nothing is concluded from it, and above all no other key is advised."""
    if lost:
        sandbox.inject_fault("drop_call")
        with pytest.raises(ap.NoAnswerError):
            pay()
    else:
        pay()
    change_payload(ledger, {"version": 2})
    uses: list[Callable[[], object]] = [
        pay,
        partial(ledger.get, KEY),
        *([partial(call, "reconcile", idempotency_key=KEY)] if lost else []),
    ]
    for use in uses:
        with pytest.raises(LedgerUnavailableError, match=r"of a later release .*nothing was sent: update") as caught:
            use()
        assert "another key" not in str(caught.value)
    assert posts(sandbox) == 1


@pytest.mark.parametrize("payment_sum", ["990.990", "990.9900"])
def test_a_sum_that_was_written_in_another_way(pay: Pay, ledger: Ledger, payment_sum: str) -> None:
    assert pay() == 123
    change_payload(ledger, {"payment_sum": payment_sum})
    assert pay() == 123
    entry = ledger.get(KEY)
    assert entry
    assert entry.payload["payment_sum"] == "990.99"


def test_what_is_stored_has_names_of_the_ledger(pay: Pay, ledger: Ledger) -> None:
    """Altegio may rename its fields: what was stored before stays comparable."""
    pay()
    with closing(sqlite3.connect(repr(ledger)[len("Ledger(sqlite:///") : -1])) as db:
        (payload,) = db.execute("SELECT payload FROM altegio_ledger").fetchone()
    assert json.loads(payload) == {
        "version": 1,
        "salon_id": "123",
        "payment_sum": "990.99",
        "currency_iso": "EUR",
        "payment_date": "2022-01-01 10:10:00",
        "period_from": "2022-01-01 10:10:00",
        "period_to": "2022-02-01 10:10:00",
    }
    assert datetime.fromisoformat(json.loads(payload)["payment_date"]) == PAYMENT["payment_date"]
