"""The checks of this project, one purpose each. Plain `nox` runs all that a change must pass."""

import hashlib
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from filecmp import cmp
from pathlib import Path

import nox

nox.options.sessions = [
    "lint", "typing", "drift", "tests", "contract", "browser", "machines", "shells", "docs",
    "build", "wheel", "extras", "sbom", "demo",
]  # fmt: skip
nox.options.reuse_existing_virtualenvs = True

SPEC = Path("spec/altegio-partner.yaml")
GENERATED = Path("generated")
METHODS = Path("altegio_partner/methods")
SITE = Path("build/site")
MERMAID = "mermaid@11.17.2"  # draws the diagrams of docs/
NOT_OF_THE_WHEEL = (  # under tests/
    "repository", "examples", "machines", "shells", "durability", "soundness", "__pycache__",
)  # fmt: skip
WORKFLOWS = Path(".github/workflows")
DIST = Path("dist").resolve()
PYPROJECT = nox.project.load_toml("pyproject.toml")
EXTRAS = list(PYPROJECT["project"]["optional-dependencies"])


def install_group(session: nox.Session, group: str) -> None:
    """Install the tools of one dependency group of pyproject.toml."""
    session.install(*nox.project.dependency_groups(PYPROJECT, group))


def install_debian(session: nox.Session, found: Mapping[str, object]) -> None:
    """Install the packages of Debian of which nothing was found."""
    missing = [package for package, path in found.items() if not path]
    apt = ("apt-get",) if os.geteuid() == 0 else ("sudo", "apt-get")
    if missing:
        session.run(*apt, "update", "--quiet", external=True)
        session.run(*apt, "install", "--yes", "--quiet", *missing, external=True)


def find_postgres() -> str | None:
    """Return where PostgreSQL's server is: Debian does not put it on the path."""
    return shutil.which("initdb") or next(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")), None)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests against the checkout; every branch of the handwritten code must be taken."""
    session.install("-e", ".[aiohttp,cli,postgresql]")
    install_group(session, "test")
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", *session.posargs)
    if not session.posargs:  # a part of the tests takes a part of the branches
        session.run("coverage", "combine", "--quiet")
        session.run("coverage", "report")


@nox.session
def lint(session: nox.Session) -> None:
    """Check the style of the code, the spec against the rules of OpenAPI, the workflows, the changelog."""
    install_group(session, "lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("openapi-spec-validator", str(SPEC))
    session.run("python", "release/changelog.py")
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *map(str, WORKFLOWS.iterdir()))
    session.run("zizmor", "--offline", "--no-progress", "--persona=auditor", "--strict-collection", ".github")


@nox.session
def typing(session: nox.Session) -> None:
    """Check the types, as mypy and as pyright see them, of the wrapper and of what its users write."""
    session.install("-e", ".[aiohttp,cli,postgresql]")
    install_group(session, "typing")
    session.run("mypy")
    session.run("pyright")


@nox.session
def generate(session: nox.Session) -> None:
    """Write generated/ from the spec, and the methods of the clients from altegio_partner/operations."""
    write_generated(session, GENERATED)
    write_methods(session, METHODS)


@nox.session
def drift(session: nox.Session) -> None:
    """Fail when what `nox -s generate` writes is not what is here, to the byte."""
    fresh = Path(session.create_tmp()) / "fresh"
    write_generated(session, fresh / GENERATED)
    write_methods(session, fresh / METHODS)
    folders = [(fresh / GENERATED, GENERATED, str(SPEC)), (fresh / METHODS, METHODS, "altegio_partner/operations")]
    for new, here, source in folders:
        paths = {path.relative_to(root) for root in (here, new) for path in root.rglob("*") if path.is_file()}
        paths = {path for path in paths if path.suffix != ".pyc"}
        drifted = [str(here / path) for path in sorted(paths) if not is_same(here / path, new / path)]
        if drifted:
            session.error(f"not what {source} gives: {', '.join(drifted)}. Run `nox -s generate`, and commit that.")


@nox.session
def build(session: nox.Session) -> None:
    """Build wheel and sdist, then both again from the sdist, elsewhere: the bytes must be the same. Check the wheel."""
    install_group(session, "build")
    shutil.rmtree(DIST, ignore_errors=True)
    build_here(session, DIST)  # the wheel is made from the sdist
    (sdist,) = DIST.glob("*.tar.gz")
    again = Path(session.create_tmp()).resolve() / "again"
    shutil.rmtree(again, ignore_errors=True)
    shutil.unpack_archive(sdist, again, filter="data")
    with session.chdir(again / sdist.name.removesuffix(".tar.gz")):
        build_here(session, again, TZ="Asia/Tokyo", LC_ALL="C", PYTHONHASHSEED="1")
    differing = [path.name for path in DIST.iterdir() if not is_same(path, again / path.name)]
    if differing:
        session.error(f"built again from the sdist, these have other bytes: {', '.join(differing)}")
    session.run("twine", "check", "--strict", *map(str, DIST.iterdir()))
    session.run("python", "release/check_wheel.py", str(built_wheel()))


@nox.session(requires=["build"])
def wheel(session: nox.Session) -> None:
    """Run the tests against the wheel, in an environment that knows no checkout."""
    run_tests_elsewhere(session, Path())


@nox.session(requires=["build"])
def extras(session: nox.Session) -> None:
    """Install each extra alone, all of them, and none, from the wheel, and use what they are for."""
    install_debian(session, {"postgresql": find_postgres()})
    for chosen in ([], *([name] for name in EXTRAS), EXTRAS):
        wanted = f"{built_wheel()}[{','.join(chosen)}]" if chosen else str(built_wheel())
        python = install_elsewhere(session, wanted)
        session.run(python, "tests/extras/uses.py", *chosen, external=True, env={"PYTHONPATH": "tests"})


@nox.session(requires=["build"])
def sbom(session: nox.Session) -> None:
    """List what comes with the wheel and all of its extras today, as CycloneDX, and write the sums of all in dist/."""
    install_group(session, "sbom")
    python = install_elsewhere(session, f"{built_wheel()}[{','.join(EXTRAS)}]")
    into = DIST / f"{'-'.join(built_wheel().name.split('-')[:2])}.cdx.json"
    session.run("python", "release/make_sbom.py", python, str(built_wheel()), str(into))
    sums = DIST / "SHA256SUMS"
    files = sorted(path for path in DIST.iterdir() if path != sums)
    sums.write_text("".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files))


@nox.session(name="api-diff", requires=["build"])
def api_diff(session: nox.Session) -> None:
    """Compare the public API with that of the last tag, or of the ref that is named, and run the tests it had then."""
    since, *options = session.posargs or [last_tag(session)]
    if not since:
        session.skip("THERE IS NO TAG, so nothing is compared. To compare with a commit: nox -s api-diff -- COMMIT")
    old = Path(session.create_tmp()).resolve() / "old"
    shutil.rmtree(old, ignore_errors=True)
    session.run("git", "clone", "--quiet", "--no-checkout", ".", str(old), external=True)
    session.run("git", "-C", str(old), "checkout", "--quiet", "--detach", since, external=True)
    install_group(session, "api-diff")
    may_break = breaking_part(old) != breaking_part(Path())
    if may_break:
        session.warn("This version may break code written for the older one: the changelog must say what breaks.")
    codes = [0, 1] if may_break else [0]
    session.run("python", "release/api_diff.py", str(old), success_codes=codes)
    python = run_tests_elsewhere(session, old, *options, success_codes=codes)
    typed = ("mypy", "--config-file=", "--strict", "--python-executable", python, str(old / "tests" / "typing"))
    session.run(*typed, success_codes=codes)


@nox.session
def release(session: nox.Session) -> None:
    """Do what can be done here for a release (`nox -s release -- 1.2.3`): writes dist/, publishes nothing."""
    session.run("python", "release/ready.py", *session.posargs)
    session.run(sys.executable, "-m", "nox", "-s", "api-diff", external=True)
    session.run(sys.executable, "-m", "nox", external=True)
    session.run("python", "release/ready.py", *session.posargs)  # the checks have changed nothing
    for path in sorted(DIST.iterdir()):
        session.log(f"{path.relative_to(Path.cwd())}: {path.stat().st_size:,} bytes")
    if "Repository" not in PYPROJECT["project"]["urls"]:
        session.warn("By hand: name the Repository in [project.urls]; PyPI's page has no link to it, and dead ones.")
    tag = f"v{session.posargs[0]}"
    session.log(f"By hand: git tag -s {tag} -m {tag} && git push origin main {tag}. The workflow then publishes it.")


@nox.session
def contract(session: nox.Session) -> None:
    """Let other people's clients judge the sandbox: schemathesis from our spec, curl from Altegio's documentation."""
    session.install("-e", ".[sandbox]")
    install_group(session, "contract")
    session.run("pytest", "tests/contract", *session.posargs)


@nox.session
def mutation(session: nox.Session) -> None:
    """Break the code that decides, in a clone of the last commit, and see whether the tests notice. Takes an hour."""
    clone = Path(session.create_tmp()).resolve() / "clone"
    shutil.rmtree(clone, ignore_errors=True)
    session.run("git", "clone", "--quiet", ".", str(clone), external=True)
    session.install("-e", f"{clone}[aiohttp,postgresql,rate-limit,sandbox]")
    install_group(session, "test")
    install_group(session, "mutation")
    config = "tests/mutation/cosmic-ray.toml"
    with session.chdir(clone):
        session.run("cosmic-ray", "baseline", config)  # unmutated, the very same command passes
        session.run("cosmic-ray", "init", config, "session.sqlite")
        session.run("cr-filter-operators", "session.sqlite", config)
        session.run("python", "tests/mutation/only_programs.py", "session.sqlite")
        session.run("cosmic-ray", "exec", config, "session.sqlite")
        session.run("python", "tests/mutation/score.py", "session.sqlite")


@nox.session
def browser(session: nox.Session) -> None:
    """Click through the page of the sandbox in a real Chromium, beside a real partner application."""
    install_debian(session, {"chromium": shutil.which("chromium")})
    session.install("-e", ".[sandbox]")
    install_group(session, "browser")
    session.run("pytest", "tests/browser", *session.posargs)


@nox.session
def shells(session: nox.Session) -> None:
    """Complete the command line in real shells: bash, zsh and fish."""
    install_debian(session, {"fish": shutil.which("fish"), "zsh": shutil.which("zsh")})
    session.install("-e", ".[cli]")
    install_group(session, "shells")
    session.run("pytest", "tests/shells", *session.posargs)


@nox.session
def machines(session: nox.Session) -> None:
    """Kill Celery workers, Django and DBOS in the middle of a call, with a real Redis and a real PostgreSQL."""
    install_debian(session, {"redis-server": shutil.which("redis-server"), "postgresql": find_postgres()})
    session.install("-e", ".[aiohttp,postgresql,rate-limit,sandbox]")
    install_group(session, "machines")
    session.run("pytest", "tests/machines", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Make the site of the documentation, warnings as errors, and look at it, also in a real Chromium."""
    install_debian(session, {"chromium": shutil.which("chromium")})
    session.install("-e", ".[aiohttp,postgresql,rate-limit,sandbox]")
    install_group(session, "docs")
    shutil.rmtree(SITE.parent, ignore_errors=True)
    doctrees = str(SITE.parent / "doctrees")
    session.run("sphinx-build", "-W", "--keep-going", "-n", "-q", "-d", doctrees, "docs", str(SITE))
    session.run("pytest", "tests/docs", *session.posargs)
    session.log(f"The site begins with {SITE / 'index.html'}")


@nox.session
def pictures(session: nox.Session) -> None:
    """Draw the diagrams of the documentation anew, and photograph the sandbox and the command line as they are."""
    install_debian(session, {name: shutil.which(name) for name in ("chromium", "npm")})
    session.install("-e", ".[cli,ledger,sandbox]")
    install_group(session, "pictures")
    tools = Path(session.create_tmp()).resolve()
    session.run("npm", "install", "--no-audit", "--no-fund", "--prefix", str(tools), MERMAID, external=True)
    session.run("python", "docs/diagrams.py", str(tools / "node_modules" / "mermaid" / "dist" / "mermaid.min.js"))
    session.run("python", "docs/screenshots.py")


@nox.session
def durability(session: nox.Session) -> None:
    """Kill workers 200 times while they tell 2,000 payments, on SQLite and on a real PostgreSQL. Takes 5 minutes."""
    install_debian(session, {"postgresql": find_postgres()})
    session.install("-e", ".[aiohttp,postgresql,rate-limit,sandbox]")
    install_group(session, "test")
    session.run("pytest", "tests/durability", *session.posargs, env={"ALTEGIO_DURABILITY_PAYMENTS": "2000"})


@nox.session
def soundness(session: nox.Session) -> None:
    """Try what the tests try a little of: 10,000 faults each, 100,000 calls. It takes an hour or less."""
    session.install("-e", ".[aiohttp,postgresql,rate-limit,sandbox]")
    install_group(session, "test")
    session.run("pytest", "tests/soundness", *session.posargs, env={"ALTEGIO_SOUNDNESS_CASES": "10000"})


@nox.session
def bench(session: nox.Session) -> None:
    """Measure a call beside those of its peers, in one run of 5 minutes."""
    session.install("-e", ".[aiohttp,postgresql,rate-limit,sandbox]")
    install_group(session, "bench")
    session.run("python", "benchmarks/calls.py", *session.posargs)


@nox.session
def load(session: nox.Session) -> None:
    """Put a load on the sandbox, beside a bare server."""
    session.install("-e", ".[sandbox]")
    session.run("python", "benchmarks/sandbox_load.py", *session.posargs)


@nox.session
def demo(session: nox.Session) -> None:
    """Show the product: every call, over real HTTP, against a local Altegio."""
    session.install(".[sandbox]")
    session.run("python", "examples/demo.py")


def write_generated(session: nox.Session, folder: Path) -> None:
    """Turn the spec into a package in that folder, beside a note of what it was made from."""
    install_group(session, "generate")
    shutil.rmtree(folder, ignore_errors=True)  # the generator leaves files of endpoints that are gone
    folder.mkdir(parents=True)
    package = folder / "altegio_partner_api"
    session.run(
        "openapi-python-client", "generate", "--path", str(SPEC), "--config", "spec/generator.yaml",
        "--meta", "none", "--output-path", str(package), "--overwrite", "--fail-on-warning",
    )  # fmt: skip
    (package / "py.typed").touch()
    digest = hashlib.sha256(SPEC.read_bytes()).hexdigest()
    tools = " and ".join(nox.project.dependency_groups(PYPROJECT, "generate"))
    (folder / "README.md").write_text(
        f"Written by `nox -s generate`, never edited.\n\n- spec: {SPEC.as_posix()}, sha256 {digest}\n- tools: {tools}\n"
    )


def write_methods(session: nox.Session, folder: Path) -> None:
    """Write the methods of the clients into that folder."""
    install_group(session, "generate")
    shutil.rmtree(folder, ignore_errors=True)
    session.run("python", "scripts/write_methods.py", str(folder))
    options = ("--quiet", "--no-cache", "--no-respect-gitignore", str(folder))  # the folder may be in .nox
    session.run("ruff", "check", "--select=I", "--fix", *options)
    session.run("ruff", "format", *options)


def build_here(session: nox.Session, into: Path, **environment: str) -> None:
    """Build sdist and wheel of the current folder, with the tools of this session, and no date from outside."""
    fixed = {"SOURCE_DATE_EPOCH": None, **environment}
    session.run("python", "-m", "build", "--no-isolation", "--outdir", str(into), silent=True, env=fixed)


def built_wheel() -> Path:
    """Return the wheel that the session `build` made."""
    (wheel,) = DIST.glob("*.whl")
    return wheel


def install_elsewhere(session: nox.Session, *wanted: str) -> str:
    """Install that and nothing else in an environment that knows no checkout, and return its Python."""
    env = Path(session.create_tmp()).resolve() / "env"
    session.run("python", "-m", "venv", "--clear", "--without-pip", str(env), silent=True)
    python = str(env / "bin" / "python")
    session.run("python", "-m", "pip", "--python", python, "install", "--quiet", *wanted)
    return python


def run_tests_elsewhere(
    session: nox.Session, checkout: Path, *options: str, success_codes: Sequence[int] = (0,)
) -> str:
    """Run the tests of that checkout, with its tools, against the wheel that was built here; return the Python."""
    elsewhere = Path(session.create_tmp()).resolve() / "elsewhere"
    shutil.rmtree(elsewhere, ignore_errors=True)
    shutil.copytree(checkout / "tests", elsewhere / "tests", ignore=shutil.ignore_patterns(*NOT_OF_THE_WHEEL))
    shutil.copytree(checkout / "docs", elsewhere / "docs")
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(checkout / name, elsewhere)
    tools = nox.project.dependency_groups(nox.project.load_toml(elsewhere / "pyproject.toml"), "test")
    python = install_elsewhere(session, f"{built_wheel()}[{','.join(EXTRAS)}]", *tools)
    with session.chdir(elsewhere):
        where = session.run(python, "-c", "import altegio_partner as a; print(a.__file__)", external=True, silent=True)
        if not str(where).startswith(str(Path(python).parents[1])):
            session.error(f"not the wheel, but {where} is tested")
        session.run(python, "-m", "pytest", *options, external=True, success_codes=success_codes)
    return python


def last_tag(session: nox.Session) -> str:
    """Return the newest tag of a version before this commit, or nothing."""
    earlier = ("--merged", "HEAD", "--no-contains", "HEAD", "--sort=-v:refname")
    tags = session.run("git", "tag", "--list", "v*", *earlier, external=True, silent=True)
    return next(iter(str(tags).split()), "")


def breaking_part(checkout: Path) -> str:
    """Return what changes in a version when it breaks code: X of X.Y.Z, or 0.Y of 0.Y.Z."""
    major, minor, _ = re.findall(r"\d+", (checkout / "altegio_partner" / "version.py").read_text())
    return major if major != "0" else f"0.{minor}"


def is_same(one: Path, other: Path) -> bool:
    """Say whether both files are there, with the same bytes."""
    return one.is_file() and other.is_file() and cmp(one, other, shallow=False)
