"""The exact request that a call would send: made by the client itself, and sent nowhere."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx
from attrs import define, field, frozen

from altegio_partner.client import PartnerClient
from altegio_partner.errors import NotSentError

_MASK = "********"
_SECRETS = ("api_key",)  # of the body; of the headers it is the one that signs


@frozen
class Preview:
    """A request, with its secrets masked."""

    method: str
    url: str
    headers: dict[str, str]
    body: dict[str, Any]

    def __str__(self) -> str:
        head = [f"{self.method} {self.url}", *(f"{name}: {value}" for name, value in self.headers.items())]
        content = json.dumps(self.body, ensure_ascii=False, separators=(",", ":")) if self.body else ""
        return "\n".join([*head, "", content]).rstrip()

    def shown(self) -> dict[str, object]:
        """What machines are told of it."""
        return {"method": self.method, "url": self.url, "headers": self.headers, "body": self.body or None}


@define
class Nowhere(httpx.BaseTransport):
    """Takes requests, and says that they could not be sent, as is true."""

    request: httpx.Request = field(init=False)
    """The last one."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Keep the request."""
        self.request = request
        raise httpx.ConnectError("a preview is not sent")


def preview(client: PartnerClient, nowhere: Nowhere, call: Callable[[PartnerClient], object]) -> Preview:
    """Return what the call would send, or raise the ValueError that it would raise."""
    with suppress(NotSentError):
        call(client)
    request = nowhere.request
    content = request.read()
    body: dict[str, Any] = json.loads(content) if content else {}
    headers = {name.decode(): value.decode() for name, value in request.headers.raw}
    headers["Authorization"] = f"Bearer {_MASK}"
    return Preview(
        request.method.upper(),
        str(request.url),
        headers,
        {name: _MASK if name in _SECRETS else value for name, value in body.items()},
    )
