"""A world whose truth is known: an Altegio, a ledger, workers, people, and all that can happen to them.

A state is plain data, and an action leads from one to the next. Nothing here knows how the ledger works.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from unittest import mock

from attrs import astuple, field, frozen

from altegio_partner import AltegioError, AsyncPartnerClient, NotSentError, PartnerClient, RejectedError
from altegio_partner.ledger import Ledger, LedgerWriteError, UndecidedError
from altegio_partner.ledger.store import Identity
from altegio_partner.progress import EXTENSION

from . import memory_store
from .clocks import BOOT, DELAY, WALL, Readings, clipped, moved
from .local_states import (
    Answers,
    AsyncSimulatedNetwork,
    LocalState,
    LocalStates,
    SimulatedNetwork,
    Step,
    changed,
    stable_number,
)
from .memory_store import MemoryStore, Rows, SteppedStore, Stored

FIRST_ID, AGAIN = 501, 100
"""The id of the first payment of an application, and by how much that of its duplicate is greater."""
INVOICE: dict[str, Any] = {
    "salon_id": 1,
    "payment_sum": 100,
    "currency_iso": "EUR",
    "payment_date": datetime(2026, 11, 24, 12),
    "period_from": datetime(2026, 12, 1),
    "period_to": datetime(2026, 12, 31, 23, 59, 59),
}
TRANSIT = 2
"""Units after its first byte in which a request arrives, or never: no timeout is longer, see `Ledger.check_timeout`."""
LAG = 4
"""Units for which the status of a location may hide what was recorded: the delay."""
MANY = 50
"""Steps of a worker: more than it needs when it is alone."""
QUIET = 12
"""Units after which nothing is on its way, and nothing is hidden."""
TOKENS = [f"token-{i}" for i in range(30)]

# How far a worker's message is, where it is not on its way: then it is the units since it left. Or whether its claim
# is in the database, where it does not know yet.
NONE, RECORDED, RECORDED_AGAIN, LOST, UNSURE, IS_IN, IS_NOT_IN = -1, -2, -3, -4, -5, -6, -7
SHOWN = 100  # and more: the number of the status that it is about to read


@frozen
class Scenario:
    """Who reports what to whom, and what can go wrong meanwhile."""

    invoices: Mapping[str, dict[str, Any]]
    """What is paid, by idempotency key. What stands behind a colon is not part of the key."""
    where: Mapping[str, tuple[str, int]] = field(factory=dict)
    """The origin and the application of a payment, where they are not the usual ones."""
    shows_all: bool = False
    """Whether the status of a location shows the payments of all applications, and Altegio counts them as one."""
    workers: int = 2
    """How many are at work at once. Any number start, one after the other."""
    units: int = 1
    """How many units the clocks move at once."""
    refunds: bool = False
    people: str = ""
    """"careful" people mark what they have seen in Altegio while nobody reports it; "hasty" ones also then."""
    reconciles: bool = True
    database: str = "sqlite"
    database_faults: bool = False
    """Whether the database can fail, before or after it has done what it was asked for."""
    statuses: Sequence[str] = ("plain",)
    """How the status of a location can be written: see `World.status`."""
    too_many: bool = False
    """Whether Altegio answers 429, so that the client sends again."""
    interrupts: bool = False
    """Whether Ctrl-C can stop a worker at each step, before and after it is done. It may clean up then."""
    freezes: bool = False
    """Whether a worker can stand still between the moment when its claim is written and the one when it knows."""
    recognises_equal: bool = False
    """Whether Altegio answers an equal payment with the id of the first, and records nothing."""
    clock_steps: int = 0
    """How often somebody sets the wall clock."""
    rounds: bool = False
    """Whether a worker learns only whether a payment may be missing, not for how long: it asks for no more."""
    restarts: int = 0
    """How often the machine is started again."""
    reinstalls: bool = False
    """Whether the application is removed from the location and installed again, once: its status forgets what was."""


class State(NamedTuple):
    """What there is, at a moment."""

    rows: tuple[int, ...]
    workers: tuple[tuple[int, int], ...]
    """The local state of each, and how far its message is, or what the status shows it."""
    messages: tuple[tuple[int, int, int], ...]
    """What is on its way while nobody waits for the answer: payment, whether it is its refund, units since it left."""
    records: tuple[tuple[int, int, int, int, int], ...]
    """Of each payment: units since Altegio recorded it, and its refund, or -1; since it recorded it again; how often it
    was refunded; whose id it has."""
    limits: tuple[int, ...]
    """How often a clock may be set and a machine restarted, and which payments a person has marked too early."""
    reinstalled: int = -1
    """Units since the application was installed at the location again, or -1."""
    hidden: tuple[int, ...] = ()
    """The payments from before that, which its status does not show any more."""


Action = tuple[Any, ...]


_OTHER = {"A": "B", "B": "A"}
_OTHER_ID = {501: 502, 502: 501, 601: 602, 602: 601}


def _swapped(value: Any) -> Any:
    """Return a key of the one payment for that of the other, and an id likewise."""
    if isinstance(value, int):
        return _OTHER_ID.get(value, value)
    if isinstance(value, str):
        return _OTHER.get(value) or re.sub(r"\b[56]0[12]\b", lambda found: str(_OTHER_ID[int(found[0])]), value)
    return value


def _older(age: int, units: int) -> int:
    return min(age + units, LAG) if age >= 0 else -1


class Facts(NamedTuple):
    """What the ledger says of payments and refunds."""

    missing: list[tuple[int, int]]
    """Those that it does not have."""
    recorded: list[tuple[int, int, int | None]]
    """Those that it has as recorded, and under which id."""


class World:
    """All that can happen in a scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.keys = list(scenario.invoices)
        self.places = [scenario.where.get(key, ("https://app.alteg.io", 7)) for key in self.keys]
        counted = [0 if scenario.shows_all else place for place in self.places]
        self.ids = [FIRST_ID + counted[:i].count(place) for i, place in enumerate(counted)]
        """Of each payment."""
        self._answers = answers = Answers()
        delay = timedelta(seconds=DELAY)
        with (
            mock.patch("altegio_partner.ledger.ledger.Database"),
            mock.patch("altegio_partner.ledger.ledger.Store", return_value=SteppedStore(answers.ask, delay)),
        ):
            self.ledger = Ledger("simulated")
        self._clients = clients_of(self, self.ledger, answers.ask)
        self.local = LocalStates(self._run, answers)
        first, *others = scenario.invoices.values()
        self.has_twins = self.keys == ["A", "B"] and others == [first] and not scenario.where
        """Whether a state is the same if the two payments change places."""
        self.programs = [*self._programs()]
        self.quiet: dict[Any, list[str]] = {}
        """What becomes of what there is, when nothing more goes wrong."""
        self._rows: list[Stored] = []
        self._tokens: list[str] = []
        self._row_numbers: dict[Stored, int] = {}
        self._changed_rows: dict[tuple[int, ...], int] = {}
        self._places = {self.identity(i, kind): (i, kind) for i in range(len(self.keys)) for kind in (0, 1)}
        self.known_steps: dict[Any, tuple[Any, LocalState]] = {}
        """What a step in the database comes to, by the rows and the local state."""
        self.known_names: dict[Any, Any] = {}
        """The rows and local states with other tokens; None where they keep theirs."""
        self._twins: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._twin_statuses: dict[int, int] = {}
        self._facts: dict[tuple[int, ...], Facts] = {}
        self._statuses: dict[int, Any] = {}
        self._status_numbers: dict[Any, int] = {}

    def _programs(self) -> Iterator[tuple[str, int]]:
        for i in range(len(self.keys)):
            yield ("pay", i)
            if self.scenario.reconciles:
                yield ("reconcile", i)
            if self.scenario.refunds:
                yield ("refund", i)
            if self.scenario.refunds and self.scenario.reconciles:
                yield ("reconcile refund", i)

    def identity(self, i: int, is_refund: int) -> Identity:
        """Return what a payment, or its refund, is known by."""
        if is_refund:
            return Identity(*self.places[i], "notify_refund", str(self.ids[i]))
        return Identity(*self.places[i], "notify_payment", self.keys[i].partition(":")[0])

    def _run(self, program: Any) -> Any:
        return run_program(self, self._clients, self.ledger, program)

    # States

    def first(self) -> State:
        """Return the state in which nothing has happened."""
        limits = (self.scenario.clock_steps, self.scenario.restarts, *(0 for _ in self.keys))
        return State((), (), (), tuple((-1, -1, -1, 0, i) for i in range(len(self.keys))), limits)

    def number(self, stored: Stored) -> int:
        """Return the number that stands for a row."""
        number = self._row_numbers.get(stored)
        if number is None:
            number = self._row_numbers[stored] = len(self._rows)
            self._rows.append(stored)
            self._tokens.append(memory_store.token_of(stored))
        return number

    def rows(self, numbers: Sequence[int]) -> Rows:
        """Return the rows that these numbers stand for."""
        return {stored.claim.identity: stored for stored in map(self._rows.__getitem__, numbers)}

    def facts(self, numbers: tuple[int, ...]) -> Facts:
        """Return what the ledger says if it has these rows."""
        facts = self._facts.get(numbers)
        if facts is None:
            rows = self.rows(numbers)
            known = [(*self._places[one], row.claim.payment_id) for one, row in rows.items() if row.is_recorded]
            facts = Facts([place for one, place in self._places.items() if one not in rows], known)
            self._facts[numbers] = facts
        return facts

    def token(self, number: int) -> str:
        """Return the token of a row."""
        return self._tokens[number]

    def later_row(self, number: int, wall: int, boot: int) -> int:
        """Return a row as it is after the clocks have moved."""
        key = (number, wall, boot)
        known = self._changed_rows.get(key)
        if known is None:
            row = changed(self._rows[number], lambda x: clipped(moved(x, wall, boot)) if isinstance(x, float) else x)
            known = self._changed_rows[key] = self.number(row)
        return known

    def twin(self, state: State) -> State:
        """Return the state that is the same but for the names of the two equal payments."""
        known = self._twins.get(state.rows)
        if known is None:
            rows = [changed(self._rows[number], _swapped) for number in state.rows]
            rows.sort(key=lambda row: astuple(row.claim.identity))
            known = self._twins[state.rows] = tuple(map(self.number, rows))
        states, swap = self.local.all, self.local.swapped
        workers: list[tuple[int, int]] = []
        for number, message in state.workers:
            shown = message if message < SHOWN else self._twin_statuses.get(message) or self._twin_status(message)
            workers.append((swap(states[number], _swapped).number, shown))
        change = Change(self, state)
        change.rows, change.workers = known, workers
        change.messages = [(1 - i, is_refund, age) for i, is_refund, age in state.messages]
        first, second = state.records
        change.records = ((*second[:-1], 1 - second[-1]), (*first[:-1], 1 - first[-1]))
        change.limits = (*state.limits[:2], state.limits[3], state.limits[2])
        change.hidden = tuple(sorted(1 - i for i in state.hidden))
        change.rename_tokens()
        return change.now()

    def _twin_status(self, number: int) -> int:
        payments, fields = self._statuses[number]
        twins = tuple(sorted((_swapped(payment_id), 1 - i, *others) for payment_id, i, *others in payments))
        known = self._twin_statuses[number] = self.status_number((twins, fields))
        return known

    def status_number(self, status: Any) -> int:
        """Return the number that stands for a status."""
        number = self._status_numbers.get(status)
        if number is None:
            number = self._status_numbers[status] = SHOWN + stable_number(status)
            self._statuses[number] = status
        return number

    def response(self, state: State, i: int, choice: Any) -> Any:
        """Return what a worker gets from the network; None where it gets nothing yet."""
        number, message = state.workers[i]
        name, target = self.local.all[number].program
        match choice:
            case "leave" | "unreached" | "silence" | "wake":
                return choice
            case "answer":
                again = message == RECORDED_AGAIN
                owner = state.records[target][4]
                payment_id = self.ids[target] + AGAIN if again else self.ids[owner]
                content = {} if name == "refund" else {"data": {"id": payment_id}}
                return (200, {"success": True, **content})
            case "refuse":
                return (422, {"success": False, "meta": {"message": "No."}})
            case "too many":
                return (429, {"success": False, "meta": {"message": "Wait."}})
            case "read":
                return self.status(message)
            case "unread":
                return (503, {"success": False})
            case _:
                return None

    def status(self, number: int) -> Any:
        """Return the response that this number stands for."""
        payments, fields = self._statuses[number]
        shown: list[dict[str, Any]] = []
        for payment_id, i, is_refunded in payments:
            invoice = self.scenario.invoices[self.keys[i]]
            values = {k: str(v) if isinstance(v, datetime) else v for k, v in invoice.items() if k != "salon_id"}
            shown.append({"id": payment_id, **values, "is_refunded": is_refunded})
            match fields:
                case "no currency":
                    del shown[-1]["currency_iso"]
                case "unreadable sum":
                    shown[-1]["payment_sum"] = "?"
                case "no dates":
                    shown[-1].update(payment_date="0000-00-00 00:00:00", period_from=None)
                case "no id":
                    del shown[-1]["id"]
                case "no is_refunded":
                    shown[-1]["is_refunded"] = None
                case "in quotes":
                    shown[-1].update(id=str(payment_id), payment_sum=f"{invoice['payment_sum']}.00")
                case _:
                    pass
        about = {"status": "active", "created_at": "2026-01-01 00:00:00"}
        logs: list[dict[str, str]] = []
        if fields == "installed again":
            today = datetime.fromtimestamp(WALL, UTC).strftime("%Y-%m-%d %H:%M:%S")
            about["created_at"] = today
            logs = [{"changed_at": today, "status_from": "active", "status_to": "deleted"}]
        listed: Any = {str(i): payment for i, payment in enumerate(shown)} if fields == "in quotes" else shown
        content = {"connection_status": about, "payments": listed, "logs": logs}
        return (200, {"success": True, "data": content, "meta": []})

    def statuses(self, state: State, path: str) -> Iterator[tuple[str, Any, str]]:
        """Yield what the status of a location can show."""
        shown = dict.fromkeys((self.payments(state, path, lag), self.is_new(state, lag)) for lag in range(LAG + 1))
        for payments, is_new in shown:
            for fields in ("installed again",) if is_new else self.scenario.statuses:
                yield ("show", payments, fields)

    def is_new(self, state: State, lag: int) -> bool:
        """Say whether a status that is as old as that is the one of the second installation."""
        return state.reinstalled >= lag

    def payments(self, state: State, path: str, lag: int) -> tuple[tuple[int, int, bool], ...]:
        """Return what the status of a location shows, if it is as old as that."""
        shown: list[tuple[int, int, bool]] = []
        for i, (age, refunded, again, _, owner) in enumerate(state.records):
            is_hidden = i in state.hidden and self.is_new(state, lag)
            if owner == i and path.startswith(self._path(i)) and not is_hidden:
                shown += [(self.ids[i], i, refunded >= lag)] if age >= lag else []
                shown += [(self.ids[i] + AGAIN, i, False)] if again >= lag else []
        return tuple(sorted(shown))

    def _path(self, i: int) -> str:
        salon_id = self.scenario.invoices[self.keys[i]]["salon_id"]
        origin, application_id = self.places[i]
        if self.scenario.shows_all:
            return f"{origin}/marketplace/salon/{salon_id}"
        return f"{origin}/marketplace/salon/{salon_id}/application/{application_id}"

    def is_out(self, state: State, i: int, is_refund: int) -> bool:
        """Say whether a payment, or its refund, is on its way."""
        if any(message[:2] == (i, is_refund) for message in state.messages):
            return True
        program = (("pay", "refund")[is_refund], i)
        return any(
            0 <= message < SHOWN and self.local.all[number].program == program for number, message in state.workers
        )

    def is_busy(self, state: State, i: int, is_refund: int) -> bool:
        """Say whether somebody is about to report a payment, or its refund, or it is on its way."""
        program = (("pay", "refund")[is_refund], i)
        at_work = any(self.local.all[number].program == program for number, _ in state.workers)
        return at_work or self.is_out(state, i, is_refund)

    def marks(self, records: Sequence[Any], i: int, is_refund: int, is_there: bool) -> Iterator[tuple[Any, ...]]:
        """Yield what a person does to mark what is the truth; the second only where the first asks for it."""
        name = ("mark payment", "mark refund")[is_refund]
        if not is_there:
            yield (name, i)
            return
        owner = records[i][4]
        yield (name, i, self.ids[owner], None)
        for j, record in enumerate(records):
            if j != i and record[4] == owner:
                yield (name, i, self.ids[owner], self.identity(j, 0).idempotency_key)

    # What can happen

    def actions(self, state: State) -> list[Action]:
        """Return all that can happen in a state."""
        scenario, found = self.scenario, list[Action]()
        seen = None
        for i, worker in enumerate(state.workers):
            if worker != seen:  # the same happens to two that are the same
                seen = worker
                found += [("worker", i, choice) for choice in self._choices(state, *worker)]
                found.append(("worker", i, "crash"))
        found += [("message", i) for i in range(len(state.messages))]
        if len(state.workers) < scenario.workers:
            for j, (name, i) in enumerate(self.programs):
                if name != "refund" or state.records[i][0] >= 0:
                    found.append(("start", j))
        found.append(("tick",))
        if state.limits[0]:
            found += [("set clock", -8), ("set clock", 8)]
        if state.limits[1]:
            found.append(("restart",))
        if scenario.reinstalls and state.reinstalled < 0:
            found.append(("reinstall",))
        if scenario.people:
            found += self._people(state)
        return found

    def _choices(self, state: State, number: int, message: int) -> list[Any]:
        scenario, (kind, what) = self.scenario, self.local.all[number].step
        stop = ["interrupt"] if scenario.interrupts else []
        if kind == "database":
            if message in (IS_IN, IS_NOT_IN):
                return ["learn"]
            writes = what[0] in memory_store.CHANGING
            fail = [] if not scenario.database_faults else ["down", "broken"] if writes else ["down"]
            freeze = ["write"] if scenario.freezes and what[0] == "claim" else []
            return ["do", *freeze, *fail, *stop, *(["interrupt after"] if writes and stop else [])]
        if kind == "look":
            if message >= SHOWN:
                return ["read"]
            return [*self.statuses(state, what), "unread", *stop]
        if kind == "departure":
            return ["leave", "unreached", *stop]
        if kind == "pause":
            return ["wake", *stop]
        if message < 0:
            return [*(["answer"] if message in (RECORDED, RECORDED_AGAIN) else []), "silence", *stop]
        return ["arrive", "refuse", "silence", *(["too many"] if scenario.too_many else []), *stop]

    def _people(self, state: State) -> Iterator[Action]:
        rows = self.rows(state.rows)
        for i in range(len(self.keys)):
            for is_refund in (0, 1):
                row = rows.get(self.identity(i, is_refund))
                if row is None or row.is_recorded:
                    continue
                if state.records[i][is_refund] >= 0:
                    yield ("person", i, is_refund, True)
                elif self.scenario.people == "hasty" or not self.is_busy(state, i, is_refund):
                    yield ("person", i, is_refund, False)

    # What it leads to

    def apply(self, state: State, action: Action, names: list[Any] | None = None) -> tuple[State, list[str]]:
        """Return the state after an action, and which promises are broken in it.

        Args:
            state: The state before.
            action: One of its `actions`.
            names: Something for each worker; it is put into the order of the workers of the new state.
        """
        change = Change(self, state, names)
        change.do(action)
        return change.after(), change.broken


def clients_of(
    world: World, ledger: Ledger, ask: Callable[[str, Any], Any], *, is_async: bool = False
) -> dict[tuple[str, int], Any]:
    """Return a client of each application at each origin."""
    kind: Any = AsyncPartnerClient if is_async else PartnerClient
    network = AsyncSimulatedNetwork(ask, EXTENSION) if is_async else SimulatedNetwork(ask, EXTENSION)
    return {
        (origin, application_id): kind(
            "simulated", base_url=origin, application_id=application_id, transport=network, ledger=ledger,
            max_retries=1 if world.scenario.too_many else 0,
        )
        for origin, application_id in world.places
    }  # fmt: skip


def run_program(world: World, clients: Mapping[tuple[str, int], Any], ledger: Ledger, program: tuple[Any, ...]) -> Any:
    """Let somebody do one thing, with the real client or the real ledger. Of the async client, it is to be awaited."""
    name, i, *marked = program
    client = clients[world.places[i]]
    identity = world.identity(i, int("refund" in name))
    key, operation = identity.idempotency_key, identity.operation
    if name == "pay":
        return client.notify_payment(**world.scenario.invoices[world.keys[i]], idempotency_key=key)
    if name == "refund":
        return client.notify_refund(world.ids[i])
    if name.startswith("reconcile"):
        return client.reconcile(key, operation="notify_refund" if "refund" in name else "notify_payment")
    where: dict[str, Any] = {
        "operation": operation, "application_id": identity.application_id, "origin": identity.origin
    }  # fmt: skip
    if marked:
        return ledger.mark_recorded(key, payment_id=marked[0], also_of=marked[1], **where)
    return ledger.mark_not_recorded(key, **where)


class Change:
    """What an action changes, while it happens."""

    def __init__(self, world: World, state: State, names: list[Any] | None = None) -> None:
        self.world, self.before = world, state
        self.rows, self.records, self.limits = state.rows, state.records, state.limits
        self.reinstalled, self.hidden = state.reinstalled, state.hidden
        self.workers = [*state.workers]
        self.messages = [*state.messages]
        self.broken: list[str] = []
        self.ended: Step | None = None
        """The result of the worker that has come to its end."""
        self._names = names

    def do(self, action: Action) -> None:
        """Let it happen."""
        match action:
            case ("worker", i, "crash"):
                self._crash(i)
            case ("worker", i, choice):
                self._work(i, choice)
            case ("start", j):
                self.start(self.world.programs[j])
            case ("tick",):
                self._tick(self.world.scenario.units)
            case ("message", i):
                target, is_refund, _ = self.messages.pop(i)
                self._record(target, is_refund)
            case ("person", i, is_refund, is_there):
                self._person(i, is_refund, is_there)
            case ("set clock", units):
                self._move(units, 0)
                self.limits = (self.limits[0] - 1, *self.limits[1:])
            case ("reinstall",):
                self.reinstalled = 0
                self.hidden = tuple(i for i, record in enumerate(self.records) if record[0] >= 0)
            case _:
                self._restart()

    def after(self) -> State:
        """Return the state that follows, after comparing what the ledger has with the truth."""
        has_changed = self.rows is not self.before.rows or self.records is not self.before.records
        self.rename_tokens()
        after = self.now()
        if has_changed:
            self._check_rows(after)
            quiet = (self.rows, self.records, self.hidden, self.reinstalled >= 0)
            if quiet not in self.world.quiet and not self.broken:
                self.world.quiet[quiet] = []
                self.world.quiet[quiet] = Ending(self.world, after).broken
            self.broken += self.world.quiet.get(quiet, ())
        return after

    def now(self) -> State:
        """Return the state as it is."""
        workers, messages = tuple(self.workers), tuple(sorted(self.messages))
        return State(self.rows, workers, messages, self.records, self.limits, self.reinstalled, self.hidden)

    # The database

    def _step(self, local: LocalState, answer: str) -> LocalState:
        """Do a step in the database, and return the local state that follows if it gets this answer."""
        world = self.world
        key = (self.rows, local, answer)
        known = world.known_steps.get(key)
        if known is None:
            name, arguments, named = local.step.what
            Readings.wall, Readings.boot = WALL, BOOT
            store = MemoryStore(world.rows(self.rows), timedelta(seconds=DELAY), world.scenario.database)
            result = getattr(store, name)(*arguments, **dict(named))
            rows = self.rows
            if name in memory_store.CHANGING:
                changed_rows = sorted(store.rows.values(), key=lambda row: astuple(row.claim.identity))
                rows = tuple(world.number(memory_store.relevant(row)) for row in changed_rows)
            result = memory_store.rounded(result) if world.scenario.rounds else result
            value = result if answer == "result" else "The ledger cannot be used."
            known = world.known_steps[key] = rows, world.local.after(local, answer, value)
        self.rows, after = known
        return after

    def _unused_token(self, local: LocalState) -> str:
        used = {self.world.token(number) for number in self.rows} | {*local.tokens}
        used.update(*(self.world.local.all[number].tokens for number, _ in self.workers))
        return next(token for token in TOKENS if token not in used)

    def rename_tokens(self) -> None:
        """Number the tokens by where they are, so that states do not differ by their names."""
        world = self.world
        self._sort()
        key = (self.rows, *[number for number, _ in self.workers])
        if key not in world.known_names:
            world.known_names[key] = self._other_names()
        known = world.known_names[key]
        if known is not None:
            self.rows, numbers = known
            self.workers = [(number, message) for number, (_, message) in zip(numbers, self.workers, strict=True)]
            self._sort()

    def _other_names(self) -> tuple[tuple[int, ...], list[int]] | None:
        world = self.world
        found = [token for token in map(world.token, self.rows) if token != "done"]
        states = [world.local.all[number] for number, _ in self.workers]
        found = list(dict.fromkeys([*found, *(token for state in states for token in state.tokens)]))
        if found == TOKENS[: len(found)]:
            return None
        names = dict(zip(found, TOKENS, strict=False))
        rows = world.rows(self.rows).values()
        renamed = [memory_store.with_token(row, names.get(row.claim.token, row.claim.token)) for row in rows]
        return tuple(map(world.number, renamed)), [world.local.renamed(state, names).number for state in states]

    def _sort(self) -> None:
        if self._names is None:
            self.workers.sort()
            return
        pairs = sorted(zip(self.workers, self._names, strict=True), key=lambda pair: pair[0])
        self.workers = [worker for worker, _ in pairs]
        self._names[:] = [name for _, name in pairs]

    # What happens to all

    def _tick(self, units: int) -> None:
        self._move(units, units)
        self.messages = [(i, kind, age + units) for i, kind, age in self.messages if age + units <= TRANSIT]
        for i, (number, message) in enumerate(self.workers):
            if 0 <= message < SHOWN:
                self.workers[i] = (number, message + units if message + units <= TRANSIT else LOST)
        self.records = tuple(
            (_older(age, units), _older(refunded, units), _older(again, units), given_back, owner)
            for age, refunded, again, given_back, owner in self.records
        )
        self.reinstalled = _older(self.reinstalled, units)

    def _move(self, wall: int, boot: int) -> None:
        world = self.world
        self.rows = tuple(world.later_row(number, wall, boot) for number in self.rows)
        for i, (number, message) in enumerate(self.workers):
            self.workers[i] = (world.local.later(world.local.all[number], wall, boot).number, message)

    def _restart(self) -> None:
        while self.workers:
            self._crash(0)
        rows = [memory_store.after_restart(row) for row in self.world.rows(self.rows).values()]
        self.rows = tuple(map(self.world.number, rows))
        self.limits = (self.limits[0], self.limits[1] - 1, *self.limits[2:])

    def _record(self, i: int, is_refund: int) -> int:
        """Let Altegio record a payment or its refund, and return how far the message is."""
        world = self.world
        age, refunded, again, given_back, owner = self.records[i]
        recorded = RECORDED
        if is_refund:
            given_back, refunded = given_back + 1, max(refunded, 0)
        elif age < 0:
            age = 0
            equal = [j for j, record in enumerate(self.records) if record[0] >= 0]
            owner = equal[0] if equal and world.scenario.recognises_equal else i
        elif not world.scenario.recognises_equal:
            again, recorded = 0, RECORDED_AGAIN
        self.records = (*self.records[:i], (age, refunded, again, given_back, owner), *self.records[i + 1 :])
        if recorded == RECORDED_AGAIN and not self.limits[2 + i]:
            self.broken.append(f"{world.keys[i]} is recorded twice.")
        if given_back > 1 and not self.limits[2 + i]:
            self.broken.append(f"{world.keys[i]} is refunded twice.")
        return recorded

    # What happens to people

    def _person(self, i: int, is_refund: int, is_there: bool) -> None:
        world = self.world
        if not is_there and world.is_busy(self.before, i, is_refund):
            self.limits = (*self.limits[: 2 + i], 1, *self.limits[3 + i :])
        step = self.mark(i, is_refund, is_there)
        if step.kind != "returned" and world.scenario.people == "careful":
            self.broken.append(f"A person cannot mark {world.identity(i, is_refund)}: {step.what}")

    def mark(self, i: int, is_refund: int, is_there: bool) -> Step:
        """Let a person mark what is the truth, at this moment."""
        step = Step("returned", None)
        for program in self.world.marks(self.records, i, is_refund, is_there):
            step = self._alone(program)
            if step.kind == "returned" or "also_of=" not in str(step.what):
                break
        return step

    def _alone(self, program: Any) -> Step:
        local = self.world.local.start(program)
        while local.step.kind == "database":
            local = self._step(local, "result")
        return local.step

    # What happens to workers

    def start(self, program: Any) -> None:
        """Let a worker begin."""
        self._put(len(self.workers), self.world.local.start(program), NONE)

    def _crash(self, i: int) -> None:
        number, message = self.workers[i]
        if 0 <= message < SHOWN:
            name, target = self.world.local.all[number].program
            self.messages.append((target, int(name == "refund"), message))
        self._remove(i)

    def _work(self, i: int, choice: Any) -> None:  # noqa: C901  a case for each choice
        world = self.world
        number, message = self.workers[i]
        local, after = world.local.all[number], world.local.after
        name, target = local.program
        is_refund = int(name == "refund")
        match choice:
            case "do":
                self._put(i, self._step(local, "result"), message)
            case "write":
                after_it = self._step(local, "result")
                self.workers[i] = (number, IS_IN if after_it is after(local, "result", True) else IS_NOT_IN)
            case "learn":
                self._put(i, after(local, "result", message == IS_IN), NONE)
            case "down":
                self._put(i, after(local, "failure", "The ledger cannot be used."), message)
            case "broken":
                self._put(i, self._step(local, "failure"), message)
            case "interrupt after":
                self._put(i, self._step(local, "interrupt"), message)
            case "interrupt":
                if 0 <= message < SHOWN:
                    self.messages.append((target, is_refund, message))
                self._put(i, after(local, "interrupt", "Ctrl-C"), NONE)
            case "leave" | "unreached" | "wake":
                local = after(local, "response", choice)
                self._put(i, local, 0 if local.step.kind == "flight" else NONE)
            case "arrive":
                self.workers[i] = (number, self._record(target, is_refund))
            case "silence" | "answer" | "refuse" | "too many" | "read" | "unread":
                left = {"silence": NONE if message == LOST else UNSURE, "answer": message}
                if choice == "silence" and message >= 0:
                    self.messages.append((target, is_refund, message))
                state = self.now()
                self._put(i, after(local, "response", world.response(state, i, choice)), left.get(choice, NONE))
            case _:
                self.workers[i] = (number, world.status_number(choice[1:]))

    def _put(self, i: int, local: LocalState, message: int) -> None:
        """Let a worker be in this local state, and judge what it says where it is at its end."""
        while local.step.kind == "token":
            local = self.world.local.after(local, "result", self._unused_token(local))
        if i == len(self.workers):
            self.workers.append((local.number, message))
            if self._names is not None:
                self._names.append(None)
        self.workers[i] = (local.number, message)
        if local.step.kind in ("returned", "raised"):
            self._remove(i)
            self.ended = local.step
            self._check_result(local, message)

    def _remove(self, i: int) -> None:
        del self.workers[i]
        if self._names is not None:
            del self._names[i]

    # The promises

    def _check_result(self, local: LocalState, message: int) -> None:  # noqa: C901  a line for each promise
        """Compare what a caller learns with the truth."""
        world, (kind, what) = self.world, local.step
        name, i = local.program
        is_refund = int("refund" in name)
        again, owner = self.records[i][2], self.records[i][4]
        recorded = {world.ids[owner]} if self.records[i][is_refund] >= 0 else set()
        recorded |= {world.ids[i] + AGAIN} if again >= 0 and not is_refund else set()
        about = f"{name} {world.keys[i]}"
        if kind == "returned" and (what is not None or name == "refund"):
            if not recorded or what not in (None, *recorded):
                self.broken.append(f"{about} says that it is recorded ({what}), and it is not.")
            stored = [one for one in world.facts(self.rows).recorded if one[:2] == (i, is_refund)]
            if not stored or what not in (None, stored[0][2]):
                self.broken.append(f"{about} says that it is recorded ({what}), and the ledger does not: {stored}")
        elif kind == "returned":
            may_be = recorded or world.is_out(self.now(), i, is_refund)
            if may_be and not self.limits[2 + i] and not self.is_shared(i):
                self.broken.append(f"{about} says that it was not recorded, and it is, or may still be.")
        elif isinstance(what, LedgerWriteError):
            if what.payment_id not in recorded:
                self.broken.append(f"{about} says that it is recorded ({what.payment_id}), and it is not.")
            if not what.safe_to_call_again and not self.limits[2 + i] and not self.is_shared(i):
                self.broken.append(f"{about} asks a person to look, without a reason: {what}")
        elif isinstance(what, (NotSentError, RejectedError)):
            if message in (UNSURE, RECORDED, RECORDED_AGAIN):
                self.broken.append(f"{about} says that it was not sent, and it may be recorded: {what}")
        elif not isinstance(what, (AltegioError, KeyboardInterrupt)) and not name.startswith("reconcile"):
            self.broken.append(f"{about} says nothing: {what!r}")

    def is_shared(self, i: int) -> bool:
        """Say whether Altegio has recorded a payment and another one as one: then it records neither again."""
        return sum(record[4] == self.records[i][4] for record in self.records) > 1

    def _check_rows(self, state: State) -> None:
        """Compare what the ledger has with the truth."""
        world, (missing, recorded) = self.world, self.world.facts(self.rows)
        for i, is_refund in missing:
            may_be = self.records[i][is_refund] >= 0 or world.is_out(state, i, is_refund)
            if may_be and not self.limits[2 + i] and not self.is_shared(i):
                self.broken.append(f"{world.identity(i, is_refund)} is forgotten: it is recorded, or may still be.")
        for i, is_refund, payment_id in recorded:
            again, owner = self.records[i][2], self.records[i][4]
            is_it = payment_id == world.ids[owner] or (again >= 0 and payment_id == world.ids[i] + AGAIN)
            if self.records[i][is_refund] < 0 or not is_it:
                identity = world.identity(i, is_refund)
                self.broken.append(f"The ledger has {identity} as recorded ({payment_id}), and it is not.")


class Ending:
    """What becomes of a state when nothing more goes wrong: each payment must come to its end, with help if needed."""

    def __init__(self, world: World, state: State) -> None:
        self.broken: list[str] = []
        self._world = world
        self._state = state._replace(workers=(), messages=())
        for _ in range(QUIET):
            self._change().do(("tick",))
            self._keep()
        for i, (_, refunded, *_) in enumerate(state.records):
            rows = world.rows(state.rows)
            self._end("pay", i)
            if refunded >= 0 or world.identity(i, 1) in rows:
                self._end("refund", i)

    def _change(self) -> Change:
        self._last = Change(self._world, self._state)
        return self._last

    def _keep(self) -> None:
        last = self._last
        self.broken += last.broken
        self._state = last.now()._replace(workers=(), messages=())

    def _end(self, name: str, i: int) -> None:
        about = f"{name} {self._world.keys[i]} never ends"
        is_refund = int(name == "refund")
        result = self._call(name, i)
        if isinstance(result.what, UndecidedError):
            step = self._change().mark(i, is_refund, self._state.records[i][is_refund] >= 0)
            self._keep()
            if step.kind == "raised":
                self.broken.append(f"{about}: a person cannot mark it: {step.what}")
            result = self._call(name, i)
        if result.kind == "raised":
            is_shared = self._last.is_shared(i) and isinstance(result.what, LedgerWriteError)
            if not is_shared or self._call(name, i).kind == "raised":
                self.broken.append(f"{about}: {result.what!r}")

    def _call(self, name: str, i: int) -> Step:
        """Let one worker do all of its program, alone, with nothing going wrong."""
        change, world = self._change(), self._world
        change.start((name, i))
        steps = 0
        while change.workers:
            steps += 1
            assert steps < MANY, f"{name} {world.keys[i]} goes on and on"
            ((number, message),) = change.workers
            step = world.local.all[number].step
            choice: Any = "do"
            if step.kind == "look":
                (choice, *_) = world.statuses(change.now(), step.what)
                choice = "read" if message >= SHOWN else choice
            elif step.kind != "database":
                choice = "leave" if step.kind == "departure" else "arrive" if message >= 0 else "answer"
            change.do(("worker", 0, choice))
        self._keep()
        assert change.ended is not None
        return change.ended
