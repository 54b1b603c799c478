"""The figures of docs/performance.md are those of the last run of the benchmark."""

import json
import re
from typing import Any

import pytest

from tests.pages.page import Page
from tests.repository.checkouts import ROOT

RUN = json.loads((ROOT / "benchmarks" / "last-run.json").read_text())
TABLES: dict[str, dict[str, dict[str, Any]]] = {table["key"]: table["rows"] for table in RUN["tables"]}
MISSED = [target for table in RUN["tables"] for target in table["targets"] if not target["is_met"]]
PAGE = Page.of("performance").text
ROWS = dict(re.findall(r"^\| (.*?) \| (.* \|.*?) \|$", PAGE, re.MULTILINE))


def figures(table: str, column: str, form: str, *rows: str) -> list[str]:
    return [format(TABLES[table][row][column], form) for row in rows]


EXPECTED = {
    "CPU of a call, without network": figures(
        "in_memory", "µs", ".0f", "ours", "bare httpx", "svix", "stripe", "openai"
    ),
    "CPU of a call over a loopback connection, without TLS": figures(
        "loopback", "CPU, µs", ".0f", "ours", "bare httpx", "http.client"
    ),
    "import and first client": figures(
        "start_up", "in all, ms", ".0f", "ours", "bare httpx", "stripe", "svix", "openai"
    ),
    "second client of a process": figures("start_up", "second client, ms", ".2f", "ours", "bare httpx"),
    "100 tasks, calls a second": figures("tasks_100", "calls/s", ",.0f", "ours", "bare httpx", "raw aiohttp"),
    "the same over httpx-aiohttp, calls a second": figures(
        "tasks_100", "calls/s", ",.0f", "ours over httpx-aiohttp", "openai"
    ),
    "32 threads, calls a second, on 2 cores": [
        *figures("threads", "32 threads, calls/s", ",.0f", "ours, 2 cores"),
        *figures("threads", "one thread, calls/s", ",.0f", "ours, 2 cores"),
    ],
    "`notify_payment` over a loopback connection": figures(
        "ledger", "in all, ms", ".2f", "notify_payment without a ledger", "notify_payment with a ledger"
    ),
    "memory grown after 100,000 calls": figures(
        "many_calls", "memory grown since the first, KB", ".0f", "100,000 calls"
    ),
}


@pytest.mark.parametrize("row", EXPECTED)
def test_a_row(row: str) -> None:
    assert re.findall(r"\d[\d,.]*\d|\d", ROWS[row]) == EXPECTED[row]


def test_failures_of_1000_tasks() -> None:
    ours, bare = TABLES["tasks_1000"]["ours"], TABLES["tasks_1000"]["bare httpx"]
    failed = int(str(bare["errors"]).split()[0])
    assert ROWS["1,000 tasks, calls that failed"] == (
        f"{ours['errors']} of {ours['answered']:,.0f} | bare httpx {failed} of {bare['answered'] + failed:,.0f}"
    )


def test_all_figures_are_looked_at() -> None:
    assert set(ROWS) == {*EXPECTED, "1,000 tasks, calls that failed"}


def test_what_is_missed_is_told() -> None:
    told = PAGE.partition("## Three targets are missed")[2].partition("\n## ")[0]
    assert len(re.findall("^- ", told, re.MULTILINE)) == len(MISSED) == 3
    for target in MISSED:
        assert f"{target['measured']:.2f} times" in told
        assert f"the aim was {target['bound']:g}" in told
    for row in ("bare httpx, 2 cores", "ours, one core"):
        assert f"{TABLES['threads'][row]['32 threads × one']:.2f} times" in told
