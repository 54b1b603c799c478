"""Write the methods of both clients from the functions in altegio_partner/operations, for `nox -s generate`.

Each public function there returns a `Call`, and becomes a method of the sync client and one of the async client, with
its signature, docstring and result type. The methods are plain code, so that every tool understands them.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Template

OPERATIONS = Path("altegio_partner/operations")

MODULE = Template('''\
"""The methods of both clients, written by `nox -s generate` from operations/$family.py. Do not edit."""

$imports
from altegio_partner import operations
from altegio_partner.performer import AsyncPerformer, Performer
from altegio_partner.redaction import hide_locals


class ${name}Methods(Performer):
    """The operations of the $family."""
$methods

class Async${name}Methods(AsyncPerformer):
    """The operations of the $family, as coroutines."""
$async_methods''')

METHOD = Template("""
    ${async_}def $name($parameters) -> $result:
$docstring
        with hide_locals():
            call = operations.$family.$name($arguments)
$forget        return ${await_}self.perform(call)
""")


def write(into: Path) -> None:
    """Write a module of methods for each module of operations."""
    into.mkdir(parents=True, exist_ok=True)
    (into / "__init__.py").write_text('"""The methods of both clients, written by `nox -s generate`. Do not edit."""\n')
    for path in sorted(OPERATIONS.glob("*.py")):
        text = path.read_text()
        functions = list(public_functions(ast.parse(text)))
        if functions:
            (into / path.name).write_text(module(path.stem, text, functions))


def public_functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Yield the functions that return a `Call`."""
    for one in tree.body:
        if isinstance(one, ast.FunctionDef) and not one.name.startswith("_") and result_type(one):
            yield one


def result_type(function: ast.FunctionDef) -> str:
    """Return the `T` of the `Call[T]` that a function returns, or nothing."""
    match function.returns:
        case ast.Subscript(value=ast.Name(id="Call"), slice=result):
            return ast.unparse(result)
        case _:
            return ""


def module(family: str, text: str, functions: list[ast.FunctionDef]) -> str:
    """Return the source of the methods that come from the functions of one module."""
    return MODULE.substitute(
        family=family,
        name=family.title().replace("_", ""),
        imports="\n".join(imports(ast.parse(text), functions)),
        methods="".join(method(family, text, one) for one in functions),
        async_methods="".join(method(family, text, one, async_="async ", await_="await ") for one in functions),
    )


def imports(tree: ast.Module, functions: list[ast.FunctionDef]) -> Iterator[str]:
    """Yield the imports of a module that the signatures of the functions need."""
    signatures = [part for one in functions for part in (friendly(one.args), one.returns) if part]
    needed = {name.id for part in signatures for name in ast.walk(part) if isinstance(name, ast.Name)} - {"Call"}
    for line in tree.body:
        if isinstance(line, ast.ImportFrom):
            names = ", ".join(ast.unparse(alias) for alias in line.names if (alias.asname or alias.name) in needed)
            if names:
                yield f"from {'.' * line.level}{line.module} import {names}"


def method(family: str, text: str, function: ast.FunctionDef, async_: str = "", await_: str = "") -> str:
    """Return the source of the method that comes from one function."""
    docstring = ast.get_source_segment(text, function.body[0]) or ""
    arguments = friendly(function.args)
    names = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
    keywords = [one.arg for one in arguments.kwonlyargs]
    return METHOD.substitute(
        async_=async_,
        await_=await_,
        family=family,
        name=function.name,
        parameters=", ".join(filter(None, ["self", ast.unparse(arguments)])),
        result=result_type(function),
        docstring=re.sub(r"^(?=.)", "    ", f"    {docstring}", flags=re.MULTILINE),
        arguments=", ".join(["self._settings", *names, *(f"{name}={name}" for name in keywords)]),
        forget=f"        del {', '.join([*names, *keywords])}\n" if names or keywords else "",
    )


def friendly(arguments: ast.arguments) -> ast.arguments:
    """Return the parameters without the first, which is the settings of the client."""
    return ast.arguments(**{**dict(ast.iter_fields(arguments)), "args": arguments.args[1:]})


if __name__ == "__main__":
    write(Path(sys.argv[1]))
