"""The page docs/many-machines.md: its commands are what the tests run."""

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "many-machines.md").read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
COMMANDS = [line for kind, code in BLOCKS if kind == "bash" for line in code.splitlines()]


def command(begin: str) -> list[str]:
    """Return the command of the page that begins so; the shortest of several."""
    return shlex.split(min((line for line in COMMANDS if line.startswith(begin)), key=len))
