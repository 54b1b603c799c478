from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Payment")


@_attrs_define
class Payment:
    """A payment that a location made to the partner.

    Attributes:
        salon_id (int): The location. Example: 123.
        application_id (int): The partner's application in the marketplace. Example: 123.
        currency_iso (str): The currency, three letters of ISO 4217. Which currencies are accepted is unknown. Example:
            EUR.
        payment_sum (float): What was paid, in whole units of the currency with decimals (990.99 is 990 euros and 99
            cents). How many decimals are kept, and the maximum, are unknown. Example: 990.99.
        payment_date (str): When the payment was made. Local date and time; in which zone Altegio reads it is unknown.
            Example: 2022-01-01 10:10:00.
        period_from (str): The beginning of the paid period, inclusive. Local date and time; in which zone Altegio reads
            it is unknown. Example: 2022-01-01 10:10:00.
        period_to (str): The end of the paid period, inclusive. Local date and time; in which zone Altegio reads it is
            unknown. Example: 2022-02-01 10:10:00.
    """

    salon_id: int
    application_id: int
    currency_iso: str
    payment_sum: float
    payment_date: str
    period_from: str
    period_to: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        salon_id = self.salon_id

        application_id = self.application_id

        currency_iso = self.currency_iso

        payment_sum = self.payment_sum

        payment_date = self.payment_date

        period_from = self.period_from

        period_to = self.period_to

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "salon_id": salon_id,
                "application_id": application_id,
                "currency_iso": currency_iso,
                "payment_sum": payment_sum,
                "payment_date": payment_date,
                "period_from": period_from,
                "period_to": period_to,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        salon_id = d.pop("salon_id")

        application_id = d.pop("application_id")

        currency_iso = d.pop("currency_iso")

        payment_sum = d.pop("payment_sum")

        payment_date = d.pop("payment_date")

        period_from = d.pop("period_from")

        period_to = d.pop("period_to")

        payment = cls(
            salon_id=salon_id,
            application_id=application_id,
            currency_iso=currency_iso,
            payment_sum=payment_sum,
            payment_date=payment_date,
            period_from=period_from,
            period_to=period_to,
        )

        payment.additional_properties = d
        return payment

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
