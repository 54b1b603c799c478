"""Use what is installed, and see that what is not says how to install it: `python uses.py EXTRA EXTRA ...`.

It runs where altegio-partner stands with these extras and nothing else, so it has no tools either.
"""

import asyncio
import os
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from pathlib import Path

import httpx

from altegio_partner import AsyncPartnerClient, PartnerClient
from altegio_partner.sandbox import Sandbox
from tests.servers.postgres import postgres_server
from tests.servers.scripted import ScriptedServer, http

SALON = 123
NOW = datetime(2026, 12, 1)


def report(partner: PartnerClient, key: str | None = None) -> int:
    return partner.notify_payment(
        salon_id=SALON, payment_sum="990.99", currency_iso="EUR", idempotency_key=key,
        payment_date=NOW, period_from=NOW, period_to=datetime(2026, 12, 31, 23, 59, 59),
    )  # fmt: skip


def a_sandbox() -> Sandbox:
    """Return a local Altegio with one location that uses our application. Without sockets it needs no extra."""
    sandbox = Sandbox(now=NOW)
    sandbox.connect(SALON)
    with PartnerClient(sandbox.partner_token, application_id=123, transport=sandbox.transport()) as partner:
        partner.complete_registration(salon_id=SALON)
    return sandbox


def use_no_extra() -> None:
    sandbox = a_sandbox()
    with PartnerClient(sandbox.partner_token, application_id=123, transport=sandbox.transport()) as partner:
        payment_id = report(partner)
    assert [payment.id for payment in sandbox.payments(SALON)] == [payment_id]


def use_aiohttp() -> None:
    from httpx_aiohttp import AiohttpTransport  # noqa: PLC0415

    async def refund(url: str) -> None:
        transport = AiohttpTransport()
        async with AsyncPartnerClient("fake", application_id=123, base_url=url, transport=transport) as partner:
            await partner.notify_refund(5)

    with ScriptedServer(http(200, b'{"success": true, "data": null, "meta": {}}')) as server:
        asyncio.run(refund(server.url))
    assert server.requests[0].startswith(b"POST /marketplace/partner/payment/refund/5 ")


def use_excel() -> None:
    from altegio_partner.cli.workbooks import open_workbook  # noqa: PLC0415

    file = BytesIO()
    with suppress(ModuleNotFoundError):  # then it is the package that says so
        from openpyxl import Workbook  # noqa: PLC0415

        workbook = Workbook()
        workbook.worksheets[0].append(["payment_sum", 990.99])
        workbook.save(file)
    assert [*open_workbook(file)[1]] == [["payment_sum", "990.99"]]


def use_ledger() -> None:
    with tempfile.TemporaryDirectory() as folder:
        report_once(f"sqlite:///{folder}/ledger.db")


def use_postgresql() -> None:
    with postgres_server() as url:
        report_once(url)


def report_once(url: str) -> None:
    from altegio_partner.ledger import Ledger  # noqa: PLC0415

    sandbox = a_sandbox()
    transport, ledger = sandbox.transport(), Ledger(url)
    with PartnerClient(sandbox.partner_token, application_id=123, transport=transport, ledger=ledger) as partner:
        assert report(partner, "invoice 1") == report(partner, "invoice 1")
    assert len(sandbox.payments(SALON)) == 1


def use_rate_limit() -> None:
    from altegio_partner.rate_limit import altegio_rate_limit  # noqa: PLC0415

    sandbox = a_sandbox()
    transport, limit = sandbox.transport(), altegio_rate_limit()
    with PartnerClient(sandbox.partner_token, application_id=123, transport=transport, rate_limit=limit) as partner:
        began = time.monotonic()
        for _ in range(6):
            report(partner)
    assert time.monotonic() - began > 1, "the sixth call did not wait"


def use_sandbox() -> None:
    with a_sandbox().serve() as url:
        assert "<html" in httpx.get(url).text
    run("altegio-sandbox", "--help")


def use_sandbox_tls() -> None:
    from altegio_partner.sandbox.tls import make_certificate  # noqa: PLC0415

    certificate = make_certificate(["127.0.0.1"])
    trusting = ssl.create_default_context(cadata=certificate.trusted)
    with a_sandbox().serve(tls=certificate.context) as url:
        assert httpx.get(f"{url}/sandbox/health", verify=trusting).json()["status"] == "ok"


def use_cli() -> None:
    run("altegio-partner", "--help")
    sandbox = a_sandbox()
    with sandbox.serve() as url:
        who = {"ALTEGIO_PARTNER_TOKEN": sandbox.partner_token, "ALTEGIO_APPLICATION_ID": "123", "ALTEGIO_BASE_URL": url}
        assert "active" in run("altegio-partner", "status", str(SALON), **who)


def run(program: str, *arguments: str, **environment: str) -> str:
    """Run a program that the package brings, and return what it said."""
    command = [str(Path(sys.executable).with_name(program)), *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    if ran.returncode:
        raise RuntimeError(ran.stderr.strip())
    return ran.stdout


USES = {
    "aiohttp": use_aiohttp,
    "cli": use_cli,
    "excel": use_excel,
    "ledger": use_ledger,
    "postgresql": use_postgresql,
    "rate-limit": use_rate_limit,
    "sandbox": use_sandbox,
    "sandbox-tls": use_sandbox_tls,
}
OF_CLI = {"ledger", "rate-limit", "sandbox"}
BRINGS = {"cli": OF_CLI, "excel": {"cli", *OF_CLI}, "postgresql": {"ledger"}, "sandbox-tls": {"sandbox"}}
MISSING = {
    "cli": "No module named 'typer': pip install 'altegio-partner[cli]'",
    "excel": "No module named 'openpyxl': pip install 'altegio-partner[excel]'",
    "ledger": "No module named 'sqlalchemy': pip install 'altegio-partner[ledger]'",
    "postgresql": "The ledger needs psycopg: pip install 'altegio-partner[postgresql]'.",
    "rate-limit": "No module named 'pyrate_limiter': pip install 'altegio-partner[rate-limit]'",
    "sandbox": "No module named 'jinja2': pip install 'altegio-partner[sandbox]'",
    "sandbox-tls": "No module named 'trustme': pip install 'altegio-partner[sandbox-tls]'",
    "aiohttp": "No module named 'httpx_aiohttp'",  # which users import themselves
}


def failure(use: Callable[[], None]) -> str | None:
    try:
        use()
    except (ModuleNotFoundError, RuntimeError, ValueError) as error:
        return str(error)
    return None


def main() -> None:
    """Use each of the extras named, and check that the others are missing."""
    extras = set(sys.argv[1:])
    use_no_extra()
    for extra in sorted(extras):
        USES[extra]()
    brought = extras.union(*(BRINGS.get(extra, set()) for extra in extras))
    for extra in sorted(USES.keys() - brought):
        expected = MISSING["ledger" if extra == "postgresql" and "ledger" not in brought else extra]
        said = failure(USES[extra])
        assert said == expected, f"without {extra}: {said}"
    print(f"used: {', '.join(sorted(extras)) or 'no extra'}")


if __name__ == "__main__":
    main()
