"""`nox -s drift` notices what `nox -s generate` did not write, and names it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.repository.checkouts import Checkout

PACKAGE = Path("generated/altegio_partner_api")


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


CHANGES = [change_a_byte, add_a_file, remove_a_file, change_the_note, change_the_spec]


@pytest.mark.parametrize("change", CHANGES)
def test_drift_is_named_and_mended(tmp_path: Path, change: Callable[[Path], Path]) -> None:
    checkout = Checkout.copied_to(tmp_path / "checkout")
    before = {path: path.read_bytes() for path in (checkout.folder / "generated").rglob("*") if path.is_file()}
    changed = change(checkout.folder)
    found = checkout.nox("drift")
    assert found.returncode != 0
    assert "not what spec/altegio-partner.yaml gives" in found.stderr
    assert str(changed.relative_to(checkout.folder)) in found.stderr
    assert checkout.nox("generate", "drift").returncode == 0
    after = {path: path.read_bytes() for path in (checkout.folder / "generated").rglob("*") if path.is_file()}
    assert (before == after) is (change is not change_the_spec)
