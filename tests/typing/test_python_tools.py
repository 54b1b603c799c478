"""What tools see that read classes and their methods: mocks, type hints, subclasses, editors."""

import asyncio
import importlib
import inspect
import json
import pydoc
import subprocess
import sys
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol
from unittest import mock

import jedi
import pytest
from attrs import define, field

from altegio_partner import AsyncPartnerClient, Installation, PartnerClient
from altegio_partner.sandbox import Sandbox
from tests.callers import PAYMENT

CLIENTS = [PartnerClient, AsyncPartnerClient]
ARGUMENTS: dict[str, dict[str, Any]] = {
    "complete_registration": {"salon_id": 1, "webhook_urls": []},
    "notify_payment": PAYMENT,
    "notify_refund": {"payment_id": 5},
    "get_installation": {"salon_id": 1},
    "reconcile": {"idempotency_key": "invoice-1"},
    "perform": {},
}


def public(of: object) -> Iterator[str]:
    return (name for name in dir(of) if not name.startswith("_"))


# Mocks


def assert_mocked(mocked: Any, kind: type[Any]) -> None:
    """Each method is there, takes what the real one takes and nothing else, and is awaited where the real one is."""
    for name, arguments in ARGUMENTS.items():
        given = ["a call"] if name == "perform" else []
        result = getattr(mocked, name)(*given, **arguments)
        assert inspect.isawaitable(result) is (kind is AsyncPartnerClient)
        if inspect.iscoroutine(result):
            result.close()
        with pytest.raises(TypeError):
            getattr(mocked, name)(*given, **arguments, unknown=1)
    with pytest.raises(AttributeError):
        mocked.notify_refunds(5)


@pytest.mark.parametrize("kind", CLIENTS)
def test_autospec(kind: type[Any]) -> None:
    assert_mocked(mock.create_autospec(kind, instance=True), kind)
    assert_mocked(mock.create_autospec(kind)("fake", application_id=1), kind)
    assert_mocked(mock.create_autospec(kind("fake", application_id=1)), kind)
    with pytest.raises(TypeError):
        mock.create_autospec(kind)(token="fake")


@pytest.mark.parametrize("kind", CLIENTS)
def test_a_patched_method_is_called_with_the_client(kind: type[Any]) -> None:
    client = kind("fake", application_id=1)
    with mock.patch.object(kind, "notify_refund", autospec=True) as patched:
        result = client.notify_refund(5)
        if inspect.iscoroutine(result):
            result.close()
    assert patched.call_args == mock.call(client, 5)


# Type hints


MODULES = ["altegio_partner", "altegio_partner.incoming", "altegio_partner.ledger",
           "altegio_partner.rate_limit", "altegio_partner.sandbox"]  # fmt: skip


def public_callables() -> Iterator[tuple[str, Callable[..., object]]]:
    for module in map(importlib.import_module, MODULES):
        for name in module.__all__:
            one = getattr(module, name)
            if inspect.isclass(one):
                yield f"{name}.__init__", one.__init__
                for member in public(one):
                    method = inspect.getattr_static(one, member)
                    method = method.fget if isinstance(method, property) else inspect.unwrap(getattr(one, member))
                    if inspect.isfunction(method) or inspect.ismethod(method):
                        yield f"{name}.{member}", method
            elif inspect.isfunction(one):
                yield name, one


CALLABLES = dict(public_callables())


@pytest.mark.parametrize("name", CALLABLES)
def test_type_hints_resolve(name: str) -> None:
    hints = typing.get_type_hints(CALLABLES[name])
    assert set(hints) >= {*inspect.get_annotations(CALLABLES[name])}


def test_all_is_looked_at() -> None:
    assert {"PartnerClient.__init__", "AsyncPartnerClient.notify_payment", "Ledger.close", "Sandbox.connect"} <= {
        *CALLABLES
    }


@pytest.mark.parametrize("kind", CLIENTS)
def test_type_hints_of_the_clients_and_their_results(kind: type[Any]) -> None:
    assert typing.get_type_hints(kind.get_installation) == {"salon_id": int, "return": Installation}
    assert typing.get_type_hints(kind.notify_refund)["return"] is type(None)
    assert typing.get_type_hints(kind)
    assert inspect.signature(kind, eval_str=True).parameters["timeout"].annotation is float


# Subclasses and protocols


class Refunds(Protocol):
    def notify_refund(self, payment_id: int) -> None: ...


class Counting(PartnerClient):
    refunds = 0

    def notify_refund(self, payment_id: int) -> None:
        self.refunds += 1
        super().notify_refund(payment_id)


class AsyncCounting(AsyncPartnerClient):
    refunds = 0

    async def notify_refund(self, payment_id: int) -> None:
        self.refunds += 1
        await super().notify_refund(payment_id)


def test_a_subclass_extends_a_method() -> None:
    sandbox = Sandbox()
    sandbox.connect(123)
    options: dict[str, Any] = {
        "application_id": sandbox.application_id,
    }
    with Counting(sandbox.partner_token, transport=sandbox.transport(), **options) as client:
        client.complete_registration(salon_id=123)
        refunds: Refunds = client
        refunds.notify_refund(client.notify_payment(**PAYMENT))
        assert client.refunds == 1

    async def refund() -> None:
        async with AsyncCounting(sandbox.partner_token, transport=sandbox.transport(), **options) as client:
            await client.notify_refund(await client.notify_payment(**PAYMENT))
            assert client.refunds == 1

    asyncio.run(refund())
    assert [payment.is_refunded for payment in sandbox.installation(123).payments] == [True, True]


@pytest.mark.parametrize("kind", CLIENTS)
@pytest.mark.parametrize("method", [name for name in ARGUMENTS if name != "perform"])
def test_help(kind: type[Any], method: str) -> None:
    function = getattr(kind, method)
    assert inspect.isfunction(function)
    assert function.__qualname__.endswith(f"Methods.{method}")
    assert inspect.getsource(function)
    twin = getattr(PartnerClient if kind is AsyncPartnerClient else AsyncPartnerClient, method)
    assert inspect.getdoc(function) == inspect.getdoc(twin)
    assert inspect.signature(function) == inspect.signature(twin)
    assert (inspect.getdoc(function) or "none").splitlines()[0] in pydoc.plain(pydoc.render_doc(function))


# Editors


SYNC = """\
from altegio_partner import PartnerClient

client = PartnerClient()
installation = client.get_installation(salon_id=1)
payment = installation.payments[0]
client.get_installation(salon_id=1).p
client.notify_p
"""
AWAITED = """\
from altegio_partner import AsyncPartnerClient

async def main(client: AsyncPartnerClient) -> None:
    installation = await client.get_installation(salon_id=1)
    payment = installation.payments[0]
    (await client.get_installation(salon_id=1)).p
    client.notify_p
"""
BOTH = pytest.mark.parametrize("code", [SYNC, AWAITED], ids=["plain", "awaited"])
METHODS = Path(inspect.getfile(PartnerClient.get_installation))


def place(code: str, text: str, offset: int = 0) -> tuple[int, int]:
    """Return the line, from 0, and the column of the end of that text, or some characters before."""
    before = code[: code.index(text) + len(text) + offset]
    return before.count("\n"), len(before) - before.rfind("\n") - 1


def attribute(code: str) -> str:
    """Return where an attribute of the result is being typed."""
    return "salon_id=1)).p" if "await" in code else "salon_id=1).p"


def definition_line(code: str) -> int:
    """Return the line, from 0, of the method's definition."""
    client = AsyncPartnerClient if "await" in code else PartnerClient
    return inspect.getsourcelines(client.get_installation)[1] - 1


@BOTH
def test_jedi(code: str) -> None:
    script = jedi.Script(code)

    def at(text: str, offset: int = 0) -> tuple[int, int]:
        line, column = place(code, text, offset)
        return line + 1, column

    assert [one.name for one in script.complete(*at(attribute(code)))] == ["payments"]
    assert [one.name for one in script.complete(*at("client.notify_p"))] == ["notify_payment"]
    assert [one.name for one in script.infer(*at("installation", -1))] == ["Installation"]
    (found,) = script.goto(*at("client.get_inst"), follow_imports=True)
    assert (found.module_path, found.line) == (METHODS, definition_line(code) + 1)
    (hovered,) = script.help(*at("client.get_inst"))
    assert "Altegio calls it the status of the application" in hovered.docstring()
    (signature,) = script.get_signatures(*at("get_installation("))
    assert signature.to_string() == "get_installation(*, salon_id: int) -> Installation"


@BOTH
def test_pyright_reveals_the_types(code: str, tmp_path: Path) -> None:
    lines = [line for line in code.splitlines() if not line.endswith((").p", "notify_p"))]
    indent = "    " if "await" in code else ""
    lines.append(f"{indent}reveal_type(installation), reveal_type(payment), reveal_type(client.notify_payment)")
    (tmp_path / "use.py").write_text("\n".join(lines))
    (tmp_path / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    said = [one["message"] for one in json.loads(ran.stdout)["generalDiagnostics"] if one["severity"] == "information"]
    result = "CoroutineType[Any, Any, int]" if indent else "int"
    assert said == [
        'Type of "installation" is "Installation"',
        'Type of "payment" is "RecordedPayment"',
        'Type of "client.notify_payment" is "(*, salon_id: int, payment_sum: Decimal | int | str, currency_iso: str, '
        "payment_date: datetime, period_from: datetime, period_to: datetime, idempotency_key: str | None = None) -> "
        f'{result}"',
    ]


@define
class Editor:
    """Speaks with a language server, as editors do."""

    server: "subprocess.Popen[bytes]"
    root: Path
    number: int = field(default=0, init=False)

    def ask(self, method: str, **params: object) -> Any:
        self.number += 1
        self.send(id=self.number, method=method, params=params)
        while True:
            message = self.receive()
            if message.get("id") == self.number and "method" not in message:
                return message["result"]
            if message.get("method") == "workspace/configuration":
                answers = [{"pythonPath": sys.executable} if one.get("section") == "python" else None
                           for one in message["params"]["items"]]  # fmt: skip
                self.send(id=message["id"], result=answers)
            elif "id" in message:
                self.send(id=message["id"], result=None)

    def send(self, **message: object) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.server.stdin
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.server.stdin.flush()

    def receive(self) -> dict[str, Any]:
        assert self.server.stdout
        length = 0
        while line := self.server.stdout.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        message: dict[str, Any] = json.loads(self.server.stdout.read(length))
        return message

    def at(self, code: str, text: str, offset: int = 0) -> dict[str, object]:
        line, character = place(code, text, offset)
        uri = (self.root / "use.py").as_uri()
        return {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    root = tmp_path_factory.mktemp("editor")
    command = [sys.executable, "-m", "pyright.langserver", "--stdio"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        editor = Editor(server, root)
        try:
            folders = [{"uri": root.as_uri(), "name": "editor"}]
            capabilities = {"workspace": {"configuration": True, "workspaceFolders": True}}
            editor.ask("initialize", processId=None, rootUri=root.as_uri(), capabilities=capabilities,
                       workspaceFolders=folders)  # fmt: skip
            editor.send(method="initialized", params={})
            yield editor
            editor.ask("shutdown")
            editor.send(method="exit")
        finally:
            server.kill()


@BOTH
def test_pyright_in_an_editor(editor: Editor, code: str) -> None:
    uri = (editor.root / "use.py").as_uri()
    document = {"uri": uri, "languageId": "python", "version": 1, "text": code}
    editor.send(method="textDocument/didOpen", params={"textDocument": document})
    offered = editor.ask(
        "textDocument/completion", **editor.at(code, "salon_id=1)).p" if "await" in code else "salon_id=1).p")
    )
    assert [one["label"] for one in offered["items"] if not one["label"].startswith("__")] == ["payments"]
    offered = editor.ask("textDocument/completion", **editor.at(code, "client.notify_p"))
    assert "notify_payment" in [one["label"] for one in offered["items"]]
    hovered = json.dumps(editor.ask("textDocument/hover", **editor.at(code, "client.get_inst")))
    assert "-> Installation" in hovered or "CoroutineType[Any, Any, Installation]" in hovered
    assert "Altegio calls it the status of the application" in hovered
    (found,) = editor.ask("textDocument/definition", **editor.at(code, "client.get_inst"))
    assert found["uri"] == METHODS.as_uri()
    assert found["range"]["start"]["line"] == definition_line(code)
    editor.send(method="textDocument/didClose", params={"textDocument": {"uri": uri}})
