from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="BusinessType")


@_attrs_define
class BusinessType:
    """A kind of business.

    Attributes:
        id (int): Its number. Example: 25.
        title (str | Unset): Its name. Example: Spa.
        business_group_id (int | Unset): Its group. Example: 1.
    """

    id: int
    title: str | Unset = UNSET
    business_group_id: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        title = self.title

        business_group_id = self.business_group_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
            }
        )
        if title is not UNSET:
            field_dict["title"] = title
        if business_group_id is not UNSET:
            field_dict["business_group_id"] = business_group_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id")

        title = d.pop("title", UNSET)

        business_group_id = d.pop("business_group_id", UNSET)

        business_type = cls(
            id=id,
            title=title,
            business_group_id=business_group_id,
        )

        business_type.additional_properties = d
        return business_type

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
