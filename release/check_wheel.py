"""Check the wheel: its content, its dependencies, its metadata."""

import sys
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

from packaging.metadata import Metadata

CORE = {
    "anyio",
    "attrs",
    "h11",
    "httpcore",
    "httpx",
}  # what everybody gets with it; httpx needs h11 and httpcore itself
BESIDE_THE_PACKAGE = {"altegio_partner_api", "pytest_altegio_sandbox.py"}
MOST_BYTES = 385_000  # so that a picture or a test that slips in is noticed: it had 371,591 in November 2026
REQUIRED = (
    "summary", "description", "license_expression", "license_files", "author", "keywords", "classifiers",
    "requires_python", "project_urls",
)  # fmt: skip


def faults(wheel: Path) -> Iterator[str]:
    """Yield each problem."""
    with ZipFile(wheel) as archive:
        names = archive.namelist()
        info = next(name for name in names if name.endswith(".dist-info/METADATA")).removesuffix("/METADATA")
        metadata = Metadata.from_email(archive.read(f"{info}/METADATA"))  # refuses what PyPI would refuse
    yield from wrong_files(names, info)
    yield from wrong_needs(metadata)
    yield from (f"its metadata lacks {name}" for name in REQUIRED if not getattr(metadata, name))
    if not wheel.name.endswith("-py3-none-any.whl"):
        yield f"it is not for every Python 3 and system: {wheel.name}"
    if wheel.stat().st_size > MOST_BYTES:
        yield f"it has {wheel.stat().st_size:,} bytes, and more than {MOST_BYTES:,} were never intended"


def wrong_files(names: list[str], info: str) -> Iterator[str]:
    """Compare what stands at the top, and what must be there."""
    top, expected = {name.split("/")[0] for name in names}, {"altegio_partner", info} | BESIDE_THE_PACKAGE
    if top != expected:
        yield f"it holds {sorted(top)}, not {sorted(expected)}"
    for name in ("altegio_partner/py.typed", "altegio_partner_api/py.typed", f"{info}/licenses/LICENSE"):
        if name not in names:
            yield f"it lacks {name}"


def wrong_needs(metadata: Metadata) -> Iterator[str]:
    """Compare what it needs without an extra."""
    needs = {one.name for one in metadata.requires_dist or () if "extra" not in str(one.marker)}
    if needs != CORE:
        yield f"it needs {sorted(needs)}, not {sorted(CORE)}"


def main() -> None:
    """Check the wheel that is named."""
    wheel = Path(sys.argv[1])
    found = list(faults(wheel))
    if found:
        sys.exit("\n".join(f"{wheel.name}: {fault}" for fault in found))
    print(f"{wheel.name}: {wheel.stat().st_size:,} bytes, and nothing wrong")


if __name__ == "__main__":
    main()
