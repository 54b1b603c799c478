"""`altegio-partner` is completed in bash, zsh and fish: each the real one, in a terminal, set up as its users do it."""

import os
import shutil
import sys
from pathlib import Path

import pexpect
import pytest

pytestmark = pytest.mark.services

TYPED = {
    "bash": "altegio-partner re\t\t",
    "zsh": "altegio-partner re\t\t",
    "fish": "complete -C 'altegio-partner re'\r",  # prints what Tab offers; fish paints that piece by piece
}


def started(shell: str, home: Path) -> "pexpect.spawn[str]":
    path = shutil.which(shell)
    assert path, f"{shell} is not installed: run this with `nox -s services`"
    known = {"HOME": str(home), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "TERM": "xterm"}
    return pexpect.spawn(path, ["-i"], cwd=str(home), env=known, encoding="utf-8", timeout=30, dimensions=(40, 120))


@pytest.mark.parametrize("shell", TYPED)
def test_commands_are_completed(tmp_path: Path, shell: str) -> None:
    process = started(shell, tmp_path)
    process.sendline("altegio-partner --install-completion; exit")
    process.expect(f"{shell} completion installed in")
    process.expect(pexpect.EOF)
    process.close()
    process = started(shell, tmp_path)
    process.send(TYPED[shell])
    for command in ("reconcile", "refund", "register"):
        process.expect(command)
    process.close(force=True)


SANDBOX_TYPED = {
    "bash": "altegio-sandbox --fault rate\t\t\t",  # the first completes, the second finds nothing, the third lists
    "zsh": "altegio-sandbox --fault rate\t\t",
    "fish": "complete -C 'altegio-sandbox --fault rate'\r",
}
SOURCED = {
    "bash": 'eval "$(altegio-sandbox --completion bash)"',
    "zsh": 'eval "$(altegio-sandbox --completion zsh)"',
    "fish": "altegio-sandbox --completion fish | source",
}


@pytest.mark.parametrize("shell", SANDBOX_TYPED)
def test_faults_of_the_sandbox_are_completed(tmp_path: Path, shell: str) -> None:
    process = started(shell, tmp_path)
    process.sendline(f"{SOURCED[shell]}; echo re''ad")
    process.expect("read")
    process.send(SANDBOX_TYPED[shell])
    process.expect("rate_limit_without_retry_after")
    process.close(force=True)
