"""The ledger in a PostgreSQL that is set up as others need it, over a network that fails, beside its own standby."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import count
from threading import Timer
from urllib.parse import quote

import httpx
import psycopg
import pytest
import sqlalchemy as sql

from altegio_partner.ledger import Ledger, LedgerUnavailableError, LedgerWriteError, database
from altegio_partner.ledger.database import Database
from altegio_partner.sandbox import Sandbox
from tests.callers import PAYMENT
from tests.ledger.paying import KEY
from tests.servers.postgres import Postgres, postgres
from tests.servers.wire import Wire, wire_to
from tests.services.one_location import client, new_sandbox

pytestmark = pytest.mark.services

SETTINGS = ("transaction_isolation", "synchronous_commit", "lock_timeout", "statement_timeout", "search_path")
_NUMBERS = count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres(wal_writer_delay="10s") as running:  # long, so that what is committed asynchronously is lost
        yield running


def ask(server: Postgres, *statements: str, database: str = "postgres") -> list[tuple[object, ...]]:
    with psycopg.connect(f"host={server.home} user=ledger dbname={database}", autocommit=True) as db:
        for statement in statements:
            answer = db.execute(statement.encode())
        return answer.fetchall() if answer.description else []


@pytest.fixture
def name(server: Postgres) -> str:
    """The name of a new database, and of a role that owns it."""
    name = f"partner_{next(_NUMBERS)}"
    ask(server, f"CREATE ROLE {name} LOGIN", f"CREATE DATABASE {name} OWNER {name}")
    return name


@pytest.fixture
def url(server: Postgres, name: str) -> str:
    return f"postgresql+psycopg://{name}@/{name}?host={server.home}"


@pytest.fixture
def sandbox() -> Sandbox:
    return new_sandbox()


class Then(httpx.BaseTransport):
    """Does something once a payment was answered, before its client knows the answer."""

    def __init__(self, inner: httpx.BaseTransport, work: Callable[[], object]) -> None:
        self._inner = inner
        self._work = work

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        if request.method == "POST":
            self._work()
        return response


def session(url: str, schema: str | None = None) -> dict[str, str]:
    """Return the settings that a statement of the ledger is executed with."""
    with closing(Database(url, schema)) as database:
        columns = (sql.func.current_setting(name).label(name) for name in SETTINGS)
        (row,) = database.execute(sql.select(*columns)).rows
        return dict(vars(row))


def test_what_would_lose_or_refuse_a_claim_is_overridden(server: Postgres, name: str, url: str) -> None:
    ask(
        server,
        f"ALTER ROLE {name} SET synchronous_commit = off",
        f"ALTER ROLE {name} SET default_transaction_isolation = serializable",
    )
    assert session(url) == {
        "transaction_isolation": "read committed", "synchronous_commit": "on", "lock_timeout": "30s",
        "statement_timeout": "30s", "search_path": '"$user", public',
    }  # fmt: skip


@pytest.mark.parametrize(
    ("setting", "given", "used"),
    [
        ("synchronous_commit", "local", "on"),
        ("synchronous_commit", "remote_write", "remote_write"),
        ("synchronous_commit", "remote_apply", "remote_apply"),
        ("statement_timeout", "5s", "5s"),
        ("statement_timeout", "250ms", "250ms"),
        ("statement_timeout", "2min", "30s"),
        ("lock_timeout", "1", "1ms"),
        ("lock_timeout", "1d", "30s"),
    ],
)
def test_what_is_stricter_stays(server: Postgres, name: str, url: str, setting: str, given: str, used: str) -> None:
    ask(server, f"ALTER ROLE {name} SET {setting} = '{given}'")
    assert session(url)[setting] == used


def test_a_claim_survives_a_crash_though_the_role_commits_asynchronously(sandbox: Sandbox) -> None:
    with postgres(wal_writer_delay="10s", synchronous_commit="off") as server, Ledger(server.url) as ledger:
        ask(server, "CREATE TABLE application (written int)", "CHECKPOINT")
        sandbox.inject_fault("lose_answer")
        with client(sandbox, ledger) as partner, pytest.raises(Exception, match="may have been recorded"):
            partner.notify_payment(**PAYMENT, idempotency_key=KEY)
        ask(server, "INSERT INTO application VALUES (1)")
        server.crash()
        server.start()
        assert ask(server, "SELECT * FROM application") == []  # it would have been lost
        with client(sandbox, ledger) as partner:
            assert partner.notify_payment(**PAYMENT, idempotency_key=KEY) == sandbox.assert_paid_once(123).id


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_many_workers_whatever_the_isolation_level(
    server: Postgres, name: str, url: str, sandbox: Sandbox, level: str
) -> None:
    ask(server, f"ALTER DATABASE {name} SET default_transaction_isolation = '{level}'")
    ledgers = [Ledger(url) for _ in range(4)]

    def pay(number: int) -> int:
        with client(sandbox, ledgers[number % 4]) as partner:
            return partner.notify_payment(**{**PAYMENT, "payment_sum": number + 1}, idempotency_key=f"invoice-{number}")

    with ThreadPoolExecutor(8) as threads:
        ids = list(threads.map(pay, range(48)))
        assert list(threads.map(pay, range(48))) == ids
    assert len(set(ids)) == len(sandbox.payments(123)) == 48
    for ledger in ledgers:
        ledger.close()


def test_the_search_path_of_a_role(server: Postgres, name: str, url: str) -> None:
    ask(
        server,
        f"CREATE SCHEMA billing AUTHORIZATION {name}",
        f"ALTER ROLE {name} SET search_path = billing",
        database=name,
    )
    Ledger(url).close()
    assert tables(server, name) == {"billing"}


def test_the_search_path_of_the_url(server: Postgres, name: str, url: str) -> None:
    ask(server, f"CREATE SCHEMA billing AUTHORIZATION {name}", database=name)
    url += f"&options={quote('-csearch_path=billing -cstatement_timeout=7s')}"
    Ledger(url).close()
    assert tables(server, name) == {"billing"}
    assert session(url)["statement_timeout"] == "7s"


@pytest.mark.parametrize("schema", ["billing", 'Of "Ours", 100 %'])
def test_a_role_that_may_write_in_its_schema_only(server: Postgres, name: str, url: str, schema: str) -> None:
    quoted = schema.replace('"', '""')
    ask(
        server,
        f'CREATE SCHEMA "{quoted}" AUTHORIZATION {name}',
        "CREATE ROLE " + name + "_only LOGIN",
        f'GRANT ALL ON SCHEMA "{quoted}" TO {name}_only',
        "REVOKE ALL ON SCHEMA public FROM public",
        database=name,
    )
    restricted = url.replace(f"//{name}@", f"//{name}_only@")
    with pytest.raises(LedgerUnavailableError, match="no schema has been selected to create in"):
        Ledger(restricted)
    for _ in range(2):
        with Ledger(restricted, schema=schema) as ledger:
            assert ledger.pending() == []
    assert tables(server, name) == {schema}
    assert session(restricted, schema)["search_path"] == f'"{quoted}"'


def test_a_role_that_may_create_nothing_uses_the_tables_of_a_migration(server: Postgres, name: str, url: str) -> None:
    Ledger(url).close()
    ask(
        server,
        "REVOKE CREATE ON SCHEMA public FROM public",
        f"CREATE ROLE {name}_only LOGIN",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}_only",
        database=name,
    )
    with Ledger(url.replace(f"//{name}@", f"//{name}_only@")) as ledger:
        assert ledger.pending() == []


def test_a_schema_that_does_not_exist(url: str) -> None:
    with pytest.raises(LedgerUnavailableError, match="no schema has been selected to create in"):
        Ledger(url, schema="billing")


def tables(server: Postgres, name: str) -> set[object]:
    """Return the schemas in which a ledger has its tables."""
    return {
        row[0]
        for row in ask(server, "SELECT schemaname FROM pg_tables WHERE tablename = 'altegio_ledger'", database=name)
    }


def test_a_session_may_be_read_only(server: Postgres, name: str, url: str, sandbox: Sandbox) -> None:
    with Ledger(url) as ledger:
        ask(server, f"ALTER ROLE {name} SET default_transaction_read_only = on")
        ledger.close()
        with client(sandbox, ledger) as partner, pytest.raises(LedgerUnavailableError, match="read-only transaction"):
            partner.notify_payment(**PAYMENT, idempotency_key=KEY)
        assert ledger.pending() == []
    assert sandbox.payments(123) == []


KEYS = ["O'Reilly \\' -- \\", "50 % of %(b_origin)s :b_origin $1", "счёт № 42", "E'\\n'", "発票-42"]


@pytest.mark.parametrize("encoding", ["UTF8", "SQL_ASCII"])
@pytest.mark.parametrize("conforming", ["on", "off"])
def test_keys_are_text_however_the_server_reads_literals(
    server: Postgres, name: str, url: str, sandbox: Sandbox, encoding: str, conforming: str
) -> None:
    ask(
        server,
        f"DROP DATABASE {name}",
        f"CREATE DATABASE {name} OWNER {name} TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'",
        f"ALTER ROLE {name} SET standard_conforming_strings = {conforming}",
        f"ALTER ROLE {name} SET escape_string_warning = off",
    )
    with Ledger(url) as ledger, client(sandbox, ledger) as partner:
        for number, key in enumerate(KEYS, 1):
            partner.notify_payment(**{**PAYMENT, "payment_sum": number}, idempotency_key=key)
        for number, key in enumerate(KEYS, 1):
            entry = ledger.get(key)
            assert entry
            assert (entry.idempotency_key, entry.payload["payment_sum"]) == (key, str(number))


def test_a_database_whose_encoding_lacks_letters(server: Postgres, name: str, url: str, sandbox: Sandbox) -> None:
    ask(
        server,
        f"DROP DATABASE {name}",
        f"CREATE DATABASE {name} OWNER {name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'",
    )
    with Ledger(url) as ledger, client(sandbox, ledger) as partner:
        with pytest.raises(LedgerUnavailableError, match='has no equivalent in encoding "LATIN1"'):
            partner.notify_payment(**PAYMENT, idempotency_key="счёт")
        assert partner.notify_payment(**PAYMENT, idempotency_key="Zoë") == sandbox.assert_paid_once(123).id


def test_options_of_the_url_are_kept(server: Postgres, url: str) -> None:
    url += "&connect_timeout=3&keepalives_idle=5&application_name=shop&prepare_threshold=0&sslmode=prefer"
    with closing(Database(url)) as database:
        database.execute(sql.text("SELECT 1"))
        assert ("shop",) in ask(server, "SELECT application_name FROM pg_stat_activity")
        pooled = database._engine.raw_connection()  # noqa: SLF001
        used = pooled.driver_connection.info.get_parameters()  # type: ignore[union-attr]  # it is psycopg's
        pooled.close()
    assert (used["connect_timeout"], used["keepalives_idle"], used["tcp_user_timeout"]) == ("3", "5", "10000")


def test_pgconnecttimeout_is_respected(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "4")
    with closing(Database(url)) as database:
        pooled = database._engine.raw_connection()  # noqa: SLF001
        used = pooled.driver_connection.info.get_parameters()  # type: ignore[union-attr]  # it is psycopg's
        pooled.close()
    assert used["connect_timeout"] == "4"


@pytest.mark.parametrize("uses", [False, True])
def test_a_fork_leaves_the_session_of_its_parent_alone(url: str, *, uses: bool) -> None:
    who = sql.text("SELECT pg_backend_pid() AS number")
    with closing(Database(url)) as database:
        (before,) = database.execute(who).rows
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                code = 2 if uses and database.execute(who).rows == [before] else 0
                database.close()
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        assert database.execute(who).rows == [before]


@pytest.fixture
def wire(server: Postgres, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    monkeypatch.setattr(database, "_TIMEOUT", 1)
    monkeypatch.setattr("altegio_partner.ledger.postgresql._GRACE", 1)
    with wire_to(server.socket) as wire:
        yield wire


def through(wire: Wire, name: str) -> str:
    return f"postgresql+psycopg://{name}@127.0.0.1:{wire.port}/{name}?sslmode=disable"


def test_the_network_goes_silent_before_the_claim(wire: Wire, name: str, sandbox: Sandbox) -> None:
    with Ledger(through(wire, name)) as ledger, client(sandbox, ledger) as partner:
        wire.silence()
        with in_seconds(20), pytest.raises(LedgerUnavailableError, match="Nothing was sent now"):
            partner.notify_payment(**PAYMENT, idempotency_key=KEY)
    assert sandbox.payments(123) == []


def test_the_network_goes_silent_after_the_send(wire: Wire, name: str, url: str, sandbox: Sandbox) -> None:
    transport = Then(sandbox.transport(), wire.silence)
    with (
        Ledger(through(wire, name)) as ledger,
        client(sandbox, ledger, transport=transport) as partner,
        in_seconds(20),
        pytest.raises(LedgerWriteError, match="all again with the same key") as caught,
    ):
        partner.notify_payment(**PAYMENT, idempotency_key=KEY)
    paid = sandbox.assert_paid_once(123)
    assert caught.value.payment_id == paid.id
    with Ledger(url) as ledger, client(sandbox, ledger) as partner:
        assert partner.notify_payment(**PAYMENT, idempotency_key=KEY) == paid.id
    sandbox.assert_paid_once(123)


@pytest.mark.usefixtures("ctrl_c")
def test_a_silent_network_can_be_interrupted(wire: Wire, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("altegio_partner.ledger.postgresql._GRACE", 3600)
    with Ledger(through(wire, name)) as ledger:
        wire.silence()
        stop = Timer(1, os.kill, (os.getpid(), signal.SIGINT))
        stop.start()
        with in_seconds(10), pytest.raises(KeyboardInterrupt):
            ledger.pending()
        stop.join()


@contextmanager
def in_seconds(longest: float) -> Iterator[None]:
    begin = time.monotonic()
    yield
    assert time.monotonic() - begin < longest


def test_connections_that_were_dropped_are_replaced(wire: Wire, name: str, sandbox: Sandbox) -> None:
    with Ledger(through(wire, name)) as ledger, client(sandbox, ledger) as partner:
        for number in range(3):
            partner.notify_payment(**{**PAYMENT, "payment_sum": number + 1}, idempotency_key=f"invoice-{number}")
            wire.drop()
        assert ledger.pending() == []


def test_a_failover_that_forgets(wire: Wire, name: str, sandbox: Sandbox) -> None:
    """An asynchronous standby takes over, without the last claims: what is known in the process is written to it."""
    with postgres() as standby, Ledger(through(wire, name)) as ledger:
        ask(standby, f"CREATE ROLE {name} LOGIN", f"CREATE DATABASE {name} OWNER {name}")
        Ledger(standby.url.replace("ledger@/postgres", f"{name}@/{name}")).close()

        def fail_over() -> None:
            wire.target = standby.socket
            wire.drop()

        with client(sandbox, ledger, transport=Then(sandbox.transport(), fail_over)) as partner:
            payment_id = partner.notify_payment(**PAYMENT, idempotency_key=KEY)
        entry = ledger.get(KEY)
        assert entry
        assert entry.payment_id == payment_id == sandbox.assert_paid_once(123).id


def test_what_a_failover_that_forgets_cannot_show(wire: Wire, name: str, sandbox: Sandbox) -> None:
    """The claim of a lost answer is gone with the old server: the next call is sent. The page says so."""
    with postgres() as standby, Ledger(through(wire, name)) as ledger, client(sandbox, ledger) as partner:
        ask(standby, f"CREATE ROLE {name} LOGIN", f"CREATE DATABASE {name} OWNER {name}")
        Ledger(standby.url.replace("ledger@/postgres", f"{name}@/{name}")).close()
        sandbox.inject_fault("lose_answer")
        with pytest.raises(Exception, match="may have been recorded"):
            partner.notify_payment(**PAYMENT, idempotency_key=KEY)
        wire.target = standby.socket
        wire.drop()
        partner.notify_payment(**PAYMENT, idempotency_key=KEY)
    assert len(sandbox.payments(123)) == 2
