"""A location that has connected your application."""

from decimal import Decimal

from altegio_partner.ids import read_id

from .reading import flag, number, positive, text, texts
from .value import Value, reads


class Location(Value):
    """A location that has connected your application. What Altegio leaves out is None."""

    id: int = reads(read_id)
    title: str | None = reads(text)
    public_title: str | None = reads(text)
    active: bool | None = reads(flag)
    """Whether the location is active. For the application's status, see `get_installation`."""
    timezone_name: str | None = reads(text)
    """The IANA name of its time zone. It can be a client's `timezone`."""
    country_id: int | None = reads(positive)
    country: str | None = reads(text)
    city_id: int | None = reads(positive)
    city: str | None = reads(text)
    address: str | None = reads(text)
    coordinate_lat: Decimal | None = reads(number)
    coordinate_lon: Decimal | None = reads(number)
    phone: str | None = reads(text)
    phones: tuple[str, ...] = reads(texts)
    email: str | None = reads(text)
    currency_short_title: str | None = reads(text)
    """The symbol of its currency, such as "$". It is not a `currency_iso`."""
