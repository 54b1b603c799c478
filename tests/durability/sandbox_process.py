"""A sandbox in its own process, with changing faults, and a client for it."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from random import Random

import httpx
from attrs import define

from altegio_partner import PartnerClient
from altegio_partner.ledger import Ledger
from altegio_partner.sandbox import FAULT_NAMES
from tests.durability.invoices import SALONS, UNREGISTERED
from tests.durability.parameters import SANDBOX_STATUS_DELAY, TIMEOUT

_PROBABILITY = 0.25
_DURATION = 0.3  # seconds for which a fault is injected, before the next one


def client(base_url: str, ledger: Ledger | None = None) -> PartnerClient:
    """Return a client of the sandbox."""
    return PartnerClient("sandbox-partner-token", application_id=123, base_url=base_url, timeout=TIMEOUT, ledger=ledger)


@contextmanager
def serve_sandbox(folder: Path) -> Iterator[str]:
    """Serve a sandbox during the block, with registered locations and one that is not. Yield the base URL."""
    seed = folder / "seed.json"
    unregistered = {"salon_id": UNREGISTERED, "status": "pending"}
    seed.write_text(json.dumps({"locations": [*({"salon_id": one} for one in SALONS), unregistered]}))
    options = ["--port", "0", "--status-delay", str(SANDBOX_STATUS_DELAY), "--seed", str(seed)]
    command = [sys.executable, "-m", "altegio_partner.sandbox", *options]
    with (folder / "sandbox.txt").open("w") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        with process:
            assert process.stdout is not None
            try:
                yield process.stdout.readline().strip().partition("=")[2]
            finally:
                process.terminate()
    assert "Traceback" not in (folder / "sandbox.txt").read_text()


def latest_payments(base_url: str) -> set[tuple[int, Decimal]]:
    """Return the locations and amounts of the latest payments, without any delay."""
    state = httpx.get(f"{base_url}/sandbox/snapshot", trust_env=False, timeout=30).raise_for_status().json()
    return {(one["salon_id"], Decimal(one["payment_sum"])) for one in state["payments"]}


@define
class FaultInjector:
    """Injects a fault into a quarter of the sandbox's calls, and a different one every 0.3 seconds."""

    base_url: str
    random: Random
    _until: float = 0.0

    def change_sometimes(self) -> None:
        """Inject another fault if the last one has lasted long enough."""
        if time.monotonic() > self._until:
            fault = self.random.choice(FAULT_NAMES)
            self._control("faults", fault=fault, probability=_PROBABILITY, seed=self.random.randrange(1000))
            self._until = time.monotonic() + _DURATION

    def clear(self) -> None:
        """Clear all faults."""
        self._control("faults/clear")

    def _control(self, name: str, **arguments: object) -> None:
        httpx.post(f"{self.base_url}/sandbox/{name}", json=arguments, trust_env=False, timeout=30).raise_for_status()
