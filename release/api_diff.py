"""Compare the public API with that of the last tag, and run the tests of that time: `api_diff.py [REF [OPTIONS]]`.

The options are for pytest. A version that may break code, by its number, is allowed to fail, and says so.
"""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import griffe

PUBLIC = (
    "altegio_partner", "altegio_partner.incoming", "altegio_partner.ledger", "altegio_partner.rate_limit",
    "altegio_partner.sandbox", "pytest_altegio_sandbox",
)  # fmt: skip
VALUE = griffe.BreakageKind.ATTRIBUTE_CHANGED_VALUE  # of the version, for example: no code fails because of it


def breakages(old: Path, new: Path) -> Iterator[str]:
    """Compare each public name."""
    for module in PUBLIC:
        for found in griffe.find_breaking_changes(public_names(module, old), public_names(module, new)):
            if found.kind != VALUE:
                yield found.explain(griffe.ExplanationStyle.MARKDOWN)


def public_names(module: str, checkout: Path) -> griffe.Module:
    """Return what `from module import *` gives, as it is defined, and nothing else of the module."""
    public = griffe.Module(module)
    folder = checkout / module.replace(".", "/")
    if not folder.is_dir() and not folder.with_suffix(".py").is_file():
        return public  # it did not exist then
    top, _, below = module.partition(".")
    package = griffe.load(top, search_paths=[checkout], try_relative_path=False, resolve_aliases=True)
    found = package[below] if below else package
    for name in found.exports or [name for name, one in found.members.items() if one.is_public]:
        one = found.members[str(name)]
        public.members[str(name)] = one.final_target if isinstance(one, griffe.Alias) else one
    return public


def last_tag() -> str:
    """Return the newest tag of a version before this commit, or nothing."""
    earlier = ["--merged", "HEAD", "--no-contains", "HEAD", "--sort=-v:refname"]
    tags = subprocess.run(["git", "tag", "--list", "v*", *earlier], check=True, capture_output=True, text=True).stdout
    return next(iter(tags.split()), "")


def breaking_part(checkout: Path) -> str:
    """Return what changes in a version when it breaks code: X of X.Y.Z, or 0.Y of 0.Y.Z."""
    major, minor, _ = re.findall(r"\d+", (checkout / "altegio_partner" / "version.py").read_text())
    return major if major != "0" else f"0.{minor}"


def passes_old_tests(old: Path, folder: Path, options: list[str]) -> bool:
    """Run the tests of the old checkout, and check its typing tests, against the package of today."""
    project = tomllib.loads((old / "pyproject.toml").read_text())
    extras = ",".join(project["project"]["optional-dependencies"])
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "env"], check=True)
    python = str(folder / "env" / "bin" / "python")
    install = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-compile"]
    subprocess.run([*install, f".[{extras}]", "--group", f"{old}/pyproject.toml:test"], check=True)
    for name in ("altegio_partner", "generated", "pytest_altegio_sandbox.py"):  # what is installed is tested
        shutil.move(old / name, folder / name)
    tests = subprocess.run([python, "-m", "pytest", *options], cwd=old, check=False)
    typed = [
        "mypy",
        "--config-file=",
        "--strict",
        "--python-executable",
        python,
        str(old / "tests" / "typing" / "public_api.py"),
    ]
    types = subprocess.run(typed, check=False)
    return tests.returncode == types.returncode == 0


def main() -> None:
    """Compare this checkout with the last tag, or with the ref that is named."""
    since, *options = sys.argv[1:] or [last_tag()]
    if not since:
        print("THERE IS NO TAG, so nothing is compared. To compare with a commit: nox -s api-diff -- COMMIT")
        return
    with TemporaryDirectory() as name:
        folder = Path(name).resolve()
        old = folder / "old"
        subprocess.run(["git", "clone", "--quiet", "--no-checkout", ".", old], check=True)
        subprocess.run(["git", "-C", old, "checkout", "--quiet", "--detach", since], check=True)
        may_break = breaking_part(old) != breaking_part(Path())
        found = list(breakages(old, Path.cwd()))
        print("\n".join(found) or f"No public name of {', '.join(PUBLIC)} is gone or asks for more.")
        passed = passes_old_tests(old, folder, options)
    if may_break:
        print("This version may break code written for the older one: the changelog must say what breaks.")
    elif found or not passed:
        sys.exit(f"The public API breaks code that was written for {since}.")


if __name__ == "__main__":
    main()
