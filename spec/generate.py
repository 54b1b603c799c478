"""Write generated/ from the spec, or compare it with what the spec gives: `generate.py [--check]`."""

import hashlib
import shutil
import subprocess
import sys
from filecmp import cmp
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

SPEC = Path("spec/altegio-partner.yaml")
GENERATED = Path("generated")
TOOLS = ("openapi-python-client", "ruff")  # ruff decides the bytes too


def write(folder: Path) -> None:
    """Write the package, and beside it a note of what it was made from."""
    package = folder / "altegio_partner_api"
    subprocess.run(
        [
            "openapi-python-client", "generate", "--path", str(SPEC), "--config", "spec/generator.yaml",
            "--meta", "none", "--output-path", str(package), "--overwrite", "--fail-on-warning",
        ],
        check=True,
    )  # fmt: skip
    (package / "py.typed").touch()
    digest = hashlib.sha256(SPEC.read_bytes()).hexdigest()
    tools = " and ".join(f"{tool}=={version(tool)}" for tool in TOOLS)
    (folder / "README.md").write_text(
        f"Written by `nox -s generate`, never edited.\n\n- spec: {SPEC.as_posix()}, sha256 {digest}\n- tools: {tools}\n"
    )


def differences(fresh: Path) -> list[str]:
    """Return the files of generated/ that are missing, too many, or not the same to the byte."""
    paths = {path.relative_to(root) for root in (GENERATED, fresh) for path in root.rglob("*") if path.is_file()}
    pairs = [(GENERATED / path, fresh / path) for path in sorted(paths) if path.suffix != ".pyc"]
    same = [one.is_file() and other.is_file() and cmp(one, other, shallow=False) for one, other in pairs]
    return [str(one) for (one, _), is_same in zip(pairs, same, strict=True) if not is_same]


def main() -> None:
    """Write generated/, or check it."""
    if sys.argv[1:] != ["--check"]:
        shutil.rmtree(GENERATED, ignore_errors=True)  # the generator leaves files of endpoints that are gone
        GENERATED.mkdir()
        write(GENERATED)
        return
    with TemporaryDirectory() as folder:
        write(Path(folder))
        drifted = differences(Path(folder))
    if drifted:
        sys.exit(f"not what {SPEC} gives: {', '.join(drifted)}. Run `nox -s generate`, and commit what it writes.")


if __name__ == "__main__":
    main()
