"""Altegio's operations: their names, methods and paths."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal, get_args

OperationName = Literal[
    "complete_registration",
    "activate",
    "notify_payment",
    "notify_refund",
    "set_sms_sender_names",
    "get_installation",
    "uninstall",
    "list_locations",
    "list_tariffs",
    "set_discount",
    "get_payment_link",
    "set_channel_availability",
    "get_webhook_settings",
    "update_webhook_settings",
    "send_voip_command",
    "list_calls",
    "list_countries",
    "list_cities",
    "list_business_groups",
]
OPERATION_NAMES: tuple[OperationName, ...] = get_args(OperationName)

# Altegio's page has tariffs, discounts, payment links and channels under /api/v1, its staff's client without.
_PATHS: Mapping[OperationName, tuple[str, str]] = {
    "complete_registration": ("POST", "/marketplace/partner/callback/redirect"),
    "activate": ("POST", "/marketplace/partner/callback"),
    "notify_payment": ("POST", "/marketplace/partner/payment"),
    "notify_refund": ("POST", "/marketplace/partner/payment/refund/(?P<payment_id>[^/]+)"),
    "set_sms_sender_names": ("POST", "/marketplace/partner/short_names"),
    "get_installation": ("GET", "/marketplace/salon/(?P<salon_id>[^/]+)/application/(?P<application_id>[^/]+)"),
    "uninstall": ("POST", "/marketplace/salon/(?P<salon_id>[^/]+)/application/(?P<application_id>[^/]+)/uninstall"),
    "list_locations": ("GET", "/marketplace/application/(?P<application_id>[^/]+)/salons"),
    "list_tariffs": ("GET", "(?:/api/v1)?/marketplace/application/(?P<application_id>[^/]+)/tariffs"),
    "set_discount": ("POST", "(?:/api/v1)?/marketplace/application/add_discount"),
    "get_payment_link": ("GET", "(?:/api/v1)?/marketplace/application/payment_link"),
    "set_channel_availability": ("POST", "(?:/api/v1)?/marketplace/application/update_channel"),
    "get_webhook_settings": ("GET", "/api/v1/hooks_settings/(?P<salon_id>[^/]+)"),
    "update_webhook_settings": ("POST", "/api/v1/hooks_settings/(?P<salon_id>[^/]+)"),
    "send_voip_command": ("POST", "/api/v1/voip/integration"),
    "list_calls": ("GET", "/api/v1/voip/integration/calls"),
    "list_countries": ("GET", "/api/v1/countries"),
    "list_cities": ("GET", "/api/v1/cities"),
    "list_business_groups": ("GET", "/api/v1/references/business_groups_with_types"),
}
_PATTERNS: Sequence[tuple[OperationName, str, re.Pattern[str]]] = [
    (name, method, re.compile(path)) for name, (method, path) in _PATHS.items()
]


def operations_at(path: str) -> dict[str, tuple[OperationName, Mapping[str, str]]]:
    """Return the operations of a path by method, each with the ids in the path. A slash at its end is ignored."""
    found: dict[str, tuple[OperationName, Mapping[str, str]]] = {}
    for name, method, pattern in _PATTERNS:
        if match := pattern.fullmatch(path.rstrip("/")):
            found[method] = name, match.groupdict()
    return found


def operation_of(method: str, path: str) -> tuple[OperationName, Mapping[str, str]] | None:
    """Return the operation of a call and the ids in its path, or None: no call to Altegio has this method and path.

    HEAD is a GET without the body of its response.
    """
    return operations_at(path).get("GET" if method == "HEAD" else method)
