"""The sandbox's state file over `kill -9`: 50 clients, 100,000 payments, and nothing that was acknowledged is lost."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from altegio_partner.sandbox import Sandbox
from tests.pages.page import ROOT

CLIENTS = 50
PAYMENTS = 100_000
KILLS = 5


@contextmanager
def serving(folder: Path, port: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Serve until it is killed, which it is at the latest when the block ends. Yield the process, and its port."""
    (folder / "seed.json").write_text('{"locations": [{"salon_id": 123}]}')
    options = ["--state", "state.db", "--seed", "seed.json", "--log", "none", "--format", "env"]
    command = [sys.executable, "-m", "altegio_partner.sandbox", "--port", port, *options]
    with (
        (folder / "errors.txt").open("a") as errors,
        subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        try:
            assert process.stdout
            url = process.stdout.readline().strip()
            yield process, url.rpartition(":")[2]
        finally:
            process.kill()


def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    acknowledged: dict[int, int] = {}  # ids by the numbers of the payments
    unknown: set[int] = set()
    with ExitStack() as stack:
        sandbox, port = stack.enter_context(serving(tmp_path, "0"))
        program = str(ROOT / "benchmarks" / "paying_clients.py")
        command = [sys.executable, program, port, str(CLIENTS), str(PAYMENTS)]
        clients = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        assert clients.stdout
        for count, line in enumerate(clients.stdout, 1):
            number, found = line.split()
            if found == "unknown":
                unknown.add(int(number))
            else:
                acknowledged[int(number)] = int(found)
            if count % (PAYMENTS // (KILLS + 1)) == 0 and count < PAYMENTS - KILLS:
                sandbox.kill()
                sandbox.wait()
                sandbox, _ = stack.enter_context(serving(tmp_path, port))
        assert clients.wait(60) == 0
    assert "Traceback" not in (tmp_path / "errors.txt").read_text()
    assert len(acknowledged) + len(unknown) == PAYMENTS
    # The calls that were on their way, and those of clients that connected again before its port was closed:
    assert 0 < len(unknown) <= 2 * KILLS * CLIENTS

    payments, _ = Sandbox(state=tmp_path / "state.db").find_payments(limit=2 * PAYMENTS)
    assert Counter(int(one.payment_sum) for one in payments).most_common(1)[0][1] == 1
    recorded = {int(one.payment_sum): one.id for one in payments}
    lost = {number: found for number, found in acknowledged.items() if recorded.get(number) != found}
    assert lost == {}
    assert set(recorded) - set(acknowledged) <= unknown
