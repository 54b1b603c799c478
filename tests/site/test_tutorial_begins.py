"""The tutorial's first block: it installs what the others need, into an environment of its own."""

import subprocess
from pathlib import Path

from tests.pages.page import Page
from tests.pages.terminal import environment

ROOT = Path(__file__).parents[2]


def test_the_installation(tmp_path: Path) -> None:
    block = Page.of("tutorial").code("bash")[0]
    assert block.count("'altegio-partner[") == 1
    block = block.replace("'altegio-partner[", f"'{ROOT}[")  # as the page says: from a clone, until the first release
    command = ["bash", "-ec", f"{block}altegio-sandbox --help\npython -c 'import altegio_partner.ledger'"]
    ran = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "usage: altegio-sandbox" in ran.stdout
