"""The sandbox serves the spec in YAML: what is read there is the spec, but for its servers."""

from typing import Any

import httpx
from ruamel.yaml import YAML

from altegio_partner.sandbox import Sandbox
from tests.repository.checkouts import ROOT


def without_servers(document: Any) -> Any:
    paths = {
        path: {name: value for name, value in item.items() if name != "servers"}
        for path, item in document["paths"].items()
    }
    return {**document, "servers": None, "paths": paths}


def test_the_description_is_the_spec() -> None:
    yaml = YAML(typ="safe", pure=True)
    with Sandbox().serve() as url:
        served = yaml.load(httpx.get(f"{url}/openapi.yaml", trust_env=False).text)
    spec = yaml.load(ROOT / "spec" / "altegio-partner.yaml")
    assert without_servers(served) == without_servers(spec)
    assert [path for path, item in served["paths"].items() if "servers" in item] == [
        path for path, item in spec["paths"].items() if "servers" in item
    ]
