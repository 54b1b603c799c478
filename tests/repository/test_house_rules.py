"""What CONTRIBUTING says of the code as a whole."""

import ast
import subprocess
import sys
from pathlib import Path

import altegio_partner_api.models
from attrs import fields as attrs_fields
from attrs import has

import altegio_partner
from tests.repository.checkouts import ROOT


def test_the_core_is_small() -> None:
    values = {"dates.py", "ids.py", "installation.py", "money.py", "urls.py"}  # grow with the API
    files = [path for path in (ROOT / "altegio_partner").glob("*.py") if path.name not in {"__init__.py", *values}]
    size = sum(1 for path in files for line in path.read_text().splitlines() if line.strip())
    assert size <= 1030, f"the core has {size} lines, and CONTRIBUTING allows 1,030"


def test_no_function_of_the_core_is_long() -> None:
    for path in _core():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                words = ast.get_docstring(node, clean=False) or ""
                length = (node.end_lineno or 0) - node.lineno - words.count("\n")
                assert length < 50, f"{path.name}: {node.name}"


def test_every_operation_is_short() -> None:
    lengths: dict[str, int] = {}
    for path in (ROOT / "altegio_partner" / "operations").glob("*.py"):
        functions = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
        for one in functions:
            result = ast.unparse(one.returns) if one.returns else ""
            if result.startswith(("Call[", "Walk[")) and not one.name.startswith("_"):
                lengths[f"{path.stem}.{one.name}"] = (one.end_lineno or 0) - one.body[1].lineno + 1  # no docstring
    assert "marketplace.notify_payment" in lengths
    assert {name: length for name, length in lengths.items() if length > 12} == {}


def _core() -> list[Path]:
    return [*(ROOT / "altegio_partner").glob("*.py"), *(ROOT / "altegio_partner" / "transport").glob("*.py")]


def test_the_core_imports_nothing_of_what_goes_beyond_it() -> None:
    code = "import sys, altegio_partner; print(*[name for name in sys.modules if name.startswith('altegio_partner')])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imported = {name.split(".")[1] for name in ran.stdout.split() if "." in name}
    core = {path.stem for path in (ROOT / "altegio_partner").glob("*.py")} - {"__init__"}
    assert imported <= core | {"methods", "operations", "transport", "values"}
    assert "altegio_partner_api" not in ran.stdout  # nor what is generated: its import takes as long as all of these
    lazy = ("operations.marketplace", "methods.voip", "methods.webhooks", "methods.dictionaries", "values.webhooks")
    assert not {f"altegio_partner.{name}" for name in lazy} & set(ran.stdout.split())


def test_what_is_generated_is_imported_with_the_first_call() -> None:
    code = """
import sys, altegio_partner, httpx
ok = httpx.MockTransport(lambda _: httpx.Response(200))
altegio_partner.PartnerClient("fake", application_id=1, transport=ok).notify_refund(5)
print(*[name for name in sys.modules if name in ("altegio_partner_api", "altegio_partner.ledger", "sqlalchemy")])
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["altegio_partner_api"]


def test_no_private_name_of_httpx_httpcore_h11_or_anyio_is_touched() -> None:
    """Of another object's names that begin with an underscore, there are those of the generated package only."""
    for path in _core():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
                owner = ast.unparse(node.value)
                assert owner in ("self", "cls", "super()"), f"{path.name}: {ast.unparse(node)}"


def test_nothing_generated_is_public() -> None:
    public = [getattr(altegio_partner, name) for name in altegio_partner.__all__]
    modules = {one.__module__ for one in public if isinstance(one, type)}
    assert {module for module in modules if not module.startswith("altegio_partner.values.")} == {
        "altegio_partner.call", "altegio_partner.client", "altegio_partner.errors", "altegio_partner.installation",
        "altegio_partner.transport.http_transport",
    }  # fmt: skip


def test_values_have_the_names_of_the_spec() -> None:
    """Of a field that Altegio renames, the spec says so, and this the value that has to follow."""
    fields: dict[str, set[str]] = {}
    for name, model in vars(altegio_partner_api.models).items():
        if isinstance(model, type) and has(model):
            fields[name.removeprefix("Voip")] = {field.name.rstrip("_") for field in attrs_fields(model)}
    own = {"events"}  # is what several fields say
    for name in altegio_partner.__all__:
        value = getattr(altegio_partner, name)
        if (
            getattr(value, "__module__", "").startswith("altegio_partner.values.")
            and value is not altegio_partner.Accepted
        ):
            named = set(getattr(value, "__annotations__", {})) - own - {"raw"}
            assert named <= fields[name.removeprefix("Voip")], name
    for value, model in (
        (altegio_partner.Installation, "ConnectionStatus"),
        (altegio_partner.RecordedPayment, "InstallationPayment"),
        (altegio_partner.StatusChange, "InstallationLog"),
    ):
        assert set(value.__annotations__) - {"payments", "log", "raw"} <= fields[model], model


def test_the_names_of_paths_and_fields_are_in_the_spec_only() -> None:
    package = ROOT / "altegio_partner"
    for path in [*package.glob("*.py"), *(package / "operations").glob("*.py")]:
        code = path.read_text()
        assert '"/marketplace' not in code
        assert "'/marketplace" not in code
