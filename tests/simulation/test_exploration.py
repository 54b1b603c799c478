"""The promises of the ledger hold in all that can happen, as far as it is explored."""

import random
from datetime import timedelta
from pathlib import Path
from types import FrameType

import pytest

from altegio_partner.ledger import Ledger

from .clocks import DELAY
from .local_states import Description
from .parameters import COMPLETE, IS_FULL, REPLAYED, TRANSITIONS
from .replaying import Replay, Worker, script_of
from .scenarios import SCENARIOS
from .search import at_random, breadth_first
from .world import World


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_promise_is_broken(name: str) -> None:
    is_complete = IS_FULL and name in COMPLETE
    world = World(SCENARIOS[name])
    found = breadth_first(world, transitions=10**12 if is_complete else TRANSITIONS)
    assert not found.violation, script_of(name, SCENARIOS[name], found.history, found.violation)
    assert found.is_complete or (not is_complete and found.transitions >= TRANSITIONS), found
    walks = at_random(world, 1, transitions=TRANSITIONS // 4)
    assert not walks.violation, script_of(name, SCENARIOS[name], walks.history, walks.violation)


REPLAYED_SCENARIOS = list(SCENARIOS) if IS_FULL else ["database faults, twins", "too many requests", "restarts, twins"]
ASYNC = [name for name in REPLAYED_SCENARIOS if not SCENARIOS[name].interrupts]  # they come to a task as a cancellation


@pytest.mark.parametrize(
    ("name", "is_async"),
    [*((name, False) for name in REPLAYED_SCENARIOS), *((name, True) for name in ASYNC)],
)
def test_the_real_ledger_does_what_the_simulated_one_does(name: str, is_async: bool) -> None:
    rng, left = random.Random(1), REPLAYED
    while left > 0:
        with Replay(SCENARIOS[name], is_async=is_async) as replay:
            for _ in range(min(left, 100)):
                (action,) = rng.choices(actions := replay.world.actions(replay.state), [weight(one) for one in actions])
                replay.act(*action, worker=Worker(replay) if action[0] == "start" else None)
            assert not replay.broken
        left -= 100


def weight(action: tuple[object, ...]) -> float:
    return 0.3 if action[0] == "start" else 0.1 if action[-1] == "crash" else 1.0


def test_each_scenario_can_come_to_all_ends() -> None:
    """The workers of the simulation get through: they return, and they raise each kind of error."""
    ends: set[str] = set()
    for name in ("one key", "database faults", "hasty people"):
        world = World(SCENARIOS[name])
        at_random(world, 1, transitions=4_000)
        steps = [local.step for local in world.local.all.values()]
        ends |= {type(what).__name__ for kind, what in steps if kind in ("returned", "raised")}
    assert ends >= {
        "int", "NoneType", "ValueError", "LedgerUnavailableError", "LedgerWriteError", "NoAnswerError", "NotSentError",
        "InvalidRequestError", "UndecidedError",
    }  # fmt: skip


def test_a_worker_with_another_delay_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path.resolve()}/ledger.db"
    with Ledger(url, status_delay=timedelta(seconds=DELAY)), pytest.raises(ValueError, match="all who use it need"):
        Ledger(url, status_delay=timedelta(seconds=DELAY / 2))


def test_histories_that_were_merged_go_on_alike() -> None:
    """Where two histories have left the same on the stack, both are run on, and must leave the same again."""
    world = World(SCENARIOS["one key"])
    breadth_first(world, transitions=3_000)
    assert sum(len(state.others) for state in world.local.all.values()) > 10


def test_histories_that_were_merged_wrongly_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    seen_of_a_frame = Description._frame  # noqa: SLF001  as if the explorer did not see a variable

    def without_rows(self: Description, frame: FrameType) -> object:
        name, position, variables = seen_of_a_frame(self, frame)
        return name, position, tuple(pair for pair in variables if pair[0] not in ("row", "rows"))

    monkeypatch.setattr(Description, "_frame", without_rows)
    with pytest.raises(AssertionError, match="not the same"):
        breadth_first(World(SCENARIOS["one key"]), transitions=5_000)
