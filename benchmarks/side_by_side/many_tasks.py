"""Many tasks on one async client, each sending its next call as soon as the one before is answered."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from statistics import median, quantiles

import aiohttp
import httpx
import httpx_aiohttp
import openai

from altegio_partner import AsyncPartnerClient

from .payment import APPLICATION_ID, ARGUMENTS, HEADERS, PATH, TOKEN, WIRE
from .report import Table, Target, Value
from .rounds import interleaved
from .server import Server, serving

_OURS = "ours"
_OURS_OVER_AIOHTTP = "ours over httpx-aiohttp"
_BARE = "bare httpx"
_NEVER_SENT = "PoolTimeout"

Send = Callable[[], Awaitable[object]]
Peer = Callable[[str], AbstractAsyncContextManager[Send]]


@dataclass
class _Tally:
    """What came of a load."""

    latencies: list[float] = field(default_factory=list[float])
    errors: Counter[str] = field(default_factory=Counter[str])
    seconds: float = 0
    cpu: float = 0
    server_cpu: float = 0
    miscounted: str = ""

    @property
    def rate(self) -> float:
        return max(len(self.latencies), 1) / self.seconds

    @property
    def cpu_per_call(self) -> float:
        return self.cpu / max(len(self.latencies), 1) * 1e6


@asynccontextmanager
async def _ours(url: str, over: Callable[[], httpx.AsyncBaseTransport | None] = lambda: None) -> AsyncIterator[Send]:
    async with AsyncPartnerClient(
        TOKEN, application_id=APPLICATION_ID, base_url=url, transport=over(), timeout=60
    ) as partner:
        yield lambda: partner.notify_payment(**ARGUMENTS)


@asynccontextmanager
async def _bare(url: str) -> AsyncIterator[Send]:
    async with httpx.AsyncClient() as client:

        async def send() -> object:
            return (await client.post(url + PATH, json=WIRE, headers=HEADERS)).json()["data"]["id"]

        yield send


@asynccontextmanager
async def _aiohttp(url: str) -> AsyncIterator[Send]:
    async with aiohttp.ClientSession() as session:

        async def send() -> object:
            async with session.post(url + PATH, json=WIRE, headers=HEADERS) as response:
                return (await response.json())["data"]["id"]

        yield send


@asynccontextmanager
async def _openai(url: str) -> AsyncIterator[Send]:
    async with openai.AsyncOpenAI(api_key="token", base_url=f"{url}/v1", max_retries=0) as client:

        async def send() -> object:
            return (await client.chat.completions.create(model="gpt", messages=[{"role": "user", "content": "?"}])).id

        yield send


_PEERS: dict[str, Peer] = {
    _OURS: _ours,
    _OURS_OVER_AIOHTTP: partial(_ours, over=httpx_aiohttp.AiohttpTransport),
    _BARE: _bare,
    "raw aiohttp": _aiohttp,
    "openai": _openai,
}


async def _load(send: Send, tasks: int, calls: int, seconds: float) -> _Tally:
    """Send so many calls from so many tasks, or what can be begun in the time."""
    tally, left = _Tally(), iter(range(calls))
    begin, cpu = time.perf_counter(), time.process_time()

    async def work() -> None:
        while (now := time.perf_counter()) < begin + seconds and next(left, None) is not None:
            try:
                await send()
            except Exception as error:  # noqa: BLE001  each is counted
                tally.errors[type(error).__name__] += 1
            else:
                tally.latencies.append(time.perf_counter() - now)

    await asyncio.gather(*(work() for _ in range(tasks)))
    tally.seconds, tally.cpu = time.perf_counter() - begin, time.process_time() - cpu
    return tally


async def _measured(server: Server, peer: Peer, tasks: int, calls: int, seconds: float, warm: float) -> _Tally:
    """Put a load on a new client, after one that does not count, and compare what was answered with what was served."""
    before = server.served
    async with peer(server.url) as send:
        warming = await _load(send, min(tasks, 100), calls, warm)
        served_for = server.cpu_seconds
        tally = await _load(send, tasks, calls, seconds)
        tally.server_cpu = (server.cpu_seconds - served_for) / tally.seconds
    answered = len(warming.latencies) + len(tally.latencies)
    unknown = sum((warming.errors + tally.errors).values()) - (warming.errors + tally.errors)[_NEVER_SENT]
    served = server.served - before
    if not answered <= served <= answered + unknown:
        tally.miscounted = f"{served} served, {answered} answered, {unknown} failed and perhaps sent"
    return tally


def _turn(server: Server, peer: Peer, tasks: int, calls: int, seconds: float, warm: float) -> Callable[[], _Tally]:
    return lambda: asyncio.run(_measured(server, peer, tasks, calls, seconds, warm))


_COLUMNS = {
    "calls/s": ".0f",
    "× bare httpx": ".2f",
    "× raw aiohttp": ".2f",
    "CPU per call, µs": ".0f",
    "p50, ms": ".1f",
    "p99, ms": ".1f",
    "answered": ".0f",
    "errors": "",
    "server, of a core": ".0%",
}


def _filled(table: Table, measured: dict[str, list[_Tally]]) -> None:
    rates = {name: median(one.rate for one in all_of_it) for name, all_of_it in measured.items()}
    for name, all_of_it in measured.items():
        errors = sum((one.errors for one in all_of_it), Counter[str]())
        row: dict[str, Value] = {
            "calls/s": rates[name],
            "× bare httpx": rates[name] / rates[_BARE],
            "× raw aiohttp": rates[name] / rates["raw aiohttp"],
            "CPU per call, µs": median(one.cpu_per_call for one in all_of_it),
            "p50, ms": _percentile(50, all_of_it),
            "p99, ms": _percentile(99, all_of_it),
            "answered": float(sum(len(one.latencies) for one in all_of_it)),
            "errors": _listed(errors),
            "server, of a core": max(one.server_cpu for one in all_of_it),
        }
        table.rows[name] = row
        table.problems += [f"{table.title}: {name}: {one.miscounted}" for one in all_of_it if one.miscounted]
        if name != _BARE and errors:
            table.problems.append(f"{table.title}: {name}: {row['errors']}")


def _percentile(number: int, tallies: list[_Tally]) -> float | None:
    """Return the median of what this percentile was in each round, in milliseconds; None where nothing was answered."""
    seen = [quantiles(one.latencies, n=100)[number - 1] for one in tallies if len(one.latencies) > 1]
    return median(seen) * 1000 if seen else None


def compare(quick: bool) -> list[Table]:
    """Compare the clients at 100 tasks, and at 1,000."""
    hundred = Table("tasks_100", "Async: 100 tasks, sustained", _COLUMNS)
    thousand = Table("tasks_1000", "Async: 1,000 tasks, sustained", _COLUMNS)
    rounds, seconds = (2, 0.2) if quick else (7, 0.6)
    many, calls, longest = (1, 2_000, 1.0) if quick else (3, 10_000, 15.0)
    with serving() as server:
        turns = {name: _turn(server, peer, 100, 10**9, seconds, seconds / 4) for name, peer in _PEERS.items()}
        _filled(hundred, interleaved(turns, rounds))
        turns = {
            name: _turn(server, _PEERS[name], 1000, calls, longest if name == _BARE else 60, 0.2)
            for name in (_OURS, _OURS_OVER_AIOHTTP, "raw aiohttp")
        }
        measured = interleaved(turns, many)
        bare = _turn(server, _PEERS[_BARE], 1000, calls, longest, 0.2)
        _filled(thousand, {**measured, **interleaved({_BARE: bare}, 1)})
    hundred.notes = [f"{rounds} interleaved rounds of {seconds:g} s, each with a new client, warmed up."]
    thousand.notes = [
        f"{many} interleaved rounds of {calls:,} calls. Bare httpx has one round, and begins no call after {longest:g} "
        "s; its tasks then wait until they time out. Its latencies are of the calls that were answered."
    ]
    hundred.targets = [
        Target("100 tasks, × bare httpx", _of(hundred, _OURS, "× bare httpx"), 1.3, is_maximum=False),
        Target("100 tasks over aiohttp, × raw aiohttp", _of(hundred, _OURS_OVER_AIOHTTP, "× raw aiohttp"), 0.45, False),
        Target(
            "100 tasks over aiohttp, × openai",
            _of(hundred, _OURS_OVER_AIOHTTP, "calls/s") / _of(hundred, "openai", "calls/s"),
            6,
            is_maximum=False,
        ),
    ]
    per_call = "CPU per call, µs"
    failed, cpu = sum(sum(one.errors.values()) for one in measured[_OURS]), _of(thousand, _OURS, per_call)
    p50, p99 = _of(thousand, _OURS, "p50, ms"), _of(thousand, _OURS, "p99, ms")
    thousand.targets = [
        Target("1,000 tasks, errors", float(failed), 0),
        Target("1,000 tasks, p99 × p50", p99 / p50, 2),
        Target("1,000 tasks, CPU per call × that at 100", cpu / _of(hundred, _OURS, per_call), 1.6),
        Target("1,000 tasks, × bare httpx", _of(thousand, _OURS, "× bare httpx"), 8, is_maximum=False),
    ]
    return [hundred, thousand]


def bare_on_slow_server(quick: bool) -> Table:
    """Let many callers of bare httpx wait at once for a server that takes 700 ms: most of them time out."""
    return _slow(_BARE, quick)


def ours_on_slow_server(quick: bool) -> Table:
    """Let many callers of our client wait: it takes minutes, and almost no CPU."""
    table = _slow(_OURS, quick)
    errors = table.rows[_OURS]["errors"]
    table.expect("the errors of ours", errors, "0")
    table.targets = [Target("1,000 callers on a slow server, answered", _of(table, _OURS, "share answered"), 1, False)]
    return table


def _slow(name: str, quick: bool) -> Table:
    callers = 50 if quick else 1000
    table = Table(
        "slow_server",
        f"Async: {callers:,} callers at once, on a server that takes 700 ms",
        {"answered": ".0f", "share answered": ".0%", "errors": "", "in all, s": ".1f"},
    )
    with serving(delay=0.7) as server:
        tally = _turn(server, _PEERS[name], callers, callers, 600, 0)()
    table.rows[name] = {
        "answered": float(len(tally.latencies)),
        "share answered": len(tally.latencies) / callers,
        "errors": _listed(tally.errors),
        "in all, s": tally.seconds,
    }
    table.expect(f"what is miscounted of {name}", tally.miscounted, "")
    return table


def _listed(errors: Counter[str]) -> str:
    return ", ".join(f"{count} {error}" for error, count in errors.items()) or "0"


def _of(table: Table, row: str, column: str) -> float:
    value = table.rows[row][column]
    return value if isinstance(value, float) else float("nan")
