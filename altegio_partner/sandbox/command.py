"""`altegio-sandbox`: serves a sandbox until Ctrl-C, SIGTERM or SIGHUP, or while a command runs."""

import argparse
import logging
import signal
import socket
import ssl
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import cast

from attrs import evolve

from altegio_partner.bad_argument import BadArgumentError
from altegio_partner.cli.option_names import text_of_value
from altegio_partner.ids import read_id
from altegio_partner.version import __version__

from .call_log import JSONLines, log
from .child_process import run
from .completion import SHELLS, completion
from .environment import FORMATS, check_env_file, print_settings, settings_for, settings_text, write_atomically
from .faults import FAULT_FIELDS, FAULT_NAMES, FaultName, parse_fault
from .log_output import LogOutput
from .sandbox import Sandbox
from .seeds import Seed, SeedLocation, read_seed
from .tls import make_certificate

_DEFAULT_LOCATIONS = (123, 124)  # 123 as in the examples of Altegio's documentation
_DEFAULT_PORT = 8000
_MAX_CALLS = 100
_ALL_INTERFACES = ("0.0.0.0", "::")  # noqa: S104  only on request
_CA_VARIABLES = ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE")  # what clients read
_STOP = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
_LOGS = ("text", "json", "none")
_CHOICES = {
    "--fault": FAULT_NAMES,
    "--fault-rate": FAULT_NAMES,
    "--format": FORMATS,
    "--log": _LOGS,
    "--completion": SHELLS,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve, and print the environment variables that a client needs; or run a command that gets them.

    Args:
        arguments: Command-line arguments. Default: those of this process.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    is_run = words[:1] == ["run"]
    own, separator, command = _split(words[1:] if is_run else words)
    parser = _parser(is_run)
    options = parser.parse_args(own)
    if options.completion:
        print(completion(options.completion, parser.format_help(), _CHOICES), end="")
        return
    if is_run != bool(separator) or (is_run and not command):
        parser.error("write the command after run and --, as in: altegio-sandbox run -- npm test")
    _log_calls(options.log)
    try:
        sys.exit(_run(options, command) if is_run else _serve(options))
    except (ValueError, OverflowError, OSError, ModuleNotFoundError) as error:
        parser.error(_text_of(error, _option))


def _text_of(error: Exception, name: Callable[[str], str] = str) -> str:
    """Return the text of an error for the command line. `name` returns the option of a field."""
    if not isinstance(error, BadArgumentError):
        return str(error)
    shown = evolve(error, given="") if error.kind == "timedelta" else error  # the user wrote hours or seconds
    return f"{name(error.field)} {text_of_value(shown)}"


def _option(field: str) -> str:
    return "--token" if field == "partner_token" else f"--{field.replace('_', '-')}"


def _id(text: str) -> int:
    try:
        return read_id(text.lstrip("0"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number, digits only, not {text!r}. Write it like 123.") from None


def _run(options: argparse.Namespace, command: Sequence[str]) -> int:
    """Run a command, and return its exit code."""
    sandbox, _, _ = _loaded(options)
    with _served(sandbox, options) as environment:
        code = run(command, environment)
    calls = sandbox.calls if code and options.log == "none" else []
    if calls:
        print(f"{command[0]} exited with {code}. The latest calls that the sandbox received:", file=sys.stderr)
    for exchange in calls[-_MAX_CALLS:]:
        print(f"  {exchange}", file=sys.stderr)
    return code


def _serve(options: argparse.Namespace) -> int:
    """Serve until Ctrl-C, SIGTERM or SIGHUP."""
    sandbox, seed, is_loaded = _loaded(options)
    for number in _STOP:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup ignores SIGHUP
            signal.signal(number, signal.default_int_handler)  # stops like Ctrl-C
    with suppress(KeyboardInterrupt), _served(sandbox, options) as environment:
        print_settings(options.format, environment)
        print(_greeting(environment, options, seed, is_loaded), file=sys.stderr, flush=True)
        threading.Event().wait()
    return 0


def _loaded(options: argparse.Namespace) -> tuple[Sandbox, Seed, bool]:
    """Return the sandbox, its seed, and whether that was loaded."""
    seed = _seed(options)
    sandbox = _sandbox(options)
    is_loaded = sandbox.load_seed(seed)
    _inject_faults(sandbox, options)
    return sandbox, seed, is_loaded


@contextmanager
def _served(sandbox: Sandbox, options: argparse.Namespace) -> Generator[Mapping[str, str]]:
    """Serve while the block runs. Yields the environment variables, after the files that were asked for."""
    with ExitStack() as stack:
        context, more = _tls(options, stack)
        if options.ready_file is not None:
            options.ready_file.unlink(missing_ok=True)  # that of a sandbox that was killed
        try:
            listening_at = stack.enter_context(sandbox.serve(options.port, host=options.host, tls=context))
        except OSError as error:
            raise ValueError(
                f"cannot listen on {options.host}, port {options.port} ({error.strerror}): --port 0 selects a free port"
            ) from None
        url = listening_at.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")
        environment = {**settings_for(sandbox, url), **more}
        if options.env_file is not None:
            check_env_file(options.env_file, environment)
        for file, text in ((options.env_file, settings_text("env", environment)), (options.ready_file, "ready\n")):
            if file is not None:
                write_atomically(file, text)
                stack.callback(file.unlink, missing_ok=True)
        yield environment


def _tls(options: argparse.Namespace, stack: ExitStack) -> tuple[ssl.SSLContext | None, Mapping[str, str]]:
    """Make a certificate if one is wanted, and return the variables that name the file of its authority."""
    if not options.tls:
        return None, {}
    hosts = ["localhost", "127.0.0.1", "::1", socket.gethostname(), *options.tls_name]
    if options.host not in _ALL_INTERFACES:
        hosts.append(options.host)
    certificate = make_certificate([*dict.fromkeys(hosts)])
    file: Path = options.ca_file or Path(stack.enter_context(tempfile.TemporaryDirectory())) / "altegio-sandbox-ca.pem"
    write_atomically(file, certificate.trusted)
    return certificate.context, dict.fromkeys(_CA_VARIABLES, str(file.absolute()))


def _log_calls(form: str) -> None:
    log.propagate = False
    log.setLevel(logging.CRITICAL if form == "none" else logging.INFO)
    # Where it is closed, its descriptor is that of another file or connection:
    handler = LogOutput(sys.stderr.fileno()) if sys.stderr else logging.NullHandler()
    if form == "json":
        handler.setFormatter(JSONLines())
    log.handlers = [handler]


def _split(words: Sequence[str]) -> tuple[Sequence[str], bool, Sequence[str]]:
    """Return what is before the first `--`, whether there is one, and what is after it."""
    if "--" not in words:
        return words, False, []
    end = words.index("--")
    return words[:end], True, words[end + 1 :]


def _parser(is_run: bool) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="altegio-sandbox run" if is_run else "altegio-sandbox",
        usage="%(prog)s [options] -- COMMAND ..."
        if is_run
        else "%(prog)s [options]\n       %(prog)s run [options] -- COMMAND ...",
        description="A local Altegio for development and tests. It injects faults and sends callbacks. "
        "Its page, at the URL that it prints, shows and controls everything. "
        "`run` serves while a command runs, and passes it the settings in its environment.",
    )
    parser.add_argument(
        "--version", action="version", version=f"altegio-sandbox {__version__}", help="print the version, and exit"
    )
    parser.add_argument("--completion", choices=SHELLS, help="print the completion script of a shell, and exit")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine only)")
    port = 0 if is_run else _DEFAULT_PORT
    parser.add_argument("--port", type=int, default=port, help=f"the port; 0 selects a free one (default: {port})")
    parser.add_argument(
        "--token", default="sandbox-partner-token", help="the partner token to accept; do not use a real one"
    )
    parser.add_argument("--user-token", default="sandbox-user-token", help="the user token to accept")
    parser.add_argument("--application-id", type=_id, default=123, help="the id of your application (default: 123)")
    output = parser.add_argument_group("output")
    if not is_run:
        output.add_argument("--format", choices=FORMATS, default="sh", help="how to print the settings (default: sh)")
        output.add_argument(
            "--json", dest="format", action="store_const", const="json", help="the same as --format json"
        )
    output.add_argument("--env-file", type=Path, metavar="FILE", help="write the settings to this file, as NAME=VALUE")
    output.add_argument("--ready-file", type=Path, metavar="FILE", help="create this file when calls are accepted")
    log_default = "none" if is_run else "text"
    output.add_argument(
        "--log",
        choices=_LOGS,
        default=log_default,
        help=f"how to log each call to standard error (default: {log_default})",
    )
    tls = parser.add_argument_group("https", "The sandbox makes a certificate. The settings make clients trust it.")
    tls.add_argument("--tls", action="store_true", help="serve https")
    tls.add_argument("--tls-name", action="append", default=[], metavar="HOST", help="a name of this host; repeatable")
    tls.add_argument(
        "--ca-file", type=Path, metavar="FILE", help="write the certificates for clients to trust to this file"
    )
    state = parser.add_argument_group("initial state")
    state.add_argument("--seed", type=Path, metavar="FILE", help="initial locations and payments, a JSON file")
    state.add_argument(
        "--salon-id", type=_id, action="append",
        help="without --seed: a location whose owner has clicked Connect; repeatable (default: 123 and 124)",
    )  # fmt: skip
    state.add_argument(
        "--state", type=Path, metavar="FILE", help="an SQLite file that stores the state (default: kept in memory)"
    )
    server = parser.add_argument_group("your server")
    server.add_argument(
        "--registration-url", metavar="URL", help="your page, to which Altegio sends owners who click Connect"
    )
    server.add_argument(
        "--callback-url",
        metavar="URL",
        help="the URL of your server that gets the callbacks uninstall, freeze and payment",
    )
    faults = parser.add_argument_group(
        "injected faults",
        f"NAME is one of {', '.join(FAULT_NAMES)}. FIELD is one of {', '.join(FAULT_FIELDS[1:])}.",
    )
    faults.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME[:CALLS][,FIELD=VALUE,...]",
        help="inject a fault into the next call, or the next CALLS calls, or the calls that the fields select, "
        "such as lose_answer:operation=notify_payment,nth=3; repeatable",
    )
    faults.add_argument(
        "--fault-rate", metavar="NAME:PROBABILITY", help="inject a fault into this fraction of all calls"
    )
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
    behavior.add_argument(
        "--stop-clock", action="store_true", help="stop the clock; delays move it instead of taking time"
    )
    behavior.add_argument("--no-redirect", action="store_true", help="answer registrations with 200 instead of 301")
    behavior.add_argument(
        "--bodies", action="store_true", help="send a body even with a 301, and with successes that need none"
    )
    behavior.add_argument(
        "--lenient", action="store_true", help="accept what PHP would, where it is unknown whether Altegio does"
    )
    for name, default, meaning in (
        ("trial", 14 * 24, "how long an application is active without a payment"),
        ("freeze-delay", 24, "how long after the trial or the paid period it is frozen"),
        ("refund-freeze-delay", 1, "how long after the refund of the current period it is frozen"),
    ):
        behavior.add_argument(
            f"--{name}", type=float, default=default, metavar="HOURS", help=f"{meaning} (default: {default})"
        )
    return parser


def _sandbox(options: argparse.Namespace) -> Sandbox:
    return Sandbox(
        partner_token=options.token,
        application_id=options.application_id,
        user_token=options.user_token,
        redirects=not options.no_redirect,
        bodies=options.bodies,
        lenient=options.lenient,
        trial=timedelta(hours=options.trial),
        freeze_delay=timedelta(hours=options.freeze_delay),
        refund_freeze_delay=timedelta(hours=options.refund_freeze_delay),
        status_delay=timedelta(seconds=options.status_delay),
        rate_limits=options.rate_limits,
        retry_after=not options.no_retry_after,
        stop_clock=options.stop_clock,
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
        try:
            sandbox.inject_fault(**parse_fault(text))
        except ValueError as error:
            raise ValueError(f"--fault {text}: {_text_of(error)}") from None
    if options.fault_rate is not None:
        name, _, probability = options.fault_rate.partition(":")
        try:
            fraction = float(probability)
        except ValueError:
            raise ValueError(f"--fault-rate {options.fault_rate}: write NAME:PROBABILITY, as in stall:0.1.") from None
        try:
            sandbox.inject_fault(cast(FaultName, name), probability=fraction, seed=options.fault_seed)
        except ValueError as error:
            raise ValueError(f"--fault-rate {options.fault_rate}: {_text_of(error)}") from None


def _greeting(environment: Mapping[str, str], options: argparse.Namespace, seed: Seed, is_loaded: bool) -> str:
    pending = [str(location.salon_id) for location in seed.locations if location.status == "pending"]
    lines = [f"Open in a browser: {environment['ALTEGIO_BASE_URL']}"]
    if not is_loaded:
        lines.append(f"Continuing from {options.state}.")
    elif pending:
        lines.append(f"The owners of {', '.join(pending)} have clicked Connect.")
    if options.host in _ALL_INTERFACES:
        lines.append("Other machines can connect to it.")
    lines.append("Press Ctrl-C to stop." if options.state else "Press Ctrl-C to stop and discard the state.")
    return "\n".join(lines)
