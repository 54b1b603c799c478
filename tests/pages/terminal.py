"""What a reader of the documentation does at a terminal: start the sandbox, and type commands."""

import os
import shlex
import signal
import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.pages.page import environment_of_a_reader


def environment(**more: str) -> dict[str, str]:
    """That of a reader: the installed commands are found, and nothing of this test run is known."""
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)])
    return environment_of_a_reader(PATH=path, **more)


@contextmanager
def served(command: str, folder: Path) -> Iterator[tuple[dict[str, str], list[str]]]:
    """Run a block that serves, at a free port in place of 8000. Gives what it prints: its settings, and all lines."""
    words = f"{command.strip()} "
    assert words.count("altegio-sandbox ") == 1
    serve = ["bash", "-c", f"exec {words.replace('altegio-sandbox ', 'altegio-sandbox --port 0 --log none ')}"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(serve, cwd=folder, env=environment(), **pipes) as process:
        try:
            assert process.stdout
            lines: list[str] = []
            while not (lines and lines[-1].startswith("Press Ctrl-C to stop")):
                lines.append(process.stdout.readline())
                assert lines[-1], lines
            exported = [shlex.split(line)[1] for line in lines if line.startswith("export ")]
            settings = dict(one.split("=", 1) for one in exported)
            yield settings, [line.replace(settings["ALTEGIO_BASE_URL"], "http://127.0.0.1:8000") for line in lines]
            process.send_signal(signal.SIGTERM)
            rest, _ = process.communicate(timeout=10)
            assert (process.returncode, rest) == (0, "")
        finally:
            process.kill()


def typed(session: str, folder: Path, settings: dict[str, str]) -> str:
    """Type the commands of a console block, those after `$ `, and return what is on the screen then."""
    screen = ""
    for line in session.splitlines(keepends=True):
        if line.startswith("$ "):
            command = ["bash", "-c", line.removeprefix("$ ")]
            ran = subprocess.run(
                command, cwd=folder, env=environment(**settings),
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False,
            )  # fmt: skip
            screen += line + ran.stdout
    return screen.replace(settings["ALTEGIO_BASE_URL"].removeprefix("http://"), "127.0.0.1:8000")
