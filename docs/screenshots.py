"""Takes screenshots of the sandbox's page for docs/pictures: `.nox/docs/bin/python docs/screenshots.py`.

Reduce them to 256 colors before a commit, as `pngquant 256` does: they become a third as large.
"""

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, sync_playwright

from altegio_partner import OutcomeUnknownError, PartnerClient
from altegio_partner.sandbox import Sandbox

PICTURES = Path(__file__).parent / "pictures"
PORT = 8000  # where altegio-sandbox listens by default; it must be free
SALON = 123
WIDTH = 1100
DECEMBER: dict[str, Any] = {
    "currency_iso": "EUR",
    "payment_date": datetime(2026, 11, 24, 12, 0),
    "period_from": datetime(2026, 12, 1),
    "period_to": datetime(2026, 12, 31, 23, 59, 59),
}


def use(sandbox: Sandbox, partner: PartnerClient) -> None:
    """Connect locations, register and pay; freeze one, uninstall one, and lose one answer."""
    for salon_id in (126, 125, 124, SALON):
        sandbox.connect(salon_id)
    for salon_id in (125, 124, SALON):
        partner.complete_registration(salon_id=salon_id)
    first = partner.notify_payment(salon_id=124, payment_sum="49.90", **DECEMBER)
    partner.notify_refund(first)
    sandbox.freeze(124)
    sandbox.uninstall(125)
    sandbox.inject_fault("lose_answer")
    try:
        partner.notify_payment(salon_id=SALON, payment_sum="990.99", **DECEMBER)
    except OutcomeUnknownError:
        partner.get_installation(salon_id=SALON)
    else:
        raise AssertionError("The answer was not lost.")
    sandbox.inject_fault("html_502", calls=3)


def take_screenshots(browser: Browser, url: str) -> None:
    """Take a screenshot of the page down to the payments, and one of the call with the lost answer."""
    kinds: dict[Literal["light", "dark"], str] = {"light": "", "dark": "-dark"}
    for scheme, kind in kinds.items():
        page = browser.new_page(viewport={"width": WIDTH, "height": 700}, color_scheme=scheme)
        page.goto(url)
        payments = page.locator("section", has=page.locator("#payments")).bounding_box()
        if payments is None:
            raise AssertionError("The page shows no payments.")
        part: Any = {"x": 0, "y": 0, "width": WIDTH, "height": payments["y"] + payments["height"] + 16}
        page.screenshot(path=PICTURES / f"sandbox{kind}.png", full_page=True, clip=part)
        lost = page.locator("#calls details", has_text="injected fault lose_answer")
        lost.locator("summary").first.click()  # another shows it as curl
        page.locator("section", has=lost).screenshot(path=PICTURES / f"lost-answer{kind}.png")
        page.close()


def main() -> None:
    """Start a sandbox, use it, and take screenshots of its page."""
    sandbox = Sandbox(now=datetime(2026, 12, 1, 12, 0))
    with sync_playwright() as playwright, sandbox.serve(PORT) as url:
        use(sandbox, PartnerClient(sandbox.partner_token, application_id=sandbox.application_id, base_url=url))
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        take_screenshots(chromium, url)
        chromium.close()


if __name__ == "__main__":
    main()
