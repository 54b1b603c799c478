"""The page docs/many-machines.md: its commands are what the tests run."""

import shlex
from pathlib import Path

from tests.pages.page import Page

ROOT = Path(__file__).parents[2]
PAGE = Page.of("many-machines").text
BLOCKS = Page.of("many-machines").blocks
COMMANDS = [line for kind, code in BLOCKS if kind == "bash" for line in code.splitlines()]


def command(begin: str) -> list[str]:
    """Return the command of the page that begins so; the shortest of several."""
    return shlex.split(min((line for line in COMMANDS if line.startswith(begin)), key=len))
