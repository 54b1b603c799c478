"""Chromium, in which pages are tested."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

from playwright.sync_api import Browser, Page, sync_playwright

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
_FOUND = """options => axe.run(options).then(
    ({violations}) => violations.flatMap(({id, nodes}) => nodes.map(({html}) => `${id}: ${html}`)))"""
_QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextmanager
def chromium() -> Iterator[Browser]:
    """Give the browser that is installed."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found, "Chromium is missing: install it, on Debian with apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=_QUIET)
        yield browser
        browser.close()


def inaccessible(page: Page, *rules: str) -> list[str]:
    """Return what breaks these rules of axe on a page, or any rule of it."""
    page.evaluate(AXE)
    found: list[str] = page.evaluate(
        _FOUND, {"resultTypes": ["violations"], "preload": False} | ({"runOnly": rules} if rules else {})
    )
    return found
