"""The page on the command line: each command that it shows prints what it shows."""

import re
import tomllib
from pathlib import Path

import pexpect

from altegio_partner.cli.profiles import VARIABLES
from tests.pages.page import Page
from tests.pages.terminal import environment, served

PAGE = Page.of("command-line")


def without_widths(screen: str) -> str:
    """Leave out what differs from run to run: the widths of tables, the port, times and versions."""
    screen = re.sub(r"(\d{4}-\d\d-\d\d )?\d\d:\d\d(:\d\d)? UTC", "now", screen)
    screen = re.sub(r"(altegio-partner)/[\d.]+", r"\1/version", screen)
    return re.sub(r"(127\.0\.0\.1):\d+", r"\1:8000", re.sub("[ ─]+", " ", screen))


def in_terminal(session: str, folder: Path, settings: dict[str, str]) -> str:
    """Type the commands of a block, those after `$ `, in a wide terminal, and return what is on its screen then."""
    screen = ""
    for line in session.splitlines(keepends=True):
        if line.startswith("$ "):
            shown: str
            process = pexpect.spawn(
                "bash", ["-c", line.removeprefix("$ ")], cwd=str(folder), env=environment(**settings, TERM="dumb"),
                encoding="utf-8", timeout=60, dimensions=(50, 1000),
            )  # fmt: skip
            shown = process.read().replace("\x1b[K", "").replace("\r\r\n", "\n").replace("\r\n", "\n")
            process.close()
            screen += line + re.sub(r"[^\n]*\r", "", shown)  # a bar writes over itself
    return screen


def test_what_is_typed_shows_what_the_page_shows(tmp_path: Path) -> None:
    (file,) = PAGE.code("text")
    (tmp_path / "payments.csv").write_text(file, encoding="utf-8")
    with served("altegio-sandbox", tmp_path) as (settings, _):
        usual = {
            "HOME": str(tmp_path),
            **dict.fromkeys(("HTTPS_PROXY", "ALL_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"), ""),
        }
        known = {**settings, **usual, "ALTEGIO_LEDGER_URL": f"sqlite:///{tmp_path}/payments.db"}
        for code in PAGE.code("console"):
            shown = in_terminal(code, tmp_path, known).replace(str(tmp_path), "/home/you")
            assert without_widths(shown) == without_widths(code)


def test_the_page_has_no_other_blocks() -> None:
    assert {kind for kind, _ in PAGE.blocks} == {"bash", "console", "text", "toml"}


def test_the_profiles_have_settings_that_there_are() -> None:
    (file,) = PAGE.code("toml")
    assert {name for profile in tomllib.loads(file).values() for name in profile} <= {*VARIABLES, "keyring"}
