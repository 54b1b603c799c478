"""The sandbox as it is reached over HTTP: calls to Altegio, the page at `/`, and the controls under `/sandbox/`."""

import json
import math
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import cast
from urllib.parse import parse_qsl, urlsplit

import anyio
from anyio import to_thread
from attrs import evolve, frozen

from altegio_partner.bad_argument import bad_argument

from .altegio import Reply, Request, json_reply
from .callbacks import Delivery
from .faults import FaultName
from .messages import User
from .page import page
from .sandbox import Sandbox
from .views import Json, delivery_view

_PAGES = ("/", "/further-setup")
_LARGEST = 100_000_000


@frozen
class Given:
    """What was given to a control: a form or a JSON object."""

    values: Mapping[str, object]

    @classmethod
    def in_body(cls, body: bytes) -> "Given":
        """Read either, or raise ValueError."""
        text = body.decode()
        if not text.lstrip().startswith("{"):
            return cls(dict(parse_qsl(text)))
        return cls(cast(dict[str, object], json.loads(text)))

    def text(self, name: str, default: str | None = None) -> str:
        """Return a value as text, or raise ValueError."""
        value = self.values.get(name, default)
        if value is None:
            raise ValueError(f"{name} is missing.")
        return str(value)

    def whole(self, name: str, default: int | None = None) -> int:
        """Return a value as an integer, or raise ValueError."""
        text = self.text(name, None if default is None else str(default))
        if not text.isascii() or not text.isdigit() or len(text) > 19:
            raise bad_argument(name, "a whole number", text)
        return int(text)

    def number(self, name: str, default: float | None = None) -> float:
        """Return a value as a number, or raise ValueError."""
        text = self.text(name, None if default is None else str(default))
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not abs(number) <= _LARGEST:
            raise bad_argument(name, f"a number of at most {_LARGEST}", text)
        return number

    def flag(self, name: str) -> bool:
        """Say whether something is asked for."""
        return self.values.get(name) in (True, "on", "true", "1", 1)


class Front:
    """Serves a sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._notice = ""

    async def answer(self, request: Request) -> Reply:
        """Answer a call to Altegio at once, and all else in a thread: callbacks take their time."""
        if request.path in _PAGES or request.path.startswith("/sandbox/"):
            return await to_thread.run_sync(self._answer, request)
        return self._sandbox.answer(request)

    async def watch(self) -> None:
        """Let the partner be told of what time brings, also while nobody asks."""
        while True:
            await anyio.sleep(1)
            await to_thread.run_sync(self._sandbox.settle)

    def _answer(self, request: Request) -> Reply:
        controls = {f"/sandbox/{name}": control for name, control in _CONTROLS.items()}
        control = controls.get(request.path)
        method = "GET" if control is None else "POST"
        if request.method != method and not (method == "GET" and request.method == "HEAD"):
            return evolve(json_reply(405, {"error": f"This takes {method}."}), headers={"allow": method})
        if control is not None:
            return self._control(request, control)
        if request.path == "/sandbox/state":
            return json_reply(200, self._sandbox.view())
        if request.path in _PAGES:
            return page(self._sandbox, self._notice)
        names = ", ".join(["/sandbox/state", *controls])
        return json_reply(404, {"error": f"There is no {request.path}. There are {names}."})

    def _control(self, request: Request, control: "Control") -> Reply:
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
            return json_reply(403, {"error": "Pages of other sites must not control the sandbox."})
        for_people = "text/html" in request.headers.get("accept", "")
        try:
            done = control(self._sandbox, Given.in_body(request.body))
        except (ValueError, RecursionError) as error:
            if not for_people:
                return json_reply(422, {"error": str(error)})
            return evolve(page(self._sandbox, f"Not done: {error}"), status=422)
        if not for_people:
            return json_reply(200, done.result)
        self._notice = done.words
        return Reply(303, {"location": done.go_to or "/"})


@frozen
class Done:
    """What a control has done."""

    words: str
    result: dict[str, Json]
    go_to: str | None = None


Control = Callable[[Sandbox, Given], Done]


def _connect(sandbox: Sandbox, given: Given) -> Done:
    salon_id = given.whole("salon_id")
    url = sandbox.connect(salon_id, user=User() if given.flag("user_data") else None)
    words = f"The owner of location {salon_id} has clicked Connect."
    if url is None:
        words += " The browser stays here: the sandbox was started without a registration URL."
    return Done(words, {"registration_url": url}, url)


def _freeze(sandbox: Sandbox, given: Given) -> Done:
    salon_id = given.whole("salon_id")
    sent = sandbox.freeze(salon_id, deliveries=given.whole("deliveries", 1))
    return _told(f"Altegio has frozen location {salon_id}.", sent)


def _uninstall(sandbox: Sandbox, given: Given) -> Done:
    salon_id = given.whole("salon_id")
    sent = sandbox.uninstall(salon_id, deliveries=given.whole("deliveries", 1))
    return _told(f"The owner of location {salon_id} has removed the application.", sent)


def _pay(sandbox: Sandbox, given: Given) -> Done:
    salon_id = given.whole("salon_id")
    payment_sum = given.text("payment_sum")
    discount = given.whole("discount") if given.values.get("discount") not in (None, "") else None
    currency_iso, deliveries = given.text("currency_iso", "EUR"), given.whole("deliveries", 1)
    sent = sandbox.pay(salon_id, payment_sum, currency_iso, discount=discount, deliveries=deliveries)
    return _told(f"The owner of location {salon_id} has paid at Altegio.", sent)


def _deliver_again(sandbox: Sandbox, given: Given) -> Done:
    number = given.whole("number")
    for delivery in sandbox.deliveries:
        if delivery.number == number:
            return _told("Altegio has sent the callback again.", [sandbox.deliver_again(delivery)])
    raise ValueError(f"There is no callback {number}.")


def _advance(sandbox: Sandbox, given: Given) -> Done:
    time = timedelta(days=given.number("days", 0), hours=given.number("hours", 0), seconds=given.number("seconds", 0))
    sent = sandbox.advance(time)
    return _told(f"It is {sandbox.now} in the sandbox.", sent)


def _fail(sandbox: Sandbox, given: Given) -> Done:
    fault = cast(FaultName, given.text("fault"))
    if given.values.get("probability") not in (None, ""):
        sandbox.fail_now_and_then(fault, probability=given.number("probability"), seed=given.whole("seed", 0))
    else:
        sandbox.fail(fault, calls=given.whole("calls", 1))
    return Done(f"To go wrong: {'; '.join(sandbox.mishaps)}.", {"mishaps": [*sandbox.mishaps]})


def _heal(sandbox: Sandbox, _: Given) -> Done:
    sandbox.heal()
    return Done("Nothing goes wrong any more.", {"mishaps": []})


def _reset(sandbox: Sandbox, _: Given) -> Done:
    sandbox.reset()
    return Done("The sandbox has forgotten all.", {})


def _told(words: str, sent: list[Delivery]) -> Done:
    answers = ", ".join(str(one.status) if one.status else one.answer for one in sent)
    return Done(
        f"{words} {f'Callback: {answers}' if sent else ''}".strip(), {"deliveries": [*map(delivery_view, sent)]}
    )


_CONTROLS: dict[str, Control] = {
    "connect": _connect,
    "freeze": _freeze,
    "uninstall": _uninstall,
    "pay": _pay,
    "deliver-again": _deliver_again,
    "advance": _advance,
    "fail": _fail,
    "heal": _heal,
    "reset": _reset,
}
