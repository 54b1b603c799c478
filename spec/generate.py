"""Write what is made from the spec and from the operations; or compare it: `generate.py --check [openapi.yaml]`."""

import hashlib
import json
import shutil
import subprocess
import sys
from filecmp import cmp
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import methods
import vendor_diff
from ruamel.yaml import YAML

SPEC = Path("spec/altegio-partner.yaml")
WRITTEN = (Path("generated"), Path("altegio_partner/methods"))
DESCRIPTION = Path("altegio_partner/sandbox/altegio-openapi.json")  # the spec, for those who have no reader of YAML
TOOLS = ("openapi-python-client", "ruff")  # ruff decides the bytes too


def write(root: Path) -> None:
    """Write all of it from scratch, below another root or here."""
    generated, client_methods = (root / folder for folder in WRITTEN)
    for folder in (generated, client_methods):
        shutil.rmtree(folder, ignore_errors=True)  # files of endpoints that are gone would stay
        folder.mkdir(parents=True)
    write_package(generated)
    write_description(root / DESCRIPTION)
    methods.write(client_methods)
    options = ["--quiet", "--no-cache", "--no-respect-gitignore", str(client_methods)]
    subprocess.run(["ruff", "check", "--config=pyproject.toml", "--select=F401,I", "--fix", *options], check=True)
    subprocess.run(["ruff", "format", "--config=pyproject.toml", *options], check=True)


def write_package(folder: Path) -> None:
    """Write the generated package, and beside it a note of what it was made from."""
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
        f"Written by `nox -s generate`, do not edit.\n\n- spec: {SPEC.as_posix()}, sha256 {digest}\n- tools: {tools}\n"
    )


def write_description(file: Path) -> None:
    """Write the spec as JSON."""
    file.parent.mkdir(parents=True, exist_ok=True)
    document = YAML(typ="safe", pure=True).load(SPEC)
    file.write_text(f"{json.dumps(document, ensure_ascii=False, indent=1)}\n", encoding="utf-8")


def differences(fresh: Path) -> list[str]:
    """Return the files that are missing, too many, or not the same to the byte."""
    roots = (Path(), fresh)
    files = {path.relative_to(root) for root in roots for folder in WRITTEN for path in (root / folder).rglob("*.*")}
    files.add(DESCRIPTION)
    return [str(path) for path in sorted(files) if path.suffix != ".pyc" and not is_same(path, fresh / path)]


def is_same(one: Path, other: Path) -> bool:
    """Say whether both files are there, with the same bytes."""
    return one.is_file() and other.is_file() and cmp(one, other, shallow=False)


def main() -> None:
    """Write, or check what is here, or compare the spec with a copy of the vendor's file."""
    if sys.argv[1:] == []:
        write(Path())
        return
    if len(sys.argv) > 2:
        vendor_diff.compare(*sys.argv[2:])
        return
    with TemporaryDirectory() as folder:
        write(Path(folder))
        drifted = differences(Path(folder))
    if drifted:
        sys.exit(f"not what `nox -s generate` writes: {', '.join(drifted)}. Run it, and commit what it writes.")


if __name__ == "__main__":
    main()
