"""What a call of this client costs, beside what its peers cost: all in one run, in interleaved rounds.

Timings are not tests: a target that is missed is printed as such, and fails nothing. A call that fails does, or a
server that served another number of calls than were sent. Read README.md beside it. Needs Linux, for /proc.
"""

import argparse
import json
import multiprocessing
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path

from sandbox_load import machine
from side_by_side import in_memory, many_tasks, of_incoming, over_loopback, start_up, with_ledger
from side_by_side.report import Comparison, Table, as_json, as_text

PEERS = ("httpx", "svix", "stripe", "openai", "aiohttp", "httpx-aiohttp", "uvloop")
COMPARISONS: dict[str, Comparison] = {
    "memory": in_memory.compare,
    "loopback": over_loopback.compare_connections,
    "start": start_up.compare,
    "tasks": many_tasks.compare,
    "threads": over_loopback.compare_threads,
    "many": over_loopback.follow,
    "ledger": with_ledger.compare,
    "incoming": of_incoming.compare,
}


def run(options: argparse.Namespace) -> int:
    """Compare all, and return the exit code."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]  # a proxy does not reach the servers on this machine
    where = {**machine(), **{peer: version(peer) for peer in PEERS}}
    begin = time.perf_counter()
    fresh = multiprocessing.get_context("spawn")  # each comparison in a process of its own
    with (
        ProcessPoolExecutor(1, fresh, max_tasks_per_child=1) as pool,
        ProcessPoolExecutor(1, fresh) as meanwhile,
    ):
        tables = list[Table]()
        if not options.only:
            bare = pool.submit(many_tasks.bare_on_slow_server, options.quick).result()
            slow = meanwhile.submit(many_tasks.ours_on_slow_server, options.quick)
        for name in options.only or COMPARISONS:
            tables += pool.submit(COMPARISONS[name], options.quick).result()
            sys.stderr.write(f"{time.perf_counter() - begin:4.0f} s: {name}\n")
        if not options.only:
            tables.append(slow.result())
            tables[-1].rows |= bare.rows
    where |= {"load_after": os.getloadavg()[0], "seconds": round(time.perf_counter() - begin)}
    sys.stdout.write(f"{where}\n\n{as_text(tables)}\n")
    if options.json:
        content = {"machine": where, "quick": options.quick, "tables": [as_json(table) for table in tables]}
        options.json.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    return 1 if any(table.problems for table in tables) else 0


def main() -> int:
    """Read the options, and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--quick", action="store_true", help="a run of seconds, to see that it runs: its figures are poor"
    )
    parser.add_argument("--only", nargs="+", choices=COMPARISONS, metavar="NAME", help=f"of {', '.join(COMPARISONS)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to a file")
    return run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
