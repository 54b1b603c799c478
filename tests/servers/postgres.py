"""A temporary PostgreSQL server for a test, run from the programs of the system."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_DEBIAN = Path("/usr/lib/postgresql")  # where Debian keeps them, by version, and not on the path
_LONGEST_START = "60"  # seconds


class Postgres:
    """A server on a socket of its own."""

    def __init__(self, home: Path, settings: dict[str, object]) -> None:
        self.home = home
        self.url = f"postgresql+psycopg://ledger@/postgres?host={home}"
        """The URL, as SQLAlchemy writes it."""
        self._who = not_root(home)
        self._pg_ctl = _program("pg_ctl")
        self._data = str(home / "data")
        all_settings = {"listen_addresses": "''", "unix_socket_directories": f"'{home}'", **settings}
        self._options = " ".join(f"-c {name}={value}" for name, value in all_settings.items())
        self._run(_program("initdb"), "--auth=trust", "--username=ledger", "--encoding=UTF8", "--pgdata", self._data)

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self.home / ".s.PGSQL.5432"

    def start(self) -> None:
        """Start it, and wait until it accepts connections."""
        start = [self._pg_ctl, "start", "--wait", "--timeout", _LONGEST_START, "--silent"]
        self._run(*start, "--log", str(self.home / "log"), "--pgdata", self._data, "--options", self._options)

    def crash(self) -> None:
        """Stop it at once: what is in its memory only is lost."""
        self._run(self._pg_ctl, "stop", "--wait", "--mode=immediate", "--silent", "--pgdata", self._data)

    def _run(self, *command: str) -> None:
        """Run one of the programs, or say what it said."""
        said = self.home / "said"
        with said.open("w") as output:  # no pipe: the server would hold it open
            ran = subprocess.run(command, stdout=output, stderr=output, cwd=self.home, check=False, **self._who)
        if ran.returncode:
            log = self.home / "log"
            words = said.read_text() + (log.read_text() if log.exists() else "")
            raise RuntimeError(f"{command[0]} failed:\n{words}")


@contextmanager
def postgres(**settings: object) -> Iterator[Postgres]:
    """Give a running server with these settings, as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as folder:  # open to `nobody`, and a short path: that of
        server = Postgres(Path(folder), settings)  # a socket has 107 characters at most
        server.start()
        try:
            yield server
        finally:
            server.crash()


@contextmanager
def postgres_server() -> Iterator[str]:
    """Serve as long as the block lasts, on its own socket. Gives the URL, as SQLAlchemy writes it."""
    with postgres() as server:
        yield server.url


def not_root(home: Path) -> dict[str, Any]:
    """Say as whom to run a server, which refuses root, and give that user the folder."""
    if os.geteuid() != 0:
        return {}
    import pwd  # noqa: PLC0415  not everywhere, and only needed here

    user = pwd.getpwnam("nobody")
    os.chown(home, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _program(name: str) -> str:
    newest_first = sorted(_DEBIAN.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]), reverse=True)
    found = shutil.which(name) or next(map(str, newest_first), None)
    if found is None:
        raise RuntimeError(f"There is no {name}: apt-get install postgresql. This is not skipped without it.")
    return found
