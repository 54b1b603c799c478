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
        "A worker that finds the row changed does not send.",
        "ledger/reporting.py",
        "            if not use_database(partial(self._store.claim, claim, self._replaced_token)):\n"
        "                raise _RowChangedError\n",
        "            use_database(partial(self._store.claim, claim, self._replaced_token))\n",
        "one key",
    ),
    "renewed claim keeps its token": Fault(
        "Each attempt has a new claim token.",
        "ledger/reporting.py",
        "            self._claims.append(claim)",
        "            self._claims[:] = [claim] = [*self._claims, claim][:1]",
        "too many requests",
    ),
    "absent too early": Fault(
        "A payment that the status does not show is absent only if no request is in flight and no cache hides it.",
        "ledger/reporting.py", "if row.may_be_missing_for > 0:", "if row.may_be_missing_for > 3600:", "one key",
    ),
    "no deadline": Fault(
        "A claimed call is sent before its deadline, or never.",
        "ledger/reporting.py", "may_leave_until = latest", "may_leave_until = None", "one key",
    ),
    "late deadline": Fault(
        "The deadline is before the time when another worker may consider the payment absent.",
        "ledger/reporting.py", "status_delay.total_seconds() / 2", "status_delay.total_seconds() * 2", "one key",
    ),
    "deadline read after the claim": Fault(
        "The deadline is computed from the time before the claim was written.",
        "ledger/reporting.py", "may_leave_until = latest",
        "may_leave_until = clock.elapsed() + self._store.status_delay.total_seconds() / 2", "frozen workers",
    ),
    "age read after the status": Fault(
        "The age of the claim is read before the status.",
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
        "If an id could not be stored, the error never says that nothing was sent.",
        "ledger/reporting.py",
        "LedgerWriteError(text, _payment_id(claim, result), safe_to_call_again=True)", "LedgerUnavailableError(text)",
        "database faults",
    ),
    "contradiction hidden": Fault(
        "If the ledger has another payment for the key, a person must check.",
        "ledger/reporting.py", 'if recorded.outcome == "stored":', 'if recorded.outcome != "shared":', "hasty people",
    ),
    "competing claims ignored": Fault(
        "A payment that matches two pending keys belongs to neither until a person decides.",
        "ledger/matching.py", "if any(_is_same(claim, found) for claim in competing_claims):", "if False:", "twins",
    ),
    "competing claims judged otherwise": Fault(
        "Competing claims are matched by the same rules.",
        "ledger/matching.py",
        "if any(_is_same(claim, found) for claim in competing_claims):", "if payload in competing_claims:",
        "no currency",
    ),
    "unreadable payment overlooked": Fault(
        "If no payment matches, one that cannot be read may be the right one.",
        "ledger/matching.py",
        "NoMatch.SIMILAR if any(_is_similar(payload, payment) for payment in available) else NoMatch.ABSENT",
        "NoMatch.ABSENT", "unreadable",
    ),
    "second installation believed": Fault(
        "The status of a second installation proves nothing about earlier payments.",
        "ledger/reporting.py",
        "NoMatch.REINSTALLED if match is NoMatch.ABSENT and was_reinstalled(claimed_at, installation) else match",
        "match", "installed again",
    ),
    "payment taken for its refund": Fault(
        "Only a refund in the status proves a refund.",
        "ledger/matching.py", "return payment_id if payment.is_refunded else NoMatch.ABSENT", "return payment_id",
        "refunds",
    ),
    "origins confused": Fault(
        "The same key at another Altegio is a different payment.",
        "ledger/ledger.py", "identity = Identity(*scope, operation, valid_key(key))",
        'identity = Identity("https://app.alteg.io", scope[1], operation, valid_key(key))', "two origins",
    ),
    "applications confused": Fault(
        "The same key of another application is a different payment.",
        "ledger/ledger.py", "identity = Identity(*scope, operation, valid_key(key))",
        "identity = Identity(scope[0], 7, operation, valid_key(key))", "two applications",
    ),
    "no way out": Fault(
        "For each pending call, there is an action that ends it.",
        "ledger/ledger.py", "allow_shared=also_of is not None", "allow_shared=False", "equal payments are one",
    ),
    "clock that can be set": Fault(
        "Elapsed time is read from a clock that cannot be set.",
        "clock.py", "return time.monotonic() if _CLOCK is None else time.clock_gettime(_CLOCK)", "return time.time()",
        "clocks",
    ),
    "id without its row dropped": Fault(
        "An id is stored even if its row was deleted.",
        "ledger/store.py",
        "self.record = insert.on_conflict_do_update(index_elements=_PRIMARY_KEY, set_=recorded, where=_IS_PENDING)",
        "self.record = _ROWS.update().where(_HAS_IDENTITY, _IS_PENDING).values(recorded)", STORE,
    ),
    "claim of another released": Fault(
        "Only the worker that holds a claim releases it.",
        "ledger/store.py",
        '        is_same = _HAS_IDENTITY, _IS_PENDING, _ROWS.c.claim_token == _bind("claim_token")\n',
        "        is_same = _HAS_IDENTITY, _IS_PENDING\n", STORE,
    ),
    "wall clock believed": Fault(
        "If the two clocks of a machine disagree, the longer wait counts.",
        "ledger/store.py",
        "missing_for = max(missing_for, found.boot_until + found.status_delay - clock.elapsed())", "pass", STORE,
    ),
    "delay of each worker": Fault(
        "All workers use the delay with which the ledger was created.",
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
