"""What CONTRIBUTING says of the code as a whole."""

import subprocess
import sys

import altegio_partner
from tests.repository.checkouts import ROOT


def test_the_core_is_small() -> None:
    growing = {"__init__.py", "operations.py", "installation.py"}  # with the API
    files = [path for path in (ROOT / "altegio_partner").glob("*.py") if path.name not in growing]
    size = sum(1 for path in files for line in path.read_text().splitlines() if line.strip())
    assert size < 1050, f"the core has {size} lines, and CONTRIBUTING allows fewer than 1,050"


def test_the_core_imports_nothing_of_what_goes_beyond_it() -> None:
    code = "import sys, altegio_partner; print(*[name for name in sys.modules if name.startswith('altegio_partner.')])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    core = {f"altegio_partner.{path.stem}" for path in (ROOT / "altegio_partner").glob("*.py")}
    assert set(ran.stdout.split()) == core - {"altegio_partner.__init__"}


def test_nothing_generated_is_public() -> None:
    public = [getattr(altegio_partner, name) for name in altegio_partner.__all__]
    modules = {one.__module__ for one in public if isinstance(one, type)}
    assert modules == {"altegio_partner.client", "altegio_partner.errors", "altegio_partner.installation"}


def test_the_name_of_a_path_or_a_field_stands_in_the_spec_only() -> None:
    for path in (ROOT / "altegio_partner").glob("*.py"):
        code = path.read_text()
        assert '"/marketplace' not in code
        assert "'/marketplace" not in code
