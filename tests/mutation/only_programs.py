"""Skip the mutants in a session that are no programs: pytest could not even begin, and that would count as a kill."""

import sys
import warnings
from pathlib import Path

from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import WorkerOutcome, WorkResult


def is_program(path: Path, operator: str, occurrence: int) -> bool:
    """Say whether the mutant compiles without a warning: pytest takes warnings for errors here."""
    try:
        mutated = mutate_code(path.read_text(encoding="utf-8"), get_operator(operator)(), occurrence)
    except AttributeError:  # cosmic-ray cannot replace an exception that is written with a dot
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            compile(mutated, path, "exec", dont_inherit=True)
        except (SyntaxError, SyntaxWarning):
            return False
    return True


def main(session: str) -> None:
    """Look at each mutant that was not tried yet."""
    skipped = WorkResult(output="no program", worker_outcome=WorkerOutcome.SKIPPED)
    with use_db(session, WorkDB.Mode.open) as work:
        for item in list(work.pending_work_items):
            (mutation,) = item.mutations
            if not is_program(mutation.module_path, mutation.operator_name, mutation.occurrence):
                work.set_result(item.job_id, skipped)


if __name__ == "__main__":
    main(sys.argv[1])
