"""The ledger's database on its own: an SQLite file that stays one, and the session in PostgreSQL."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
import sqlalchemy as sql

from altegio_partner.ledger import database, metadata
from altegio_partner.ledger.database import ConstraintError, Database, StoreError
from altegio_partner.ledger.database_url import EXAMPLE
from tests.servers.scripted_postgres import scripted_postgres

TABLES = sql.MetaData()
KEYS = sql.Table("keys", TABLES, sql.Column("key", sql.String, primary_key=True), sql.Index("keys_key", "key"))
INSERT = KEYS.insert().values(key=sql.bindparam("new"))
SELECT = sql.select(KEYS).order_by(KEYS.c.key)
DELETE = KEYS.delete().where(KEYS.c.key == sql.bindparam("old"))


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(database, "_TIMEOUT", 0.1)
    return tmp_path / "payments.db"


@pytest.fixture
def keys(file: Path) -> Iterator[Database]:
    with closing(opened(file)) as keys:
        yield keys


def opened(file: Path) -> Database:
    keys = Database(f"sqlite:///{file}")
    keys.create(TABLES)
    return keys


def all_in(keys: Database) -> list[str]:
    return [row.key for row in keys.execute(SELECT).rows]


def test_statements(keys: Database) -> None:
    assert keys.execute(INSERT, {"new": "a"}).rowcount == 1
    assert keys.execute(INSERT, {"new": "b"}).rows == []
    assert all_in(keys) == ["a", "b"]
    with pytest.raises(ConstraintError, match="UNIQUE constraint failed"):
        keys.execute(INSERT, {"new": "b"})
    assert (keys.execute(DELETE, {"old": "b"}).rowcount, keys.execute(DELETE, {"old": "b"}).rowcount) == (1, 0)
    assert all_in(keys) == ["a"]
    with pytest.raises(StoreError, match="no such table: nowhere"):
        keys.execute(sql.text("SELECT * FROM nowhere"))
    assert keys.dialect == "sqlite"


def test_a_statement_is_compiled_once(keys: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    all_in(keys)
    monkeypatch.setattr(type(SELECT), "compile", None)
    assert all_in(keys) == []


def test_every_commit_is_in_the_one_file(keys: Database, file: Path, tmp_path: Path) -> None:
    for number in range(150):
        keys.execute(INSERT, {"new": f"{number:03}"})
        if number % 10 == 0:
            copy = shutil.copy(file, tmp_path / "copy.db")
            with closing(sqlite3.connect(copy)) as db:
                assert db.execute("SELECT max(key) FROM keys").fetchone() == (f"{number:03}",)
    assert {path.name for path in tmp_path.iterdir()} <= {"payments.db", "payments.db-journal", "copy.db"}


def test_a_commit_is_on_the_disk(keys: Database) -> None:
    pooled = keys._engine.raw_connection()  # noqa: SLF001
    settings = [pooled.cursor().execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    pooled.close()
    assert settings == ["persist", 3]  # 3 is EXTRA


def test_a_file_with_a_write_ahead_log_gets_rid_of_it(file: Path) -> None:
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
    with closing(opened(file)) as keys:
        keys.execute(INSERT, {"new": "a"})
        assert not file.with_name("payments.db-wal").exists()


WRITES = """
import sys
from tests.ledger.test_database import INSERT, opened
from pathlib import Path
keys = opened(Path(sys.argv[1]))
for number in range(10**6):
    keys.execute(INSERT, {"new": f"{number:06}"})
    print(f"{number:06}", flush=True)
"""


def test_what_a_killed_process_has_written_is_there(file: Path) -> None:
    for seconds in (0.1, 0.15, 0.2):
        with subprocess.Popen([sys.executable, "-c", WRITES, file], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            assert process.stdout.readline() == "000000\n"
            time.sleep(seconds)
            process.kill()
            last = ["000000", *process.stdout.read().split()][-1]
        with closing(opened(file)) as keys:
            assert all_in(keys)[:-1] in ([f"{number:06}" for number in range(int(last) + extra)] for extra in (0, 1))
            assert last in all_in(keys)
            keys.execute(sql.text("DELETE FROM keys"))


def open_and_write(arguments: tuple[Path, int]) -> str:
    file, number = arguments
    try:
        with closing(opened(file)) as keys:
            keys.execute(INSERT, {"new": str(number)})
    except StoreError as error:
        return str(error)
    return ""


def test_processes_that_open_a_new_file_at_once(tmp_path: Path) -> None:
    with get_context("spawn").Pool(4) as pool:
        for round_ in range(10):
            file = tmp_path / f"{round_}.db"
            assert pool.map(open_and_write, [(file, number) for number in range(8)], chunksize=1) == [""] * 8
            with closing(opened(file)) as keys:
                assert len(all_in(keys)) == 8


def test_threads_wait_for_one_another(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_TIMEOUT", 30)
    with closing(opened(file)) as keys, ThreadPoolExecutor(40) as threads:
        written = list(threads.map(lambda number: keys.execute(INSERT, {"new": str(number)}).rowcount, range(400)))
        assert written == [1] * 400
        assert len(all_in(keys)) == 400


def test_a_locked_file(keys: Database, file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="database is locked"):
            keys.execute(INSERT, {"new": "a"})
    assert all_in(keys) == []


def test_the_timeout_of_the_url_is_kept(file: Path) -> None:
    opened(file).close()
    with (
        closing(sqlite3.connect(file, isolation_level=None)) as other,
        closing(Database(f"sqlite:///{file}?timeout=1.5")) as keys,
    ):
        other.execute("BEGIN EXCLUSIVE")
        begin = time.monotonic()
        with pytest.raises(StoreError, match="database is locked"):
            keys.execute(INSERT, {"new": "a"})
        assert time.monotonic() - begin > 1


def test_a_removed_file(keys: Database, file: Path) -> None:
    file.unlink()
    for statement in (SELECT, INSERT):
        with pytest.raises(StoreError, match=r"its file was removed while it was in use\)\.$"):
            keys.execute(statement, {"new": "a"})
    keys.close()
    with pytest.raises(StoreError, match="unable to open database file"):
        keys.execute(SELECT)
    assert not file.exists()


def test_a_replaced_file(keys: Database, file: Path) -> None:
    keys.execute(INSERT, {"new": "a"})
    kept = file.rename(file.with_name("kept.db"))
    with closing(opened(file)) as another:
        for _ in range(2):
            with pytest.raises(StoreError, match="its file was replaced while it was in use"):
                keys.execute(INSERT, {"new": "b"})
            keys.close()
        assert all_in(another) == []
    kept.replace(file)
    assert all_in(keys) == ["a"]


def test_a_folder_that_is_replaced_through_its_link(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    link = tmp_path / "current"
    link.symlink_to(tmp_path / "one")
    with closing(opened(link / "payments.db")) as keys, closing(opened(tmp_path / "two" / "payments.db")):
        link.unlink()
        link.symlink_to(tmp_path / "two")
        with pytest.raises(StoreError, match="its file was replaced while it was in use"):
            keys.execute(INSERT, {"new": "a"})


def test_a_file_that_is_replaced_while_a_statement_runs(
    keys: Database, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = keys._backend.run  # noqa: SLF001

    def run_and_replace(*arguments: Any) -> Any:
        cursor = run(*arguments)
        file.unlink()
        return cursor

    monkeypatch.setattr(keys._backend, "run", run_and_replace)  # noqa: SLF001
    with pytest.raises(StoreError, match="its file was removed while it was in use"):
        keys.execute(INSERT, {"new": "a"})


def test_a_file_may_be_shared_with_an_application(file: Path) -> None:
    with closing(sqlite3.connect(file)) as db:
        db.execute("CREATE TABLE invoices (number TEXT)")
        db.execute("PRAGMA user_version = 7")
        db.commit()
        with closing(opened(file)) as keys:
            keys.execute(INSERT, {"new": "a"})
        assert db.execute("PRAGMA user_version").fetchone() == (7,)
        assert db.execute("SELECT count(*) FROM invoices").fetchone() == (0,)


@pytest.mark.parametrize(
    ("relative", "absolute"),
    [("payments.db", "{folder}/payments.db"), ("./data/a.db", "{folder}/data/a.db"), ("~/a.db", "{home}/a.db")],
)
def test_a_relative_path_is_refused_with_the_absolute_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, relative: str, absolute: str
) -> None:
    folder = tmp_path / "Zoë and friends"
    folder.mkdir()
    monkeypatch.chdir(folder)
    right = f"sqlite:///{absolute.format(folder=folder, home=Path.home())}"
    with pytest.raises(ValueError, match="url must be a URL with an absolute path: a relative one is") as caught:
        Database(f"sqlite:///{relative}")
    assert str(caught.value).endswith(f"Write {right!r}.")
    with pytest.raises(ValueError, match="a URL with an absolute path") as caught:
        Database(f"sqlite+aiosqlite:///{relative}?timeout=5")
    assert str(caught.value).endswith(f"Write {f'{right}?timeout=5'!r}.")
    with pytest.raises(ValueError, match="a URL with an absolute path") as caught:
        Database(relative)
    assert str(caught.value).endswith(f"Write {right!r}.")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("around", ["{}\r", "{}\n", "{}\r\n", "{}\t", "{} ", " {}", "\n{}", "{}\u00a0"])
def test_a_url_with_spaces_around_it_is_refused_with_the_right_one(file: Path, around: str) -> None:
    right = f"sqlite:///{file}"
    for url in (right, f"{right}?timeout=5"):
        with pytest.raises(ValueError, match="url must be without spaces around it and without char") as caught:
            Database(around.format(url))
        assert str(caught.value).endswith(f"Write {url!r}.")
    assert not list(file.parent.iterdir())


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:{}@a.example/b\r",
        "postgresql://me:{}@a.example/b ",
        "postgresql://me:{}@a.example:5433/b%00",  # psycopg would connect to another port
        "sqlite:///me:{}@a.example/b ",
        "sqlite:////me:{}@a.example/b\n",
        "sqlite:////srv/a\0{}.db",
        "sqlite:////srv/a\u200b{}.db",
        "\ufeffsqlite:////srv/{}.db",
        "{}\n",
    ],
)
def test_a_url_with_characters_that_cannot_be_seen(url: str) -> None:
    with pytest.raises(ValueError, match=r"without characters that cannot be seen: .* Remove them\.$") as caught:
        Database(url.format("hunter2"))
    assert "hunter2" not in str(caught.value)


def test_a_port_that_is_none() -> None:
    with pytest.raises(ValueError, match="url must be a database URL whose ports are numbers") as caught:
        Database("postgresql://me:hunter2@/b?host=a.example&port=abc")
    assert "hunter2" not in str(caught.value)


def test_a_path_that_ends_with_a_space(file: Path) -> None:
    with pytest.raises(ValueError, match="url must be without spaces around it") as caught:
        Database(f"sqlite:///{file} ?timeout=5")
    assert str(caught.value).endswith(f"Write {f'sqlite:///{file}?timeout=5'!r}.")


def test_a_path_that_can_name_two_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLAlchemy resolves `..` in the text, and the system on the disk."""
    for folder in ("releases/1", "releases/shared", "shared"):
        (tmp_path / "app" / folder).mkdir(parents=True)
    (tmp_path / "app/current").symlink_to(tmp_path / "app/releases/1")
    right = f"sqlite:///{tmp_path}/app/releases/shared/payments.db"
    for query in ("", "?timeout=5"):
        with pytest.raises(ValueError, match=r"url must be without \.\. in the path: behind a symbolic link") as caught:
            Database(f"sqlite:///{tmp_path}/app/current/../shared/payments.db{query}")
        assert str(caught.value).endswith(f"Write {right + query!r}.")
    monkeypatch.chdir(tmp_path / "app")
    for relative in ("sqlite:///current/../shared/payments.db", "current/../shared/payments.db"):
        with pytest.raises(ValueError, match="a URL with an absolute path") as caught:
            Database(relative)
        assert str(caught.value).endswith(f"Write {right!r}.")
    assert not list(tmp_path.rglob("*.db"))
    opened(tmp_path / "app/..payments..db").close()  # these dots name no folder


@pytest.mark.parametrize("timeout", ["abc", "1&timeout=2", "nan", "-1", "-0.1", "inf", "1e9", "5s", "5 s"])
def test_a_timeout_that_is_none(file: Path, timeout: str) -> None:
    with pytest.raises(ValueError, match="url must be a URL with one timeout, of 0 to 3600 seconds") as caught:
        Database(f"sqlite:///{file}?timeout={timeout}")
    assert str(caught.value).endswith("seconds. Write ?timeout=30, or leave it out.")


def test_a_path_that_releases_of_sqlalchemy_read_differently(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "Zo%C3%AB.db",
        "100%.db",
    ):  # 2.0 takes it as it is, 2.1 decodes it
        with pytest.raises(ValueError, match="url must be without % in the path: releases of SQLAlchemy disagree"):
            Database(f"sqlite:///{tmp_path}/{name}")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "100%").mkdir()
    monkeypatch.chdir(tmp_path / "100%")
    with pytest.raises(ValueError, match="a URL with an absolute path") as caught:
        Database("sqlite:///payments.db")
    assert str(caught.value).endswith(EXAMPLE)  # not a path that would be rejected in turn


def test_an_sqlite_file_has_no_schema(file: Path) -> None:
    with pytest.raises(ValueError, match="schema is for PostgreSQL: an SQLite file has none"):
        Database(f"sqlite:///{file}", "billing")


def test_a_fork_leaves_the_connections_of_its_parent_alone(keys: Database) -> None:
    keys.execute(INSERT, {"new": "parent"})
    pool = keys._engine.pool  # noqa: SLF001
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            keys.execute(INSERT, {"new": "child"})
            code = 2 if keys._engine.pool is pool else 0  # noqa: SLF001
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert all_in(keys) == ["child", "parent"]
    assert keys._engine.pool is pool  # noqa: SLF001


def test_a_server_that_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_TIMEOUT", 1)
    monkeypatch.setattr("altegio_partner.ledger.postgresql._GRACE", 0)
    with (
        scripted_postgres(lambda _: None) as server,
        closing(Database(server.url)) as keys,
        pytest.raises(StoreError, match=r"OperationalError: no answer within 1 seconds"),
    ):
        keys.execute(SELECT)


@pytest.mark.usefixtures("ctrl_c")
def test_a_silent_server_can_be_interrupted() -> None:
    with scripted_postgres(lambda _: None) as server, closing(Database(server.url)) as keys:
        stop = Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
        stop.start()
        with pytest.raises(KeyboardInterrupt):
            keys.execute(SELECT)
        stop.join()


def test_a_statement_is_one_message_with_its_settings() -> None:
    with scripted_postgres(lambda _: [["it's"]]) as server, closing(Database(server.url, 'a "b" 50 %')) as keys:
        (row,) = keys.execute(SELECT).rows
        assert row.column_0 == "it's"
        assert keys.execute(DELETE, {"old": "O'Reilly \\ 50 %"}).rowcount == 1
        assert keys.dialect == "postgresql"
        message = server.messages[-1]
        assert message.strip().startswith("SET TRANSACTION ISOLATION LEVEL READ COMMITTED;")
        assert '"a ""b"" 50 %"' in message
        assert message.endswith("E'O''Reilly \\\\ 50 %'::VARCHAR")
        assert "options" not in server.startups[0]
        assert server.startups[0]["client_encoding"] == "utf8"


@pytest.mark.parametrize("missing", [0, 1])
def test_tables_are_created_in_one_message_if_any_is_missing(missing: int) -> None:
    with scripted_postgres(lambda text: [[str(missing)]] if "to_regclass" in text else []) as server:
        with closing(Database(server.url)) as ledger:
            ledger.create(metadata)
        created = [text for text in server.messages if "CREATE TABLE" in text]
    assert len(created) == missing
    assert all(text.count("CREATE TABLE IF NOT EXISTS") == 2 and "pg_advisory_xact_lock" in text for text in created)


def test_a_connection_that_was_lost_is_replaced() -> None:
    with scripted_postgres(lambda _: [["a"]]) as server, closing(Database(server.url)) as keys:
        keys.execute(SELECT)
        server.drop()
        keys.execute(SELECT)
        assert len(server.startups) == 2


def test_a_child_says_no_goodbye_for_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_postgres(lambda _: [["a"]]) as server:
        mine, of_the_parent = Database(server.url), Database(server.url)
        for keys in (mine, of_the_parent):
            keys.execute(SELECT)
        mine.close()
        monkeypatch.setattr(os, "getpid", lambda: 1)
        of_the_parent.close()
        of_the_parent.execute(SELECT)
        monkeypatch.undo()
    assert server.goodbyes == 1
    of_the_parent.close()


def test_a_missing_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "altegio_partner.ledger.postgresql", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ValueError, match=r"The ledger needs psycopg: pip install 'altegio-partner\[postgresql\]'"):
        Database("postgresql://a.example/b")
