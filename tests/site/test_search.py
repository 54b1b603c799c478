"""The search of the built site, in a real Chromium: the page that answers what people type comes first."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from tests.site import SITE

FIRST = {
    "401": "when-it-fails.html#authenticationerror",
    "403": "when-it-fails.html#permissiondeniederror",
    "404": "when-it-fails.html#notfounderror",
    "422": "when-it-fails.html#invalidrequesterror",
    "429": "when-it-fails.html#ratelimiterror",
    "timeout": "when-it-fails.html",
    "retry": "when-it-fails.html#what-is-retried",
    "duplicate": "when-it-fails.html",
    "double payment": "payments-once.html",
    "idempotency": "payments-once.html",
    "credentials": "tutorial.html#start-altegio",
    "environment variables": "tutorial.html#start-altegio",
    "verify webhook": "receiving.html#callbacks",
    "webhook signature": "receiving.html#callbacks",
    "callback": "receiving.html",
    "quickstart": "tutorial.html",
    "docker": "testing-other-languages.html",
    "CI": "testing-other-languages.html",
    "bulk import": "command-line.html",
    "CSV": "command-line.html",
    "refund": "money.html#refunds",
    "freeze": "receiving.html",
    "unfreeze": "receiving.html",
    "sandbox": "sandbox.html",
    "rate limit": "many-calls.html",
    "time zone": "time-zones.html",
    "Celery": "many-machines.html",
    "Django": "many-machines.html",
    "FastAPI": "examples/fastapi.html",
    "async": "async.html",
    "proxy": "extending.html#custom-certificates-and-proxies",
    "certificate": "extending.html#custom-certificates-and-proxies",
    "YCLIENTS": "support.html",
}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def search(browser: Browser) -> Iterator[tuple[Page, str]]:
    """A page, and the address of the site: over HTTP, as its search reads its pages."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=SITE)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        page = browser.new_page()
        yield page, f"http://127.0.0.1:{server.server_port}"
        page.close()
        server.shutdown()


@pytest.mark.parametrize("query", FIRST)
def test_the_right_page_comes_first(search: tuple[Page, str], query: str) -> None:
    page, url = search
    page.goto(f"{url}/search.html?q={quote(query)}")
    first = page.locator("#search-results li a").first
    first.wait_for()
    found = (first.get_attribute("href") or "").replace("?highlight=", "#")
    place, _, anchor = FIRST[query].partition("#")
    assert found.partition("#")[0] == place
    if anchor:
        assert page.request.get(f"{url}/{place}").text().count(f'id="{anchor}"') == 1
        assert found == FIRST[query]


def test_pages_for_maintainers_are_not_found(search: tuple[Page, str]) -> None:
    page, url = search
    page.goto(f"{url}/search.html?q=cosmic-ray")
    page.locator("#search-results p.search-summary").wait_for()
    page.wait_for_function("document.querySelector('#search-results h2')?.textContent !== 'Searching'")
    found = page.locator("#search-results li a").all()
    assert [one.get_attribute("href") for one in found if "mutation" in (one.get_attribute("href") or "")] == []
