"""A worker that is suspended during the TLS handshake, until another one has sent its payment."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from altegio_partner import PartnerClient
from altegio_partner.ledger import Ledger
from altegio_partner.sandbox import Sandbox
from tests.callers import PAYMENT
from tests.servers.certificates import authority
from tests.servers.scripted import HEALTHY, ScriptedServer, Way, says

STATUS_DELAY = timedelta(seconds=2)
WORKER = """
    import asyncio, sys
    from datetime import datetime, timedelta
    from altegio_partner import AltegioError, AsyncPartnerClient, PartnerClient
    from altegio_partner.ledger import Ledger

    kind, url, path = sys.argv[1:]
    ledger = Ledger(f"sqlite:///{path}", status_delay=timedelta(seconds=2))
    options = dict(application_id=123, base_url=url, timeout=1, max_retries=0, ledger=ledger)
    date = datetime(2022, 1, 1, 10, 10)
    payment = dict(
        salon_id=123, payment_sum="990.99", currency_iso="EUR", payment_date=date, period_from=date,
        period_to=datetime(2022, 2, 1, 10, 10), idempotency_key="k",
    )

    async def pay():
        async with AsyncPartnerClient("sandbox-partner-token", **options) as client:
            await client.notify_payment(**payment)

    try:
        if kind == "sync":
            PartnerClient("sandbox-partner-token", **options).notify_payment(**payment)
        else:
            asyncio.run(pay())
    except AltegioError as error:
        print(type(error).__name__, error.safe_to_resend)
    """


class SlowHandshake(ScriptedServer):
    def __init__(self) -> None:
        super().__init__(always=says(HEALTHY), way=Way.TLS)
        self.accepted = threading.Event()

    def _serve(self, connection: socket.socket) -> None:
        self.accepted.set()
        time.sleep(0.6)
        super()._serve(connection)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no SIGSTOP on this system")
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_worker_suspended_in_a_handshake_sends_nothing(kind: str, tmp_path: Path) -> None:
    sandbox = Sandbox(now=datetime(2022, 1, 1))
    sandbox.connect(123)
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}", status_delay=STATUS_DELAY)
    authority().cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    environment = {**os.environ, "SSL_CERT_FILE": str(tmp_path / "authority.pem"), "NO_PROXY": "127.0.0.1"}
    options: dict[str, Any] = {"application_id": 123, "transport": sandbox.transport(), "timeout": 1.0}
    with (
        SlowHandshake() as server,
        PartnerClient(sandbox.partner_token, base_url=server.url, ledger=ledger, **options) as other,
    ):
        other.complete_registration(salon_id=123)
        command = [sys.executable, "-c", textwrap.dedent(WORKER), kind, server.url, str(tmp_path / "ledger.db")]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as worker:
            assert server.accepted.wait(20)
            time.sleep(0.2)  # it says hello, and waits
            worker.send_signal(signal.SIGSTOP)
            time.sleep(2 * STATUS_DELAY.total_seconds() + 0.5)
            assert other.notify_payment(**PAYMENT, idempotency_key="k") == 123
            worker.send_signal(signal.SIGCONT)
            said, _ = worker.communicate(timeout=20)
    assert said == "NotSentError True\n"
    assert server.connections == 1  # it did shake hands
    assert server.requests == []
    assert len(sandbox.payments(123)) == 1
    ledger.close()
