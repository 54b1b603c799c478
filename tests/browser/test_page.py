"""The sandbox's page in a real Chromium, with a real partner application: examples/fastapi_app.py."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import httpx
import pytest
from playwright.sync_api import Browser, Dialog, Locator, Page, expect

from altegio_partner.sandbox import Sandbox
from tests.browser.chromium import inaccessible

ROOT = Path(__file__).parents[2]
SALON = "123"
NOTE_WHAT_IS_SAID = """() => {
    window.said = []
    for (const one of document.querySelectorAll("[role=status], [role=alert]")) {
        const added = changes => changes.filter(one => one.type === "characterData" || one.addedNodes.length)
        const say = changes => added(changes).forEach(() => said.push(one.textContent))
        new MutationObserver(say).observe(one, {childList: true, characterData: true, subtree: true})
    }
}"""
WHAT_IS_SAID = """async () => {
    for (let frame = 0; frame < 600 && !said.length; frame++) await new Promise(requestAnimationFrame)
    return said.splice(0)
}"""


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
        expect(rows(page, "payments").nth(0).locator("td").last).to_have_text("Refund")
        expect(rows(page, "payments").nth(1).locator("td").last).to_have_text(re.compile(r"^\d{4}-\d\d-\d\d "))
        expect(page.locator("#calls > details")).to_have_count(5)  # one is the redirect after the registration
        expect(page.locator("#calls summary").first).to_contain_text(
            "POST /marketplace/partner/payment/refund/123: 200"
        )
        page.locator("#calls summary").first.click()
        expect(page.locator("#calls > details[open]")).to_contain_text("authorization: Bearer ********")

        page.get_by_role("button", name=f"Uninstall location {SALON}").click()
        expect(page.locator("#notice p")).to_have_text(
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
        page.get_by_role("combobox", name="Fault").select_option("lose_answer")
        page.get_by_role("button", name="Inject").click()
        expect(page.locator("#pending-faults")).to_contain_text("lose_answer, the next call: recorded, then")
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

        button = page.get_by_role("button", name="Send again: callback 1")
        button.focus()
        sandbox.connect(3)
        expect(rows(page, "locations")).to_have_count(3)
        expect(button).to_be_focused()
    expect(page.locator("#stopped")).to_be_visible()


def test_a_tester_leads_a_location_through_all_states(page: Page) -> None:
    sandbox = Sandbox()
    with sandbox.serve() as url:
        page.goto(url)
        row = rows(page, "locations")

        def click(name: str, status: str, *words: str) -> None:
            page.get_by_role("button", name=name, exact=True).click()
            expect(row.locator(".status")).to_have_text(status)
            for text in words:
                expect(row).to_contain_text(text)

        click(
            "Connect", "pending", "The owner has clicked Connect.", "Waits for your application to register it, until"
        )
        click(
            "Register, as your application would: location 123", "active", "No period is paid. Altegio freezes it after"
        )
        click(
            "Freeze location 123", "freezed", "Altegio has frozen it.", "Waits for a payment for a period that is not"
        )
        click("Unfreeze location 123", "active", "Altegio has unfrozen it, without a payment.")
        click("Pay 49.50 EUR for location 123", "active", "Paid until ")
        before = sandbox.now
        click("Move the clock to the end of the paid period of location 123", "active", "Altegio freezes it after")
        expect(page.locator("#notice p")).to_contain_text("The clock is now at ")
        assert (sandbox.now - before).days in (29, 30)
        click("Move the clock to the freeze of location 123", "freezed", "The trial or the paid period is over")
        click("Pay 49.50 EUR for location 123", "active", "A payment has unfrozen it.")
        page.get_by_role("button", name="Refund payment 124, as your application would").click()
        expect(page.get_by_role("button", name=re.compile("^Refund payment"))).to_have_count(1)
        click("Uninstall location 123", "uninstalled", "The owner has removed the application.", "to click Connect.")
        click("Connect", "pending")
        click(
            "Move the clock to the end of the link of location 123",
            "uninstalled",
            "did not register it within 12 hours",
        )

        page.locator("#history-123 summary").click()
        history = page.locator("#history-123 li").all_inner_texts()
        assert [line.split(" ", 2)[2].partition(":")[0] for line in history] == [
            "pending → uninstalled", "uninstalled → pending", "active → uninstalled", "freezed → active",
            "active → freezed", "freezed → active", "active → freezed", "pending → active", "uninstalled → pending",
        ]  # fmt: skip


def test_notices_go_away_and_errors_stay(page: Page) -> None:
    with Sandbox().serve() as url:
        page.clock.install()
        page.goto(url)
        page.get_by_role("button", name="Pay", exact=True).click()
        error = page.locator("#error")
        expect(error).to_contain_text("Error: Location 123 cannot be paid for: it is uninstalled")
        assert error.evaluate("getComputedStyle(document.getElementById('error')).color") == "rgb(163, 39, 31)"
        page.clock.run_for(20_000)
        expect(error).to_contain_text("Error: ")
        error.get_by_text("Close").click()
        expect(error).to_be_empty()
        page.get_by_role("button", name="Connect").click()
        expect(page.locator("#notice")).to_contain_text("The owner of location 123 has clicked Connect.")
        page.clock.run_for(10_000)
        expect(page.locator("#notice")).to_be_empty()


def test_pending_faults_are_seen_everywhere_and_reset_asks(page: Page) -> None:
    sandbox = Sandbox()
    with sandbox.serve() as url:
        page.goto(url)
        page.get_by_label("Into").select_option("notify_payment")
        page.get_by_role("button", name="Inject").click()
        expect(page.locator("#badge")).to_have_text("1 fault pending")
        expect(page.locator("#pending-faults")).to_contain_text("the next call with operation notify_payment: recorded")
        sandbox.inject_fault("stall")
        expect(page.locator("#badge")).to_have_text("2 faults pending")
        expect(page.get_by_role("button", name="Yes, reset")).to_be_hidden()
        page.get_by_text("Reset…").click()
        assert len(sandbox.pending_faults) == 2
        page.get_by_role("button", name="Yes, reset").click()
        expect(page.locator("#badge")).to_be_empty()
        expect(page.get_by_role("button", name="Yes, reset")).to_be_hidden()


def test_calls_can_be_read_found_and_copied(page: Page) -> None:
    sandbox = Sandbox()
    with sandbox.serve() as url, httpx.Client(base_url=url, trust_env=False) as http:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        headers = {"Authorization": f"Bearer {sandbox.partner_token}", "Accept": "application/vnd.api.v2+json"}
        body = b'{"salon_id":5,"payment_sum":990.90,"list":[],"name":"it\'s {"}'
        for number in range(30):
            http.post(f"/marketplace/partner/payment?number={number}", content=body, headers=headers)
        page.goto(url)
        call = page.locator("#call-20")
        call.locator("summary").first.click()
        expect(call.locator("pre").first).to_contain_text(
            '{\n  "salon_id": 5,\n  "payment_sum": 990.90,\n  "list": [],\n  "name": "it\'s {"\n}'
        )
        call.get_by_role("button", name="Copy as curl").click()
        expect(call.get_by_text("Copied")).to_be_visible()
        command = page.evaluate("navigator.clipboard.readText()")
        variables = {"ALTEGIO_PARTNER_TOKEN": sandbox.partner_token, "no_proxy": "*"}
        subprocess.run(
            ["/bin/sh", "-c", command], env=os.environ | variables, check=True, capture_output=True, timeout=30
        )
        again, first = sandbox.calls[-1], sandbox.calls[19]
        assert (again.request.body, again.request.query) == (first.request.body, first.request.query)
        assert again.response == first.response

        call.scroll_into_view_if_needed()
        expect(page.locator("#call-31")).to_be_attached()
        before = call.bounding_box()
        http.get("/marketplace/other")
        expect(page.locator("#calls > details").first).to_have_id("call-32")
        after = call.bounding_box()
        assert before
        assert after
        assert abs(before["y"] - after["y"]) < 2

        page.get_by_label("Filter calls").fill("number=7")
        expect(page.locator("#calls > details:visible")).to_have_count(1)
        http.get("/marketplace/other")
        expect(page.locator("#call-33")).to_be_hidden()
        page.get_by_label("Filter calls").fill("")
        for _ in range(100):
            http.get("/marketplace/other")
        expect(page.locator("#calls > details")).to_have_count(100)
        page.locator("#calls").get_by_text("Show up to 300").click()
        expect(page.locator("#call-1")).to_be_attached()


def test_a_hundred_locations(page: Page) -> None:
    sandbox = Sandbox()
    for salon_id in range(1, 101):
        sandbox.connect(salon_id)
    with sandbox.serve() as url:
        page.goto(url)
        expect(rows(page, "locations")).to_have_count(100)
        page.get_by_label("Filter locations").fill("57")
        page.get_by_role("button", name="Register, as your application would: location 57").click()
        expect(page.locator("#location-57 .status")).to_have_text("active")
        expect(page.locator("#locations tbody tr:visible")).to_have_count(1)
        page.get_by_label("Filter locations").fill("pending")
        expect(page.locator("#locations tbody tr:visible")).to_have_count(99)


def test_the_basics_need_no_javascript(browser: Browser) -> None:
    page = browser.new_page(java_script_enabled=False)
    with Sandbox().serve() as url:
        page.goto(url)
        for name in ("Connect", "Register, as your application would: location 123", "Freeze location 123"):
            page.get_by_role("button", name=name, exact=True).click()
        expect(page.locator("#notice")).to_contain_text("Altegio has frozen location 123.")
        expect(rows(page, "locations").locator(".status")).to_have_text("freezed")
        expect(page.get_by_label("Filter calls")).to_be_hidden()
        page.get_by_role("link", name="refresh").click()
        expect(page.locator("#notice")).to_be_empty()
    page.close()


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
        press_on("Move the clock by 12 hours")
        expect(page.get_by_role("status")).to_contain_text("The clock is now at ")
        press_on("Move the clock by 1 hour")
        expect(rows(page, "locations")).to_contain_text(["uninstalled"])
        press_on("Inject")
        expect(page.locator("#pending-faults")).to_contain_text("lose_answer, the next call")
        press_on("Clear all faults")
        expect(page.locator("#pending-faults")).to_have_text("No pending faults.")
        press_on("Reset…")
        press_on("Yes, reset")
        expect(page.locator("#locations")).to_have_text("No owner has clicked Connect yet.")


def test_a_screen_reader_says_each_outcome_once_and_focus_stays_near(page: Page) -> None:
    """Also an outcome that is the same again. The row of a button that has done its work gets the focus."""
    with Sandbox(callback_url="http://127.0.0.1:1").serve() as url:
        page.goto(url)
        page.evaluate(NOTE_WHAT_IS_SAID)

        def press(name: str, said: str, focused: str = "") -> None:
            button = page.get_by_role("button", name=name, exact=True)
            button.press("Enter")
            heard = page.evaluate(WHAT_IS_SAID)
            assert [re.sub(r"[\d-]+ [\d:]+", "TIME", one) for one in heard] == [said]
            expect(page.locator(focused) if focused else button).to_be_focused()

        refused = "Callback: No answer: Connection refused"
        connected = (
            "The owner of location 123 has clicked Connect. Without a registration URL, the browser stays on this page."
        )
        pay = "Pay 49.50 EUR for location 123"
        press("Connect", connected)
        press("Connect", connected)
        press(
            "Register, as your application would: location 123",
            "Your application has registered location 123.",
            "#location-123",
        )
        press(pay, f"The owner of location 123 has paid at Altegio. {refused}")
        press("Freeze location 123", f"Altegio has frozen location 123. {refused}", "#location-123")
        press("Move the clock by 1 hour", "The clock is now at TIME.")
        press("Inject", "Pending faults: lose_answer, the next call.")
        press(
            "Refund payment 123, as your application would",
            "Your application has reported the refund of payment 123.",
            "#payment-123",
        )
        press(
            "Uninstall location 123",
            f"The owner of location 123 has removed the application. {refused}",
            "#location-123",
        )
        page.locator("#delivery-1 summary").press("Enter")
        press("Send again: callback 1", f"Altegio has sent the callback again. {refused}")
        press("Pay", "Error: Location 123 cannot be paid for: it is uninstalled, not active or freezed.")
        page.get_by_text("Reset…").press("Enter")
        press("Yes, reset", "The sandbox has been reset.", "#reset summary")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_it_fits_the_screen_and_is_accessible(browser: Browser, scheme: Literal["light", "dark"], width: int) -> None:
    sandbox = Sandbox(callback_url="http://127.0.0.1:1/" + "a-long-path" * 20)
    for salon_id in (1, 2, 3, int(SALON)):
        sandbox.connect(salon_id)
    sandbox.uninstall(int(SALON))
    for salon_id in (1, 2):
        sandbox.register(salon_id)
        sandbox.pay(salon_id, "49.50")
    sandbox.freeze(2)
    sandbox.inject_fault("stall")
    with sandbox.serve() as url:
        httpx.post(f"{url}/{'long' * 50}", content="x" * 500, headers={"X-Long": "y" * 500}, trust_env=False)
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        page.goto(url)
        for summary in page.locator("summary").all():
            summary.click()
        page.get_by_role("button", name="Pay", exact=True).click()
        expect(page.locator("#error")).to_contain_text("Error: ")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for button in page.locator("button, input, select, summary").all():
            box = button.bounding_box()
            assert box is None or box["x"] + box["width"] <= width
        assert inaccessible(page) == []
        luminance = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (luminance == "rgb(246, 245, 242)") is (scheme == "light")
        page.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
@pytest.mark.parametrize("state", ["no location", "104 locations", "without JavaScript", "stopped"])
def test_other_states_fit_the_screen_and_are_accessible(
    browser: Browser, state: str, scheme: Literal["light", "dark"], width: int
) -> None:
    sandbox = Sandbox()
    for salon_id in range(100_001, 100_105) if state == "104 locations" else ():
        sandbox.connect(salon_id)
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    scripts = page.context.new_cdp_session(page)
    with sandbox.serve() as url:
        scripts.send("Emulation.setScriptExecutionDisabled", {"value": state == "without JavaScript"})
        page.goto(url)
        if state == "without JavaScript":
            page.get_by_role("button", name="Connect").click()
            expect(page.locator("noscript")).to_be_visible()
            scripts.send("Emulation.setScriptExecutionDisabled", {"value": False})  # for axe
        expect(page.locator("#locations tbody tr")).to_have_count(
            {"104 locations": 100, "without JavaScript": 1}.get(state, 0)
        )
        if state != "stopped":
            assert (page.evaluate("document.documentElement.scrollWidth") <= width, inaccessible(page)) == (True, [])
    if state == "stopped":
        expect(page.locator("#stopped")).to_be_visible()
        assert (page.evaluate("document.documentElement.scrollWidth") <= width, inaccessible(page)) == (True, [])
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
        expect(page.locator("#calls > details")).to_have_count(2)  # the second arrived by a refresh
        for summary in page.locator("#calls summary").all():
            summary.click()
        expect(page.locator("#calls pre").first).to_contain_text(hostile)
        assert page.locator("main img, main script").count() == 0
    assert dialogs == []
