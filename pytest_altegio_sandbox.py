"""pytest fixtures: a new local Altegio for each test.

They are outside the package, so that pytest does not import the package before a fixture is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from altegio_partner.sandbox import Sandbox


@pytest.fixture
def altegio_sandbox() -> Sandbox:
    """A local Altegio without locations. Override this fixture to change its settings."""
    from altegio_partner.sandbox import Sandbox  # noqa: PLC0415  not before it is used

    return Sandbox()


@pytest.fixture
def altegio_sandbox_url(altegio_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serves the `altegio_sandbox` over HTTP, and sets the environment variables that `PartnerClient()` reads."""
    with altegio_sandbox.serve() as url:
        monkeypatch.setenv("ALTEGIO_BASE_URL", url)
        monkeypatch.setenv("ALTEGIO_PARTNER_TOKEN", altegio_sandbox.partner_token)
        monkeypatch.setenv("ALTEGIO_USER_TOKEN", altegio_sandbox.user_token)
        monkeypatch.setenv("ALTEGIO_APPLICATION_ID", str(altegio_sandbox.application_id))
        yield url
