"""The methods of both clients, written by `nox -s generate` from operations/dictionaries.py. Do not edit."""

from altegio_partner import operations
from altegio_partner.operations.performer import AsyncPerformer, Family, Performer
from altegio_partner.redaction import hide_locals
from altegio_partner.values.dictionaries import BusinessGroup, City, Country


class DictionariesMethods(Family[Performer]):
    """Countries, cities and kinds of business, with their ids."""

    def list_countries(self) -> list[Country]:
        """Return all countries. The language of their names is unknown.

        Raises:
            RejectedError: Altegio rejected it. Fix the problem that the error describes.
            NotSentError, OutcomeUnknownError: There is no result. Call again.
        """
        with hide_locals():
            call = operations.dictionaries.list_countries(self._settings)
        return self._client.perform(call)

    def list_cities(self, *, country_id: int | None = None, company_id: int | None = None) -> list[City]:
        """Return cities. The language of their names is unknown.

        Those of all countries may be too many: an answer of more than 1 MiB is not read.

        Args:
            country_id: Only those of this country.
            company_id: A location, whose city is added, even of another country.

        Raises:
            ValueError: An id is not a positive integer. Nothing was sent.
            RejectedError: Altegio rejected it. Fix the problem that the error describes.
            NotSentError, OutcomeUnknownError: There is no result. Call again.
        """
        with hide_locals():
            call = operations.dictionaries.list_cities(self._settings, country_id=country_id, company_id=company_id)
        del country_id, company_id
        return self._client.perform(call)

    def list_business_groups(self) -> list[BusinessGroup]:
        """Return the kinds of business, by group. The language of their names is unknown.

        Raises:
            RejectedError: Altegio rejected it. Fix the problem that the error describes.
            NotSentError, OutcomeUnknownError: There is no result. Call again.
        """
        with hide_locals():
            call = operations.dictionaries.list_business_groups(self._settings)
        return self._client.perform(call)


class AsyncDictionariesMethods(Family[AsyncPerformer]):
    """Countries, cities and kinds of business, with their ids. As coroutines."""

    async def list_countries(self) -> list[Country]:
        """Return all countries. The language of their names is unknown.

        Raises:
            RejectedError: Altegio rejected it. Fix the problem that the error describes.
            NotSentError, OutcomeUnknownError: There is no result. Call again.
        """
        with hide_locals():
            call = operations.dictionaries.list_countries(self._settings)
        return await self._client.perform(call)

    async def list_cities(self, *, country_id: int | None = None, company_id: int | None = None) -> list[City]:
        """Return cities. The language of their names is unknown.

        Those of all countries may be too many: an answer of more than 1 MiB is not read.

        Args:
            country_id: Only those of this country.
            company_id: A location, whose city is added, even of another country.

        Raises:
            ValueError: An id is not a positive integer. Nothing was sent.
            RejectedError: Altegio rejected it. Fix the problem that the error describes.
            NotSentError, OutcomeUnknownError: There is no result. Call again.
        """
        with hide_locals():
            call = operations.dictionaries.list_cities(self._settings, country_id=country_id, company_id=company_id)
        del country_id, company_id
        return await self._client.perform(call)

    async def list_business_groups(self) -> list[BusinessGroup]:
        """Return the kinds of business, by group. The language of their names is unknown.

        Raises:
            RejectedError: Altegio rejected it. Fix the problem that the error describes.
            NotSentError, OutcomeUnknownError: There is no result. Call again.
        """
        with hide_locals():
            call = operations.dictionaries.list_business_groups(self._settings)
        return await self._client.perform(call)
