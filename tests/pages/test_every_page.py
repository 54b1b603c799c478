"""The pages of the documentation that are programs: they run, and print what they say that they print."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import altegio_partner
from tests.pages.page import DOCS, Page

PROGRAMS = ["async", "extending", "money", "time-zones", "when-it-fails"]
TESTED_ELSEWHERE = ["many-calls", "many-machines", "payments-once", "receiving", "testing", "tutorial"]


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_page_runs_and_prints_what_it_says(name: str, tmp_path: Path) -> None:
    page = Page.of(name)
    ran = page.run(tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == page.printed


def test_no_page_with_code_is_forgotten() -> None:
    with_code = [file.stem for file in DOCS.rglob("*.md") if "```python\n" in Page(file).text]
    assert sorted(with_code) == sorted(PROGRAMS + TESTED_ELSEWHERE)


def exported_errors() -> Iterator[str]:
    """The exceptions in the `__all__` of the package, and of the packages in it."""
    rooms = [one.name for one in pkgutil.iter_modules(altegio_partner.__path__) if one.ispkg]
    for module in [altegio_partner, *(importlib.import_module(f"altegio_partner.{name}") for name in rooms)]:
        for name in getattr(module, "__all__", ()):
            thing = getattr(module, name)
            if isinstance(thing, type) and issubclass(thing, Exception):
                yield name


def test_when_it_fails_names_every_error() -> None:
    errors = set(exported_errors())
    assert len(errors) > 15
    text = Page.of("when-it-fails").text
    assert [name for name in sorted(errors) if f"`{name}`" not in text] == []
