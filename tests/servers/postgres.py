"""A PostgreSQL of its own for a test: made, started, stopped and thrown away, from the programs of the system."""

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


@contextmanager
def postgres_server() -> Iterator[str]:
    """Serve as long as the block lasts, on a socket of its own. Gives the URL, as SQLAlchemy writes it."""
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as folder:  # open to `nobody`, and a short path: that of
        home = Path(folder)  # a socket has 107 characters at most
        who = not_root(home)
        data = home / "data"
        _run([initdb, "--auth=trust", "--username=ledger", "--encoding=UTF8", "--pgdata", str(data)], who, home)
        settings = f"-c listen_addresses='' -c unix_socket_directories='{home}'"
        start = [pg_ctl, "start", "--wait", "--timeout", _LONGEST_START, "--silent", "--log", str(home / "log")]
        _run([*start, "--pgdata", str(data), "--options", settings], who, home)
        try:
            yield f"postgresql+psycopg://ledger@/postgres?host={home}"
        finally:
            _run([pg_ctl, "stop", "--wait", "--mode=immediate", "--silent", "--pgdata", str(data)], who, home)


def _program(name: str) -> str:
    newest_first = sorted(_DEBIAN.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]), reverse=True)
    found = shutil.which(name) or next(map(str, newest_first), None)
    if found is None:
        raise RuntimeError(f"There is no {name}: apt-get install postgresql. This is not skipped without it.")
    return found


def not_root(home: Path) -> dict[str, Any]:
    """Say as whom to run the server, which refuses root, and give that user the folder."""
    if os.geteuid() != 0:
        return {}
    import pwd  # noqa: PLC0415  not everywhere, and only needed here

    user = pwd.getpwnam("nobody")
    os.chown(home, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _run(command: list[str], who: dict[str, Any], home: Path) -> None:
    """Run one of the programs, or say what it said."""
    said = home / "said"
    with said.open("w") as output:  # no pipe: the server would hold it open
        ran = subprocess.run(command, stdout=output, stderr=output, cwd=home, check=False, **who)
    if ran.returncode:
        log = home / "log"
        words = said.read_text() + (log.read_text() if log.exists() else "")
        raise RuntimeError(f"{command[0]} failed:\n{words}")
