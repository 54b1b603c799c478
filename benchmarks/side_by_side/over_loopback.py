"""What a call costs over a live connection, plain and from many threads, and whether it stays so."""

import http.client
import json
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import httpx
from sandbox_load import Watched

from altegio_partner import PartnerClient

from .payment import APPLICATION_ID, ARGUMENTS, HEADERS, PATH, TOKEN, WIRE
from .report import Table, Target
from .rounds import cost_of, costs, interleaved
from .server import Server, serving

_THREADS = 32


def compare_connections(quick: bool) -> list[Table]:
    """Compare the CPU of one call over a kept connection."""
    table = Table(
        "loopback",
        "CPU per call over a live loopback connection",
        {"CPU, µs": ".0f", "× bare httpx": ".2f", "in all, µs": ".0f"},
    )
    rounds, calls = (5, 50) if quick else (41, 200)
    with serving() as server, _ours(server) as partner, httpx.Client() as bare:
        plain = http.client.HTTPConnection("127.0.0.1", server.port)
        peers: dict[str, Callable[[], object]] = {
            "ours": lambda: partner.notify_payment(**ARGUMENTS),
            "bare httpx": lambda: bare.post(server.url + PATH, json=WIRE, headers=HEADERS).json()["data"]["id"],
            "http.client": lambda: _sent(plain),
        }
        begin, served_for = time.perf_counter(), server.cpu_seconds
        measured = costs(peers, rounds, calls)
        share = (server.cpu_seconds - served_for) / (time.perf_counter() - begin)
        table.expect("what the server served", server.served, (rounds + 1) * calls * len(peers))
        plain.close()
    for name, cost in measured.items():
        ratio = cost.cpu / measured["bare httpx"].cpu
        table.rows[name] = {"CPU, µs": cost.cpu, "× bare httpx": ratio, "in all, µs": cost.wall}
    table.notes = [f"The server used {share:.0%} of a core."]
    table.targets = [Target("CPU over loopback, × bare httpx", measured["ours"].cpu / measured["bare httpx"].cpu, 0.85)]
    return [table]


def compare_threads(quick: bool) -> list[Table]:
    """Compare one thread with many that share a client, on all cores and on one."""
    column = f"{_THREADS} threads × one"
    table = Table(
        "threads",
        f"{_THREADS} threads on one client",
        {"one thread, calls/s": ".0f", f"{_THREADS} threads, calls/s": ".0f", column: ".2f"},
        notes=[
            "Python runs one thread at a time, and one that waits for the network hands over to another. From core to "
            "core that takes longer than the work between, whatever the client. This server answers at once: of one "
            "that is farther away, many threads get more answers than one."
        ],
    )
    cores = os.sched_getaffinity(0)
    for where, allowed in ((f"{len(cores)} cores", cores), ("one core", {min(cores)})):
        with serving() as server:  # on all cores
            os.sched_setaffinity(0, allowed)  # that of the threads which it starts, too
            _compare_threads_of(server, where, table, column, quick)
            os.sched_setaffinity(0, cores)
    return [table]


def _compare_threads_of(server: Server, where: str, table: Table, column: str, quick: bool) -> None:
    rounds, calls = (3, 8) if quick else (9, 32)
    with _ours(server) as partner, httpx.Client() as bare, ThreadPoolExecutor(_THREADS) as pool:

        def turn(call: Callable[[], object], threads: int) -> Callable[[], float]:
            def run() -> float:
                share = calls * _THREADS // threads
                begin = time.perf_counter()
                list(pool.map(lambda _: cost_of(call, share), range(threads)))
                return calls * _THREADS / (time.perf_counter() - begin)

            return run

        peers: dict[str, Callable[[], object]] = {
            "ours": lambda: partner.notify_payment(**ARGUMENTS),
            "bare httpx": lambda: bare.post(server.url + PATH, json=WIRE, headers=HEADERS).json()["data"]["id"],
        }
        turns = {(name, threads): turn(call, threads) for name, call in peers.items() for threads in (1, _THREADS)}
        names = {f"{name}, {threads}": one for (name, threads), one in turns.items()}
        interleaved(names, 1)
        rates = {name: median(all_of_it) for name, all_of_it in interleaved(names, rounds).items()}
        table.expect("what the server served", server.served, (rounds + 1) * calls * _THREADS * len(turns))
    for name in peers:
        one, many = rates[f"{name}, 1"], rates[f"{name}, {_THREADS}"]
        table.rows[f"{name}, {where}"] = {
            "one thread, calls/s": one,
            f"{_THREADS} threads, calls/s": many,
            column: many / one,
        }
    ratio = rates[f"ours, {_THREADS}"] / rates["ours, 1"]
    table.targets.append(Target(f"{_THREADS} threads, × one thread, {where}", ratio, 0.95, is_maximum=False))


def follow(quick: bool) -> list[Table]:
    """Follow one client over many calls."""
    table = Table(
        "many_calls",
        "Cost per call, and memory, as the calls of one client grow in number",
        {"CPU, µs": ".0f", "× the first": ".2f", "memory grown since the first, KB": ".0f"},
        notes=[
            "CPU is the median of up to 100 blocks, of all calls since the row above; 100 before them do not count."
        ],
    )
    warming, done, first, held, rss = 100, 0, 0.0, 0.0, 0.0
    with serving() as server, _ours(server) as partner:
        cost_of(lambda: partner.notify_payment(**ARGUMENTS), warming)
        for calls in [100, 1000] if quick else [100, 1000, 10_000, 100_000]:
            block = max(10, (calls - done) // 100)
            blocks = (calls - done) // block
            cost = median(cost_of(lambda: partner.notify_payment(**ARGUMENTS), block).cpu for _ in range(blocks))
            done += blocks * block
            rss = Watched(os.getpid()).rss_mib() * 1024
            first, held = first or cost, held or rss
            table.rows[f"{calls:,} calls"] = {
                "CPU, µs": cost,
                "× the first": cost / first,
                "memory grown since the first, KB": rss - held,
            }
        table.expect("what the server served", server.served, warming + done)
    flat = max(float(row["× the first"] or 0) for row in table.rows.values())
    table.targets = [
        Target("cost per call, highest of the rows × the first", flat, 1.1),
        Target("memory grown, KB", rss - held, 1024),
    ]
    return [table]


def _ours(server: Server) -> PartnerClient:
    return PartnerClient(TOKEN, application_id=APPLICATION_ID, base_url=server.url)


def _sent(connection: http.client.HTTPConnection) -> int:
    connection.request("POST", PATH, json.dumps(WIRE), {**HEADERS, "Content-Type": "application/json"})
    return int(json.load(connection.getresponse())["data"]["id"])
