"""How much is tried: a little in the tests of every change, all of it in `nox -s soundness`."""

import os
import sys
from collections.abc import Mapping
from typing import Any

import pytest

CASES = int(os.environ.get("ALTEGIO_SOUNDNESS_CASES", "500"))
IS_ALL = CASES >= 10_000


def tell(request: pytest.FixtureRequest, title: str, figures: Mapping[str, object]) -> None:
    """Print what was measured, but for the tests of every change."""
    if not IS_ALL:
        return
    lines = [f"    {figure:>10} {name}" for name, figure in sorted(figures.items())]
    capture: Any = request.config.pluginmanager.get_plugin("capturemanager")
    with capture.global_and_fixture_disabled():
        sys.stdout.write("\n".join(["", title, *lines, ""]))
