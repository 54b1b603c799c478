"""The site in a real Chromium, wide and narrow, light and dark: accessible, no overflow, nothing from elsewhere."""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import inaccessible
from tests.site import SITE

PAGES = sorted(str(path.relative_to(SITE)) for path in SITE.rglob("*.html"))
STICKS_OUT = """() => {
    const width = document.documentElement.clientWidth;
    const scrolls = one => one && (getComputedStyle(one).overflowX !== "visible" || scrolls(one.parentElement));
    const out = one => one.getBoundingClientRect().right > width + 1 && !scrolls(one.parentElement);
    return [...document.querySelectorAll("article *")].filter(out).map(one => one.outerHTML.slice(0, 100));
}"""
OF_THE_LOOK = ("color-contrast", "scrollable-region-focusable")  # rules for what differs when dark, and when narrow


def test_there_are_pages() -> None:
    assert "index.html" in PAGES


@pytest.fixture(scope="module", params=[(1400, "light"), (390, "dark")])
def look(browser: Browser, request: pytest.FixtureRequest) -> Iterator[tuple[Page, list[str]]]:
    """A page of that width and scheme, and what goes wrong in it."""
    width: int
    scheme: Literal["light", "dark"]
    width, scheme = request.param
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda sent: None if sent.url.startswith(("file:", "data:")) else wrong.append(sent.url))
    yield page, wrong
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page(look: tuple[Page, list[str]], name: str) -> None:
    page, wrong = look
    wrong.clear()
    page.goto((SITE / name).as_uri())
    page.wait_for_function("!document.querySelector('pre.mermaid:not(:has(.node))')")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert page.evaluate(STICKS_OUT) == []
    for picture in page.locator("article img:visible").all():
        assert picture.evaluate("picture => picture.complete && picture.naturalWidth > 0")
    assert inaccessible(page, *(OF_THE_LOOK if page.viewport_size == {"width": 390, "height": 900} else ())) == []
    assert wrong == []
