"""The database of the simulation: the methods of `Store`, on a dictionary. All that knows those methods is here.

`test_memory_store.py` proves that both do the same.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve

from altegio_partner.ledger.store import Row, StoreError

Rows = dict[str, Row]

CHANGING = {"claim", "take_over", "record", "release"}
"""The methods that write."""


class MemoryStore:
    """A `Store` whose rows can be taken out, and put in again."""

    def __init__(self, rows: Rows, new_token: Callable[[], str]) -> None:
        self.rows = rows
        self._new_token = new_token

    def claim(self, key: str, operation: str, payload: Mapping[str, str]) -> tuple[Row, bool]:
        if key in self.rows:
            return self.rows[key], False
        payment_id = int(payload["payment_id"]) if "payment_id" in payload else None
        salon_id = int(payload["salon_id"]) if "salon_id" in payload else None
        if salon_id is None:
            paid = [row for row in self.rows.values() if row.operation == "notify_payment"]
            salon_id = next((row.salon_id for row in paid if row.payment_id == payment_id), None)
        self.rows[key] = row = Row(
            key,
            operation,
            int(payload["application_id"]),
            json.dumps(payload, sort_keys=True),
            salon_id,
            payment_id,
            "pending",
            time.time(),
            self._new_token(),
        )
        return row, True

    def find(self, key: str) -> Row | None:
        return self.rows.get(key)

    def take_over(self, row: Row) -> Row | None:
        if not self._is_unchanged(row):
            return None
        claim: dict[str, Any] = {"claim_token": self._new_token(), "claimed_at": time.time()}
        self.rows[row.key] = evolve(self.rows[row.key], **claim)
        return evolve(row, **claim)

    def record(self, key: str, payment_id: int) -> bool:
        row = self.rows.get(key)
        if row is None or (row.is_recorded and row.payment_id != payment_id):
            return False
        kind = row.application_id, row.operation, payment_id
        others = [one for one in self.rows.values() if one.key != key]
        if any((one.application_id, one.operation, one.payment_id) == kind for one in others):
            return False
        self.rows[key] = evolve(row, payment_id=payment_id, state="recorded")
        return True

    def release(self, row: Row) -> bool:
        if not self._is_unchanged(row):
            return False
        del self.rows[row.key]
        return True

    def competing_claims(self, row: Row) -> tuple[set[int], int]:
        rows = self.rows.values()
        taken = {
            one.payment_id
            for one in rows
            if one.operation == row.operation and one.salon_id == row.salon_id and one.is_recorded
        }
        pending = [one for one in rows if not one.is_recorded and one.payload_json == row.payload_json]
        return {one for one in taken if one is not None}, sum(1 for one in pending if one.key != row.key)

    def pending(self) -> list[Row]:
        return sorted((row for row in self.rows.values() if not row.is_recorded), key=lambda row: row.claimed_at)

    def close(self) -> None:
        pass

    def _is_unchanged(self, row: Row) -> bool:
        now = self.rows.get(row.key)
        return now is not None and not now.is_recorded and now.claim_token == row.claim_token


class SteppedStore:
    """What the simulated ledger has instead of a `Store`: each method is a step that somebody else does."""

    def __init__(self, ask: Callable[[str, tuple[Any, ...]], Any]) -> None:
        self._ask = ask

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if not hasattr(MemoryStore, name):
            raise AttributeError(name)
        return lambda *arguments: self._ask(name, arguments)

    def close(self) -> None:
        pass


def failure(text: str) -> Exception:
    """Return what a `Store` raises when its database cannot be used."""
    return StoreError(text)


def token_of(row: Row) -> str:
    return row.claim_token


def with_token(row: Row, token: str) -> Row:
    return evolve(row, claim_token=token)


def key_of(row: Row) -> str:
    """Return what identifies a row."""
    return row.key


def without_the_past(row: Row) -> Row:
    """Return a recorded row without what does not matter any more: who had claimed it, and when."""
    return evolve(row, claimed_at=0.0, claim_token="done") if row.is_recorded else row
