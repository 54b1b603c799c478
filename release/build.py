"""Build sdist and wheel into dist/, and again from the sdist, in other surroundings: the bytes must be the same."""

import os
import shutil
import subprocess
import sys
from filecmp import cmp
from pathlib import Path
from tempfile import TemporaryDirectory

DIST = Path("dist").resolve()
ELSEWHERE = {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "1"}


def build(source: Path, into: Path, **environment: str) -> None:
    """Build both, the wheel from the sdist, with the tools that are installed here."""
    fixed = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"} | environment
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(into)]
    subprocess.run(command, cwd=source, env=fixed, check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    """Build twice, and compare."""
    shutil.rmtree(DIST, ignore_errors=True)
    build(Path.cwd(), DIST)
    (sdist,) = DIST.glob("*.tar.gz")
    with TemporaryDirectory() as folder:
        again = Path(folder)
        shutil.unpack_archive(sdist, again, filter="data")
        build(again / sdist.name.removesuffix(".tar.gz"), again, **ELSEWHERE)
        differing = [path.name for path in DIST.iterdir() if not cmp(path, again / path.name, shallow=False)]
    if differing:
        sys.exit(f"built again from the sdist, these have other bytes: {', '.join(differing)}")


if __name__ == "__main__":
    main()
