"""What an extra brings, where it is not installed: the message says what to install."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.usefixtures("measured_processes")
NEEDED = [
    ("ledger", "sqlalchemy", "import altegio_partner.ledger"),
    ("rate-limit", "pyrate_limiter", "import altegio_partner.rate_limit"),
    ("sandbox-tls", "trustme", "from altegio_partner.sandbox.tls import make_certificate; make_certificate(['x'])"),
    ("sandbox", "jinja2", "from altegio_partner.sandbox import Sandbox; Sandbox().serve()"),
]


@pytest.mark.parametrize(("extra", "missing", "use"), NEEDED)
def test_the_extra_is_named(extra: str, missing: str, use: str) -> None:
    code = f"import sys; sys.modules[{missing!r}] = None; {use}"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    last = ran.stderr.splitlines()[-1]
    assert last == f"ModuleNotFoundError: No module named '{missing}': pip install 'altegio-partner[{extra}]'"
    assert ran.returncode == 1


def test_the_sandbox_says_so_without_a_traceback() -> None:
    code = "import sys; sys.modules['jinja2'] = None; from altegio_partner.sandbox.command import main; main([])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert ran.stderr.endswith("error: No module named 'jinja2': pip install 'altegio-partner[sandbox]'\n")


def test_the_command_line_says_so_without_a_traceback() -> None:
    code = "import sys; sys.modules['typer'] = None; from altegio_partner.cli.command import main; main()"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (2, "No module named 'typer': pip install 'altegio-partner[cli]'\n")
