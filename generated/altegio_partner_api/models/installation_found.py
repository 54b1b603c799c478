from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.installation_data import InstallationData


T = TypeVar("T", bound="InstallationFound")


@_attrs_define
class InstallationFound:
    """How the application stands at a location.

    Attributes:
        data (InstallationData): How the application stands at a location.
        success (bool | Unset):
        meta (Any | Unset):
    """

    data: InstallationData
    success: bool | Unset = UNSET
    meta: Any | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        data = self.data.to_dict()

        success = self.success

        meta = self.meta

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "data": data,
            }
        )
        if success is not UNSET:
            field_dict["success"] = success
        if meta is not UNSET:
            field_dict["meta"] = meta

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.installation_data import InstallationData  # noqa: PLC0415

        d = dict(src_dict)
        data = InstallationData.from_dict(d.pop("data"))

        success = d.pop("success", UNSET)

        meta = d.pop("meta", UNSET)

        installation_found = cls(
            data=data,
            success=success,
            meta=meta,
        )

        installation_found.additional_properties = d
        return installation_found

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
