"""The command itself: the extra it needs, its streams, its log and its signals."""

import logging
import os
import signal
import sys
from pathlib import Path

from altegio_partner.extras import extra

_USAGE_ERROR = 2


def main() -> None:
    """Run `altegio-partner`."""
    _replace_closed_streams()
    try:
        with extra("cli"):
            from .app import run  # noqa: PLC0415  so that a missing extra is reported clearly
    except ModuleNotFoundError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(_USAGE_ERROR)
    logging.getLogger("altegio_partner").addHandler(logging.NullHandler())  # the command prints the outcome itself
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends a command as Ctrl-C does
    run()


def _replace_closed_streams() -> None:
    """Replace closed streams, so that no connection or database gets their file descriptors.

    Standard output is opened for reading: writing to it fails, and the result is printed on standard error.
    """
    for name, mode in (("stdin", "r"), ("stdout", "r"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115  for as long as it runs
