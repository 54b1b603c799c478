"""Visits all states of a world, breadth first, or some of them at random."""

import random
import time
from collections import deque
from collections.abc import Iterator
from hashlib import blake2b
from marshal import dumps

from attrs import define, field

from .clocks import simulated_time
from .world import Action, State, World

perf_counter = time.perf_counter


@define
class Found:
    """What a search has come to."""

    states: int = 0
    transitions: int = 0
    depth: int = 0
    is_complete: bool = False
    seconds: float = 0.0
    violations: list[tuple[str, list[Action]]] = field(factory=list)


def breadth_first(world: World, *, transitions: int = 10**12, seconds: float = 1e9, violations: int = 1) -> Found:
    """Visit states, those that are reached with the fewest actions first, each of them once."""
    found, begin = Found(), perf_counter()
    first = world.first()
    seen = {_digest(first)}
    parents: list[tuple[int, Action]] = [(-1, ())]
    queue = deque([(0, 0, first)])
    with simulated_time():
        while queue and found.transitions < transitions and perf_counter() - begin < seconds:
            index, depth, state = queue.popleft()
            found.depth = depth
            for action in world.actions(state):
                after, broken = world.apply(state, action)
                found.transitions += 1
                if broken:
                    found.violations.append(("; ".join(broken), [*_history(parents, index), action]))
                    if len(found.violations) >= violations:
                        queue.clear()
                        break
                    continue
                digest = _digest(after)
                if digest not in seen:
                    seen.add(digest)
                    parents.append((index, action))
                    queue.append((len(parents) - 1, depth + 1, after))
        found.is_complete = not queue and not found.violations
    found.states, found.seconds = len(seen), perf_counter() - begin
    return found


def _digest(state: State) -> bytes:
    return blake2b(dumps(tuple(state), 2), digest_size=10).digest()


def _history(parents: list[tuple[int, Action]], index: int) -> list[Action]:
    actions: list[Action] = []
    while index > 0:
        index, action = parents[index]
        actions.append(action)
    return actions[::-1]
