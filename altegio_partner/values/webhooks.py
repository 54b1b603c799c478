"""The webhook settings of a location: the URLs that get its events, and which events."""

from collections.abc import Mapping

from attrs import field, frozen

from .reading import flag, items, mapping, text, texts

EVENTS = (
    "salon",
    "service_category",
    "service",
    "good",
    "master",
    "client",
    "record",
    "goods_operations_sale",
    "goods_operations_receipt",
    "goods_operations_consumable",
    "goods_operations_stolen",
    "goods_operations_move",
    "finances_operation",
    "schedule",
    "loyalty_card",
)
"""Altegio's names for the kinds of events. "master" is a team member, whose events have the resource "staff"."""

_NO_EVENTS = {"active", "self_sending"}


@frozen(kw_only=True)
class WebhookUrlSettings:
    """The settings of one URL."""

    url: str
    active: bool | None
    events: frozenset[str]
    """The kinds of events that are sent to it."""
    self_sending: bool | None
    """Whether it also gets events that its own application caused."""
    raw: Mapping[str, object] = field(repr=False, eq=False)
    """The settings as Altegio sent them."""


@frozen(kw_only=True)
class WebhookSettings:
    """The webhook settings of a location, including those of other applications."""

    urls: tuple[str, ...]
    """The URLs that get events."""
    active: bool | None
    """Whether events are sent. This and the next two attributes are those of the first URL."""
    events: frozenset[str]
    """The kinds of events that are sent, with Altegio's names, as in `update_settings`."""
    self_sending: bool | None
    """Whether an application also gets events that it caused itself."""
    url_settings: tuple[WebhookUrlSettings, ...]
    """The settings of each URL. Empty if Altegio leaves them out, as older servers do."""
    raw: Mapping[str, object] = field(repr=False, eq=False)
    """The settings as Altegio sent them."""


def read_webhook_settings(raw: Mapping[str, object]) -> WebhookSettings:
    """Read the settings of a location."""
    return WebhookSettings(
        urls=texts(raw["urls"]),
        active=flag(raw.get("active")),
        events=_events(raw),
        self_sending=flag(raw.get("self_sending")),
        url_settings=tuple(_url_settings(mapping(one)) for one in items(raw.get("url_settings"))),
        raw=raw,
    )


def flags(raw: Mapping[str, object]) -> dict[str, bool]:
    """Return, for each kind of event, whether it is sent, including kinds that Altegio adds later."""
    found = {name: flag(raw[name]) for name in raw if name not in _NO_EVENTS and not name.endswith("id")}
    return {name: is_on for name, is_on in found.items() if is_on is not None}


def _events(raw: Mapping[str, object]) -> frozenset[str]:
    return frozenset(name for name, is_on in flags(raw).items() if is_on)


def _url_settings(raw: Mapping[str, object]) -> WebhookUrlSettings:
    return WebhookUrlSettings(
        url=text(raw["url"]) or "",
        active=flag(raw.get("active")),
        events=_events(raw),
        self_sending=flag(raw.get("self_sending")),
        raw=raw,
    )
