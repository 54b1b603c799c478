"""Break the code that decides in each way that cosmic-ray knows, run the tests, and record what became of it.

    python tests/mutation/run.py SESSION

It goes on where it was stopped.

Each run is a process of its own, forked from this one, which has imported what all of them need and nothing that is
mutated or tested. What killed the last mutants of a module is run first, then the other tests that are chosen for it.
"""

import ast
import difflib
import importlib
import os
import pkgutil
import re
import resource
import select
import signal
import sys
import tempfile
import warnings
from pathlib import Path
from typing import IO

import altegio_partner_api.api
import pytest
from cosmic_ray.commands import init
from cosmic_ray.mutating import mutate_code, use_mutation
from cosmic_ray.plugins import get_operator
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec, TestOutcome, WorkerOutcome, WorkResult

# Whole files, never node ids: an id that pytest does not find would count as a kill. What kills most comes first.
TESTS = {
    "altegio_partner/outcomes.py": ("failures", "outcomes", "resending", "waiting", "other_transports"),
    "altegio_partner/dates.py": ("arguments", "requests", "webhooks", "voip", "every_operation"),
    "altegio_partner/money.py": ("arguments", "requests", "marketplace", "every_operation"),
    "altegio_partner/ids.py": ("arguments", "outcomes", "installation", "marketplace", "first_day"),
    "altegio_partner/ledger/matching.py": ("ledger/test_matching", "ledger/test_statuses", "ledger/test_time"),
    "altegio_partner/retry.py": (
        "resending", "log", "secrets", "failures", "outcomes", "waiting", "cancelling", "perform",
    ),
    "altegio_partner/error_body.py": ("outcomes", "secrets", "errors", "failures", "marketplace"),
    "altegio_partner/errors.py": ("errors", "public_api"),
    "altegio_partner/bad_argument.py": ("arguments", "secrets", "first_day", "hosts_and_users"),
    "altegio_partner/received_response.py": ("outcomes", "failures", "installation", "secrets"),
    "altegio_partner/operations/arguments.py": ("arguments", "marketplace", "webhooks", "voip"),
    "altegio_partner/operations/answers.py": ("marketplace", "outcomes"),
    "altegio_partner/values/reading.py": ("installation", "marketplace", "webhooks", "dictionaries", "voip"),
    "altegio_partner/values/value.py": ("installation", "marketplace", "webhooks", "dictionaries", "voip", "errors"),
    "altegio_partner/operations/marketplace.py": (
        "marketplace", "arguments", "requests", "installation", "outcomes", "perform", "public_api", "every_operation",
    ),
    "altegio_partner/urls.py": ("arguments", "hosts_and_users", "first_day", "failures", "webhooks"),
    "altegio_partner/settings.py": (
        "arguments", "first_day", "hosts_and_users", "public_api", "secrets", "waiting", "connections",
    ),
    "altegio_partner/auth.py": ("secrets", "arguments", "requests", "first_day", "hosts_and_users", "errors"),
    "altegio_partner/transport/proxies.py": ("first_day", "hosts_and_users", "http_transport", "connections"),
    "altegio_partner/transport/connection.py": ("http_transport", "connections", "failures", "cancelling"),
}  # fmt: skip
EXCLUDED = re.compile(
    # Which numbers are one object is an accident of the interpreter; Python itself warns of such a comparison.
    r"core/ReplaceComparisonOperator_(Lt|LtE|Gt|GtE|Eq|NotEq)_Is(Not)?|"
    r"core/ReplaceBinaryOperator_BitOr_.*"  # our code has `|` between types only, where any other operator raises
)
IMPORTED = ("aiohttp", "httpcore", "httpx_aiohttp", "jinja2", "sqlalchemy.dialects.sqlite", "trio", "trustme")
OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "-p", "anyio.pytest_plugin", "-k", "not asyncio and not trio")
SECONDS = 600  # of waiting, on a machine that may be busy; and of work:
WORK = 60
MEMORY = 4 * 2**30
LIKELY = 12  # tests that killed the last mutants of a module, and come first


def files_of(module: str) -> list[str]:
    """Return the files with the tests of a module."""
    return [f"tests/{name if '/' in name else f'client/test_{name}'}.py" for name in TESTS[module]]


class Failures:
    """A plugin of pytest that writes down which tests fail."""

    def __init__(self, file: IO[str]) -> None:
        self.file = file

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.file.write(f"{report.nodeid}\n")


def run_tests(files: list[str], likely: list[str], failures: Failures) -> int:
    """Run the tests that are likely to fail, then all of these files, until one fails. Returns the exit code."""
    if likely and pytest.main([*OPTIONS, *likely], [failures]) == pytest.ExitCode.TESTS_FAILED:
        return pytest.ExitCode.TESTS_FAILED
    return next((code for file in files if (code := int(pytest.main([*OPTIONS, file], [failures])))), 0)


def test(files: list[str], likely: list[str]) -> tuple[int | None, str]:
    """Run these tests in a process of their own. Return its exit code, None if it did not end, and what it wrote.

    What fails is added to the front of the likely ones.
    """
    with tempfile.TemporaryFile() as written, tempfile.TemporaryFile("w+", encoding="utf-8") as failed:
        child = os.fork()
        if child == 0:
            os.setsid()
            for number in (1, 2):
                os.dup2(written.fileno(), number)
            resource.setrlimit(resource.RLIMIT_CPU, (WORK, WORK + 5))  # SIGXCPU at the first, SIGKILL at the second
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            code = run_tests(files, likely, Failures(failed))
            failed.flush()
            sys.stdout.flush()
            os._exit(code)
        process = os.pidfd_open(child)
        has_ended = bool(select.select([process], [], [], SECONDS)[0])
        if not has_ended:
            os.killpg(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        os.close(process)
        code = os.waitstatus_to_exitcode(status)
        written.seek(0)
        failed.seek(0)
        likely[:] = list(dict.fromkeys([*failed.read().splitlines(), *likely]))[:LIKELY]
        return (code if has_ended and code != -signal.SIGXCPU else None), written.read().decode(errors="replace")


def is_program(mutant: MutationSpec) -> bool:
    """Say whether a mutant compiles without a warning, which pytest takes for an error. Else it proves nothing."""
    operator = get_operator(mutant.operator_name)()
    code = mutant.module_path.read_text(encoding="utf-8")
    try:
        mutated = mutate_code(code, operator, mutant.occurrence)
    except AttributeError:  # cosmic-ray cannot replace an exception that is written with a dot
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            compile(mutated, mutant.module_path, "exec", dont_inherit=True)
        except (SyntaxError, SyntaxWarning):
            return False
    return positional_only(code) == positional_only(mutated)  # `*` in a signature is not to be multiplied with


def positional_only(code: str) -> int:
    """Count the arguments that are given without their names only."""
    return sum(len(node.posonlyargs) for node in ast.walk(ast.parse(code)) if isinstance(node, ast.arguments))


def try_out(mutant: MutationSpec, likely: list[str]) -> WorkResult:
    """Put a mutant in the place of its module, and run the tests."""
    if EXCLUDED.fullmatch(mutant.operator_name) or not is_program(mutant):
        return WorkResult(WorkerOutcome.SKIPPED)
    with use_mutation(mutant.module_path, get_operator(mutant.operator_name)(), mutant.occurrence) as (before, after):
        code, written = test(files_of(mutant.module_path.as_posix()), likely)
    output = "timeout" if code is None else written[-5000:]
    outcome = TestOutcome.SURVIVED if code == 0 else TestOutcome.KILLED
    diff = "\n".join(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0))
    return WorkResult(WorkerOutcome.NORMAL, output, outcome, diff)


def main(session: str) -> None:
    """Run the tests of every module unchanged, then those of each mutant that was not tried yet."""
    for name in (*IMPORTED, *(one.name for one in pkgutil.walk_packages(*packages()))):
        importlib.import_module(name)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for module in TESTS:
        code, written = test(files_of(module), [])  # also compiles the tests, once for all mutants
        if code != 0:
            sys.exit(f"{written}\nThe tests of {module} do not pass without a mutant.")
    sys.dont_write_bytecode = True  # of a module that is mutated twice in a second
    with use_db(session, WorkDB.Mode.create) as work:
        if not work.num_work_items:
            init(map(Path, TESTS), work, {})
        likely: dict[str, list[str]] = {module: [] for module in TESTS}
        pending = sorted(work.pending_work_items, key=lambda item: [*TESTS].index(str(item.mutations[0].module_path)))
        for number, item in enumerate(pending, 1):
            (mutant,) = item.mutations
            result = try_out(mutant, likely[str(mutant.module_path)])
            work.set_result(item.job_id, result)
            if result.test_outcome is TestOutcome.SURVIVED:
                print(f"{number} of {len(pending)}: {mutant.module_path} survived", result.diff, sep="\n", flush=True)


def packages() -> tuple[list[str], str]:
    """Return where the generated package is, and the prefix of its names: no mutant is there."""
    return list(altegio_partner_api.api.__path__), "altegio_partner_api.api."


if __name__ == "__main__":
    main(sys.argv[1])
