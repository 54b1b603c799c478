"""The webhook settings of a location, by which URLs get events. They need a user token.

They belong to the location, not to your application: writing them replaces the settings of other applications, too.
"""

# The generated request builders are private by name; they are pinned, committed and checked for drift:
# pyright: reportPrivateUsage=false

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from altegio_partner_api.api.webhooks.get_webhook_settings import _get_kwargs as get_settings_request
from altegio_partner_api.api.webhooks.update_webhook_settings import _get_kwargs as update_settings_request
from altegio_partner_api.models import WebhookSettingsUpdate

from altegio_partner.bad_argument import bad_argument
from altegio_partner.call import Call
from altegio_partner.errors import ConflictError, OutcomeUnknownError
from altegio_partner.flow import Flow, Step
from altegio_partner.ids import wire_id
from altegio_partner.settings import Settings
from altegio_partner.urls import ANY_SCHEME, MAX_WEBHOOKS, wire_url, wire_webhook_urls
from altegio_partner.values.webhooks import EVENTS, WebhookSettings, flags, read_webhook_settings

from .arguments import wire_flag, wire_word


def get_settings(settings: Settings, *, salon_id: int) -> Call[WebhookSettings]:
    """Return the webhook settings of a location, including those of other applications.

    Altegio calls them event notification settings.

    Args:
        salon_id: The location.

    Raises:
        ValueError: The id is not a positive integer, or there is no user token. Nothing was sent.
        RejectedError: Altegio rejected it. Fix the problem that the error describes.
        NotSentError, OutcomeUnknownError: There is no result. Call again.
    """
    return Call(
        operation="webhooks.get_settings",
        request=get_settings_request(wire_id("salon_id", salon_id)),
        read=lambda answer: read_webhook_settings(answer["data"]),
        host="api_url",
        needs_user=True,
    )


def update_settings(
    settings: Settings,
    *,
    salon_id: int,
    urls: Sequence[str],
    events: Collection[str],
    active: bool = True,
    self_sending: bool | None = None,
) -> Call[WebhookSettings]:
    """Replace the webhook settings of a location, including those of other applications.

    URLs that are not in the list are deleted, and all URLs get the same events. To change one setting and keep the
    others, use `add_url`, `remove_url` or `set_events`.

    Args:
        salon_id: The location.
        urls: All URLs, 1 to 10. New ones must be https.
        events: The kinds of events that are sent, with Altegio's names: "salon", "service_category", "service",
            "good", "master" (a team member), "client", "record", "goods_operations_sale",
            "goods_operations_receipt", "goods_operations_consumable", "goods_operations_stolen",
            "goods_operations_move", "finances_operation", "schedule", "loyalty_card".
        active: Whether events are sent.
        self_sending: Whether an application also gets events that it caused itself. Not sent if None.

    Returns:
        The new settings.

    Raises:
        ValueError: An argument is invalid, or there is no user token. Nothing was sent.
        NotSentError: Altegio was not reached, nothing was changed. Call again.
        RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
        OutcomeUnknownError: The settings may have been replaced. Read them before you write again.
    """
    chosen = dict.fromkeys(EVENTS, False) | dict.fromkeys(_wire_events(events), True)
    return _write(salon_id, _wire_urls(urls), active=active, self_sending=self_sending, chosen=chosen)


def add_url(settings: Settings, *, salon_id: int, url: str) -> Call[WebhookSettings]:
    """Add a URL that gets the events of a location, and keep the other settings.

    The settings are read, written and read again. Changes that somebody else makes between the first two steps are
    lost: Altegio offers no way to prevent that. If the URL is already there, nothing is changed.

    Args:
        salon_id: The location.
        url: The https URL. It gets the same events as the other URLs. Events are not signed, so put a secret into
            the URL.

    Returns:
        The new settings.

    Raises:
        ValueError: An argument is invalid, or there is no user token. Nothing was sent.
        ConflictError: There are already 10 URLs, their settings differ, Altegio does not return whether events are
            sent, or somebody else changed the settings.
        RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
        NotSentError, OutcomeUnknownError: The settings may have been changed. Call again: they are read first.
    """
    wire_url("url", url)

    def change(found: WebhookSettings) -> dict[str, Any] | None:
        if len(found.urls) >= MAX_WEBHOOKS and url not in found.urls:
            raise _conflict(salon_id, f"there are {MAX_WEBHOOKS} URLs already, and Altegio takes no more. Remove one.")
        return None if url in found.urls else {"urls": [*found.urls, url]}

    return _change(settings, "webhooks.add_url", salon_id, change)


def remove_url(settings: Settings, *, salon_id: int, url: str) -> Call[WebhookSettings]:
    """Remove a URL that gets the events of a location, and keep the other settings.

    The settings are read, written and read again. Changes that somebody else makes between the first two steps are
    lost: Altegio offers no way to prevent that. If the URL is not there, nothing is changed.

    Args:
        salon_id: The location.
        url: The URL, exactly as in the settings.

    Returns:
        The new settings.

    Raises:
        ValueError: An argument is invalid, or there is no user token. Nothing was sent.
        ConflictError: It is the only URL, the settings of the URLs differ, Altegio does not return whether events
            are sent, or somebody else changed the settings.
        RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
        NotSentError, OutcomeUnknownError: The settings may have been changed. Call again: they are read first.
    """
    wire_url("url", url, ANY_SCHEME)  # old URLs may have http

    def change(found: WebhookSettings) -> dict[str, Any] | None:
        if found.urls == (url,):
            raise _conflict(salon_id, "it is the only URL, and Altegio takes no empty list. Set active=False instead.")
        return {"urls": [one for one in found.urls if one != url]} if url in found.urls else None

    return _change(settings, "webhooks.remove_url", salon_id, change)


def set_events(
    settings: Settings, *, salon_id: int, events: Collection[str], active: bool | None = None
) -> Call[WebhookSettings]:
    """Set the kinds of events that are sent to all URLs of a location, and keep the other settings.

    The settings are read, written and read again. Changes that somebody else makes between the first two steps are
    lost: Altegio offers no way to prevent that.

    Args:
        salon_id: The location.
        events: The kinds of events that are sent, with the names in `update_settings`.
        active: Whether events are sent. None keeps the current setting.

    Returns:
        The new settings.

    Raises:
        ValueError: An argument is invalid, or there is no user token. Nothing was sent.
        ConflictError: There is no URL, the settings of the URLs differ, `active` is None and Altegio does not
            return whether events are sent, or somebody else changed the settings.
        RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
        NotSentError, OutcomeUnknownError: The settings may have been changed. Call again: they are read first.
    """
    wanted: dict[str, Any] = {"events": _wire_events(events)}
    if active is not None:
        wanted["active"] = wire_flag("active", active)
    return _change(settings, "webhooks.set_events", salon_id, lambda _: wanted)


def _change(
    settings: Settings, operation: str, salon_id: int, change: Callable[[WebhookSettings], Mapping[str, Any] | None]
) -> Call[WebhookSettings]:
    """Describe how to read the settings, write them with a change, and read them again."""
    look = get_settings(settings, salon_id=salon_id)

    def plan(_: Call[WebhookSettings]) -> Flow[Step, WebhookSettings]:
        found: WebhookSettings = yield look
        wanted = change(found)
        if wanted is None:
            return found
        _check_same(salon_id, found)
        urls, events = wanted.get("urls", found.urls), frozenset(wanted.get("events", found.events))
        active = wanted.get("active", found.active)
        if not urls:
            raise _conflict(salon_id, "there is no URL, and Altegio takes no empty list. Add one first.")
        if active is None:
            raise _conflict(salon_id, "Altegio does not say whether events are sent. Say it with update_settings.")
        chosen = dict.fromkeys(flags(found.raw), False) | dict.fromkeys(events, True)
        lost: OutcomeUnknownError | None = None
        try:
            yield _write(salon_id, list(urls), active=active, self_sending=found.self_sending, chosen=chosen)
        except OutcomeUnknownError as error:
            lost = error
        now: WebhookSettings = yield look
        if (set(now.urls), now.events, now.active) == (set(urls), events, active):
            return now
        raise lost or ConflictError(
            f"The webhook settings of location {salon_id} are not what was just written: somebody else has changed "
            "them. Read them, and call again."
        )

    return Call(operation=operation, request={}, read=look.read, plan=plan)


def _write(
    salon_id: int,
    urls: Sequence[str],
    *,
    active: bool,
    self_sending: bool | None,
    chosen: Mapping[str, bool],
) -> Call[WebhookSettings]:
    numbers = {"active": wire_flag("active", active), **chosen}
    if self_sending is not None:
        numbers["self_sending"] = wire_flag("self_sending", self_sending)
    body = WebhookSettingsUpdate.from_dict({"urls": urls, **{name: int(is_on) for name, is_on in numbers.items()}})
    return Call(
        operation="webhooks.update_settings",
        request=update_settings_request(wire_id("salon_id", salon_id), body=body),
        read=lambda answer: read_webhook_settings(answer["data"]),
        if_unknown="The settings may have been replaced: read them before writing again.",
        host="api_url",
        needs_user=True,
    )


def _check_same(salon_id: int, found: WebhookSettings) -> None:
    """Raise where a change would make the settings of the URLs the same, which are not."""
    if len({(one.active, one.events, one.self_sending) for one in found.url_settings}) > 1:
        raise _conflict(
            salon_id,
            "the URLs have different ones, and what is written becomes the same for all. Say with update_settings what "
            "all of them are to get.",
        )


def _conflict(salon_id: int, why: str) -> ConflictError:
    return ConflictError(f"The webhook settings of location {salon_id} stay as they are: {why}")


def _wire_urls(urls: Sequence[str]) -> list[str]:
    wired = wire_webhook_urls(urls, "urls", ANY_SCHEME)
    if not wired:
        raise bad_argument("urls", "one address or more", fix="To stop all events, set active=False.")
    return wired


def _wire_events(events: Iterable[str]) -> list[str]:
    if isinstance(events, str) or not isinstance(events, Collection):
        raise bad_argument("events", "a list of words", events, fix="Write ['record', 'client'].")
    return [wire_word("events", word, EVENTS) for word in events]
