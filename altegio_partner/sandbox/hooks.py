"""The webhook settings of a location: its URLs, and the entity events that each gets."""

from collections.abc import Mapping, Sequence
from typing import Any

from .api import invalid
from .locations import Locations

EVENT_FLAGS = (
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
FLAGS = ("active", *EVENT_FLAGS, "self_sending")
_MAX_URLS = 10
_REGISTERED: Mapping[str, int] = {**dict.fromkeys(FLAGS, 1), "loyalty_card": 0, "self_sending": 0}
"""The events that the URLs of a registration get. At Altegio, you select them in the Developer Cabinet."""

Hook = dict[str, Any]


def hooks_of(locations: Locations, salon_id: int) -> list[Hook]:
    """Return the URLs of a location with their flags, including those of other applications."""
    found: list[Hook] = locations.detail(salon_id, "hooks", [])
    return found


def register_webhooks(locations: Locations, salon_id: int, urls: Sequence[str]) -> None:
    """Set the URLs of a registration. They replace those of an earlier registration."""
    earlier = locations.detail(salon_id, "registered_urls", [])
    hooks = [hook for hook in hooks_of(locations, salon_id) if hook["url"] not in earlier]
    known = [hook["url"] for hook in hooks]
    added = [{"url": url, **_REGISTERED} for url in urls if url not in known]
    if len(hooks) + len(added) > _MAX_URLS:
        requirement = f"The location already has {len(hooks)} webhook URLs, and can have at most 10."
        raise invalid({"webhook_urls": [requirement]}, "too_many_webhooks")
    locations.set_detail(salon_id, "hooks", hooks + added)
    locations.set_detail(salon_id, "registered_urls", list(urls))


def subscribed(locations: Locations, salon_id: int, flag: str) -> list[str]:
    """Return the URLs that get an event now. Those of the application get none while it is not active."""
    excluded: list[str] = (
        [] if locations.status(salon_id) == "active" else locations.detail(salon_id, "registered_urls", [])
    )
    hooks = hooks_of(locations, salon_id)
    return [hook["url"] for hook in hooks if hook["active"] and hook[flag] and hook["url"] not in excluded]
