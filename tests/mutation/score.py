"""Say how many of the mutants in a session the tests killed, and which they did not; fail below 98 percent."""

import re
import sys
from collections import Counter

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkResult

WANTED = 98.0
KILLED = ("failure", "import", "timeout")
FAILED_TEST = re.compile(r"^(FAILED|ERROR) tests/", re.MULTILINE)


def fate(result: WorkResult) -> str:
    """Say what became of a mutant. A run that ended badly is a kill only if a test failed, hung, or could not begin."""
    output = result.output.strip()
    if result.test_outcome is TestOutcome.SURVIVED:
        return "survived" if " passed" in output else "unclear"
    if FAILED_TEST.search(output):
        return "failure"
    return {"": "import", "timeout": "timeout"}.get(output, "unclear")


def main(session: str) -> None:
    """Print what was not killed by the failure of a test, then the table."""
    table: dict[str, Counter[str]] = {}
    everything: Counter[str] = Counter()
    with use_db(session, WorkDB.Mode.open) as work:
        for item, result in work.completed_work_items:
            if result.worker_outcome is WorkerOutcome.SKIPPED:
                continue
            (mutation,) = item.mutations
            became = fate(result)
            table.setdefault(mutation.module_path.name, Counter())[became] += 1
            everything[became] += 1
            if became != "failure":
                changed = [line for line in (result.diff or "").splitlines()[3:] if line[:1] in ("+", "-")]
                print(f"{became}: {mutation.module_path} {mutation.operator_name}", *changed, sep="\n  ")
        untried = sum(1 for _ in work.pending_work_items)
    for name, counts in [*sorted(table.items()), ("all", everything)]:
        killed = sum(counts[became] for became in KILLED)
        print(f"{name:18}{counts.total():5} mutants {dict(counts)} {killed / counts.total():.1%}")
    score = 100 * sum(everything[became] for became in KILLED) / everything.total()
    if untried or score < WANTED:
        sys.exit(f"{untried} mutants are not tried yet; {score:.1f} % are killed, and {WANTED} % are wanted.")


if __name__ == "__main__":
    main(sys.argv[1])
