"""The command itself: the extra it needs, its log and its signals."""

import logging
import signal
import sys

from altegio_partner.extras import extra


def main() -> None:
    """Run `altegio-partner`."""
    try:
        with extra("cli"):
            from .app import app  # noqa: PLC0415  so that a clear word comes first where it is not installed
    except ModuleNotFoundError as error:
        sys.exit(str(error))
    logging.getLogger("altegio_partner").addHandler(logging.NullHandler())  # the command says itself what comes of it
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends a command as Ctrl-C does: in order
    app()
