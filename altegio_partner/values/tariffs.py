"""The tariffs from which a location can choose when it pays for your application through Altegio."""

from decimal import Decimal

from altegio_partner.ids import read_id

from .reading import integer, number, read_all, text
from .value import Value, reads


class TariffOption(Value):
    """An option of a tariff. What Altegio leaves out is None."""

    id: int = reads(read_id)
    """The `tariff_option_id` of `get_payment_link`."""
    title: str | None = reads(text)
    overall_price: Decimal | None = reads(number)
    """In major units of the currency. Whether a discount is included is unknown."""
    currency_iso: str | None = reads(text)
    duration_in_months: int | None = reads(integer)
    staff_amount: int | None = reads(integer)
    """The maximum number of team members."""
    free_period_in_months: int | None = reads(integer)


def _options(value: object) -> tuple[TariffOption, ...]:
    return tuple(read_all(TariffOption, value))


class Tariff(Value):
    """A tariff of your application. What Altegio leaves out is None."""

    id: int = reads(read_id)
    title: str | None = reads(text)
    options: tuple[TariffOption, ...] = reads(_options)
