"""The page "When it fails" names every error. That it runs is seen in test_every_page.py."""

import importlib
import pkgutil
from collections.abc import Iterator

import altegio_partner
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
