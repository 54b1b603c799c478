"""What the ledger and the workers say, held against what Altegio has recorded."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import httpx
from attrs import define, field

from altegio_partner.ledger import Ledger
from tests.durability.call_log import CallLogReader
from tests.durability.invoices import SALONS, UNREGISTERED, Invoice, Values, recorded
from tests.durability.parameters import SANDBOX_STATUS_DELAY
from tests.durability.sandbox_process import client


@define
class Audit:
    """The faults that were found, by kind. There must be none."""

    doubled: list[str] = field(factory=list[str])
    """Payments that are recorded more often than they were made."""
    lost: list[str] = field(factory=list[str])
    """Keys of which there is no trace, or of which Altegio has no payment though the ledger says so."""
    unknown_to_ledger: list[str] = field(factory=list[str])
    """Payments that Altegio has recorded, and of which the ledger knows nothing."""
    contradictions: list[str] = field(factory=list[str])
    """Ids that a worker received, and that are not those of the ledger or of that payment."""
    needlessly_undecided: list[str] = field(factory=list[str])
    """Keys that stay undecided, though only one payment could be it."""


def recorded_at(base_url: str) -> dict[int, Values]:
    """Return all that Altegio has recorded, by id. Nothing must go wrong there meanwhile."""
    until_it_is_shown = {"seconds": math.ceil(SANDBOX_STATUS_DELAY)}
    httpx.post(f"{base_url}/sandbox/clock", json=until_it_is_shown, trust_env=False, timeout=30).raise_for_status()
    with client(base_url) as partner:
        return {
            payment_id: values
            for salon_id in (*SALONS, UNREGISTERED)
            for payment_id, values in recorded(salon_id, partner.get_installation(salon_id=salon_id))
        }


def kept_in(ledger: Ledger, base_url: str, all_invoices: Sequence[Invoice]) -> dict[str, int]:
    """Return the ids that the ledger knows, by key."""
    is_open = {one.idempotency_key for one in ledger.unsettled()}
    with client(base_url, ledger) as partner:
        found = {one.key: partner.reconcile(one.key) for one in all_invoices if one.key not in is_open}
    return {key: payment_id for key, payment_id in found.items() if payment_id is not None}


def audit(
    all_invoices: Sequence[Invoice],
    truth: Mapping[int, Values],
    kept: Mapping[str, int],
    is_open: set[str],
    readers: Sequence[CallLogReader],
) -> Audit:
    """Compare them all."""
    found = Audit()
    times = Counter(truth.values())
    alike: defaultdict[Values, list[Invoice]] = defaultdict(list)
    for invoice in all_invoices:
        alike[invoice.values].append(invoice)
        found.contradictions += [
            f"{invoice.key}: the ledger says {kept.get(invoice.key)}, {reader.path.name} says {payment_id}"
            for reader in readers
            for payment_id in reader.ids.get(invoice.key, ())
            if kept.get(invoice.key) != payment_id
        ]
        if invoice.key in kept and truth.get(kept[invoice.key]) != invoice.values:
            found.lost.append(f"{invoice.key}: Altegio has no such payment {kept[invoice.key]}")
        is_known = invoice.key in kept or invoice.key in is_open
        if not is_known and not any(invoice.key in reader.rejected for reader in readers):
            found.lost.append(f"{invoice.key}: nobody knows anything of it")
    for values, group in alike.items():
        certain = {kept[one.key] for one in group if one.key in kept}
        doubtful = [one.key for one in group if one.key in is_open]
        keys = ", ".join(one.key for one in group)
        if times[values] > len(group):
            found.doubled.append(f"{keys}: recorded {times[values]} times")
        if times[values] > len(certain) + len(doubtful):
            found.unknown_to_ledger.append(
                f"{keys}: recorded {times[values]} times, and the ledger knows {len(certain)}"
            )
        if len(group) == 1:
            found.needlessly_undecided += doubtful
    found.unknown_to_ledger += [f"{values} was reported by nobody" for values in times.keys() - alike.keys()]
    owners = Counter(kept.values())
    found.contradictions += [f"payment {one} belongs to {number} keys" for one, number in owners.items() if number > 1]
    return found
