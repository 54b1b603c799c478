"""`nox -s build` notices what a build must not depend on, and what the wheel must not hold or need."""

from pathlib import Path

from tests.repository.checkouts import Checkout

HOOK = """
import time
from pathlib import Path
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

class Stamp(BuildHookInterface):
    def initialize(self, version, build_data):
        Path("altegio_partner/stamp.py").write_text(f"BUILT = {time.time_ns()}")
"""


def test_what_depends_on_the_time_is_named(tmp_path: Path) -> None:
    checkout = Checkout.copied_to(tmp_path / "checkout")
    (checkout.folder / "hatch_build.py").write_text(HOOK)
    with (checkout.folder / "pyproject.toml").open("a") as file:
        file.write("\n[tool.hatch.build.hooks.custom]\n")
    ran = checkout.nox("build")
    assert ran.returncode != 0
    assert "have other bytes: altegio_partner-" in ran.stdout + ran.stderr


def test_what_the_wheel_must_not_be_is_named(tmp_path: Path) -> None:
    checkout = Checkout.copied_to(tmp_path / "checkout")
    (checkout.folder / "altegio_partner" / "py.typed").unlink()
    pyproject = checkout.folder / "pyproject.toml"
    text = pyproject.read_text()
    for old, new in (
        ('    "anyio>=4.9",\n', '    "anyio>=4.9",\n    "requests",\n'),
        ('packages = ["altegio_partner",', 'packages = ["tests", "altegio_partner",'),
        ('license = "MIT"\n', ""),
    ):
        assert old in text
        text = text.replace(old, new)
    pyproject.write_text(text)
    ran = checkout.nox("build")
    assert ran.returncode != 0
    for expected in (
        "it lacks altegio_partner/py.typed",
        "it needs ['anyio', 'attrs', 'h11', 'httpcore', 'httpx', 'requests'], not ['anyio', 'attrs', 'h11', ",
        "'tests'], not ['altegio_partner', ",
        "its metadata lacks license_expression",
    ):
        assert expected in ran.stdout + ran.stderr
