"""The command itself: the extra it needs, its streams, its log and its signals."""

import logging
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from altegio_partner.extras import extra
from altegio_partner.version import __version__

_USAGE_ERROR = 2
_SIGNALS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


def main() -> None:
    """Run `altegio-partner`."""
    _replace_closed_streams()
    if sys.argv[1:] in (["--version"], ["-V"], ["version"]):  # without importing all the rest
        sys.stdout.write(f"{__version__}\n")
        return
    if sys.argv[1:2] == ["help"]:
        sys.argv[1:] = [*sys.argv[2:3], "--help"]
    try:
        with extra("cli"):
            from .app import run  # noqa: PLC0415  so that a missing extra is reported clearly
    except ModuleNotFoundError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(_USAGE_ERROR)
    logging.getLogger("altegio_partner").addHandler(logging.NullHandler())  # the command prints the outcome itself
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup ignores SIGHUP
            signal.signal(number, _interrupt)
    run()


def _interrupt(number: int, frame: FrameType | None) -> None:
    """End the command as Ctrl-C does, but once: systemd sends both signals, and a second must not hide the outcome."""
    for one in _SIGNALS:
        signal.signal(one, _ignore)
    signal.default_int_handler(number, frame)


def _ignore(*_: object) -> None: ...


def _replace_closed_streams() -> None:
    """Replace closed streams, so that no connection or database gets their file descriptors.

    Standard output is opened for reading: writing to it fails, and the result is printed on standard error.
    """
    for name, mode in (("stdin", "r"), ("stdout", "r"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115  for as long as it runs
