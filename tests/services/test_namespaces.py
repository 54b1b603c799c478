"""A sandbox on another host, as in a compose file: two network namespaces, one for it and one for its client."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from attrs import frozen

from tests.commands import SANDBOX

pytestmark = pytest.mark.services

CLIENT = """
import warnings
from altegio_partner import PartnerClient
warnings.simplefilter("always")
with PartnerClient() as partner:
    print(partner.complete_registration(salon_id=123))
"""


@frozen
class Network:
    """Two namespaces that reach each other, and in which the host `sandbox` is the first."""

    sandbox: str
    client: str

    def command(self, namespace: str, command: Sequence[str]) -> list[str]:
        return ["ip", "netns", "exec", namespace, *command]


def ip(*words: str) -> None:
    subprocess.run(["/usr/bin/env", "ip", *words], check=True)


@pytest.fixture
def network() -> Iterator[Network]:
    assert os.geteuid() == 0, "network namespaces need root: run this with sudo"
    assert shutil.which("ip"), "ip is missing: install it, on Debian with apt-get install iproute2"
    names = Network(*(f"altegio-{os.getpid()}-{number}" for number in (1, 2)))
    with ExitStack() as stack:
        for name in (names.sandbox, names.client):
            ip("netns", "add", name)
            stack.callback(ip, "netns", "delete", name)
            folder = Path("/etc/netns") / name
            folder.mkdir(parents=True)
            stack.callback(shutil.rmtree, folder)
            (folder / "hosts").write_text("127.0.0.1 localhost\n198.51.100.1 sandbox\n")
        ends = (f"a{os.getpid()}", f"b{os.getpid()}")
        ip("link", "add", ends[0], "netns", names.sandbox, "type", "veth", "peer", ends[1], "netns", names.client)
        for number, (name, end) in enumerate(zip((names.sandbox, names.client), ends, strict=True), 1):
            ip("-n", name, "address", "add", f"198.51.100.{number}/24", "dev", end)
            ip("-n", name, "link", "set", end, "up")
            ip("-n", name, "link", "set", "lo", "up")
        yield names


@contextmanager
def served(network: Network, folder: Path, *options: str) -> Iterator[None]:
    """Serve in the first namespace while the block runs."""
    ready = folder / "ready"
    command = [SANDBOX, "--host", "0.0.0.0", "--ready-file", str(ready), "--log", "none", *options]  # noqa: S104
    with subprocess.Popen(network.command(network.sandbox, command), stdout=subprocess.DEVNULL) as process:
        try:
            while not ready.exists():
                assert process.poll() is None
            yield
        finally:
            process.terminate()
            process.wait(60)
    assert not ready.exists()


def register(network: Network, **settings: str) -> subprocess.CompletedProcess[str]:
    """Register a location by our own client in the second namespace."""
    environment = {name: value for name, value in os.environ.items() if "PROXY" not in name.upper()}
    environment |= {"ALTEGIO_PARTNER_TOKEN": "sandbox-partner-token", "ALTEGIO_APPLICATION_ID": "123", **settings}
    command = network.command(network.client, [sys.executable, "-c", CLIENT])
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_http_to_the_host_that_is_named(network: Network, tmp_path: Path) -> None:
    url = "http://sandbox:8000"
    with served(network, tmp_path):
        refused = register(network, ALTEGIO_BASE_URL=url)
        assert refused.returncode == 1
        assert "set ALTEGIO_UNENCRYPTED_HOST to the name of that host" in refused.stderr
        done = register(network, ALTEGIO_BASE_URL=url, ALTEGIO_UNENCRYPTED_HOST="sandbox")
    assert (done.returncode, done.stdout) == (0, f"{url}/further-setup?salon_id=123\n"), done.stderr
    assert done.stderr.count("UserWarning: ALTEGIO_UNENCRYPTED_HOST: the token is sent to sandbox without") == 1


def test_https_with_the_file_of_its_authority(network: Network, tmp_path: Path) -> None:
    url, authority = "https://sandbox:8000", tmp_path / "ca.pem"
    with served(network, tmp_path, "--tls", "--tls-name", "sandbox", "--ca-file", str(authority)):
        refused = register(network, ALTEGIO_BASE_URL=url, SSL_CERT_FILE="")
        assert "certificate" in refused.stderr
        done = register(network, ALTEGIO_BASE_URL=url, SSL_CERT_FILE=str(authority))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{url}/further-setup?salon_id=123\n", "")
