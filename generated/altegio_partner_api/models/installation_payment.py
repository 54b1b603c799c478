from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="InstallationPayment")


@_attrs_define
class InstallationPayment:
    """A payment that was recorded.

    Attributes:
        id (int): The number of the payment. Example: 123.
        payment_sum (float): What was paid, in whole units of the currency with decimals. Example: 990.99.
        payment_date (str): When the payment was made, as the partner reported it. Example: 2022-01-01 10:10:00.
        period_from (str): The beginning of the paid period, inclusive. Example: 2022-01-01 10:10:00.
        period_to (str): The end of the paid period, inclusive. Example: 2022-02-01 10:10:00.
        is_refunded (bool): Whether it was refunded.
        currency_iso (str | Unset): The currency, three letters of ISO 4217. It may be missing. Example: EUR.
        refunded_at (Any | Unset): When it was refunded. It may be missing or null.
    """

    id: int
    payment_sum: float
    payment_date: str
    period_from: str
    period_to: str
    is_refunded: bool
    currency_iso: str | Unset = UNSET
    refunded_at: Any | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        payment_sum = self.payment_sum

        payment_date = self.payment_date

        period_from = self.period_from

        period_to = self.period_to

        is_refunded = self.is_refunded

        currency_iso = self.currency_iso

        refunded_at = self.refunded_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "payment_sum": payment_sum,
                "payment_date": payment_date,
                "period_from": period_from,
                "period_to": period_to,
                "is_refunded": is_refunded,
            }
        )
        if currency_iso is not UNSET:
            field_dict["currency_iso"] = currency_iso
        if refunded_at is not UNSET:
            field_dict["refunded_at"] = refunded_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id")

        payment_sum = d.pop("payment_sum")

        payment_date = d.pop("payment_date")

        period_from = d.pop("period_from")

        period_to = d.pop("period_to")

        is_refunded = d.pop("is_refunded")

        currency_iso = d.pop("currency_iso", UNSET)

        refunded_at = d.pop("refunded_at", UNSET)

        installation_payment = cls(
            id=id,
            payment_sum=payment_sum,
            payment_date=payment_date,
            period_from=period_from,
            period_to=period_to,
            is_refunded=is_refunded,
            currency_iso=currency_iso,
            refunded_at=refunded_at,
        )

        installation_payment.additional_properties = d
        return installation_payment

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
