"""The pages of the documentation: their code blocks, and how to run them."""

import os
import re
import subprocess
import sys
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_OF_A_FILE = re.compile(r"# [\w/.-]+\.py\n")
_OWN_VARIABLES = re.compile(r"COVERAGE|ALTEGIO_|PYTEST_|DJANGO_|\w*_proxy$", re.IGNORECASE)


@frozen
class Page:
    """A page in Markdown."""

    file: Path

    @classmethod
    def of(cls, name: str) -> "Page":
        """The page of docs/ with that name."""
        return cls(DOCS / f"{name}.md")

    @property
    def text(self) -> str:
        return self.file.read_text(encoding="utf-8")

    @property
    def blocks(self) -> list[tuple[str, str]]:
        """All blocks of code, in order: the language that each names, and its text."""
        text = self.text
        blocks: list[tuple[str, str]] = _BLOCK.findall(text)
        assert text.count("```") == 2 * len(blocks)  # indented ones too: none is left out unseen
        return blocks

    def code(self, kind: str = "python") -> list[str]:
        """The blocks in one language."""
        return [code for language, code in self.blocks if language == kind]

    def part_of(self, file: str) -> str:
        """The block that names this file in its first line, without that line."""
        (part,) = [code.partition("\n")[2] for _, code in self.blocks if code.startswith(f"# {file}\n")]
        return part

    @property
    def program(self) -> str:
        """The Python of the page as one program, in which each line has the number that it has on the page.

        What names a file in its first line belongs there, and is not part of it.
        """
        program, at = [], 0
        for block in _BLOCK.finditer(text := self.text):
            if block[1] == "python" and not _OF_A_FILE.match(block[2]):
                program += ["\n" * text.count("\n", at, block.start(2)), block[2]]
                at = block.end(2)
        return "".join(program)

    @property
    def printed(self) -> str:
        """What the program prints, by the words of the page: its text blocks, each below what prints it."""
        return "".join(self.code("text"))

    def run(self, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run the program as a reader would, with warnings as errors."""
        file = folder / f"{self.file.stem}.md.py"
        file.write_text(self.program, encoding="utf-8")
        return subprocess.run(
            [sys.executable, "-W", "error", file],
            cwd=folder, env=environment_of_a_reader(), capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip


def environment_of_a_reader(**more: str) -> dict[str, str]:
    """The environment of this process, without what belongs to the tests."""
    return {**{name: value for name, value in os.environ.items() if not _OWN_VARIABLES.match(name)}, **more}
