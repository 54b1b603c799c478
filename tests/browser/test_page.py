"""The sandbox's page in a real Chromium, with a real partner application: examples/fastapi_app.py."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Locator, Page, expect, sync_playwright

from altegio_partner.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SALON = "123"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "Chromium is missing: install it, on Debian with apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page without console errors: no failing script, no violation of its content security policy."""
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:  # icons, 4xx
            errors.append(message.text)

    page = browser.new_page()
    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.close()
    assert errors == []


@contextmanager
def application(sandbox: Sandbox, url: str, port: int) -> Iterator[str]:
    settings = {
        "ALTEGIO_BASE_URL": url,
        "ALTEGIO_PARTNER_TOKEN": sandbox.partner_token,
        "ALTEGIO_APPLICATION_ID": str(sandbox.application_id),
    }
    command = [sys.executable, "-m", "uvicorn", "--app-dir", "examples", "--port", str(port), "fastapi_app:app"]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | settings, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        for line in process.stderr:
            if "running on" in line:
                break
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.communicate(timeout=10)


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def rows(page: Page, section: str) -> Locator:
    return page.locator(f"#{section} tbody tr")


def test_connect_register_pay_refund_uninstall(page: Page, free_port: int) -> None:
    partner = f"http://127.0.0.1:{free_port}"
    sandbox = Sandbox(registration_url=f"{partner}/register", callback_url=f"{partner}/altegio")
    with sandbox.serve() as url, application(sandbox, url, free_port):
        page.goto(url)
        expect(page.locator("#locations")).to_have_text("No owner has clicked Connect yet.")
        page.get_by_role("button", name="Connect").click()

        expect(page).to_have_url(f"{partner}/register?salon_id={SALON}")
        page.get_by_label("Name").fill("<b>Zoë</b>")
        page.get_by_role("button", name="Register").click()

        expect(page).to_have_url(f"{url}/further-setup?salon_id={SALON}")
        expect(rows(page, "locations")).to_contain_text(["active"])
        page.goto(partner)
        page.get_by_role("button", name=f"Pay for location {SALON}").click()
        page.get_by_role("button", name=f"Pay for location {SALON}").click()
        page.get_by_role("button", name="Refund 123").click()
        expect(page.get_by_role("button", name=re.compile("^Refund"))).to_have_text(["Refund 124"])

        page.goto(url)
        expect(rows(page, "payments")).to_have_count(2)
        expect(rows(page, "payments").nth(0)).to_contain_text("49.5 EUR")
        expect(rows(page, "payments").nth(0).locator("td").last).to_have_text("–")
        expect(rows(page, "payments").nth(1).locator("td").last).to_have_text(re.compile(r"^\d{4}-\d\d-\d\d "))
        expect(page.locator("#calls details")).to_have_count(4)
        expect(page.locator("#calls summary").first).to_contain_text(
            "POST /marketplace/partner/payment/refund/123: 200"
        )
        page.locator("#calls summary").first.click()
        expect(page.locator("#calls details[open]")).to_contain_text("authorization: Bearer ********")

        page.get_by_role("button", name=f"Uninstall location {SALON}").click()
        expect(page.get_by_role("status")).to_have_text(
            f"The owner of location {SALON} has removed the application. Callback: 200"
        )
        expect(rows(page, "locations")).to_contain_text(["uninstalled"])
        expect(page.locator("#callbacks summary")).to_contain_text(["uninstall, location 123: answered 200"])
        assert httpx.get(partner, trust_env=False).text.count("Pay for location") == 0


def test_a_lost_answer_is_shown_by_both_applications(page: Page, free_port: int) -> None:
    sandbox = Sandbox(registration_url=f"http://127.0.0.1:{free_port}/register")
    with sandbox.serve() as url, application(sandbox, url, free_port) as partner:
        page.goto(url)
        page.get_by_role("button", name="Connect").click()
        page.get_by_label("Name").fill("Zoë")
        page.get_by_role("button", name="Register").click()
        page.get_by_label("Fault").select_option("lose_answer")
        page.get_by_role("button", name="Inject").click()
        expect(page.locator("#pending-faults")).to_have_text("Pending: lose_answer, the next call.")
        answer = httpx.post(f"{partner}/pay", data={"salon_id": SALON}, trust_env=False)
        assert (answer.status_code, "It is unknown whether it was recorded" in answer.text) == (502, True)
        expect(rows(page, "payments")).to_have_count(1)  # the page refreshes itself
        expect(page.locator("#calls summary").first).to_contain_text("200, dropped, injected fault lose_answer")
        expect(page.locator("#pending-faults")).to_have_text("No pending faults.")


def test_it_refreshes_without_disturbing_the_user(page: Page) -> None:
    sandbox = Sandbox()
    with sandbox.serve() as url:
        page.goto(url)
        sandbox.connect(1)
        sandbox.uninstall(1)
        expect(page.locator("#callbacks details")).to_have_count(1)
        page.locator("#callbacks summary").click()
        page.get_by_role("textbox", name="Calls").fill("77")
        sandbox.connect(2)
        expect(rows(page, "locations")).to_have_count(2)
        sandbox.uninstall(2)
        expect(page.locator("#callbacks details")).to_have_count(2)
        expect(page.locator("#callbacks details").nth(1)).to_have_attribute("open", "")
        expect(page.get_by_role("textbox", name="Calls")).to_have_value("77")

        button = page.get_by_role("button", name="Send callback 1 again")
        button.focus()
        sandbox.connect(3)
        expect(rows(page, "locations")).to_have_count(3)
        expect(button).to_be_focused()
    expect(page.get_by_role("alert")).to_have_text("The sandbox has stopped.")


def test_it_is_usable_with_the_keyboard(page: Page) -> None:
    sandbox = Sandbox()
    with sandbox.serve() as url:
        page.goto(url)

        def press_on(name: str) -> None:
            for _ in range(60):
                page.keyboard.press("Tab")
                focused = page.evaluate(
                    "document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText"
                )
                if focused == name:
                    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                    assert outline == "solid", f"{name} does not show that it is focused"
                    page.keyboard.press("Enter")
                    return
            raise AssertionError(f"Tab does not reach {name}.")

        press_on("Connect")
        expect(page.get_by_role("status")).to_contain_text("The owner of location 123 has clicked Connect.")
        press_on("12 hours")
        expect(page.get_by_role("status")).to_contain_text("The clock is now at ")
        press_on("1 hour")
        expect(rows(page, "locations")).to_contain_text(["uninstalled"])
        press_on("Inject")
        expect(page.locator("#pending-faults")).to_contain_text("lose_answer, the next call")
        press_on("Clear all faults")
        expect(page.locator("#pending-faults")).to_have_text("No pending faults.")
        press_on("Reset")
        expect(page.locator("#locations")).to_have_text("No owner has clicked Connect yet.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_it_fits_the_screen(browser: Browser, scheme: Literal["light", "dark"], width: int) -> None:
    sandbox = Sandbox(callback_url="http://127.0.0.1:1/" + "a-long-path" * 20)
    sandbox.connect(int(SALON))
    sandbox.uninstall(int(SALON))
    with sandbox.serve() as url:
        httpx.post(f"{url}/{'long' * 50}", content="x" * 500, headers={"X-Long": "y" * 500}, trust_env=False)
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        page.goto(url)
        for summary in page.locator("summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for button in page.locator("button, input, select, summary").all():
            box = button.bounding_box()
            assert box is None or box["x"] + box["width"] <= width
        luminance = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (luminance == "rgb(246, 245, 242)") is (scheme == "light")
        page.close()


def test_html_in_the_data_does_nothing(page: Page) -> None:
    hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    dialogs: list[str] = []

    def note(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    sandbox = Sandbox()
    with sandbox.serve() as url:
        httpx.post(f"{url}/x", content=hostile, headers={"X-Hostile": hostile}, trust_env=False)
        page.goto(url)
        httpx.post(f"{url}/x", content=hostile, headers={"X-Hostile": hostile}, trust_env=False)
        expect(page.locator("#calls details")).to_have_count(2)  # the second arrived by a refresh
        for summary in page.locator("#calls summary").all():
            summary.click()
        expect(page.locator("#calls pre").first).to_contain_text(hostile)
        assert page.locator("main img, main script").count() == 0
    assert dialogs == []
