"""What the methods of the clients need of them."""

from .call import Call, T
from .settings import Settings


class Performer:
    """Carries out calls. `PartnerClient` is one."""

    _settings: Settings

    def perform(self, call: Call[T]) -> T:
        """Carry out a call, and return its result or raise its error."""
        raise NotImplementedError


class AsyncPerformer:
    """Carries out calls, and is awaited. `AsyncPartnerClient` is one."""

    _settings: Settings

    async def perform(self, call: Call[T]) -> T:
        """Carry out a call, and return its result or raise its error."""
        raise NotImplementedError
