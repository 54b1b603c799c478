"""Show an incoming telephone call, save one in the history of a location, and list them."""

# The generated request builders are private by name; they are pinned, committed and checked for drift:
# pyright: reportPrivateUsage=false

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, Literal

from altegio_partner_api.api.voip.list_calls import _get_kwargs as list_calls_request
from altegio_partner_api.api.voip.send_voip_command import _get_kwargs as send_voip_command_request
from altegio_partner_api.models import (
    CallsQuery,
    CallStatus,
    CallType,
    RecordedCallStatus,
    VoipCallEvent,
    VoipCallRecord,
    VoipDisable,
    VoipEnable,
)

from altegio_partner.call import Call
from altegio_partner.dates import wire_date, wire_instant
from altegio_partner.ids import wire_id
from altegio_partner.settings import Settings
from altegio_partner.urls import ANY_SCHEME, wire_url
from altegio_partner.values.reading import mapping
from altegio_partner.values.voip import Accepted, VoipCall

from .answers import acknowledged, listed
from .arguments import optional, wire_enum, wire_list, wire_number, wire_text
from .paging import Walk

_wire_type, _wire_status = partial(wire_enum, kind=CallType), partial(wire_enum, kind=CallStatus)


def enable(settings: Settings, *, crm_token: str) -> Call[Accepted]:
    """Enable telephony for a chain, which shows its settings for call routing.

    When a telephony application is connected, this is needed beside `activate` or `complete_registration`.

    Args:
        crm_token: The chain's secret, from Telephony > Integration, or from its registration.

    Returns:
        That Altegio has accepted it. It is processed later, and whether it was is unknown.

    Raises:
        ValueError: An argument is invalid. Nothing was sent.
        NotSentError: Altegio was not reached. Call again.
        RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
        OutcomeUnknownError: It may have been accepted. Calling again is harmless.
    """
    body = VoipEnable(command="setup", type_="enable", crm_token=wire_text("crm_token", crm_token))
    return _send("voip.enable", body, crm_token, is_repeatable=True)


def disable(settings: Settings, *, crm_token: str) -> Call[Accepted]:
    """Disable telephony for a chain: calls that are reported later are not processed.

    Args:
        crm_token: The chain's secret.

    Returns:
        That Altegio has accepted it. It is processed later, and whether it was is unknown.

    Raises:
        ValueError: An argument is invalid. Nothing was sent.
        NotSentError: Altegio was not reached. Call again.
        RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
        OutcomeUnknownError: It may have been accepted. Calling again is harmless.
    """
    body = VoipDisable(command="setup", type_="disable", crm_token=wire_text("crm_token", crm_token))
    return _send("voip.disable", body, crm_token, is_repeatable=True)


def notify_call(
    settings: Settings, *, crm_token: str, phone: str, diversion: str, user: str | None = None
) -> Call[Accepted]:
    """Show an incoming call to the staff of the location.

    Args:
        crm_token: The chain's secret.
        phone: The caller's number.
        diversion: The number that was called.
        user: The subscriber in the telephone system, by whom the call is routed rather than by `diversion`.

    Returns:
        That Altegio has accepted it. It is processed later, and whether it was shown is unknown.

    Raises:
        ValueError: An argument is invalid. Nothing was sent.
        NotSentError: Altegio was not reached. Call again, if the call has not ended.
        RejectedError: Altegio rejected it, nothing was shown. Fix the problem that the error describes.
        OutcomeUnknownError: It may have been shown. Do not call again: it would be shown twice, or too late.
    """
    body = VoipCallEvent(command="event", type_=CallType.INCOMING, **_call(crm_token, phone, diversion, user))
    return _send("voip.notify_call", body, crm_token, if_unknown="It may be shown: do not send it again.")


def save_call(
    settings: Settings,
    *,
    crm_token: str,
    call_type: Literal["incoming", "outgoing", "internal"],
    phone: str,
    diversion: str,
    user: str | None = None,
    duration: int | None = None,
    link: str | None = None,
    call_id: str | None = None,
    status: Literal["success", "missed"] | None = None,
    call_date: datetime | None = None,
) -> Call[Accepted]:
    """Save a call that has ended in the history. Arguments that are None are not sent.

    Altegio calls it the command `history`. Whether a second call of the same `call_id` is recognised is unknown, so
    it is never sent again on its own.

    Args:
        crm_token: The chain's secret.
        call_type: "incoming", "outgoing" or "internal".
        phone: The caller's number.
        diversion: The number that was called.
        user: The subscriber in the telephone system, by whom the call is routed rather than by `diversion`.
        duration: How long it took, in seconds.
        link: The recording, an https or http address.
        call_id: The call's id in the telephone system.
        status: "success" or "missed".
        call_date: When it was: an aware datetime, whose offset is sent too.

    Returns:
        That Altegio has accepted it. It is processed later, and whether it was saved is unknown.

    Raises:
        ValueError: An argument is invalid. Nothing was sent.
        NotSentError: Altegio was not reached. Call again.
        RejectedError: Altegio rejected it, nothing was saved. Fix the problem that the error describes.
        OutcomeUnknownError: It may have been saved. Look with `list_calls` before calling again.
    """
    body = VoipCallRecord(
        command="history",
        type_=_wire_type("call_type", call_type),
        **_call(crm_token, phone, diversion, user),
        duration=optional(duration, lambda seconds: wire_number("duration", seconds, 0, 10**6)),
        link=optional(link, partial(wire_url, "link", schemes=ANY_SCHEME)),
        call_id=optional(call_id, partial(wire_text, "call_id")),
        status=optional(status, partial(wire_enum, "status", kind=RecordedCallStatus)),
        date=optional(call_date, partial(wire_instant, "call_date")),
    )
    return _send("voip.save_call", body, crm_token, if_unknown="It may be saved: look with list_calls before.")


def list_calls(
    settings: Settings,
    *,
    salon_id: int,
    date_from: date,
    date_to: date,
    phone: str | None = None,
    types: Sequence[Literal["incoming", "outgoing", "internal"]] | None = None,
    statuses: Sequence[str] | None = None,
    page: int = 1,
    limit: int = 100,
) -> Call[list[VoipCall]]:
    """Return one page of the calls of a location. Needs a user token.

    Altegio gives no total. It reads these arguments from the body of a GET: a proxy that drops it makes the call
    fail.

    Args:
        salon_id: The location.
        date_from: The first day.
        date_to: The last day. Whether it is included is unknown.
        phone: Only calls of this number.
        types: Only "incoming", "outgoing" or "internal" ones.
        statuses: Only those that ended so: "success", "missed", "cancel", "busy", "notallowed", "notavailable",
            "notfound".
        page: The number of the page. The first is 1, it seems.
        limit: How many calls a page has, at most 1000. The last one has fewer.

    Raises:
        ValueError: An argument is invalid, or there is no user token. Nothing was sent.
        RejectedError: Altegio rejected it: perhaps the user may not see calls. Fix the problem.
        NotSentError, OutcomeUnknownError: There is no result. Call again.
    """
    body = CallsQuery(
        salon_id=wire_id("salon_id", salon_id),
        date_from=wire_date("date_from", date_from),
        date_to=wire_date("date_to", date_to),
        phone=optional(phone, partial(wire_text, "phone")),
        types=optional(types, lambda words: wire_list("types", words, _wire_type, 1, len(CallType))),
        statuses=optional(statuses, lambda words: wire_list("statuses", words, _wire_status, 1, len(CallStatus))),
        page=wire_number("page", page, 0, 10**9),
        limit=wire_number("limit", limit, 1, 1000),
    )
    request = list_calls_request(body=body)
    return Call("voip.list_calls", request, listed(VoipCall), host="api_url", needs_user=True)


def iter_calls(
    settings: Settings,
    *,
    salon_id: int,
    date_from: date,
    date_to: date,
    phone: str | None = None,
    types: Sequence[Literal["incoming", "outgoing", "internal"]] | None = None,
    statuses: Sequence[str] | None = None,
    limit: int = 100,
) -> Walk[VoipCall]:
    """Iterate over all calls of a location, each once. Needs a user token.

    A page is read when it is needed, with `list_calls`, whose errors it raises. Page 0 is asked for last, and may
    be refused: that Altegio counts from 1 is not documented.

    Args:
        salon_id: The location.
        date_from: The first day.
        date_to: The last day. Whether it is included is unknown.
        phone: Only calls of this number.
        types: Only "incoming", "outgoing" or "internal" ones.
        statuses: Only those that ended so, see `list_calls`.
        limit: How many calls are read at a time, at most 1000.

    Raises:
        ValueError: An argument is invalid, or there is no user token. Nothing was sent.
        AltegioError: A page could not be read, as with `list_calls`. Begin again.
    """
    page = partial(
        list_calls, settings, salon_id=salon_id, date_from=date_from, date_to=date_to, phone=phone, types=types,
        statuses=statuses, limit=limit,
    )  # fmt: skip
    return Walk(lambda number: page(page=number), limit)


def _send(
    operation: str,
    body: VoipEnable | VoipDisable | VoipCallRecord | VoipCallEvent,
    crm_token: str,
    *,
    is_repeatable: bool = False,
    if_unknown: str = "It may have been accepted. Calling again is harmless.",
) -> Call[Accepted]:
    return Call(
        operation=operation,
        request=send_voip_command_request(body=body),
        read=_accepted,
        is_repeatable=is_repeatable,
        if_unknown=if_unknown,
        secrets=(crm_token,),
        host="api_url",
    )


def _call(crm_token: str, phone: str, diversion: str, user: str | None) -> dict[str, Any]:
    return {
        "crm_token": wire_text("crm_token", crm_token),
        "phone": wire_text("phone", phone),
        "diversion": wire_text("diversion", diversion),
        "user": optional(user, partial(wire_text, "user")),
    }


def _accepted(answer: dict[str, Any]) -> Accepted:
    acknowledged(answer)
    return Accepted.of(mapping(answer.get("meta")))
