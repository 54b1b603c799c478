"""How much is explored: a little in the tests of every change, all of it in `nox -s soundness -- full`."""

import os

CASES = int(os.environ.get("ALTEGIO_SOUNDNESS_CASES", "500"))
IS_FULL = CASES >= 10_000
TRANSITIONS = 1_000_000 if IS_FULL else 200
"""Of each scenario, breadth first; and a quarter of that at random."""
REPLAYED = 2_000 if IS_FULL else 60
"""Actions of each scenario that the real ledger does beside the simulated one."""
SEQUENCES = 500 if IS_FULL else 8
"""Sequences of 40 steps, each done by both databases."""
COMPLETE = {"one key", "twins"}
"""The scenarios whose states are all visited."""
