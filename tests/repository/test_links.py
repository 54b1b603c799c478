"""The links from one page of the repository to another lead somewhere, on GitHub too."""

import re
from pathlib import Path

import pytest

from tests.pages.page import Page
from tests.repository.checkouts import ROOT

PLACES = ["*.md", "docs/*.md", "*/README.md", "tests/*/README.md"]
FILES = sorted({file for place in PLACES for file in ROOT.glob(place)})


def anchors(file: Path) -> set[str]:
    """The names that GitHub gives to the headings of a page."""
    prose = re.sub(r"^```.*?^```$", "", file.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    heads = re.findall(r"^#+ (.*)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head).strip().lower().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_links_lead_somewhere(file: Path) -> None:
    links = [link for link in re.findall(r"\]\((.*?)\)", Page(file).text) if "://" not in link]
    for link in links:
        path, _, head = link.partition("#")
        target = (file.parent / path).resolve() if path else file
        assert target.exists(), link
        if head:
            assert head in anchors(target), link


def test_every_page_of_the_documentation_is_linked_from_another() -> None:
    linked = {
        (file.parent / link.partition("#")[0]).resolve()
        for file in FILES
        for link in re.findall(r"\]\((.*?)\)", Page(file).text)
    }
    assert set((ROOT / "docs").glob("*.md")) <= linked


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_sessions_that_are_named_exist(file: Path) -> None:
    code = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    sessions = {*re.findall(r"^def (\w+)\(session", code, re.MULTILINE), *re.findall(r'name="([\w-]+)"', code)}
    for named in re.findall(r"nox -s ((?:[a-z][a-z-]+ ?)+)", Page(file).text):
        assert {*named.split()} <= sessions


OF_THE_READER = {"tests/test_frames.py"}  # a page shows how to write it


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_files_that_are_named_exist(file: Path) -> None:
    named = set(re.findall(r"\b(?:altegio_partner|release|spec|tests)/[\w/.-]+\.(?:py|toml|yaml)\b", Page(file).text))
    missing = {path for path in named if not (ROOT / path).exists()}
    assert missing <= OF_THE_READER
