from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.refusal_meta import RefusalMeta


T = TypeVar("T", bound="Refusal")


@_attrs_define
class Refusal:
    """A rejection.

    Attributes:
        success (bool):
        data (Any | Unset):
        meta (RefusalMeta | Unset): The reason of a rejection. PHP sends an empty list instead of an empty object.
    """

    success: bool
    data: Any | Unset = UNSET
    meta: RefusalMeta | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        success = self.success

        data = self.data

        meta: dict[str, Any] | Unset = UNSET
        if not isinstance(self.meta, Unset):
            meta = self.meta.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "success": success,
            }
        )
        if data is not UNSET:
            field_dict["data"] = data
        if meta is not UNSET:
            field_dict["meta"] = meta

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.refusal_meta import RefusalMeta  # noqa: PLC0415

        d = dict(src_dict)
        success = d.pop("success")

        data = d.pop("data", UNSET)

        _meta = d.pop("meta", UNSET)
        meta: RefusalMeta | Unset
        if isinstance(_meta, Unset):
            meta = UNSET
        else:
            meta = RefusalMeta.from_dict(_meta)

        refusal = cls(
            success=success,
            data=data,
            meta=meta,
        )

        refusal.additional_properties = d
        return refusal

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
