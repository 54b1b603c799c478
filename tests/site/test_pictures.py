"""The pictures of the documentation are small and shown, and its diagrams are drawn, light and dark."""

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from tests.site import SITE

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
WITH_DIAGRAMS = [path.stem for path in sorted((ROOT / "docs").glob("*.md")) if "\n```mermaid\n" in path.read_text()]
FILL_OF_A_NODE = 'getComputedStyle(document.querySelector("pre.mermaid .node:not([style]) .label-container")).fill'


def test_every_picture_is_small_and_shown() -> None:
    shown = "".join(page.read_text() for page in PICTURES.parent.rglob("*.md"))
    pictures = list(PICTURES.iterdir())
    assert pictures
    for picture in pictures:
        assert picture.stat().st_size < 150_000, picture.name
        assert f"pictures/{picture.name.replace('-dark', '')})" in shown, picture.name


def test_there_are_diagrams() -> None:
    assert WITH_DIAGRAMS


@pytest.mark.parametrize(("scheme", "other"), [("light", "dark"), ("dark", "light")])
@pytest.mark.parametrize("name", WITH_DIAGRAMS)
def test_a_diagram_is_drawn(
    browser: Browser, name: str, scheme: Literal["light", "dark"], other: Literal["light", "dark"]
) -> None:
    page = browser.new_page(color_scheme=scheme)
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda sent: None if sent.url.startswith(("file:", "data:")) else wrong.append(sent.url))
    page.goto((SITE / f"{name}.html").as_uri())
    for block in page.locator("pre.mermaid").all():
        block.locator("svg[aria-roledescription^=flowchart] .node").first.wait_for()
        assert block.locator("svg > desc").text_content()
    fill = page.evaluate(FILL_OF_A_NODE)
    page.emulate_media(color_scheme=other)
    page.wait_for_function(f"fill => {FILL_OF_A_NODE} !== fill", arg=fill)
    page.close()
    assert wrong == []
