"""The page "Handling errors" names every error, and how to handle it. That it runs: see test_every_page.py."""

import builtins
import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest

import altegio_partner
import altegio_partner.ledger
from tests.pages.page import Page


def exported_errors() -> Iterator[str]:
    """The exceptions in the `__all__` of the package, and of the packages in it."""
    packages = [one.name for one in pkgutil.iter_modules(altegio_partner.__path__) if one.ispkg]
    for module in [altegio_partner, *(importlib.import_module(f"altegio_partner.{name}") for name in packages)]:
        for name in getattr(module, "__all__", ()):
            thing = getattr(module, name)
            if isinstance(thing, type) and issubclass(thing, Exception):
                yield name


def test_it_names_every_error() -> None:
    errors = set(exported_errors())
    assert len(errors) > 15
    text = Page.of("when-it-fails").text
    assert [name for name in sorted(errors) if f"`{name}`" not in text] == []


SECTIONS = re.split(r"^#+ ", Page.of("when-it-fails").text, flags=re.MULTILINE)
LINES = [
    (section.partition("\n")[0], code)
    for section in SECTIONS
    for code in re.findall(r"^```py\n(.*?)```$", section, re.DOTALL | re.MULTILINE)
]


def test_there_are_lines_for_production() -> None:
    assert len(LINES) == Page.of("when-it-fails").text.count("```py\n") > 10


@pytest.mark.parametrize(("heading", "code"), LINES, ids=[heading for heading, _ in LINES])
def test_the_lines_for_production_handle_the_error_of_their_heading(heading: str, code: str) -> None:
    called: list[str] = []
    names: dict[str, object] = {**vars(builtins), **vars(altegio_partner), **vars(altegio_partner.ledger)}
    for name in re.findall(r"^    (\w+)\(", code, re.MULTILINE):
        names[name] = lambda *_, name=name, **__: called.append(name)
    error = names[heading]
    assert isinstance(error, type)
    names |= {"invoice": {"salon_id": 5}, "error": error("what happened")}
    program = f"try:\n    raise error\n{code}"
    if "\n    raise\n" in code:
        with pytest.raises(error):
            exec(program, names)  # noqa: S102  code of the page
    else:
        exec(program, names)  # noqa: S102
    assert len(called) == 1
