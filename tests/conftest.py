import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.callers import APPLICATION, TOKEN, Caller, Callers


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALTEGIO_PARTNER_TOKEN", "ALTEGIO_APPLICATION_ID", "ALTEGIO_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Make Ctrl-C work, also where these tests run in the background of a shell, which turns it off."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(params=["sync", "asyncio", "trio"])
def caller(request: pytest.FixtureRequest) -> Callers:
    """Makes callers of each kind, given the options of the client."""

    def make(**options: Any) -> Caller:
        return Caller(request.param, {"partner_token": TOKEN, "application_id": APPLICATION, **options})

    return make
