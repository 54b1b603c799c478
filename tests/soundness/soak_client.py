"""Makes very many calls with one client, in a separate process, and writes what it holds on to meanwhile.

Usage: soak_client.py sync|asyncio|trio URL CALLS
"""

import ctypes
import gc
import json
import logging
import os
import sys
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import anyio
from attrs import asdict, frozen

from altegio_partner import AltegioError, AsyncPartnerClient, PartnerClient

WARM_UP = 1000  # calls: until then, caches fill
SAMPLES = 20
AT_ONCE = 5  # calls of an async client
PAYMENT: dict[str, Any] = {
    "payment_sum": "990.99",
    "currency_iso": "EUR",
    "payment_date": datetime(2022, 1, 1, 10, 10),
    "period_from": datetime(2022, 1, 1, 10, 10),
    "period_to": datetime(2022, 2, 1, 10, 10),
}


@frozen
class Sample:
    """What the process holds at one moment."""

    calls: int
    files: int
    kilobytes: int

    @classmethod
    def now(cls, calls: int) -> "Sample":
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)  # what is freed goes back to the system now, not at some moment
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return cls(calls, len(list(Path("/proc/self/fd").iterdir())), pages * os.sysconf("SC_PAGE_SIZE") // 1024)


def parts(calls: int) -> list[range]:
    """Cut the numbers of the calls into those of the warm-up, and equal parts."""
    size = (calls - WARM_UP) // SAMPLES
    ends = [0, WARM_UP, *(WARM_UP + size * part for part in range(1, SAMPLES + 1))]
    return [range(1 + first, 1 + last) for first, last in pairwise(ends)]


def arguments(number: int) -> tuple[str, dict[str, Any]]:
    """Return a call, as its method and arguments."""
    if number % 10 == 1:
        return "complete_registration", {"salon_id": number, "api_key": f"fake-api-key-{number}"}
    if number % 10 == 2:
        return "notify_refund", {"payment_id": number}
    return "notify_payment", {**PAYMENT, "salon_id": number}


def soak(options: dict[str, Any], calls: int) -> list[Sample]:
    samples = []
    with PartnerClient(**options) as client:
        for numbers in parts(calls):
            for number in numbers:
                method, given = arguments(number)
                try:
                    getattr(client, method)(**given)
                except AltegioError as error:
                    assert number % 50 == 0, error  # noqa: PT017  as the server has it
                else:
                    assert number % 50
            samples.append(Sample.now(numbers.stop - 1))
    return samples


async def soak_async(options: dict[str, Any], calls: int) -> list[Sample]:
    async def run(numbers: range) -> None:
        for number in numbers:
            method, given = arguments(number)
            try:
                await getattr(client, method)(**given)
            except AltegioError as error:
                assert number % 50 == 0, error  # noqa: PT017
            else:
                assert number % 50

    samples = []
    async with AsyncPartnerClient(**options) as client:
        for numbers in parts(calls):
            async with anyio.create_task_group() as tasks:
                for one in range(AT_ONCE):
                    tasks.start_soon(run, numbers[one::AT_ONCE])
            samples.append(Sample.now(numbers.stop - 1))
    return samples


def main(kind: str, url: str, calls: str) -> None:
    logging.getLogger("altegio_partner").addHandler(logging.NullHandler())
    options = {"partner_token": "FakeTokenFakeToken", "application_id": 1, "base_url": url}
    before = Sample.now(0)
    samples = soak(options, int(calls)) if kind == "sync" else anyio.run(soak_async, options, int(calls), backend=kind)
    after = Sample.now(int(calls))
    json.dump([asdict(sample) for sample in (before, *samples, after)], sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
