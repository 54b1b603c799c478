"""Countries, cities and kinds of business. The language of their names is unknown."""

from decimal import Decimal

from altegio_partner.ids import read_id

from .reading import flag, integer, number, positive, read_all, text
from .value import Value, reads


class Country(Value):
    """A country. What Altegio leaves out is None."""

    id: int = reads(read_id)
    title: str | None = reads(text)
    full_title: str | None = reads(text)
    iso_code: str | None = reads(text)
    """Two letters of ISO 3166."""
    phone_code: str | None = reads(text)
    phone_template: str | None = reads(text)
    phone_example: str | None = reads(text)
    currency: str | None = reads(text)
    """The symbol of its currency, such as "$". It is not a `currency_iso`."""
    exchange: Decimal | None = reads(number)
    """An exchange rate; the other currency is unknown."""
    lang_id: int | None = reads(integer)
    group_type: int | None = reads(integer)
    is_eu: bool | None = reads(flag)


class City(Value):
    """A city. What Altegio leaves out is None."""

    id: int = reads(read_id)
    country_id: int | None = reads(positive)
    title: str | None = reads(text)


class BusinessType(Value):
    """A kind of business. What Altegio leaves out is None."""

    id: int = reads(read_id)
    title: str | None = reads(text)
    business_group_id: int | None = reads(positive)


def _types(value: object) -> tuple[BusinessType, ...]:
    return tuple(read_all(BusinessType, value))


class BusinessGroup(Value):
    """A group of kinds of business. What Altegio leaves out is None."""

    id: int = reads(read_id)
    title: str | None = reads(text)
    image: str | None = reads(text)
    image_small: str | None = reads(text)
    types: tuple[BusinessType, ...] = reads(_types)
