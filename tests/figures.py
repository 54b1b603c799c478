"""Measured figures, printed beside the results of the tests."""

import sys
from collections.abc import Mapping
from typing import Any

import pytest


def print_figures(request: pytest.FixtureRequest, title: str, figures: Mapping[str, object]) -> None:
    """Print what was measured, past the capturing of pytest."""
    lines = [f"    {figure:>10} {name}" for name, figure in figures.items()]
    capture: Any = request.config.pluginmanager.get_plugin("capturemanager")
    with capture.global_and_fixture_disabled():
        sys.stdout.write("\n".join(["", title, *lines, ""]))
