"""A temporary Redis server for a test."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def redis_server() -> Iterator[str]:
    """Serve as long as the block lasts, on its own socket. Gives the URL, as Celery writes it."""
    program = shutil.which("redis-server")
    if program is None:
        raise RuntimeError("There is no redis-server: apt-get install redis-server. This is not skipped without it.")
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        command = [program, "--port", "0", "--unixsocket", f"{folder}/socket", "--save", "", "--dir", folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            said = ""
            for line in process.stdout:
                said += line
                if "eady to accept connections" in line:
                    break
            else:
                raise RuntimeError(f"{program} did not start:\n{said}")
            try:
                yield f"redis+socket://{folder}/socket"
            finally:
                process.terminate()
                process.communicate(timeout=30)
