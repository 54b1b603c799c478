"""A load on the sandbox's server, beside the same load on a bare server, so that one sees what the sandbox costs.

Each server is a process of its own, and this one is the load: it sends calls at a steady rate, whether answers are
slow or not, checks every answer, and compares what it sent with what the sandbox counted. Read README.md beside it.
Needs Linux, for /proc, and `pip install altegio-partner[sandbox]`, in whose environment it runs.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, cast

APPLICATION_ID = 123
TOKEN = "sandbox-partner-token"  # noqa: S105  the sandbox's own
UNKNOWN_SALON_ID = 999_999_999
RATE_HELD = 0.99  # of the rate that was asked for
BARE_ANSWER = (
    b"HTTP/1.1 200 \r\ncontent-type: application/json\r\ncontent-length: 38\r\n\r\n"
    b'{"success": true, "data": {"id": 123}}'
)

Kind = Literal["payment", "status", "refund", "refused"]
MIX: dict[Kind, int] = {"payment": 50, "status": 20, "refund": 15, "refused": 15}  # percent
MIX_WITHOUT_PAYMENTS: dict[Kind, int] = {"status": 50, "refused": 50}


@dataclass(frozen=True)
class Call:
    """A call as it goes over the wire, and the status that must come back."""

    kind: Kind
    wire: bytes
    status: int
    salon_id: int = 0


@dataclass
class Partner:
    """Makes up the calls of a partner with many locations: the same ones on every day, for the same answers."""

    host: str
    locations: int
    mix: dict[Kind, int]
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    refundable: deque[int] = field(default_factory=deque[int])

    def next_call(self) -> Call:
        """Return one call of the mix."""
        (kind,) = self.chance.choices([*self.mix], [*self.mix.values()])
        if kind == "refund" and not self.refundable:
            kind = "payment"
        salon_id = self.chance.randint(1, self.locations)
        if kind == "payment":
            return Call(kind, self._post("payment", self._payment(salon_id)), 200)
        if kind == "refund":
            return Call(kind, self._post(f"payment/refund/{self.refundable.popleft()}"), 200)
        if kind == "status":
            return Call(kind, self._wire("GET", f"salon/{salon_id}/application/{APPLICATION_ID}"), 200)
        refusals: list[Callable[[], Call]] = [
            lambda: Call(kind, self._post("payment", self._payment(salon_id), token="wrong"), 401),  # noqa: S106
            lambda: Call(kind, self._post("payment", self._payment(salon_id, application_id=5)), 400),
            lambda: Call(kind, self._post("payment", self._payment(UNKNOWN_SALON_ID)), 403),
            lambda: Call(kind, self._post("payment", self._payment(salon_id, payment_sum=-1)), 422),
            lambda: Call(kind, self._post("payment", {"salon_id": salon_id}), 422),
            lambda: Call(kind, self._post("payment/refund/999999999999"), 422),
            lambda: Call(kind, self._post("callback/redirect", self._registration(salon_id)), 403),
            lambda: Call(kind, self._wire("DELETE", "partner/payment"), 405),
            lambda: Call(kind, self._wire("GET", f"salon/{UNKNOWN_SALON_ID}/application/{APPLICATION_ID}"), 404),
        ]
        return self.chance.choice(refusals)()

    def _registration(self, salon_id: int) -> dict[str, object]:
        return {"salon_id": salon_id, "application_id": APPLICATION_ID, "api_key": "no-secret"}

    def _payment(self, salon_id: int, **changes: object) -> dict[str, object]:
        return {
            "salon_id": salon_id,
            "application_id": APPLICATION_ID,
            "currency_iso": "EUR",
            "payment_sum": self.chance.randint(1, 99_999) / 100,
            "payment_date": "2026-01-01 10:10:00",
            "period_from": "2026-01-01 10:10:00",
            "period_to": "2099-01-01 10:10:00",
            **changes,
        }

    def _post(self, path: str, body: dict[str, object] | None = None, token: str = TOKEN) -> bytes:
        return self._wire("POST", f"partner/{path}", b"" if body is None else json.dumps(body).encode(), token)

    def _wire(self, method: str, path: str, body: bytes = b"", token: str = TOKEN) -> bytes:
        head = (
            f"{method} /marketplace/{path} HTTP/1.1\r\nHost: {self.host}\r\nUser-Agent: sandbox_load\r\n"
            f"Accept: application/vnd.api.v2+json\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


@dataclass
class Tally:
    """What was sent, and what came of it."""

    sent: int = 0
    answered: Counter[Kind] = field(default_factory=Counter[Kind])
    latencies: list[float] = field(default_factory=list[float])
    errors: list[str] = field(default_factory=list[str])
    seconds: float = 0.0

    @property
    def answers(self) -> int:
        """How many answers were right."""
        return sum(self.answered.values())

    def latency(self, share: float) -> float:
        """Return the latency that so many calls did not exceed, in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000 if ordered else 0.0


class Load:
    """Connections that are kept, and calls over them."""

    def __init__(self, port: int, partner: Partner, *, is_checked: bool) -> None:
        self._port = port
        self._partner = partner
        self._is_checked = is_checked
        self._tally = Tally()

    async def paced(self, connections: int, rate: float, seconds: float) -> Tally:
        """Send at that rate. A call's latency counts from the moment at which it was due, not from when it went."""
        calls = int(rate * seconds)
        streams = [await self._connect() for _ in range(connections)]
        begin = time.perf_counter() + 0.1

        async def follow(number: int) -> None:
            for index in range(number, calls, connections):
                due = begin + index / rate
                wait = due - time.perf_counter()
                if wait > 0:
                    await asyncio.sleep(wait)
                if not await self._exchange(streams[number], due):
                    return

        await asyncio.gather(*(follow(number) for number in range(connections)))
        return self._finished(streams, begin)

    async def as_fast_as_it_goes(self, connections: int, seconds: float) -> Tally:
        """Send the next call over a connection as soon as the one before is answered."""
        streams = [await self._connect() for _ in range(connections)]
        begin = time.perf_counter()

        async def hurry(number: int) -> None:
            while (now := time.perf_counter()) < begin + seconds:
                if not await self._exchange(streams[number], now):
                    return

        await asyncio.gather(*(hurry(number) for number in range(connections)))
        return self._finished(streams, begin)

    def _finished(self, streams: list["Stream"], begin: float) -> Tally:
        self._tally.seconds = time.perf_counter() - begin
        for _, writer in streams:
            writer.close()
        return self._tally

    async def _connect(self) -> "Stream":
        return await asyncio.open_connection("127.0.0.1", self._port)

    async def _exchange(self, stream: "Stream", due: float) -> bool:
        """Make a call, note what came of it, and say whether the connection is still good."""
        call = self._partner.next_call()
        self._tally.sent += 1
        try:
            status, body = await _exchanged(stream, call.wire)
        except (OSError, EOFError, ValueError) as error:
            self._tally.errors.append(f"{call.kind}: {error!r}")
            return False
        self._tally.latencies.append(time.perf_counter() - due)
        if self._is_checked and status != call.status:
            self._tally.errors.append(f"{call.kind}: {status} instead of {call.status}: {body[:200]!r}")
            return True
        self._tally.answered[call.kind] += 1
        if call.kind == "payment":
            self._partner.refundable.append(json.loads(body)["data"]["id"])
        return True


Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _exchanged(stream: Stream, wire: bytes) -> tuple[int, bytes]:
    reader, writer = stream
    writer.write(wire)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
    return int(head[9:12]), await reader.readexactly(length)


class BareServer(asyncio.Protocol):
    """The least that a server in Python can do: it finds the end of a call, and answers always the same."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin with a connection."""
        self._transport = cast(asyncio.Transport, transport)
        self._received = b""

    def data_received(self, data: bytes) -> None:
        """Answer every call that has come in whole."""
        self._received += data
        while True:
            head, end, rest = self._received.partition(b"\r\n\r\n")
            if not end:
                return
            length = int(head.lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0] or 0)
            if len(rest) < length:
                return
            self._received = rest[length:]
            self._transport.write(BARE_ANSWER)


async def serve_bare() -> None:
    """Serve until killed."""
    server = await asyncio.get_running_loop().create_server(BareServer, "127.0.0.1", 0)
    sys.stdout.write(f"export BARE_URL=http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


@contextmanager
def started(*command: str) -> Iterator[tuple[int, int]]:
    """Start a server, and give its process id and its port."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:  # noqa: S603  our own
        try:
            line = process.stdout.readline() if process.stdout else ""
            yield process.pid, int(line.rpartition(":")[2])
        finally:
            process.terminate()


class Watched:
    """A process, as /proc describes it."""

    def __init__(self, pid: int) -> None:
        self._pid = pid

    def cpu_seconds(self) -> float:
        """Return the time that it has used of all cores, in and for all its threads."""
        fields = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rss_mib(self) -> float:
        """Return the memory that it holds now, 0 when it has died."""
        lines = Path(f"/proc/{self._pid}/status").read_text().splitlines()
        return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0) / 1024

    async def rss_at(self, moments: list[float]) -> dict[str, float]:
        """Return the memory that it holds after so many seconds each."""
        begin, seen = time.perf_counter(), dict[str, float]()
        for moment in moments:
            await asyncio.sleep(begin + moment - time.perf_counter())
            seen[f"{moment:.3g} s"] = round(self.rss_mib(), 1)
        return seen


@dataclass(frozen=True)
class Result:
    """What one server did under the load."""

    server: str
    sent: int
    answered: int
    errors: int
    rate: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    server_cpu: float
    load_cpu: float
    rss_mib: dict[str, float]
    by_kind: dict[Kind, int]
    payments_held: int
    fastest_rate: float
    findings: list[str]


def mix_of(options: argparse.Namespace) -> dict[Kind, int]:
    """Return how many percent of the calls are of each kind."""
    return MIX_WITHOUT_PAYMENTS if options.without_payments else MIX


async def measure(name: str, pid: int, port: int, options: argparse.Namespace) -> Result:
    """Put the load on a server, and then as much of it as it bears."""
    is_sandbox = name == "sandbox"
    partner = Partner(f"127.0.0.1:{port}", options.locations, mix_of(options))
    watched = Watched(pid)
    cpu, own_cpu, clock = watched.cpu_seconds(), time.process_time(), time.perf_counter()
    paced, rss = await asyncio.gather(
        Load(port, partner, is_checked=is_sandbox).paced(options.connections, options.rate, options.seconds),
        watched.rss_at([options.seconds / 6, options.seconds / 2, options.seconds]),
    )
    took = time.perf_counter() - clock
    server_cpu, load_cpu = (watched.cpu_seconds() - cpu) / took, (time.process_time() - own_cpu) / took
    findings = list(paced.errors)
    rate = paced.answers / paced.seconds
    if rate < options.rate * RATE_HELD:
        findings.append(f"The rate was not held: {rate:.1f} instead of {options.rate:g} a second.")
    payments_held = 0
    if is_sandbox:
        payments_held, differences = await compared(port, options.locations, paced)
        findings += differences
    fast = await Load(port, partner, is_checked=is_sandbox).as_fast_as_it_goes(
        options.connections, options.fast_seconds
    )
    findings += fast.errors
    return Result(
        server=name,
        sent=paced.sent,
        answered=paced.answers,
        errors=len(paced.errors),
        rate=round(rate, 1),
        p50_ms=round(paced.latency(0.5), 2),
        p99_ms=round(paced.latency(0.99), 2),
        max_ms=round(paced.latency(1), 2),
        server_cpu=round(server_cpu, 3),
        load_cpu=round(load_cpu, 3),
        rss_mib=rss,
        by_kind={**paced.answered},
        payments_held=payments_held,
        fastest_rate=round(fast.answers / fast.seconds, 1),
        findings=findings,
    )


async def compared(port: int, locations: int, tally: Tally) -> tuple[int, list[str]]:
    """Ask the sandbox what it counted, in total and location by location, and return what differs."""
    stream = await asyncio.open_connection("127.0.0.1", port)

    async def get(path: str) -> dict[str, Any]:
        wire = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: application/vnd.api.v2+json\r\n"
        _, body = await _exchanged(stream, f"{wire}Authorization: Bearer {TOKEN}\r\n\r\n".encode())
        return cast(dict[str, Any], json.loads(body))

    totals = (await get("/sandbox/state"))["totals"]
    payments = list[Any]()
    for salon_id in range(1, locations + 1):
        payments += (await get(f"/marketplace/salon/{salon_id}/application/{APPLICATION_ID}"))["data"]["payments"]
    stream[1].close()
    counts = {
        "calls": (tally.sent, totals["calls"]),
        "locations": (locations, totals["locations"]),
        "payments": (tally.answered["payment"], totals["payments"]),
        "payments of all locations": (tally.answered["payment"], len({one["id"] for one in payments})),
        "refunds": (tally.answered["refund"], sum(one["is_refunded"] for one in payments)),
    }
    return totals["payments"], [
        f"{name}: {ours} here, {theirs} in the sandbox" for name, (ours, theirs) in counts.items() if ours != theirs
    ]


def report(options: argparse.Namespace, results: list[Result]) -> str:
    """Write a table, as Markdown."""
    rows: list[tuple[str, Callable[[Result], str]]] = [
        ("calls sent / answered right / errors", lambda one: f"{one.sent} / {one.answered} / {one.errors}"),
        ("rate held, calls a second", lambda one: f"{one.rate:.1f}"),
        ("latency p50 / p99 / max, ms", lambda one: f"{one.p50_ms:.2f} / {one.p99_ms:.2f} / {one.max_ms:.2f}"),
        ("CPU of the server, of one core", lambda one: f"{one.server_cpu:.0%}"),
        ("CPU of the load, of one core", lambda one: f"{one.load_cpu:.0%}"),
        (
            f"memory of the server after {' / '.join(results[0].rss_mib)}, MiB",
            lambda one: " / ".join(f"{rss:.1f}" for rss in one.rss_mib.values()),
        ),
        ("payments held then", lambda one: str(one.payments_held or "–")),
        (f"as fast as it goes, {options.fast_seconds:g} s, calls a second", lambda one: f"{one.fastest_rate:.0f}"),
    ]
    lines = [
        f"{options.rate:g} calls a second for {options.seconds:g} s over {options.connections} connections, "
        f"{options.locations} locations, {', '.join(f'{share} % {kind}' for kind, share in mix_of(options).items())}",
        "",
        f"| | {' | '.join(one.server for one in results)} |",
        f"|---|{'---:|' * len(results)}",
        *(f"| {title} | {' | '.join(show(one) for one in results)} |" for title, show in rows),
    ]
    for one in results:
        lines += ["", f"{one.server}: {len(one.findings)} findings", *one.findings[:20]] if one.findings else []
    return "\n".join(lines)


def machine() -> dict[str, object]:
    """Describe where this ran."""
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "cpu": names[0].partition(":")[2].strip() if names else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "load_before": os.getloadavg()[0],
        "kernel": platform.release(),
        "python": platform.python_version(),
        "altegio-partner": version("altegio-partner"),
        "anyio": version("anyio"),
        "h11": version("h11"),
    }


def run(options: argparse.Namespace) -> int:
    """Measure both servers, and return the exit code."""
    where = machine()
    sys.stdout.write(f"{where}\n")
    with tempfile.TemporaryDirectory() as folder:
        seed = Path(folder) / "seed.json"
        seed.write_text(json.dumps({"locations": [{"salon_id": 1 + index} for index in range(options.locations)]}))
        sandbox = str(Path(sys.executable).with_name("altegio-sandbox"))
        commands = {
            "sandbox": [sandbox, "--port", "0", "--seed", str(seed)],
            "bare server": [sys.executable, __file__, "--serve-bare"],
        }
        results = list[Result]()
        for name, command in commands.items():
            with started(*command) as (pid, port):
                try:
                    results.append(asyncio.run(measure(name, pid, port, options)))
                except (OSError, EOFError) as error:
                    sys.stdout.write(f"The {name} has gone: {error!r}\n")
                    return 1
    sys.stdout.write(f"{report(options, results)}\n")
    if options.json:
        settings = {name: value for name, value in vars(options).items() if name not in ("json", "serve_bare")}
        content = {"machine": where, "options": settings, "results": [asdict(one) for one in results]}
        options.json.write_text(json.dumps(content, indent=2) + "\n")
    return 1 if any(one.findings for one in results) else 0


def main() -> int:
    """Read the options, and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30, help="how long (default: 30)")
    parser.add_argument("--rate", type=float, default=1000, help="calls a second (default: 1000)")
    parser.add_argument("--connections", type=int, default=50, help="kept open (default: 50)")
    parser.add_argument("--locations", type=int, default=1000, help="of the partner (default: 1000)")
    parser.add_argument("--without-payments", action="store_true", help="to see that the memory stays as it is")
    parser.add_argument("--fast-seconds", type=float, default=5, help="how long as fast as it goes (default: 5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to a file")
    parser.add_argument("--serve-bare", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve_bare:
        asyncio.run(serve_bare())
    return run(options)


if __name__ == "__main__":
    sys.exit(main())
