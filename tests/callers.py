"""The same call through the plain client, and through the awaited one under asyncio and under trio."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Any

import anyio
from attrs import frozen

from altegio_partner import AsyncPartnerClient, PartnerClient

TOKEN = "FakeTokenFakeTokenFakeToken"
USER_TOKEN = "fakeUserTokenOfSomebody"
CRM_TOKEN = "7cf262d6-1656-43f9-fake"
API_KEY = "fake-api-key-fake-api-key"
APPLICATION = 77
SANDBOX_HEADERS = {"Authorization": "Bearer sandbox-partner-token", "Accept": "application/vnd.api.v2+json"}

PAYMENT: dict[str, Any] = {
    "salon_id": 123,
    "payment_sum": "990.99",
    "currency_iso": "EUR",
    "payment_date": datetime(2022, 1, 1, 10, 10),
    "period_from": datetime(2022, 1, 1, 10, 10),
    "period_to": datetime(2022, 2, 1, 10, 10),
}
CALLS: dict[str, dict[str, Any]] = {
    "complete_registration": {"salon_id": 123, "api_key": API_KEY},
    "notify_payment": PAYMENT,
    "notify_refund": {"payment_id": 123},
}


@frozen
class Caller:
    """Builds a client with some options, makes one call with it, and closes it. A method may be of a family: "a.b"."""

    kind: str
    options: dict[str, Any]

    def __call__(self, method: str, /, **arguments: Any) -> Any:
        if self.kind == "sync":
            with PartnerClient(**self.options) as client:
                result = attrgetter(method)(client)(**arguments)
                return list(result) if isinstance(result, Iterator) else result
        return anyio.run(partial(self._call_async, method, **arguments), backend=self.kind)

    async def _call_async(self, method: str, /, **arguments: Any) -> Any:
        async with AsyncPartnerClient(**self.options) as client:
            result = attrgetter(method)(client)(**arguments)
            return [item async for item in result] if isinstance(result, AsyncIterator) else await result


Callers = Callable[..., Caller]
