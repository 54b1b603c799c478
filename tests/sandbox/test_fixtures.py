"""The sandbox in users' tests: its assertions and pytest fixtures."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from altegio_partner import AltegioError, PartnerClient
from altegio_partner.sandbox import Sandbox
from altegio_partner.sandbox.environment import settings_for
from tests.callers import PAYMENT

SALON = 123


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(now=datetime(2022, 1, 1, 10, 10))


@pytest.fixture
def partner(sandbox: Sandbox) -> Iterator[PartnerClient]:
    with PartnerClient(
        sandbox.partner_token, application_id=123, transport=sandbox.transport(), max_retries=0
    ) as partner:
        sandbox.connect(SALON)
        yield partner


def test_registered(sandbox: Sandbox, partner: PartnerClient) -> None:
    with pytest.raises(AssertionError) as caught:
        sandbox.assert_registered(SALON)
    assert str(caught.value) == (
        "The application should be active at location 123, but is pending.\nThere were no calls."
    )
    partner.complete_registration(salon_id=SALON)
    sandbox.assert_registered(SALON)


def test_paid_once(sandbox: Sandbox, partner: PartnerClient) -> None:
    with pytest.raises(AltegioError):
        partner.notify_payment(**PAYMENT)
    with pytest.raises(AssertionError) as caught:
        sandbox.assert_paid_once(SALON, "990.99", "EUR")
    assert str(caught.value) == (
        "Location 123 should have paid once, payment_sum 990.99, currency_iso EUR. Altegio recorded 0 such payments.\n"
        "The location has no payments.\n"
        "The latest calls:\n"
        "  POST /marketplace/partner/payment answered 403: The application is pending at this location. "
        "By choice (payment_while_not_installed): whether Altegio rejects this is unknown."
    )
    partner.complete_registration(salon_id=SALON)
    payment_id = partner.notify_payment(**PAYMENT)
    found = sandbox.assert_paid_once(SALON, "990.99", payment_date=PAYMENT["payment_date"])
    assert (found.id, found.payment_sum) == (payment_id, Decimal("990.99"))
    sandbox.assert_paid_once(SALON, payment_date=PAYMENT["payment_date"].replace(microsecond=5))
    for wrong in ({"payment_sum": 991}, {"currency_iso": "USD"}, {"period_from": datetime(2022, 1, 2)}):
        with pytest.raises(AssertionError, match="recorded 0 such payments"):
            sandbox.assert_paid_once(SALON, **wrong)
    sandbox.inject_fault("lose_answer")
    with pytest.raises(AltegioError):
        partner.notify_payment(**PAYMENT)
    with pytest.raises(AssertionError) as caught:
        sandbox.assert_paid_once(SALON, period_to=PAYMENT["period_to"])
    period = "paid 2022-01-01 10:10:00, from 2022-01-01 10:10:00 to 2022-02-01 10:10:00"
    assert str(caught.value) == (
        "Location 123 should have paid once, period_to 2022-02-01 10:10:00. Altegio recorded 2 such payments.\n"
        "Payments of the location:\n"
        f"  123: 990.99 EUR, {period}\n"
        f"  124: 990.99 EUR, {period}\n"
        "The latest calls:\n"
        "  POST /marketplace/partner/payment answered 403: The application is pending at this location. "
        "By choice (payment_while_not_installed): whether Altegio rejects this is unknown.\n"
        "  POST /marketplace/partner/callback/redirect answered 301\n"
        "  POST /marketplace/partner/payment answered 200\n"
        "  POST /marketplace/partner/payment answered 200, injected fault lose_answer"
    )


def test_not_paid_and_refunded(sandbox: Sandbox, partner: PartnerClient) -> None:
    sandbox.assert_not_paid(SALON)
    partner.complete_registration(salon_id=SALON)
    payment_id = partner.notify_payment(**PAYMENT)
    with pytest.raises(AssertionError, match=r"Location 123 should not have paid. Altegio recorded 1 payments\.\nPaym"):
        sandbox.assert_not_paid(SALON)
    with pytest.raises(AssertionError, match=r"Payment 123 of location 123 should be refunded, but is not\."):
        sandbox.assert_refunded(SALON, payment_id)
    partner.notify_refund(payment_id)
    sandbox.assert_refunded(SALON, payment_id)
    sandbox.assert_paid_once(SALON)
    with pytest.raises(AssertionError, match="refunded 2022-01-01 10:10:"):
        sandbox.assert_not_paid(SALON)


def test_an_assertion_points_at_the_line_of_the_test(tmp_path: Path) -> None:
    code = "def test_mine(altegio_sandbox):\n    altegio_sandbox.assert_registered(5)\n"
    ran = run_pytest(tmp_path, code)
    assert ran.returncode == 1
    assert "test_it.py:2: AssertionError" in ran.stdout
    assert "assertions.py" not in ran.stdout
    assert "The application should be active at location 5, but is uninstalled." in ran.stdout


def run_pytest(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_it.py").write_text(code)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE", "PYTEST"))}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-W", "error", "test_it.py"]
    return subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, check=False)


def test_the_fixtures(altegio_sandbox: Sandbox, altegio_sandbox_url: str, request: pytest.FixtureRequest) -> None:
    altegio_sandbox.connect(SALON)
    with PartnerClient() as partner:
        assert partner.complete_registration(salon_id=SALON) == f"{altegio_sandbox_url}/further-setup?salon_id={SALON}"
        assert partner.webhooks.get_settings(salon_id=SALON).urls == ()  # which needs the user token
    altegio_sandbox.assert_registered(SALON)
    assert request.getfixturevalue("altegio_sandbox") is altegio_sandbox


@pytest.fixture
def settings_of_the_real_altegio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALTEGIO_API_URL", "https://api.alteg.io/api/v1")
    monkeypatch.setenv("ALTEGIO_TARIFFS_URL", "https://app.alteg.io")
    monkeypatch.setenv("ALTEGIO_PARTNER_TOKEN_FILE", "/of/the/real/altegio")


@pytest.mark.usefixtures("settings_of_the_real_altegio")
def test_settings_of_the_real_altegio_do_not_apply(altegio_sandbox: Sandbox, altegio_sandbox_url: str) -> None:
    altegio_sandbox.connect(SALON)
    altegio_sandbox.register(SALON)
    with PartnerClient() as partner:
        partner.list_tariffs()
        partner.webhooks.get_settings(salon_id=SALON)
    assert [call.operation for call in altegio_sandbox.calls] == ["list_tariffs", "get_webhook_settings"]
    environment = {name: value for name, value in os.environ.items() if name.startswith("ALTEGIO_")}
    assert environment == settings_for(altegio_sandbox, altegio_sandbox_url)


def test_each_test_has_a_new_sandbox(altegio_sandbox: Sandbox) -> None:
    assert (altegio_sandbox.calls, altegio_sandbox.installation(SALON).status) == ([], "uninstalled")


def test_nothing_is_imported_until_it_is_used(tmp_path: Path) -> None:
    ran = run_pytest(
        tmp_path,
        "import sys\n"
        "def test_before():\n"
        "    assert 'pytest_altegio_sandbox' in sys.modules\n"
        "    names = ('altegio_partner', 'altegio_partner_api', 'httpx', 'h11', 'jinja2')\n"
        "    assert [name for name in names if name in sys.modules] == []\n"
        "def test_then(altegio_sandbox):\n"
        "    assert 'altegio_partner.sandbox' in sys.modules\n"
        "    assert 'jinja2' not in sys.modules\n",
    )
    assert (ran.returncode, "2 passed" in ran.stdout) == (0, True), ran.stdout
