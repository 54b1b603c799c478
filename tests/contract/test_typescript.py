"""A client that openapi-typescript-codegen makes from our description gets a success on every operation."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from altegio_partner.sandbox import OPERATION_NAMES, Sandbox, read_seed
from tests.contract.vendor_commands import ENVIRONMENT

HERE = Path(__file__).parent
SPEC = HERE.parents[1] / "spec" / "altegio-partner.yaml"
PACKAGES = Path(sys.prefix) / "lib" / "node_modules"  # where `nox -s sandbox` installs them
TYPESCRIPT = ["--strict", "--target", "es2022", "--lib", "es2022,dom", "--module", "commonjs", "--esModuleInterop"]
SEED = b'{"locations": [{"salon_id": 123, "status": "pending"}, {"salon_id": 456, "status": "pending"}]}'


def run(*command: str, folder: Path) -> str:
    """Run a program, of which those that npm has installed are beside Python, and return its output."""
    ran = subprocess.run(
        command, cwd=folder, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


def installed(program: str) -> str:
    return str(Path(sys.executable).with_name(program))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generate the client, and compile it with the program that uses it: the types must fit too."""
    folder = tmp_path_factory.mktemp("typescript")
    (folder / "node_modules").symlink_to(PACKAGES)
    options = ["--output", "client", "--client", "axios", "--useOptions"]  # fetch cannot send the body of a GET
    run(installed("openapi"), "--input", str(SPEC), *options, folder=folder)
    (folder / "program.ts").write_bytes((HERE / "every_operation.ts").read_bytes())
    run(installed("tsc"), *TYPESCRIPT, "--skipLibCheck", "program.ts", folder=folder)
    return folder / "program.js"


@pytest.mark.parametrize(("redirects", "registered"), [(True, 301), (False, {"success": True})])
def test_every_operation(program: Path, redirects: bool, registered: object) -> None:
    sandbox = Sandbox(redirects=redirects)
    sandbox.load_seed(read_seed(SEED))
    with sandbox.serve() as url:
        tokens = sandbox.partner_token, sandbox.user_token
        found: dict[str, Any] = json.loads(run("node", str(program), url, *tokens, folder=program.parent))
    assert {call.operation for call in sandbox.calls} == set(OPERATION_NAMES)
    others = {call.operation: call.response.status for call in sandbox.calls if call.response.status != 200}
    assert others == {
        **({"complete_registration": 301} if redirects else {}),
        "activate": 201,
        "set_sms_sender_names": 201,
        "send_voip_command": 202,
        "update_webhook_settings": 201,
    }
    assert found.pop("completeRegistration") == registered
    assert [name for name, answer in found.items() if isinstance(answer, int)] == []  # the status of an error
    assert found["notifyPayment"]["data"]["id"] == sandbox.payments(123)[-1].id
    assert found["getInstallation"]["data"]["connection_status"]["status"] == "active"
    assert [one["id"] for one in found["listLocations"]["data"]] == [123, 456]
    assert found["updateWebhookSettings"]["data"]["urls"] == ["https://example.com/webhook"]
    assert [one["type"] for one in found["listCalls"]["data"]] == ["outgoing"]
    assert found["listCities"]["data"][0]["country_id"] == 7


def test_every_operation_needs_the_accept_header_that_the_description_has(program: Path) -> None:
    """Without what the client takes from it, the same program is refused: so nothing else makes it succeed."""
    generated = program.parent / "client" / "models" / "AcceptedMediaType.js"
    text = generated.read_text()
    generated.write_text(text.replace("application/vnd.api.v2+json", "text/html"))
    try:
        sandbox = Sandbox()
        sandbox.load_seed(read_seed(SEED))
        with sandbox.serve() as url, pytest.raises(AssertionError, match="ApiError"):
            run("node", str(program), url, sandbox.partner_token, sandbox.user_token, folder=program.parent)
    finally:
        generated.write_text(text)
    assert {call.response.status for call in sandbox.calls} == {403}
