"""Write the methods of both clients from the functions in altegio_partner/operations, for `nox -s generate`.

Each public function there returns a `Call`, or a `Walk` through the pages of a list, and becomes a method of the sync
client and one of the async client, with its signature, docstring and result type. The methods are plain code, so that
every tool understands them.
"""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template

OPERATIONS = Path("altegio_partner/operations")
RESULTS = ("Call", "Walk")

CLIENT = "marketplace"  # the family whose methods are the client's own; the others are attributes of it
HEADER = '"""The methods of both clients, written by `nox -s generate` from operations/$family.py. Do not edit."""'

MODULE = Template(
    HEADER
    + '''

$imports
from altegio_partner import $packages
from altegio_partner.operations.performer import AsyncPerformer, $base
from altegio_partner.redaction import hide_locals


class ${name}Methods($plain_base):
    """$words"""
$families$methods

class Async${name}Methods($async_base):
    """$words As coroutines."""
$async_families$async_methods'''
)

METHOD = Template("""
    ${async_}def $name($parameters) -> $result:
$docstring
        with hide_locals():
            call = operations.$family.$name($arguments)
$forget        return ${await_}$client.perform(call)
""")

ITERATOR = Template("""
    def $name($parameters) -> $result:
$docstring
        with hide_locals():
            walk = operations.$family.$name($arguments)
$forget        return walk.$items($client.perform)
""")

FAMILY = Template('''
    @property
    def $family(self) -> "methods.$family.${name}Methods":
        """$words"""
        return methods.$family.${name}Methods(self._settings, self)
''')

PACKAGE = Template('''\
"""The methods of both clients, written by `nox -s generate`, never edited. A family is imported on first use."""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from altegio_partner.late_imports import late_imports

if TYPE_CHECKING:
    from . import $families
else:

    def __getattr__(name: str) -> ModuleType:
        if name in __all__:
            with late_imports:
                return import_module(f"{__name__}.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = $names
''')


def write(into: Path) -> None:
    """Write a module of methods for each module of operations."""
    texts = {path.stem: path.read_text() for path in sorted(OPERATIONS.glob("*.py"))}
    families = {family: text for family, text in texts.items() if any(public_functions(ast.parse(text)))}
    package = PACKAGE.substitute(families=", ".join(families), names=json.dumps(list(families)))
    (into / "__init__.py").write_text(package)
    for family, text in families.items():
        others = {name: words(text) for name, text in families.items() if name != CLIENT} if family == CLIENT else {}
        (into / f"{family}.py").write_text(module(family, text, others))


def public_functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Yield the functions that describe a call, or a list that takes several."""
    for one in tree.body:
        if isinstance(one, ast.FunctionDef) and not one.name.startswith("_") and result_type(one)[0] in RESULTS:
            yield one


def result_type(function: ast.FunctionDef) -> tuple[str, str]:
    """Return "Call" and "T" of the `Call[T]` that a function returns, or likewise of a `Walk[T]`, or nothing."""
    match function.returns:
        case ast.Subscript(value=ast.Name(id=kind), slice=result):
            return kind, ast.unparse(result)
        case _:
            return "", ""


def module(family: str, text: str, others: Mapping[str, str]) -> str:
    """Return the source of the methods that come from the functions of one module; `others` are families, in words."""
    functions = list(public_functions(ast.parse(text)))
    name, is_client = title(family), family == CLIENT
    return MODULE.substitute(
        family=family,
        name=name,
        words=words(text),
        packages="methods, operations" if others else "operations",
        base="Performer" if is_client else "Family, Performer",
        plain_base="Performer" if is_client else "Family[Performer]",
        async_base="AsyncPerformer" if is_client else "Family[AsyncPerformer]",
        imports="\n".join(imports(ast.parse(text), functions)),
        families="".join(FAMILY.substitute(family=one, name=title(one), words=it) for one, it in others.items()),
        async_families="".join(
            FAMILY.substitute(family=one, name=f"Async{title(one)}", words=it) for one, it in others.items()
        ),
        methods="".join(method(family, text, one) for one in functions),
        async_methods="".join(method(family, text, one, is_async=True) for one in functions),
    )


def title(family: str) -> str:
    """Return the name of a family as its class has it."""
    return family.title().replace("_", "")


def words(text: str) -> str:
    """Return the first line of what a module says of itself."""
    return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]


def imports(tree: ast.Module, functions: list[ast.FunctionDef]) -> Iterator[str]:
    """Yield the imports of a module that the signatures of the functions need."""
    signatures = [part for one in functions for part in (friendly(one.args), one.returns) if part]
    needed = {name.id for part in signatures for name in ast.walk(part) if isinstance(name, ast.Name)} - set(RESULTS)
    if any(result_type(one)[0] == "Walk" for one in functions):
        yield "from collections.abc import AsyncIterator, Iterator"
    for line in tree.body:
        if isinstance(line, ast.ImportFrom):
            names = ", ".join(ast.unparse(alias) for alias in line.names if (alias.asname or alias.name) in needed)
            if names:
                yield f"from {'.' * line.level}{line.module} import {names}"


def method(family: str, text: str, function: ast.FunctionDef, *, is_async: bool = False) -> str:
    """Return the source of the method that comes from one function."""
    docstring = ast.get_source_segment(text, function.body[0]) or ""
    arguments = friendly(function.args)
    names = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
    keywords = [one.arg for one in arguments.kwonlyargs]
    kind, result = result_type(function)
    iterator = "AsyncIterator" if is_async else "Iterator"
    return (ITERATOR if kind == "Walk" else METHOD).substitute(
        async_="async " if is_async else "",
        await_="await " if is_async else "",
        items="items_async" if is_async else "items",
        client="self" if family == CLIENT else "self._client",
        family=family,
        name=function.name,
        parameters=", ".join(filter(None, ["self", ast.unparse(arguments)])),
        result=f"{iterator}[{result}]" if kind == "Walk" else result,
        docstring=re.sub(r"^(?=.)", "    ", f"    {docstring}", flags=re.MULTILINE),
        arguments=", ".join(["self._settings", *names, *(f"{name}={name}" for name in keywords)]),
        forget=f"        del {', '.join([*names, *keywords])}\n" if names or keywords else "",
    )


def friendly(arguments: ast.arguments) -> ast.arguments:
    """Return the parameters without the first, which is the settings of the client."""
    return ast.arguments(**{**dict(ast.iter_fields(arguments)), "args": arguments.args[1:]})
