"""The simulation notices when a rule of the ledger is broken, and prints a script in which the real one breaks it."""

from pathlib import Path

import pytest

from .parameters import IS_FULL
from .seeded_faults import FAULTS, STORE, explore_with, replay_with, with_fault


@pytest.mark.parametrize("name", FAULTS if IS_FULL else ["not claimed"])
def test_it_is_noticed(name: str, tmp_path: Path) -> None:
    fault = FAULTS[name]
    explored = explore_with(fault, tmp_path)
    assert explored.returncode == 1, explored.stdout + explored.stderr
    if fault.scenario == STORE:
        assert "AssertionError" in explored.stderr
        return
    script = explored.stdout[explored.stdout.index('"""') :]
    replayed = replay_with(script, tmp_path)
    assert replayed.returncode == 0, script + replayed.stderr
    assert replayed.stdout.startswith("["), replayed.stdout
    assert replayed.stdout.strip() != "[]", script


def test_each_fault_breaks_another_rule() -> None:
    assert len({fault.rule for fault in FAULTS.values()}) == len(FAULTS) >= 15
    assert len({with_fault(fault) for fault in FAULTS.values()}) == len(FAULTS)
