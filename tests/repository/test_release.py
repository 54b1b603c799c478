"""`nox -s release` and `nox -s api-diff`: what keeps a commit from being released, and what breaks users' code."""

import re
from collections.abc import Callable
from pathlib import Path

import nox
import pytest

from tests.repository.checkouts import ROOT, Checkout

VERSION = "5.4.3"


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A repository whose last commit is ready to be released."""
    checkout = Checkout.copied_to(tmp_path / "checkout")
    give_version(checkout, VERSION)
    checkout.git("init", "--quiet")
    checkout.commit()
    return checkout


def give_version(checkout: Checkout, version: str) -> None:
    code = checkout.folder / "altegio_partner" / "version.py"
    code.write_text(re.sub(r'"[\d.]+"', f'"{version}"', code.read_text()))
    changelog = checkout.folder / "CHANGELOG.md"
    changelog.write_text(re.sub(r"## .*", f"## {version} (2026-12-24)", changelog.read_text(), count=1))


def ready(checkout: Checkout, version: str = VERSION) -> str:
    """Return what the first step of a release says is in the way."""
    ran = checkout.python("release/ready.py", version)
    assert ran.returncode == (1 if ran.stderr else 0)
    return ran.stderr


def test_a_commit_is_ready(checkout: Checkout) -> None:
    assert ready(checkout) == ""
    checkout.git("tag", f"v{VERSION}")
    assert ready(checkout) == "", "as in the workflow, which runs for the tag"


def leave_something_uncommitted(checkout: Checkout) -> str:
    (checkout.folder / "new.py").touch()
    return "not everything is committed:\n?? new.py"


def forget_the_day(checkout: Checkout) -> str:
    rewrite(checkout.folder / "CHANGELOG.md", "(2026-12-24)", "(not released yet)")
    checkout.commit()
    return f"CHANGELOG.md has no heading '## {VERSION} (2026-12-24)'"


def forget_the_version(checkout: Checkout) -> str:
    rewrite(checkout.folder / "altegio_partner" / "version.py", VERSION, "5.4.2")
    checkout.commit()
    return f"its newest heading is of {VERSION}, and altegio_partner/version.py says 5.4.2"


def tag_another_commit(checkout: Checkout) -> str:
    checkout.git("tag", f"v{VERSION}")
    (checkout.folder / "new.py").touch()
    checkout.commit()
    return f"v{VERSION} is there already, and another commit has it"


def forget_the_entry(checkout: Checkout) -> str:
    changelog = checkout.folder / "CHANGELOG.md"
    changelog.write_text(f"# Changes\n\n## {VERSION} (2026-12-24)\n\n## 5.4.2 (2026-12-23)\n\n- A change.\n")
    checkout.commit()
    return f"there is no entry for {VERSION}"


@pytest.mark.parametrize(
    "change",
    [leave_something_uncommitted, forget_the_day, forget_the_version, tag_another_commit, forget_the_entry],
)
def test_what_is_in_the_way_is_named(checkout: Checkout, change: Callable[[Checkout], str]) -> None:
    expected = change(checkout)
    assert expected in ready(checkout)


def test_a_release_stops_before_it_does_anything(checkout: Checkout) -> None:
    ran = checkout.nox("release", "--", "5.4.4")
    assert ran.returncode != 0
    assert "altegio_partner/version.py says 5.4.3: write 5.4.4 there" in ran.stdout + ran.stderr
    assert not (checkout.folder / "dist").exists()


OLDER = [
    ("## 1.0.0 (2026-12-24)\n\n- A.\n\n## 1.0.1 (2026-12-23)\n\n- B.\n", "newer versions must stand above older ones"),
    ("## 1.0.0 (2026-12-22)\n\n- A.\n\n## 0.9.0 (not released yet)\n\n- B.\n", "only the newest may be without a date"),
    ("## 1.0.0 (2026-12-22)\n\n- A.\n\n## Older\n\n- B.\n", "each heading must read"),
    ("- A.\n", "each heading must read"),
]


@pytest.mark.parametrize(("changes", "expected"), OLDER)
def test_the_changelog_is_checked(checkout: Checkout, changes: str, expected: str) -> None:
    (checkout.folder / "CHANGELOG.md").write_text(f"# Changes\n\n{changes}")
    ran = checkout.python("release/changelog.py")
    assert expected in ran.stderr
    assert ran.returncode == 1


def remove_names(checkout: Checkout) -> list[str]:
    package = checkout.folder / "altegio_partner"
    rewrite(package / "methods" / "marketplace.py", "idempotency_key: str | None = None,", "")
    rewrite(package / "ledger" / "__init__.py", '"LedgerEntry", ', "")
    rewrite(checkout.folder / "pytest_altegio_sandbox.py", "def altegio_sandbox_url", "def altegio_sandbox_address")
    return [
        "notify_payment(idempotency_key)`: *Parameter was removed*",
        "LedgerEntry`: *Public object was removed*",
        "altegio_sandbox_url`: *Public object was removed*",
    ]


def change_what_names_do(checkout: Checkout) -> list[str]:
    package = checkout.folder / "altegio_partner"
    rewrite(package / "errors.py", "safe_to_resend: bool", "safe_to_resend: int")
    rewrite(package / "methods" / "marketplace.py", "salon_id: int, api_key", "salon_id: int = 5, api_key")
    return ["FAILED tests/client/test_public_api.py::test_signatures", "tests/typing/public_api.py"]


def test_what_breaks_code_written_for_the_last_tag_is_an_error(checkout: Checkout) -> None:
    checkout.git("tag", f"v{VERSION}")
    expected = remove_names(checkout)
    checkout.commit()
    ran = checkout.nox("api-diff", "--", f"v{VERSION}", "tests/client/test_public_api.py")
    assert ran.returncode != 0
    assert [one for one in expected if one not in ran.stdout + ran.stderr] == []


def test_a_new_major_version_may_break_code_and_lists_what(checkout: Checkout) -> None:
    checkout.git("tag", f"v{VERSION}")
    expected = [*remove_names(checkout), *change_what_names_do(checkout), "the changelog must say what breaks"]
    give_version(checkout, "6.0.0")
    checkout.commit()
    ran = checkout.nox("api-diff", "--", f"v{VERSION}", "tests/client/test_public_api.py")
    assert [one for one in expected if one not in ran.stdout + ran.stderr] == []
    assert ran.returncode == 0


def test_without_a_tag_nothing_is_compared_and_that_is_said(checkout: Checkout) -> None:
    ran = checkout.nox("api-diff")
    assert "THERE IS NO TAG, so nothing is compared." in ran.stdout + ran.stderr


def test_the_version_is_in_one_place() -> None:
    assert 'dynamic = ["version"]' in (ROOT / "pyproject.toml").read_text()
    for path in (ROOT / "altegio_partner").rglob("*.py"):
        assert ("__version__ =" in path.read_text()) is (path.name == "version.py")


def test_the_workflows_have_the_pythons_and_the_nox_of_the_project() -> None:
    pyproject = nox.project.load_toml(ROOT / "pyproject.toml")
    supported = nox.project.python_versions(pyproject)
    (tool,) = [one for one in nox.project.dependency_groups(pyproject, "repository") if one.startswith("nox==")]
    for name in ("checks", "release"):
        workflow = (ROOT / ".github" / "workflows" / f"{name}.yml").read_text()
        assert set(re.findall(r"pip install .*", workflow)) == {f"pip install {tool}"}
    assert f"python: {supported}".replace("'", '"') in (ROOT / ".github" / "workflows" / "checks.yml").read_text()
    assert ", ".join(supported[:-1]) + f" and {supported[-1]}" in (ROOT / "docs" / "support.md").read_text()
