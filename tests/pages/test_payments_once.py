"""The code of docs/payments-once.md runs, in order, and does what the page says."""

from pathlib import Path

import pytest

from altegio_partner import OutcomeUnknownError, PartnerClient
from altegio_partner.sandbox import Sandbox
from tests.pages.page import Page

PAYING, LOOKING, RECORDING = Page.of("payments-once").code()


def test_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    sandbox = Sandbox()
    sandbox.connect(123)
    with sandbox.serve() as url:
        monkeypatch.setenv("ALTEGIO_BASE_URL", url)
        monkeypatch.setenv("ALTEGIO_PARTNER_TOKEN", sandbox.partner_token)
        monkeypatch.setenv("ALTEGIO_APPLICATION_ID", str(sandbox.application_id))
        names: dict[str, object] = {}
        with PartnerClient() as client:
            client.complete_registration(salon_id=123)
        exec(PAYING.replace("sqlite:////var/lib/billing", f"sqlite:///{tmp_path}"), names)  # noqa: S102  of the page
        assert len(sandbox.payments(123)) == 1
        for number in (43, 44):
            sandbox.inject_fault("drop_call")
            losing = f"partner.notify_payment(**invoice, idempotency_key='invoice-2026-00{number}')"
            with pytest.raises(OutcomeUnknownError):
                exec(losing, names)  # noqa: S102
        exec(LOOKING, names)  # noqa: S102
        assert capsys.readouterr().out.count("notify_payment {'currency_iso': 'EUR'") == 2
        exec(RECORDING, names)  # noqa: S102
        exec("left = ledger.pending(); ledger.close(); partner.close()", names)  # noqa: S102
        assert names["left"] == []
