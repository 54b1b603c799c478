"""Explores: `python -m tests.simulation [SCENARIO ...] [--transitions N] [--seconds N] [--seed N]`.

Each scenario is searched breadth first, then at random. What breaks a promise is printed as a script that replays it.
"""

import argparse
import sys

from .replaying import script_of
from .scenarios import SCENARIOS
from .search import at_random, breadth_first
from .world import World


def main() -> int:
    """Explore, and return whether a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", default=list(SCENARIOS), metavar="SCENARIO")
    parser.add_argument(
        "--transitions", type=int, default=1_000_000, help="breadth first, and a quarter at random; 0 for no limit"
    )
    parser.add_argument("--seconds", type=float, default=1e9, help="of each search")
    parser.add_argument("--seed", type=int, default=1, help="of the random walks; 0 for none")
    options = parser.parse_args()
    most = options.transitions or 10**12
    for name in options.scenarios:
        scenario = SCENARIOS[name]
        world = World(scenario)
        for how in ("breadth first", "at random"):
            if how == "breadth first":
                found = breadth_first(world, transitions=most, seconds=options.seconds)
            else:
                found = at_random(world, options.seed, transitions=most // 4, seconds=options.seconds)
            print(f"{name}, {how}: {found}", flush=True)
            if found.violation:
                print(script_of(name, scenario, found.history, found.violation))
                return 1
            if found.is_complete or not options.seed:
                break
    return 0


if __name__ == "__main__":
    sys.exit(main())
