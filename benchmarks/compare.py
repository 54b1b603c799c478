"""What altegio-partner costs beside bare httpx: `nox -s bench`, in a few minutes.

Nothing else should run on the machine. Look at the ratios: absolute times are those of one machine. Each case has a
short turn in every round, in another order each time, and its median counts. CPU is that of the client's process. A
missed target fails nothing. A failed call of altegio-partner does, except in the load of 1,000 tasks, where errors are
counted. Needs Linux.
"""

import argparse
import asyncio
import itertools
import math
import os
import platform
import random
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import httpx
import trustme

from altegio_partner import AsyncPartnerClient, PartnerClient
from altegio_partner.ledger import Ledger

PATH = "/marketplace/partner/payment"
TOKEN = "benchmark-partner-token-0123456789"  # noqa: S105  fake
HEADERS = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/vnd.api.v2+json"}
PAYMENT: dict[str, Any] = {
    "salon_id": 123,
    "payment_sum": "990.99",
    "currency_iso": "EUR",
    "payment_date": datetime(2026, 11, 24, 12, 0),
    "period_from": datetime(2026, 12, 1),
    "period_to": datetime(2026, 12, 31, 23, 59, 59),
}
WIRE = {name: str(value) for name, value in PAYMENT.items()} | {
    "salon_id": 123,
    "application_id": 1,
    "payment_sum": 990.99,
}
RECORDED = b'{"success":true,"data":{"id":1000000000},"meta":[]}'
COMMAND = str(Path(sys.executable).with_name("altegio-partner"))
PAY = (
    "pay 1 --payment-sum 5 --currency-iso EUR --payment-date 2026-11-24T12:00 "
    "--period-from 2026-12-01 --period-to 2026-12-31 --dry-run"
)
COMPLETION = {  # of what a shell sends for "altegio-partner pay --p" and Tab
    "_ALTEGIO_PARTNER_COMPLETE": "complete_bash",
    "COMP_WORDS": "altegio-partner pay --p",
    "COMP_CWORD": "2",
}
Call = Callable[[], object]
T = TypeVar("T")


def main() -> None:
    """Measure everything, and print each figure as it comes, with its target."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a short run, to see that it works: poor figures")
    quick = parser.parse_args().quick
    for name in [name for name in os.environ if name.lower().endswith("_proxy") or name.startswith("ALTEGIO_")]:
        del os.environ[name]
    print(f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, httpx {httpx.__version__}")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before\n")
    print(f"{'':40}{'ours':>10}{'theirs':>10}{'figure':>10}  target")
    rounds = 3 if quick else 31
    compare_starts(3 if quick else 15)
    compare_calls("in memory", "https://app.alteg.io", rounds, 0.45, Memory())
    with serving() as (plain, tls):
        compare_calls("over loopback", plain, rounds, 0.75)
        compare_calls("over TLS", tls, rounds, 0.75)
        compare_threads(plain, 3 if quick else 7)
        compare_ledger(plain, rounds)
        compare_tasks(plain, 2 if quick else 10)
    measure_sandbox(1_000 if quick else 20_000)


def compare_starts(rounds: int) -> None:
    """Compare imports, the second client of a process, and commands with `python -c "import httpx"`."""
    ours, theirs = "from altegio_partner import PartnerClient", "import httpx"
    got = medians({"ours": cpu_inside(ours), "theirs": cpu_inside(theirs)}, rounds)
    show("import and httpx's, CPU ms", got["ours"], got["theirs"], at_most=1.2)
    client, bare = "PartnerClient('token-0123456789', application_id=1)", "httpx.Client()"
    cases = {"ours": cpu_inside(client, f"{ours}\n{client}"), "theirs": cpu_inside(bare, f"{theirs}\n{bare}")}
    got = medians(cases, rounds)
    show("second client and httpx's, CPU ms", got["ours"], got["theirs"], got["ours"], at_most=0.5)
    commands = {"--version": 2, "--help": 3, "pay --help": 3, PAY: 4}
    cases = {options: cpu_of(COMMAND, *options.split()) for options in commands}
    cases["completion"] = cpu_of(COMMAND, **COMPLETION)
    got = medians({**cases, "theirs": cpu_of(sys.executable, "-c", "import httpx")}, rounds)
    for options, bound in {**commands, "completion": 3}.items():
        name = "pay … --dry-run" if options == PAY else options
        show(f"{name} and import httpx, CPU ms", got[options], got["theirs"], at_most=bound)


class Memory(httpx.BaseTransport):
    """Answers from memory."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Read the request, and answer that the payment is recorded."""
        request.read()
        headers = {"Content-Type": "application/json", "Content-Length": str(len(RECORDED))}
        return httpx.Response(200, headers=headers, stream=httpx.ByteStream(RECORDED))


def compare_calls(where: str, url: str, rounds: int, bound: float, memory: Memory | None = None) -> None:
    """Compare the CPU of a call: answered from memory, or over a kept connection."""
    with (
        PartnerClient(TOKEN, application_id=1, base_url=url, transport=memory) as client,
        httpx.Client(transport=memory) as bare,
    ):
        got = medians({name: time_of(call) for name, call in same_call(client, bare, url).items()}, rounds)
    show(f"call {where} and httpx's, CPU µs", got["ours"], got["theirs"], at_most=bound)


def compare_threads(url: str, rounds: int) -> None:
    """Compare how many calls a second 32 threads on one client get answered with what one thread does."""
    cores = os.sched_getaffinity(0)
    for where, allowed in ("one core", {min(cores)}), (f"{len(cores)} cores", cores):
        os.sched_setaffinity(0, allowed)  # those of this process: the server keeps all
        with PartnerClient(TOKEN, application_id=1, base_url=url) as client, httpx.Client() as bare:
            cases = {
                (name, n): rate_of(call, n) for name, call in same_call(client, bare, url).items() for n in (1, 32)
            }
            got = medians(cases, rounds)
        os.sched_setaffinity(0, cores)
        ours, theirs = (got[name, 32] / got[name, 1] for name in ("ours", "theirs"))
        bound = 0.95 if where == "one core" else theirs
        show(f"32 threads × one, and httpx's, {where}", ours, theirs, ours, at_least=bound)


def compare_ledger(url: str, rounds: int) -> None:
    """Compare a payment with a ledger on SQLite with one without: until it is sent, and all of it, with two commits."""
    number = itertools.count(1)
    sent = Sent()
    with TemporaryDirectory() as folder, Ledger(f"sqlite:///{folder}/ledger.db") as ledger, ExitStack() as stack:

        def client(**options: Any) -> PartnerClient:  # noqa: ANN401  of PartnerClient
            return stack.enter_context(PartnerClient(TOKEN, application_id=1, base_url=url, **options))

        with_ledger, without = client(ledger=ledger), client()
        until_sent, until_sent_without = client(ledger=ledger, transport=sent), client(transport=sent)
        cases: dict[str, Call] = {
            "with": lambda: with_ledger.notify_payment(**PAYMENT, idempotency_key=f"invoice-{next(number)}"),
            "without": lambda: without.notify_payment(**PAYMENT),
        }
        claims: dict[str, Call] = {
            "with": lambda: until_sent.notify_payment(**PAYMENT, idempotency_key=f"claim-{next(number)}"),
            "without": lambda: until_sent_without.notify_payment(**PAYMENT),
        }
        whole = medians({name: time_of(call, time.perf_counter, 20) for name, call in cases.items()}, rounds)
        claim = medians({name: sent.time_until(call, 20) for name, call in claims.items()}, rounds)
    for what, taken, at_most in (("until it is sent", claim, 1.0), ("all of it", whole, None)):
        ours, theirs = taken["with"] / 1000, taken["without"] / 1000
        show(f"with a ledger, without, {what}, ms", ours, theirs, ours - theirs, at_most=at_most)


class Sent(httpx.BaseTransport):
    """Answers from memory, each payment with an id of its own, and knows when it was asked."""

    def __init__(self) -> None:
        self.at = 0.0
        self._ids = itertools.count(1)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Read the time, and answer that the payment is recorded."""
        self.at = time.perf_counter()
        request.read()
        return httpx.Response(200, json={"success": True, "data": {"id": next(self._ids)}})

    def time_until(self, call: Call, calls: int) -> Callable[[], float]:
        """Return what measures how long a call takes until it is sent, in microseconds."""

        def measure() -> float:
            taken = 0.0
            for _ in range(calls):
                begin = time.perf_counter()
                call()
                taken += self.at - begin
            return taken / calls * 1e6

        return measure


def compare_tasks(url: str, seconds: float) -> None:
    """Compare 1,000 tasks on one async client, each of which sends its next call once the one before has ended."""

    async def run_ours() -> tuple[int, float, float, float]:
        async with AsyncPartnerClient(TOKEN, application_id=1, base_url=url) as client:
            return await load(lambda: client.notify_payment(**PAYMENT), seconds)

    async def run_theirs() -> tuple[int, float, float, float]:
        async with httpx.AsyncClient() as client:
            return await load(lambda: client.post(url + PATH, json=WIRE, headers=HEADERS), seconds)

    errors, rate, p50, p99 = asyncio.run(run_ours())
    their_errors, their_rate, their_p50, their_p99 = asyncio.run(run_theirs())
    show("1,000 tasks, errors and httpx's", errors, their_errors, errors, at_most=0)
    show("1,000 tasks, calls/s and httpx's", rate, their_rate, at_least=9)
    show("1,000 tasks, p99 and p50, ms", p99, p50, at_most=2)
    show("1,000 tasks, p99 and p50 of httpx, ms", their_p99, their_p50)


async def load(send: Callable[[], Awaitable[object]], seconds: float) -> tuple[int, float, float, float]:
    """Let 1,000 tasks begin calls for this long; return the errors, the calls a second, and p50 and p99 in ms."""
    latencies: list[float] = []
    errors, begin = 0, time.perf_counter()

    async def work() -> None:
        nonlocal errors
        while (sent := time.perf_counter()) < begin + seconds:
            try:
                await send()
            except Exception:  # noqa: BLE001  counted, and shown
                errors += 1
            else:
                latencies.append(1000 * (time.perf_counter() - sent))

    await asyncio.gather(*(work() for _ in range(1000)))
    rate = max(len(latencies), 1) / (time.perf_counter() - begin)  # of bare httpx, perhaps none is answered
    p50, p99 = (sorted(latencies)[len(latencies) * number // 100] if latencies else math.nan for number in (50, 99))
    return errors, rate, p50, p99


def measure_sandbox(payments: int) -> None:
    """Measure how many payments of 50 clients a sandbox records: in memory, and in a state file."""
    in_memory, stored = (sandbox_rate(payments, is_stored=is_stored) for is_stored in (False, True))
    show("sandbox in memory and in a file, calls/s", in_memory, stored, stored, at_least=1000)


def sandbox_rate(payments: int, *, is_stored: bool) -> float:
    """Return how many payments a second it records."""
    with TemporaryDirectory() as folder:
        seed = Path(folder) / "seed.json"
        seed.write_text('{"locations": [{"salon_id": 123}]}')
        state = ["--state", str(Path(folder) / "state.db")] if is_stored else []
        options = ["--port", "0", "--log", "none", "--format", "env", "--seed", str(seed), *state]
        command = [str(Path(sys.executable).with_name("altegio-sandbox")), *options]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as sandbox:
            assert sandbox.stdout  # noqa: S101  for the type only
            port = sandbox.stdout.readline().strip().rpartition(":")[2]
            clients = [sys.executable, str(Path(__file__).with_name("paying_clients.py")), port, "50", str(payments)]
            started = time.perf_counter()
            try:
                subprocess.run(clients, stdout=subprocess.DEVNULL, check=True)
                return payments / (time.perf_counter() - started)
            finally:
                sandbox.terminate()


def same_call(client: PartnerClient, bare: httpx.Client, url: str) -> dict[str, Call]:
    """Return the same payment as a call of either client."""
    return {
        "ours": lambda: client.notify_payment(**PAYMENT),
        "theirs": lambda: bare.post(url + PATH, json=WIRE, headers=HEADERS).json()["data"]["id"],
    }


def medians(cases: Mapping[T, Callable[[], float]], rounds: int) -> dict[T, float]:
    """Give each case its turn in every round, after one that warms up."""
    chance = random.Random(0)
    measured: dict[T, list[float]] = {name: [] for name in cases}
    for _ in range(rounds + 1):
        for name in chance.sample([*cases], len(cases)):
            measured[name].append(cases[name]())
    return {name: median(results[1:]) for name, results in measured.items()}


def time_of(call: Call, clock: Callable[[], float] = time.process_time, calls: int = 200) -> Callable[[], float]:
    """Return what measures one call, in microseconds, of CPU unless by another clock."""

    def measure() -> float:
        begin = clock()
        for _ in range(calls):
            call()
        return (clock() - begin) / calls * 1e6

    return measure


def rate_of(call: Call, threads: int, calls: int = 1024) -> Callable[[], float]:
    """Return what measures how many calls a second these threads get answered."""

    def work(_: int) -> int:
        answered = 0
        for _ in range(calls // threads):
            with suppress(httpx.TransportError):  # bare httpx loses some of many threads' calls on a busy machine
                call()
                answered += 1
        return answered

    def measure() -> float:
        with ThreadPoolExecutor(threads) as pool:
            begin = time.perf_counter()
            return sum(pool.map(work, range(threads))) / (time.perf_counter() - begin)

    return measure


def cpu_inside(code: str, before: str = "") -> Callable[[], float]:
    """Return what measures the CPU of this code in a fresh Python, in milliseconds."""
    program = f"import time\n{before}\nt = time.process_time()\n{code}\nprint(1000 * (time.process_time() - t))"
    command = [sys.executable, "-P", "-c", program]
    return lambda: float(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def cpu_of(*command: str, **more: str) -> Callable[[], float]:
    """Return what measures the CPU of a whole process, in milliseconds."""
    environment = {**os.environ, "ALTEGIO_PARTNER_TOKEN": TOKEN, "ALTEGIO_APPLICATION_ID": "1", **more}

    def measure() -> float:
        before = getrusage(RUSAGE_CHILDREN)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
        after = getrusage(RUSAGE_CHILDREN)
        return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    return measure


@contextmanager
def serving() -> Iterator[tuple[str, str]]:
    """Start the server, whose certificate this process trusts, and give its plain and its TLS address."""
    with TemporaryDirectory() as folder:
        trusted, certificate = Path(folder) / "ca.pem", Path(folder) / "server.pem"
        authority = trustme.CA()
        authority.cert_pem.write_to_path(trusted)
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(certificate)
        os.environ["SSL_CERT_FILE"] = str(trusted)
        program = Path(__file__).with_name("server.py")
        with subprocess.Popen([sys.executable, program, certificate], stdout=subprocess.PIPE, text=True) as server:
            plain, tls = (int(port) for port in itertools.islice(server.stdout or (), 2))
            try:
                yield f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{tls}"
            finally:
                server.kill()


def show(
    what: str, ours: float, theirs: float, figure: float | None = None,
    *, at_most: float | None = None, at_least: float | None = None,
) -> None:  # fmt: skip
    """Print a line: both, the figure, which is their ratio unless given, and its target."""
    number = ours / theirs if figure is None else figure
    line = f"{what:40}{ours:10.2f}{theirs:10.2f}{number:9.2f}{'×' if figure is None else ' '}"
    if at_most is not None:
        line += f"  ≤ {at_most:g}, {'met' if number <= at_most else 'MISSED'}"
    if at_least is not None:
        line += f"  ≥ {at_least:.2f}, {'met' if number >= at_least else 'MISSED'}"
    print(line, flush=True)


if __name__ == "__main__":
    main()
