"""Compares the ledger and the workers' logs with what the sandbox has recorded."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import httpx
from attrs import define, field

from altegio_partner.ledger import Ledger
from tests.durability.call_log import CallLogReader
from tests.durability.invoices import SALONS, UNREGISTERED, Invoice, Values, recorded_payments
from tests.durability.parameters import SANDBOX_STATUS_DELAY
from tests.durability.sandbox_process import client


@define
class Audit:
    """The discrepancies that were found, by kind. There must be none."""

    doubled: list[str] = field(factory=list[str])
    """Payments that are recorded more often than they were made."""
    lost: list[str] = field(factory=list[str])
    """Keys without any trace, and keys whose payment is in the ledger but not in Altegio."""
    unknown_to_ledger: list[str] = field(factory=list[str])
    """Payments that Altegio has recorded, and that are not in the ledger."""
    contradictions: list[str] = field(factory=list[str])
    """Ids that a worker received, and that differ from the ledger's or belong to another payment."""
    needlessly_pending: list[str] = field(factory=list[str])
    """Keys that stay pending, although only one payment matches."""


def payments_at(base_url: str) -> dict[int, Values]:
    """Return all recorded payments, by id. No faults must be injected meanwhile."""
    delay = {"seconds": math.ceil(SANDBOX_STATUS_DELAY)}
    httpx.post(f"{base_url}/sandbox/clock", json=delay, trust_env=False, timeout=30).raise_for_status()
    with client(base_url) as partner:
        return {
            payment_id: values
            for salon_id in (*SALONS, UNREGISTERED)
            for payment_id, values in recorded_payments(salon_id, partner.get_installation(salon_id=salon_id))
        }


def ids_in(ledger: Ledger, all_invoices: Sequence[Invoice]) -> dict[str, int]:
    """Return the payment ids of the ledger, by key."""
    entries = [entry for invoice in all_invoices if (entry := ledger.get(invoice.key))]
    return {entry.idempotency_key: entry.payment_id for entry in entries if entry.payment_id is not None}


def audit(
    all_invoices: Sequence[Invoice],
    recorded: Mapping[int, Values],
    ids: Mapping[str, int],
    pending: set[str],
    readers: Sequence[CallLogReader],
) -> Audit:
    """Compare the recorded payments with the ids and pending keys of the ledger, and with the logs of the workers."""
    found = Audit()
    times = Counter(recorded.values())
    identical: defaultdict[Values, list[Invoice]] = defaultdict(list)
    for invoice in all_invoices:
        identical[invoice.values].append(invoice)
        found.contradictions += [
            f"{invoice.key}: the ledger says {ids.get(invoice.key)}, {reader.path.name} says {payment_id}"
            for reader in readers
            for payment_id in reader.ids.get(invoice.key, ())
            if ids.get(invoice.key) != payment_id
        ]
        if invoice.key in ids and recorded.get(ids[invoice.key]) != invoice.values:
            found.lost.append(f"{invoice.key}: Altegio has no such payment {ids[invoice.key]}")
        is_known = invoice.key in ids or invoice.key in pending
        if not is_known and not any(invoice.key in reader.rejected for reader in readers):
            found.lost.append(f"{invoice.key}: no trace of it")
    for values, group in identical.items():
        certain = {ids[one.key] for one in group if one.key in ids}
        doubtful = [one.key for one in group if one.key in pending]
        keys = ", ".join(one.key for one in group)
        if times[values] > len(group):
            found.doubled.append(f"{keys}: recorded {times[values]} times")
        if times[values] > len(certain) + len(doubtful):
            found.unknown_to_ledger.append(
                f"{keys}: recorded {times[values]} times, and {len(certain)} times in the ledger"
            )
        if len(group) == 1:
            found.needlessly_pending += doubtful
    found.unknown_to_ledger += [f"{values} was not reported" for values in times.keys() - identical.keys()]
    owners = Counter(ids.values())
    found.contradictions += [f"payment {one} belongs to {number} keys" for one, number in owners.items() if number > 1]
    return found
