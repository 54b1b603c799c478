"""Read and replace the webhook settings of a location."""

from altegio_partner.sandbox.api import Call, Endpoint, Response, invalid, success
from altegio_partner.sandbox.endpoints import OperationName
from altegio_partner.sandbox.hooks import FLAGS, hooks_of
from altegio_partner.sandbox.validation import FLAG, URLS, optional


def get_webhook_settings(call: Call) -> Response:
    """Return the settings. The flags at the top are those of the first URL."""
    call.require_access()
    return _settings(call, 200)


def update_webhook_settings(call: Call) -> Response:
    """Replace the settings of all URLs, and delete those not in the list. A missing flag becomes 0: a choice."""
    call.require_access()
    known = [hook["url"] for hook in hooks_of(call.locations, call.salon_id)]
    urls = call.fields["urls"]
    if any(url.startswith("http:") and url not in known for url in urls):
        raise invalid({"urls": ["A new address must be https."]}, "fields_without_422")
    flags = {name: call.fields.get(name, 0) for name in FLAGS}
    call.locations.set_detail(call.salon_id, "hooks", [{"url": url, **flags} for url in urls])
    return _settings(call, 201)


def _settings(call: Call, status: int) -> Response:
    hooks = hooks_of(call.locations, call.salon_id)
    first = hooks[0] if hooks else dict.fromkeys(FLAGS, 0)
    top = {"urls": [hook["url"] for hook in hooks] or [""], **{name: first[name] for name in FLAGS}}
    return success({**top, "company_id": call.salon_id, "url_settings": hooks}, status=status)


_UPDATE = {"urls": URLS, "active": FLAG, **{name: optional(FLAG) for name in FLAGS if name != "active"}}
ENDPOINTS: dict[OperationName, Endpoint] = {
    "get_webhook_settings": Endpoint(get_webhook_settings, needs_user=True),
    "update_webhook_settings": Endpoint(update_webhook_settings, body=_UPDATE, needs_user=True, documents_422=False),
}
