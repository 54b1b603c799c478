"""Countries, cities and kinds of business, with their ids."""

# The generated request builders are private by name; they are pinned, committed and checked for drift:
# pyright: reportPrivateUsage=false

from functools import partial

from altegio_partner_api.api.dictionaries.list_business_groups import _get_kwargs as list_business_groups_request
from altegio_partner_api.api.dictionaries.list_cities import _get_kwargs as list_cities_request
from altegio_partner_api.api.dictionaries.list_countries import _get_kwargs as list_countries_request

from altegio_partner.call import Call
from altegio_partner.ids import wire_id
from altegio_partner.settings import Settings
from altegio_partner.values.dictionaries import BusinessGroup, City, Country

from .answers import listed
from .arguments import optional


def list_countries(settings: Settings) -> Call[list[Country]]:
    """Return all countries. The language of their names is unknown.

    Raises:
        RejectedError: Altegio rejected it. Fix the problem that the error describes.
        NotSentError, OutcomeUnknownError: There is no result. Call again.
    """
    request = list_countries_request()
    return Call("dictionaries.list_countries", request, listed(Country), host="api_url")


def list_cities(
    settings: Settings, *, country_id: int | None = None, company_id: int | None = None
) -> Call[list[City]]:
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
    request = list_cities_request(
        country_id=optional(country_id, partial(wire_id, "country_id")),
        company_id=optional(company_id, partial(wire_id, "company_id")),
    )
    return Call("dictionaries.list_cities", request, listed(City), host="api_url")


def list_business_groups(settings: Settings) -> Call[list[BusinessGroup]]:
    """Return the kinds of business, by group. The language of their names is unknown.

    Raises:
        RejectedError: Altegio rejected it. Fix the problem that the error describes.
        NotSentError, OutcomeUnknownError: There is no result. Call again.
    """
    request = list_business_groups_request()
    return Call("dictionaries.list_business_groups", request, listed(BusinessGroup), host="api_url")
