"""Imports on first use. A real fork in the middle of one: tests/soundness/test_processes_and_loops.py."""

import os
import runpy
import sys

import pytest


def test_a_system_that_cannot_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "register_at_fork")  # as on Windows
    module = sys.modules["altegio_partner.late_imports"]
    with runpy.run_path(str(module.__file__))["late_imports"]:
        pass
