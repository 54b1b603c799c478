"""Say what is wrong with CHANGELOG.md, if anything: its newest heading must be of the version that the code has."""

import re
import runpy
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

NOT_YET = "not released yet"
HEADING = re.compile(rf"## (\d+)\.(\d+)\.(\d+) \(({NOT_YET}|\d{{4}}-\d\d-\d\d)\)")


def version() -> str:
    """Return the version, from the one place where it stands."""
    found: str = runpy.run_path("altegio_partner/version.py")["__version__"]
    return found


def faults(text: str) -> Iterator[str]:
    """Yield each problem."""
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    matches = [HEADING.fullmatch(heading) for heading in headings]
    if not headings or None in matches:
        yield f"each heading must read '## 1.2.3 ({NOT_YET})' or '## 1.2.3 (2026-12-24)': {headings}"
        return
    versions = [tuple(map(int, match.groups()[:3])) for match in matches if match]
    dates = [match[4] for match in matches if match]
    newest = ".".join(map(str, versions[0]))
    if newest != version():
        yield f"its newest heading is of {newest}, and altegio_partner/version.py says {version()}"
    if any(above <= below for above, below in pairwise(versions)):
        yield "newer versions must stand above older ones"
    if NOT_YET in dates[1:] or dates[1:] != sorted(dates[1:], reverse=True):
        yield "only the newest may be without a date, and newer dates must stand above older ones"
    if not text.partition(headings[0])[2].lstrip().startswith("- "):
        yield f"there is no entry for {newest}"


def main() -> None:
    """Check it."""
    found = list(faults(Path("CHANGELOG.md").read_text(encoding="utf-8")))
    if found:
        sys.exit("\n".join(f"CHANGELOG.md: {fault}" for fault in found))


if __name__ == "__main__":
    main()
