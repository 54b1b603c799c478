"""The ledger through a real PgBouncer, in each of its pool modes, without any option."""

import select
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import quote

import psycopg
import pytest
import sqlalchemy as sql

from altegio_partner.ledger import Ledger, LedgerUnavailableError, database
from altegio_partner.ledger.database import Database
from altegio_partner.sandbox import Sandbox
from tests.callers import PAYMENT
from tests.ledger.paying import KEY
from tests.servers.pgbouncer import pgbouncer
from tests.servers.postgres import Postgres, postgres
from tests.services.one_location import client, new_sandbox

pytestmark = pytest.mark.services

MODES = pytest.mark.parametrize("mode", ["session", "transaction", "statement"])


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as running:
        yield running


@pytest.fixture(autouse=True)
def empty(server: Postgres) -> None:
    with connect(server.url) as db:
        db.execute("DROP TABLE IF EXISTS altegio_ledger, altegio_ledger_settings")


@pytest.fixture
def sandbox() -> Sandbox:
    return new_sandbox()


def connect(url: str) -> psycopg.Connection:
    """Connect as other programs do."""
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


@MODES
def test_many_workers_report_each_payment_once(server: Postgres, sandbox: Sandbox, mode: str) -> None:
    with pgbouncer(server.url, mode, default_pool_size=20 if mode == "session" else 2) as url:
        with ThreadPoolExecutor(8) as threads:
            ledgers = list(threads.map(lambda _: Ledger(url), range(8)))  # all try to create the tables

            def pay(number: int) -> int:
                with client(sandbox, ledgers[number % 8]) as partner:
                    values = {**PAYMENT, "payment_sum": number % 40 + 1}
                    return partner.notify_payment(**values, idempotency_key=f"invoice-{number % 40}")

            ids = list(threads.map(pay, range(40)))
            assert list(threads.map(pay, range(80))) == ids + ids
        assert len(set(ids)) == len(sandbox.payments(123)) == 40
        assert ledgers[0].pending() == []
        for ledger in ledgers:
            ledger.close()


@MODES
def test_a_key_that_several_workers_want_is_sent_once(server: Postgres, sandbox: Sandbox, mode: str) -> None:
    sandbox.inject_fault("lose_answer")
    with pgbouncer(server.url, mode) as url, Ledger(url) as ledger, client(sandbox, ledger) as partner:
        with pytest.raises(Exception, match="may have been recorded"):
            partner.notify_payment(**PAYMENT, idempotency_key=KEY)
        (entry,) = ledger.pending()
        assert entry.idempotency_key == KEY
        payment_id = partner.notify_payment(**PAYMENT, idempotency_key=KEY)
        partner.notify_refund(payment_id)
        partner.notify_refund(payment_id)
        assert ledger.pending() == []
    (paid,) = sandbox.payments(123)
    assert (paid.id, paid.is_refunded) == (payment_id, True)


@MODES
def test_a_schema_needs_no_startup_option(server: Postgres, mode: str) -> None:
    with connect(server.url) as db:
        db.execute("CREATE SCHEMA IF NOT EXISTS billing")
    with pgbouncer(server.url, mode) as url, Ledger(url, schema="billing") as ledger:
        assert ledger.pending() == []
    with connect(server.url) as db:
        found = db.execute("SELECT schemaname FROM pg_tables WHERE tablename = 'altegio_ledger'").fetchall()
        db.execute("DROP SCHEMA billing CASCADE")
    assert found == [("billing",)]


@MODES
def test_nothing_is_left_on_connections_that_others_get(server: Postgres, mode: str) -> None:
    settings = "lock_timeout", "statement_timeout", "transaction_isolation", "synchronous_commit", "search_path"
    show = "SELECT " + ", ".join(f"current_setting('{name}')" for name in settings)
    with connect(server.url) as db:
        before = db.execute(show.encode()).fetchone()
        db.execute("CREATE SCHEMA IF NOT EXISTS billing")
    with pgbouncer(server.url, mode, default_pool_size=1) as url:
        with closing(Database(url, "billing")) as ledger:
            for _ in range(20):  # more often than a driver waits before it prepares a statement
                ledger.execute(sql.text("SELECT 1"))
            (row,) = ledger.execute(sql.text("SELECT count(*) AS prepared FROM pg_prepared_statements")).rows
            assert row.prepared == 0
        with connect(url) as db:
            assert db.execute(show.encode()).fetchone() == before


@MODES
def test_connections_that_pgbouncer_has_closed_are_replaced(server: Postgres, sandbox: Sandbox, mode: str) -> None:
    with (
        pgbouncer(server.url, mode, client_idle_timeout=1) as url,
        Ledger(url) as ledger,
        client(sandbox, ledger) as partner,
    ):
        payment_id = partner.notify_payment(**PAYMENT, idempotency_key=KEY)
        with connect(url) as later:
            closed, _, _ = select.select([later.fileno()], [], [], 30)
        assert closed
        assert partner.notify_payment(**PAYMENT, idempotency_key=KEY) == payment_id


def test_no_connection_is_free(server: Postgres, sandbox: Sandbox) -> None:
    with pgbouncer(server.url, "transaction", default_pool_size=1, query_wait_timeout=1) as url, Ledger(url) as ledger:
        with connect(url) as other, other.transaction(), client(sandbox, ledger) as partner:
            other.execute("SELECT 1")
            with pytest.raises(LedgerUnavailableError, match="Nothing was sent now"):
                partner.notify_payment(**PAYMENT, idempotency_key=KEY)
        assert ledger.pending() == []
    assert sandbox.payments(123) == []


def test_a_pgbouncer_that_is_paused(server: Postgres, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_TIMEOUT", 1)
    monkeypatch.setattr("altegio_partner.ledger.postgresql._GRACE", 1)
    with (
        pgbouncer(server.url, "transaction", admin_users="ledger") as url,
        Ledger(url) as ledger,
        connect(url.replace("/postgres?", "/pgbouncer?")) as admin,
        client(sandbox, ledger) as partner,
    ):
        admin.execute("PAUSE")
        with pytest.raises(LedgerUnavailableError, match="no answer within 2 seconds"):
            partner.notify_payment(**PAYMENT, idempotency_key=KEY)
        admin.execute("RESUME")
        assert partner.notify_payment(**PAYMENT, idempotency_key=KEY) == sandbox.assert_paid_once(123).id


@MODES
def test_postgresql_goes_away_behind_it(sandbox: Sandbox, mode: str) -> None:
    with (
        postgres() as server,
        pgbouncer(server.url, mode, server_login_retry=1, query_wait_timeout=2) as url,
        Ledger(url) as ledger,
        client(sandbox, ledger) as partner,
    ):
        server.crash()
        with pytest.raises(LedgerUnavailableError, match="Nothing was sent now"):
            partner.notify_payment(**PAYMENT, idempotency_key=KEY)
        server.start()
        payment_id, until = None, time.monotonic() + 60
        while payment_id is None:
            try:
                payment_id = partner.notify_payment(**PAYMENT, idempotency_key=KEY)
            except LedgerUnavailableError:  # PgBouncer itself waits before it connects again
                assert time.monotonic() < until
    assert payment_id == sandbox.assert_paid_once(123).id


def test_options_that_pgbouncer_does_not_pass_on(server: Postgres) -> None:
    with pgbouncer(server.url, "transaction") as url:
        with pytest.raises(LedgerUnavailableError, match="unsupported startup parameter"):
            Ledger(f"{url}&options={quote('-csearch_path=billing')}")
        Ledger(url).close()
