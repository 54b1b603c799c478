"""Replays a history with the real ledger on an SQLite file: each worker is a thread, which waits at each of its steps.

Beside it runs the world of the simulation. Wherever the two differ, the simulation is wrong about the real code.
"""

import queue
import tempfile
import threading
from collections.abc import Iterable
from contextlib import ExitStack
from contextvars import ContextVar
from datetime import timedelta
from inspect import isawaitable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import anyio
from attrs import astuple

from altegio_partner import AltegioError
from altegio_partner.ledger import Ledger

from . import memory_store
from .clocks import BOOT, DELAY, UNIT, WALL, Readings, simulated_time
from .local_states import Step
from .memory_store import SteppedStore
from .world import IS_IN, IS_NOT_IN, SHOWN, Action, Scenario, State, World, clients_of, run_program

_LONGEST = 60  # seconds in which a thread must come to its next step


class Crashed(BaseException):
    """The process of the worker has ended."""


class Worker:
    """A name for a worker in a replayed history."""

    def __init__(self, replay: "Replay") -> None:
        self._replay = replay
        self.thread: _Thread | None = None

    def do(self, choice: Any) -> None:
        """Let its next step come to this."""
        self._replay.act("worker", self._replay.workers.index(self), choice)


class Replay:
    """A scenario, in which what happens is said line by line.

    Args:
        scenario: One of `scenarios.SCENARIOS`.
        is_real: Whether the real ledger does it too, on an SQLite file.
        is_async: Whether it does so with the async client: each worker has an event loop of its own.
    """

    def __init__(self, scenario: Scenario, *, is_real: bool = True, is_async: bool = False) -> None:
        self.world = World(scenario)
        self.state: State = self.world.first()
        self.workers: list[Any] = []
        """Those that are at work, in the order of the state."""
        self.broken: list[str] = []
        """Which promises were broken."""
        self._is_real, self._is_async = is_real, is_async
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(simulated_time())
        if self._is_real:
            folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory())).resolve()
            self.real = _Real(self.world, folder, is_async=self._is_async)
            self._stack.callback(self.real.close)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, frames: TracebackType | None
    ) -> None:
        self._stack.close()

    def start(self, program: str, key: str) -> Worker:
        """Let a worker begin to "pay", "refund", "reconcile" or "reconcile refund" a payment."""
        worker = Worker(self)
        self.act("start", self.world.programs.index((program, self.world.keys.index(key))), worker=worker)
        return worker

    def act(self, *action: Any, worker: Worker | None = None) -> None:
        """Let something happen."""
        assert action in self.world.actions(self.state), f"{action} cannot happen here"
        before, workers = self.state, list(self.workers)
        self.state, broken = self.world.apply(before, action, self.workers)
        self.workers[:] = [worker if one is None else one for one in self.workers]
        self.broken += broken
        if self._is_real:
            self.real.act(before, workers, action, worker)
            self.real.compare(self.state, self.workers)


def script_of(name: str, scenario: Scenario, history: Iterable[Action], violation: str) -> str:
    """Return a program that replays a history of a scenario of this name."""
    lines: list[str] = []
    with Replay(scenario, is_real=False) as replay:
        names: dict[int, str] = {}
        for action in history:
            match action:
                case ("start", j):
                    program, i = replay.world.programs[j]
                    worker = Worker(replay)
                    names[id(worker)] = f"worker_{len(names) + 1}"
                    lines.append(f'{names[id(worker)]} = replay.start("{program}", "{replay.world.keys[i]}")')
                    replay.act(*action, worker=worker)
                    continue
                case ("worker", i, choice):
                    number, _ = replay.state.workers[i]
                    kind, what = replay.world.local.all[number].step
                    about = what[0] if kind == "database" else kind
                    lines.append(f"{names[id(replay.workers[i])]}.do({choice!r})  # {about}")
                case _:
                    lines.append(f"replay.act({', '.join(map(repr, action))})")
            replay.act(*action)
    body = "\n".join(f"    {line}" for line in lines)
    return f'''"""{violation}"""

from tests.simulation.replaying import Replay
from tests.simulation.scenarios import SCENARIOS

with Replay(SCENARIOS[{name!r}]) as replay:
{body}
print(replay.broken)
'''


class _Thread:
    """Runs a program of a worker, from step to step."""

    def __init__(self, real: "_Real", program: Any) -> None:
        self.steps: queue.Queue[Step] = queue.Queue()
        self.answers: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.pending: tuple[str, Any] | None = None
        """The answer of a step that is done, and that it does not know yet."""
        self._thread = threading.Thread(target=self._run, args=(real, program), daemon=True)
        self._thread.start()
        self.step = self.steps.get(timeout=_LONGEST)

    def _run(self, real: "_Real", program: Any) -> None:
        real.here.set(self)
        try:
            step = Step("returned", real.run(program))
        except Crashed:
            step = Step("crashed", None)
        except (AltegioError, ValueError, KeyboardInterrupt) as error:
            step = Step("raised", error)
        self.steps.put(step)

    def ask(self, kind: str, what: Any) -> Any:
        self.steps.put(Step(kind, what))
        answer, value = self.answers.get()
        if answer == "crash":
            raise Crashed
        if answer == "failure":
            raise memory_store.failure(value)
        if answer == "interrupt":
            raise KeyboardInterrupt
        return value

    def go_on(self, answer: str, value: Any) -> None:
        """Let it come to its next step, or to its end."""
        self.answers.put((answer, value))
        self.step = self.steps.get(timeout=_LONGEST)
        while answer == "crash" and self.step.kind not in ("crashed", "returned", "raised"):
            self.answers.put((answer, value))  # it cleans up: a process that is killed does not
            self.step = self.steps.get(timeout=_LONGEST)
        if self.step.kind in ("crashed", "returned", "raised"):
            self._thread.join()


class _Real:
    """The real ledger, and clients of it that are stopped at each step."""

    def __init__(self, world: World, folder: Path, *, is_async: bool) -> None:
        self._world = world
        self.here: ContextVar[_Thread | None] = ContextVar("here", default=None)  # also in threads that its loop starts
        self._wall, self._boot, self._boots, self._tokens = WALL, BOOT, 0, 0
        self._set_clocks()
        self.ledger = Ledger(f"sqlite:///{folder}/ledger.db", status_delay=timedelta(seconds=DELAY))
        self._store: Any = self.ledger._store  # noqa: SLF001  there is no other way to stop between its steps
        stepped: Any = SteppedStore(self._ask, timedelta(seconds=DELAY))
        self.ledger._store = stepped  # noqa: SLF001
        self._clients = clients_of(world, self.ledger, self._ask, is_async=is_async)

    def close(self) -> None:
        self._store.close()

    def run(self, program: Any) -> Any:
        async def awaited() -> Any:
            return await result

        result = run_program(self._world, self._clients, self.ledger, program)
        return anyio.run(awaited) if isawaitable(result) else result

    def _ask(self, kind: str, what: Any) -> Any:
        if kind == "token":
            self._tokens += 1
            return f"real-{self._tokens}"
        thread = self.here.get()
        if thread is None:  # a person, who waits for nobody
            name, arguments, named = what
            return getattr(self._store, name)(*arguments, **dict(named))
        return thread.ask(kind, what)

    def _set_clocks(self) -> None:
        Readings.wall, Readings.boot, Readings.boot_id = self._wall, self._boot, f"boot {self._boots}"
        Readings.ask = self._ask

    def act(self, before: State, workers: list[Worker], action: Action, started: Worker | None) -> None:
        """Let happen to the real ledger what has happened to the simulated one."""
        self._set_clocks()
        match action:
            case ("start", j):
                assert started is not None
                started.thread = _Thread(self, self._world.programs[j])
            case ("tick",):
                self._wall += self._world.scenario.units * UNIT
                self._boot += self._world.scenario.units * UNIT
            case ("set clock", units):
                self._wall += units * UNIT
            case ("restart",):
                self._boots += 1
                for worker in workers:
                    assert worker.thread is not None
                    worker.thread.go_on("crash", None)
            case ("person", i, is_refund, is_there):
                self._person(before, i, is_refund, is_there)
            case ("worker", i, choice):
                thread = workers[i].thread
                assert thread is not None
                self._work(before, thread, i, choice)
            case _:
                pass  # it happens far away
        Readings.boot_id = "boot"

    def _person(self, before: State, i: int, is_refund: int, is_there: bool) -> None:
        for program in self._world.marks(before.records, i, is_refund, is_there):
            try:
                self.run(program)
            except ValueError as error:
                if "also_of=" not in str(error):
                    return
            else:
                return

    def _work(self, before: State, thread: _Thread, i: int, choice: Any) -> None:
        if choice == "crash":
            thread.go_on("crash", None)
        elif thread.pending is not None:
            answer, thread.pending = thread.pending, None
            thread.go_on(*answer)
        elif choice == "interrupt":
            thread.go_on("interrupt", None)
        elif choice in ("do", "write", "broken", "interrupt after"):
            name, arguments, named = thread.step.what
            result = getattr(self._store, name)(*arguments, **dict(named))
            answers = {"broken": ("failure", "The ledger cannot be used."), "interrupt after": ("interrupt", None)}
            answer = answers.get(choice, ("result", result))
            if choice == "write":
                thread.pending = answer
            else:
                thread.go_on(*answer)
        elif choice == "down":
            thread.go_on("failure", "The ledger cannot be used.")
        else:
            answer_of = self._world.response(before, i, choice)
            if answer_of is not None:
                thread.go_on("response", answer_of)

    def compare(self, state: State, workers: list[Worker]) -> None:
        """Compare the steps of the workers and the rows of both ledgers."""
        for (number, message), worker in zip(state.workers, workers, strict=True):
            expected, thread = self._world.local.all[number].step, worker.thread
            assert thread is not None
            assert thread.step.kind == expected.kind, f"{thread.step}, not {expected}"
            if expected.kind == "database":
                assert thread.step.what[0] == expected.what[0], f"{thread.step}, not {expected}"
                assert (thread.pending is not None) == (message in (IS_IN, IS_NOT_IN) and message < SHOWN)
        self._set_clocks()
        real = [(astuple(row.claim.identity), row.state, row.claim.payment_id) for row in self._store.search()]
        Readings.boot_id = "boot"
        rows = self._world.rows(state.rows).values()
        simulated = [(astuple(row.claim.identity), row.state, row.claim.payment_id) for row in rows]
        assert sorted(real) == sorted(simulated), f"{real}, not {simulated}"
