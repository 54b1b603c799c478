"""Say what keeps this commit from being released as X.Y.Z, if anything. It changes nothing: `ready.py X.Y.Z`."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from changelog import NOT_YET, faults, version


def git(*arguments: str) -> str:
    """Return what git says."""
    return subprocess.run(["git", *arguments], check=True, capture_output=True, text=True).stdout.strip()


def obstacles(wanted: str) -> Iterator[str]:
    """Yield each obstacle."""
    changelog = Path("CHANGELOG.md").read_text(encoding="utf-8")
    yield from (f"CHANGELOG.md: {fault}" for fault in faults(changelog))
    if version() != wanted:
        yield f"altegio_partner/version.py says {version()}: write {wanted} there"
    if f"## {wanted} (" not in changelog or f"## {wanted} ({NOT_YET})" in changelog:
        yield f"CHANGELOG.md has no heading '## {wanted} (2026-12-24)': write one, with the day"
    changes = git("status", "--porcelain")
    if changes:
        yield f"not everything is committed:\n{changes}"
    tag = git("tag", "--list", f"v{wanted}")
    if tag and git("rev-parse", f"{tag}^{{commit}}") != git("rev-parse", "HEAD"):
        yield f"{tag} is there already, and another commit has it"


def main() -> None:
    """Check the version that is named."""
    if len(sys.argv) != 2:
        sys.exit("name the version: nox -s release -- 1.2.3")
    found = list(obstacles(sys.argv[1]))
    if found:
        sys.exit("Not ready.\n" + "\n".join(f"- {obstacle}" for obstacle in found))


if __name__ == "__main__":
    main()
