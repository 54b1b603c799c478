"""Compare a downloaded copy of the vendor's OpenAPI file with ours: `vendor_diff.py openapi.yaml [--record]`.

It says what the vendor has changed since the facts in vendor-facts.json were taken, and where our description differs
from the file for none of the reasons in vendor-differences.yaml. With `--record`, it takes the facts of this file.
"""

import hashlib
import json
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

HERE = Path(__file__).parent
SPEC, FACTS, DELIBERATE = HERE / "altegio-partner.yaml", HERE / "vendor-facts.json", HERE / "vendor-differences.yaml"
SOURCE = "https://developer.alteg.io/_bundle/en/developers/openapi.yaml"
METHODS = ("get", "post", "put", "patch", "delete")
MAX_DEPTH = 8  # levels of a schema that contains itself

Facts = dict[str, str]


def load(path: Path) -> Any:  # noqa: ANN401  a document
    """Read a YAML or JSON file."""
    return YAML(typ="safe").load(path)


def facts_of(document: Mapping[str, Any]) -> Facts:
    """Return what an OpenAPI document says of each operation and event, one fact a line: where, and what."""
    return dict(_facts(document))


def _facts(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield from _operation(document, re.sub(r"\{\w+\}", "{}", path), method, item)
    for item in document.get("webhooks", {}).values():
        content = _content(document, _resolved(document, item["post"].get("requestBody", {})))
        body = dict(_fields(document, content or {}))
        _, _, words = body.get("resource", "").removesuffix(", required").partition(": ")
        for field, value in body.items():
            yield f"event {words.replace(', ', '|') or 'of the application'}, body {field}", value


def _operation(
    document: Mapping[str, Any], path: str, method: str, item: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    operation = item[method]
    name = f"{method.upper()} {path}"
    servers = operation.get("servers") or item.get("servers") or document.get("servers", [])[:1]
    yield f"{name}, host", servers[0]["url"] if servers else "none"
    schemes = operation.get("security", document.get("security", []))
    yield (
        f"{name}, tokens",
        " and ".join(one for one in ("partner", "user") if one in json.dumps(schemes).lower()) or "none",
    )
    places: dict[str, int] = {}
    for given in [*item.get("parameters", []), *operation.get("parameters", [])]:
        one = _resolved(document, given)
        where = one["in"]
        if where == "header" and one["name"] != "Accept":
            continue  # Authorization and Content-Type are said elsewhere
        places[where] = places.get(where, 0) + 1
        word = "required" if one.get("required") else "optional"
        kind = "" if where == "header" else f"{_type(document, one.get('schema', {}))}, "
        yield f"{name}, {where} {places[where] if where == 'path' else one['name']}", f"{kind}{word}"
    body = _content(document, _resolved(document, operation.get("requestBody", {})))
    for field, value in _fields(document, body or {}):
        yield f"{name}, body {field}", value
    for status, given in operation.get("responses", {}).items():
        content = _content(document, _resolved(document, given))
        is_success = str(status).startswith("2")
        yield f"{name}, answer {status}", "documented" if content or not is_success else "documented, without a body"
        for field, value in _fields(document, content or {}) if is_success else ():
            yield f"{name}, answer {status} {field}", value.removesuffix(", required")


def _content(document: Mapping[str, Any], message: Mapping[str, Any]) -> Mapping[str, Any] | None:
    for media in message.get("content", {}).values():
        return _resolved(document, media.get("schema", {}))
    return None


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference, and put the parts of an `allOf`, or the choices of an `anyOf`, together."""
    while "$ref" in schema:
        found: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    parts = [_resolved(document, one) for word in ("allOf", "anyOf", "oneOf") for one in schema.get(word, ())]
    if not parts:
        return schema
    merged: dict[str, Any] = {**schema, "properties": dict(schema.get("properties", {}))}
    for part in parts:
        merged = {**part, **merged}
        for name, field in part.get("properties", {}).items():
            known = merged["properties"].get(name)
            merged["properties"][name] = {"anyOf": [known, field]} if known not in (None, field) else field
    every = [set(part.get("required", ())) for part in parts]
    required = set.union(*every) if "allOf" in schema else set.intersection(*every)
    words = [word for part in parts for word in _words(part)]
    if words:
        merged["enum"] = list(dict.fromkeys(words))
    return {**merged, "required": sorted(required | set(schema.get("required", ())))}


def _words(schema: Mapping[str, Any]) -> list[Any]:
    return list(schema.get("enum", [schema["const"]] if "const" in schema else []))


def _fields(
    document: Mapping[str, Any], schema: Mapping[str, Any], above: str = "", level: int = 0
) -> Iterator[tuple[str, str]]:
    schema = _resolved(document, schema)
    for name, given in schema.get("properties", {}).items():
        field = _resolved(document, given)
        required = ", required" if name in schema.get("required", ()) else ""
        yield f"{above}{name}", f"{_type(document, field)}{required}"
        inner, mark = (_resolved(document, field["items"]), "[]") if "items" in field else (field, "")
        if level < MAX_DEPTH:
            yield from _fields(document, inner, f"{above}{name}{mark}.", level + 1)


def _type(document: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    schema = _resolved(document, schema)
    words = sorted(map(str, _words(schema)))
    kinds = schema.get("type", "string" if words else "any")
    kind = "|".join(sorted(kinds)) if isinstance(kinds, list) else str(kinds)
    if kind == "array" and "items" in schema:
        kind = f"array of {_type(document, schema['items'])}"
    return f"{kind}: {', '.join(words)}" if words else kind


def differences(ours: Facts, theirs: Facts) -> list[tuple[str, str, str]]:
    """Return where they differ: the place, and what each says, "-" where it says nothing."""
    pairs = [(where, ours.get(where, "-"), theirs.get(where, "-")) for where in sorted({*ours, *theirs})]
    return [one for one in pairs if one[1] != one[2]]


def reason_for(difference: tuple[str, str, str], deliberate: list[dict[str, str]]) -> int | None:
    """Return the number of the first reason in the list that allows the difference, or None."""
    for number, one in enumerate(deliberate):
        patterns = (one["where"], one.get("ours", "*"), one.get("theirs", "*"))
        if all(fnmatchcase(text, pattern) for text, pattern in zip(difference, patterns, strict=True)):
            return number
    return None


def report(ours: Facts, theirs: Facts, known: Facts, deliberate: list[dict[str, str]]) -> list[str]:
    """Return a line for each change and each difference that is not deliberate."""
    before, now = by_operation(known), by_operation(theirs)
    changed = [f"new: {name}" for name in sorted(now.keys() - before.keys())]
    changed += [f"gone: {name}" for name in sorted(before.keys() - now.keys())]
    for name in sorted(before.keys() & now.keys()):
        changed += [
            f"changed: {name}, {at}: was {old}, is {new}" for at, old, new in differences(before[name], now[name])
        ]
    found = {one: reason_for(one, deliberate) for one in differences(ours, theirs)}
    differs = [
        f"differs: {where}: ours {mine}, theirs {its}" for (where, mine, its), why in found.items() if why is None
    ]
    unused = set(range(len(deliberate))) - set(found.values())
    stale = [f"no difference any more: {deliberate[number]['where']}" for number in sorted(unused)]
    return [*changed, *differs, *stale]


def by_operation(facts: Facts) -> dict[str, Facts]:
    """Return the facts of each operation and event."""
    found: dict[str, Facts] = {}
    for where, what in facts.items():
        name, _, place = where.partition(", ")
        found.setdefault(name, {})[place] = what
    return found


def record(facts: Facts, taken: str, file_sha256: str | None, note: str) -> str:
    """Return the text of vendor-facts.json: the facts of each operation, with its digest, the date and where from."""
    operations = {name: {"sha256": digest(one), "facts": one} for name, one in by_operation(facts).items()}
    kept = {"taken": taken, "from": SOURCE, "file_sha256": file_sha256, "note": note, "sha256": digest(facts)}
    return json.dumps({**kept, "operations": dict(sorted(operations.items()))}, indent=1, ensure_ascii=False) + "\n"


def digest(facts: Facts) -> str:
    """Return the SHA-256 of facts, whatever their order."""
    return hashlib.sha256(json.dumps(sorted(facts.items()), ensure_ascii=False).encode()).hexdigest()


def recorded(text: str) -> Facts:
    """Return the facts of the record, or exit: somebody changed them by hand."""
    kept = json.loads(text)
    facts: Facts = {}
    for name, one in kept["operations"].items():
        if digest(one["facts"]) != one["sha256"]:
            sys.exit(f"{FACTS.name} was edited: the facts of {name} do not have its sha256. Restore it, or --record.")
        facts |= {f"{name}, {place}": what for place, what in one["facts"].items()}
    if digest(facts) != kept["sha256"]:
        sys.exit(f"{FACTS.name} was edited: an operation is gone, or was added. Restore it, or --record.")
    return facts


def compare(path: str, *options: str) -> None:
    """Compare, or take the facts of the file."""
    data = Path(path).read_bytes()
    theirs = facts_of(load(Path(path)))
    if options == ("--record",):
        now, note = f"{datetime.now(UTC):%Y-%m-%d}", "Taken from that file by --record."
        FACTS.write_text(record(theirs, now, hashlib.sha256(data).hexdigest(), note))
        return
    text = FACTS.read_text()
    lines = report(facts_of(load(SPEC)), theirs, recorded(text), load(DELIBERATE))
    if lines:
        kept = json.loads(text)
        sys.exit("\n".join([f"Compared with the facts of {kept['taken']}, sha256 {kept['sha256']}:", *lines]))


if __name__ == "__main__":
    compare(*sys.argv[1:])
