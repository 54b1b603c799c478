"""Where the examples run: a PostgreSQL, a sandbox, and their environment. A pytest plugin."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import psycopg
import pytest
from sqlalchemy import make_url

from altegio_partner import PartnerClient
from altegio_partner.sandbox import Sandbox
from tests.servers.postgres import postgres_server
from tests.services.processes import EXAMPLES, environment

LEDGER_STATUS_DELAY = timedelta(seconds=6)
SANDBOX_STATUS_DELAY = timedelta(seconds=2)
_NUMBERS = count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with postgres_server() as url:
        yield url


@pytest.fixture
def database(postgres: str) -> str:
    """The URL of a new database."""
    name = f"partner_{next(_NUMBERS)}"
    with psycopg.connect(postgres.replace("+psycopg", ""), autocommit=True) as db:
        db.execute(f"CREATE DATABASE {name}".encode())
    return make_url(postgres).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def sandbox_status_delay() -> timedelta:
    """How long the status lags behind in the sandbox."""
    return SANDBOX_STATUS_DELAY


@pytest.fixture
def sandbox(sandbox_status_delay: timedelta) -> Sandbox:
    """A sandbox with a status delay, and with the registered locations 100 to 119."""
    sandbox = Sandbox(status_delay=sandbox_status_delay)
    with PartnerClient(
        sandbox.partner_token, application_id=sandbox.application_id, transport=sandbox.transport()
    ) as partner:
        for salon_id in range(100, 120):
            sandbox.connect(salon_id)
            partner.complete_registration(salon_id=salon_id)
    return sandbox


@pytest.fixture
def settings(sandbox: Sandbox, database: str) -> Iterator[dict[str, str]]:
    """The environment of the examples."""
    with sandbox.serve() as url:
        yield environment(
            ALTEGIO_BASE_URL=url,
            ALTEGIO_PARTNER_TOKEN=sandbox.partner_token,
            ALTEGIO_APPLICATION_ID=str(sandbox.application_id),
            ALTEGIO_LEDGER_URL=database,
            ALTEGIO_STATUS_DELAY_SECONDS=str(LEDGER_STATUS_DELAY.total_seconds()),
            PYTHONPATH=str(EXAMPLES),
            DJANGO_SETTINGS_MODULE="django_invoices.settings",
        )
