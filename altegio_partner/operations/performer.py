"""The interface that the methods of the clients need."""

from typing import Generic, Self, TypeVar

from attrs import evolve

from altegio_partner.call import Call, T
from altegio_partner.redaction import hide_locals
from altegio_partner.settings import Settings

C = TypeVar("C", bound="Performer | AsyncPerformer")


class _Configured:
    _settings: Settings

    def with_user_token(self, user_token: str) -> Self:
        """Return this client with another user token. Both share their connections: closing one closes the other."""
        with hide_locals():
            credentials = self._settings.credentials.with_user(user_token)
        other = object.__new__(type(self))
        vars(other).update(vars(self), _settings=evolve(self._settings, credentials=credentials))
        return other


class Performer(_Configured):
    """Performs calls. `PartnerClient` is one."""

    def perform(self, call: Call[T]) -> T:
        """Perform a call, and return its result or raise its error."""
        raise NotImplementedError


class AsyncPerformer(_Configured):
    """Performs calls, and is awaited. `AsyncPartnerClient` is one."""

    async def perform(self, call: Call[T]) -> T:
        """Perform a call, and return its result or raise its error."""
        raise NotImplementedError


class Family(Generic[C]):
    """The calls of one family, which a client performs."""

    def __init__(self, settings: Settings, client: C) -> None:
        self._settings = settings
        self._client = client
