"""The command itself: the extra it needs, its streams, its log and its signals."""

import logging
import os
import signal
import sys
from pathlib import Path

from altegio_partner.extras import extra

_WRONG_USE = 2


def main() -> None:
    """Run `altegio-partner`."""
    _open_what_is_closed()
    try:
        with extra("cli"):
            from .app import app  # noqa: PLC0415  so that a clear word comes first where it is not installed
    except ModuleNotFoundError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(_WRONG_USE)
    logging.getLogger("altegio_partner").addHandler(logging.NullHandler())  # the command says itself what comes of it
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends a command as Ctrl-C does: in order
    app()


def _open_what_is_closed() -> None:
    """Put a file where a stream is closed, lest a connection or a database gets its number.

    Standard output is opened for reading: what is written there fails, and is told on standard error.
    """
    for name, mode in (("stdin", "r"), ("stdout", "r"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115  for as long as it runs
