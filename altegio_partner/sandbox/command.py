"""`altegio-sandbox`: serves a sandbox until Ctrl-C or SIGTERM."""

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
from .seeds import Seed, SeedLocation, read_seed

_DEFAULT_LOCATIONS = (123, 124)  # 123 as in the examples of Altegio's documentation
_ALL_INTERFACES = ("0.0.0.0", "::")  # noqa: S104  only on request


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve, and print the environment variables that a client needs.

    Args:
        arguments: Command-line arguments. Default: those of this process.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        seed = _seed(options)
        sandbox = _sandbox(options)
        is_loaded = sandbox.load_seed(seed)
        _inject_faults(sandbox, options)
        serving = sandbox.serve(options.port, host=options.host)
    except (ValueError, OverflowError, OSError, ModuleNotFoundError) as error:
        parser.error(str(error))
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stops like Ctrl-C
    try:
        with suppress(KeyboardInterrupt), serving as listening_at:
            url = listening_at.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")
            print(f"export ALTEGIO_BASE_URL={url}")
            print(f"export ALTEGIO_PARTNER_TOKEN={sandbox.partner_token}")
            print(f"export ALTEGIO_APPLICATION_ID={sandbox.application_id}", flush=True)
            print(_greeting(url, options, seed, is_loaded), file=sys.stderr, flush=True)
            threading.Event().wait()
    except OSError as error:
        parser.error(
            f"cannot listen on {options.host}, port {options.port} ({error.strerror}): --port 0 selects a free port"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="altegio-sandbox",
        description="A local Altegio for development and tests. It injects faults and sends callbacks. "
        "Its page, at the URL that it prints, shows and controls everything.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=8000, help="the port; 0 selects a free one (default: 8000)")
    parser.add_argument(
        "--token", default="sandbox-partner-token", help="the partner token to accept; do not use a real one"
    )
    parser.add_argument("--application-id", type=int, default=123, help="the id of your application (default: 123)")
    state = parser.add_argument_group("initial state")
    state.add_argument("--seed", type=Path, metavar="FILE", help="initial locations and payments, a JSON file")
    state.add_argument(
        "--salon-id", type=int, action="append",
        help="without --seed: a location whose owner has clicked Connect; repeatable (default: 123 and 124)",
    )  # fmt: skip
    state.add_argument(
        "--state", type=Path, metavar="FILE", help="a SQLite file that stores the state (default: kept in memory)"
    )
    server = parser.add_argument_group("your server")
    server.add_argument(
        "--registration-url", metavar="URL", help="your page, to which owners are sent when they connect"
    )
    server.add_argument(
        "--callback-url", metavar="URL", help="where you receive the callbacks uninstall, freeze, payment"
    )
    faults = parser.add_argument_group("injected faults", f"NAME is one of {', '.join(FAULT_NAMES)}.")
    faults.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME[:CALLS]",
        help="for the next call, or the next CALLS calls; repeatable",
    )
    faults.add_argument("--fault-rate", metavar="NAME:PROBABILITY", help="for this fraction of all calls, from 0 to 1")
    faults.add_argument(
        "--fault-seed", type=int, default=0, help="with --fault-rate: the same seed selects the same calls (default: 0)"
    )
    behavior = parser.add_argument_group("behavior")
    behavior.add_argument(
        "--status-delay",
        type=float,
        default=0,
        metavar="SECONDS",
        help="how long the status of a location lags behind (default: 0)",
    )
    behavior.add_argument(
        "--rate-limits", action="store_true", help="answer 429 to more than 5 calls a second or 200 a minute"
    )
    behavior.add_argument("--no-retry-after", action="store_true", help="send 429 without a Retry-After header")
    behavior.add_argument("--no-redirect", action="store_true", help="answer registrations with 200 instead of 301")
    return parser


def _sandbox(options: argparse.Namespace) -> Sandbox:
    return Sandbox(
        partner_token=options.token,
        application_id=options.application_id,
        redirects=not options.no_redirect,
        status_delay=timedelta(seconds=options.status_delay),
        rate_limits=options.rate_limits,
        retry_after=not options.no_retry_after,
        state=options.state,
        registration_url=options.registration_url,
        callback_url=options.callback_url,
    )


def _seed(options: argparse.Namespace) -> Seed:
    if options.seed is None:
        salon_ids = options.salon_id or _DEFAULT_LOCATIONS
        return Seed(None, [SeedLocation(salon_id, "pending", []) for salon_id in salon_ids])
    try:
        return read_seed(options.seed.read_bytes())
    except ValueError as error:
        raise ValueError(f"{options.seed}: {error}") from None


def _inject_faults(sandbox: Sandbox, options: argparse.Namespace) -> None:
    for text in options.fault:
        name, _, calls = text.partition(":")
        if calls and not (calls.isascii() and calls.isdigit()):
            raise ValueError(f"--fault {text}: write NAME or NAME:CALLS, as in lose_answer:3.")
        sandbox.inject_fault(cast(FaultName, name), calls=int(calls or 1))
    if options.fault_rate is not None:
        name, _, probability = options.fault_rate.partition(":")
        try:
            fraction = float(probability)
        except ValueError:
            raise ValueError(f"--fault-rate {options.fault_rate}: write NAME:PROBABILITY, as in stall:0.1.") from None
        sandbox.inject_fault(cast(FaultName, name), probability=fraction, seed=options.fault_seed)


def _greeting(url: str, options: argparse.Namespace, seed: Seed, is_loaded: bool) -> str:
    pending = [str(location.salon_id) for location in seed.locations if location.status == "pending"]
    lines = [f"Open in a browser: {url}"]
    if not is_loaded:
        lines.append(f"Continuing from {options.state}.")
    elif pending:
        lines.append(f"The owners of {', '.join(pending)} have clicked Connect.")
    if options.host in _ALL_INTERFACES:
        lines.append("Other machines can connect to it.")
    lines.append("Press Ctrl-C to stop." if options.state else "Press Ctrl-C to stop and discard the state.")
    return "\n".join(lines)
