"""The code of "Many calls" runs, with a real Redis where it asks for one."""

from typing import Any

import pytest

from altegio_partner import PartnerClient
from altegio_partner.sandbox import Sandbox
from tests.pages.page import Page
from tests.servers.redis import redis_server

pytestmark = pytest.mark.services

LIMITED, SHARED = Page.of("many-calls").code()


def test_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = Sandbox(rate_limits=True)
    sandbox.connect(123)
    names: dict[str, Any] = {}
    with sandbox.serve() as url, redis_server() as redis:
        monkeypatch.setenv("ALTEGIO_BASE_URL", url)
        monkeypatch.setenv("ALTEGIO_PARTNER_TOKEN", sandbox.partner_token)
        monkeypatch.setenv("ALTEGIO_APPLICATION_ID", str(sandbox.application_id))
        for block in (LIMITED, SHARED.replace("Redis()", f"Redis.from_url({redis.replace('redis+socket', 'unix')!r})")):
            exec(block, names)  # noqa: S102  code of the page
            partner = names["partner"]
            assert isinstance(partner, PartnerClient)
            assert [partner.get_installation(salon_id=123).status for _ in range(7)] == ["pending"] * 7
            partner.close()
    statuses = [call.response.status for call in sandbox.calls]
    assert statuses[:7] == [200] * 7
    assert statuses.count(200) == 14
