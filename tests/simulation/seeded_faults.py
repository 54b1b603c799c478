"""Faults that are put into the real code, each against one rule of the ledger: the simulation must notice them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from attrs import frozen

import altegio_partner

STORE = "store"
"""Instead of a scenario: the comparison of the simulation's database with the real one must notice it."""


@frozen
class Fault:
    """A rule, and how it is broken."""

    rule: str
    path: str
    old: str
    new: str
    scenario: str


FAULTS = {
    "not claimed": Fault(
        "A call is claimed before it is sent.",
        "ledger/reporting.py", "prepare=holder.claim", "prepare=None", "one key",
    ),
    "lost claim ignored": Fault(
        "Who finds the row changed does not send.",
        "ledger/reporting.py",
        "            if not use_database(partial(self._store.claim, claim, self._replaced_token)):\n"
        "                raise _RowChangedError\n",
        "            use_database(partial(self._store.claim, claim, self._replaced_token))\n",
        "one key",
    ),
    "renewed claim keeps its token": Fault(
        "Each claim is another one, also that for another attempt.",
        "ledger/reporting.py",
        "            self._claims.append(claim)",
        "            self._claims[:] = [claim] = [*self._claims, claim][:1]",
        "too many requests",
    ),
    "absent too early": Fault(
        "What the status does not show is absent only once nothing can be on its way or hidden.",
        "ledger/reporting.py", "if row.may_be_missing_for > 0:", "if row.may_be_missing_for > 3600:", "one key",
    ),
    "no deadline": Fault(
        "What is claimed leaves within a time, or never.",
        "ledger/reporting.py", "may_leave_until = latest", "may_leave_until = None", "one key",
    ),
    "late deadline": Fault(
        "It must be over before another worker may find it absent.",
        "ledger/reporting.py", "status_delay.total_seconds() / 2", "status_delay.total_seconds() * 2", "one key",
    ),
    "deadline read after the claim": Fault(
        "The deadline counts from before the claim was written.",
        "ledger/reporting.py", "may_leave_until = latest",
        "may_leave_until = clock.elapsed() + self._store.status_delay.total_seconds() / 2", "frozen workers",
    ),
    "age read after the status": Fault(
        "How long a payment may be missing is read before the status.",
        "ledger/reporting.py",
        "    match = yield from _match(store, row, installation)\n",
        "    row = cast(Row, (yield _database_step(partial(store.find, row.claim.identity))) or row)\n"
        "    match = yield from _match(store, row, installation)\n",
        "one key",
    ),
    "claim dropped after an unknown outcome": Fault(
        "A call whose outcome is unknown stays pending.",
        "ledger/reporting.py",
        "elif not isinstance(outcome, OutcomeUnknownError):", "elif outcome is not None:", "one key",
    ),
    "unreadable status believed": Fault(
        "A status that cannot be read proves nothing.",
        "ledger/reporting.py",
        "        raise _undecided(row, problem)\n    match",
        "        installation = Installation(None, None, (), ())\n    match",
        "one key",
    ),
    "unwritten id called unsent": Fault(
        "An id that could not be stored is never an error that says that nothing was sent.",
        "ledger/reporting.py",
        'LedgerWriteError(f"{text} {_failure_text(failure)} {advice}", payment_id, safe_to_call_again=True)',
        "LedgerUnavailableError(text)",
        "database faults",
    ),
    "contradiction hidden": Fault(
        "Where the ledger has another payment, a person is asked to look.",
        "ledger/reporting.py", 'if recorded.outcome == "stored":', 'if recorded.outcome != "shared":', "hasty people",
    ),
    "competing claims ignored": Fault(
        "A payment that could be that of another pending key belongs to neither, until that is known.",
        "ledger/matching.py", "if any(_is_same(claim, found) for claim in competing_claims):", "if False:", "twins",
    ),
    "competing claims judged otherwise": Fault(
        "Competing claims are judged as matches are.",
        "ledger/matching.py",
        "if any(_is_same(claim, found) for claim in competing_claims):", "if payload in competing_claims:",
        "no currency",
    ),
    "unreadable payment overlooked": Fault(
        "What cannot be read may be it, while no equal payment is found.",
        "ledger/matching.py",
        "NoMatch.SIMILAR if any(_is_similar(payload, payment) for payment in available) else NoMatch.ABSENT",
        "NoMatch.ABSENT", "unreadable",
    ),
    "second installation believed": Fault(
        "The status of a second installation proves nothing about what was reported before.",
        "ledger/reporting.py",
        "NoMatch.REINSTALLED if match is NoMatch.ABSENT and was_reinstalled(claimed_at, installation) else match",
        "match", "installed again",
    ),
    "payment taken for its refund": Fault(
        "A refund is proven by the refund.",
        "ledger/matching.py", "return payment_id if payment.is_refunded else NoMatch.ABSENT", "return payment_id",
        "refunds",
    ),
    "origins confused": Fault(
        "The same key at another Altegio is another payment.",
        "ledger/ledger.py", "identity = Identity(*scope, operation, valid_key(key))",
        'identity = Identity("https://app.alteg.io", scope[1], operation, valid_key(key))', "two origins",
    ),
    "applications confused": Fault(
        "The same key of another application is another payment.",
        "ledger/ledger.py", "identity = Identity(*scope, operation, valid_key(key))",
        "identity = Identity(scope[0], 7, operation, valid_key(key))", "two applications",
    ),
    "no way out": Fault(
        "Each pending call has an action that ends it.",
        "ledger/ledger.py", "allow_shared=also_of is not None", "allow_shared=False", "equal payments are one",
    ),
    "clock that can be set": Fault(
        "Elapsed time is read from a clock that nobody can set.",
        "clock.py", "return time.monotonic() if _CLOCK is None else time.clock_gettime(_CLOCK)", "return time.time()",
        "clocks",
    ),
    "id without its row dropped": Fault(
        "An id is stored also where its row is gone.",
        "ledger/store.py",
        "self.record = insert.on_conflict_do_update(index_elements=_PRIMARY_KEY, set_=recorded, where=_IS_PENDING)",
        "self.record = _ROWS.update().where(_HAS_IDENTITY, _IS_PENDING).values(recorded)", STORE,
    ),
    "claim of another released": Fault(
        "Only the worker that holds a claim gives it back.",
        "ledger/store.py",
        '        is_same = _HAS_IDENTITY, _IS_PENDING, _ROWS.c.claim_token == _bind("claim_token")\n',
        "        is_same = _HAS_IDENTITY, _IS_PENDING\n", STORE,
    ),
    "wall clock believed": Fault(
        "Of both clocks of a machine, the longer wait counts.",
        "ledger/store.py",
        "missing_for = max(missing_for, found.boot_until + found.status_delay - clock.elapsed())", "pass", STORE,
    ),
    "delay of each worker": Fault(
        "All workers have the delay with which the ledger was created.",
        "ledger/store.py", "return timedelta(seconds=seconds)", "return status_delay", STORE,
    ),
}  # fmt: skip


def with_fault(fault: Fault) -> str:
    """Return the text of the file with the fault."""
    text = (Path(altegio_partner.__file__).parent / fault.path).read_text(encoding="utf-8")
    assert text.count(fault.old) == 1, f"{fault.old!r} is in {fault.path} {text.count(fault.old)} times"
    return text.replace(fault.old, fault.new)


def explore_with(fault: Fault, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Explore a copy of the package that has this fault, in this folder."""
    package = Path(altegio_partner.__file__).parent
    shutil.copytree(package, folder / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / package.name / fault.path).write_text(with_fault(fault))
    if fault.scenario == STORE:
        return _run(folder, "-m", "unittest", "tests.simulation.test_memory_store.TestStores")
    return _run(folder, "-m", "tests.simulation", fault.scenario, "--transitions", "1000000")


def replay_with(script: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Replay a history with the package in this folder."""
    return _run(folder, "-c", script)


def _run(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run Python with the package in this folder, and the rest of what is here."""
    paths = [str(folder), *(str(Path(entry).resolve()) for entry in [str(Path(__file__).parents[2]), *sys.path])]
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}  # of another package
    env |= {"PYTHONPATH": os.pathsep.join(paths), "ALTEGIO_SOUNDNESS_CASES": "10000"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
