"""The mistakes of a first day: each message names the option, quotes the value, and gives a fix that is accepted."""

import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from attrs import field, frozen

from tests.callers import API_KEY, TOKEN
from tests.cli.command_line import COLUMNS, CommandLine, connected, row
from tests.commands import ForkServer
from tests.servers.scripted import closed_port

PYTHON = re.compile(
    r"salon_id|payment_sum|currency_iso|payment_date|period_from|period_to|payment_id|idempotency_key|api_key"
    r"|webhook_urls|partner_token|user_token|application_id|base_url|api_url"
    r"|tariffs_url|ledger_url|timezone=|\bstr '|\bint \d|datetime|Decimal"
    r"|notify_|mark_|\.errors"
)
OPTIONS = {
    "--payment-sum": "990.99", "--currency-iso": "EUR", "--payment-date": "2026-11-24 12:00",
    "--period-from": "2026-12-01", "--period-to": "2026-12-31",
}  # fmt: skip


def pay(salon_id: str = "123", options: Mapping[str, str] = {}, *more: str) -> list[str]:
    """Return a payment with these options instead of the usual ones. A dry run makes all checks of a payment."""
    changed = {**OPTIONS, **options}
    return ["pay", salon_id, *(f"{name}={value}" for name, value in changed.items()), *more, "--dry-run"]


@frozen
class Mistake:
    """A command that fails, and the same with the advice followed, which is accepted."""

    title: str
    wrong: Sequence[str]
    says: Sequence[str]
    right: Sequence[str]
    wrong_environment: Mapping[str, str] = field(factory=dict[str, str])
    right_environment: Mapping[str, str] = field(factory=dict[str, str])
    code: int = 2


def of_option(option: str, value: str, fix: str, *says: str, title: str = "") -> Mistake:
    """A wrong value of `pay`, and the one to write instead, which the message gives as a shell takes it."""
    advice = f"Write {shlex.quote(fix)}"
    said = (option, f"'{value}'", *(says or (advice,)))
    return Mistake(title or f"{option} {value}", pay(options={option: value}), said, pay(options={option: fix}))


MISTAKES = [
    of_option("--payment-sum", "9,99", "9.99"),
    of_option("--payment-sum", "1.234,56", "1234.56"),
    of_option("--payment-sum", "9.999", "10.00", "Write 10.00, or 9999 if the point separates thousands."),
    of_option("--payment-sum", "1,000", "1250.50", "Write it like '1250.50'."),
    of_option("--payment-sum", "1e3", "1000"),
    of_option("--payment-sum", "€9.99", "9.99"),
    of_option("--payment-sum", "9.99 EUR", "9.99"),
    of_option("--payment-sum", "much", "1250.50", "Write it like '1250.50'."),
    of_option("--currency-iso", "eur", "EUR"),
    of_option("--currency-iso", "€", "EUR"),
    of_option("--currency-iso", "Euro", "EUR"),
    of_option("--payment-date", "2026-11-24", "2026-11-24 12:00", title="a date for a time"),
    of_option("--payment-date", "24.11.2026", "2026-11-24 12:00"),
    of_option("--payment-date", "24.11.2026 9:30", "2026-11-24 09:30"),
    of_option("--payment-date", "2026.11.24", "2026-11-24 12:00"),
    *(
        of_option("--payment-date", value, "2026-11-24 12:00", "Write it like '2026-11-24 12:00'.")
        for value in ("tomorrow", "2026-02-30 12:00", "05/06/2026", "99.99.2026", "24.11.26")
    ),
    of_option("--period-to", "31.12.2026", "2026-12-31"),
    of_option("--period-to", "12/31/2026", "2026-12-31"),
    of_option("--period-to", "31/12/2026 23:59:59", "2026-12-31 23:59:59"),
    Mistake(
        "a negative sum", pay(options={"--payment-sum": "-5"}),
        ("--payment-sum", "'-5'", "To report a refund, use `altegio-partner refund`."), ["refund", "456", "--dry-run"],
    ),
    Mistake(
        "a time with an offset, without a time zone", pay(options={"--payment-date": "2026-11-24T12:00+01:00"}),
        ("--payment-date", "2026-11-24 12:00:00+01:00", "Pass --timezone Europe/Berlin."),
        pay("123", {"--payment-date": "2026-11-24T12:00+01:00"}, "--timezone", "Europe/Berlin"),
    ),
    Mistake(
        "a time zone that is only a city", pay("123", {}, "--timezone", "berlin"),
        ("--timezone", "'berlin'", "Write Europe/Berlin."), pay("123", {}, "--timezone", "Europe/Berlin"),
    ),
    Mistake(
        "a time zone in the environment", pay(), ("ALTEGIO_TIMEZONE", "'Europe/Berln'", "Write Europe/Berlin."), pay(),
        {"ALTEGIO_TIMEZONE": "Europe/Berln"}, {"ALTEGIO_TIMEZONE": "Europe/Berlin"},
    ),
    Mistake(
        "a reversed period", pay(options={"--period-from": "2026-12-31", "--period-to": "2026-12-01"}),
        ("--period-from must be before the end of", "2026-12-31 00:00:00 is not before 2026-12-01", "Exchange them"),
        pay(options={"--period-from": "2026-12-01", "--period-to": "2026-12-31"}),
    ),
    Mistake("a location abc", pay("abc"), ("SALON_ID", "'abc'", "Write it like 123."), pay("123")),
    Mistake("a location 12.0", pay("12.0"), ("SALON_ID", "'12.0'", "Write 12."), pay("12")),
    Mistake("a location #12", pay("#12"), ("SALON_ID", "'#12'", "Write 12."), pay("12")),
    Mistake(
        "a location of more than 64 bits", pay("9999999999999999999"),
        ("SALON_ID must be a number, digits only, not '9999999999999999999'. Write it like 123.",), pay("007"),
    ),
    Mistake(
        "an application of more than 64 bits", pay(),
        ("ALTEGIO_APPLICATION_ID must be a number, digits only. Write the id of your application, such as 123.",),
        pay(), {"ALTEGIO_APPLICATION_ID": "9999999999999999999"}, {"ALTEGIO_APPLICATION_ID": "0123"},
    ),
    Mistake(
        "all options are missing", ["pay", "--dry-run"],
        ("Missing:", "SALON_ID", *OPTIONS, "See altegio-partner pay"),
        pay(),
    ),
    Mistake("help for a command", ["pay", "--dry-run"], ("See altegio-partner pay --help.",), ["pay", "--help"]),
    Mistake(
        "an option without a value", [*pay()[:-1], "--timezone"], ("--timezone", "requires an argument"),
        pay("123", {}, "--timezone", "Europe/Berlin"),
    ),
    Mistake(
        "a mistyped option", ["pay", "123", "--payment-summ", "5"], ("--payment-summ", "Did you mean", "--payment-sum"),
        pay(),
    ),
    Mistake(
        "a mistyped command", ["penidng"], ("'penidng'", "Did you mean 'pending'?"), ["pending"],
        {}, {"ALTEGIO_LEDGER_URL": "sqlite:///{folder}/payments.db"},
    ),
    Mistake(
        "no token", pay(), ("The partner token is missing: set ALTEGIO_PARTNER_TOKEN, or pass --token-file FILE.",),
        pay("123", {}, "--token-file", "token"), {"ALTEGIO_PARTNER_TOKEN": ""}, {"ALTEGIO_PARTNER_TOKEN": ""},
    ),
    Mistake(
        "no application", pay(), ("set ALTEGIO_APPLICATION_ID, or pass --application-id 123.",),
        pay("123", {}, "--application-id", "123"), {"ALTEGIO_APPLICATION_ID": ""}, {"ALTEGIO_APPLICATION_ID": ""},
    ),
    Mistake(
        "neither token nor application nor ledger", ["import", "payments.csv", "--dry-run"],
        ("ALTEGIO_PARTNER_TOKEN, or", "ALTEGIO_APPLICATION_ID, or", "ALTEGIO_LEDGER_URL, always"),
        ["import", "payments.csv", "--dry-run"], {"ALTEGIO_PARTNER_TOKEN": "", "ALTEGIO_APPLICATION_ID": ""},
        {"ALTEGIO_LEDGER_URL": "sqlite:///{folder}/payments.db"},
    ),
    Mistake(
        "an application that is no number", pay("123", {}, "--application-id", "mine"),
        ("--application-id must be a number, digits only. Write the id of your application, such as 123.",),
        pay("123", {}, "--application-id", "123"),
    ),
    Mistake(
        "an application that is no number, in the environment", pay(),
        ("ALTEGIO_APPLICATION_ID must be a number, digits only. Write the id of your application,",), pay(),
        {"ALTEGIO_APPLICATION_ID": "mine"}, {"ALTEGIO_APPLICATION_ID": "123"},
    ),
    Mistake(
        "a token with its scheme", pay(),
        ("ALTEGIO_PARTNER_TOKEN must be the token alone", "Leave out the word 'Bearer'"), pay(),
        {"ALTEGIO_PARTNER_TOKEN": f"Bearer {TOKEN}"},
    ),
    Mistake(
        "a token with a space", pay("123", {}, "--token-file", "spaced"),
        ("--token-file must be", "spaces", "Remove them."),
        pay("123", {}, "--token-file", "token"),
    ),
    Mistake(
        "a placeholder", pay(), ("ALTEGIO_PARTNER_TOKEN must be your own", "placeholder"), pay(),
        {"ALTEGIO_PARTNER_TOKEN": "<YOUR_TOKEN>"},
    ),
    Mistake(
        "a token file that is missing", pay("123", {}, "--token-file", "nowhere"),
        ("--token-file must name a file", "No such file", "Write the secret into a file."),
        pay("123", {}, "--token-file", "token"),
    ),
    Mistake(
        "a token file that is empty", pay("123", {}, "--token-file", "empty"),
        ("--token-file must name a file", "It is empty.", "Write the secret into a file."),
        pay("123", {}, "--token-file", "token"),
    ),
    Mistake(
        "a wrong token", ["status", "123"], ("401", "Check the partner token."), ["status", "123"],
        {"ALTEGIO_PARTNER_TOKEN": "AnotherFakeToken"}, code=3,
    ),
    Mistake(
        "nobody is listening", ["status", "123"], ("connection refused", "Is the sandbox running?"), ["status", "123"],
        {"ALTEGIO_BASE_URL": "{closed}"}, code=4,
    ),
    Mistake(
        "a base URL with a path", pay("123", {}, "--base-url", "https://app.alteg.io/api/v1"),
        ("--base-url must be the address without /api and /marketplace", "Write https://app.alteg.io,"),
        pay("123", {}, "--base-url", "https://app.alteg.io"),
    ),
    Mistake(
        "http to another host", pay(), ("ALTEGIO_BASE_URL must be https", "Write https://app.alteg.io,"), pay(),
        {"ALTEGIO_BASE_URL": "http://app.alteg.io"}, {"ALTEGIO_BASE_URL": "https://app.alteg.io"},
    ),
    Mistake(
        "a base URL without a scheme", pay("123", {}, "--base-url", "127.0.0.1:8000"),
        ("--base-url must be an absolute URL", "http://127.0.0.1:8000 for a sandbox on this machine"),
        pay("123", {}, "--base-url", "http://127.0.0.1:8000"),
    ),
    *(
        Mistake(f"{name} without a scheme", pay(), (f"{name} must be an absolute URL",), pay(),
                {name: "api.alteg.io"}, {name: "http://127.0.0.1:8000"})
        for name in ("ALTEGIO_API_URL", "ALTEGIO_TARIFFS_URL")
    ),
    *(
        Mistake(f"{name} of the real Altegio", pay(), (f"Unset {name}: with it, some calls would go to the real",),
                pay(), {name: "https://api.alteg.io"}, {name: ""})
        for name in ("ALTEGIO_API_URL", "ALTEGIO_TARIFFS_URL")
    ),
    Mistake(
        "a user token with a space", pay(), ("ALTEGIO_USER_TOKEN must be 1 to 4096 visible", "Remove them."), pay(),
        {"ALTEGIO_USER_TOKEN": f"{TOKEN} {TOKEN}"}, {"ALTEGIO_USER_TOKEN": "AnotherFakeToken"},
    ),
    Mistake(
        "the sandbox without a scheme", ["sandbox", "calls", "--base-url", "127.0.0.1:8000"],
        ("--base-url must be an absolute URL", "http://127.0.0.1:8000 for a sandbox on this machine"),
        ["sandbox", "calls"],
    ),
    Mistake(
        "a webhook without TLS", ["register", "123", "--webhook-url", "http://example.com/webhook", "--dry-run"],
        ("--webhook-url number 1 must be an absolute https URL", "Write https://example.com/webhook."),
        ["register", "123", "--webhook-url", "https://example.com/webhook", "--dry-run"],
    ),
    Mistake(
        "a ledger in a folder that is missing", ["pending", "--ledger-url", "sqlite:///{folder}/new/payments.db"],
        ("--ledger-url", "the folder {folder}/new does not exist", "Run: mkdir -p {folder}/new"),
        ["pending", "--ledger-url", "sqlite:///{folder}/new/payments.db"],
    ),
    Mistake(
        "a ledger in a folder that is missing, in the environment", ["pending"],
        ("ALTEGIO_LEDGER_URL {folder}/new/p.db: the folder {folder}/new does not exist", "Run: mkdir -p {folder}/new"),
        ["pending"],
        {"ALTEGIO_LEDGER_URL": "sqlite:///{folder}/new/p.db"}, {"ALTEGIO_LEDGER_URL": "sqlite:///{folder}/new/p.db"},
    ),
    Mistake(
        "a ledger in a folder that cannot be", ["pending", "--ledger-url", f"sqlite:////{'a' * 300}/payments.db"],
        ("--ledger-url /aaa", "payments.db cannot be reached: File name too long. Name another file."),
        ["pending", "--ledger-url", "sqlite:///{folder}/payments.db"],
    ),
    *(
        Mistake(
            f"a ledger {url}", ["pending", "--ledger-url", url],
            ("--ledger-url", "absolute path", "Write sqlite:///{folder}/payments.db"),
            ["pending", "--ledger-url", "sqlite:///{folder}/payments.db"],
        )
        for url in (
            "sqlite:///payments.db", "payments.db", "sqlite+aiosqlite:///payments.db", "{folder}/payments.db",
        )
    ),
    Mistake(
        "a ledger in memory", ["pending", "--ledger-url", "sqlite://"],
        ("--ledger-url must be the URL of a file: an in-memory database",),
        ["pending", "--ledger-url", "sqlite:///{folder}/payments.db"],
    ),
    Mistake(
        "a ledger that is missing", pay("123", {}, "--idempotency-key", "invoice-42"),
        ("The ledger is missing", "set ALTEGIO_LEDGER_URL, always to the same one, or pass --ledger-url"),
        pay("123", {}, "--idempotency-key", "invoice-42", "--ledger-url", "sqlite:///{folder}/payments.db"),
    ),
    Mistake(
        "a key that is missing", pay("123", {}, "--ledger-url", "sqlite:///{folder}/payments.db"),
        ("--idempotency-key is missing", "Pass --idempotency-key invoice-42."),
        pay("123", {}, "--idempotency-key", "invoice-42", "--ledger-url", "sqlite:///{folder}/payments.db"),
    ),
    Mistake(
        "an unknown key to resolve", ["resolve", "invoice-7", "--not-recorded", "--yes"],
        ("'invoice-7'", "`altegio-partner pending` lists"), ["pending"],
        {"ALTEGIO_LEDGER_URL": "sqlite:///{folder}/payments.db"}, {"ALTEGIO_LEDGER_URL": "sqlite:///{folder}/payments.db"},
    ),
    Mistake(
        "an unknown key to reconcile", ["reconcile", "invoice-7"], ("'invoice-7'", "`altegio-partner pending` lists"),
        ["pending"],
        {"ALTEGIO_LEDGER_URL": "sqlite:///{folder}/payments.db"}, {"ALTEGIO_LEDGER_URL": "sqlite:///{folder}/payments.db"},
    ),
    Mistake(
        "a refund of nothing", ["refund", "--dry-run"], ("Pass either PAYMENT_ID, such as 456, or --idempotency-key",),
        ["refund", "456", "--dry-run"],
    ),
    Mistake(
        "no terminal", ["register", "123"], ("pass --yes, or --dry-run",), ["register", "123", "--yes"],
    ),
    *(
        Mistake(
            title, ["import", "payments.csv", "--results", results, "--dry-run"], says,
            ["import", "payments.csv", "--results", right, "--dry-run"],
            {"ALTEGIO_LEDGER_URL": "sqlite:///{folder}/p.db"}, {"ALTEGIO_LEDGER_URL": "sqlite:///{folder}/p.db"},
        )
        for title, results, says, right in (
            ("results in a missing folder", "new/a.csv", ("--results new/a.csv", "Run: mkdir -p new"), "new/a.csv"),
            ("results in a folder with a space", "a b/a.csv", ("--results a b/a", "Run: mkdir -p 'a b'"), "a b/a.csv"),
            ("results that cannot be in a folder", f"{'a' * 300}/b", ("--results aaa", "Name another"), "results.csv"),
            ("results that cannot be written", "a" * 300, ("--results aaa", "Name another file."), "results.csv"),
            ("results over payments", "payments.csv", ("--results payments.csv exists",), "results.csv"),
        )
    ),
    Mistake(
        "a file that is missing", ["import", "nowhere.csv", "--dry-run"],
        ("nowhere.csv cannot be read", "Check the name of the file."), ["import", "payments.csv", "--dry-run"],
        {"ALTEGIO_LEDGER_URL": "sqlite:///{folder}/p.db"}, {"ALTEGIO_LEDGER_URL": "sqlite:///{folder}/p.db"},
    ),
]  # fmt: skip


@pytest.fixture
def altegio(fork_server: ForkServer, tmp_path: Path) -> Iterator[CommandLine]:
    """A command line, a sandbox, and what a user would have: a token file, and a file of payments."""
    for name, content in {"token": TOKEN, "spaced": f"{TOKEN} {TOKEN}", "empty": "", "key": API_KEY}.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
        (tmp_path / name).chmod(0o600)
    with connected(fork_server, tmp_path) as altegio:
        altegio.file(row(1))
        yield altegio


def filled(altegio: CommandLine) -> Callable[[str], str]:
    folder, closed = str(altegio.folder), closed_port()
    return lambda text: text.replace("{folder}", folder).replace("{closed}", closed)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.title[:50])
def test_the_message_leads_to_what_is_accepted(altegio: CommandLine, mistake: Mistake) -> None:
    fill = filled(altegio)
    environment = {name: fill(value) for name, value in mistake.wrong_environment.items()}
    ran = altegio(*map(fill, mistake.wrong), **environment)
    assert (ran.returncode, ran.stdout) == (mistake.code, "")
    for words in mistake.says:
        assert fill(words) in ran.stderr
    message = re.split("^(?:Usage error|Rejected|Not sent): ", ran.stderr, flags=re.MULTILINE)[-1]  # below a preview
    assert PYTHON.findall(message.replace(str(altegio.folder), "")) == []
    for command in re.findall("Run: (mkdir -p .*)", ran.stderr):
        subprocess.run(shlex.split(command), cwd=altegio.folder, check=True)
    environment = {name: fill(value) for name, value in mistake.right_environment.items()}
    ran = altegio(*map(fill, mistake.right), **environment)
    assert (ran.returncode, "error" in ran.stderr) == (0, False)


def test_a_call_that_only_a_person_can_decide(altegio: CommandLine) -> None:
    ledger = {"ALTEGIO_LEDGER_URL": altegio.ledger_url}
    assert altegio("register", "123", "--yes").returncode == 0
    altegio.sandbox.inject_fault("drop_call")
    paid = [*pay("123", {}, "--idempotency-key", "invoice-1")[:-1], "--yes"]
    assert altegio(*paid, **ledger).returncode == 5
    altegio.sandbox.inject_fault("status_500", calls=6)
    ran = altegio("reconcile", "invoice-1", **ledger)
    assert ran.returncode == 5
    assert "`altegio-partner resolve KEY --recorded ID` or `altegio-partner resolve KEY --not-rec" in ran.stderr
    assert "mark_" not in ran.stderr
    assert altegio("resolve", "invoice-1", "--not-recorded", "--yes", **ledger).returncode == 0
    altegio.sandbox.clear_faults()
    assert altegio(*paid, **ledger).returncode == 0
    ran = altegio(*pay("123", {"--payment-sum": "5"}, "--idempotency-key", "invoice-1"), **ledger)
    assert ran.returncode == 2
    assert "The idempotency key 'invoice-1' was used for another call" in ran.stderr
    assert altegio(*pay("123", {"--payment-sum": "5"}, "--idempotency-key", "invoice-2"), **ledger).returncode == 0
    ran = altegio("resolve", "invoice-1", "--not-recorded", "--yes", **ledger)
    assert ran.returncode == 2
    assert "'invoice-1' is already recorded, as payment" in ran.stderr


POSTGRESQL = "user:secret@127.0.0.1:1/payments"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql+asyncpg", "postgresql+aiopg"])
def test_the_url_of_a_postgresql_ledger(altegio: CommandLine, scheme: str) -> None:
    ran = altegio("pending", ALTEGIO_LEDGER_URL=f"{scheme}://{POSTGRESQL}")
    assert ran.returncode == 2
    assert f"ALTEGIO_LEDGER_URL must be one for SQLAlchemy's postgresql+psycopg, not {scheme}. " in ran.stderr
    assert "Begin it with 'postgresql+psycopg://' and keep the rest." in ran.stderr
    assert "secret" not in ran.stderr
    for right in ("postgresql+psycopg", "postgresql"):  # as in the library
        ran = altegio("pending", ALTEGIO_LEDGER_URL=f"{right}://{POSTGRESQL}")
        assert ran.returncode == 4  # the URL is accepted, and nothing is listening
        assert "secret" not in ran.stderr


def test_another_database(altegio: CommandLine) -> None:
    ran = altegio("pending", ALTEGIO_LEDGER_URL="mysql://user:secret@127.0.0.1/payments")
    assert ran.returncode == 2
    wanted = "ALTEGIO_LEDGER_URL must be the URL of an SQLite file or a PostgreSQL database. Write 'sqlite:///"
    assert wanted in ran.stderr
    assert "secret" not in ran.stderr
    ran = altegio("pending", ALTEGIO_LEDGER_URL="user:secret@127.0.0.1/payments")
    assert ran.returncode == 2
    assert "ALTEGIO_LEDGER_URL must be a database URL. Write 'sqlite:///" in ran.stderr
    assert "secret" not in ran.stderr


ROWS = [
    ("payment_sum", "1.50", '"1,50"', "'1,50'. Write 1.50."),
    ("currency_iso", "EUR", "eur", "'eur'. Write EUR."),
    ("payment_date", "2026-11-24 12:00", "24.11.2026", "'24.11.2026'. Write 2026-11-24 12:00."),
    ("salon_id", "123", "No. 123", "'No. 123'. Write 123."),
]


@pytest.mark.parametrize(("column", "right", "wrong", "says"), ROWS, ids=[one[0] for one in ROWS])
def test_a_value_in_a_file(altegio: CommandLine, column: str, right: str, wrong: str, says: str) -> None:
    """Here the names of the columns are what the user knows, and nothing is quoted as for a shell."""
    ledger = {"ALTEGIO_LEDGER_URL": altegio.ledger_url}
    ran = altegio("import", altegio.file(row(1).replace(right, wrong)), "--dry-run", **ledger)
    assert ran.returncode == 2
    assert f"row 2: {column} must be" in ran.stderr
    assert says in ran.stderr
    assert altegio("import", altegio.file(row(1)), "--dry-run", **ledger).returncode == 0


@pytest.mark.parametrize("names", [COLUMNS.replace("payment_sum", "amount"), COLUMNS.replace(",", "|"), ""])
def test_wrong_names_of_columns(altegio: CommandLine, names: str) -> None:
    ledger = {"ALTEGIO_LEDGER_URL": altegio.ledger_url}
    ran = altegio("import", altegio.file(row(1), columns=names), "--dry-run", **ledger)
    assert ran.returncode == 2
    assert "payments.csv: row 1 must name the columns. Missing: " in ran.stderr
    (line,) = re.findall("Write as row 1, in any order: (.*)", ran.stderr)
    assert altegio("import", altegio.file(row(1), columns=line), "--dry-run", **ledger).returncode == 0


def test_the_url_of_a_webhook_is_not_taken_for_that_of_the_ledger(altegio: CommandLine) -> None:
    environment = {"ALTEGIO_USER_TOKEN": "sandbox-user-token", "ALTEGIO_LEDGER_URL": altegio.ledger_url}
    assert altegio("register", "123", "--yes").returncode == 0
    ran = altegio("webhooks", "add", "123", "http://example.com/a", "--yes", **environment)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "Usage error: URL must be an absolute https URL. Write https://example.com/webhook.\n"
    ran = altegio("webhooks", "add", "123", "https://example.com/webhook", "--yes", **environment)
    assert ran.returncode == 0


def test_a_token_file_from_windows(altegio: CommandLine) -> None:
    (altegio.folder / "token").write_bytes(f"{TOKEN}\r\n".encode("utf-8-sig"))
    assert altegio("status", "123", "--token-file", "token").returncode == 0


def test_a_token_file_that_all_users_can_read(altegio: CommandLine) -> None:
    (altegio.folder / "token").chmod(0o644)
    ran = altegio("status", "123", "--token-file", "token")
    assert (ran.returncode, ran.stderr) == (0, "Every user of this machine can read the token: run chmod 600 token\n")
    assert altegio("status", "123", "--token-file", "token", "--json").stderr == ran.stderr
    (altegio.folder / "token").chmod(0o600)
    assert altegio("status", "123", "--token-file", "token").stderr == ""


def test_a_port_that_is_taken(altegio: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = altegio("sandbox", "--port", port)
    assert ran.returncode == 2
    assert f"port {port} (Address already in use): --port 0 selects a free port" in ran.stderr
    with altegio.started("sandbox", "--port", "0") as process:
        assert process.stdout.readline().startswith("export ALTEGIO_BASE_URL=http://127.0.0.1:")


def test_an_extra_that_is_missing() -> None:
    code = "import sys; sys.modules['typer'] = None; from altegio_partner.cli.command import main; main()"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False)
    assert (ran.returncode, ran.stderr) == (2, "No module named 'typer': pip install 'altegio-partner[cli]'\n")
