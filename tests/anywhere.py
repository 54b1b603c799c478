"""Run the tests in unusual environments: as root if possible.

    python -m tests.anywhere [--all] -- PYTHON

PYTHON belongs to an environment into which the wheel, with all extras, and the group `test` are installed. A part of
the tests takes 3 minutes. With --all, all of them are run in each surrounding, and beside busy loops three times.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

SOME = (
    "tests/cli/test_fork_server.py", "tests/cli/test_terminal.py", "tests/client/test_failures.py",
    "tests/client/test_rate_limit.py", "tests/ledger/test_database.py", "tests/ledger/test_database_faults.py",
    "tests/ledger/test_nothing_known_is_lost.py", "tests/ledger/test_time.py", "tests/sandbox/test_command.py",
    "tests/cli/test_import.py::test_stopped_and_started_again_it_reports_each_row_once",
    "tests/cli/test_commands.py::test_a_standard_error_that_cannot_be_written_changes_nothing",
)  # fmt: skip
NOT_COPIED = (".*", "__pycache__", "build", "dist", "altegio_partner", "generated", "pytest_altegio_sandbox.py")
NOBODY = 65534
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy")
SETTINGS = {
    **dict.fromkeys(PROXIES, "http://127.0.0.1:9"), "NO_PROXY": "example.com", "ALTEGIO_BASE_URL": "http://127.0.0.1:9",
    "ALTEGIO_PARTNER_TOKEN": "FakeTokenOfThisMachine", "ALTEGIO_APPLICATION_ID": "9", "ALTEGIO_TIMEZONE": "Asia/Tokyo",
    "ALTEGIO_LEDGER_URL": "sqlite:////nowhere/ledger.db", "FORCE_COLOR": "1", "COLUMNS": "40", "GITHUB_ACTIONS": "true",
    "PYTHONUNBUFFERED": "1",
}  # fmt: skip


def ignore_signals() -> None:
    """Ignore what nohup ignores, and a shell in the background of a script."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)


class Surrounding(NamedTuple):
    """Where, as whom, and with what the tests are run."""

    name: str
    folder: str = "plain"
    mode: int = 0o755
    user: int | None = None
    is_copied: bool = False
    """Whether the environment is in that folder, too."""
    variables: Mapping[str, str] = MappingProxyType({})
    before_start: Callable[[], object] | None = None
    busy_loops: int = 0


SURROUNDINGS = (
    Surrounding("as root, in a folder of mode 0700", "private", mode=0o700, user=0),
    Surrounding("as a user without rights", "open", user=NOBODY, is_copied=True),
    Surrounding("in a path with spaces and letters", "Zoë and friends", is_copied=True),
    Surrounding("SIGHUP, SIGINT and SIGQUIT ignored", before_start=ignore_signals),
    Surrounding("TZ, LC_ALL=C, NO_COLOR", variables={"TZ": "Pacific/Apia", "LC_ALL": "C", "NO_COLOR": "1"}),
    Surrounding("settings, proxies, FORCE_COLOR", variables=SETTINGS),
    Surrounding("beside two busy loops", busy_loops=2),
)


def copy_environment(python: str, into: Path) -> tuple[str, dict[str, str]]:
    """Copy an environment, and the Python below it where not everybody may read that. Gives what starts it."""
    ask = "import altegio_partner as a, sys, sysconfig as s; print(a.__file__, sys.base_prefix, sep='\\n'); "
    ask += "print(*map(s.get_path, ['stdlib', 'purelib', 'scripts']), sep='\\n')"
    answer = subprocess.run([python, "-P", "-c", ask], check=True, capture_output=True, encoding="utf-8").stdout
    package, base, library, packages, scripts = map(Path, answer.splitlines())
    if not package.is_relative_to(packages):
        sys.exit(f"{package} is a checkout: install the wheel.")
    start, variables = base / "bin" / library.name, {}
    if not all(folder.stat().st_mode & 1 for folder in (base, *base.parents)):
        for file in (start, *base.glob("lib/libpython*.so*")):
            (into / file.relative_to(base)).parent.mkdir(exist_ok=True)
            shutil.copy(file, into / file.relative_to(base))
        left_out = shutil.ignore_patterns("site-packages", "test", "config-*")
        shutil.copytree(library, into / library.relative_to(base), ignore=left_out)
        start, variables = into / start.relative_to(base), {"LD_LIBRARY_PATH": str(into / "lib")}
    copy = into / "env"
    command = [str(start), "-m", "venv", "--without-pip", str(copy)]
    subprocess.run(command, check=True, env={**os.environ, **variables})
    shutil.copytree(packages, next(copy.glob("lib/*/site-packages")), dirs_exist_ok=True)
    for script in scripts.iterdir():
        first, _, program = script.read_bytes().partition(b"\n")
        if first.startswith(b"#!") and b"python" in first:
            launcher = f"#!/bin/sh\n'''exec' \"{copy}/bin/python\" \"$0\" \"$@\"\n' '''\n"  # as pip writes it
            (copy / "bin" / script.name).write_bytes(launcher.encode() + program)
            (copy / "bin" / script.name).chmod(0o755)
    return str(copy / "bin" / "python"), variables


def play(one: Surrounding, python: str, root: Path, tests: tuple[str, ...]) -> str:
    """Run the tests there, and return the outcome."""
    if one.user == 0 and os.geteuid() != 0:
        return "NOT PLAYED: run it as root, or as one who may use sudo without a password"
    folder, variables = root / one.folder, dict(one.variables)
    if not folder.exists():
        left_out = shutil.ignore_patterns(*NOT_COPIED)
        shutil.copytree(Path(__file__).parents[1], folder / "clone", ignore=left_out)
        (folder / "tmp").mkdir()
    if one.is_copied:
        python, libraries = copy_environment(python, folder)
        variables |= libraries
    who: dict[str, Any] = {}
    if one.user == NOBODY and os.geteuid() == 0:
        who = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        for path in (folder, *(folder / "clone").rglob("*"), folder / "clone", folder / "tmp"):
            os.chown(path, NOBODY, NOBODY)
    folder.chmod(one.mode)
    known = {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder / "tmp"), "LANG": "C.UTF-8"}
    options = ("-q", "--color=no", "-p", "no:cacheprovider", "-n", "4", "--dist", "worksteal")
    with ExitStack() as stack:
        burn = f"import os\nwhile os.getppid() == {os.getpid()}: pass"  # and no longer than this process lives
        for _ in range(one.busy_loops):
            loop = stack.enter_context(subprocess.Popen([sys.executable, "-c", burn]))
            stack.callback(loop.kill)
        ran = subprocess.run(
            [python, "-m", "pytest", *options, *tests], check=False, cwd=folder / "clone", env={**known, **variables},
            preexec_fn=one.before_start, **who, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
        )  # fmt: skip
    if ran.returncode:
        print(ran.stdout, flush=True)
    return f"{'FAILED' if ran.returncode else 'passed'}: {ran.stdout.splitlines()[-1].strip(' =')}"


def main() -> None:
    """Play them all, and show a table of the outcomes."""
    parser = argparse.ArgumentParser(description="Run the tests in many surroundings.")
    parser.add_argument("--all", action="store_true", help="all tests, and beside busy loops three times")
    parser.add_argument("python", help="the Python of the environment with the wheel")
    options = parser.parse_args()
    sudo = shutil.which("sudo")
    if os.geteuid() != 0 and sudo and not subprocess.run([sudo, "-n", "true"], check=False).returncode:
        os.execv(sudo, [sudo, "-n", "--preserve-env=CI,PATH", sys.executable, *sys.orig_argv[1:]])
    results: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="anywhere-") as root:
        Path(root).chmod(0o755)
        for number, one in enumerate((*SURROUNDINGS, *(SURROUNDINGS[-1:] * 2 if options.all else ())), 1):
            began = time.monotonic()
            result = play(one, str(Path(options.python).absolute()), Path(root), () if options.all else SOME)
            results[f"{number:2} {one.name:35} {time.monotonic() - began:5.0f} s"] = result
            print(f"{number:2} {one.name}: {result}", flush=True)
    print("\n", *(f"{name}  {result}" for name, result in results.items()), sep="\n")
    wanted = ("passed",) if os.environ.get("CI") == "true" else ("passed", "NOT PLAYED")
    sys.exit(not all(result.startswith(wanted) for result in results.values()))


if __name__ == "__main__":
    main()
