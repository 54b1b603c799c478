import os
import re
import signal
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.callers import APPLICATION, TOKEN, Caller, Callers
from tests.commands import ForkServer

_SETTINGS = re.compile(
    r"ALTEGIO_(?!SOUNDNESS|DURABILITY)|PG[A-Z]+$|(\w+_)?PROXY$|"  # who is called, with what, and which way
    r"FORCE_COLOR$|NO_COLOR$|PY_COLORS$|CLICOLOR|GITHUB_ACTIONS$|TTY_|COLUMNS$|LINES$|PYTHONUNBUFFERED$",  # output
    re.IGNORECASE,
)

_COVERAGE = ("COVERAGE_FILE", "COVERAGE_PROCESS_START")


@pytest.fixture(scope="session", autouse=True)
def environment_as_found() -> Iterator[Mapping[str, str]]:
    """Clear what would change the results: settings, proxies, ignored signals. Gives the environment from before.

    Coverage is not measured in what the tests start, unless they ask for it: that takes longer than most commands.

    Started by nohup, or in the background of a script, these tests go on ignoring the signals, but what they
    start does not: a handler, unlike SIG_IGN, is not inherited.
    """
    found = dict(os.environ)
    ending = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
    ignored = [one for one in ending if signal.getsignal(one) is signal.SIG_IGN]
    with pytest.MonkeyPatch.context() as patch:
        for name in found:
            if _SETTINGS.match(name) or name in _COVERAGE:
                patch.delenv(name)
        for one in ignored:
            signal.signal(one, lambda *_: None)
        yield found
    for one in ignored:
        signal.signal(one, signal.SIG_IGN)


def measured(environment: Mapping[str, str]) -> dict[str, str]:
    """The part of this environment in which coverage is measured, if it is."""
    return {name: value for name, value in environment.items() if name in _COVERAGE}


@pytest.fixture
def measured_processes(environment_as_found: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure coverage in what a test starts, too: only there, it takes some of the branches."""
    for name, value in measured(environment_as_found).items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def fork_server(environment_as_found: Mapping[str, str]) -> Iterator[ForkServer]:
    """Forks installed commands, in which coverage is measured, too."""
    with ForkServer(**measured(environment_as_found)) as server:
        yield server


@pytest.fixture
def without_coverage() -> Iterator[None]:
    """Measure no coverage in many cases, whose branches other tests take, too: they run twice as fast."""
    coverage = sys.modules.get("coverage")
    measuring = coverage and coverage.Coverage.current()
    if measuring:
        measuring.stop()
    yield
    if measuring:
        measuring.start()


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Make Ctrl-C interrupt this process, also where these tests run in the background of a shell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(params=["sync", "asyncio", "trio"])
def caller(request: pytest.FixtureRequest) -> Callers:
    """Makes callers of each kind, given the options of the client."""

    def make(**options: Any) -> Caller:
        return Caller(request.param, {"partner_token": TOKEN, "application_id": APPLICATION, **options})

    return make
