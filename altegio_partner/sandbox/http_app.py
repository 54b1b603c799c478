"""The sandbox over HTTP: Altegio's endpoints, the page at `/`, and the controls under `/sandbox/`."""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast
from urllib.parse import parse_qsl

import anyio
from anyio import to_thread
from attrs import evolve, frozen

from altegio_partner.bad_argument import bad_argument
from altegio_partner.incoming import User

from .api import Request, Response, json_response
from .callback_delivery import Delivery
from .faults import FaultName
from .json_views import Json, delivery_view
from .page import page
from .sandbox import Sandbox
from .server import print_traceback
from .validation import DATE

_PAGES = ("/", "/further-setup")
_MAX_NUMBER = 100_000_000
_EXAMPLE_USER = User(
    id=1,
    name="Zoë Fake",
    phone="+10000000000",
    email="zoe@example.com",
    is_approved=True,
    avatar="https://example.com/zoe.png",
    salon_name="Fake Salon",
)


@frozen
class Parameters:
    """The parameters of a control, from a form or a JSON object."""

    values: Mapping[str, object]

    def check(self, names: Sequence[str]) -> None:
        """Raise ValueError if there is a parameter with another name."""
        for name in self.values:
            if name not in names:
                known = f"The parameters are {', '.join(names)}." if names else "There are no parameters."
                raise ValueError(f"Unknown parameter {name}. {known}")

    @classmethod
    def parse(cls, body: bytes, in_path: Mapping[str, str]) -> "Parameters":
        """Parse a body, and add the parameters of the path. Raises ValueError."""
        text = body.decode()
        values = cast(dict[str, object], json.loads(text) if text.lstrip().startswith("{") else dict(parse_qsl(text)))
        for name in in_path:
            if name in values:
                raise ValueError(f"{name} is in the path and in the body: pass it once.")
        return cls({**values, **in_path})

    def has(self, name: str) -> bool:
        """Return whether there is a value. Forms send empty fields as empty text."""
        return self.values.get(name) not in (None, "")

    def text(self, name: str, default: str | None = None) -> str:
        """Return a value as text. Raises ValueError."""
        value = self.values.get(name, default)
        if value is None:
            raise ValueError(f"{name} is missing.")
        return str(value)

    def integer(self, name: str, default: int | None = None) -> int:
        """Return a value as an integer. Raises ValueError."""
        text = self.text(name, None if default is None else str(default))
        if not text.isascii() or not text.isdigit() or len(text) > 19:
            raise bad_argument(name, "a whole number", text)
        return int(text)

    def number(self, name: str, default: float | None = None) -> float:
        """Return a value as a number. Raises ValueError."""
        text = self.text(name, None if default is None else str(default))
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not abs(number) <= _MAX_NUMBER:
            raise bad_argument(name, f"a number of at most {_MAX_NUMBER}", text)
        return number

    def time(self, name: str) -> datetime | None:
        """Return a value as a datetime, or None if it is missing. Raises ValueError."""
        if not self.has(name):
            return None
        is_valid, requirement = DATE
        if not is_valid(self.values[name]):
            raise ValueError(f"{name}: {requirement}")
        return datetime.fromisoformat(self.text(name))

    def flag(self, name: str) -> bool:
        """Return whether a box is checked, or a value true."""
        return self.values.get(name) in (True, "on", "true", "1", 1)


class HTTPApp:
    """Routes requests to Altegio's endpoints, the page, or the controls."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._notice = ""

    async def answer(self, request: Request) -> Response:
        """Respond. The page and the controls run in a thread, since callbacks block."""
        if request.path in _PAGES or request.path.startswith("/sandbox/"):
            return await to_thread.run_sync(self._answer, request, abandon_on_cancel=True)
        return self._sandbox.answer(request)

    async def watch(self) -> None:
        """Process due events every second."""
        while True:
            await anyio.sleep(1)
            try:
                await to_thread.run_sync(self._sandbox.process_due_events, abandon_on_cancel=True)
            except Exception:  # noqa: BLE001  it must not stop the server
                print_traceback()

    def _answer(self, request: Request) -> Response:
        if request.path in _PAGES:
            return self._wrong_method(request, "GET") or page(self._sandbox, self._notice)
        if request.path == "/sandbox/snapshot":
            return self._wrong_method(request, "GET") or json_response(200, self._sandbox.snapshot())
        for pattern, control in _ROUTES:
            if match := pattern.fullmatch(request.path):
                in_path = {name: value for name, value in match.groupdict().items() if value is not None}
                return self._wrong_method(request, "POST") or self._control(request, control, in_path)
        paths = ", ".join(["/sandbox/snapshot", *_CONTROLS])
        return json_response(404, {"error": f"Unknown path. The paths are {paths}."})

    def _wrong_method(self, request: Request, method: str) -> Response | None:
        if request.method == method or (request.method == "HEAD" and method == "GET"):
            return None
        return evolve(json_response(405, {"error": f"This path requires {method}."}), headers={"allow": method})

    def _control(self, request: Request, control: "Control", in_path: Mapping[str, str]) -> Response:
        origin = request.headers.get("origin")
        if origin is not None and origin.partition("://")[2].lower() != request.headers.get("host", "-").lower():
            return json_response(403, {"error": "Pages of other sites cannot control the sandbox."})
        is_browser = "text/html" in request.headers.get("accept", "")
        try:
            parameters = Parameters.parse(request.body, in_path)
            parameters.check(control.parameters)
            result = control.act(self._sandbox, parameters)
        except (ValueError, OverflowError, RecursionError) as error:
            message = str(error).encode(errors="backslashreplace").decode()  # a lone surrogate cannot be encoded
            if not is_browser:
                return json_response(422, {"error": message})
            return evolve(page(self._sandbox, f"Error: {message}"), status=422)
        if not is_browser:
            return json_response(200, result.content)
        self._notice = result.message
        return Response(303, {"location": result.redirect_to or "/"})


@frozen
class ControlResult:
    """The result of a control: for the page, and for programs."""

    message: str
    content: dict[str, Json]
    redirect_to: str | None = None


@frozen
class Control:
    """An action on a sandbox, and the names of its parameters."""

    act: Callable[[Sandbox, Parameters], ControlResult]
    parameters: Sequence[str]


def _connect(sandbox: Sandbox, parameters: Parameters) -> ControlResult:
    salon_id = parameters.integer("salon_id")
    url = sandbox.connect(salon_id, user=_EXAMPLE_USER if parameters.flag("user_data") else None)
    message = f"The owner of location {salon_id} has clicked Connect."
    if url is None:
        message += " Without a registration URL, the browser stays on this page."
    return ControlResult(message, {"registration_url": url}, url)


def _freeze(sandbox: Sandbox, parameters: Parameters) -> ControlResult:
    salon_id = parameters.integer("salon_id")
    sent = sandbox.freeze(salon_id, deliveries=parameters.integer("deliveries", 1))
    return _sent(f"Altegio has frozen location {salon_id}.", sent)


def _uninstall(sandbox: Sandbox, parameters: Parameters) -> ControlResult:
    salon_id = parameters.integer("salon_id")
    sent = sandbox.uninstall(salon_id, deliveries=parameters.integer("deliveries", 1))
    return _sent(f"The owner of location {salon_id} has removed the application.", sent)


def _pay(sandbox: Sandbox, parameters: Parameters) -> ControlResult:
    salon_id = parameters.integer("salon_id")
    sent = sandbox.pay(
        salon_id,
        parameters.text("payment_sum"),
        parameters.text("currency_iso", "EUR"),
        period_from=parameters.time("period_from"),
        period_to=parameters.time("period_to"),
        discount=parameters.integer("discount") if parameters.has("discount") else None,
        tariff_option_id=parameters.integer("tariff_option_id") if parameters.has("tariff_option_id") else None,
        deliveries=parameters.integer("deliveries", 1),
    )
    return _sent(f"The owner of location {salon_id} has paid at Altegio.", sent)


def _redeliver(sandbox: Sandbox, parameters: Parameters) -> ControlResult:
    number = parameters.integer("number")
    for delivery in sandbox.deliveries:
        if delivery.number == number:
            return _sent("Altegio has sent the callback again.", [sandbox.redeliver(delivery)])
    raise ValueError(f"There is no callback {number}.")


def _move_clock(sandbox: Sandbox, parameters: Parameters) -> ControlResult:
    days, hours, seconds = (parameters.number(name, 0) for name in _TIME)
    sent = sandbox.advance(timedelta(days=days, hours=hours, seconds=seconds))
    return _sent(f"The clock is now at {sandbox.now}.", sent)


def _inject_fault(sandbox: Sandbox, parameters: Parameters) -> ControlResult:
    sandbox.inject_fault(
        cast(FaultName, parameters.text("fault")),
        calls=parameters.integer("calls", 1),
        probability=parameters.number("probability") if parameters.has("probability") else None,
        seed=parameters.integer("seed") if parameters.has("seed") else None,
    )
    pending = sandbox.pending_faults
    return ControlResult(f"Pending faults: {'; '.join(pending)}.", {"pending_faults": [*pending]})


def _clear_faults(sandbox: Sandbox, _: Parameters) -> ControlResult:
    sandbox.clear_faults()
    return ControlResult("All faults have been cleared.", {"pending_faults": []})


def _reset(sandbox: Sandbox, _: Parameters) -> ControlResult:
    sandbox.reset()
    return ControlResult("The sandbox has been reset.", {})


def _sent(message: str, deliveries: list[Delivery]) -> ControlResult:
    answers = ", ".join(str(one.status) if one.status else one.answer for one in deliveries)
    return ControlResult(
        f"{message} {f'Callback: {answers}' if deliveries else ''}".strip(),
        {"deliveries": [*map(delivery_view, deliveries)]},
    )


_TIME = ("days", "hours", "seconds")
_CALLBACK = ("salon_id", "deliveries")
_FAULT = ("fault", "calls", "probability", "seed")
_PAYMENT = ("payment_sum", "currency_iso", "period_from", "period_to", "discount", "tariff_option_id")
_CONTROLS = {
    "/sandbox/locations/{salon_id}/connect": Control(_connect, ("salon_id", "user_data")),
    "/sandbox/locations/{salon_id}/freeze": Control(_freeze, _CALLBACK),
    "/sandbox/locations/{salon_id}/uninstall": Control(_uninstall, _CALLBACK),
    "/sandbox/locations/{salon_id}/pay": Control(_pay, (*_CALLBACK, *_PAYMENT)),
    "/sandbox/deliveries/{number}/redeliver": Control(_redeliver, ("number",)),
    "/sandbox/clock": Control(_move_clock, _TIME),
    "/sandbox/faults": Control(_inject_fault, _FAULT),
    "/sandbox/faults/clear": Control(_clear_faults, _FAULT),  # its button is in the form of the other
    "/sandbox/reset": Control(_reset, ()),
}
# An HTML form cannot put a field into its path, so the id may be in the body instead.
_ROUTES = [
    (re.compile(re.sub(r"/\{(\w+)\}", r"(?:/(?P<\1>[0-9]+))?", path)), control) for path, control in _CONTROLS.items()
]
