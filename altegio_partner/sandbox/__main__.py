"""Run the sandbox from the command line, until Ctrl-C or SIGTERM."""

import argparse
import signal
import sys
import threading
from contextlib import suppress

from .sandbox import Sandbox


def main() -> None:
    """Serve, and print what a client needs to know as settings of its environment."""
    parser = argparse.ArgumentParser(prog="python -m altegio_partner.sandbox", description="A local Altegio.")
    parser.add_argument("--port", type=int, default=8000, help="where to listen; 0 is any free port (default: 8000)")
    parser.add_argument(
        "--salon-id", type=int, action="append", help="a location that is connected (default: 123 and 124)"
    )
    options = parser.parse_args()
    sandbox = Sandbox()
    salon_ids = options.salon_id or [123, 124]
    for salon_id in salon_ids:
        sandbox.connect(salon_id)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends it as Ctrl-C does
    try:
        with suppress(KeyboardInterrupt), sandbox.serve(options.port) as url:
            print(f"export ALTEGIO_BASE_URL={url}")
            print(f"export ALTEGIO_PARTNER_TOKEN={sandbox.partner_token}")
            print(f"export ALTEGIO_APPLICATION_ID={sandbox.application_id}", flush=True)
            owners = ", ".join(map(str, salon_ids))
            print(f"The owners of {owners} have clicked Connect. Ctrl-C ends it, and forgets all.", file=sys.stderr)
            threading.Event().wait()
    except OSError as error:
        parser.error(f"cannot listen on port {options.port} ({error.strerror}): try --port 0 for any free one")


if __name__ == "__main__":
    main()
