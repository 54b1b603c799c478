"""Where the settings of `altegio-partner` come from: options, the environment, profiles, the keyring."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from altegio_partner.cli.profiles import read_profile
from tests.callers import TOKEN
from tests.cli.command_line import CommandLine, connected
from tests.cli.test_terminal import ended, in_terminal
from tests.commands import ForkServer


@pytest.fixture
def altegio(fork_server: ForkServer, tmp_path: Path) -> Iterator[CommandLine]:
    """A command line whose settings are in no variable of the environment."""
    with connected(fork_server, tmp_path) as altegio:
        for name in ("ALTEGIO_PARTNER_TOKEN", "ALTEGIO_APPLICATION_ID"):
            del altegio.environment[name]
        yield altegio


def profiles(altegio: CommandLine, text: str) -> Path:
    """Write the configuration file, and the token into a file."""
    file = altegio.folder / "configuration" / "altegio-partner" / "config.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    (altegio.folder / "token").write_text(TOKEN)
    (altegio.folder / "token").chmod(0o600)
    return file


def texts(altegio: CommandLine, *options: str, **environment: str) -> dict[str, str]:
    _, printed = altegio.json("check", *options, **environment)
    return {one["name"]: one["text"] for one in printed["settings"]}


def test_a_profile(altegio: CommandLine) -> None:
    file = profiles(
        altegio,
        f"""
        [staging]
        token_file = "{altegio.folder}/token"
        application_id = 77
        timezone = "Europe/Berlin"
        ledger_url = "{altegio.ledger_url}"
        """,
    )
    base_url = altegio.environment["ALTEGIO_BASE_URL"]
    found = texts(altegio, "--profile", "staging")
    assert found == {
        "profile": f"staging, in {file}",
        "partner token": f"in {altegio.folder}/token (token_file of profile staging)",
        "application": "77 (application_id of profile staging)",
        "Altegio": f"{base_url}, a sandbox on this machine (ALTEGIO_BASE_URL)",
        "time zone": "Europe/Berlin: times with an offset are converted to it (timezone of profile staging)",
        "ledger": f"{altegio.folder}/payments.db does not exist yet: the first payment creates it",
        "client": found["client"],
    }
    assert altegio("status", "123", "--profile", "staging").returncode == 0
    assert altegio("--profile", "staging", "status", "123").returncode == 0
    assert altegio("status", "123", ALTEGIO_PROFILE="staging").returncode == 0
    found = texts(altegio, "--profile", "staging", "--application-id", "78", ALTEGIO_TIMEZONE="Asia/Almaty")
    assert found["application"] == "78 (--application-id)"
    assert found["time zone"] == "Asia/Almaty: times with an offset are converted to it (ALTEGIO_TIMEZONE)"
    found = texts(altegio, "--profile", "staging", ALTEGIO_PARTNER_TOKEN=TOKEN)
    assert found["partner token"] == "in ALTEGIO_PARTNER_TOKEN"
    assert altegio("pending", "--profile", "staging").returncode == 0
    assert texts(altegio, "--profile", "staging")["ledger"].endswith("0 pending (ledger_url of profile staging)")


def test_the_default_profile(altegio: CommandLine) -> None:
    profiles(altegio, f'[default]\napplication_id = 77\ntoken_file = "{altegio.folder}/token"\n')
    assert altegio("status", "123").returncode == 0
    (altegio.folder / "token").write_text("")
    ran = altegio("status", "123")
    assert ran.returncode == 2
    assert "token_file of profile default must name a file that contains the secret. It is empty." in ran.stderr


def test_an_error_names_the_setting_of_the_profile(altegio: CommandLine) -> None:
    profiles(altegio, f'[default]\napplication_id = "mine"\ntoken_file = "{altegio.folder}/token"\n')
    ran = altegio("status", "123")
    assert ran.returncode == 2
    assert "application_id of profile default must be a number, digits only." in ran.stderr


WRONG = {
    "another name": ("[other]\napplication_id = 77", "has no profile 'staging'. It has other."),
    "no profile": ("", "has no profile 'staging'. It does not exist or is empty. Write a table for each profile"),
    "no TOML": ("[staging", "is not TOML: "),
    "outside": ("application_id = 77", "application_id is not in the table of a profile. Write a table"),
    "a token": ('[staging]\ntoken = "FakeToken"', "profile staging has unknown settings: token. The settings are "),
}


@pytest.mark.parametrize(("text", "says"), WRONG.values(), ids=WRONG)
def test_a_file_that_cannot_be_used(altegio: CommandLine, text: str, says: str) -> None:
    profiles(altegio, text)
    ran = altegio("status", "123", "--profile", "staging")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert says in ran.stderr
    assert "FakeToken" not in ran.stderr


def test_a_file_that_other_users_can_write(altegio: CommandLine) -> None:
    file = profiles(altegio, "[default]\n")
    file.chmod(0o666)
    ran = altegio("status", "123")
    assert ran.returncode == 2
    assert f"Other users can write {file}, and so choose where your token goes. Run: chmod 600 {file}" in ran.stderr
    file.unlink()
    file.mkdir()
    ran = altegio("status", "123")
    assert ran.returncode == 2
    assert f"{file} cannot be read: Is a directory." in ran.stderr


KEYRING = (
    "def get_password(service, user):\n    return {!r} if (service, user) == ('altegio-partner', 'live') else None\n"
)


def test_a_key_needs_its_application(altegio: CommandLine) -> None:
    ran = altegio("resolve", "invoice-1", "--not-recorded", "--yes", "--ledger-url", altegio.ledger_url)
    assert ran.returncode == 2
    assert "The application id is missing: set ALTEGIO_APPLICATION_ID, or pass --application-id 123." in ran.stderr


@pytest.mark.usefixtures("measured_processes")
def test_the_keyring(altegio: CommandLine) -> None:
    """The module of that name stands for `keyring`, which asks a program of the desktop."""
    profiles(altegio, "[live]\napplication_id = 77\nkeyring = true\n[other]\napplication_id = 77\nkeyring = true\n")
    modules = altegio.folder / "modules"
    modules.mkdir()
    (modules / "keyring.py").write_text("raise ModuleNotFoundError(name='keyring')")
    path = {"PYTHONPATH": f"{modules}:{altegio.environment.get('PYTHONPATH', '')}"}
    ran = altegio.installed("status", "123", "--profile", "live", **path)
    assert ran.returncode == 2
    assert "Run: pip install keyring, or write token_file." in ran.stderr
    (modules / "keyring.py").write_text(KEYRING.format(TOKEN))
    assert altegio.installed("status", "123", "--profile", "live", **path).returncode == 0
    ran = altegio.installed("check", "--profile", "live", **path)
    assert "partner token\tok\tin the keyring\n" in ran.stdout
    unusable = "def get_password(service, user):\n    raise RuntimeError('FakeSecret')\n"
    for content, name in ((unusable, "RuntimeError"), ("raise ModuleNotFoundError(name='b')", "ModuleNotFoundError")):
        (modules / "keyring.py").write_text(content)
        ran = altegio.installed("status", "123", "--profile", "live", **path)
        text = f"keyring of profile live cannot be used: {name}. Unlock or configure the keyring"
        assert (ran.returncode, text in ran.stderr, "FakeSecret" in ran.stderr) == (2, True, False)
        ran = altegio.installed("check", "--profile", "live", **path)
        assert (ran.returncode, f"partner token\tusage error\t{text}" in ran.stdout) == (2, True)
    queries = altegio.folder / "queries"
    (modules / "keyring.py").write_text(
        f"def get_password(service, user):\n    open({str(queries)!r}, 'a').write('1')\n    return {TOKEN!r}\n"
    )
    assert altegio.installed("register", "123", "--yes", "--profile", "live", **path).returncode == 0
    assert queries.read_text() == "1"  # for the preview and for the call
    (modules / "keyring.py").write_text(KEYRING.format(TOKEN))
    ran = altegio.installed("status", "123", "--profile", "other", **path)
    assert ran.returncode == 2
    assert "The keyring has no token. Run: keyring set altegio-partner other" in ran.stderr


def test_without_a_home_for_configurations_it_is_in_the_usual_folder(altegio: CommandLine) -> None:
    found = texts(altegio, HOME=str(altegio.folder), XDG_CONFIG_HOME="relative")
    assert found["profile"] == f"none: {altegio.folder}/.config/altegio-partner/config.toml has none"


def test_a_user_without_a_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as that of a container: the system has no entry, and neither has the environment."""

    def no_entry(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr("pwd.getpwuid", no_entry)
    for name in ("HOME", "XDG_CONFIG_HOME", "ALTEGIO_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "~" / ".config" / "altegio-partner" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text("[default]\nbase_url = 'https://attacker.example'\n")
    read_profile.cache_clear()
    assert read_profile(None).values == {}
    read_profile.cache_clear()
    with pytest.raises(ValueError, match=r"has no profile 'live'\. It does not exist or is empty"):
        read_profile("live")


def test_the_home_of_a_user_who_does_not_exist(altegio: CommandLine) -> None:
    ran = altegio("status", "123", "--token-file", "~nosuch/x", ALTEGIO_APPLICATION_ID="77")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "--token-file must name a file that contains the secret. No such file or directory." in ran.stderr


def test_check_builds_a_client(altegio: CommandLine) -> None:
    credentials = {"ALTEGIO_PARTNER_TOKEN": TOKEN, "ALTEGIO_APPLICATION_ID": "77"}
    real = {**credentials, "ALTEGIO_BASE_URL": "https://app.alteg.io", "SSL_CERT_FILE": "", "SSL_CERT_DIR": ""}
    found = texts(altegio, **real, HTTPS_PROXY="http://proxy.example:3128")
    assert found["client"] == "can be built, with HTTPS_PROXY"
    assert found["Altegio"] == "https://app.alteg.io, REAL ALTEGIO (ALTEGIO_BASE_URL)"
    code, printed = altegio.json("check", **real, HTTPS_PROXY="http://proxy.example:80x")
    assert code == 2
    assert printed["settings"][-1]["text"].startswith("HTTPS_PROXY is not the URL of a proxy")
    assert "proxy.example:80x" not in str(printed)


def test_the_real_altegio_is_not_taken_for_a_sandbox(altegio: CommandLine) -> None:
    credentials = {"ALTEGIO_PARTNER_TOKEN": TOKEN, "ALTEGIO_APPLICATION_ID": "77"}
    _, printed = altegio.json("refund", "5", "--dry-run", "--base-url", "https://app.alteg.io", **credentials)
    assert printed["target"] == "REAL ALTEGIO (app.alteg.io), application 77"


@pytest.mark.usefixtures("measured_processes")
def test_the_host_that_is_named_is_the_one_that_is_called(altegio: CommandLine) -> None:
    """Webhooks, and tariffs with discounts, may go to other hosts than payments."""
    url = altegio.environment["ALTEGIO_BASE_URL"]
    real = {
        "ALTEGIO_PARTNER_TOKEN": TOKEN, "ALTEGIO_APPLICATION_ID": "77", "ALTEGIO_USER_TOKEN": "FakeUserToken",
        "ALTEGIO_BASE_URL": "https://app.alteg.io", "ALTEGIO_TARIFFS_URL": url,
    }  # fmt: skip
    altegio.environment.update(real)
    sandbox = f"the sandbox at {url.removeprefix('http://')}, application 77"
    discount = ["discount", "123", "--discount", "10"]
    _, printed = altegio.json("refund", "5", "--dry-run")
    assert printed["target"] == "REAL ALTEGIO (app.alteg.io), application 77"
    _, printed = altegio.json(*discount, "--dry-run")
    assert printed["target"] == sandbox
    webhook = ["webhooks", "add", "123", "https://example.com/x"]
    for command, named in ((discount, sandbox), (webhook, "REAL ALTEGIO (api.alteg.io), application 77")):
        process = in_terminal(altegio, *command)
        process.expect(rf" {re.escape(named)}\? \[y/N\]: ")
        process.sendline("n")
        assert ended(process)[0] == 4
    assert texts(altegio, ALTEGIO_API_URL="https://api.alteg.io/api/v1")["Altegio"] == (
        "https://app.alteg.io, REAL ALTEGIO (ALTEGIO_BASE_URL); for webhooks https://api.alteg.io/api/v1, REAL ALTEGIO "
        f"(ALTEGIO_API_URL); for tariffs and discounts {url}, a sandbox on this machine (ALTEGIO_TARIFFS_URL)"
    )
    ran = altegio(*discount, "--yes", "--base-url", url, ALTEGIO_TARIFFS_URL="https://app.alteg.io")
    assert ran.returncode == 2
    assert "Unset ALTEGIO_TARIFFS_URL: with it, some calls would go to the real Altegio." in ran.stderr


def test_the_example_of_the_message_is_a_profile() -> None:
    from altegio_partner.cli.profiles import _EXAMPLE  # noqa: PLC0415

    words = _EXAMPLE.partition(": ")[2].split(", and below it ")
    assert tomllib.loads("\n".join(words)) == {"staging": {"application_id": 123}}
