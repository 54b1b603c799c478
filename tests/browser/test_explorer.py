"""The API explorer in a real Chromium: calls are sent and answered, and nothing outside is asked for."""

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from altegio_partner.sandbox import OPERATION_NAMES, Sandbox
from tests.browser.chromium import inaccessible


@pytest.fixture
def sandbox() -> Sandbox:
    """One whose settings are not the defaults, with a location that the owner has connected."""
    sandbox = Sandbox(partner_token="another-partner-token", user_token="another-user-token", application_id=77)
    sandbox.connect(123)
    return sandbox


@pytest.fixture
def explorer(page: Page, sandbox: Sandbox) -> Iterator[Page]:
    """The page. All that it loads, with whatever is sent from it, comes from the sandbox."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with sandbox.serve() as url:
        page.goto(f"{url}/explorer")
        yield page
        assert {urlsplit(one).netloc for one in asked} == {urlsplit(url).netloc}


def opened(explorer: Page, name: str) -> Locator:
    """Open a call, and return its form."""
    explorer.locator(f"#{name} > summary").click()
    return explorer.get_by_role("form", name=name, exact=True)


def send(form: Locator) -> Locator:
    form.get_by_role("button", name="Send").click()
    answer = form.locator(".answer")
    expect(answer).not_to_contain_text("Waiting")
    return answer


def test_every_call_is_sent_with_the_tokens_of_the_sandbox(explorer: Page, sandbox: Sandbox) -> None:
    """In the order of the page: registered, paid, refunded, uninstalled; what is filled in is valid."""
    calls = explorer.locator("form").evaluate_all("forms => forms.map(one => one.ariaLabel)")
    assert len(calls) == len(OPERATION_NAMES)
    outcomes: dict[str, str] = {}
    for name in calls:
        form = opened(explorer, name)
        if form.get_by_role("button", name="Send").count():
            outcomes[name] = (send(form).locator("b").first.text_content() or "").strip()
        if name == "uninstall":
            sandbox.connect(123)
            sandbox.register(123)
    assert outcomes == {
        "completeRegistration": "301", "activate": "403", "notifyPayment": "200", "notifyRefund": "200",
        "setSmsSenderNames": "201", "getInstallation": "200", "uninstall": "200", "listLocations": "200",
        "listTariffs": "200", "setDiscount": "404", "getPaymentLink": "200", "setChannelAvailability": "200",
        "getWebhookSettings": "200", "updateWebhookSettings": "201", "sendVoipCommand": "202", "listCountries": "200",
        "listCities": "200", "listBusinessGroups": "200",
    }  # fmt: skip
    assert [call.operation for call in sandbox.calls if call.operation is None] == []


def test_a_redirect_is_shown_and_not_followed(explorer: Page, sandbox: Sandbox) -> None:
    answer = send(opened(explorer, "completeRegistration"))
    expect(answer).to_contain_text("301")
    expect(answer).to_contain_text("/further-setup?salon_id=123")
    assert [call.request.path for call in sandbox.calls] == ["/marketplace/partner/callback/redirect"]


def test_a_screen_reader_says_the_outcome_without_the_body(explorer: Page) -> None:
    form = opened(explorer, "notifyPayment")
    expect(send(form)).to_contain_text("Access denied.")
    expect(form.get_by_role("status")).to_have_text(
        "403 The application is pending at this location. "
        "By choice (payment_while_not_installed): whether Altegio rejects this is unknown."
    )


def test_a_refusal_says_why(explorer: Page) -> None:
    form = opened(explorer, "notifyPayment")
    form.get_by_role("textbox", name="Body").fill(json.dumps({"salon_id": "123"}))
    answer = send(form)
    expect(answer).to_contain_text("422")
    expect(answer).to_contain_text("currency_iso: This must be three capital letters.")
    explorer.get_by_label("Partner token").fill("wrong")
    expect(send(form)).to_contain_text("401 The Authorization header must be 'Bearer' and the partner token.")


def test_parameters_of_the_path_and_the_query(explorer: Page, sandbox: Sandbox) -> None:
    sandbox.register(123)
    form = opened(explorer, "getPaymentLink")
    form.get_by_label("discount").fill("5")
    form.get_by_label("tariff_option_id").fill("")
    expect(send(form)).to_contain_text("salon_id=123&application_id=77&discount=5&source=api")
    status = opened(explorer, "getInstallation")
    status.get_by_label("salon_id").fill("5")
    expect(send(status)).to_contain_text("404 The application is not installed at location 5.")


def test_a_fault_of_one_call(explorer: Page, sandbox: Sandbox) -> None:
    sandbox.register(123)
    form = opened(explorer, "notifyPayment")
    form.get_by_label("Fault").select_option("html_502")
    answer = send(form)
    expect(answer).to_contain_text("502 Injected fault html_502.")
    form.get_by_label("Fault").select_option("cut_body")
    expect(send(form)).to_contain_text("The browser received no complete answer: Failed to fetch.")
    assert [call.fault for call in sandbox.calls] == ["html_502", "cut_body"]


def test_a_browser_that_reports_a_payment_twice(explorer: Page, sandbox: Sandbox) -> None:
    """Chromium sends a call again whose answer is lost on a kept connection, and the page says so."""
    sandbox.register(123)
    sandbox.inject_fault("lose_answer", operation="notify_payment")
    answer = send(opened(explorer, "notifyPayment"))
    expect(answer).to_contain_text("Your browser has sent the call 2 times")
    expect(answer.locator("b")).to_have_text(["200", "200"])
    assert [call.fault for call in sandbox.calls] == ["lose_answer", None]
    assert len(sandbox.payments(123)) == 2


def test_a_call_that_no_browser_can_send_is_a_command(explorer: Page) -> None:
    form = opened(explorer, "listCalls")
    assert form.get_by_role("button", name="Send").count() == 0
    expect(form.locator("pre")).to_contain_text("curl -i -X GET")
    expect(form.locator("pre")).to_contain_text("Bearer $ALTEGIO_PARTNER_TOKEN, User $ALTEGIO_USER_TOKEN")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_is_accessible(explorer: Page, scheme: str, width: int) -> None:
    explorer.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    explorer.set_viewport_size({"width": width, "height": 900})
    explorer.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    send(explorer.get_by_role("form", name="notifyPayment", exact=True))
    assert explorer.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert inaccessible(explorer) == []
