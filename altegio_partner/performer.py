"""The interface that the methods of the clients need."""

from .call import Call, T
from .settings import Settings


class Performer:
    """Performs calls. `PartnerClient` is one."""

    _settings: Settings

    def perform(self, call: Call[T]) -> T:
        """Perform a call, and return its result or raise its error."""
        raise NotImplementedError


class AsyncPerformer:
    """Performs calls, awaited. `AsyncPartnerClient` is one."""

    _settings: Settings

    async def perform(self, call: Call[T]) -> T:
        """Perform a call, and return its result or raise its error."""
        raise NotImplementedError
