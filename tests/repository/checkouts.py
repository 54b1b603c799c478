"""Copies of the repository, to change and to run sessions of nox in."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).parents[2]
LEFT_OUT = shutil.ignore_patterns(".git", ".nox", "build", "dist", "__pycache__", ".*_cache", ".coverage*")


@frozen
class Checkout:
    """A copy of the repository."""

    folder: Path

    @classmethod
    def copied_to(cls, folder: Path) -> "Checkout":
        shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
        return cls(folder)

    def nox(self, *sessions: str) -> subprocess.CompletedProcess[str]:
        """Run sessions, in environments that all copies share, so that each is installed once."""
        command = [sys.executable, "-m", "nox", "--envdir", str(ROOT / ".nox" / "copies"), "-s", *sessions]
        ours = ("COV", "NOX", "PYTEST", "PYTHONPATH", "MYPYPATH")  # settings of this run, and paths into this checkout
        clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return subprocess.run(command, cwd=self.folder, env=clean, capture_output=True, text=True, check=False)

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the copy, with the tools that are installed here."""
        environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        return subprocess.run(
            [sys.executable, *arguments], cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )

    def git(self, *arguments: str) -> None:
        """Change the history of the copy, which begins without any."""
        who = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com", "-c", "commit.gpgsign=false")
        git = str(shutil.which("git"))
        subprocess.run([git, *who, *arguments], cwd=self.folder, check=True, capture_output=True)

    def commit(self) -> None:
        """Commit all that is there."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "A change")
