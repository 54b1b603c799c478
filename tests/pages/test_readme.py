"""The code of the README runs."""

from pathlib import Path

import pytest

from altegio_partner.sandbox import Sandbox
from tests.pages.page import Page

README = Page(Path(__file__).parents[2] / "README.md")
BLOCKS = README.code()


def test_it_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    sandbox = Sandbox()
    sandbox.connect(123)
    sandbox.connect(124)
    names: dict[str, object] = {}
    assert len(BLOCKS) == 3
    with sandbox.serve() as url:
        monkeypatch.setenv("ALTEGIO_BASE_URL", url)
        monkeypatch.setenv("ALTEGIO_PARTNER_TOKEN", sandbox.partner_token)
        monkeypatch.setenv("ALTEGIO_APPLICATION_ID", str(sandbox.application_id))
        for block in BLOCKS:
            exec(block, names)  # noqa: S102  that is what readers do
        exec("partner.close()", names)  # noqa: S102
    assert [exchange.response.status for exchange in sandbox.calls] == [301, 200, 200, 422, 301]
    assert [payment.is_refunded for payment in sandbox.payments(123)] == [True]
    assert capsys.readouterr().out == (
        "Fix it: Altegio answered 422 to POST /marketplace/partner/payment/refund/123: An error has occurred. "
        '{"payment_id": ["The payment is already refunded."]}. Fix the fields that it names.\n'
    )


def test_it_is_short() -> None:
    lines = README.text.splitlines()
    assert len(lines) < 100
    assert next(number for number, line in enumerate(lines) if line.startswith("partner = PartnerClient()")) < 30
