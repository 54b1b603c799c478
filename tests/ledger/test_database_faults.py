"""A ledger that cannot be opened, read or written: the reported outcome of the payment is still correct."""

import os
import pickle
import sqlite3
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy.event

import altegio_partner as ap
from altegio_partner.ledger import Ledger, LedgerUnavailableError, LedgerWriteError, database
from tests.callers import PAYMENT, Callers
from tests.ledger.paying import KEY, Altegio

PASSWORD = "fake-password-fake-password"
HOUR = timedelta(hours=1)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(database, "_TIMEOUT", 0.1)
    return tmp_path / "payments.db"


@pytest.fixture
def ledger(file: Path) -> Iterator[Ledger]:
    ledger = Ledger(f"sqlite:///{file}")
    yield ledger
    ledger.close()


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another process locks the file."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


def paid(caller: Callers, ledger: Ledger, altegio: Altegio, **replaced: Any) -> Any:
    call = caller(transport=altegio.transport, ledger=ledger, max_retries=0)
    return call("notify_payment", **{**PAYMENT, "idempotency_key": KEY, **replaced})


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("", "printable text without spaces around it, not str ''"),
        (" ", "printable text"),
        ("a ", "printable text"),
        ("a\n", "printable text"),
        ("a\0b", "printable text"),
        ("\ud800", "printable text"),
        (b"a", "printable text without spaces around it, not bytes"),
        (5, "printable text"),
        ("x" * 256, "at most 255 characters long"),
    ],
)
def test_bad_keys(caller: Callers, ledger: Ledger, key: Any, problem: str) -> None:
    altegio = Altegio()
    with pytest.raises(ValueError, match=f"^idempotency_key must be {problem}") as caught:
        paid(caller, ledger, altegio, idempotency_key=key)
    assert "'invoice-2026-0042'" in str(caught.value)
    with pytest.raises(ValueError, match="idempotency_key must be"):
        caller(transport=altegio.transport, ledger=ledger)("reconcile", idempotency_key=key)
    with pytest.raises(ValueError, match="idempotency_key must be"):
        ledger.mark_not_recorded(key)
    assert altegio.requests == 0
    assert ledger.pending() == []


def test_the_longest_key(caller: Callers, ledger: Ledger) -> None:
    assert paid(caller, ledger, Altegio(), idempotency_key="ü" * 255) == 5


def test_a_key_needs_a_ledger_and_a_ledger_needs_keys(caller: Callers, ledger: Ledger) -> None:
    altegio = Altegio()
    with pytest.raises(ValueError, match=r"idempotency_key needs a ledger: write PartnerClient\(ledger="):
        caller(transport=altegio.transport)("notify_payment", **PAYMENT, idempotency_key=KEY)
    with pytest.raises(ValueError, match="reconcile needs a ledger: write"):
        caller(transport=altegio.transport)("reconcile", idempotency_key=KEY)
    with pytest.raises(
        ValueError, match="idempotency_key must be given if the client has a ledger: identify what was paid"
    ):
        paid(caller, ledger, altegio, idempotency_key=None)
    assert altegio.requests == 0


@pytest.mark.parametrize("wrong", ["postgresql://me:secret@a.example/b", 5, object(), Ledger])
def test_invalid_ledgers(caller: Callers, wrong: Any) -> None:
    with pytest.raises(
        ValueError, match=r"ledger must be a Ledger, not \w+\. Write Ledger\(url\), with `from altegio_partner"
    ):
        caller(ledger=wrong)("notify_refund", payment_id=1)


def test_a_timeout_too_long_for_the_ledger(caller: Callers, file: Path) -> None:
    ledger = Ledger(f"sqlite:///{file}", status_delay=timedelta(seconds=10))
    caller(ledger=ledger, timeout=5.0, transport=Altegio().transport)("notify_refund", payment_id=1)
    with pytest.raises(ValueError, match="timeout must be at most half of the ledger's status_delay, not float 5"):
        caller(ledger=ledger, timeout=5.1)("notify_refund", payment_id=1)
    ledger.close()


@pytest.mark.parametrize("wrong", [timedelta(0), timedelta(-1), 3600])
def test_bad_status_delays(file: Path, wrong: Any) -> None:
    with pytest.raises(ValueError, match="status_delay must be a timedelta of more than 0"):
        Ledger(f"sqlite:///{file}", status_delay=wrong)
    assert not file.exists()


def right(wanted: str, given: str) -> str:
    return f"url must be one for SQLAlchemy's {wanted}, not {given}. Begin it with '{wanted}://' and keep the rest"


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        (None, "url must be a string"),
        (Path("payments.db"), "url must be a string"),
        ("", "url must be a database URL"),
        ("payments", "url must be a database URL"),
        ("payments.db", "url must be a URL with an absolute path: a relative one is another file in each folder. Wr"),
        (f"me:{PASSWORD}@a.example/b.db", "url must be a database URL"),
        (f"me@{PASSWORD}/b.db", "url must be a URL with an absolute path"),
        (f"sqlite:///me:{PASSWORD}@a.example/b", "url must be a URL with an absolute path"),
        ("sqlite+aiosqlite:///b.db?timeout=5", "url must be a URL with an absolute path"),
        ("nonsense://a/b", "url must be the URL of an SQLite file or a PostgreSQL database"),
        (f"mysql://sa:{PASSWORD}@a.example/b", "url must be the URL of an SQLite file or a PostgreSQL database"),
        (f"postgresql://me:a@{PASSWORD}@a.example/b", "url must be without an @ in user and password. Write it as %40"),
        (f"postgresql://me:a@b:{PASSWORD}@a.example:1/b", "url must be "),
        ("sqlite://", "url must be the URL of a file: an in-memory database does not survive a crash"),
        ("sqlite:///:memory:", "url must be the URL of a file"),
        ("sqlite:///file:x?uri=true", "url must be the URL of a file"),
        (f"postgresql+pg8000://sa:{PASSWORD}@a.example/b", right(r"postgresql\+psycopg", r"postgresql\+pg8000")),
        (f"postgresql+psycopg2://sa:{PASSWORD}@a.example/b", right(r"postgresql\+psycopg", r"postgresql\+psycopg2")),
        (f"postgresql+asyncpg://sa:{PASSWORD}@a.example/b", right(r"postgresql\+psycopg", r"postgresql\+asyncpg")),
        (
            f"postgresql+psycopg_async://sa:{PASSWORD}@a.example/b",
            right(r"postgresql\+psycopg", r"postgresql\+psycopg_async"),
        ),
        (f"postgres://sa:{PASSWORD}@a.example/b", right(r"postgresql\+psycopg", "postgres")),
        (f"postgres+asyncpg://sa:{PASSWORD}@a.example/b", right(r"postgresql\+psycopg", "postgres")),
        ("sqlite+aiosqlite:////tmp/a.db", right("sqlite", r"sqlite\+aiosqlite")),
        (
            "sqlite://host/a.db",
            "url must be the URL of a file on this machine. Begin it with 'sqlite:////': four slashes.",
        ),
        ("sqlite:////a.db?mode=ro", "url must be without 'mode': the ledger sets its own options"),
    ],
)
def test_bad_urls(url: Any, problem: str) -> None:
    with pytest.raises(ValueError, match=f"^{problem}") as caught:
        Ledger(url)
    assert_no_password(caught.value)


def assert_no_password(error: BaseException) -> None:
    report = traceback.TracebackException.from_exception(error, capture_locals=True)
    inner = [frame for frame in report.stack if "test_" not in frame.filename]
    shown = str([str(error), repr(error), error.__context__, error.__cause__, [frame.locals for frame in inner]])
    assert PASSWORD not in shown


def test_a_password_is_not_shown() -> None:
    with pytest.raises(
        LedgerUnavailableError, match=r"The ledger postgresql\+psycopg://127\.0\.0\.1/payments cannot"
    ) as caught:
        Ledger(f"postgresql+psycopg://me:{PASSWORD}@127.0.0.1:9/payments")
    assert "Write 'sqlite:////srv/altegio-payments.db' or 'postgresql+psycopg://user:" in str(caught.value)
    with pytest.raises(LedgerUnavailableError) as also:
        Ledger(f"postgresql+psycopg://me@127.0.0.1:9/payments?password={PASSWORD}")
    assert_no_password(also.value)
    with pytest.raises(ValueError, match="status_delay must be") as again:
        Ledger(f"postgresql+psycopg://me:{PASSWORD}@127.0.0.1:9/payments", status_delay=5)  # type: ignore[arg-type]  # wrong
    assert_no_password(again.value)
    assert_no_password(caught.value)
    assert type(pickle.loads(pickle.dumps(caught.value))) is LedgerUnavailableError  # noqa: S301  pickled here


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnavailableError, match=r"cannot be used \(OperationalError: unable to open"):
        Ledger(f"sqlite:///{tmp_path}/nowhere/payments.db")


def test_a_file_that_is_not_a_database(file: Path) -> None:
    file.write_text("Dear diary, today I have been paid.\n" * 100)
    with pytest.raises(LedgerUnavailableError, match="file is not a database"):
        Ledger(f"sqlite:///{file}")
    assert file.read_text().startswith("Dear diary")


def test_a_ledger_of_a_later_release(file: Path) -> None:
    Ledger(f"sqlite:///{file}").close()
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("UPDATE altegio_ledger_settings SET version = 2")
    with pytest.raises(ValueError, match="This ledger has version 2, and this release supports 1: update"):
        Ledger(f"sqlite:///{file}")


@contextmanager
def unprivileged() -> Iterator[None]:
    """Run as a user who cannot write everywhere, unlike root."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


def test_a_read_only_file(caller: Callers) -> None:
    altegio = Altegio()
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        file = Path(folder, "payments.db")
        ledger = Ledger(f"sqlite:///{file}")
        assert (
            paid(caller, ledger, altegio, idempotency_key="before") == 5
        )  # loads modules that the other user cannot read
        ledger.close()
        file.chmod(0o444)
        Path(folder).chmod(0o555)
        with unprivileged():
            with pytest.raises(LedgerUnavailableError, match="readonly database"):
                Ledger(f"sqlite:///{file}")
            with pytest.raises(
                LedgerUnavailableError, match="Nothing was sent now: fix the database, then call again"
            ) as caught:
                paid(caller, ledger, altegio)
            ledger.close()
        Path(folder).chmod(0o755)
    assert caught.value.safe_to_resend
    assert altegio.requests == 1


def test_a_full_disk(caller: Callers, file: Path) -> None:
    ledger = Ledger(f"sqlite:///{file}")
    ledger.close()

    def fill(connection: Any, _: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # no more pages than there are

    sqlalchemy.event.listen(ledger._store._database._engine, "connect", fill)  # noqa: SLF001
    altegio = Altegio()

    def pay_until_it_is_full() -> None:
        for number in range(100):
            paid(caller, ledger, altegio, idempotency_key=f"{number:0200}", payment_sum=number)

    with pytest.raises(LedgerUnavailableError, match="database or disk is full"):
        pay_until_it_is_full()
    assert 0 < altegio.requests < 100
    ledger.close()


def test_the_ledger_fails_before_the_call(caller: Callers, ledger: Ledger, file: Path) -> None:
    altegio = Altegio()
    with (
        locked(file),
        pytest.raises(LedgerUnavailableError, match=r"is locked.*Nothing was sent now") as caught,
    ):
        paid(caller, ledger, altegio)
    assert isinstance(caught.value, ap.NotSentError)
    assert altegio.requests == 0
    assert paid(caller, ledger, altegio) == 5


def test_the_ledger_fails_after_the_call(caller: Callers, ledger: Ledger, file: Path) -> None:
    lock = locked(file)
    altegio = Altegio(lock.__enter__)
    with pytest.raises(
        LedgerWriteError, match=r"Altegio recorded it: the payment is 5\. The ledger .*locked"
    ) as caught:
        paid(caller, ledger, altegio)
    lock.__exit__(None, None, None)
    assert caught.value.payment_id == 5
    assert not caught.value.safe_to_resend
    (claim,) = ledger.pending()
    assert claim.idempotency_key == KEY
    ledger.mark_recorded(KEY, payment_id=5)
    assert paid(caller, ledger, altegio) == 5
    assert altegio.requests == 1


def test_the_ledger_fails_after_a_rejection(caller: Callers, ledger: Ledger, file: Path) -> None:
    lock = locked(file)
    altegio = Altegio(lock.__enter__, status=422)
    with pytest.raises(ap.InvalidRequestError) as caught:
        paid(caller, ledger, altegio)
    lock.__exit__(None, None, None)
    (note,) = caught.value.__notes__
    assert note.endswith(f"The claim of {KEY!r} may stay pending: the next call with this key looks in Altegio first.")
    assert len(ledger.pending()) == 1


def test_the_ledger_fails_after_an_unknown_outcome(caller: Callers, ledger: Ledger, file: Path) -> None:
    lock = locked(file)
    with pytest.raises(ap.ServerError, match="It may have been recorded"):
        paid(caller, ledger, Altegio(lock.__enter__, status=500))
    lock.__exit__(None, None, None)
    assert len(ledger.pending()) == 1


def test_a_ledger_from_before_a_fork_works(ledger: Ledger, file: Path) -> None:
    ledger.pending()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            options: dict[str, Any] = {"application_id": 1, "transport": Altegio().transport, "ledger": ledger}
            with ap.PartnerClient("fake", **options) as client:
                code = 0 if client.notify_payment(**PAYMENT, idempotency_key=KEY) == 5 else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert ledger.pending() == []
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("SELECT payment_id, state FROM altegio_ledger").fetchall() == [(5, "recorded")]


def test_no_secret_is_stored(caller: Callers, ledger: Ledger, file: Path) -> None:
    paid(caller, ledger, Altegio())
    caller(transport=Altegio().transport, ledger=ledger)("notify_refund", payment_id=5)
    ledger.close()
    stored = file.read_bytes()
    assert b"notify_refund" in stored
    assert b"FakeToken" not in stored


def test_connections_of_another_process_are_left_alone(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = ledger._store._database._engine.pool  # noqa: SLF001
    monkeypatch.setattr(os, "getpid", lambda: 1)
    assert ledger.pending() == []
    assert ledger._store._database._engine.pool is not mine  # noqa: SLF001
    mine.dispose()
