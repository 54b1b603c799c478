from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import altegio_partner as ap
from altegio_partner.ledger import Ledger
from altegio_partner.sandbox import Sandbox
from tests.callers import PAYMENT, Callers
from tests.ledger.paying import KEY, STATUS_DELAY, Clock, Pay


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def sandbox() -> Sandbox:
    """A local Altegio, where location 123 has registered."""
    sandbox = Sandbox(now=datetime(2022, 1, 1))
    sandbox.connect(123)
    with ap.PartnerClient(sandbox.partner_token, application_id=123, transport=sandbox.transport()) as client:
        client.complete_registration(salon_id=123)
    return sandbox


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/payments.db"


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    with Ledger(url, status_delay=STATUS_DELAY) as ledger:
        yield ledger


@pytest.fixture
def call(caller: Callers, sandbox: Sandbox, ledger: Ledger) -> Pay:
    options = {"partner_token": sandbox.partner_token, "application_id": 123, "max_retries": 0, "timeout": 2}
    return caller(**options, transport=sandbox.transport(), ledger=ledger)


@pytest.fixture
def pay(call: Pay) -> Pay:
    def pay(key: str = KEY, **replaced: Any) -> Any:
        return call("notify_payment", **{**PAYMENT, **replaced}, idempotency_key=key)

    return pay
