"""`nox -s drift` notices what `nox -s generate` did not write, and names it: both run `spec/generate.py`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.repository.checkouts import Checkout

PACKAGE = Path("generated/altegio_partner_api")
METHODS = Path("altegio_partner/methods/marketplace.py")
DESCRIPTION = Path("altegio_partner/sandbox/altegio-openapi.json")


def change_a_byte(checkout: Path) -> Path:
    path = checkout / PACKAGE / "models" / "payment.py"
    path.write_bytes(path.read_bytes().replace(b"salon_id", b"salon_iD", 1))
    return path


def add_a_file(checkout: Path) -> Path:
    path = checkout / PACKAGE / "models" / "extra.py"
    path.write_text("")
    return path


def remove_a_file(checkout: Path) -> Path:
    path = checkout / PACKAGE / "py.typed"
    path.unlink()
    return path


def change_the_note(checkout: Path) -> Path:
    path = checkout / "generated" / "README.md"
    path.write_text("Made by hand.")
    return path


def change_the_spec(checkout: Path) -> Path:
    spec = checkout / "spec" / "altegio-partner.yaml"
    spec.write_text(spec.read_text().replace("The settings of the partner's", "The setup of the partner's", 1))
    return checkout / PACKAGE / "models" / "registration.py"


def change_the_description(checkout: Path) -> Path:
    path = checkout / DESCRIPTION
    path.write_text(path.read_text().replace("salon_id", "salon_iD", 1))
    return path


def change_a_method(checkout: Path) -> Path:
    path = checkout / METHODS
    path.write_text(path.read_text().replace("payment_id: int", "payment_id: str", 1))
    return path


def change_an_operation(checkout: Path) -> Path:
    path = checkout / "altegio_partner" / "operations" / "marketplace.py"
    path.write_text(path.read_text().replace("payment_id: int", "payment_id: str", 1))
    return checkout / METHODS


CHANGES = [
    change_a_byte, add_a_file, remove_a_file, change_the_note, change_the_spec, change_the_description, change_a_method,
    change_an_operation,
]  # fmt: skip
OF_THE_SOURCE = (change_the_spec, change_an_operation)


def written(checkout: Checkout) -> dict[Path, bytes]:
    folders = [checkout.folder / "generated", checkout.folder / METHODS.parent]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {path: path.read_bytes() for path in [*files, checkout.folder / DESCRIPTION]}


@pytest.mark.parametrize("change", CHANGES)
def test_drift_is_named_and_fixed(tmp_path: Path, change: Callable[[Path], Path]) -> None:
    checkout = Checkout.copied_to(tmp_path / "checkout")
    before = written(checkout)
    changed = change(checkout.folder)
    found = checkout.python("spec/generate.py", "--check")
    assert found.returncode == 1
    assert "not what `nox -s generate` writes: " in found.stderr
    assert str(changed.relative_to(checkout.folder)) in found.stderr
    assert checkout.python("spec/generate.py").returncode == 0
    assert checkout.python("spec/generate.py", "--check").returncode == 0
    assert (before == written(checkout)) is (change not in OF_THE_SOURCE)


def test_the_session_fails_where_the_script_does(tmp_path: Path) -> None:
    checkout = Checkout.copied_to(tmp_path / "checkout")
    assert checkout.nox("drift").returncode == 0
    changed = add_a_file(checkout.folder)
    ran = checkout.nox("drift")
    assert ran.returncode != 0
    assert str(changed.relative_to(checkout.folder)) in ran.stdout + ran.stderr
