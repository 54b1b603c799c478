"""The tutorial works as it is told: a real sandbox, real files, a real shell, and on the screen what the page shows."""

import re
from pathlib import Path

from tests.pages.page import Page
from tests.pages.terminal import served, typed

PAGE = Page.of("tutorial")
INSTALL, SERVE = PAGE.code("bash")
(GREETING,) = PAGE.code("text")


def without_times(screen: str) -> str:
    return re.sub(r"\d+ ms", "some ms", screen)


def test_it_works_from_the_first_line_to_the_last(tmp_path: Path) -> None:
    with served(SERVE, tmp_path) as (settings, lines):
        assert "".join(lines) == GREETING
        for kind, code in PAGE.blocks:
            if kind == "python":
                (name,) = re.findall(r"\A# (\w+\.py)\n", code)
                (tmp_path / name).write_text(code, encoding="utf-8")
            elif kind == "console":
                assert without_times(typed(code, tmp_path, settings)) == without_times(code)


def test_nothing_else_stands_there() -> None:
    assert {kind for kind, _ in PAGE.blocks} == {"bash", "text", "python", "console"}
    assert INSTALL.splitlines()[-1] == "pip install 'altegio-partner[ledger,sandbox]'"
