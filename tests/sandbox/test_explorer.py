"""The description of Altegio's API that a sandbox serves, and the page to try it. In a browser: tests/browser."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from altegio_partner.sandbox import OPERATION_NAMES, Sandbox
from altegio_partner.sandbox.endpoints import operation_of
from altegio_partner.sandbox.explorer import operations


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    sandbox = Sandbox(partner_token='partner"&<token', application_id=77)
    with sandbox.serve() as url, httpx.Client(base_url=url, trust_env=False) as client:
        yield client


def test_the_description_has_the_address_of_the_sandbox(http: httpx.Client) -> None:
    answer = http.get("/openapi.yaml")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/yaml")
    assert answer.text.startswith('openapi: "3.1.0"\n')
    addresses = re.findall(r'url: "(.*)"', answer.text)
    assert set(addresses) == {str(http.base_url), f"{http.base_url}/api/v1"}
    assert http.post("/openapi.yaml").status_code == 405


def test_the_explorer_has_all_operations() -> None:
    found = operations(Sandbox())
    ids = {"payment_id": "5", "salon_id": "5", "application_id": "5"}
    names = [operation_of(one.method, one.path.format(**ids)) for one in found]
    assert {name[0] for name in names if name} == set(OPERATION_NAMES)
    assert len(found) == len(OPERATION_NAMES)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("notifyRefund", ""),
        ("updateWebhookSettings", '{\n  "urls": [\n    "https://example.com/webhook"\n  ],\n  "active": 1\n}'),
        ("completeRegistration", '{\n  "salon_id": 123,\n  "application_id": 77\n}'),
    ],
)
def test_the_explorer_fills_in_what_is_required(name: str, body: Any) -> None:
    (found,) = [one for one in operations(Sandbox(application_id=77)) if one.name == name]
    assert found.body == body


def test_the_page_has_the_tokens_and_asks_for_nothing_outside(http: httpx.Client) -> None:
    answer = http.get("/explorer")
    assert answer.status_code == 200
    assert 'value="partner&#34;&amp;&lt;token"' in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert re.findall(r'(?:src|href)="(?!/|data:,)([^"]*)', answer.text) == []
    assert http.get("/explorer", headers={"Host": "example.com"}).status_code == 403
