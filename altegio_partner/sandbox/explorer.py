"""Altegio's API as an OpenAPI description of this sandbox, for tools and for the API explorer."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, cast

from attrs import evolve, frozen

from .json_views import Json
from .sandbox import Sandbox

_API = "/api/v1"
_PLAIN_KEY = re.compile(r"(?!(?:null|true|false|yes|no|on|off|y|n)$)[A-Za-z_$][\w$-]*", re.IGNORECASE)


@frozen
class Field:
    """A parameter of a call, or a field of its body."""

    name: str
    place: str
    """Its place: "path", "query", "header" or "body"."""
    kind: str
    is_required: bool
    description: str
    example: Any


@frozen
class Operation:
    """An operation, as the page shows it."""

    name: str
    family: str
    method: str
    path: str
    summary: str
    description: str
    needs_user: bool
    fields: Sequence[Field]
    body: str
    """An example of the body, as JSON; empty if it has none."""

    @property
    def parameters(self) -> list[Field]:
        """The fields that are not in the body."""
        return [one for one in self.fields if one.place != "body"]


@cache
def _document() -> Any:  # noqa: ANN401  JSON
    return json.loads(files("altegio_partner.sandbox").joinpath("altegio-openapi.json").read_text("utf-8"))


def altegio_openapi(base_url: str) -> str:
    """Return the description in YAML, with the URL of this sandbox, so that tools call it."""
    paths: dict[str, Json] = {
        path: {**item, "servers": [{"url": base_url + _API}]} if "servers" in item else item
        for path, item in _document()["paths"].items()
    }
    return "".join(f"{line}\n" for line in _yaml({**_document(), "servers": [{"url": base_url}], "paths": paths}))


def operations(sandbox: Sandbox) -> list[Operation]:
    """Return all operations, with examples for this sandbox."""
    return [
        _operation(path if "servers" not in item else _API + path, method, described, sandbox)
        for path, item in _document()["paths"].items()
        for method, described in item.items()
        if method in ("get", "post")
    ]


def _operation(path: str, method: str, described: Mapping[str, Any], sandbox: Sandbox) -> Operation:
    fields = [
        Field(
            one["name"], one["in"], _kind(one["schema"]), bool(one.get("required")), one["description"], _example(one)
        )
        for one in map(_resolved, described["parameters"])
    ]
    if "requestBody" in described:
        schema = _first(described["requestBody"]["content"]["application/json"]["schema"])
        fields += [
            Field(
                name, "body", _kind(one), name in schema.get("required", ()), one.get("description", ""), _example(one)
            )
            for name, one in ((name, _first(one)) for name, one in schema["properties"].items())
        ]
    own = {"application_id": sandbox.application_id}
    fields = [evolve(one, example=own.get(one.name, one.example)) for one in fields]
    body = {one.name: one.example for one in fields if one.place == "body" and one.is_required}
    return Operation(
        described["operationId"],
        described["tags"][0],
        method.upper(),
        path,
        described["summary"],
        described["description"],
        any("partnerAndUserToken" in one for one in described.get("security", ())),
        fields,
        json.dumps(body, indent=2, ensure_ascii=False) if body else "",
    )


def _resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in schema:
        return schema
    found = _document()
    for name in schema["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return _resolved({**found, **{name: value for name, value in schema.items() if name != "$ref"}})


def _first(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a schema, or the first of its alternatives."""
    found = _resolved(schema)
    return _first(found["anyOf"][0]) if "anyOf" in found else found


def _kind(schema: Mapping[str, Any]) -> str:
    found = _first(schema)
    return str(found.get("type", "any"))


def _example(described: Mapping[str, Any]) -> Any:  # noqa: ANN401  JSON
    """Return the example of a parameter or field; of an enumeration, the first value."""
    schema = _first(described.get("schema", described))
    for found in (described, schema):
        for name in ("example", "const"):
            if name in found:
                return found[name]
    return schema["enum"][0] if "enum" in schema else ""


def _yaml(value: Json) -> Iterator[str]:
    """Yield the lines of a value in YAML: nested blocks, and strings as in JSON, which YAML reads too."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            first, *rest = _yaml(item)
            name = key if _PLAIN_KEY.fullmatch(key) else json.dumps(key)
            is_block = isinstance(item, (dict, list)) and item
            yield f"{name}:" if is_block else f"{name}: {first}"
            yield from (f"  {line}" for line in ((first, *rest) if is_block else rest))
    elif isinstance(value, list) and value:
        for item in value:
            first, *rest = _yaml(item)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)
    elif isinstance(value, str) and value.endswith("\n") and _is_block(value):
        yield "|"
        yield from value[:-1].split("\n")
    else:
        yield json.dumps(value, ensure_ascii=False)


def _is_block(text: str) -> bool:
    """Return whether the lines of a text, with one end of line after the last, are a block in YAML."""
    lines = text[:-1].split("\n")
    return lines[0][:1].strip() != "" and lines[-1] != "" and all(map(str.isprintable, lines))


def families(found: Sequence[Operation]) -> list[tuple[str, str, list[Operation]]]:
    """Return the operations of each family, with a description of the family."""
    tags = cast(list[dict[str, str]], _document()["tags"])
    return [(tag["name"], tag["description"], [one for one in found if one.family == tag["name"]]) for tag in tags]
