from datetime import datetime, tzinfo

import pytest


@pytest.fixture(autouse=True)
def _stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the sandbox's clock, unless a test moves it: dates are compared to the second."""
    stopped_at = datetime.now()  # noqa: DTZ005  Altegio's dates have no zone

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # the return type is this class
            assert tz is None
            return stopped_at

    monkeypatch.setattr("altegio_partner.sandbox.sandbox.datetime", Stopped)
