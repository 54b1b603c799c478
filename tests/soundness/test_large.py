"""What takes little memory and delays nothing, whatever the size: answers, files of payments, callbacks that hang."""

import json
import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from altegio_partner.sandbox import Sandbox, read_seed
from tests.callers import SANDBOX_HEADERS
from tests.cli.command_line import CommandLine, row
from tests.client.test_fault_matrix import CHUNKED, MEGABYTE, OK, explodes, raw
from tests.commands import ForkServer
from tests.servers.certificates import authority
from tests.servers.scripted import HEALTHY, ScriptedServer, Way, closed_port, floods, http

FLOODS = {
    "UnreadableAnswerError": {
        "200 MB": floods(http(200, length=200_000_000), MEGABYTE, 200),
        "200 MB in chunks": floods(CHUNKED, b"f4240\r\n" + MEGABYTE + b"\r\n", 200),
        "200 MB without a length": floods(raw(OK), MEGABYTE, 200),
        "a bomb": explodes,
    },
    "InvalidRequestError": {"200 MB of refusal": floods(http(422, length=200_000_000), MEGABYTE, 200)},
    "NoAnswerError": {
        "200 MB of a header": floods(b"HTTP/1.1 200 OK\r\nX: ", MEGABYTE, 200),
        "200 MB of no HTTP": floods(b"", MEGABYTE, 200),
    },
}
PAYMENTS = """
import sys
from datetime import datetime
from pathlib import Path
import anyio
from altegio_partner import AltegioError, AsyncPartnerClient, PartnerClient

kind, url, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
date, outcomes = datetime(2026, 1, 1), []
payment = dict(salon_id=1, payment_sum=1, currency_iso="EUR", payment_date=date, period_from=date, period_to=date.max)

def most_memory():
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])

async def main():
    global before
    client = (PartnerClient if kind == "sync" else AsyncPartnerClient)("FakeToken", application_id=1, base_url=url)
    for _ in range(times):
        before = before if outcomes else most_memory()
        try:
            outcome = client.notify_payment(**payment)
            outcomes.append(str(outcome if kind == "sync" else await outcome))
        except AltegioError as error:
            outcomes.append(type(error).__name__)

anyio.run(main, backend="asyncio" if kind == "sync" else kind)
print(most_memory() - before, *outcomes)
"""


@pytest.mark.parametrize("kind", ["sync", "asyncio", "trio"])
@pytest.mark.parametrize("way", [Way.PLAIN, Way.TLS], ids=lambda way: way.value)
def test_floods_take_little_memory(way: Way, kind: str, tmp_path: Path) -> None:
    trusted = tmp_path / "authority.pem"
    authority().cert_pem.write_to_path(str(trusted))
    actions = [action for named in FLOODS.values() for action in named.values()]
    with ScriptedServer(HEALTHY, *actions, way=way) as server:
        command = [sys.executable, "-c", PAYMENTS, kind, server.url, str(1 + len(actions))]
        env = {**os.environ, "SSL_CERT_FILE": str(trusted)}
        run = subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=60)
    growth, *outcomes = run.stdout.split()
    assert outcomes == ["321", *(name for name, named in FLOODS.items() for _ in named)]
    assert int(growth) <= 10_000  # kilobytes
    assert len(server.requests) == 1 + len(actions)


IMPORT = """
import re, sys, time
from altegio_partner.cli.command import main
try:
    main()
finally:
    (most,) = re.findall(r"VmHWM:\\s+([0-9]+) kB", open("/proc/self/status").read())  # ru_maxrss counts the parent's
    print(time.process_time(), int(most) / 1024, file=sys.stderr)
"""


def test_twenty_thousand_rows_are_checked_in_150_megabytes(fork_server: ForkServer, tmp_path: Path) -> None:
    """It takes 5 to 10 seconds of the processor, and the limit here is for what grows with the square of the rows."""
    altegio = CommandLine.calling(fork_server, closed_port(), tmp_path)
    months = [row(number).split(",", 2)[2] for number in range(1, 201)]
    file = altegio.file(*(f"invoice-{n},{123 + n // 200},{months[n % 200]}" for n in range(20_000)))
    command = [sys.executable, "-c", IMPORT, "import", file, "--dry-run"]
    environment = {**altegio.environment, "ALTEGIO_LEDGER_URL": altegio.ledger_url}
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=True)
    assert ran.stdout.startswith("20000 payments. ")
    seconds, megabytes = map(float, ran.stderr.split()[-2:])
    assert seconds <= 60
    assert megabytes <= 150


def test_a_thousand_hanging_callbacks_delay_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a partner's server hangs, all that waits for none of its answers goes on."""
    monkeypatch.setattr("altegio_partner.sandbox.callback_delivery._TIMEOUT", 600)
    locations = [
        {"salon_id": number, "payments": [{"payment_sum": 1, "period_to": "2030-01-02 00:00:00"}]}
        for number in range(1, 1001)
    ]
    sandbox = Sandbox()
    sandbox.load_seed(read_seed(json.dumps({"now": "2030-01-01 00:00:00", "locations": locations}).encode()))
    with (
        sandbox.serve() as url,
        httpx.Client(base_url=url, trust_env=False) as curl,
        httpx.Client(base_url=url, trust_env=False, limits=httpx.Limits(), timeout=600) as everybody,
        ExitStack() as hanging,
        ThreadPoolExecutor(200) as callers,
    ):
        server = hanging.enter_context(socket.create_server(("127.0.0.1", 0), backlog=2000))
        sandbox.callback_url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        moved = callers.submit(everybody.post, "/sandbox/clock", data={"days": 16})
        for _ in range(200):
            hanging.enter_context(server.accept()[0])  # and says nothing
        removed = [callers.submit(everybody.post, f"/sandbox/locations/{number}/uninstall") for number in range(1, 121)]
        for _ in range(60):
            hanging.enter_context(server.accept()[0])
        assert curl.get("/", timeout=60).status_code == 200
        assert curl.get("/sandbox/health").json()["status"] == "ok"
        assert curl.post("/sandbox/locations/2000/connect").status_code == 200
        assert curl.post("/marketplace/partner/payment", headers=SANDBOX_HEADERS).status_code == 422
        assert not any(one.done() for one in [moved, *removed])
        hanging.close()  # the connections break, and the others are refused
        assert len(moved.result().json()["deliveries"]) == 1000
        assert {one.result().status_code for one in removed} == {200}
