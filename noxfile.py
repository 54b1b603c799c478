"""The checks of this project: `nox` runs those that need only Python, `nox -t full` runs all others."""

import os
import shutil
import sys
from pathlib import Path

import nox

CORES = os.cpu_count() or 1
nox.options.sessions = ["lint", "typing", "drift", "tests", "demo"]
nox.options.reuse_venv = "yes"
nox.options.parallel = CORES
nox.options.allow_parallel = True
nox.needs_version = ">=2026.10"

PYPROJECT = nox.project.load_toml("pyproject.toml")
EXTRAS = ",".join(PYPROJECT["project"]["optional-dependencies"])
DIST = Path("dist").resolve()
GITHUB = {"github-workflows": "workflows/*", "github-issue-forms": "ISSUE_TEMPLATE/problem.yml", "dependabot": "*.yml"}
OTHER_LANGUAGES = ("curl", "default-jdk-headless", "golang-go", "nodejs", "php-cli", "php-curl", "ruby", "wget")
FILES = {
    "default-jdk-headless": "javac", "golang-go": "go", "iproute2": "ip", "nodejs": "node", "php-cli": "php",
    "php-curl": "curl.ini", "postgresql": "initdb",
}  # fmt: skip


@nox.session
def lint(session: nox.Session) -> None:
    """Check the style of the code, the spec against the rules of OpenAPI, the changelog, the words, the workflows."""
    install_group(session, "lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("openapi-spec-validator", "spec/altegio-partner.yaml")
    session.run("python", "release/changelog.py")
    session.run("python", "release/words.py")
    for schema, files in GITHUB.items():
        session.run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, Path(".github").glob(files)))
    session.run("zizmor", "--offline", "--no-progress", "--persona=auditor", "--strict-collection", ".github")


@nox.session
def typing(session: nox.Session) -> None:
    """Check the types of the wrapper, and of what its users write, as mypy, pyright, Jedi and others see them."""
    install_group(session, "typing")
    session.install("-e", f".[{EXTRAS}]")
    session.run("mypy", "--exclude", "tests/(browser|contract|services|shells|site)/")  # their sessions check those
    session.run("pyright")
    session.run("pytest", "tests/typing")


@nox.session(allow_parallel=False)
def generate(session: nox.Session) -> None:
    """Write generated/ from the spec, and the methods of the clients from altegio_partner/operations."""
    install_group(session, "generate")
    session.run("python", "spec/generate.py")


@nox.session
def drift(session: nox.Session) -> None:
    """Fail when `nox -s generate` would write anything; with `-- openapi.yaml`, say what the vendor changed there."""
    install_group(session, "generate")
    session.run("python", "spec/generate.py", "--check", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests against the built wheel, in parallel; every branch of the handwritten code must be taken."""
    install_wheel(session, "test")
    with session.chdir(copy_without_package(session)):
        session.run("python", "-m", "tests.prepare_environment")
        files = {"COVERAGE_PROCESS_START": "pyproject.toml", "COVERAGE_FILE": ".coverage"}
        env = {name: str(Path(file).resolve()) for name, file in files.items()}
        session.run("pytest", f"-n{CORES + 1}", "--dist=worksteal", *session.posargs, env=env)
        if not session.posargs:  # a part of the tests takes a part of the branches
            session.run("coverage", "combine", "--quiet")
            session.run("coverage", "report")


@nox.session
def demo(session: nox.Session) -> None:
    """Show the product: every call, over real HTTP, against a local Altegio."""
    session.install(".[sandbox]")
    session.run("python", "examples/demo.py")


@nox.session(tags=["full"])
def sandbox(session: nox.Session) -> None:
    """Test the sandbox and the spec with schemathesis, curl, Prism and a TypeScript client, its page in Chromium."""
    install_programs(session, "chromium", "npm")
    session.install("-e", ".[sandbox]")
    install_group(session, "sandbox")
    npm = ("npm", "install", "--global", "--no-audit", "--no-fund", "--ignore-scripts", "--engine-strict", "--prefix")
    session.run(*npm, session.virtualenv.location, *Path("tests/contract/node.txt").read_text().split(), external=True)
    session.run("mypy", "tests/contract", "tests/browser")
    session.run("pytest", *(session.posargs or ["tests/contract", "tests/browser"]))


@nox.session(tags=["full"])
def services(session: nox.Session) -> None:
    """Test with real programs: PostgreSQL, PgBouncer, Redis; Alembic, Celery, Django, DBOS; shells; other languages."""
    install_programs(session, "postgresql", "pgbouncer", "redis-server", "fish", "iproute2", "zsh", *OTHER_LANGUAGES)
    session.install("-e", f".[{EXTRAS}]")
    install_group(session, "services")
    session.run("mypy", "tests/services", "tests/shells", "examples")
    chosen = session.posargs or ["tests/services", "tests/shells", "tests/pages"]
    session.run("pytest", "-m", "services", f"-n{2 * CORES}", "--dist=worksteal", *chosen)  # they mostly wait


@nox.session(tags=["full"])
def docs(session: nox.Session) -> None:
    """Make the site of the documentation, warnings as errors, and look at it, also in a real Chromium."""
    install_programs(session, "chromium", "npm")
    session.install("-e", f".[{EXTRAS}]")
    install_group(session, "docs")
    shutil.rmtree("build", ignore_errors=True)
    npm = ("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", "build/npm")
    session.run(*npm, "mermaid@11.17.2", external=True)  # draws the diagrams
    session.run("sphinx-build", "-W", "--keep-going", "-n", "-q", "-d", "build/doctrees", "docs", "build/site")
    session.run("mypy", "tests/site", "docs")
    session.run("pytest", "tests/site", *session.posargs)


@nox.session(tags=["full"])
def soundness(session: nox.Session) -> None:
    """Break calls at random, kill workers, explore the ledger. With `-- full`: 10,000 faults each; two hours."""
    install_programs(session, "postgresql", "pgbouncer")
    session.install("-e", f".[{EXTRAS}]")
    install_group(session, "soundness")
    sizes = {"ALTEGIO_SOUNDNESS_CASES": "10000", "ALTEGIO_DURABILITY_PAYMENTS": "2000"} if session.posargs else {}
    session.run("pytest", "-n", "2", "tests/soundness", "tests/durability", "tests/simulation", env=sizes)


@nox.session(tags=["full"])
def repository(session: nox.Session) -> None:
    """Test what those who change this repository rely on: its sessions notice faults, its tests pass anywhere."""
    install_wheel(session, "repository")
    session.run("pytest", f"-n{CORES}", "--dist=worksteal", *(session.posargs or ["tests/repository"]))
    if not session.posargs:
        session.run("python", "-m", "tests.anywhere", "--", f"{session.bin}/python")


@nox.session(tags=["full"])
def build(session: nox.Session) -> None:
    """Build what is published, twice, with the same bytes; check the wheel, use each extra, list all that it brings."""
    install_programs(session, "postgresql")
    install_group(session, "build")
    session.run("python", "release/build.py")
    sdist, wheel = sorted(DIST.iterdir(), key=lambda path: path.suffix)
    session.run("twine", "check", "--strict", str(sdist), str(wheel))
    session.run("python", "release/check_wheel.py", str(wheel))
    with session.chdir(copy_without_package(session)):
        for chosen in ("", *EXTRAS.split(","), EXTRAS):
            python = install_elsewhere(session, f"{wheel}[{chosen}]" if chosen else str(wheel))
            session.run(python, "-m", "tests.extras.uses", *filter(None, chosen.split(",")), external=True)
    sbom = DIST / f"{'-'.join(wheel.name.split('-')[:2])}.cdx.json"
    session.run("python", "release/make_sbom.py", python, str(wheel), str(sbom))
    session.run("sh", "-c", "cd dist && sha256sum * > SHA256SUMS", external=True)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the client beside httpx, in one run of a few minutes."""
    session.install(f".[{EXTRAS}]")  # not editable: pip compiles what it installs, as it does for users
    install_group(session, "bench")
    session.run("python", "benchmarks/compare.py", *session.posargs)


@nox.session
def mutation(session: nox.Session) -> None:
    """Break the code that decides, in a clone of the last commit, and see whether the tests notice. Takes an hour."""
    clone = empty_folder(session, "clone")
    session.run("git", "clone", "--quiet", ".", str(clone), external=True)
    session.install("-e", f"{clone}[{EXTRAS}]")
    install_group(session, "mutation")
    with session.chdir(clone):
        for script in ("run", "score"):
            session.run("python", f"tests/mutation/{script}.py", "session.sqlite")


@nox.session(name="api-diff")
def api_diff(session: nox.Session) -> None:
    """Compare the public API with that of the last tag, or of the ref that is named, and run the tests it had then."""
    install_group(session, "api-diff")
    session.run("python", "release/api_diff.py", *session.posargs)


@nox.session
def release(session: nox.Session) -> None:
    """Do what can be done here for a release (`nox -s release -- 1.2.3`): writes dist/, publishes nothing."""
    session.run("python", "release/ready.py", *session.posargs)
    for sessions in (["-s", "api-diff"], [], ["-t", "full"]):
        session.run(sys.executable, "-m", "nox", *sessions, external=True)
    session.run("python", "release/ready.py", *session.posargs)  # the checks have changed nothing
    session.run("ls", "-l", str(DIST), external=True)
    if "Repository" not in PYPROJECT["project"]["urls"]:
        session.warn("By hand: name the Repository in [project.urls]; PyPI's page has no link to it, and dead ones.")
    tag = f"v{session.posargs[0]}"
    session.log(f"By hand: git tag -s {tag} -m {tag} && git push origin main {tag}. The workflow then publishes it.")


def install_group(session: nox.Session, group: str) -> None:
    """Install the tools of one dependency group of pyproject.toml: not compiled, where few modules are imported."""
    env = {"PIP_NO_COMPILE": "1"} if group in ("generate", "lint", "typing") else {}
    session.install(*nox.project.dependency_groups(PYPROJECT, group), env=env)


def install_wheel(session: nox.Session, group: str) -> None:
    """Install that group, and the package as users get it."""
    install_group(session, group)
    wheels = empty_folder(session, "wheels")
    session.run("hatchling", "build", "--target", "wheel", "--directory", str(wheels), silent=True)
    (wheel,) = wheels.iterdir()
    session.install(f"{wheel}[{EXTRAS}]")
    session.install("--force-reinstall", "--no-deps", str(wheel))  # also where another wheel of this version was


def install_programs(session: nox.Session, *packages: str) -> None:
    """Install the packages of Debian whose file is not found."""
    folders = [*os.environ.get("PATH", os.defpath).split(os.pathsep), "/usr/sbin"]
    folders += map(str, [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/etc/php").glob("*/mods-available")])
    missing = [one for one in packages if not any(Path(it, FILES.get(one, one)).is_file() for it in folders)]
    apt = ("flock", ".nox/apt.lock", *(() if os.geteuid() == 0 else ("sudo",)), "apt-get")  # sessions run side by side
    if missing:
        session.run(*apt, "update", "--quiet", external=True)
        session.run(*apt, "install", "--yes", "--quiet", *missing, external=True)


def install_elsewhere(session: nox.Session, *wanted: str) -> str:
    """Install that and nothing else in an environment that knows no checkout, and return its Python."""
    env = empty_folder(session, "env")
    session.run("python", "-m", "venv", "--clear", "--without-pip", str(env), silent=True)
    python = str(env / "bin" / "python")
    session.run("python", "-m", "pip", "--python", python, "install", "--quiet", *wanted)
    return python


def copy_without_package(session: nox.Session) -> Path:
    """Copy the checkout without the package, so that what is run there imports what is installed."""
    package = ("altegio_partner", "generated", "pytest_altegio_sandbox.py")
    ignored = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", *package)
    return Path(shutil.copytree(Path(), empty_folder(session, "elsewhere"), ignore=ignored, dirs_exist_ok=True))


def empty_folder(session: nox.Session, name: str) -> Path:
    """Return a folder of that name for this session, without what an earlier run left there."""
    folder = Path(session.create_tmp()).resolve() / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
