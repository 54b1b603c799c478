"""The sandbox, judged by clients that are not ours: schemathesis, which knows only the spec, and the vendor's curl."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from altegio_partner.sandbox import Reply, Request, Sandbox, Seed, read_seed

HERE = Path(__file__).parent
SPEC = HERE.parents[1] / "spec" / "altegio-partner.yaml"
ENVIRONMENT = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}

REGISTER = "/marketplace/partner/callback/redirect"
PAY = "/marketplace/partner/payment"
REFUND = "/marketplace/partner/payment/refund/"
ONLY_REGISTRATIONS = ("--include-operation-id", "completeRegistration")
NO_REGISTRATIONS = ("--exclude-operation-id", "completeRegistration")
QUICKLY = ("--phases", "examples,coverage")


class Judged(Sandbox):
    """Counts what it answers. The owner of location 123 clicks Connect before each registration: each can succeed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.answered: Counter[tuple[str, int]] = Counter()

    def answer(self, request: Request) -> Reply:
        if request.path == REGISTER:
            if self.installation(123).status != "uninstalled":
                self.uninstall(123)
            self.connect(123)
        reply = super().answer(request)
        operation = REFUND if request.path.startswith(REFUND) else request.path
        if re.fullmatch("/marketplace/salon/[0-9]+/application/[0-9]+", request.path):
            operation = "status"
        elif request.method != "POST":
            operation = "other methods"
        self.answered[operation, reply.status] += 1
        return reply

    def statuses(self, operation: str) -> set[int]:
        return {status for name, status in self.answered if name == operation}


def paying() -> Seed:
    """A location that has paid a hundred times."""
    location = {"salon_id": 123, "status": "active", "payments": [{"payment_sum": 990.99}] * 100}
    return read_seed(json.dumps({"locations": [location]}).encode())


def judge(sandbox: Sandbox, folder: Path, *options: str) -> tuple[int, str]:
    """Let schemathesis drive the sandbox over HTTP, and return its exit code and what it says."""
    config = ["--config-file", str(HERE / "schemathesis.toml")]
    with sandbox.serve() as url:
        ran = subprocess.run(
            [sys.executable, "-m", "schemathesis.cli", *config, "run", str(SPEC), "--url", url, "--no-color", *options],
            cwd=folder,
            env={**ENVIRONMENT, "ALTEGIO_PARTNER_TOKEN": sandbox.partner_token},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
    return ran.returncode, ran.stdout


@pytest.mark.parametrize(("redirects", "success"), [(True, 301), (False, 200)])
def test_registrations_are_answered_as_the_spec_says(redirects: bool, success: int, tmp_path: Path) -> None:
    sandbox = Judged(redirects=redirects)
    code, said = judge(sandbox, tmp_path, *ONLY_REGISTRATIONS)
    assert code == 0, said
    assert sandbox.statuses(REGISTER) == {success, 400, 401, 403, 422}
    assert sandbox.answered[REGISTER, success] >= 40
    assert sandbox.answered[REGISTER, 422] >= 40
    assert sandbox.statuses("other methods") == {404, 405}  # 404 is its probe of what the server takes as a path


def test_payments_and_refunds_are_answered_as_the_spec_says(tmp_path: Path) -> None:
    sandbox = Judged()
    sandbox.sow(paying())
    code, said = judge(sandbox, tmp_path, *NO_REGISTRATIONS)
    assert code == 0, said
    assert "API Links:    1 covered" in said  # a payment that it reported is a payment that it refunds
    assert sandbox.statuses(PAY) == {200, 400, 401, 403, 422}
    assert sandbox.statuses(REFUND) >= {200, 401, 422}
    assert sandbox.answered["status", 200] >= 40
    assert sandbox.statuses("status") == {200, 401, 404, 405}
    assert sandbox.answered[PAY, 200] >= 100
    assert sandbox.answered[PAY, 422] >= 100
    assert sandbox.answered[REFUND, 200] >= 30
    payments = sandbox.payments(123)
    assert len(payments) == 100 + sandbox.answered[PAY, 200]
    assert sum(payment.is_refunded for payment in payments) == sandbox.answered[REFUND, 200]
    assert {Decimal(0), Decimal("990.99"), Decimal(10**12)} < {payment.payment_sum for payment in payments}


def test_calls_that_come_too_fast_are_answered_as_the_spec_says(tmp_path: Path) -> None:
    sandbox = Judged(rate_limits=True)
    only = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
    code, said = judge(sandbox, tmp_path, *QUICKLY, "--checks", only)
    assert code == 0, said
    assert all(429 in sandbox.statuses(operation) for operation in (REGISTER, PAY, REFUND))


YES = b'{"success": true, "data": {"id": 5}}'
NO = b'{"success": false}'
JSON = {"content-type": "application/json"}


def instead(of: int, **changes: Any) -> Callable[[Reply], Reply]:
    """Change the answers of that status."""
    return lambda reply: evolve(reply, **changes) if reply.status == of else reply


def id_as_text(reply: Reply) -> Reply:
    return evolve(reply, body=re.sub(rb'"id": (\d+)', rb'"id": "\1"', reply.body))


WRONG_REGISTRATIONS: list[dict[str, Callable[[Reply], Reply]]] = [
    {
        "ST107 Missing required response headers": instead(301, headers={}),
        "ST203 Missing required header accepted": instead(401, status=403),
        "ST204 Wrong response to undeclared method": instead(405, headers=JSON),
    },
    {"ST202 Schema-valid request rejected": instead(301, status=422, body=NO, headers=JSON)},
]
WRONG_PAYMENTS: list[dict[str, Callable[[Reply], Reply]]] = [
    {
        "ST105 Undocumented Content-Type": instead(422, headers={"content-type": "text/plain"}),
        "ST108 Response violates schema": id_as_text,
        "ST205 Allow header mismatch": instead(405, headers={**JSON, "allow": "GET"}),
        "ST401 API accepts requests without authentication": instead(401, status=200),
    },
    {
        "ST101 Server error": instead(422, status=500),
        "ST109 JSON deserialization error": instead(200, headers=JSON, body=b"{"),
    },
    {
        "ST103 Undocumented status code": instead(400, status=418),
        "ST201 Schema-violating request accepted": instead(422, status=200, body=YES),
    },
]


@pytest.mark.parametrize(
    ("options", "wrongs"),
    [*((ONLY_REGISTRATIONS, one) for one in WRONG_REGISTRATIONS), *((NO_REGISTRATIONS, one) for one in WRONG_PAYMENTS)],
)
def test_what_is_wrong_is_found(
    options: tuple[str, ...], wrongs: dict[str, Callable[[Reply], Reply]], tmp_path: Path
) -> None:
    class Wrong(Judged):
        def answer(self, request: Request) -> Reply:
            return reduce(lambda reply, wrong: wrong(reply), wrongs.values(), super().answer(request))

    sandbox = Wrong()
    if options == NO_REGISTRATIONS:
        sandbox.sow(paying())
    code, said = judge(sandbox, tmp_path, *QUICKLY, *options)
    assert code == 1, said
    assert [finding for finding in wrongs if f"❌ {finding}:" not in said] == [], said


THE_VENDORS_URL = "https://developer.alteg.io/_mock/en/developers/openapi"
THE_VENDORS_TOKEN = "<YOUR_Bearer {PartnerToken}_HERE>"
THE_VENDORS_COMMANDS = [  # as they stand on the vendor's page, each with the answer that the page shows to it
    r"""
curl -i -X POST \
https://developer.alteg.io/_mock/en/developers/openapi/marketplace/partner/callback/redirect \
-H 'Accept: application/vnd.api.v2+json' \
-H 'Authorization: Bearer <YOUR_Bearer {PartnerToken}_HERE>' \
-H 'Content-Type: application/json' \
-d '{
"salon_id": 123,
"application_id": 123,
"api_key": "2f181e2a-5c22-4ae7-9d9b-07104f312c28",
"webhook_urls": [
"https://example.com/webhook"
]
}'
""",
    r"""
curl -i -X POST \
https://developer.alteg.io/_mock/en/developers/openapi/marketplace/partner/payment \
-H 'Accept: application/vnd.api.v2+json' \
-H 'Authorization: Bearer <YOUR_Bearer {PartnerToken}_HERE>' \
-H 'Content-Type: application/json' \
-d '{
"salon_id": 123,
"application_id": 123,
"currency_iso": "EUR",
"payment_sum": 990.99,
"payment_date": "2022-01-01 10:10:00",
"period_from": "2022-01-01 10:10:00",
"period_to": "2022-02-01 10:10:00"
}'
""",
    r"""
curl -i -X POST \
https://developer.alteg.io/_mock/en/developers/openapi/marketplace/partner/payment/refund/123 \
-H 'Accept: application/vnd.api.v2+json' \
-H 'Authorization: Bearer <YOUR_Bearer {PartnerToken}_HERE>'
""",
]


@contextmanager
def started(*options: str) -> Iterator[dict[str, str]]:
    """Start the command that is installed, and give the settings that it prints."""
    command = [str(Path(sys.executable).with_name("altegio-sandbox")), "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            lines = [process.stdout.readline() for _ in range(3)]
            assert all(line.startswith("export ") for line in lines), lines
            yield dict(line.removeprefix("export ").strip().split("=", 1) for line in lines)
        finally:
            process.terminate()
    assert process.returncode == 0


def run_the_vendors(command: str, settings: dict[str, str]) -> tuple[int, dict[str, str], str]:
    """Run it with the sandbox's URL and token, and return the status, the headers and the body of the answer."""
    assert (command.count(THE_VENDORS_URL), command.count(THE_VENDORS_TOKEN)) == (1, 1)
    command = command.replace(THE_VENDORS_URL, settings["ALTEGIO_BASE_URL"])
    command = command.replace(THE_VENDORS_TOKEN, settings["ALTEGIO_PARTNER_TOKEN"])
    bash = ["bash", "-c", command]
    ran = subprocess.run(bash, env=ENVIRONMENT, capture_output=True, timeout=30, check=False)
    assert ran.returncode == 0, f"{ran.stderr.decode()}\ncurl and bash must be there, for this is their test."
    head, _, body = ran.stdout.decode().partition("\r\n\r\n")
    first, *rest = head.split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
    assert headers["content-length"] == str(len(body.encode()))
    return int(first.split()[1]), headers, body


@pytest.mark.parametrize("redirects", [True, False])
def test_the_vendors_own_commands(redirects: bool) -> None:
    registration, payment, refund = THE_VENDORS_COMMANDS
    with started(*([] if redirects else ["--no-redirect"])) as settings:
        status, headers, body = run_the_vendors(registration, settings)
        if redirects:
            assert (status, body) == (301, "")
            assert headers["location"].startswith(settings["ALTEGIO_BASE_URL"])
        else:
            assert (status, headers["content-type"], json.loads(body)) == (200, "application/json", {"success": True})
        status, headers, body = run_the_vendors(payment, settings)
        assert (status, headers["content-type"]) == (200, "application/json")
        assert json.loads(body) == {"success": True, "data": {"id": 123}}
        status, headers, body = run_the_vendors(refund, settings)
        assert (status, body) == (200, "")
