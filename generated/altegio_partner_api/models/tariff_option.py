from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="TariffOption")


@_attrs_define
class TariffOption:
    """An option of a tariff.

    Attributes:
        id (int): Its number: the `tariff_option_id` of a payment link. Example: 123.
        title (str | Unset): Its name. Example: Solo professional.
        overall_price (float | Unset): The price, in whole units of the currency. Whether a discount is included is
            unknown. Example: 500.
        currency_iso (str | Unset): The currency, three letters of ISO 4217. Example: USD.
        duration_in_months (int | Unset): For how long. Example: 1.
        staff_amount (int | Unset): The largest number of team members. Example: 1.
        free_period_in_months (int | Unset): For how long it is free. Example: 0.
    """

    id: int
    title: str | Unset = UNSET
    overall_price: float | Unset = UNSET
    currency_iso: str | Unset = UNSET
    duration_in_months: int | Unset = UNSET
    staff_amount: int | Unset = UNSET
    free_period_in_months: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        title = self.title

        overall_price = self.overall_price

        currency_iso = self.currency_iso

        duration_in_months = self.duration_in_months

        staff_amount = self.staff_amount

        free_period_in_months = self.free_period_in_months

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
            }
        )
        if title is not UNSET:
            field_dict["title"] = title
        if overall_price is not UNSET:
            field_dict["overall_price"] = overall_price
        if currency_iso is not UNSET:
            field_dict["currency_iso"] = currency_iso
        if duration_in_months is not UNSET:
            field_dict["duration_in_months"] = duration_in_months
        if staff_amount is not UNSET:
            field_dict["staff_amount"] = staff_amount
        if free_period_in_months is not UNSET:
            field_dict["free_period_in_months"] = free_period_in_months

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id")

        title = d.pop("title", UNSET)

        overall_price = d.pop("overall_price", UNSET)

        currency_iso = d.pop("currency_iso", UNSET)

        duration_in_months = d.pop("duration_in_months", UNSET)

        staff_amount = d.pop("staff_amount", UNSET)

        free_period_in_months = d.pop("free_period_in_months", UNSET)

        tariff_option = cls(
            id=id,
            title=title,
            overall_price=overall_price,
            currency_iso=currency_iso,
            duration_in_months=duration_in_months,
            staff_amount=staff_amount,
            free_period_in_months=free_period_in_months,
        )

        tariff_option.additional_properties = d
        return tariff_option

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
