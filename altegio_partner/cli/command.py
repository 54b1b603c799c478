"""The command itself: its own signals, and a clear word where the extra is not installed."""

import logging
import signal
import sys


def main() -> None:
    """Run `altegio-partner`."""
    try:
        from .app import app  # noqa: PLC0415  what it needs is in an extra
    except ModuleNotFoundError as error:
        if str(error.name).startswith("altegio_partner"):
            raise
        sys.exit(f"altegio-partner needs {error.name}: pip install 'altegio-partner[cli]'")
    logging.getLogger("altegio_partner").addHandler(logging.NullHandler())  # the command says itself what comes of it
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends an import as Ctrl-C does: in order
    app()
