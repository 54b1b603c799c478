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
    from altegio_partner.sandbox.environment import settings_for  # noqa: PLC0415  as above

    with altegio_sandbox.serve() as url:
        for name, value in settings_for(altegio_sandbox, url).items():
            monkeypatch.setenv(name, value)
        yield url
