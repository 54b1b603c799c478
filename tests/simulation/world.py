"""A world whose truth is known: an Altegio, a ledger, workers, people, and everything that can happen to them.

A state is plain data, and an action leads from one to the next. Nothing here knows how the ledger works.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from unittest import mock

from attrs import field, frozen

from altegio_partner import AltegioError, NotSentError, OutcomeUnknownError, PartnerClient, RejectedError
from altegio_partner.ledger import Ledger, LedgerWriteError, UndecidedError
from altegio_partner.progress import EXTENSION

from . import memory_store
from .clocks import BOOT, DELAY, FARTHEST, WALL, Readings, clipped, moved
from .local_states import Answers, LocalState, LocalStates, SimulatedNetwork, Step, changed
from .memory_store import MemoryStore, Rows, SteppedStore

FIRST_ID = 501
INVOICE: dict[str, Any] = {
    "salon_id": 1,
    "payment_sum": 100,
    "currency_iso": "EUR",
    "payment_date": datetime(2026, 11, 24, 12),
    "period_from": datetime(2026, 12, 1),
    "period_to": datetime(2026, 12, 31, 23, 59, 59),
}

# How far a message is, in the workers' part of a state; a number of units since it left, while it is on its way:
NONE, RECORDED, LOST, UNSURE = -1, -2, -3, -4
SHOWN = 100  # and more: what the status shows


@frozen
class Scenario:
    """Who reports what to whom, and what can go wrong meanwhile."""

    invoices: Mapping[str, dict[str, Any]]
    """What is paid, by idempotency key."""
    applications: Mapping[str, tuple[str, int]] = field(factory=dict)
    """The origin and the application through which a payment is reported, where they are not the usual ones."""
    workers: int = 2
    """How many are at work at once. Any number start, one after the other."""
    step: int = 1
    """How many units the clocks move at once."""
    refunds: bool = False
    people: str = ""
    """"careful" people mark what they have seen in Altegio while nobody reports it; "hasty" ones while somebody does."""
    reconciles: bool = True
    database_faults: bool = False
    """Whether the database can fail, before or after it has done what it was asked for."""
    status_fields: Sequence[str] = ("plain",)
    """How the status of a location is written: "plain", "no currency", "unreadable sum"."""
    too_many: bool = False
    """Whether Altegio answers 429, so that the client sends again."""
    recognises_equal: bool = False
    """Whether Altegio answers an equal payment with the id of the first, and records nothing."""
    wall_steps: int = 0
    """How often somebody sets the wall clock."""


class State(NamedTuple):
    """What there is, at a moment."""

    rows: tuple[int, ...]
    workers: tuple[tuple[int, int], ...]
    """The local state of each, and how far its message is, or what the status shows it."""
    messages: tuple[tuple[int, int, int], ...]
    """What is on its way without anybody waiting for the answer: payment, whether it is its refund, units since."""
    records: tuple[Any, ...]
    """Of each key: the units since Altegio recorded it, and since it was refunded, or -1; how often each."""
    limits: tuple[int, ...]
    """How often something may still happen; and which keys a person has marked too early."""


Action = tuple[Any, ...]


class World:
    """All that can happen in a scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.keys = sorted(scenario.invoices)
        self.salon_paths: dict[str, list[int]] = {}
        self.transit = 2  # units: an attempt lasts half of the delay at most, see Ledger.check_timeout
        self.lag = 4  # units: the delay of the status
        self._answers = Answers()
        network = SimulatedNetwork(self._answers.ask, EXTENSION)
        with mock.patch(
            "altegio_partner.ledger.ledger.Store",
            lambda *_, **__: SteppedStore(lambda name, arguments: self._answers.ask("database", (name, arguments))),
        ):
            self.ledger = Ledger("sqlite:////simulated.db", status_delay=timedelta(seconds=DELAY))
        self._clients: dict[tuple[str, int], PartnerClient] = {}
        for key in self.keys:
            where = self._where(key)
            origin, application_id = where
            self._clients[where] = PartnerClient(
                "simulated",
                base_url=origin,
                application_id=application_id,
                transport=network,
                ledger=self.ledger,
                max_retries=1 if scenario.too_many else 0,
            )
        self.local = LocalStates(self._run, self._answers)
        self.programs = [*self._programs()]
        self._row_numbers: dict[Any, int] = {}
        self._rows: list[Any] = []
        self._later_rows: dict[tuple[int, int, int], int] = {}
        self._ends_well: set[Any] = set()
        self._tokens: list[str] = []
        self._shown: dict[Any, int] = {}
        self._statuses_shown: list[Any] = []

    def _where(self, key: str) -> tuple[str, int]:
        return self.scenario.applications.get(key, ("https://app.alteg.io", 7))

    def _programs(self) -> Iterator[tuple[str, int]]:
        for i in range(len(self.keys)):
            yield ("pay", i)
            if self.scenario.reconciles:
                yield ("reconcile", i)
            if self.scenario.refunds:
                yield ("refund", i)

    def _run(self, program: Any) -> Any:
        name, i, *more = program
        key = self.keys[i]
        idempotency_key = key.partition("@")[0]  # the same key may be used in two applications
        client = self._clients[self._where(key)]
        match name:
            case "pay":
                return client.notify_payment(**self.scenario.invoices[key], idempotency_key=idempotency_key)
            case "reconcile":
                return client.reconcile(idempotency_key)
            case "refund":
                return client.notify_refund(FIRST_ID + i)
            case "mark recorded":
                return self.ledger.mark_recorded(idempotency_key, payment_id=more[0])
            case "mark not recorded":
                return self.ledger.mark_not_recorded(idempotency_key)
            case "mark refunded":
                return self.ledger.mark_recorded(f"refund of payment {FIRST_ID + i}", payment_id=FIRST_ID + i)
            case _:
                return self.ledger.mark_not_recorded(f"refund of payment {FIRST_ID + i}")

    # --- states

    def first(self) -> State:
        return State((), (), (), ((-1, -1, 0, 0),) * len(self.keys), (self.scenario.wall_steps, *(0,) * len(self.keys)))

    def row(self, number: int) -> Any:
        return self._rows[number]

    def _number(self, row: Any) -> int:
        number = self._row_numbers.get(row)
        if number is None:
            number = self._row_numbers[row] = len(self._rows)
            self._rows.append(row)
            self._tokens.append(memory_store.token_of(row))
        return number

    def rows(self, state: State) -> Rows:
        return {memory_store.key_of(row): row for row in map(self._rows.__getitem__, state.rows)}

    def later_row(self, number: int, wall: int, boot: int) -> int:
        """Return a row as it is after the clocks have moved."""
        key = (number, wall, boot)
        known = self._later_rows.get(key)
        if known is None:
            row = changed(self._rows[number], lambda x: clipped(moved(x, wall, boot)) if isinstance(x, float) else x)
            known = self._later_rows[key] = self._number(row)
        return known

    # --- what can happen

    def actions(self, state: State) -> list[Action]:
        scenario, found = self.scenario, list[Action]()
        seen = None
        for i, worker in enumerate(state.workers):
            if worker == seen:  # the same happens to two that are the same
                continue
            seen = worker
            number, message = worker
            step = self.local.all[number].step
            choices: tuple[Any, ...]
            match step.kind:
                case "database":
                    choices = ("do",)
                    if scenario.database_faults:
                        choices = ("do", "down", "broken") if step.what[0] in memory_store.CHANGING else ("do", "down")
                case "look":
                    if message == NONE:
                        choices = (*self._statuses(state, step.what), "unread")
                    else:
                        choices = ("read",)
                case "departure":
                    choices = ("leave", "unreached")
                case _:
                    choices = ("answer",) if message == RECORDED else ()
                    if message >= 0:
                        choices = ("arrive", "refuse", "too many") if scenario.too_many else ("arrive", "refuse")
                    choices = (*choices, "silence")
            found += [("worker", i, choice) for choice in choices]
            found.append(("worker", i, "crash"))
        found += [("message", i) for i in range(len(state.messages))]
        if len(state.workers) < scenario.workers:
            for j, (name, i) in enumerate(self.programs):
                if name != "refund" or state.records[i][0] >= 0:
                    found.append(("start", j))
        found.append(("tick",))
        if state.limits[0]:
            found += [("set clock", -8), ("set clock", 8)]
        if scenario.people:
            found += self._people(state)
        return found

    def _statuses(self, state: State, path: str) -> list[Any]:
        """Return all that the status of a location can show now: it may be as old as the delay."""
        shown: list[Any] = []
        for lag in range(self.lag + 1):
            payments = tuple(
                (i, refunded >= lag)
                for i, (age, refunded, _, _) in enumerate(state.records)
                if age >= lag and self._status_path(i) == path
            )
            if payments not in shown:
                shown.append(payments)
        return [("show", one, fields) for one in shown for fields in self.scenario.status_fields]

    def shown(self, status: Any) -> int:
        """Return the number of a status."""
        number = self._shown.get(status)
        if number is None:
            number = self._shown[status] = SHOWN + len(self._statuses_shown)
            self._statuses_shown.append(status)
        return number

    def _status_path(self, i: int) -> str:
        key = self.keys[i]
        return f"/marketplace/salon/{self.scenario.invoices[key]['salon_id']}/application/{self._where(key)[1]}"

    def _people(self, state: State) -> Iterator[Action]:
        rows = self.rows(state)
        for i, key in enumerate(self.keys):
            age, refunded, _, _ = state.records[i]
            busy = [self.local.all[number].program for number, _ in state.workers]
            row = rows.get(key)
            if row is not None and not row.is_recorded:
                out = ("pay", i) in busy or any(m[:2] == (i, 0) for m in state.messages)
                if age >= 0:
                    yield ("person", "mark recorded", i)
                elif not out or self.scenario.people == "hasty":
                    yield ("person", "mark not recorded", i)
            row = rows.get(f"refund of payment {FIRST_ID + i}")
            if row is not None and not row.is_recorded:
                out = ("refund", i) in busy or any(m[:2] == (i, 1) for m in state.messages)
                if refunded >= 0:
                    yield ("person", "mark refunded", i)
                elif not out or self.scenario.people == "hasty":
                    yield ("person", "mark not refunded", i)

    # --- what it leads to

    def apply(self, state: State, action: Action, names: list[Any] | None = None) -> tuple[State, list[str]]:
        """Return the state after an action, and which promises are broken in it.

        Args:
            state: The state before.
            action: One of its `actions`.
            names: Something for each worker, which is reordered as they are.
        """
        change = _Change(self, state, names)
        getattr(change, "_".join(("do", *action[0].split())))(*action[1:])
        after = change.state()
        return after, change.broken

    def told(self, i: int) -> dict[str, Any]:
        return self.scenario.invoices[self.keys[i]]

    def status(self, payments: tuple[tuple[int, bool], ...], fields: str) -> Any:
        """Return the answer that shows these payments."""
        shown: list[dict[str, Any]] = []
        for i, is_refunded in payments:
            invoice = {k: str(v) if isinstance(v, datetime) else v for k, v in self.told(i).items() if k != "salon_id"}
            shown.append({"id": FIRST_ID + i, **invoice, "is_refunded": is_refunded})
            if fields == "no currency":
                del shown[-1]["currency_iso"]
            if fields == "unreadable sum":
                shown[-1]["payment_sum"] = "?"
        about = {"status": "active", "created_at": "2026-01-01 00:00:00"}
        return (200, {"success": True, "data": {"connection_status": about, "payments": shown, "logs": []}, "meta": []})


TOKENS = [f"token-{i}" for i in range(30)]


class _Change:
    """An action, while it happens."""

    def __init__(self, world: World, state: State, names: list[Any] | None) -> None:
        self.world, self.before = world, state
        self.names = names
        self.rows = state.rows
        self.workers = [*state.workers]
        self.messages = [*state.messages]
        self.records = state.records
        self.limits = state.limits
        self.broken: list[str] = []
        self.last = Step("returned", None)

    def state(self) -> State:
        world, before = self.world, self.before
        if self.rows is not before.rows or self.records is not before.records:
            self._check_rows()
        self._rename_tokens()
        self._sort()
        after = State(self.rows, tuple(self.workers), tuple(sorted(self.messages)), self.records, self.limits)
        quiet = (self.rows, self.records)
        if quiet not in world._ends_well:  # noqa: SLF001
            world._ends_well.add(quiet)  # noqa: SLF001
            if not self.broken:
                self._check_end(State(self.rows, (), (), self.records, self.limits))
        return after

    def _sort(self) -> None:
        if self.names is None:
            self.workers.sort()
        else:
            pairs = sorted(zip(self.workers, self.names, strict=True), key=lambda pair: pair[0])
            self.workers = [worker for worker, _ in pairs]
            self.names[:] = [name for _, name in pairs]

    # --- the database

    def _used_tokens(self) -> set[str]:
        used = {memory_store.token_of(self.world.row(number)) for number in self.rows}
        return used.union(*(self.world.local.all[number].tokens for number, _ in self.workers))

    def _do_in_database(self, name: str, arguments: tuple[Any, ...]) -> Any:
        def new_token() -> str:
            used = self._used_tokens()
            return next(token for i in range(99) if (token := f"token-{i}") not in used)

        Readings.wall, Readings.boot = WALL, BOOT
        store = MemoryStore({memory_store.key_of(row): row for row in map(self.world.row, self.rows)}, new_token)
        result = getattr(store, name)(*arguments)
        if name in memory_store.CHANGING:
            number = self.world._number  # noqa: SLF001
            rows = [number(memory_store.without_the_past(row)) for _, row in sorted(store.rows.items())]
            self.rows = tuple(rows)
        return result

    def _rename_tokens(self) -> None:
        """Number the tokens by where they are, so that states do not differ by their names."""
        world = self.world
        found: list[str] = []
        for number in self.rows:
            token = world._tokens[number]
            if token not in found and token != "done":
                found.append(token)
        self.workers.sort() if self.names is None else self._sort()
        for number, _ in self.workers:
            found += [token for token in world.local.all[number].sorted_tokens if token not in found]
        if found == TOKENS[: len(found)]:
            return
        names = dict(zip(found, TOKENS, strict=False))
        rows = [world.row(number) for number in self.rows]
        tokens = [memory_store.token_of(row) for row in rows]
        rows = [memory_store.with_token(row, names.get(token, token)) for row, token in zip(rows, tokens, strict=True)]
        self.rows = tuple(world._number(row) for row in rows)  # noqa: SLF001
        for i, (number, message) in enumerate(self.workers):
            self.workers[i] = (world.local.renamed(world.local.all[number], names).number, message)

    # --- actions

    def do_start(self, j: int) -> None:
        self._put(None, self.world.local.start(self.world.programs[j]), NONE)

    def do_tick(self) -> None:
        world, n = self.world, self.world.scenario.step
        self._shift(n, n)
        self.messages = [(i, kind, age + n) for i, kind, age in self.messages if age + n <= world.transit]
        for i, (number, message) in enumerate(self.workers):
            if 0 <= message < SHOWN:
                self.workers[i] = (number, message + n if message + n <= world.transit else LOST)
        self.records = tuple(
            (min(age + n, world.lag) if age >= 0 else -1, min(refunded + n, world.lag) if refunded >= 0 else -1, *often)
            for age, refunded, *often in self.records
        )

    def do_set_clock(self, units: int) -> None:
        self._shift(units, 0)
        self.limits = (self.limits[0] - 1, *self.limits[1:])

    def _shift(self, wall: int, boot: int) -> None:
        world = self.world
        self.rows = tuple(world.later_row(number, wall, boot) for number in self.rows)
        for i, (number, message) in enumerate(self.workers):
            self.workers[i] = (world.local.later(world.local.all[number], wall, boot).number, message)

    def do_message(self, i: int) -> None:
        target, kind, _ = self.messages.pop(i)
        self._record(target, kind)

    def do_person(self, name: str, i: int) -> None:
        """Let a person mark what is the truth at this moment."""
        program: tuple[Any, ...] = (name, i)
        if name == "mark recorded":
            program = (name, i, FIRST_ID + i)
        if name == "mark not recorded":
            busy = [self.world.local.all[number].program for number, _ in self.workers]
            if ("pay", i) in busy or any(message[:2] == (i, 0) for message in self.messages):
                self._taint(i)
        step = self._do_alone(program)
        if step.kind != "returned" and self.world.scenario.people == "careful":
            self.broken.append(f"A person could not mark {name!r} {self.world.keys[i]}: {step.what}")

    def _do_alone(self, program: Any) -> Step:
        world = self.world
        local = world.local.start(program)
        while local.step.kind == "database":
            local = world.local.after(local, "result", self._do_in_database(*local.step.what))
        return local.step

    def _taint(self, i: int) -> None:
        limits = [*self.limits]
        limits[1 + i] = 1
        self.limits = tuple(limits)

    def do_worker(self, i: int, choice: Any) -> None:  # noqa: C901, PLR0912
        world = self.world
        number, message = self.workers[i]
        local = world.local.all[number]
        key, is_refund = local.program[1], int(local.program[0] == "refund")
        step = local.step
        if choice == "crash":
            del self.workers[i]
            if self.names is not None:
                del self.names[i]
            if step.kind == "flight" and message >= 0:
                self.messages.append((key, is_refund, message))
            return
        after = world.local.after
        match choice:
            case "do":
                self._put(i, after(local, "result", self._do_in_database(*step.what)), message)
            case "down":
                self._put(i, after(local, "failure", "The ledger cannot be used."), message)
            case "broken":
                self._do_in_database(*step.what)
                self._put(i, after(local, "failure", "The ledger cannot be used."), message)
            case "leave":
                local = after(local, "go", "connected")
                self._put(i, local, 0 if local.step.kind == "flight" else NONE)
            case "unreached":
                self._put(i, after(local, "go", "unreached"), NONE)
            case "arrive":
                self.workers[i] = (number, RECORDED)
                self._record(key, is_refund)
            case "answer":
                content = {"success": True} if is_refund else {"success": True, "data": {"id": FIRST_ID + key}}
                self._put(i, after(local, "response", (200, content)), NONE)
            case "refuse":
                meta = {"message": "No.", "errors": {}}
                self._put(i, after(local, "response", (422, {"success": False, "data": None, "meta": meta})), NONE)
            case "too many":
                self._put(i, after(local, "response", (429, {"success": False, "meta": {"message": "Slowly."}})), NONE)
            case "silence":
                if message >= 0:
                    self.messages.append((key, is_refund, message))
                self._put(i, after(local, "response", "silence"), NONE if message == LOST else UNSURE)
            case "read":
                self._put(i, after(local, "status", world.status(*world._statuses_shown[message - SHOWN])), NONE)
            case "unread":
                self._put(i, after(local, "status", (503, {"success": False})), NONE)
            case _:
                self.workers[i] = (number, world.shown(choice[1:]))

    def _put(self, i: int | None, local: LocalState, message: Any) -> None:
        """Let a worker go on, and judge what it says where it is at its end."""
        if local.step.kind in ("returned", "raised"):
            self.last = local.step
            if i is not None:
                del self.workers[i]
                if self.names is not None:
                    del self.names[i]
            self._check_result(local, message)
        elif i is None:
            self.workers.append((local.number, message))
            if self.names is not None:
                self.names.append(None)
        else:
            self.workers[i] = (local.number, message)

    def _record(self, i: int, is_refund: int) -> None:
        age, refunded, paid, given_back = self.records[i]
        if is_refund:
            given_back, refunded = given_back + 1, refunded if refunded >= 0 else 0
        else:
            paid, age = paid + 1, age if age >= 0 else 0
        self.records = (*self.records[:i], (age, refunded, paid, given_back), *self.records[i + 1 :])
        if paid > 1 and not self.limits[1 + i]:
            self.broken.append(f"{self.world.keys[i]} is recorded twice.")
        if given_back > 1:
            self.broken.append(f"{self.world.keys[i]} is refunded twice.")

    # --- the promises

    def _is_out(self, i: int, kind: int) -> bool:
        """Say whether a payment or refund may still be recorded."""
        if any(message[:2] == (i, kind) for message in self.messages):
            return True
        name = ("pay", "refund")[kind]
        return any(
            self.world.local.all[number].program[:2] == (name, i) and 0 <= message < SHOWN
            for number, message in self.workers
        )

    def _check_result(self, local: LocalState, message: Any) -> None:
        kind, what = local.step
        name, i = local.program[:2]
        key = self.world.keys[i]
        age, refunded, paid, _ = self.records[i]
        if kind == "returned":
            if name == "refund":
                if refunded < 0:
                    self.broken.append(f"The refund of {key} is reported as recorded, and is not.")
            elif what is None:
                if paid and not self.limits[1 + i]:
                    self.broken.append(f"{key} is reported as not recorded, and is.")
                elif self._is_out(i, 0):
                    self.broken.append(f"{key} is reported as not recorded, and may still be.")
            elif what != FIRST_ID + i or not paid:
                self.broken.append(f"{key} is reported as recorded under {what}, and is not.")
            return
        if isinstance(what, LedgerWriteError):
            if what.payment_id != FIRST_ID + i or (refunded < 0 if name == "refund" else not paid):
                self.broken.append(f"{key}: an error says that it is recorded under {what.payment_id}, and it is not.")
        elif isinstance(what, (NotSentError, RejectedError)) and message == UNSURE:
            self.broken.append(f"{key}: an error says that it was not recorded, and it may be: {what}")
        elif not isinstance(what, AltegioError) and name in ("pay", "refund"):
            self.broken.append(f"{key}: an error that says nothing: {what!r}")

    def _check_rows(self) -> None:
        """Compare what the ledger holds with the truth."""
        rows = {memory_store.key_of(row): row for row in map(self.world.row, self.rows)}
        for i, key in enumerate(self.world.keys):
            _, refunded, paid, _ = self.records[i]
            for kind, name, is_done in ((0, key, paid > 0), (1, f"refund of payment {FIRST_ID + i}", refunded >= 0)):
                row = rows.get(name)
                if row is None:
                    if (is_done or self._is_out(i, kind)) and not self.limits[1 + i]:
                        self.broken.append(f"{name} is forgotten: it is recorded or may still be.")
                elif row.is_recorded and (not is_done or row.payment_id != FIRST_ID + i):
                    self.broken.append(f"{name} is in the ledger as recorded under {row.payment_id}, and is not.")

    def _check_end(self, state: State) -> None:
        """Say whether all comes to an end when nothing more goes wrong, with the help of a person where needed."""
        world = self.world
        for _ in range(FARTHEST):
            change = _Change(world, state, None)
            change.do_tick()
            state = State(change.rows, (), (), change.records, state.limits)
        for i, key in enumerate(world.keys):
            kinds = ("pay", "refund") if state.records[i][1] >= 0 else ("pay",)
            for name in kinds:
                state = self._end(state, name, i, key)

    def _end(self, state: State, name: str, i: int, key: str) -> State:
        world = self.world
        for help_is_there in (True, False):
            change = _Change(world, state, None)
            local = change.alone((name, i))
            self.broken += change.broken
            state = State(change.rows, (), (), change.records, state.limits)
            if local.kind == "returned":
                return state
            is_undecided = isinstance(local.what, UndecidedError)
            if not is_undecided or not help_is_there:
                self.broken.append(f"The {name} of {key} never ends: {local.what!r}")
                return state
            change = _Change(world, state, None)
            done = state.records[i][0 if name == "pay" else 1] >= 0
            words = {
                ("pay", True): ("mark recorded", i, FIRST_ID + i),
                ("pay", False): ("mark not recorded", i),
                ("refund", True): ("mark refunded", i),
                ("refund", False): ("mark not refunded", i),
            }
            step = change._do_alone(words[name, done])
            if step.kind != "returned":
                self.broken.append(f"The {name} of {key} never ends: a person is told {step.what}")
            state = State(change.rows, (), (), change.records, state.limits)
        raise AssertionError

    def alone(self, program: Any) -> Step:
        """Let one worker do all of a program, with nobody else there and nothing going wrong."""
        world = self.world
        state: State
        self._put(None, world.local.start(program), NONE)
        while self.workers:
            step = world.local.all[self.workers[0][0]].step
            match step.kind:
                case "database":
                    choice: Any = "do"
                case "look":
                    path = step.what
                    payments = tuple(
                        (i, refunded >= 0)
                        for i, (age, refunded, _, _) in enumerate(self.records)
                        if age >= 0 and world._status_path(i) == path
                    )
                    self.do_worker(0, ("show", payments, "plain"))
                    choice = "read"
                case "departure":
                    choice = "leave"
                case _:
                    self.do_worker(0, "arrive")
                    choice = "answer"
            self.do_worker(0, choice)
        return self.last
