"""What the vendor changes is noticed, and what differs on purpose is not."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.repository.checkouts import ROOT, Checkout

sys.path.insert(0, str(ROOT / "spec"))
import vendor_diff

REFERENCE = {"$ref": "#/components/schemas/Cat"}
OURS: dict[str, Any] = {
    "servers": [{"url": "https://a.example"}],
    "security": [{"partnerToken": []}],
    "paths": {
        "/cats/{cat_id}": {
            "parameters": [{"name": "cat_id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {
                "parameters": [
                    {"$ref": "#/components/parameters/Page"},
                    {"name": "Accept", "in": "header", "required": True, "schema": {"type": "string"}},
                    {"name": "Authorization", "in": "header", "required": True, "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {"content": {"application/json": {"schema": REFERENCE}}},
                    "404": {"description": "No such cat."},
                },
            },
            "post": {
                "servers": [{"url": "https://b.example"}],
                "security": [{"partnerAndUserToken": []}],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "anyOf": [
                                    {
                                        "required": ["do"],
                                        "properties": {"do": {"const": "feed"}, "with": {"type": "string"}},
                                    },
                                    {"required": ["do"], "properties": {"do": {"const": "pet"}}},
                                ]
                            }
                        }
                    }
                },
                "responses": {"201": {"description": "Done."}},
            },
        }
    },
    "webhooks": {
        "catEvent": {
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "allOf": [
                                    {"required": ["resource"], "properties": {"resource": {"type": "string"}}},
                                    {"properties": {"resource": {"enum": ["cat"]}, "data": {}}},
                                ]
                            }
                        }
                    }
                }
            }
        }
    },
    "components": {
        "parameters": {"Page": {"name": "page", "in": "query", "schema": {"type": "integer"}}},
        "schemas": {
            "Cat": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": ["string", "null"]},
                    "mood": {"enum": ["hungry", "asleep"]},
                    "kittens": {"type": "array", "items": REFERENCE},
                },
            }
        },
    },
}
PATH = OURS["paths"]["/cats/{cat_id}"]


def test_what_a_document_says() -> None:
    facts = vendor_diff.facts_of(OURS)
    assert {where: what for where, what in facts.items() if where.count("kittens") < 2} == {
        "GET /cats/{}, host": "https://a.example",
        "GET /cats/{}, tokens": "partner",
        "GET /cats/{}, path 1": "integer, required",
        "GET /cats/{}, query page": "integer, optional",
        "GET /cats/{}, header Accept": "required",
        "GET /cats/{}, answer 200": "documented",
        "GET /cats/{}, answer 200 name": "null|string",
        "GET /cats/{}, answer 200 mood": "string: asleep, hungry",
        "GET /cats/{}, answer 200 kittens": "array of object",
        "GET /cats/{}, answer 200 kittens[].name": "null|string",
        "GET /cats/{}, answer 200 kittens[].mood": "string: asleep, hungry",
        "GET /cats/{}, answer 404": "documented",
        "POST /cats/{}, host": "https://b.example",
        "POST /cats/{}, tokens": "partner and user",
        "POST /cats/{}, path 1": "integer, required",
        "POST /cats/{}, body do": "string: feed, pet, required",
        "POST /cats/{}, body with": "string",
        "POST /cats/{}, answer 201": "documented, without a body",
        "event cat, body resource": "string: cat, required",
        "event cat, body data": "any",
    }


def change(edit: Callable[[dict[str, Any]], object]) -> list[str]:
    """Return what is said of a vendor's file that is ours but for an edit."""
    theirs = deepcopy(OURS)
    edit(theirs)
    facts, ours = vendor_diff.facts_of(theirs), vendor_diff.facts_of(OURS)
    lines: list[str] = vendor_diff.report(ours, facts, facts, [])
    return [line for line in lines if line.count("kittens") < 1]


def rename_a_field(it: dict[str, Any]) -> None:
    fields = it["components"]["schemas"]["Cat"]["properties"]
    fields["title"] = fields.pop("name")


def get(it: dict[str, Any]) -> Any:
    return it["paths"]["/cats/{cat_id}"]["get"]


EDITS: list[tuple[Callable[[dict[str, Any]], object], list[str]]] = [
    (
        rename_a_field,
        [
            "differs: GET /cats/{}, answer 200 name: ours null|string, theirs -",
            "differs: GET /cats/{}, answer 200 title: ours -, theirs null|string",
        ],
    ),
    (
        lambda it: it["components"]["schemas"]["Cat"]["properties"].update(age={"type": "integer"}),
        ["differs: GET /cats/{}, answer 200 age: ours -, theirs integer"],
    ),
    (
        lambda it: it["components"]["schemas"]["Cat"]["properties"]["mood"]["enum"].append("playful"),
        ["differs: GET /cats/{}, answer 200 mood: ours string: asleep, hungry, theirs string: asleep, hungry, playful"],
    ),
    (
        lambda it: get(it)["responses"].update({"410": {}}),
        ["differs: GET /cats/{}, answer 410: ours -, theirs documented"],
    ),
    (
        lambda it: get(it).update(servers=[{"url": "https://c.example"}]),
        ["differs: GET /cats/{}, host: ours https://a.example, theirs https://c.example"],
    ),
    (
        lambda it: get(it).update(security=[{"BearerPartnerUser": []}]),
        ["differs: GET /cats/{}, tokens: ours partner, theirs partner and user"],
    ),
    (lambda it: get(it).update(security=[]), ["differs: GET /cats/{}, tokens: ours partner, theirs none"]),
    (
        lambda it: it["components"]["parameters"]["Page"].update(required=True),
        ["differs: GET /cats/{}, query page: ours integer, optional, theirs integer, required"],
    ),
    (
        lambda it: it["paths"].update({"/dogs": {"get": {"responses": {"200": {}}}}}),
        [
            "differs: GET /dogs, answer 200: ours -, theirs documented, without a body",
            "differs: GET /dogs, host: ours -, theirs https://a.example",
            "differs: GET /dogs, tokens: ours -, theirs partner",
        ],
    ),
    (
        lambda it: it["paths"]["/cats/{cat_id}"].pop("post"),
        [
            "differs: POST /cats/{}, answer 201: ours documented, without a body, theirs -",
            "differs: POST /cats/{}, body do: ours string: feed, pet, required, theirs -",
            "differs: POST /cats/{}, body with: ours string, theirs -",
            "differs: POST /cats/{}, host: ours https://b.example, theirs -",
            "differs: POST /cats/{}, path 1: ours integer, required, theirs -",
            "differs: POST /cats/{}, tokens: ours partner and user, theirs -",
        ],
    ),
]


@pytest.mark.parametrize(("edit", "lines"), EDITS)
def test_what_the_vendor_changes_is_said(edit: Callable[[dict[str, Any]], object], lines: list[str]) -> None:
    assert change(edit) == lines


@pytest.mark.parametrize(
    ("edit", "lines"),
    [
        (
            rename_a_field,
            [
                "changed: GET /cats/{}, answer 200 name: was null|string, is -",
                "changed: GET /cats/{}, answer 200 title: was -, is null|string",
            ],
        ),
        (lambda it: it["paths"].update({"/dogs": {"get": {"responses": {"200": {}}}}}), ["new: GET /dogs"]),
        (lambda it: it["paths"]["/cats/{cat_id}"].pop("post"), ["gone: POST /cats/{}"]),
        (lambda it: it.pop("webhooks"), ["gone: event cat"]),
    ],
)
def test_what_has_changed_since_the_record(edit: Callable[[dict[str, Any]], object], lines: list[str]) -> None:
    """Also where ours follows at once, so that nothing differs."""
    theirs = deepcopy(OURS)
    edit(theirs)
    facts, known = vendor_diff.facts_of(theirs), vendor_diff.facts_of(OURS)
    assert [line for line in vendor_diff.report(facts, facts, known, []) if "kittens" not in line] == lines


def test_the_record_has_the_digest_of_each_operation_and_of_all() -> None:
    facts = vendor_diff.facts_of(OURS)
    text = vendor_diff.record(facts, "2026-11-28", None, "")
    assert vendor_diff.recorded(text) == facts
    same = json.loads(text)["operations"]["event cat"]
    written = json.dumps(sorted(same["facts"].items()))
    assert same["sha256"] == hashlib.sha256(written.encode()).hexdigest()
    edited = json.loads(text)
    edited["operations"]["GET /cats/{}"]["facts"]["answer 404"] = "not any more"
    without = json.loads(text)
    del without["operations"]["GET /cats/{}"]
    for wrong, why in ((edited, "the facts of GET /cats/{}"), (without, "an operation is gone")):
        with pytest.raises(SystemExit, match=re.escape(why)):
            vendor_diff.recorded(json.dumps(wrong))


def test_the_record_covers_what_the_vendor_documents() -> None:
    """19 operations that can be called, the one that documents a callback, and 11 events, each in one host's words."""
    text = vendor_diff.FACTS.read_text()
    kept = vendor_diff.by_operation(vendor_diff.recorded(text))
    events = [name for name in kept if name.startswith("event ")]
    assert (len(kept) - len(events), len(events)) == (20, 11)
    for name in kept.keys() - set(events):
        facts = kept[name]
        assert facts["host"].startswith("https://"), name
        assert facts["tokens"] in ("partner", "partner and user", "none"), name
        assert any(place.startswith("answer 2") for place in facts), name
    assert date.fromisoformat(json.loads(text)["taken"]) <= datetime.now(UTC).date()


def test_the_name_of_a_path_parameter_is_not_on_the_wire() -> None:
    theirs = deepcopy(OURS)
    theirs["paths"]["/cats/{location_id}"] = theirs["paths"].pop("/cats/{cat_id}")
    assert vendor_diff.facts_of(theirs) == vendor_diff.facts_of(OURS)


def test_deliberate_differences_are_left_out_and_those_that_are_gone_are_named() -> None:
    ours, theirs = {"a, x": "1", "b, x": "2"}, {"a, x": "9", "b, x": "2", "c, x": "3"}
    deliberate = [{"where": "a, *", "theirs": "9", "why": "."}, {"where": "b, *", "why": "."}]
    assert vendor_diff.report(ours, theirs, theirs, deliberate) == [
        "differs: c, x: ours -, theirs 3",
        "no difference any more: b, *",
    ]


def test_all_differences_of_today_are_deliberate() -> None:
    """And each entry of the list allows one: it has no leftovers."""
    known = vendor_diff.recorded(vendor_diff.FACTS.read_text())
    deliberate = vendor_diff.load(vendor_diff.DELIBERATE)
    ours = vendor_diff.facts_of(vendor_diff.load(vendor_diff.SPEC))
    assert vendor_diff.report(ours, known, known, deliberate) == []
    assert all(one["why"] for one in deliberate)


def test_from_a_file_to_the_facts_that_are_kept(tmp_path: Path) -> None:
    checkout = Checkout.copied_to(tmp_path / "checkout")
    text = vendor_diff.SPEC.read_text()
    document = YAML(typ="safe").load(text)
    document["components"]["schemas"]["City"]["properties"]["name"] = document["components"]["schemas"]["City"][
        "properties"
    ].pop("title")
    written = StringIO()
    YAML(typ="safe").dump(document, written)
    file = tmp_path / "openapi.yaml"
    file.write_text(written.getvalue())

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "spec/generate.py", "--check", str(file), *options]  # as `nox -s drift` does
        return subprocess.run(command, cwd=checkout.folder, capture_output=True, text=True, check=False)

    said = run()
    assert said.returncode == 1
    assert "changed: GET /cities, answer 200 data[].name: was -, is string" in said.stderr
    assert "differs: GET /cities, answer 200 data[].title: ours string, theirs -" in said.stderr
    today = datetime.now(UTC).date()
    assert run("--record").returncode == 0
    kept = json.loads((checkout.folder / "spec" / "vendor-facts.json").read_text())
    assert kept["file_sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert today <= date.fromisoformat(kept["taken"]) <= datetime.now(UTC).date()
    again = run()
    assert "changed: " not in again.stderr
    assert "differs: GET /cities, answer 200 data[].title: ours string, theirs -" in again.stderr
