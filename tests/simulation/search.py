"""Visits all states of a world, breadth first, or goes through some of them at random."""

import random
import time
from collections import deque
from hashlib import blake2b
from marshal import dumps

from attrs import define, field

from .clocks import simulated_time
from .world import Action, State, World

_perf_counter = time.perf_counter
_WEIGHTS = {"worker": 6.0, "message": 3.0, "start": 2.0, "tick": 1.5}


@define
class Found:
    """What a search has come to."""

    transitions: int = 0
    states: int = 0
    depth: int = 0
    is_complete: bool = False
    seconds: float = 0.0
    violation: str = ""
    history: list[Action] = field(factory=list)
    """The actions that lead to it; the fewest, if the search was breadth first."""

    def __str__(self) -> str:
        whole = "all states" if self.is_complete else f"up to {self.depth} actions"
        counts = f"{self.transitions:,} transitions, {self.states:,} states, {whole}, {self.seconds:.0f} s"
        return f"{counts}: {self.violation or 'nothing broken'}"


def breadth_first(world: World, *, transitions: int = 10**12, seconds: float = 1e9) -> Found:
    """Visit states, those first that take the fewest actions, each of them once; until a promise is broken."""
    found, begin = Found(), _perf_counter()
    first, has_twins = world.first(), world.has_twins
    seen = {_digest(first)}
    parents: list[tuple[int, Action]] = [(-1, ())]
    queue = deque([(0, 0, first)])
    with simulated_time():
        while queue and found.transitions < transitions and _perf_counter() - begin < seconds and not found.violation:
            index, found.depth, state = queue.popleft()
            for action in world.actions(state):
                after, broken = world.apply(state, action)
                found.transitions += 1
                if broken:
                    found.violation, found.history = "; ".join(broken), [*_history(parents, index), action]
                    break
                digest = _digest(after)
                if has_twins and digest not in seen:
                    digest = min(digest, _digest(world.twin(after)))
                if digest not in seen:
                    seen.add(digest)
                    parents.append((index, action))
                    queue.append((len(parents) - 1, found.depth + 1, after))
    found.is_complete = not queue and not found.violation
    found.states, found.seconds = len(seen), _perf_counter() - begin
    return found


def at_random(world: World, seed: int, *, transitions: int = 10**12, seconds: float = 1e9, longest: int = 120) -> Found:
    """Walk from the first state on, again and again, until a promise is broken."""
    found, begin, rng = Found(), _perf_counter(), random.Random(seed)
    seen: set[bytes] = set()
    with simulated_time():
        while found.transitions < transitions and _perf_counter() - begin < seconds and not found.violation:
            state, history = world.first(), list[Action]()
            for _ in range(rng.randint(10, longest)):
                actions = world.actions(state)
                weights = [1.0 if action[-1] == "crash" else _WEIGHTS.get(action[0], 0.5) for action in actions]
                (action,) = rng.choices(actions, weights)
                history.append(action)
                state, broken = world.apply(state, action)
                seen.add(_digest(state))
                if broken:
                    found.violation, found.history = "; ".join(broken), history
                    break
            found.transitions += len(history)
            found.depth = max(found.depth, len(history))
    found.states, found.seconds = len(seen), _perf_counter() - begin
    return found


def _digest(state: State) -> bytes:
    return blake2b(dumps(tuple(state), 2), digest_size=10).digest()


def _history(parents: list[tuple[int, Action]], index: int) -> list[Action]:
    actions: list[Action] = []
    while index > 0:
        index, action = parents[index]
        actions.append(action)
    return actions[::-1]
