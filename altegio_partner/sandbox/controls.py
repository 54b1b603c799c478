"""The controls under `/sandbox/`: the methods of `Sandbox`, for the page and for programs in any language."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Literal, cast
from urllib.parse import urlencode

from attrs import evolve, frozen

from altegio_partner.incoming import User
from altegio_partner.version import __version__

from .callback_delivery import Delivery
from .endpoints import OPERATION_NAMES, OperationName
from .entity_events import EVENT_STATUSES, RESOURCES, EventStatus, Resource
from .faults import FAULT_FIELDS, FAULT_NAMES, FAULTS, FaultName, fault_arguments
from .json_views import (
    Json,
    delivery_view,
    exchange_view,
    installation_view,
    payment_view,
    pending_fault_view,
)
from .location_state import STATUSES, Status
from .parameters import Parameters
from .sandbox import Sandbox
from .seeds import read_seed

Kind = Literal["integer", "number", "amount", "string", "boolean", "array"]
_LIMIT = 50
_MAX_LIMIT = 1000
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
class Parameter:
    """A parameter of a control."""

    name: str
    kind: Kind
    description: str
    choices: Sequence[str] = ()
    is_required: bool = False


@frozen
class ControlResult:
    """The result of a control: for the page, and for programs."""

    message: str
    content: Mapping[str, Json]
    redirect_to: str | None = None
    status: int = 200


@frozen
class Control:
    """A control: an action on the sandbox, or a query of its state."""

    method: Literal["GET", "POST", "DELETE"]
    path: str
    name: str
    summary: str
    act: Callable[[Sandbox, Parameters], ControlResult]
    parameters: Sequence[Parameter] = ()
    returns: str = "Result"
    """The name of the schema of its response."""
    sends_callbacks: bool = False
    is_form: bool = False
    """Whether an HTML form may pass the id in the body, because it cannot insert it into the path."""

    ignored: Sequence[str] = ()
    """Parameters that are ignored: a form sends them for its other button."""

    @property
    def ids(self) -> list[str]:
        """The names of the parameters in the path."""
        return re.findall(r"\{(\w+)\}", self.path)

    def match(self, path: str) -> Mapping[str, str] | None:
        """Return the parameters in a path, or None if it is another path."""
        pattern = r"(?:/(?P<\1>[0-9]+))?" if self.is_form else r"/(?P<\1>[0-9]+)"
        match = re.fullmatch(re.sub(r"/\{(\w+)\}", pattern, self.path), path)
        return {name: value for name, value in match.groupdict().items() if value is not None} if match else None


def _health(sandbox: Sandbox, _: Parameters) -> ControlResult:
    return _query_result({"status": "ok", "version": __version__, "now": str(sandbox.now)})


def _snapshot(sandbox: Sandbox, parameters: Parameters) -> ControlResult:
    return _query_result(sandbox.snapshot(_limit(parameters)))


def _locations(sandbox: Sandbox, parameters: Parameters) -> ControlResult:
    found, total = sandbox.find_locations(
        status=cast(Status | None, _choice(parameters, "status", STATUSES)),
        after=parameters.integer("after", 0),
        limit=_limit(parameters) + 1,
    )
    views = [(one.salon_id, installation_view(one)) for one in found]
    return _page("/sandbox/locations", parameters, views, total, "after")


def _location(sandbox: Sandbox, parameters: Parameters) -> ControlResult:
    return _query_result(installation_view(sandbox.installation(parameters.integer("salon_id"))))


def _connect(sandbox: Sandbox, parameters: Parameters) -> ControlResult:
    salon_id = parameters.integer("salon_id")
    url = sandbox.connect(salon_id, user=_EXAMPLE_USER if parameters.flag("user_data") else None)
    message = f"The owner of location {salon_id} has clicked Connect."
    if url is None:
        message += " Without a registration URL, the browser stays on this page."
    return ControlResult(message, {"registration_url": url}, url)


def _register(sandbox: Sandbox, parameters: Parameters) -> ControlResult:
    salon_id = parameters.integer("salon_id")
    sandbox.register(salon_id)
    return ControlResult(f"Your application has registered location {salon_id}.", {})


def _freeze(sandbox: Sandbox, parameters: Parameters) -> ControlResult:
    salon_id = parameters.integer("salon_id")
    sent = sandbox.freeze(salon_id, deliveries=parameters.integer("deliveries", 1))
    return _sent_result(f"Altegio has frozen location {salon_id}.", sent)


def _unfreeze(sandbox: Sandbox, parameters: Parameters) -> ControlResult:
    salon_id = parameters.integer("salon_id")
    sandbox.unfreeze(salon_id)
    return ControlResult(f"Altegio has unfrozen location {salon_id}.", {})


def _uninstall(sandbox: Sandbox, parameters: Parameters) -> ControlResult:
    salon_id = parameters.integer("salon_id")
    sent = sandbox.uninstall(salon_id, deliveries=parameters.integer("deliveries", 1))
    return _sent_result(f"The owner of location {salon_id} has removed the application.", sent)


def _pay(sandbox: Sandbox, parameters: Parameters) -> ControlResult:
    salon_id = parameters.integer("salon_id")
    sent = sandbox.pay(
        salon_id,
        parameters.amount("payment_sum"),
        parameters.text("currency_iso", "EUR"),
        period_from=parameters.time("period_from"),
        period_to=parameters.time("period_to"),
        discount=parameters.optional_integer("discount"),
        tariff_option_id=parameters.optional_integer("tariff_option_id"),
        deliveries=parameters.integer("deliveries", 1),
    )
    return _sent_result(f"The owner of location {salon_id} has paid at Altegio.", sent)


def _send_event(sandbox: Sandbox, parameters: Parameters) -> ControlResult:
    salon_id = parameters.integer("salon_id")
    resource = cast(Resource, parameters.text("resource"))
    sent = sandbox.send_event(
        salon_id,
        resource,
        cast(EventStatus | None, _choice(parameters, "status", EVENT_STATUSES)),
        resource_id=parameters.optional_integer("resource_id"),
        deliveries=parameters.integer("deliveries", 1),
    )
    if not sent:
        return _sent_result(f"No URL of location {salon_id} is subscribed to {resource}.", sent)
    return _sent_result(f"Altegio has sent an event of location {salon_id}.", sent)


def _payments(sandbox: Sandbox, parameters: Parameters) -> ControlResult:
    found, total = sandbox.find_payments(
        salon_id=parameters.optional_integer("salon_id"),
        is_refunded=parameters.flag("is_refunded") if parameters.has("is_refunded") else None,
        before=parameters.optional_integer("before"),
        limit=_limit(parameters) + 1,
    )
    return _page("/sandbox/payments", parameters, [(one.id, payment_view(one)) for one in found], total, "before")


def _refund(sandbox: Sandbox, parameters: Parameters) -> ControlResult:
    payment_id = parameters.integer("payment_id")
    sandbox.refund(payment_id)
    return ControlResult(f"Your application has reported the refund of payment {payment_id}.", {})


def _calls(sandbox: Sandbox, parameters: Parameters) -> ControlResult:
    found, total = sandbox.find_calls(
        operation=cast(OperationName | None, _choice(parameters, "operation", OPERATION_NAMES)),
        salon_id=parameters.optional_integer("salon_id"),
        method=parameters.optional_text("method"),
        path=parameters.optional_text("path"),
        status=parameters.optional_integer("status"),
        fault=cast(FaultName | None, _choice(parameters, "fault", FAULT_NAMES)),
        after=parameters.integer("after", 0),
        before=parameters.optional_integer("before"),
        limit=_limit(parameters) + 1,
    )
    return _page("/sandbox/calls", parameters, [(one.number, exchange_view(one)) for one in found], total, "before")


def _deliveries(sandbox: Sandbox, parameters: Parameters) -> ControlResult:
    salon_id, event = parameters.optional_integer("salon_id"), parameters.optional_text("event")
    before = parameters.optional_integer("before")
    found = [
        one for one in reversed(sandbox.deliveries) if salon_id in (None, one.salon_id) and event in (None, one.name)
    ]
    views = [(one.number, delivery_view(one)) for one in found if before is None or one.number < before]
    return _page("/sandbox/deliveries", parameters, views, len(found), "before")


def _redeliver(sandbox: Sandbox, parameters: Parameters) -> ControlResult:
    number = parameters.integer("number")
    for delivery in sandbox.deliveries:
        if delivery.number == number:
            return _sent_result("Altegio has sent the callback again.", [sandbox.redeliver(delivery)])
    raise ValueError(f"There is no callback {number}.")


def _clock(sandbox: Sandbox, _: Parameters) -> ControlResult:
    return _query_result({"now": str(sandbox.now), "is_stopped": sandbox.is_clock_stopped})


def _move_clock(sandbox: Sandbox, parameters: Parameters) -> ControlResult:
    to = parameters.time("to")
    days, hours, seconds = (parameters.number(one.name, 0) for one in _TIME[:3])
    if to is not None and (days or hours or seconds):
        raise ValueError("Pass either to, or days, hours and seconds, not both.")
    moved = to - sandbox.now if to else timedelta(days=days, hours=hours, seconds=seconds)
    sent = sandbox.advance(moved)
    return _sent_result(f"The clock is now at {sandbox.now}.", sent)


def _faults(sandbox: Sandbox, _: Parameters) -> ControlResult:
    known: list[Json] = [
        {"name": name, "description": fault.description, "is_recorded": fault.is_recorded}
        for name, fault in FAULTS.items()
    ]
    return _query_result({"pending": [*map(pending_fault_view, sandbox.faults)], "faults": known})


def _inject_fault(sandbox: Sandbox, parameters: Parameters) -> ControlResult:
    sandbox.inject_fault(**fault_arguments(parameters))
    pending = sandbox.pending_faults
    return ControlResult(f"Pending faults: {'; '.join(pending)}.", {"pending_faults": [*pending]})


def _clear_faults(sandbox: Sandbox, _: Parameters) -> ControlResult:
    sandbox.clear_faults()
    return ControlResult("All faults have been cleared.", {"pending_faults": []})


def _seed(sandbox: Sandbox, parameters: Parameters) -> ControlResult:
    sandbox.reset(read_seed(parameters.body))
    return ControlResult("The sandbox has been reset to this seed.", {})


def _reset(sandbox: Sandbox, _: Parameters) -> ControlResult:
    sandbox.reset()
    return ControlResult("The sandbox has been reset.", {})


def _assertion(act: Callable[[Sandbox, Parameters], str], sandbox: Sandbox, parameters: Parameters) -> ControlResult:
    try:
        message, passed = act(sandbox, parameters), True
    except AssertionError as error:
        message, passed = str(error), False
    return ControlResult(message, {"passed": passed, "message": message}, status=200 if passed else 409)


def _assert_registered(sandbox: Sandbox, parameters: Parameters) -> str:
    sandbox.assert_registered(parameters.integer("salon_id"))
    return f"The application is active at location {parameters.integer('salon_id')}."


def _assert_paid_once(sandbox: Sandbox, parameters: Parameters) -> str:
    payment = sandbox.assert_paid_once(
        parameters.integer("salon_id"),
        parameters.optional_amount("payment_sum"),
        parameters.optional_text("currency_iso"),
        payment_date=parameters.time("payment_date"),
        period_from=parameters.time("period_from"),
        period_to=parameters.time("period_to"),
    )
    return f"Location {payment.salon_id} has paid once: payment {payment.id}."


def _assert_not_paid(sandbox: Sandbox, parameters: Parameters) -> str:
    sandbox.assert_not_paid(parameters.integer("salon_id"))
    return f"Location {parameters.integer('salon_id')} has not paid."


def _assert_refunded(sandbox: Sandbox, parameters: Parameters) -> str:
    salon_id, payment_id = parameters.integer("salon_id"), parameters.integer("payment_id")
    sandbox.assert_refunded(salon_id, payment_id)
    return f"Payment {payment_id} of location {salon_id} is refunded."


def _query_result(content: Mapping[str, Json]) -> ControlResult:
    return ControlResult("", content)


def _page(
    path: str, parameters: Parameters, items: Sequence[tuple[int, Json]], total: int, cursor: str
) -> ControlResult:
    """Return a page of a list: the first of the remaining items, and in `next`, the URL of the next page."""
    limit = _limit(parameters)
    shown = items[:limit]
    following = None
    if len(items) > limit:
        following = f"{path}?{urlencode({**parameters.values, cursor: shown[-1][0]})}"
    return _query_result({"items": [view for _, view in shown], "total": total, "next": following})


def _limit(parameters: Parameters) -> int:
    limit = parameters.integer("limit", _LIMIT)
    if not 0 < limit <= _MAX_LIMIT:
        raise ValueError(f"limit must be a number from 1 to {_MAX_LIMIT}.")
    return limit


def _choice(parameters: Parameters, name: str, choices: Sequence[str]) -> str | None:
    value = parameters.optional_text(name)
    if value is not None and value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}.")
    return value


def _sent_result(message: str, deliveries: list[Delivery]) -> ControlResult:
    answers = ", ".join(str(one.status) if one.status else one.answer for one in deliveries)
    return ControlResult(
        f"{message} {f'Callback: {answers}' if deliveries else ''}".strip(),
        {"deliveries": [*map(delivery_view, deliveries)]},
    )


_SALON = Parameter("salon_id", "integer", "The location.", is_required=True)
_ONLY_SALON = Parameter("salon_id", "integer", "Only for this location.")
_PAGE_LIMIT = Parameter("limit", "integer", f"The length of the page, at most {_MAX_LIMIT}. Default: {_LIMIT}.")
_BEFORE = Parameter("before", "integer", "Only those with a lower number. `next` in the response contains it.")
_AFTER = Parameter("after", "integer", "Only those with a higher number.")
_DELIVERIES = Parameter("deliveries", "integer", "How often the callback is sent, 0 to 10. Default: 1.")
_SUM = Parameter("payment_sum", "amount", "The amount, as digits with an optional decimal point.")
_CURRENCY = Parameter("currency_iso", "string", "The currency, three capital letters.")
_PERIOD = (
    Parameter("period_from", "string", "The start of the paid period, as 2022-01-01 10:10:00."),
    Parameter("period_to", "string", "The end of the paid period, as 2022-01-01 10:10:00."),
)
_TIME = (
    Parameter("days", "number", "How many days to move it."),
    Parameter("hours", "number", "How many hours to move it."),
    Parameter("seconds", "number", "How many seconds to move it."),
    Parameter("to", "string", "The time to move it to, as 2022-01-01 10:10:00."),
)
_FAULT_DESCRIPTIONS: Mapping[str, tuple[Kind, str, Sequence[str]]] = {
    "fault": ("string", "The name of the fault.", FAULT_NAMES),
    "calls": ("integer", "The number of calls. Default: 1.", ()),
    "nth": ("integer", "The first matching call to affect. Default: 1.", ()),
    "operation": ("string", "Only calls of this operation.", OPERATION_NAMES),
    "method": ("string", "Only calls with this method.", ()),
    "path": ("string", "Only calls to this path. `*` matches any text.", ()),
    "salon_id": ("integer", "Only calls for this location.", ()),
    "payment_sum": ("amount", "Only payments and refunds of this amount.", ()),
    "probability": ("number", "From 0 to 1: instead of the next calls, this fraction of all calls.", ()),
    "seed": ("integer", "With probability or jitter: the same seed selects the same calls and delays.", ()),
    "delay": ("number", "How many seconds the response is delayed.", ()),
    "jitter": ("number", "By how many seconds the delay varies in both directions.", ()),
}
_FAULT = tuple(Parameter(name, *_FAULT_DESCRIPTIONS[name], is_required=name == "fault") for name in FAULT_FIELDS)
_SEED = (
    Parameter("now", "string", "The time of its clock, as 2022-01-01 10:10:00."),
    Parameter("locations", "array", "Locations and their payments, as in a seed file."),
    Parameter("tariffs", "array", "The tariffs of the application, as in a seed file."),
)
CONTROLS = (
    Control("GET", "/sandbox/health", "getHealth", "Whether the sandbox is ready.", _health, returns="Health"),
    Control("GET", "/sandbox/snapshot", "getSnapshot", "Everything, the latest of each kind.", _snapshot,
            (_PAGE_LIMIT,), "Snapshot"),
    Control("GET", "/sandbox/locations", "listLocations", "The locations that were ever connected, ordered by id.",
            _locations, (Parameter("status", "string", "Only those in this state.", STATUSES), _AFTER, _PAGE_LIMIT),
            "Locations"),
    Control("GET", "/sandbox/locations/{salon_id}", "getLocation", "A location: its state, payments and log.",
            _location, (_SALON,), "Location"),
    Control("POST", "/sandbox/locations/{salon_id}/connect", "connect", "The owner clicks Connect.", _connect,
            (_SALON, Parameter("user_data", "boolean", "Whether the URL has signed user data.")), is_form=True),
    Control("POST", "/sandbox/locations/{salon_id}/register", "register",
            "Your application registers the location, without a call.", _register, (_SALON,), is_form=True),
    Control("POST", "/sandbox/locations/{salon_id}/freeze", "freeze", "Altegio freezes the application.", _freeze,
            (_SALON, _DELIVERIES), "Deliveries", sends_callbacks=True, is_form=True),
    Control("POST", "/sandbox/locations/{salon_id}/unfreeze", "unfreeze",
            "Altegio unfreezes the application, without a payment.", _unfreeze, (_SALON,), is_form=True),
    Control("POST", "/sandbox/locations/{salon_id}/uninstall", "uninstall", "The owner removes the application.",
            _uninstall, (_SALON, _DELIVERIES), "Deliveries", sends_callbacks=True, is_form=True),
    Control("POST", "/sandbox/locations/{salon_id}/pay", "pay", "The owner pays for the application at Altegio.", _pay,
            (_SALON, _DELIVERIES, evolve(_SUM, is_required=True), _CURRENCY, *_PERIOD,
             Parameter("discount", "integer", "The discount in percent."),
             Parameter("tariff_option_id", "integer", "The tariff in the callback.")),
            "Deliveries", sends_callbacks=True, is_form=True),
    Control("POST", "/sandbox/locations/{salon_id}/events", "sendEvent",
            "Altegio sends an entity event to the webhook URLs that are subscribed to it.", _send_event,
            (_SALON, Parameter("resource", "string", "What has changed.", RESOURCES, is_required=True),
             Parameter("status", "string", "What has happened to it.", EVENT_STATUSES),
             Parameter("resource_id", "integer", "Its id."), _DELIVERIES),
            "Deliveries", sends_callbacks=True, is_form=True),
    Control("GET", "/sandbox/payments", "listPayments", "The payments, latest first.", _payments,
            (_ONLY_SALON, Parameter("is_refunded", "boolean", "Only those that were refunded, or were not."), _BEFORE,
             _PAGE_LIMIT), "Payments"),
    Control("POST", "/sandbox/payments/{payment_id}/refund", "refund",
            "Your application reports a refund, without a call.", _refund,
            (Parameter("payment_id", "integer", "The payment.", is_required=True),), is_form=True),
    Control("GET", "/sandbox/calls", "listCalls", "The latest thousand calls that were received, latest first.",
            _calls,
            (_ONLY_SALON, Parameter("operation", "string", "Only those of this operation.", OPERATION_NAMES),
             Parameter("method", "string", "Only those with this method."),
             Parameter("path", "string", "Only those to this path. `*` matches any text."),
             Parameter("status", "integer", "Only those with this status in the response."),
             Parameter("fault", "string", "Only those with this fault.", FAULT_NAMES), _AFTER, _BEFORE, _PAGE_LIMIT),
            "Calls"),
    Control("GET", "/sandbox/deliveries", "listDeliveries",
            "The latest thousand callbacks that were sent, latest first.", _deliveries,
            (_ONLY_SALON, Parameter("event", "string", "Only those of this event."), _BEFORE, _PAGE_LIMIT),
            "DeliveriesPage"),
    Control("POST", "/sandbox/deliveries/{number}/redeliver", "redeliver", "Altegio sends a callback again.",
            _redeliver, (Parameter("number", "integer", "The number of the callback.", is_required=True),),
            "Deliveries", sends_callbacks=True, is_form=True),
    Control("GET", "/sandbox/clock", "getClock", "The time of the sandbox.", _clock, returns="Clock"),
    Control("POST", "/sandbox/clock", "moveClock", "Move the clock forward.", _move_clock, _TIME, "Deliveries",
            sends_callbacks=True),
    Control("GET", "/sandbox/faults", "listFaults", "The pending faults, and all faults that exist.", _faults,
            returns="Faults"),
    Control("POST", "/sandbox/faults", "injectFault", "Inject a fault into the next calls that match.", _inject_fault,
            _FAULT, "PendingFaults"),
    Control("DELETE", "/sandbox/faults", "clearFaults", "Clear all faults.", _clear_faults, returns="PendingFaults"),
    Control("POST", "/sandbox/faults/clear", "clearFaultsByForm", "Clear all faults, for HTML forms.", _clear_faults,
            returns="PendingFaults", ignored=FAULT_FIELDS),
    Control("POST", "/sandbox/seed", "loadSeed", "Reset the sandbox to a seed.", _seed, _SEED),
    Control("POST", "/sandbox/reset", "reset", "Restore the initial state.", _reset),
    Control("GET", "/sandbox/assertions/registered", "assertRegistered", "Whether the application is active.",
            partial(_assertion, _assert_registered), (_SALON,), "Assertion"),
    Control("GET", "/sandbox/assertions/paid-once", "assertPaidOnce", "Whether exactly one such payment was recorded.",
            partial(_assertion, _assert_paid_once),
            (_SALON, _SUM, _CURRENCY, Parameter("payment_date", "string", "When it was paid."), *_PERIOD), "Assertion"),
    Control("GET", "/sandbox/assertions/not-paid", "assertNotPaid", "Whether no payment was recorded.",
            partial(_assertion, _assert_not_paid), (_SALON,), "Assertion"),
    Control("GET", "/sandbox/assertions/refunded", "assertRefunded", "Whether the refund of a payment was recorded.",
            partial(_assertion, _assert_refunded),
            (_SALON, Parameter("payment_id", "integer", "The payment.", is_required=True)), "Assertion"),
)  # fmt: skip
