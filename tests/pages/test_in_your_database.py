"""The code of docs/in-your-database.md, with the real Alembic and Django on a real PostgreSQL."""

import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from altegio_partner.ledger import Ledger
from tests.pages.page import Page, environment_of_a_reader

pytest_plugins = ["tests.services.fixtures"]
pytestmark = pytest.mark.services

PAGE = Page.of("in-your-database")
ENV = PAGE.part_of("migrations/env.py")
MODELS = PAGE.part_of("shop/models.py")
MIGRATION = PAGE.part_of("shop/migrations/0002_altegio_ledger.py")
IGNORED = ", include_name=include_name"
ADDED = "\nfor table in ledger_metadata.sorted_tables:\n    table.to_metadata(metadata)"


def test_every_block_is_tested() -> None:
    assert len(PAGE.blocks) == 3
    assert ENV.count(IGNORED) == MODELS.count(ADDED) == 1


class Project:
    """An application with a table of its own, and what a reader adds to it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        (folder / "shop" / "migrations").mkdir(parents=True)
        (folder / "shop" / "__init__.py").touch()

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text)

    def run(self, *command: str) -> str:
        settings = {"DJANGO_SETTINGS_MODULE": "settings", "PYTHONDONTWRITEBYTECODE": "1"}
        ran = subprocess.run(
            [sys.executable, "-W", "error", "-m", *command],
            cwd=self.folder, env=environment_of_a_reader(**settings), check=False, timeout=120,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout
        return ran.stdout

    def autogenerate(self) -> str:
        """Return what the upgrade of a new revision would do, and do it."""
        versions = self.folder / "migrations" / "versions"
        before = set(versions.glob("*.py"))
        self.run("alembic", "revision", "--autogenerate", "-m", "change")
        (new,) = set(versions.glob("*.py")) - before
        self.run("alembic", "upgrade", "head")
        return new.read_text().partition("def upgrade")[2].partition("def downgrade")[0]

    def tables(self, schema: str = "public") -> str:
        """Return how the server describes the tables of the ledger."""
        url = make_url(self.url)
        command = ["pg_dump", "--schema-only", "--table", f"{schema}.altegio_*", "--host", str(url.query["host"])]
        ran = subprocess.run(
            [*command, "--username", str(url.username), str(url.database)], check=True, capture_output=True, text=True
        )
        lines = (line for line in ran.stdout.splitlines() if not line.startswith(("\\", "--")))  # keys of each dump
        return "\n".join(lines)


@pytest.fixture
def alembic(tmp_path: Path, database: str) -> Project:
    project = Project(tmp_path, database)
    project.run("alembic", "init", "migrations")
    ini = (tmp_path / "alembic.ini").read_text()
    line = "sqlalchemy.url = " + database.replace("%", "%%")
    project.write(
        {
            "alembic.ini": re.sub("^sqlalchemy.url = .*$", line, ini, flags=re.MULTILINE),
            "migrations/env.py": ENV,
            "shop/models.py": MODELS.replace(ADDED, ""),
        }
    )
    return project


def execute(url: str, *statements: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as db:
        for statement in statements:
            db.execute(statement.encode())


def created_by_itself(project: Project) -> str:
    """Return the description of the tables that a ledger has created."""
    Ledger(project.url).close()
    return project.tables()


def restricted(url: str) -> str:
    """Return the URL of a role that may read and write the tables that are there, and create none."""
    role = f"only_{make_url(url).database}"
    execute(
        url,
        "REVOKE CREATE ON SCHEMA public FROM public",
        f"CREATE ROLE {role} LOGIN",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    )
    return url.replace("//ledger@", f"//{role}@")


def test_without_the_page_alembic_drops_the_ledger(alembic: Project) -> None:
    created_by_itself(alembic)
    alembic.write({"migrations/env.py": ENV.replace(IGNORED, "")})
    assert "op.drop_table('altegio_ledger')" in alembic.autogenerate()
    with psycopg.connect(alembic.url.replace("+psycopg", "")) as db:
        assert db.execute("SELECT to_regclass('altegio_ledger')").fetchone() == (None,)


def test_alembic_ignores_the_ledger(alembic: Project) -> None:
    tables = created_by_itself(alembic)
    upgrade = alembic.autogenerate()
    assert "create_table('invoices'" in upgrade
    assert "altegio" not in upgrade
    assert "op." not in alembic.autogenerate()
    assert alembic.tables() == tables


def test_alembic_creates_the_ledger(alembic: Project) -> None:
    tables = created_by_itself(alembic)
    execute(alembic.url, "DROP TABLE altegio_ledger, altegio_ledger_settings")
    alembic.write({"migrations/env.py": ENV.replace(IGNORED, ""), "shop/models.py": MODELS})
    upgrade = alembic.autogenerate()
    assert upgrade.count("op.create_table('altegio_ledger") == 2
    assert "op." not in alembic.autogenerate()
    assert alembic.tables() == tables
    with Ledger(restricted(alembic.url)) as ledger:
        assert ledger.pending() == []
    assert "op." not in alembic.autogenerate()


def test_alembic_creates_the_ledger_in_a_schema(alembic: Project) -> None:
    execute(alembic.url, "CREATE SCHEMA billing")
    Ledger(alembic.url, schema="billing").close()
    tables = alembic.tables("billing")
    execute(alembic.url, "DROP TABLE billing.altegio_ledger, billing.altegio_ledger_settings")
    env = ENV.replace(IGNORED, ", include_schemas=True")
    models = MODELS.replace("to_metadata(metadata)", 'to_metadata(metadata, schema="billing")')
    assert 'to_metadata(metadata, schema="billing")' in MODELS
    alembic.write({"migrations/env.py": env, "shop/models.py": models})
    assert alembic.autogenerate().count("op.create_table('altegio_ledger") == 2
    assert alembic.tables("billing") == tables
    with Ledger(alembic.url, schema="billing") as ledger:
        assert ledger.pending() == []
    assert "op." not in alembic.autogenerate()


SETTINGS = """
DATABASES = {{"default": {{"ENGINE": "django.db.backends.postgresql", "NAME": {0!r}, "USER": "ledger", "HOST": {1!r}}}}}
INSTALLED_APPS = ["shop"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
"""
DJANGO_MODELS = """
from django.db import models

class Invoice(models.Model):
    number = models.CharField(max_length=20)
"""


@pytest.fixture
def django(tmp_path: Path, database: str) -> Project:
    project = Project(tmp_path, database)
    url = make_url(database)
    project.write(
        {
            "settings.py": SETTINGS.format(url.database, url.query["host"]),
            "shop/models.py": DJANGO_MODELS,
            "shop/migrations/__init__.py": "",
        }
    )
    project.run("django", "makemigrations", "shop")
    return project


def test_django_leaves_the_ledger_alone(django: Project) -> None:
    tables = created_by_itself(django)
    with psycopg.connect(django.url.replace("+psycopg", "")) as db:
        before = db.execute("SELECT * FROM altegio_ledger_settings").fetchall()
    django.run("django", "migrate")
    assert "No changes detected" in django.run("django", "makemigrations", "--check")
    django.run("django", "flush", "--no-input")
    django.run("django", "migrate", "shop", "zero")
    assert django.tables() == tables
    with psycopg.connect(django.url.replace("+psycopg", "")) as db:
        assert db.execute("SELECT * FROM altegio_ledger_settings").fetchall() == before


def test_django_creates_the_ledger(django: Project) -> None:
    tables = created_by_itself(django)
    execute(django.url, "DROP TABLE altegio_ledger, altegio_ledger_settings")
    django.write({"shop/migrations/0002_altegio_ledger.py": MIGRATION})
    django.run("django", "migrate")
    assert django.tables() == tables
    with Ledger(restricted(django.url)) as ledger:
        assert ledger.pending() == []
    assert "No changes detected" in django.run("django", "makemigrations", "--check")
