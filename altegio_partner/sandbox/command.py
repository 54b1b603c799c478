"""`altegio-sandbox`: the sandbox from the command line, until Ctrl-C or SIGTERM."""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import cast

from .faults import FAULT_NAMES, FaultName
from .sandbox import Sandbox
from .seeds import Seed, SownLocation, read_seed

_CONNECTED = (123, 124)  # the documentation's examples are about location 123
_LISTENS_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  where the user asks for it


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve, and print what a client needs to know as settings of its environment.

    Args:
        arguments: Those of the command line. Default: this process's own.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        seed = _seed(options)
        sandbox = _sandbox(options)
        sown = sandbox.sow(seed)
        _arm(sandbox, options)
        serving = sandbox.serve(options.port, host=options.host)
    except (ValueError, OverflowError, OSError, ModuleNotFoundError) as error:
        parser.error(str(error))
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends it as Ctrl-C does
    try:
        with suppress(KeyboardInterrupt), serving as listens:
            url = listens.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")
            print(f"export ALTEGIO_BASE_URL={url}")
            print(f"export ALTEGIO_PARTNER_TOKEN={sandbox.partner_token}")
            print(f"export ALTEGIO_APPLICATION_ID={sandbox.application_id}", flush=True)
            print(_greeting(url, options, seed, sown), file=sys.stderr, flush=True)
            threading.Event().wait()
    except OSError as error:
        parser.error(
            f"cannot listen on {options.host}, port {options.port} ({error.strerror}): try --port 0 for any free one"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="altegio-sandbox",
        description="A local Altegio: what it knows, what goes wrong on purpose, and what it sends to you. "
        "Its page, at the address that it prints, shows and controls all of it.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at (default: this machine only)")
    parser.add_argument("--port", type=int, default=8000, help="where to listen; 0 is any free port (default: 8000)")
    parser.add_argument("--token", default="sandbox-partner-token", help="the partner token; better not your real one")
    parser.add_argument("--application-id", type=int, default=123, help="the application (default: 123)")
    known = parser.add_argument_group("what it knows")
    known.add_argument("--seed", type=Path, metavar="FILE", help="locations and payments to begin with, in JSON")
    known.add_argument(
        "--salon-id", type=int, action="append",
        help="instead of a seed: a location whose owner has clicked Connect (default: 123 and 124)",
    )  # fmt: skip
    known.add_argument("--state", type=Path, metavar="FILE", help="a SQLite file that outlasts it (default: none)")
    yours = parser.add_argument_group("your server")
    yours.add_argument("--registration-url", metavar="URL", help="your page that owners are sent to when they connect")
    yours.add_argument("--callback-url", metavar="URL", help="where you take the callbacks uninstall, freeze, payment")
    wrong = parser.add_argument_group("what goes wrong on purpose", f"NAME is one of {', '.join(FAULT_NAMES)}.")
    wrong.add_argument(
        "--fault", action="append", default=[], metavar="NAME[:CALLS]", help="with the next call, or so many calls"
    )
    wrong.add_argument("--fault-rate", metavar="NAME:PROBABILITY", help="with any call, at a probability from 0 to 1")
    wrong.add_argument("--fault-seed", type=int, default=0, help="the same seed lets the same calls go wrong")
    manner = parser.add_argument_group("how it behaves")
    manner.add_argument(
        "--lag", type=float, default=0, metavar="SECONDS", help="how long the status misses a payment (default: 0)"
    )
    manner.add_argument("--rate-limits", action="store_true", help="allow 5 calls a second and 200 a minute only")
    manner.add_argument("--no-retry-after", action="store_true", help="do not say how long to wait in that case")
    manner.add_argument("--no-redirect", action="store_true", help="answer registrations with 200 instead of 301")
    return parser


def _sandbox(options: argparse.Namespace) -> Sandbox:
    return Sandbox(
        partner_token=options.token,
        application_id=options.application_id,
        redirects=not options.no_redirect,
        lag=timedelta(seconds=options.lag),
        rate_limits=options.rate_limits,
        retry_after=not options.no_retry_after,
        state=options.state,
        registration_url=options.registration_url,
        callback_url=options.callback_url,
    )


def _seed(options: argparse.Namespace) -> Seed:
    if options.seed is None:
        salon_ids = options.salon_id or _CONNECTED
        return Seed(None, [SownLocation(salon_id, "pending", []) for salon_id in salon_ids])
    try:
        return read_seed(options.seed.read_bytes())
    except ValueError as error:
        raise ValueError(f"{options.seed}: {error}") from None


def _arm(sandbox: Sandbox, options: argparse.Namespace) -> None:
    for text in options.fault:
        name, _, calls = text.partition(":")
        if calls and not (calls.isascii() and calls.isdigit()):
            raise ValueError(f"--fault {text}: write NAME or NAME:CALLS, as in lose_answer:3.")
        sandbox.fail(cast(FaultName, name), calls=int(calls or 1))
    if options.fault_rate is not None:
        name, _, probability = options.fault_rate.partition(":")
        try:
            share = float(probability)
        except ValueError:
            raise ValueError(f"--fault-rate {options.fault_rate}: write NAME:PROBABILITY, as in stall:0.1.") from None
        sandbox.fail_now_and_then(cast(FaultName, name), probability=share, seed=options.fault_seed)


def _greeting(url: str, options: argparse.Namespace, seed: Seed, sown: bool) -> str:
    pending = [str(location.salon_id) for location in seed.locations if location.status == "pending"]
    lines = [f"Look at it in a browser: {url}"]
    if not sown:
        lines.append(f"It goes on with what {options.state} knows.")
    elif pending:
        lines.append(f"The owners of {', '.join(pending)} have clicked Connect.")
    if options.host in _LISTENS_EVERYWHERE:
        lines.append("Every machine that reaches this one can use it.")
    lines.append("Ctrl-C ends it." if options.state else "Ctrl-C ends it, and forgets all.")
    return "\n".join(lines)
