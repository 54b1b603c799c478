"""Very many calls, of which some fail: the process holds on to nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.figures import print_figures
from tests.servers.random_faults import RandomFaultServer
from tests.soundness.parameters import CASES, IS_ALL

CALLS = CASES * 10 if IS_ALL else 2000
CONNECTIONS = 5
LARGEST_GROWTH = 1024 if IS_ALL else 256  # kilobytes, after the first thousand calls


@pytest.mark.parametrize("kind", ["sync", "asyncio", "trio"])
def test_many_calls_leave_nothing_behind(kind: str, request: pytest.FixtureRequest) -> None:
    script = str(Path(__file__).with_name("soak_client.py"))
    with RandomFaultServer(fails_some=True) as server:
        ran = subprocess.run(
            [sys.executable, script, kind, server.url, str(CALLS)], capture_output=True, text=True, check=False
        )
    assert (ran.stderr, ran.returncode) == ("", 0)
    before, *samples, after = json.loads(ran.stdout)
    files = [sample["files"] for sample in samples]
    growth = [sample["kilobytes"] - samples[0]["kilobytes"] for sample in samples]
    if IS_ALL:
        print_figures(
            request,
            f"{kind}, {CALLS} calls",
            {
                "open files, before": before["files"],
                "open files, least": min(files),
                "open files, most": max(files),
                "open files, after": after["files"],
                "KB, of memory after the first 1,000 calls": samples[0]["kilobytes"],
                "KB, most growth since": max(growth),
                "KB, growth at the end": growth[-1],
            },
        )
    assert samples[-1]["calls"] > CALLS - len(samples)
    assert max(files) <= min(files) + CONNECTIONS
    assert after["files"] <= before["files"]
    assert max(growth) <= LARGEST_GROWTH
