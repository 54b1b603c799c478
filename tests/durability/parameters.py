"""How much is tried: a little in the tests of every change, all of it in `nox -s durability`."""

import os
import sys
from collections.abc import Mapping
from typing import Any

import pytest

PAYMENTS = int(os.environ.get("ALTEGIO_DURABILITY_PAYMENTS", "100"))
KILLS = max(20, PAYMENTS // 10)
IS_ALL = PAYMENTS >= 2000
ROLLING = 500 if IS_ALL else 50
DATABASES = ("sqlite", "postgresql") if IS_ALL else ("sqlite",)

SETTLE_TIME = 2.0  # seconds
TIMEOUT = 0.5
LAG = 1.9  # nearly the settle time, which is what it may be


def tell(request: pytest.FixtureRequest, title: str, figures: Mapping[str, object]) -> None:
    """Print what was measured, but for the tests of every change."""
    if not IS_ALL:
        return
    lines = [f"    {figure:>10} {name}" for name, figure in figures.items()]
    capture: Any = request.config.pluginmanager.get_plugin("capturemanager")
    with capture.global_and_fixture_disabled():
        sys.stdout.write("\n".join(["", title, *lines, ""]))
