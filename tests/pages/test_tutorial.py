"""The tutorial works as written: a real sandbox, real files, a real shell, and on the screen what the page shows."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.pages.page import ROOT, Page
from tests.pages.terminal import environment, served, typed

PAGE = Page.of("tutorial")
INSTALL, SERVE = PAGE.code("bash")
(GREETING,) = PAGE.code("text")


@pytest.mark.services
def test_the_installation(tmp_path: Path) -> None:
    """It installs what the other blocks need, in a fresh environment. Needs a checkout and a package index."""
    assert INSTALL.count("'altegio-partner[") == 1
    block = INSTALL.replace("'altegio-partner[", f"'{ROOT}[")  # as the page says: from a clone, until the first release
    command = ["bash", "-ec", f"{block}altegio-sandbox --help\npython -c 'import altegio_partner.ledger'"]
    ran = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "usage: altegio-sandbox" in ran.stdout


def without_times(screen: str) -> str:
    return re.sub(r"\d+ ms", "some ms", screen)


@pytest.mark.services  # curl
def test_it_works_from_the_first_line_to_the_last(tmp_path: Path) -> None:
    with served(SERVE, tmp_path) as (settings, lines):
        assert "".join(lines) == GREETING
        for kind, code in PAGE.blocks:
            if kind == "python":
                (name,) = re.findall(r"\A# (\w+\.py)\n", code)
                (tmp_path / name).write_text(code, encoding="utf-8")
            elif kind == "console":
                assert without_times(typed(code, tmp_path, settings)) == without_times(code)


def test_it_has_no_other_kinds_of_blocks() -> None:
    assert {kind for kind, _ in PAGE.blocks} == {"bash", "text", "python", "console"}
    assert INSTALL.splitlines()[-1] == "pip install 'altegio-partner[ledger,sandbox]'"
