"""What it takes to start: importing, the first client and the second, each measured in fresh processes."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from statistics import median
from typing import Any

from .report import Table, Target
from .rounds import interleaved

_IMPORTS = {
    "ours": "from altegio_partner import PartnerClient",
    "bare httpx": "import httpx",
    "svix": "import svix",
    "stripe": "import stripe",
    "openai": "import openai",
}
_BUILDS = {
    "ours": "PartnerClient('token-0123456789', application_id=1)",
    "bare httpx": "httpx.Client()",
    "svix": "svix.Svix('token').message",
    "stripe": "stripe.StripeClient('token')",
    "openai": "openai.OpenAI(api_key='token')",
}
_LOCAL = "ours, http://127.0.0.1"
_UNWANTED = ("sandbox", "ledger", "incoming", "cli")

_PROGRAM = """
import json, os, sys, time
contexts = certificates = 0
def watch(frame, event, called):
    global contexts, certificates
    contexts += event == "call" and frame.f_code.co_qualname == "SSLContext.__new__"
    certificates += event == "c_call" and called.__name__ in ("load_verify_locations", "set_default_verify_paths")
def rss():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024
if {counting}:
    sys.setprofile(watch)
begin, cpu = time.perf_counter(), time.process_time()
{imports}
first = {build}
ms, cpu = (time.perf_counter() - begin) * 1000, (time.process_time() - cpu) * 1000
sys.setprofile(None)
begin = time.process_time()
second = {build}
second_ms = (time.process_time() - begin) * 1000
held = rss()
more = [{build} for _ in range({more})]
print(json.dumps({{
    "ms": ms, "cpu": cpu, "second": second_ms, "kb": (rss() - held) / {more},
    "contexts": contexts, "certificates": certificates,
    "unwanted": [name for name in {unwanted} if f"altegio_partner.{{name}}" in sys.modules],
}}))
"""


def _program(name: str, build: str, *, counting: bool = False, more: int = 20) -> str:
    return _PROGRAM.format(imports=_IMPORTS[name], build=build, counting=counting, more=more, unwanted=_UNWANTED)


def _ran(program: str, compiled: str) -> dict[str, Any]:
    """Run a program in a fresh process, whose modules are compiled once for all of them, wherever they come from."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled, "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, "-c", program]
    output = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout  # noqa: S603  our own
    result: dict[str, Any] = json.loads(output)
    return result


def compare(quick: bool) -> list[Table]:
    """Compare how long clients take to be there."""
    table = Table(
        "start_up",
        "Start-up: import and first client, and the second client of a process",
        {
            "in all, ms": ".0f",
            "CPU, ms": ".0f",
            "× bare httpx": ".2f",
            "second client, ms": ".2f",
            "each more client, KB": ".0f",
            "SSL contexts": ".0f",
            "certificates read": ".0f",
        },
        notes=[
            "Fresh processes, interleaved; the ratio is of CPU time. Memory is what the process holds, SSL included; "
            "stripe opens its HTTP client with the first call only."
        ],
    )
    more = {"ours": 500, _LOCAL: 500}
    local = _BUILDS["ours"].replace(")", ", base_url='http://127.0.0.1:8000')")
    builds = {"ours": _BUILDS["ours"], _LOCAL: local, **_BUILDS}

    with tempfile.TemporaryDirectory() as compiled:

        def turn(name: str, *, counting: bool = False) -> Callable[[], dict[str, Any]]:
            program = _program(name.partition(",")[0], builds[name], counting=counting, more=more.get(name, 20))
            return lambda: _ran(program, compiled)

        turns = {name: turn(name) for name in builds}
        interleaved(turns, 1)  # so that all is compiled
        few, many = (1, 1) if quick else (3, 11)
        measured = interleaved(turns, few)
        measured |= interleaved({name: turns[name] for name in ("ours", _LOCAL, "bare httpx")}, many)
        counted = {name: turn(name, counting=True)() for name in builds}
    medians = {
        name: {key: median(one[key] for one in all_of_it) for key in ("ms", "cpu", "second", "kb")}
        for name, all_of_it in measured.items()
    }
    for name, one in medians.items():
        table.rows[name] = {
            "in all, ms": one["ms"],
            "CPU, ms": one["cpu"],
            "× bare httpx": one["cpu"] / medians["bare httpx"]["cpu"],
            "second client, ms": one["second"],
            "each more client, KB": one["kb"],
            "SSL contexts": counted[name]["contexts"],
            "certificates read": counted[name]["certificates"],
        }
    table.expect("what is imported though nobody asked", measured["ours"][0]["unwanted"], [])
    ours = medians["ours"]
    table.targets = [
        Target("import and first client, × bare httpx", ours["cpu"] / medians["bare httpx"]["cpu"], 1.3),
        Target("second client, ms", ours["second"], 1),
        Target("each more client, KB", ours["kb"], 20),
        Target("SSL contexts for http://", counted[_LOCAL]["contexts"], 0),
    ]
    return [table]
