"""The site as `nox -s docs` has built it: what a browser and a reader get."""

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag

from altegio_partner import AsyncPartnerClient, PartnerClient
from altegio_partner.ledger import Ledger
from altegio_partner.sandbox import Sandbox
from tests.site import SITE

ROOMS = ["altegio_partner", *(f"altegio_partner.{name}" for name in ("incoming", "ledger", "rate_limit", "sandbox"))]
OF_THE_CLIENT = {"check_timeout", "plan_reconcile", "plan_report"}  # in a ledger: used by the client only
METHODS = [name for name in dir(PartnerClient) if not name.startswith("_") and name != "close"]


@cache
def page(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@cache
def elements(path: Path) -> dict[str, Tag]:
    """Return the elements of a page that have an id."""
    return {str(one["id"]): one for one in page(path).select("[id]")}


def pages() -> dict[Path, BeautifulSoup]:
    found = {path: page(path) for path in SITE.rglob("*.html")}
    assert SITE / "index.html" in found, "There is no site: nox -s docs makes it."
    return found


def addresses(soup: BeautifulSoup) -> Iterator[tuple[str, str]]:
    """Give the name of each element that leads somewhere, and where it leads."""
    for attribute in ("href", "src", "srcset", "data"):
        for one in soup.select(f"[{attribute}]"):
            yield one.name, str(one[attribute])


def words(tag: Tag | None) -> str:
    assert tag
    return " ".join(tag.get_text().split())


def entry(name: str) -> tuple[str, str]:
    """Return how the reference shows this name: its signature, and its description."""
    found = [elements(path)[name] for path in pages() if name in elements(path)]
    assert len(found) == 1, f"{name} is in the reference {len(found)} times"
    described = found[0].find_next_sibling("dd")
    assert isinstance(described, Tag)
    return words(found[0]).removesuffix("¶"), words(described)


def test_no_link_is_broken() -> None:
    broken: list[str] = []
    for path, soup in pages().items():
        for _, address in addresses(soup):
            parts = urlsplit(address)
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if parts.scheme or parts.netloc:
                continue
            if not target.is_file() or (parts.fragment and unquote(parts.fragment) not in elements(target)):
                broken.append(f"{path.relative_to(SITE)}: {address}")
    assert broken == []


def test_nothing_is_loaded_from_elsewhere() -> None:
    for path, soup in pages().items():
        loaded = [address for kind, address in addresses(soup) if kind != "a" and urlsplit(address).netloc]
        assert loaded == [], path


def test_every_page_can_be_reached_and_says_what_it_is() -> None:
    listed = {(SITE / str(a["href"])).resolve() for a in page(SITE / "index.html").select(".sidebar-tree a[href]")}
    without = {SITE / name for name in ("genindex.html", "search.html", "py-modindex.html")}
    without.add(SITE / "project" / "mutation.html")  # for maintainers
    assert pages().keys() - listed - without - {SITE / "index.html"} == set()
    for path, soup in pages().items():
        assert path in without or len(soup.find_all("h1")) == 1, path


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_is_in_the_reference(room: str) -> None:
    for name in importlib.import_module(room).__all__:
        assert entry(f"{room}.{name}")[1], name


@pytest.mark.parametrize("fixture", ["altegio_sandbox", "altegio_sandbox_url"])
def test_the_fixtures_are_in_the_reference(fixture: str) -> None:
    assert entry(f"pytest_altegio_sandbox.{fixture}")[1]


@pytest.mark.parametrize("client", [PartnerClient, AsyncPartnerClient, Ledger, Sandbox])
def test_every_method_is_in_the_reference(client: type[object]) -> None:
    room = client.__module__.rpartition(".")[0]
    for name in {*dir(client)} - (OF_THE_CLIENT if client is Ledger else set()):
        if not name.startswith("_"):
            assert entry(f"{room}.{client.__name__}.{name}")[1], name


@pytest.mark.parametrize("method", METHODS)
def test_a_method_of_both_clients_is_shown_as_it_is(method: str) -> None:
    plain, described = entry(f"altegio_partner.PartnerClient.{method}")
    awaited, described_again = entry(f"altegio_partner.AsyncPartnerClient.{method}")
    if not inspect.iscoroutinefunction(getattr(AsyncPartnerClient, method)):  # a family, an iterator, another client
        assert awaited.replace("Async", "") == plain
        return
    assert awaited == f"async {plain}"
    assert described == described_again

    (shown,) = ast.parse(f"def {plain.replace('→', '->')}: ...").body
    assert isinstance(shown, ast.FunctionDef)
    _, *truth = inspect.signature(getattr(PartnerClient, method)).parameters.values()
    assert [one.arg for one in (*shown.args.args, *shown.args.kwonlyargs)] == [one.name for one in truth]
    assert [one.arg for one in shown.args.kwonlyargs] == [one.name for one in truth if one.kind is one.KEYWORD_ONLY]
    assert shown.returns
    assert all(one.annotation for one in (*shown.args.args, *shown.args.kwonlyargs))

    said = inspect.getdoc(getattr(PartnerClient, method)) or ""
    assert {*re.findall(r"\w+", said)} - {*re.findall(r"\w+", described)} <= {"Args"}  # it is "Parameters" here


def test_no_sentence_is_taken_for_a_type() -> None:
    """Sphinx takes what stands before a colon, in the first line of what is returned or of an attribute, for a type."""
    wrong = [
        words(field.find_next_sibling("dd"))
        for soup in pages().values()
        for field in soup.select("dl.field-list > dt")
        if words(field).startswith(("Type", "Return type"))
    ]
    assert wrong == []
