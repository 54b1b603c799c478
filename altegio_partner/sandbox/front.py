"""The sandbox as it is reached over HTTP: calls to Altegio, the page at `/`, and the controls under `/sandbox/`."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast
from urllib.parse import parse_qsl

import anyio
from anyio import to_thread
from attrs import evolve, frozen

from altegio_partner.bad_argument import bad_argument
from altegio_partner.incoming import User

from .altegio import Reply, Request, json_reply
from .callbacks import Delivery
from .faults import FaultName
from .fields import DATE
from .page import page
from .sandbox import Sandbox
from .server import print_traceback
from .views import Json, delivery_view

_PAGES = ("/", "/further-setup")
_LARGEST = 100_000_000
_ZOE = User(
    id=1,
    name="Zoë Fake",
    phone="+10000000000",
    email="zoe@example.com",
    is_approved=True,
    avatar="https://example.com/zoe.png",
    salon_name="Fake Salon",
)


@frozen
class Given:
    """What was given to a control: a form or a JSON object."""

    values: Mapping[str, object]

    def check(self, names: Sequence[str]) -> None:
        """Raise ValueError where something else was given than what there is."""
        for name in self.values:
            if name not in names:
                raise ValueError(f"There is no {name} here. There are {', '.join(names) or 'none'}.")

    @classmethod
    def in_body(cls, body: bytes) -> "Given":
        """Read either, or raise ValueError."""
        text = body.decode()
        if not text.lstrip().startswith("{"):
            return cls(dict(parse_qsl(text)))
        return cls(cast(dict[str, object], json.loads(text)))

    def has(self, name: str) -> bool:
        """Say whether a value is given: forms send what was left out as an empty text."""
        return self.values.get(name) not in (None, "")

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

    def time(self, name: str) -> datetime | None:
        """Return a value as a time, None where there is none, or raise ValueError."""
        if not self.has(name):
            return None
        is_right, wanted = DATE
        if not is_right(self.values[name]):
            raise ValueError(f"{name}: {wanted}")
        return datetime.fromisoformat(self.text(name))

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
            return await to_thread.run_sync(self._answer, request, abandon_on_cancel=True)
        return self._sandbox.answer(request)

    async def watch(self) -> None:
        """Let the partner be told of what time brings, also while nobody asks."""
        while True:
            await anyio.sleep(1)
            try:
                await to_thread.run_sync(self._sandbox.settle, abandon_on_cancel=True)
            except Exception:  # noqa: BLE001  it must not end the server
                print_traceback()

    def _answer(self, request: Request) -> Reply:
        if request.path in _PAGES:
            return self._wrong_method(request, "GET") or page(self._sandbox, self._notice)
        name = request.path.removeprefix("/sandbox/")
        if name == "state":
            return self._wrong_method(request, "GET") or json_reply(200, self._sandbox.view())
        control = _CONTROLS.get(name)
        if control is None:
            paths = ", ".join(f"/sandbox/{name}" for name in ("state", *_CONTROLS))
            return json_reply(404, {"error": f"There is no such path. There are {paths}."})
        return self._wrong_method(request, "POST") or self._control(request, control)

    def _wrong_method(self, request: Request, method: str) -> Reply | None:
        if request.method == method or (request.method == "HEAD" and method == "GET"):
            return None
        return evolve(json_reply(405, {"error": f"This takes {method}."}), headers={"allow": method})

    def _control(self, request: Request, control: "Control") -> Reply:
        origin = request.headers.get("origin")
        if origin is not None and origin.partition("://")[2].lower() != request.headers.get("host", "-").lower():
            return json_reply(403, {"error": "Pages of other sites must not control the sandbox."})
        for_people = "text/html" in request.headers.get("accept", "")
        try:
            given = Given.in_body(request.body)
            given.check(control.fields)
            done = control.act(self._sandbox, given)
        except (ValueError, OverflowError, RecursionError) as error:
            words = str(error).encode(errors="backslashreplace").decode()  # half a surrogate pair is no text
            if not for_people:
                return json_reply(422, {"error": words})
            return evolve(page(self._sandbox, f"Not done: {words}"), status=422)
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


@frozen
class Control:
    """Something to do to a sandbox, and the fields that it takes."""

    act: Callable[[Sandbox, Given], Done]
    fields: Sequence[str]


def _connect(sandbox: Sandbox, given: Given) -> Done:
    salon_id = given.whole("salon_id")
    url = sandbox.connect(salon_id, user=_ZOE if given.flag("user_data") else None)
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
    sent = sandbox.pay(
        salon_id,
        given.text("payment_sum"),
        given.text("currency_iso", "EUR"),
        period_from=given.time("period_from"),
        period_to=given.time("period_to"),
        discount=given.whole("discount") if given.has("discount") else None,
        tariff_option_id=given.whole("tariff_option_id") if given.has("tariff_option_id") else None,
        deliveries=given.whole("deliveries", 1),
    )
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
    if given.has("probability"):
        sandbox.fail_now_and_then(fault, probability=given.number("probability"), seed=given.whole("seed", 0))
    else:
        sandbox.fail(fault, calls=given.whole("calls", 1))
    return Done(f"To go wrong: {'; '.join(sandbox.mishaps)}.", {"mishaps": [*sandbox.mishaps]})


def _heal(sandbox: Sandbox, _: Given) -> Done:
    sandbox.heal()
    return Done("Nothing goes wrong any more.", {"mishaps": []})


def _reset(sandbox: Sandbox, _: Given) -> Done:
    sandbox.reset()
    return Done("The sandbox has begun anew.", {})


def _told(words: str, sent: list[Delivery]) -> Done:
    answers = ", ".join(str(one.status) if one.status else one.answer for one in sent)
    return Done(
        f"{words} {f'Callback: {answers}' if sent else ''}".strip(), {"deliveries": [*map(delivery_view, sent)]}
    )


_CALLBACK = ("salon_id", "deliveries")
_FAULT = ("fault", "calls", "probability", "seed")
_PAYMENT = ("payment_sum", "currency_iso", "period_from", "period_to", "discount", "tariff_option_id")
_CONTROLS = {
    "connect": Control(_connect, ("salon_id", "user_data")),
    "freeze": Control(_freeze, _CALLBACK),
    "uninstall": Control(_uninstall, _CALLBACK),
    "pay": Control(_pay, (*_CALLBACK, *_PAYMENT)),
    "deliver-again": Control(_deliver_again, ("number",)),
    "advance": Control(_advance, ("days", "hours", "seconds")),
    "fail": Control(_fail, _FAULT),
    "heal": Control(_heal, _FAULT),  # its button stands in the form of the other
    "reset": Control(_reset, ()),
}
