"""The page on the command line: each command that it shows prints what it shows."""

import re
from pathlib import Path

from tests.pages.page import Page
from tests.pages.terminal import served, typed

PAGE = Page.of("command-line")


def without_widths(screen: str) -> str:
    """Leave out what differs from run to run: the widths of tables, the port, times and versions."""
    screen = re.sub(r"(\d{4}-\d\d-\d\d )?\d\d:\d\d(:\d\d)? UTC", "now", screen)
    screen = re.sub(r"(altegio-partner)/[\d.]+", r"\1/version", screen)
    return re.sub(r"(127\.0\.0\.1):\d+", r"\1:8000", re.sub("[ ─]+", " ", screen))


def test_what_is_typed_shows_what_the_page_shows(tmp_path: Path) -> None:
    (file,) = PAGE.code("text")
    (tmp_path / "payments.csv").write_text(file, encoding="utf-8")
    with served("altegio-sandbox", tmp_path) as (settings, _):
        known = {**settings, "ALTEGIO_LEDGER_URL": f"sqlite:///{tmp_path}/payments.db"}
        for code in PAGE.code("console"):
            shown = typed(code, tmp_path, known).replace(str(tmp_path), "/home/you")
            assert without_widths(shown) == without_widths(code)


def test_the_page_has_no_other_blocks() -> None:
    assert {kind for kind, _ in PAGE.blocks} == {"bash", "console", "text"}
