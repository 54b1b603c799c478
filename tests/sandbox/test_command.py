"""The `altegio-sandbox` command."""

import json
import os
import re
import shlex
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import frozen

import altegio_partner
from altegio_partner import (
    AlreadyInstalledError,
    NoAnswerError,
    PartnerClient,
    PermissionDeniedError,
    ServerError,
    __version__,
)
from altegio_partner.sandbox import Sandbox
from altegio_partner.sandbox.environment import settings_for
from tests.callers import PAYMENT, SANDBOX_HEADERS
from tests.commands import PARTNER, SANDBOX, ForkServer, Process
from tests.servers.scripted import ScriptedServer, http

TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
SETTINGS = [
    f"ALTEGIO_{name}"
    for name in (
        "BASE_URL", "API_URL", "TARIFFS_URL", "PARTNER_TOKEN", "PARTNER_TOKEN_FILE", "USER_TOKEN", "APPLICATION_ID"
    )
]  # fmt: skip
RECORDED = "recorded, then the connection breaks before the response"


@frozen
class SandboxCommand:
    """Runs `altegio-sandbox` on a free port, in a forked process."""

    fork_server: ForkServer

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Run it when it is expected to stop immediately."""
        command = [SANDBOX, "--port", "0", *options]
        return self.fork_server.run(command, cwd=Path(), env=os.environ, timeout=60)

    def run_with(self, command: Sequence[str], *options: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run it while another command runs."""
        whole = [SANDBOX, "run", *options, "--", *command]
        return self.fork_server.run(whole, cwd=Path(), env=os.environ | more, timeout=60)

    @contextmanager
    def started(self, *options: str) -> Iterator[Process]:
        """Serve while the block runs."""
        command = [SANDBOX, "--port", "0", *options]
        with self.fork_server.start(command, cwd=Path(), env=os.environ) as process:
            try:
                yield process
            finally:
                process.kill()

    @contextmanager
    def serving(self, *options: str) -> Iterator[httpx.Client]:
        """Yield a client of a sandbox with these options."""
        with self.started(*options) as process:
            environment = read_environment(process)
            headers = {**SANDBOX_HEADERS, "Authorization": f"Bearer {environment['ALTEGIO_PARTNER_TOKEN']}"}
            with httpx.Client(base_url=environment["ALTEGIO_BASE_URL"], headers=headers, trust_env=False) as client:
                yield client
            stop(process)


@pytest.fixture
def sandbox(fork_server: ForkServer) -> SandboxCommand:
    return SandboxCommand(fork_server)


def read_environment(process: Process | subprocess.Popen[str]) -> dict[str, str]:
    assert process.stdout
    lines = [process.stdout.readline() for _ in SETTINGS]
    assert all(line.startswith("export ") for line in lines), lines
    return dict(shlex.split(line)[1].split("=", 1) for line in lines)


def stop(process: Process | subprocess.Popen[str], how: signal.Signals = signal.SIGTERM) -> str:
    """Stop it after its startup output, and return what it wrote to standard error."""
    assert process.stderr
    written = ""
    while "Press Ctrl-C to stop" not in written:
        written += process.stderr.readline() or pytest.fail(written)
    process.send_signal(how)
    assert process.stdout
    out, rest = process.stdout.read(), process.stderr.read()  # not communicate(): a part may have been read
    assert (process.wait(60), out) == (0, "")
    return written + rest


def use(monkeypatch: pytest.MonkeyPatch, process: Process | subprocess.Popen[str]) -> None:
    for name, value in read_environment(process).items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("measured_processes")
@pytest.mark.parametrize(
    "command", [[SANDBOX], [sys.executable, "-m", "altegio_partner.sandbox"]], ids=["altegio-sandbox", "python -m"]
)
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_serves_until_it_is_stopped(
    monkeypatch: pytest.MonkeyPatch, end: signal.Signals, command: list[str]
) -> None:
    whole = [*command, "--port", "0"]
    with subprocess.Popen(whole, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8") as process:
        try:
            use(monkeypatch, process)
            url = os.environ["ALTEGIO_BASE_URL"]
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
            assert process.stdout
            assert process.stderr
            greeting = [process.stderr.readline() for _ in range(3)]
            with PartnerClient() as partner:
                assert partner.complete_registration(salon_id=123) is not None
                with pytest.raises(AlreadyInstalledError):
                    partner.complete_registration(salon_id=123)
            process.send_signal(end)
            out, err = process.stdout.read(), process.stderr.read()
            assert (process.wait(60), out) == (0, "")
        finally:
            process.kill()
    assert greeting == [
        f"Open in a browser: {url}\n",
        "The owners of 123, 124 have clicked Connect.\n",
        "Press Ctrl-C to stop and discard the state.\n",
    ]
    first, second = err.splitlines()
    assert re.fullmatch(rf"{TIME} POST /marketplace/partner/callback/redirect 301", first)
    reason = "The application is active at this location\\."
    assert re.fullmatch(rf"{TIME} POST /marketplace/partner/callback/redirect 403, {reason}", second)


@pytest.mark.usefixtures("measured_processes")
def test_a_signal_that_is_ignored_does_not_stop_it() -> None:
    """As nohup has it."""
    script = f"trap '' HUP; exec {shlex.quote(SANDBOX)} --port 0"
    command = ["/bin/sh", "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            url = read_environment(process)["ALTEGIO_BASE_URL"]
            process.send_signal(signal.SIGHUP)
            assert httpx.get(f"{url}/sandbox/health", trust_env=False).status_code == 200
            stop(process)
        finally:
            process.kill()


def test_it_stops_while_calls_hang(sandbox: SandboxCommand) -> None:
    with sandbox.started("--fault", "stall") as process:
        url = read_environment(process)["ALTEGIO_BASE_URL"]

        def hang() -> None:
            with pytest.raises(httpx.RemoteProtocolError):
                httpx.post(f"{url}/marketplace/partner/payment", trust_env=False, timeout=20)

        caller = threading.Thread(target=hang)
        caller.start()
        while not httpx.get(f"{url}/sandbox/snapshot", trust_env=False).json()["calls"]:
            pass
        stop(process, signal.SIGINT)
        caller.join(60)
        assert not caller.is_alive()


def test_locations_are_options(sandbox: SandboxCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    with sandbox.started("--salon-id", "5", "--salon-id", "6") as process:
        use(monkeypatch, process)
        with PartnerClient() as partner:
            partner.complete_registration(salon_id=5)
            partner.complete_registration(salon_id=6)
            with pytest.raises(PermissionDeniedError, match="Access denied"):
                partner.complete_registration(salon_id=123)
        stop(process)


def test_token_and_application_are_options(sandbox: SandboxCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    with sandbox.started("--token", "FakeTokenOfMine", "--application-id", "7", "--no-redirect") as process:
        use(monkeypatch, process)
        assert (os.environ["ALTEGIO_PARTNER_TOKEN"], os.environ["ALTEGIO_APPLICATION_ID"]) == ("FakeTokenOfMine", "7")
        with PartnerClient() as partner:
            assert partner.complete_registration(salon_id=123) is None
        assert "FakeTokenOfMine" not in httpx.get(os.environ["ALTEGIO_BASE_URL"], trust_env=False).text
        stop(process)


def test_faults_are_injected(sandbox: SandboxCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    options = [
        "--fault",
        "lose_answer",
        "--fault",
        "html_502:2,operation=notify_refund",
        "--fault-rate",
        "drop_call:1",
        "--fault-seed",
        "3",
    ]
    with sandbox.started(*options) as process:
        use(monkeypatch, process)
        with PartnerClient() as partner:
            for expected in (NoAnswerError, ServerError, ServerError, NoAnswerError, NoAnswerError):
                with pytest.raises(expected):
                    partner.notify_refund(5)
        stop(process)


def test_the_state_survives_a_crash(sandbox: SandboxCommand, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    state = tmp_path / "altegio.db"
    with sandbox.started("--state", str(state)) as process:
        use(monkeypatch, process)
        with PartnerClient() as partner:
            partner.complete_registration(salon_id=123)
            payment_id = partner.notify_payment(**PAYMENT)
        url = os.environ["ALTEGIO_BASE_URL"]
        httpx.post(f"{url}/sandbox/clock", json={"days": 400}, trust_env=False)
        before = httpx.get(f"{url}/sandbox/snapshot", trust_env=False).json()
        second = sandbox.run("--state", str(state))
        assert second.returncode == 2
        assert "cannot store the state (database is locked): is another sandbox using it?" in second.stderr
        process.kill()  # a crash
    with sandbox.started("--state", str(state), "--salon-id", "5") as process:
        use(monkeypatch, process)
        after = httpx.get(f"{os.environ['ALTEGIO_BASE_URL']}/sandbox/snapshot", trust_env=False).json()
        assert after["now"] >= before["now"]
        assert (after["locations"], after["payments"]) == (before["locations"], before["payments"])
        with PartnerClient() as partner:
            partner.notify_refund(payment_id)
        assert f"Continuing from {state}.\nPress Ctrl-C to stop.\n" in stop(process)


SEED: dict[str, Any] = {
    "now": "2030-01-31 12:00:00",
    "locations": [
        {"salon_id": 1},
        {"salon_id": 2, "status": "pending"},
        {
            "salon_id": 3,
            "status": "freezed",
            "payments": [
                {"payment_sum": 990.99, "currency_iso": "USD", "is_refunded": True},
                {"payment_sum": 5, "period_from": "2030-01-01 00:00:00", "period_to": "2030-01-31 23:59:59"},
            ],
        },
        {"salon_id": 4, "status": "uninstalled"},
    ],
}


def test_a_seed(sandbox: SandboxCommand, tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps(SEED))
    with sandbox.serving("--seed", str(seed)) as client:
        snapshot = client.get("/sandbox/snapshot").json()
        assert snapshot["now"].startswith("2030-01-31 12:00:")
        assert {one["salon_id"]: one["status"] for one in snapshot["locations"]} == {
            1: "active", 2: "pending", 3: "freezed", 4: "uninstalled"
        }  # fmt: skip
        second, first = snapshot["payments"]
        assert (first["payment_sum"], first["currency_iso"], first["period_to"][:10]) == ("990.99", "USD", "2030-03-02")
        assert (first["refunded_at"] is None, second["refunded_at"]) == (False, None)
        assert (second["payment_sum"], second["currency_iso"], second["period_to"]) == (
            "5",
            "EUR",
            "2030-01-31 23:59:59",
        )
        assert snapshot["deliveries"] == []


def test_callbacks_and_registrations_are_sent_to_the_given_urls(sandbox: SandboxCommand) -> None:
    with ScriptedServer(http(200, b"thanks")) as partner:
        urls = [
            "--registration-url",
            "https://example.com/register?from=altegio",
            "--callback-url",
            f"{partner.url}/cb",
        ]
        with sandbox.serving(*urls) as client:
            url = client.post("/sandbox/locations/connect", json={"salon_id": 5}).json()["registration_url"]
            assert url == "https://example.com/register?from=altegio&salon_id=5"
            (sent,) = client.post("/sandbox/locations/uninstall", json={"salon_id": 5}).json()["deliveries"]
            assert (sent["status"], sent["answer"]) == (200, "thanks")
        (request,) = partner.requests
        assert request.startswith(b"POST /cb HTTP/1.1\r\n")


def test_rate_limits_and_status_delay(sandbox: SandboxCommand) -> None:
    options = ["--rate-limits", "--no-retry-after", "--status-delay", "3600"]
    with sandbox.serving(*options) as client:
        answers = [client.post("/marketplace/partner/payment/refund/5") for _ in range(6)]
        assert [answer.status_code for answer in answers] == [422] * 5 + [429]
        assert "retry-after" not in answers[-1].headers


def test_a_port_that_is_taken(sandbox: SandboxCommand) -> None:
    with sandbox.started() as process:
        port = read_environment(process)["ALTEGIO_BASE_URL"].rpartition(":")[2]
        second = sandbox.run("--port", port)
    assert second.returncode == 2
    assert second.stderr.splitlines()[-1] == (
        f"altegio-sandbox: error: cannot listen on 127.0.0.1, port {port} (Address already in use): "
        "--port 0 selects a free port"
    )


def test_other_machines_can_connect_only_on_request(sandbox: SandboxCommand) -> None:
    with sandbox.started("--host", "0.0.0.0") as process:  # noqa: S104
        url = read_environment(process)["ALTEGIO_BASE_URL"]
        assert url.startswith("http://127.0.0.1:")
        assert httpx.get(url, trust_env=False).status_code == 200
        assert "Other machines can connect to it.\n" in stop(process)
    with sandbox.started("--host", "::1") as process:
        url = read_environment(process)["ALTEGIO_BASE_URL"]
        assert url.startswith("http://[::1]:")
        assert httpx.get(url, trust_env=False).status_code == 200
        stop(process)


INVALID = [
    (["--fault", "gremlins"], "Unknown fault 'gremlins'. The faults are lose_answer, "),
    (["--fault", "stall:many"], "--fault stall:many: calls must be a whole number, not 'many'."),
    (["--fault", "stall:calls"], "--fault stall:calls: calls must be a whole number, not 'calls'."),
    (["--fault", "stall:place=5"], "--fault stall:place=5: Unknown parameter place. The parameters are fault, calls, "),
    (["--fault", "stall:0"], "calls must be a number of calls, 1 to 1000000, not 0."),
    (["--fault-rate", "stall"], "--fault-rate stall: write NAME:PROBABILITY, as in stall:0.1."),
    (["--fault-rate", "stall:2"], "--fault-rate stall:2: probability must be a number from 0 to 1, not 2.0."),
    (
        ["--fault-rate", "gremlins:0.1"],
        "--fault-rate gremlins:0.1: Unknown fault 'gremlins'. The faults are lose_answer, ",
    ),
    (["--user-token", "two words"], "--user-token must be 1 to 4096 visible ASCII characters"),
    (["--token", "two words"], "--token must be 1 to 4096 visible ASCII characters"),
    (["--application-id", "0"], "--application-id: must be a number, digits only, not '0'. Write it like 123."),
    (["--salon-id", "-5"], "--salon-id: must be a number, digits only, not '-5'. Write it like 123."),
    (["--callback-url", "example.com"], "--callback-url must be an absolute http or https URL, not 'example.com'."),
    (["--registration-url", "ftp://a"], "--registration-url must be an absolute http or https URL, not 'ftp://a'."),
    (["--seed", "nowhere.json"], "No such file or directory: 'nowhere.json'"),
    (["--state", "nowhere/altegio.db"], "nowhere/altegio.db cannot store the state (unable to open database file)"),
    (["--status-delay", "-1"], "--status-delay must be zero or more, and at most a day."),
    (["--freeze-delay", "-1"], "--freeze-delay must be zero or more, and at most ten years."),
    (["--port", "70000"], "--port must be a number from 0 to 65535, not 70000."),
    (["--format", "github"], "--format github: GITHUB_ENV is not set."),
    (["--env-file", "nowhere/settings"], "No such file or directory: 'nowhere/settings.part'"),
    (["--", "npm", "test"], "write the command after run and --, as in: altegio-sandbox run -- npm test"),
]


@pytest.mark.parametrize(("options", "words"), INVALID, ids=[" ".join(options) for options, _ in INVALID])
def test_invalid_options(sandbox: SandboxCommand, options: list[str], words: str) -> None:
    ran = sandbox.run(*options)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert words in ran.stderr.splitlines()[-1]
    assert not re.search(r"_token|_id |_url |\b(?:str|int|float) |datetime|as an int", ran.stderr.splitlines()[-1])


def seed_with(**values: object) -> str:
    return json.dumps({"locations": [{"salon_id": 1, "payments": [{"payment_sum": 1, **values}]}]})


INVALID_SEEDS = [
    ("[]", "The seed must be a JSON object."),
    ("{", "The seed must be a JSON object."),
    ('{"now": "tomorrow"}', "now: This must be a date and time like 2022-01-01 10:10:00."),
    ('{"locations": {}}', "locations: This must be a list."),
    ('{"location": []}', "location: Unknown field. The fields are now, locations, tariffs."),
    ('{"locations": [5]}', "locations[0]: This must be an object."),
    ('{"locations": [{}]}', "locations[0].salon_id: This must be a positive integer."),
    ('{"locations": [{"salon_id": 1, "status": "frozen"}]}', "locations[0].status: This must be one of uninstalled, "),
    ('{"locations": [{"salon_id": 1, "status": []}]}', "locations[0].status: This must be one of uninstalled, "),
    ('{"locations": [{"salon_id": 1}, {"salon_id": 1}]}', "The seed contains location 1 more than once."),
    (
        '{"locations": [{"salon_id": 1, "status": "pending", "payments": [{"payment_sum": 1}]}]}',
        "cannot have payments",
    ),
    (seed_with(payment_sum="5"), "locations[0].payments[0].payment_sum: This must be a number, zero or more."),
    (seed_with(currency_iso="euro"), "locations[0].payments[0].currency_iso: This must be three capital letters."),
    (seed_with(period_to="2022-01-01"), "locations[0].payments[0].period_to: This must be a date"),
    (seed_with(is_refunded="no"), "locations[0].payments[0].is_refunded: This must be true or false."),
    (seed_with(id=5), "locations[0].payments[0].id: Unknown field. The fields are payment_sum, "),
]


def test_a_seed_without_pending_links(sandbox: SandboxCommand, tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text('{"locations": [{"salon_id": 1, "payments": [{"payment_sum": 1}]}]}')
    with sandbox.started("--seed", str(seed)) as process:
        url = read_environment(process)["ALTEGIO_BASE_URL"]
        assert stop(process) == f"Open in a browser: {url}\nPress Ctrl-C to stop and discard the state.\n"


@pytest.mark.parametrize(("text", "words"), INVALID_SEEDS)
def test_invalid_seeds(sandbox: SandboxCommand, tmp_path: Path, text: str, words: str) -> None:
    seed, state = tmp_path / "seed.json", tmp_path / "altegio.db"
    seed.write_text(text)
    ran = sandbox.run("--seed", str(seed), "--state", str(state))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert f"{seed}: " in ran.stderr.splitlines()[-1]
    assert words in ran.stderr.splitlines()[-1]
    assert not state.exists()


@pytest.mark.parametrize("content", [b"Not SQLite, and as long as one of its pages. " * 100, None])
def test_another_kind_of_file_is_not_used_as_state_file(
    sandbox: SandboxCommand, tmp_path: Path, content: bytes | None
) -> None:
    state = tmp_path / "precious.db"
    if content is None:
        with sqlite3.connect(state) as db:
            db.execute("CREATE TABLE precious (data TEXT)")
        db.close()
    else:
        state.write_bytes(content)
    before = state.read_bytes()
    ran = sandbox.run("--state", str(state))
    assert ran.returncode == 2
    assert str(state) in ran.stderr.splitlines()[-1]
    assert state.read_bytes() == before


def test_the_version(sandbox: SandboxCommand) -> None:
    assert sandbox.run("--version").stdout == f"altegio-sandbox {__version__}\n"


def print_settings(sandbox: SandboxCommand, *options: str) -> str:
    """Serve, and return the first line that it prints."""
    with sandbox.started("--token", ODD_TOKEN, *options) as process:
        line = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=60)
        assert process.returncode == 0
    return line + rest


ODD_TOKEN = "it's$HOME"


def settings_of_a_sandbox(url: str, token: str = ODD_TOKEN) -> dict[str, str]:
    values = [url, f"{url}/api/v1", url, token, "", "sandbox-user-token", "123"]
    return dict(zip(SETTINGS, values, strict=True))


def settings_of_the_real_altegio(url: str, token_file: Path) -> dict[str, str]:
    return {
        "ALTEGIO_BASE_URL": url,
        "ALTEGIO_API_URL": f"{url}/api/v1",
        "ALTEGIO_TARIFFS_URL": url,
        "ALTEGIO_PARTNER_TOKEN": "RealFakeToken",
        "ALTEGIO_PARTNER_TOKEN_FILE": str(token_file),
        "ALTEGIO_USER_TOKEN": "RealFakeUserToken",
        "ALTEGIO_APPLICATION_ID": "77",
    }


def test_settings_for_shells(sandbox: SandboxCommand) -> None:
    """A real shell reads them, whatever is in the token."""
    printed = print_settings(sandbox)
    shell = ["/bin/sh", "-c", f"{printed}\nenv"]
    before = {"PATH": os.environ["PATH"], **settings_of_the_real_altegio("https://app.alteg.io", Path("token"))}
    ran = subprocess.run(shell, capture_output=True, text=True, check=True, env=before)
    after = dict(line.split("=", 1) for line in ran.stdout.splitlines())
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", after["ALTEGIO_BASE_URL"])
    assert {name: after[name] for name in SETTINGS} == settings_of_a_sandbox(after["ALTEGIO_BASE_URL"])


def test_settings_for_powershell(sandbox: SandboxCommand) -> None:
    lines = print_settings(sandbox, "--format", "powershell").splitlines()
    url = lines[0].removeprefix("$env:ALTEGIO_BASE_URL = '").removesuffix("'")
    expected = settings_of_a_sandbox(url, "it''s$HOME")
    assert lines == [f"$env:{name} = '{value}'" for name, value in expected.items()]


@pytest.mark.parametrize("options", [["--json"], ["--format", "json"]])
def test_settings_for_programs(sandbox: SandboxCommand, options: list[str]) -> None:
    (line,) = print_settings(sandbox, *options).splitlines()
    settings = json.loads(line)
    assert settings == settings_of_a_sandbox(settings["ALTEGIO_BASE_URL"])


def test_settings_for_files(sandbox: SandboxCommand, tmp_path: Path) -> None:
    file = tmp_path / "settings.env"
    shown = 'cat "$0"; test -e "$1"'
    ready = tmp_path / "ready"
    options = ["--env-file", str(file), "--ready-file", str(ready), "--token", ODD_TOKEN]
    ran = sandbox.run_with(["sh", "-c", shown, str(file), str(ready)], *options)
    assert (ran.returncode, ran.stderr) == (0, "")
    settings = dict(line.split("=", 1) for line in ran.stdout.splitlines())
    assert settings == settings_of_a_sandbox(settings["ALTEGIO_BASE_URL"])
    assert [*tmp_path.iterdir()] == []  # they would lead nowhere now


def test_a_file_with_other_settings_is_not_overwritten(sandbox: SandboxCommand, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    for text in ("ALTEGIO_BASE_URL=http://127.0.0.1:1\n", "SECRET=precious\n"):
        file.write_text(text)
        ran = sandbox.run_with(["true"], "--env-file", str(file))
        assert (ran.returncode, file.exists()) == ((2, True) if "SECRET" in text else (0, False))
    assert file.read_text() == "SECRET=precious\n"
    assert f"{file} has other settings, such as SECRET: pass a file of its own." in ran.stderr


def test_a_ready_file_of_an_earlier_run_is_removed(sandbox: SandboxCommand, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    ready.touch()
    ran = sandbox.run("--ready-file", str(ready), "--host", "192.0.2.1")
    assert (ran.returncode, ready.exists()) == (2, False)


def test_settings_for_later_steps_of_a_workflow(
    sandbox: SandboxCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = tmp_path / "github_env"
    variables.write_text("EARLIER=1\n")
    ready = tmp_path / "ready"
    monkeypatch.setenv("GITHUB_ENV", str(variables))
    with sandbox.started("--format", "github", "--ready-file", str(ready)) as process:
        written = stop(process)
    assert "Open in a browser" in written
    earlier, *lines = variables.read_text().splitlines()
    settings = dict(line.split("=", 1) for line in lines)
    assert earlier == "EARLIER=1"
    assert settings == settings_of_a_sandbox(settings["ALTEGIO_BASE_URL"], "sandbox-partner-token")


def test_a_command_gets_the_settings_and_its_exit_code_is_kept(sandbox: SandboxCommand) -> None:
    code = (
        "import sys; from altegio_partner import PartnerClient\n"
        "with PartnerClient() as partner: print(partner.complete_registration(salon_id=123))\n"
        "sys.exit(int(sys.argv[1]))"
    )
    for expected in (0, 7):
        ran = sandbox.run_with([sys.executable, "-c", code, str(expected)], "--no-redirect")
        assert (ran.returncode, ran.stdout) == (expected, "None\n")
        lines = ran.stderr.splitlines()
        if expected:
            assert lines[0] == f"{sys.executable} exited with 7. The latest calls that the sandbox received:"
            assert re.fullmatch(rf"  {TIME} POST /marketplace/partner/callback/redirect 200", lines[1])
        assert len(lines) == (2 if expected else 0)


CALL_EVERY_HOST = f"""
set -e
{shlex.quote(PARTNER)} check --json
{shlex.quote(PARTNER)} register 123 --yes
{shlex.quote(PARTNER)} tariffs
{shlex.quote(PARTNER)} discount 123 --discount 10 --yes
{shlex.quote(PARTNER)} webhooks list 123
{shlex.quote(PARTNER)} status 123 --profile live
{shlex.quote(sys.executable)} -c 'from altegio_partner import PartnerClient
with PartnerClient() as partner: partner.list_tariffs(), partner.webhooks.get_settings(salon_id=123)'
"""


@pytest.mark.parametrize("is_run", [True, False], ids=["run", "the printed settings"])
def test_settings_of_the_real_altegio_do_not_apply(
    sandbox: SandboxCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_run: bool
) -> None:
    """Neither those of the environment nor those of a profile: all calls go to the sandbox, with its tokens."""
    token_file, file = tmp_path / "token", tmp_path / "altegio-partner" / "config.toml"
    token_file.write_text("RealFakeTokenOfTheFile")
    file.parent.mkdir()
    with ScriptedServer(*[http(500)] * 20) as altegio:
        file.write_text(f'[live]\nbase_url = "{altegio.url}"\napplication_id = 77\ntoken_file = "{token_file}"\n')
        real = {
            **settings_of_the_real_altegio(altegio.url, token_file),
            "ALTEGIO_PROFILE": "live",
            "XDG_CONFIG_HOME": str(tmp_path),
        }
        for name, value in real.items():
            monkeypatch.setenv(name, value)
        if is_run:
            ran = sandbox.run_with(["sh", "-c", CALL_EVERY_HOST])
        else:
            with sandbox.started() as process:
                environment = os.environ | read_environment(process)
                command = ["sh", "-c", CALL_EVERY_HOST]
                ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
                stop(process)
        assert ran.returncode == 0, ran.stderr
        assert (altegio.requests, "RealFake" in ran.stdout + ran.stderr) == ([], False)


class RecordingEnvironment(Mapping[str, str]):
    """An environment that knows which variables were looked up, whether they exist or not."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.read: set[str] = set()
        self._variables = variables

    def __getitem__(self, name: str) -> str:
        self.read.add(name)
        return self._variables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)


KEPT = {
    "ALTEGIO_LEDGER_URL": "a ledger's keys belong to one Altegio, and tests may set their own",
    "ALTEGIO_PROFILE": "the environment goes before a profile",
    "ALTEGIO_TIMEZONE": "it says how dates are written, not where they are sent",
    "ALTEGIO_UNENCRYPTED_HOST": "it permits a host that none of the settings name, or the sandbox's own",
}
"""The variables that the sandbox's settings do not set."""


def test_every_variable_that_a_client_reads_is_set_or_kept_on_purpose(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that decides where calls are sent, or with which token, belongs into `settings_for`."""
    package = Path(altegio_partner.__file__).parent
    sources = [
        one.read_text("utf-8") for one in package.rglob("*.py") if "sandbox" not in one.relative_to(package).parts
    ]
    named = {name for text in sources for name in re.findall(r"ALTEGIO_[A-Z]+(?:_[A-Z]+)*", text)} - {"ALTEGIO_RATES"}
    settings = settings_for(Sandbox(), "http://127.0.0.1:1")
    environment = RecordingEnvironment(settings)
    with monkeypatch.context() as patch:
        patch.setattr(os, "environ", environment)
        PartnerClient().close()
    read = {name for name in environment.read if name.startswith("ALTEGIO_")}  # also those whose names are put together
    assert "ALTEGIO_TARIFFS_URL" in read
    assert named | read == {*settings, *KEPT}
    assert not settings.keys() & KEPT.keys()


def test_a_command_that_fails_without_calls(sandbox: SandboxCommand) -> None:
    ran = sandbox.run_with(["sh", "-c", "exit 3"])
    assert (ran.returncode, ran.stderr) == (3, "")


def test_a_command_that_a_signal_ends(sandbox: SandboxCommand) -> None:
    assert sandbox.run_with(["sh", "-c", "kill -KILL $$"]).returncode == 128 + signal.SIGKILL


def test_a_command_that_cannot_run(sandbox: SandboxCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "no-such-command").mkdir()  # not executable, as what is in a folder that cannot be looked into
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    ran = sandbox.run_with(["no-such-command"])
    assert ran.returncode == 127
    assert ran.stderr == "altegio-sandbox: cannot run no-such-command: No such file or directory\n"
    assert sandbox.run_with([str(tmp_path)]).returncode == 126


def test_run_without_a_command(sandbox: SandboxCommand) -> None:
    for ran in (sandbox.run_with([]), sandbox.fork_server.run([SANDBOX, "run"], cwd=Path(), env=os.environ)):
        assert ran.returncode == 2
        assert "write the command after run and --" in ran.stderr


@pytest.mark.usefixtures("measured_processes")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP])
def test_a_command_decides_what_a_signal_means(tmp_path: Path, number: signal.Signals) -> None:
    """SIGTERM and SIGHUP are passed on. A terminal sends SIGINT and SIGQUIT to both: they end together."""
    started = tmp_path / "started"
    script = f"trap 'echo stopped; exit 5' {number.name[3:]}; touch started; while :; do sleep 0.1; done"
    command = [SANDBOX, "run", "--", "sh", "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, process_group=0, cwd=tmp_path) as process:
        try:
            while not started.exists():
                assert process.poll() is None
                time.sleep(0.05)
            if number in (signal.SIGINT, signal.SIGQUIT):
                os.killpg(process.pid, number)
            else:
                process.send_signal(number)
            out, _ = process.communicate(timeout=60)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # also the command, if it is left
    assert (process.returncode, out) == (5, "stopped\n")


@pytest.mark.usefixtures("measured_processes")
def test_a_command_inherits_ignored_signals() -> None:
    """As a background job of a script does, and what nohup runs."""
    code = "import signal; print({signal.getsignal(one) is signal.SIG_IGN for one in (1, 2, 3, 15)})"
    run = shlex.join([SANDBOX, "run", "--", sys.executable, "-c", code])
    for ignored, expected in (("HUP INT QUIT TERM", {True}), ("USR1", {False})):
        script = f"trap '' {ignored}; exec {run}"
        ran = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
        assert ran.stdout == f"{expected}\n"


SIGNAL_AT_START = """
import signal, subprocess, sys
from altegio_partner.sandbox.command import main

class Started(subprocess.Popen):
    def __init__(self, *given, **more):
        {before}
        super().__init__(*given, **more)
        {after}

subprocess.Popen = Started
main(["run", "--", "sleep", "60"])
"""


@pytest.mark.usefixtures("measured_processes")
@pytest.mark.parametrize("place", ["before", "after"])
def test_a_signal_at_the_start_of_a_command_is_passed_on(place: str) -> None:
    """Even where it arrives while the system starts the command."""
    lines = {"before": "pass", "after": "pass", place: "signal.raise_signal(signal.SIGTERM)"}
    code = SIGNAL_AT_START.format(**lines)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    assert (ran.returncode, ran.stderr) == (128 + signal.SIGTERM, "")


def test_calls_as_text(sandbox: SandboxCommand) -> None:
    with sandbox.started("--fault", "lose_answer:operation=notify_refund") as process:
        url = read_environment(process)["ALTEGIO_BASE_URL"]
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.post(f"{url}/marketplace/partner/payment/refund/5", headers=SANDBOX_HEADERS, trust_env=False)
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as wire:
            wire.sendall(b"\x16\x03\x01")
            wire.recv(1)
        lines = stop(process).splitlines()[3:]
    refund = (
        f"POST /marketplace/partner/payment/refund/5 422, lose_answer: {RECORDED}, payment_id: The payment does not "
    )
    refund += "exist. By choice (unknown_payment): whether Altegio rejects this is unknown."
    assert re.fullmatch(f"{TIME} {re.escape(refund)}", lines[0])
    assert lines[1] == "127.0.0.1: This port does not use TLS: write http://, or start it with --tls."


def test_calls_as_json(sandbox: SandboxCommand) -> None:
    with sandbox.started("--log", "json", "--fault", "html_502") as process:
        url = read_environment(process)["ALTEGIO_BASE_URL"]
        for _ in range(2):
            httpx.post(f"{url}/marketplace/partner/payment", headers=SANDBOX_HEADERS, trust_env=False)
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as wire:
            wire.sendall(b"\x16\x03\x01")
            wire.recv(1)
        first, second, third = map(json.loads, stop(process).splitlines()[3:])
    assert re.fullmatch(TIME, first.pop("at"))
    assert first == {
        "number": 1,
        "address": "127.0.0.1",
        "operation": "notify_payment",
        "method": "POST",
        "path": "/marketplace/partner/payment",
        "status": 502,
        "reason": "",
        "choice": None,
        "fault": "html_502",
        "is_recorded": True,
    }
    assert second["reason"].startswith("body: The Content-Type must be application/json. By choice (content_type)")
    assert (second["choice"], second["fault"]) == ("content_type", None)
    assert third["problem"].startswith("127.0.0.1: This port does not use TLS")


def test_no_log(sandbox: SandboxCommand) -> None:
    with sandbox.serving("--log", "none") as client:
        assert client.post("/marketplace/partner/payment").status_code == 422


def test_a_log_that_nobody_reads_delays_no_call(sandbox: SandboxCommand) -> None:
    """A full pipe: the calls are answered all the same, and the sandbox stops."""
    with sandbox.started() as process:
        url = read_environment(process)["ALTEGIO_BASE_URL"]
        with httpx.Client(trust_env=False) as http:
            for number in range(1200):
                assert http.get(f"{url}/{'x' * 1000}/{number}").status_code == 404
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert "Press Ctrl-C to stop" in process.stderr.read(1000)


def test_a_closed_standard_error_does_not_stop_calls(tmp_path: Path) -> None:
    ready = tmp_path / "settings"
    command = [SANDBOX, "--port", "0", "--env-file", str(ready)]
    script = f"exec {shlex.join(command)} 2>&-"
    with subprocess.Popen(["/bin/sh", "-c", script], stdout=subprocess.PIPE, text=True) as process:
        url = read_environment(process)["ALTEGIO_BASE_URL"]
        assert httpx.get(f"{url}/nothing", trust_env=False).status_code == 404
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 0


def test_https(sandbox: SandboxCommand, tmp_path: Path) -> None:
    """Our own client reaches it by what is in the environment, and curl and others by the same file."""
    code = (
        "from altegio_partner import PartnerClient\n"
        "with PartnerClient() as partner: print(partner.complete_registration(salon_id=123))"
    )
    authority = tmp_path / "ca.pem"
    ran = sandbox.run_with([sys.executable, "-c", code], "--tls", "--ca-file", str(authority))
    assert (ran.returncode, ran.stderr) == (0, "")
    assert re.fullmatch(r"https://127\.0\.0\.1:\d+/further-setup\?salon_id=123\n", ran.stdout)
    assert len(ssl.create_default_context(cafile=str(authority)).get_ca_certs()) > 50  # all others are still trusted
    ran = sandbox.run_with(
        ["sh", "-c", 'printf "%s\\n" "$ALTEGIO_BASE_URL" "$SSL_CERT_FILE" "$NODE_EXTRA_CA_CERTS"'],
        "--tls",
        "--host",
        "::1",
    )
    url, file, same = ran.stdout.splitlines()
    assert url.startswith("https://[::1]:")
    assert file == same
    assert not Path(file).exists()


ASK_BY_NAME = """
import json, os, socket, ssl, urllib.parse
port = urllib.parse.urlsplit(os.environ["ALTEGIO_BASE_URL"]).port
context = ssl.create_default_context()
plain = socket.create_connection(("127.0.0.1", port))
with context.wrap_socket(plain, server_hostname="sandbox") as wire:
    wire.sendall(b"GET /sandbox/health HTTP/1.0\\r\\nHost: sandbox:%d\\r\\n\\r\\n" % port)
    print(wire.makefile("rb").read().decode().partition("\\r\\n\\r\\n")[2])
"""


def test_https_for_other_names(sandbox: SandboxCommand) -> None:
    options = ["--tls", "--tls-name", "sandbox", "--host", "0.0.0.0"]  # noqa: S104
    ran = sandbox.run_with([sys.executable, "-c", ASK_BY_NAME], *options)
    assert (ran.returncode, json.loads(ran.stdout)["status"]) == (0, "ok"), ran.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_names_every_option(sandbox: SandboxCommand, shell: str) -> None:
    """Shells run it in tests/shells."""
    script = sandbox.run("--completion", shell).stdout
    usage = sandbox.run("--help").stdout
    for name in re.findall(r"^  --([\w-]+)", usage, re.MULTILINE):
        assert re.search(rf"(-l |--){name}\b", script)
    assert "lose_answer drop_call" in script


def test_what_altegio_leaves_open(sandbox: SandboxCommand) -> None:
    terms = ["--trial", "1", "--freeze-delay", "0.5", "--refund-freeze-delay", "0"]
    with sandbox.started("--lenient", "--bodies", "--user-token", "mine", *terms) as process:
        settings = read_environment(process)
        headers = {**SANDBOX_HEADERS, "Authorization": "Bearer sandbox-partner-token, User mine"}
        with httpx.Client(base_url=settings["ALTEGIO_BASE_URL"], headers=headers, trust_env=False) as http:
            text = {"salon_id": "123", "application_id": "123"}
            registered = http.post("/marketplace/partner/callback/redirect", json=text)
            assert (registered.status_code, registered.text[:9]) == (301, "<!DOCTYPE")
            assert http.get("/api/v1/hooks_settings/123").status_code == 200
            assert http.post("/sandbox/clock", json={"hours": 1.4}).json()["deliveries"] == []
            (freeze,) = http.post("/sandbox/clock", json={"hours": 0.2}).json()["deliveries"]
    assert settings["ALTEGIO_USER_TOKEN"] == "mine"
    assert freeze["event"] == "freeze"
