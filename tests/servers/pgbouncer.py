"""A PgBouncer of its own for a test, in front of a PostgreSQL: started, stopped and thrown away."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from tests.servers.postgres import not_root

_DEBIAN = ":/usr/sbin"  # where Debian has it, which is not on everybody's path
_LONGEST_START = 60  # seconds


@contextmanager
def pgbouncer(postgres: str, mode: str, **settings: object) -> Iterator[str]:
    """Serve that PostgreSQL in this pool mode as long as the block lasts. Gives the URL, as SQLAlchemy writes it.

    Args:
        postgres: The URL from `postgres_server`, of any database and user there.
        mode: "session", "transaction" or "statement".
        settings: More of the settings of PgBouncer, or others than these.
    """
    program = shutil.which("pgbouncer", path=os.environ.get("PATH", os.defpath) + _DEBIAN)
    if program is None:
        raise RuntimeError("There is no pgbouncer: apt-get install pgbouncer. This is not skipped without it.")
    url = make_url(postgres)
    home = Path(str(url.query["host"])) / f"pgbouncer-{mode}"
    home.mkdir()
    options: dict[str, object] = {
        "unix_socket_dir": home, "listen_addr": "", "listen_port": 5432, "pool_mode": mode, "default_pool_size": 2,
        "auth_type": "trust", "auth_file": home / "users", "logfile": home / "log", **settings,
    }  # fmt: skip
    (home / "users").write_text(f'"{url.username}" ""\n')
    lines = [f"[databases]\n* = host={home.parent} port=5432\n[pgbouncer]", *(f"{k} = {v}" for k, v in options.items())]
    (home / "ini").write_text("\n".join(lines) + "\n")
    who = not_root(home)
    try:
        with subprocess.Popen([program, "--quiet", home / "ini"], **who) as process:
            try:
                _wait_for(home, process)
                yield url.update_query_dict({"host": str(home)}).render_as_string(hide_password=False)
            finally:
                process.terminate()
                process.wait(30)
    finally:
        shutil.rmtree(home)


def _wait_for(home: Path, process: subprocess.Popen[bytes]) -> None:
    log, until = home / "log", time.monotonic() + _LONGEST_START
    while not (log.exists() and "process up" in log.read_text()):
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"pgbouncer did not start:\n{log.read_text() if log.exists() else ''}")
        time.sleep(0.01)
