"""The sandbox, tested by independent clients: schemathesis, and the curl commands of the vendor's page."""

import json
import re
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import reduce
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import evolve

from altegio_partner.sandbox import OPERATION_NAMES, OperationName, Request, Response, Sandbox, Seed, read_seed
from altegio_partner.sandbox.endpoints import operation_of
from tests.contract.vendor_commands import ENVIRONMENT, PAYMENT, REFUND_OF_123, REGISTRATION, run_command

HERE = Path(__file__).parent
SPEC = HERE.parents[1] / "spec" / "altegio-partner.yaml"

ACTIVATE = "/marketplace/partner/callback"
REGISTER = f"{ACTIVATE}/redirect"
PAY = "/marketplace/partner/payment"
REFUND = "/marketplace/partner/payment/refund/"
ONLY_REGISTRATIONS = ("--include-operation-id", "completeRegistration")
PAYMENTS = ("notifyPayment", "notifyRefund", "getInstallation")
ONLY_PAYMENTS = tuple(word for name in PAYMENTS for word in ("--include-operation-id", name))
OTHER_TAGS = ("webhooks", "voip", "dictionaries")
OTHER_FAMILIES = tuple(word for name in OTHER_TAGS for word in ("--include-tag", name))
OTHER_MARKETPLACE = (
    "--include-tag",
    "marketplace",
    *(word for name in (*PAYMENTS, "completeRegistration") for word in ("--exclude-operation-id", name)),
)
QUICKLY = ("--phases", "examples,coverage")


class CountingSandbox(Sandbox):
    """Counts responses. Location 123 is pending before each registration, and active before each other call."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.answered: Counter[tuple[str, int]] = Counter()
        self.operations: Counter[tuple[OperationName, int]] = Counter()

    def answer(self, request: Request) -> Response:
        status = self.installation(123).status
        if request.path in (REGISTER, ACTIVATE):
            if status != "uninstalled":
                self.uninstall(123)
            self.connect(123)
        elif status != "active" and self.installation(123).logs:
            self.connect(123)
            self.register(123)
        response = super().answer(request)
        operation = REFUND if request.path.startswith(REFUND) else request.path
        if re.fullmatch("/marketplace/salon/[0-9]+/application/[0-9]+", request.path):
            operation = "status"
        elif request.method != "POST":
            operation = "other methods"
        self.answered[operation, response.status] += 1
        if found := operation_of(request.method, request.path):
            self.operations[found[0], response.status] += 1
        return response

    def statuses(self, operation: str) -> set[int]:
        return {status for name, status in self.answered if name == operation}


def hundred_payments() -> Seed:
    """A location with a hundred payments, and the other one of the spec's examples."""
    location = {"salon_id": 123, "status": "active", "payments": [{"payment_sum": 990.99}] * 100}
    return read_seed(json.dumps({"locations": [location, {"salon_id": 456, "status": "active"}]}).encode())


def run_schemathesis(sandbox: Sandbox, folder: Path, *options: str, prefix: str = "") -> tuple[int, str]:
    """Run schemathesis against the sandbox over HTTP, and return its exit code and output.

    It has one address for all operations, so those of the other host, which has a prefix, are a run of their own.
    """
    config = ["--config-file", str(HERE / "schemathesis.toml")]
    with sandbox.serve() as url:
        ran = subprocess.run(
            [
                sys.executable,
                "-m",
                "schemathesis.cli",
                *config,
                "run",
                str(SPEC),
                "--url",
                url + prefix,
                "--no-color",
                *options,
            ],
            cwd=folder,
            env={
                **ENVIRONMENT,
                "ALTEGIO_PARTNER_TOKEN": sandbox.partner_token,
                "ALTEGIO_USER_TOKEN": sandbox.user_token,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
    return ran.returncode, ran.stdout


@pytest.mark.parametrize(("redirects", "success"), [(True, 301), (False, 200)])
def test_registrations_conform_to_the_spec(redirects: bool, success: int, tmp_path: Path) -> None:
    sandbox = CountingSandbox(redirects=redirects)
    code, output = run_schemathesis(sandbox, tmp_path, *ONLY_REGISTRATIONS)
    assert code == 0, output
    assert sandbox.statuses(REGISTER) == {success, 400, 401, 403, 422}
    assert sandbox.answered[REGISTER, success] >= 40
    assert sandbox.answered[REGISTER, 422] >= 40
    assert sandbox.statuses("other methods") == {404, 405}  # 404 is from its probe for path handling


def test_payments_and_refunds_conform_to_the_spec(tmp_path: Path) -> None:
    sandbox = CountingSandbox()
    sandbox.load_seed(hundred_payments())
    code, output = run_schemathesis(sandbox, tmp_path, *ONLY_PAYMENTS, "--max-examples", "150")
    assert code == 0, output
    assert "API Links:    1 covered" in output  # it refunds a payment that it reported
    assert sandbox.statuses(PAY) == {200, 400, 401, 403, 422}
    assert sandbox.statuses(REFUND) >= {200, 401, 422}
    assert sandbox.answered["status", 200] >= 40
    assert sandbox.statuses("status") == {200, 401, 403, 404, 405}  # 403: without Accept
    assert sandbox.answered[PAY, 200] >= 100
    assert sandbox.answered[PAY, 422] + sandbox.answered[PAY, 403] >= 100  # 403: a wrong Accept, which the spec has too
    assert sandbox.answered[REFUND, 200] >= 30
    payments = sandbox.payments(123)
    assert len(payments) == 100 + sandbox.answered[PAY, 200]
    assert sum(payment.is_refunded for payment in payments) == sandbox.answered[REFUND, 200]
    assert {Decimal(0), Decimal("990.99"), Decimal(10**12)} < {payment.payment_sum for payment in payments}


def test_all_other_calls_conform_to_the_spec(tmp_path: Path) -> None:
    sandbox = CountingSandbox()
    sandbox.load_seed(hundred_payments())
    for options, prefix in ((OTHER_MARKETPLACE, ""), (OTHER_FAMILIES, "/api/v1")):
        code, output = run_schemathesis(sandbox, tmp_path, *options, "--max-examples", "20", prefix=prefix)
        assert code == 0, output
    succeeded = {call for call, status in sandbox.operations if status < 300}
    tested_above = {"complete_registration", "notify_payment", "notify_refund", "get_installation"}
    assert succeeded == set(OPERATION_NAMES) - tested_above


def test_rate_limited_calls_conform_to_the_spec(tmp_path: Path) -> None:
    sandbox = CountingSandbox(rate_limits=True)
    only = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
    code, output = run_schemathesis(sandbox, tmp_path, *QUICKLY, "--include-tag", "marketplace", "--checks", only)
    assert code == 0, output
    assert all(429 in sandbox.statuses(operation) for operation in (REGISTER, PAY, REFUND))


def test_the_controls_conform_to_their_own_description(tmp_path: Path) -> None:
    sandbox = Sandbox()
    sandbox.load_seed(hundred_payments())
    with sandbox.serve() as url:
        described = httpx.get(f"{url}/sandbox/openapi.json", trust_env=False).json()["paths"]
        ran = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "controls.toml"), "run"),
                *(f"{url}/sandbox/openapi.json", "--no-color", "--exclude-path", "/sandbox/events"),
            ],
            cwd=tmp_path,
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=600,
            check=False,
        )
    assert ran.returncode == 0, ran.stdout
    total = sum(map(len, described.values()))
    assert f"{total - 1} selected / {total} total" in ran.stdout  # the other has no end
    assert sandbox.calls == []


SUCCESS = b'{"success": true, "data": {"id": 5}}'
FAILURE = b'{"success": false}'
JSON = {"content-type": "application/json"}


def change(old_status: int, **changes: Any) -> Callable[[Response], Response]:
    """Change the responses with that status."""
    return lambda response: evolve(response, **changes) if response.status == old_status else response


def id_as_text(response: Response) -> Response:
    return evolve(response, body=re.sub(rb'"id": (\d+)', rb'"id": "\1"', response.body))


DEFECTIVE_REGISTRATIONS: list[dict[str, Callable[[Response], Response]]] = [
    {
        "ST107 Missing required response headers": change(301, headers={}),
        "ST203 Missing required header accepted": change(401, status=403),
        "ST204 Wrong response to undeclared method": change(405, headers=JSON),
    },
    {"ST202 Schema-valid request rejected": change(301, status=422, body=FAILURE, headers=JSON)},
]
DEFECTIVE_PAYMENTS: list[dict[str, Callable[[Response], Response]]] = [
    {
        "ST105 Undocumented Content-Type": change(422, headers={"content-type": "text/plain"}),
        "ST108 Response violates schema": id_as_text,
        "ST205 Allow header mismatch": change(405, headers={**JSON, "allow": "GET"}),
        "ST401 API accepts requests without authentication": change(401, status=200),
    },
    {
        "ST101 Server error": change(422, status=500),
        "ST109 JSON deserialization error": change(200, headers=JSON, body=b"{"),
    },
    {
        "ST103 Undocumented status code": change(400, status=418),
        "ST201 Schema-violating request accepted": change(422, status=200, body=SUCCESS),
    },
]


@pytest.mark.parametrize(
    ("options", "defects"),
    [
        *((ONLY_REGISTRATIONS, one) for one in DEFECTIVE_REGISTRATIONS),
        *((ONLY_PAYMENTS, one) for one in DEFECTIVE_PAYMENTS),
    ],
)
def test_defects_are_found(
    options: tuple[str, ...], defects: dict[str, Callable[[Response], Response]], tmp_path: Path
) -> None:
    class DefectiveSandbox(CountingSandbox):
        def answer(self, request: Request) -> Response:
            return reduce(lambda response, defect: defect(response), defects.values(), super().answer(request))

    sandbox = DefectiveSandbox()
    if options == ONLY_PAYMENTS:
        sandbox.load_seed(hundred_payments())
    code, output = run_schemathesis(sandbox, tmp_path, *QUICKLY, *options)
    assert code == 1, output
    assert [finding for finding in defects if f"❌ {finding}:" not in output] == [], output


@contextmanager
def started(*options: str) -> Iterator[dict[str, str]]:
    """Start the installed command, and yield the settings that it prints."""
    command = [str(Path(sys.executable).with_name("altegio-sandbox")), "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            lines = [process.stdout.readline() for _ in range(7)]
            assert all(line.startswith("export ") for line in lines), lines
            yield dict(shlex.split(line)[1].split("=", 1) for line in lines)
        finally:
            process.terminate()
    assert process.returncode == 0


@pytest.mark.parametrize("redirects", [True, False])
def test_the_commands_of_the_vendors_page(redirects: bool) -> None:
    with started(*([] if redirects else ["--no-redirect"])) as settings:
        status, headers, body = run_command(
            REGISTRATION, settings["ALTEGIO_BASE_URL"], settings["ALTEGIO_PARTNER_TOKEN"]
        )
        if redirects:
            assert (status, body) == (301, "")
            assert headers["location"].startswith(settings["ALTEGIO_BASE_URL"])
        else:
            assert (status, headers["content-type"], json.loads(body)) == (200, "application/json", {"success": True})
        status, headers, body = run_command(PAYMENT, settings["ALTEGIO_BASE_URL"], settings["ALTEGIO_PARTNER_TOKEN"])
        assert (status, headers["content-type"]) == (200, "application/json")
        assert json.loads(body) == {"success": True, "data": {"id": 123}}
        status, headers, body = run_command(
            REFUND_OF_123, settings["ALTEGIO_BASE_URL"], settings["ALTEGIO_PARTNER_TOKEN"]
        )
        assert (status, body) == (200, "")
