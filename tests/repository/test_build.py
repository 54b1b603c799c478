"""`nox -s build` notices what a build must not depend on, and what the wheel must not hold or need."""

from collections.abc import Callable
from pathlib import Path

import pytest
from checkouts import Checkout

HOOK = """
import time
from pathlib import Path
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

class Stamp(BuildHookInterface):
    def initialize(self, version, build_data):
        Path("altegio_partner/stamp.py").write_text(f"BUILT = {time.time_ns()}")
"""


def depend_on_the_time(checkout: Path) -> str:
    (checkout / "hatch_build.py").write_text(HOOK)
    with (checkout / "pyproject.toml").open("a") as file:
        file.write("\n[tool.hatch.build.hooks.custom]\n")
    return "have other bytes: altegio_partner-"


def need_more(checkout: Path) -> str:
    path = checkout / "pyproject.toml"
    path.write_text(path.read_text().replace('    "anyio>=4.9",\n', '    "anyio>=4.9",\n    "requests",\n'))
    return "it needs ['anyio', 'attrs', 'httpx', 'requests'], not ['anyio', 'attrs', 'httpx']"


def take_the_tests_along(checkout: Path) -> str:
    path = checkout / "pyproject.toml"
    path.write_text(
        path.read_text().replace('packages = ["altegio_partner",', 'packages = ["tests", "altegio_partner",')
    )
    return "'tests'], not ['altegio_partner', "


def forget_the_types(checkout: Path) -> str:
    (checkout / "altegio_partner" / "py.typed").unlink()
    return "it lacks altegio_partner/py.typed"


def forget_the_license(checkout: Path) -> str:
    path = checkout / "pyproject.toml"
    path.write_text(path.read_text().replace('license = "MIT"\n', ""))
    return "its metadata lacks license_expression"


@pytest.mark.parametrize(
    "change", [depend_on_the_time, need_more, take_the_tests_along, forget_the_types, forget_the_license]
)
def test_the_fault_is_named(tmp_path: Path, change: Callable[[Path], str]) -> None:
    checkout = Checkout.copied_to(tmp_path / "checkout")
    expected = change(checkout.folder)
    ran = checkout.nox("build")
    assert expected in ran.stdout + ran.stderr
    assert ran.returncode != 0
