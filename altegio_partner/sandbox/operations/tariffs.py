"""Payments through Altegio: tariffs, discounts, payment links; and the channels of messages."""

import hashlib
import hmac
from urllib.parse import urlencode

from altegio_partner.sandbox.api import Call, Endpoint, Rejection, Response, success
from altegio_partner.sandbox.endpoints import OperationName
from altegio_partner.sandbox.seeds import DEFAULT_TARIFFS
from altegio_partner.sandbox.validation import BOOLEAN, CHANNEL, ID, IDS, NUMBER, list_of, optional

_MAX_LOCATIONS = 1000


def list_tariffs(call: Call) -> Response:
    """Return the tariffs of the seed."""
    return success(call.locations.detail(0, "tariffs", DEFAULT_TARIFFS))


def set_discount(call: Call) -> Response:
    """Set a discount, at all of the locations or at none: a choice."""
    salon_ids = call.fields["salon_ids"]
    for salon_id in salon_ids:
        if call.locations.status(salon_id) == "uninstalled":
            raise Rejection(404, "Application not found", f"The application is not installed at location {salon_id}.")
    for salon_id in salon_ids:
        call.locations.set_detail(salon_id, "discount", float(call.fields["discount"]))
    return success({})


def get_payment_link(call: Call) -> Response:
    """Return a signed link. There is no page behind it: `Sandbox.pay` makes the payment."""
    call.require_installed(404, "Application not found")
    options = [
        option["id"] for tariff in call.locations.detail(0, "tariffs", DEFAULT_TARIFFS) for option in tariff["options"]
    ]
    if not options:  # as seen at Altegio
        raise Rejection(404, "Application not found", "The application has no tariffs.")
    if call.fields.get("tariff_option_id", options[0]) not in options:
        reason = "The application has no such tariff option."
        raise Rejection(404, "Application not found", reason, choice="unknown_tariff_option")
    names = ("salon_id", "application_id", "discount", "tariff_option_id")
    query = urlencode({name: call.fields[name] for name in names if name in call.fields} | {"source": "api"})
    sign = hmac.new(call.behavior.partner_token.encode(), query.encode(), hashlib.sha256).hexdigest()
    return success({"url": f"https://alteg.io/appstore/payment/?{query}&sign={sign}"})


def set_channel_availability(call: Call) -> Response:
    """Switch a channel on or off. The sandbox's application may do that; at Altegio only chat bots and SMS."""
    call.require_installed(403, "Access denied.", "channel_while_not_installed")
    channels = set(call.locations.detail(call.salon_id, "channels", []))
    channel = {call.fields["channel_slug"]}
    channels = channels | channel if call.fields["is_available"] else channels - channel
    call.locations.set_detail(call.salon_id, "channels", sorted(channels))
    return success({})


_SALON_IDS = list_of(ID, 1, _MAX_LOCATIONS, "This must be a list of 1 to 1000 positive integers.")
ENDPOINTS: dict[OperationName, Endpoint] = {
    "list_tariffs": Endpoint(list_tariffs, wrong_application=(404, "Application not found")),
    "set_discount": Endpoint(
        set_discount,
        body={"salon_ids": _SALON_IDS, "application_id": ID, "discount": NUMBER},
        wrong_application=(403, "No access to application"),
        documents_422=False,
    ),
    "get_payment_link": Endpoint(
        get_payment_link,
        query={**IDS, "discount": optional(NUMBER), "tariff_option_id": optional(ID)},
        documents_422=False,
    ),
    "set_channel_availability": Endpoint(
        set_channel_availability, body={**IDS, "channel_slug": CHANNEL, "is_available": BOOLEAN}
    ),
}
