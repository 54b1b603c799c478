"""Interleaved rounds: each case has a short turn in every round, so that what else the machine does meets them all."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Cost:
    """What a call costs, in microseconds."""

    cpu: float
    wall: float


def interleaved(cases: Mapping[str, Callable[[], T]], rounds: int) -> dict[str, list[T]]:
    """Give every case its turn in each round, in another order each time, and return what they gave."""
    chance = random.Random(0)
    results: dict[str, list[T]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name in chance.sample([*cases], len(cases)):
            results[name].append(cases[name]())
    return results


def cost_of(call: Callable[[], object], calls: int) -> Cost:
    """Make the call so many times, and return what one of them costs."""
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(calls):
        call()
    return Cost((time.process_time() - cpu) / calls * 1e6, (time.perf_counter() - wall) / calls * 1e6)


def costs(cases: Mapping[str, Callable[[], object]], rounds: int, calls: int) -> dict[str, Cost]:
    """Return the median of what a call costs in each case, after a turn that does not count."""

    def turn(call: Callable[[], object]) -> Callable[[], Cost]:
        return lambda: cost_of(call, calls)

    turns = {name: turn(call) for name, call in cases.items()}
    interleaved(turns, 1)
    return {
        name: Cost(median(one.cpu for one in all_of_it), median(one.wall for one in all_of_it))
        for name, all_of_it in interleaved(turns, rounds).items()
    }
